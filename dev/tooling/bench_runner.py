"""Runs one benchmark inside Odoo's Python and gives it a context; started by `dev/bench`."""

import ast
import importlib.util
import json
import sys
import time
from contextlib import contextmanager
from types import SimpleNamespace

from .odoo_process import CONFIG


class Clock:
    """A stretch of time; `seconds` is there once it is over (and grows while it runs)."""

    def __init__(self):
        self.started = time.perf_counter()
        self.ended = None

    @property
    def seconds(self):
        return (self.ended or time.perf_counter()) - self.started


class Context:
    """What a benchmark's `run(context)` works with.

    `database` has the addon installed, `plain_database` has only what the addon depends on; neither has demo data.
    """

    def __init__(self, database, plain_database, sizes):
        self.database = database
        self.plain_database = plain_database
        self._chosen = sizes

    def sizes(self, **defaults):
        """The sizes of this run: the benchmark's defaults, replaced by what the command line says."""
        return SimpleNamespace(**{**defaults, **self._chosen})

    @contextmanager
    def environment(self, plain=False, user=None, **values):
        """An Odoo environment in this process; what it did is committed at the end, unless it fails."""
        from odoo import SUPERUSER_ID, api
        from odoo.modules.registry import Registry

        with Registry(self.plain_database if plain else self.database).cursor() as cr:
            yield api.Environment(cr, user or SUPERUSER_ID, values)

    def sql(self, statement, parameters=None, plain=False):
        """Run SQL on its own connection and commit it; answers the rows. For making data in bulk, and for floors."""
        import psycopg2

        from odoo.sql_db import connection_info_for

        info = connection_info_for(self.plain_database if plain else self.database)[1]
        connection = psycopg2.connect(**info)
        try:
            with connection, connection.cursor() as cursor:
                cursor.execute(statement, parameters)
                return cursor.fetchall() if cursor.description else []
        finally:
            connection.close()

    @contextmanager
    def clock(self):
        """Measure a stretch of time: `with context.clock() as clock: …`, then `clock.seconds`."""
        clock = Clock()
        try:
            yield clock
        finally:
            clock.ended = time.perf_counter()

    @staticmethod
    def report(name, value, unit, comparator=None, ratio=None, **sizes):
        """Print one figure as one JSON line; `ratio` is ours divided by the comparator's."""
        figure = {'name': name, 'value': _short(value), 'unit': unit}
        if comparator:
            figure.update(comparator=comparator, ratio=_short(ratio))
        print(json.dumps({**figure, **sizes}), flush=True)

    @staticmethod
    def say(text):
        """A line for the person who waits; it does not mix with the figures."""
        print(text, file=sys.stderr, flush=True)


def _short(value):
    return float(f'{value:.4g}') if isinstance(value, float) else value


def main(path, database, plain_database, sizes):
    """Load Odoo and the benchmark, and run it."""
    from odoo.service import server
    from odoo.tools import config

    config.parse_config(['-c', str(CONFIG), '-d', database, '--log-level', 'warn'], setup_logging=True)
    server.load_server_wide_modules()
    specification = importlib.util.spec_from_file_location('benchmark', path)
    benchmark = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(benchmark)
    benchmark.run(Context(database, plain_database, ast.literal_eval(sizes)))


if __name__ == '__main__':
    main(*sys.argv[1:])
