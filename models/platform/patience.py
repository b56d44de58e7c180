"""Lets a server outlive a restart of PostgreSQL (PLT-3).

Of itself Odoo's scheduler ends for good when PostgreSQL goes away while it looks for work: with threads they die and nothing is
scheduled any more, though pages still open; with workers the whole server ends, and waits for somebody to start it.
"""
import functools
import logging
import os
import time

import psycopg2

_logger = logging.getLogger(__name__)

#: After so many seconds PostgreSQL is asked again.
PAUSE = 2

#: What Python meets when PostgreSQL is not there.
AWAY = (psycopg2.OperationalError, psycopg2.InterfaceError)


def patient(method, again):
    """Return a method of Odoo's server that waits while PostgreSQL is away.

    :param method: of a server
    :param bool again: begin it anew, as a thread has to; else go back to whoever calls it time and again
    """
    @functools.wraps(method)
    def wait(self, *args, **kwargs):
        while True:
            try:
                return method(self, *args, **kwargs)
            except AWAY as error:
                if os.getpid() != self.pid:
                    raise  # a process of its own, which the server replaces
                _logger.warning("PostgreSQL is away, the scheduler asks again in %s seconds: %s", PAUSE, str(error).strip())
                time.sleep(PAUSE)
                if not again:
                    return None

    wait.is_patient = True
    return wait
