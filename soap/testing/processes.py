"""Servers in processes of their own, ``python -m soap serve``, that start in little time and can be killed.

Most of what a server needs to start is to load its modules. :class:`Nursery` is a process that has loaded them, and
forks a child for each server, which does from there what ``python -m soap`` does; or begins anew with all that a new
process begins with. Needs ``fork``.
"""

from __future__ import annotations

import array
import contextlib
import json
import os
import select
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from time import monotonic
from types import TracebackType
from typing import IO, Any

#: Seconds that a server may take to start, or to end when it is told to.
PATIENCE = 60.0
#: What a server must not write to its log.
ALARMING = (" ERROR ", " CRITICAL ", "Traceback")


class Failed(Exception):
    """A server did not start, did not end as it should, or complained."""


class Server:
    """A server: made by :meth:`Nursery.start`, and to be ended once, by :meth:`kill` or :meth:`terminate`."""

    def __init__(self, nursery: Nursery, pid: int, output: int, log: IO[bytes]) -> None:
        self._nursery, self.pid, self._output, self._log = nursery, pid, output, log
        nursery.servers.add(self)
        #: Set before it is ended: whoever finds nobody there from now on knows why.
        self.ending = False
        try:
            line = self._read(PATIENCE)
            self.port = int(line.split("localhost:")[1].split("/")[0])
        except (IndexError, ValueError, TimeoutError):
            self.kill()
            raise Failed(f"a server did not start: {self.wait() or 'it said nothing'}") from None

    def _read(self, patience: float) -> str:
        """What it writes next; ``""`` once it is dead."""
        if not select.select([self._output], [], [], patience)[0]:
            raise TimeoutError
        return os.read(self._output, 65536).decode("utf-8", "replace")

    def kill(self) -> None:
        """Send SIGKILL. It has no time for anything."""
        self.ending = True
        os.kill(self.pid, signal.SIGKILL)

    def terminate(self) -> None:
        """Send SIGTERM. It ends what it is doing."""
        self.ending = True
        os.kill(self.pid, signal.SIGTERM)

    def wait(self) -> str:
        """Wait until it is dead; what it complained of, or ``""``. Raises :class:`Failed` where it goes on."""
        until = monotonic() + PATIENCE
        stuck = False
        try:
            while self._read(max(0.0, until - monotonic())):
                pass
        except TimeoutError:
            stuck = True
            self.kill()
        code = self._nursery.ask({"wait": self.pid})
        self._log.seek(0)
        lines = self._log.read().decode("utf-8", "replace").splitlines()
        self.close()
        alarming = any(word in line for line in lines for word in ALARMING)
        told = "\n".join([f"exit code {code}", *(line for line in lines if " INFO " not in line)][:60])
        if stuck:
            raise Failed(f"a server did not end within {PATIENCE:g} s: {told}")
        return told if alarming or code not in (0, -signal.SIGKILL) else ""

    def close(self) -> None:
        """Hear no more of it."""
        self._nursery.servers.discard(self)
        os.close(self._output)
        self._log.close()


class Nursery:
    """A context manager. Servers that are left at its end, or at the end of this process, are killed."""

    def __init__(self) -> None:
        #: Those that nobody waited for yet.
        self.servers: set[Server] = set()

    def __enter__(self) -> Nursery:
        self._line, other_end = socket.socketpair()
        command = [sys.executable, "-m", __name__, str(other_end.fileno())]
        self._process = subprocess.Popen(command, pass_fds=[other_end.fileno()], stdin=subprocess.DEVNULL)
        other_end.close()
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        self._line.close()
        self._process.wait(PATIENCE)
        for server in list(self.servers):
            server.close()

    def start(self, arguments: Sequence[str], *, anew: bool = False) -> Server:
        """Start ``python -m soap`` with these arguments, and wait until it serves. Raises :class:`Failed`.

        ``anew``: as a program of its own, which takes a second.
        """
        reader, writer = os.pipe()
        log = tempfile.TemporaryFile()  # noqa: SIM115  # the server's, for as long as it lives
        try:
            pid = self.ask({"arguments": list(arguments), "anew": anew}, writer, log.fileno())
        finally:
            os.close(writer)
        return Server(self, pid, reader, log)

    def ask(self, order: dict[str, Any], *files: int) -> int:
        """Give an order, and take the answer. For one thread."""
        socket.send_fds(self._line, [json.dumps(order).encode()], files)
        answer = self._line.recv(4096)
        if not answer:
            raise Failed("the process that starts servers is gone")
        return int(answer)


# --- the other process


def main() -> None:
    """Load what a server needs; then fork, and wait for the dead, as ordered."""
    from .. import serving

    serving.prepare()
    # All that `serve` loads, in any order.
    import gc

    with contextlib.suppress(ImportError):
        import psycopg  # noqa: F401  # only loaded
        import sqlalchemy.dialects.postgresql.psycopg
    import sqlalchemy.dialects.sqlite.pysqlite  # noqa: F401  # only loaded
    from gevent import monkey, pywsgi  # noqa: F401  # only loaded

    from .. import _spyne, accounts, cli  # noqa: F401  # only loaded
    from ..cli import common, running  # noqa: F401  # only loaded

    _spyne.load()
    gc.collect()
    gc.freeze()
    # As the system has them: nothing here is to begin to work as gevent does, which forks badly.
    fork, waitpid = monkey.get_original("os", ["fork", "waitpid"])
    line = monkey.get_original("socket", "socket")(fileno=int(sys.argv[1]))
    children: set[int] = set()
    while True:
        message, files = _receive(line)
        if not message:
            break
        order = json.loads(message)
        if "wait" in order:
            pid = order["wait"]
            answer = os.waitstatus_to_exitcode(waitpid(pid, 0)[1])
            children.discard(pid)
        else:
            answer = fork()
            if not answer:
                line.close()
                _become(cli.main, order, files)
            children.add(answer)
        for one in files:
            os.close(one)
        line.sendall(str(answer).encode())
    for pid in children:
        os.kill(pid, signal.SIGKILL)
        waitpid(pid, 0)


def _receive(line: Any) -> tuple[bytes, list[int]]:
    files = array.array("i")
    message, about, _, _ = line.recvmsg(65536, socket.CMSG_SPACE(2 * files.itemsize))
    for level, kind, content in about:
        if (level, kind) == (socket.SOL_SOCKET, socket.SCM_RIGHTS):
            files.frombytes(content)
    return message, list(files)


def _become(run: Any, order: dict[str, Any], files: list[int]) -> None:
    """Be the command from now on, with ``files`` for its output."""
    code = 1
    try:
        for number, one in enumerate(files, start=1):
            os.dup2(one, number)
            os.close(one)
        # Made again: they remember what kind of file was there.
        sys.stdout = open(1, "w", encoding="utf-8", closefd=False)  # noqa: SIM115  # for as long as the process lasts
        sys.stderr = open(2, "w", encoding="utf-8", buffering=1, closefd=False)  # noqa: SIM115  # the same
        arguments = order["arguments"]
        if order["anew"]:
            os.execv(sys.executable, [sys.executable, "-m", "soap", *arguments])
        code = run(arguments)
    except BaseException:
        sys.excepthook(*sys.exc_info())
    finally:
        sys.stderr.flush()
        os._exit(code)


if __name__ == "__main__":
    main()
