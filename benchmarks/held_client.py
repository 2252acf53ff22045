"""Many Web Connectors and those who wait for their work, in one process: raw sockets, and no more done than must be.

What they take of the processor is taken from the server, where the machine has few: so nothing is parsed here but what
tells one answer from another.
"""

from __future__ import annotations

import os
import selectors
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from time import monotonic, perf_counter
from urllib.parse import urlsplit

from . import calls
from .measure import ROOT

#: Seconds after which something has gone wrong.
PATIENCE = 60.0


def post(path: str, body: bytes) -> bytes:
    """A request as it goes over the wire."""
    head = f"POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/xml; charset=utf-8\r\n"
    return f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body


class Peer:
    """One connection that is kept open. What comes of an answer is the business of those who are made of it."""

    def __init__(self, crowd: Crowd, address: tuple[str, int]) -> None:
        self.crowd = crowd
        self._socket = socket.create_connection(address, timeout=PATIENCE)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._got = b""

    def ask(self, request: bytes) -> bytes:
        """Send, and wait for the answer's body."""
        self._socket.sendall(request)
        while (body := self._receive()) is None:
            pass
        return body

    def send(self, request: bytes) -> None:
        """Send, and have :meth:`answered` called when the answer is there."""
        self._socket.sendall(request)

    def listen(self) -> None:
        """From now on answers are waited for all at once."""
        self.crowd.selector.register(self._socket, selectors.EVENT_READ, self)

    def ready(self) -> None:
        """Something came."""
        body = self._receive()
        if body is not None:
            self.answered(body)

    def answered(self, body: bytes) -> None:
        """An answer is there."""
        raise NotImplementedError

    def close(self) -> None:
        """Go away."""
        self._socket.close()

    def _receive(self) -> bytes | None:
        piece = self._socket.recv(1 << 16)
        if not piece:
            raise ConnectionError("the server closed a connection")
        self._got += piece
        head, found, body = self._got.partition(b"\r\n\r\n")
        if not found:
            return None
        at = head.lower().index(b"content-length:") + 15
        if len(body) < int(head[at:].split(b"\r\n", 1)[0]):
            return None
        if not head.startswith(b"HTTP/1.1 200"):
            raise RuntimeError(f"{head!r} {body[:500]!r}")
        self._got = b""
        return body


class Connector(Peer):
    """A Web Connector, of one session. It has everything done at once."""

    def __init__(self, crowd: Crowd, address: tuple[str, int], name: str) -> None:
        super().__init__(crowd, address)
        self.name = name
        ticket = calls.ticket_in(self.ask(post("/qbwc", calls.authenticate(name))))
        self._ticket = ticket
        self._asks = post("/qbwc", calls.send_request(ticket))
        self.held = False
        self.answering = False
        #: How long its last answer took it, and when it sent that.
        self.spent = 0.0

    def begin(self) -> None:
        """Answer the harmless query that a session begins with, and ask for work, which there is none of."""
        self.ask(self._answer(self.ask(self._asks)))
        self.listen()
        self.hold()

    def hold(self) -> None:
        """Ask for work."""
        self.send(self._asks)
        self.held = True

    def answered(self, body: bytes) -> None:
        """Work, or what an answer was answered with."""
        if self.answering:
            self.answering = False
            self.hold()
            return
        start = perf_counter()
        self.held = False
        self.crowd.let_go(self)
        if self.crowd.ending:
            return
        answer = self._answer(body)
        self.answering = True
        self.spent = perf_counter() - start
        self.send(answer)

    def _answer(self, body: bytes) -> bytes:
        text = body.decode()
        id_ = text.partition("requestID=&quot;")[2] or text.partition('requestID="')[2]
        id_ = id_[:26] if id_ else "0"
        return post("/qbwc", calls.receive_response(self._ticket, calls.answer(id_)))


class Caller(Peer):
    """Somebody who has a request done, and waits for it."""

    def __init__(self, crowd: Crowd, address: tuple[str, int]) -> None:
        super().__init__(crowd, address)
        self._connector: Connector | None = None
        self._since = 0.0
        self.listen()

    def call(self, connector: Connector) -> None:
        """Have something done."""
        self._connector = connector
        self._since = perf_counter()
        self.send(post(f"/enqueue?{connector.name}", b"-"))

    def answered(self, body: bytes) -> None:
        """It is done."""
        assert self._connector is not None
        if body != b"done":
            raise RuntimeError(f"a request ended as {body!r}")
        connector, self._connector = self._connector, None
        self.crowd.done(self, connector, perf_counter() - self._since - connector.spent)


