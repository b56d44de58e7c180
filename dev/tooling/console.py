"""What the user sees: progress lines with elapsed seconds, and one-sentence failures."""

import os
import signal
import sys
import threading
import time
from contextlib import contextmanager

_PROGRESS_EVERY = 10.0
_print_lock = threading.Lock()


class UserError(Exception):
    """Something the user has to know; the message is one clear sentence."""


def say(text):
    """Print one line on the error stream, so that a command's own output stays clean."""
    with _print_lock:
        print(text, file=sys.stderr, flush=True)


@contextmanager
def progress(text):
    """Announce a long step, repeat the elapsed seconds while it runs, and say when it is done."""
    started = time.monotonic()
    finished = threading.Event()

    def elapsed():
        return f'{time.monotonic() - started:.0f} s'

    def tick():
        while not finished.wait(_PROGRESS_EVERY):
            say(f'{text} … {elapsed()}')

    say(f'{text} …')
    ticker = threading.Thread(target=tick, daemon=True)
    ticker.start()
    try:
        yield
    finally:
        finished.set()
        ticker.join()
    say(f'{text} … done ({elapsed()})')


def main(function):
    """Run a command's main function; turn expected failures into one sentence and an exit code."""
    # a command in a script's background would ignore Ctrl-C, and a polite end must reach our children too
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        code = function(sys.argv[1:])
    except UserError as error:
        say(str(error))
        code = 1
    except KeyboardInterrupt:
        say('Interrupted.')
        sys.stdout.flush()
        os._exit(130)  # without waiting for threads; what they started ends with this process
    sys.exit(code or 0)
