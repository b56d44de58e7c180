"""Running other programs, so that none of them outlives the command that started it."""

import ctypes
import signal
import subprocess
from pathlib import Path

from .console import UserError

PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None)


def end_with_parent():
    """Runs in a new process before its program starts: the kernel asks it to end when its parent is gone."""
    if hasattr(_libc, 'prctl'):
        _libc.prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


def run(command, **options):
    """Run a program to its end."""
    options.setdefault('check', False)
    if 'input' not in options:
        options.setdefault('stdin', subprocess.DEVNULL)
    return subprocess.run(list(map(str, command)), preexec_fn=end_with_parent, **options)


def run_logged(command, log, **options):
    """Run a command with its output in a log file; a failure names the log and shows its last lines."""
    log = Path(log)
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open('wb') as output:
        done = run(command, stdout=output, stderr=subprocess.STDOUT, **options)
    if done.returncode:
        tail = '\n'.join(log.read_text(errors='replace').splitlines()[-15:])
        raise UserError(f'{tail}\n"{command[0]}" ended with code {done.returncode}; its whole output is in {log}.')


def end(process, patience=15):
    """Give an interrupted process time to clean up; then ask it to end, then make it."""
    for insist in (process.terminate, process.kill):
        try:
            return process.wait(patience)
        except subprocess.TimeoutExpired:
            insist()
    return process.wait()
