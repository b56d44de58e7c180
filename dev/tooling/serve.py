"""Odoo as a server in the foreground: start, tell when it really answers, show warnings, stop cleanly."""

import signal
import socket
import subprocess
import threading
import time
import urllib.error
import urllib.request
from contextlib import contextmanager

from .cache import LOGS, WORK
from .console import UserError, say
from .log_check import loud_lines
from .process import end_with_parent

START_LIMIT = 300
STOP_LIMIT = 60


def serve(odoo, database, port, logins):
    """Run Odoo until it is told to stop; answers the exit code."""
    check_port(port)
    log = LOGS / f'{database}-server.log'
    arguments = ['-d', database, '--http-port', str(port), '--http-interface', '127.0.0.1', '--max-cron-threads', '2']
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda *_: stop.set())
    with log.open('wb') as output:
        process = subprocess.Popen(
            odoo.command(arguments),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            env=odoo.environment(),
            cwd=WORK,
            preexec_fn=end_with_parent,
            start_new_session=True,  # Ctrl-C reaches this process only, which then stops Odoo in its own time
        )
    say(f'Starting Odoo; its log is {log}.')
    try:
        threading.Thread(target=show_warnings, args=(log,), daemon=True).start()
        address = f'http://127.0.0.1:{port}'
        if wait_for_answer(process, f'{address}/web/login', stop):
            print(f'\nOdoo is ready: {address}\n{logins}\nPress Ctrl-C to stop.\n', flush=True)
        while not stop.wait(0.5) and process.poll() is None:
            pass
    finally:
        ended = process.poll()
        shut_down(process)
    if ended is not None:
        raise UserError(f'Odoo ended by itself with code {ended}; see {log}.')
    say('Odoo has stopped.')
    return 0


@contextmanager
def background(odoo, database):
    """Run Odoo on a free port while something works with it; answers the address."""
    with socket.socket() as probe:
        probe.bind(('127.0.0.1', 0))
        port = probe.getsockname()[1]
    arguments = ['-d', database, '--http-port', str(port), '--http-interface', '127.0.0.1', '--max-cron-threads', '0']
    with (LOGS / f'{database}-server.log').open('wb') as output:
        process = subprocess.Popen(
            odoo.command(arguments), stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT, env=odoo.environment(),
            cwd=WORK, preexec_fn=end_with_parent)
    try:
        address = f'http://127.0.0.1:{port}'
        if not wait_for_answer(process, f'{address}/web/login', threading.Event()):
            raise UserError(f'Odoo ended by itself; see {LOGS / f"{database}-server.log"}.')
        yield address
    finally:
        shut_down(process)


def check_port(port):
    """Fail early when something else listens on the port."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(('127.0.0.1', port))
        except OSError as error:
            raise UserError(f'Port {port} is in use; choose another one with --port.') from error


def wait_for_answer(process, address, stop):
    """Wait until the page answers 200; False when Odoo ended or was told to stop before."""
    deadline = time.monotonic() + START_LIMIT
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    while time.monotonic() < deadline:
        if stop.is_set() or process.poll() is not None:
            return False
        try:
            with opener.open(address, timeout=30) as answer:
                if answer.status == 200:
                    return True
        except (urllib.error.URLError, OSError):
            pass
        stop.wait(0.3)
    raise UserError(f'{address} did not answer within {START_LIMIT} seconds.')


def show_warnings(log):
    """Repeat what the log says from WARNING upwards."""
    with log.open(errors='replace') as lines:
        while True:
            fresh = lines.readlines()
            for line in loud_lines(fresh):
                say(line)
            if not fresh:
                time.sleep(0.5)


def shut_down(process):
    """Ask Odoo to finish its requests and end; insist when it does not."""
    if process.poll() is not None:
        return
    process.send_signal(signal.SIGINT)
    try:
        process.wait(STOP_LIMIT)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
