"""``work`` in a process of its own beside a server, which begins it and ends it: what ``serve --handlers`` does.

In the server's own process a handler would keep all calls waiting: under gevent they share one thread. Run as a module,
this is that process: ``python -m soap.cli.beside work …`` is ``python -m soap work …``, and ends with its standard
input, so also where the server was killed.
"""

from __future__ import annotations

import logging
import os
import signal
import subprocess
import sys
import threading
from contextlib import suppress
from typing import TYPE_CHECKING

from ..serving import GRACE
from . import DATABASE_VARIABLE, EXIT_UNUSABLE, main

if TYPE_CHECKING:
    import argparse
    from typing import IO

logger = logging.getLogger(__name__)

#: Seconds between two looks whether the process is still there.
LOOK = 0.5
#: Seconds before another one is begun, where it is not.
PAUSE = 5.0


class Beside:
    """The process that runs handlers beside this one. ``options`` are those of ``serve``."""

    def __init__(self, options: argparse.Namespace) -> None:
        self._command = [sys.executable, "-m", __name__, "work"]
        if options.handlers:
            self._command += ["--handlers", *options.handlers]
        # By the environment, for others of this machine can see a command line, and there may be a password in it.
        self._environment = {**os.environ, DATABASE_VARIABLE: options.database, "PYTHONUNBUFFERED": "1"}
        self._process: subprocess.Popen[str] | None = None

    def begin(self) -> int:
        """Begin the process, and wait until it runs handlers: 0; or its exit code, where it said why it can't."""
        process, works = self._start()
        works.wait()
        code = process.poll()
        return 0 if code is None else code if code > 0 else EXIT_UNUSABLE

    def keep(self, stop: threading.Event) -> None:
        """Begin another one whenever it ended, until ``stop`` is set; then let it end. For a thread."""
        while self._process is not None and not stop.wait(LOOK):
            code = self._process.poll()
            if code is not None:
                _hang_up(self._process)
                logger.error("the process that runs handlers ended (%d); another one is begun in %g s", code, PAUSE)
                if not stop.wait(PAUSE):
                    self._start()
        self.end()

    def end(self, grace: float = GRACE) -> None:
        """Let it end: the handler at work, which has ``grace`` seconds, is the last."""
        process, self._process = self._process, None
        if process is None:
            return
        _hang_up(process)
        try:
            process.wait(grace)
        except subprocess.TimeoutExpired:
            logger.warning("a handler had not ended after %g s; it is called again", grace)
            process.kill()
            process.wait()

    def _start(self) -> tuple[subprocess.Popen[str], threading.Event]:
        process = subprocess.Popen(
            self._command, env=self._environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        self._process = process
        works = threading.Event()
        assert process.stdout is not None
        reader = threading.Thread(target=_pass_on, args=(process, process.stdout, works), daemon=True)
        reader.start()
        return process, works


def _hang_up(process: subprocess.Popen[str]) -> None:
    """Close its standard input, with which it ends."""
    assert process.stdin is not None
    with suppress(OSError):
        process.stdin.close()


def _pass_on(process: subprocess.Popen[str], output: IO[str], works: threading.Event) -> None:
    """Write on what the handlers write. Its first line, which says that it works, goes to the log."""
    with output:
        for line in output:
            if works.is_set():
                sys.stdout.write(line)
                sys.stdout.flush()
            else:
                logger.info("process %d is %s", process.pid, line.partition(" (")[0])
                works.set()
    process.wait()
    works.set()


def _end_with_input() -> None:
    """Tell this process to end, as SIGTERM does, when nobody holds the other end of its standard input any more."""
    while os.read(0, 4096):  # not by sys.stdin, which could not be closed at the end while this waits
        pass
    if hasattr(signal, "pthread_kill"):
        # To the main thread: where another one got it, the main one would not wake up.
        signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGTERM)
    else:
        signal.raise_signal(signal.SIGTERM)


if __name__ == "__main__":
    threading.Thread(target=_end_with_input, daemon=True).start()
    sys.exit(main())