@dataclass
class Crowd:
    """All of them. ``took`` is how long each request took, without the time that was its connector's own."""

    selector: selectors.BaseSelector = field(default_factory=selectors.DefaultSelector)
    connectors: list[Connector] = field(default_factory=list)
    callers: list[Caller] = field(default_factory=list)
    took: list[float] = field(default_factory=list)
    #: Told of each request that is over: its caller, and its connector.
    on_done: Callable[[Caller, Connector], object] = lambda caller, connector: None
    ending: bool = False
    left: int = 0

    def join(self, address: tuple[str, int], count: int) -> None:
        """So many more connectors, each with a call that is held."""
        for _ in range(count):
            connector = Connector(self, address, f"c{len(self.connectors)}")
            self.connectors.append(connector)
            connector.begin()

    def run(self, until: float) -> None:
        """Do what comes, until then."""
        while (left := until - monotonic()) > 0:
            for key, _ in self.selector.select(left):
                key.data.ready()

    def let_go(self, connector: Connector) -> None:
        """A call is not held any more."""
        self.left -= 1

    def done(self, caller: Caller, connector: Connector, took: float) -> None:
        """A request is over."""
        self.took.append(took)
        self.callers.append(caller)
        self.on_done(caller, connector)

    def paced(self, address: tuple[str, int], rate: float, seconds: float) -> list[float]:
        """Requests at an even pace for connectors chosen at random; how long each took, in seconds."""
        random = Random(1)
        self.took.clear()
        self.on_done = lambda caller, connector: None
        begun = monotonic()
        count = int(rate * seconds)
        for number in range(count):
            self.run(begun + number / rate)
            connector = random.choice(self.connectors)
            caller = self.callers.pop() if self.callers else Caller(self, address)
            caller.call(connector)
        until = monotonic() + PATIENCE
        while len(self.took) < count and monotonic() < until:
            self.run(monotonic() + 0.01)
        if len(self.took) < count:
            raise RuntimeError(f"of {count} requests {count - len(self.took)} were not answered")
        return list(self.took)

    def saturated(self, address: tuple[str, int], at_once: int, seconds: float) -> float:
        """Jobs a second, with so many under way at all times."""
        self.took.clear()
        until = monotonic() + seconds

        def again(caller: Caller, connector: Connector) -> None:
            if monotonic() < until:
                self.callers.remove(caller)
                caller.call(connector)

        self.on_done = again
        begun = perf_counter()
        busy = self.connectors[:at_once]
        for connector in busy:
            caller = self.callers.pop() if self.callers else Caller(self, address)
            caller.call(connector)
        self.run(until)
        rate = len(self.took) / (perf_counter() - begun)
        self.on_done = lambda caller, connector: None
        # On a machine that is busy the last ones take their time, and nobody may be under way when the server is ended.
        until = monotonic() + PATIENCE
        while len(self.callers) < len(busy) and monotonic() < until:
            self.run(monotonic() + 0.01)
        if len(self.callers) < len(busy):
            raise RuntimeError(f"{len(busy) - len(self.callers)} requests were not answered")
        return rate

    def end(self, server: Server) -> float:
        """End the server by SIGTERM; the seconds until every held call was answered."""
        self.ending = True
        self.left = sum(connector.held for connector in self.connectors)
        for caller in self.callers:
            self.selector.unregister(caller._socket)
        begun = perf_counter()
        server.process.send_signal(signal.SIGTERM)
        until = monotonic() + PATIENCE
        while self.left > 0 and monotonic() < until:
            for key, _ in self.selector.select(1.0):
                connector: Connector = key.data
                connector.ready()
                if not connector.held:  # the server closes the connection next
                    self.selector.unregister(key.fileobj)
        return perf_counter() - begun

    def close(self) -> None:
        """All go away."""
        for peer in [*self.connectors, *self.callers]:
            peer.close()
        self.selector.close()


# --- the server's process


@dataclass
class Server:
    """A server in a process of its own."""

    process: subprocess.Popen[str]
    address: tuple[str, int]

    def memory(self) -> int:
        """What it has in memory, in bytes."""
        for line in Path(f"/proc/{self.process.pid}/status").read_text().splitlines():
            if line.startswith("VmRSS:"):
                return int(line.split()[1]) * 1024
        raise RuntimeError("the kernel does not say")

    def rest(self) -> tuple[int, float]:
        """How often it was woken so far, and its CPU time in seconds."""
        switches, spent = 0, 0
        for task in Path(f"/proc/{self.process.pid}/task").iterdir():
            status = (task / "status").read_text()
            switches += int(status.partition("\nvoluntary_ctxt_switches:")[2].split()[0])
            spent += int((task / "schedstat").read_text().split()[0])
        return switches, spent / 1e9


@contextmanager
def serving(where: str) -> Iterator[Server]:
    """A server in a process of its own, on a queue in memory or in the database at that address."""
    command = [sys.executable, "-m", "benchmarks.held_server", where]
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "COV_"))}
    with subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            url = urlsplit(process.stdout.readline().strip())
            if not url.port:
                raise RuntimeError("the server did not start")
            yield Server(process, (url.hostname or "", url.port))
        finally:
            process.kill()
