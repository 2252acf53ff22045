"""Calls that wait for work: how a request reaches QuickBooks at once, though the Web Connector only polls.

``sendRequestXML`` is answered only when there is something to hand out, or when the hold runs out. The wait happens
here, in front of spyne, whose context would triple what a held call costs. While a call waits it holds no lock and no
connection to a database.

Where each call has a thread of its own, held calls use threads up: only ``most`` of them are held then, and the others
are told to come again in 5 s. Under gevent a held call costs no thread, and any number may be held.
"""

from __future__ import annotations

import io
import logging
import random
import re
import select
import threading
from collections.abc import Callable, Iterable
from time import monotonic
from typing import TYPE_CHECKING, Any
from xml.sax.saxutils import unescape

from ._envelope import written
from .endpoint import CALL_NUMBER, NOBODYS, NOT_HELD, Endpoint, Place
from .queue import signals

if TYPE_CHECKING:
    from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

    from .queue.signals import Watch

logger = logging.getLogger(__name__)

#: A longer call is not looked at: only the first of a session is, and that one is never held.
LONGEST_BODY = 16 * 1024
#: Held calls in a threaded server, unless told otherwise.
MOST_IN_THREADS = 2
#: Seconds between two looks whether callers went away.
LOOK = 1.0
#: A hold lasts between this part of its time and the whole, so that many that began together don't end together.
SHORTEST = 0.8

_CALL = re.compile(rb"<(?:[\w.-]+:)?sendRequestXML[\s>/]")
_TICKET = re.compile(rb"<(?:[\w.-]+:)?ticket[^<>]*>([^<]*)</")

#: Where servers put the caller's socket: gunicorn, and ours.
SOCKETS = ("gunicorn.socket", "openqbd.socket")


def is_cooperative() -> bool:
    """Whether waiting costs no thread here: gevent has taken the place of threads."""
    try:
        from gevent import monkey
    except ImportError:
        return False
    return bool(monkey.is_module_patched("threading"))


class Holding:
    """The WSGI callable in front of the transport's, which holds ``sendRequestXML``."""

    def __init__(self, inner: WSGIApplication, endpoint: Endpoint, most: int | None = None) -> None:
        self._inner = inner
        self._endpoint = endpoint
        self._most = most
        self._guard = threading.Lock()
        self._held: set[Watch] = set()
        self._draining = False
        self._departures = Departures()

    @property
    def held(self) -> int:
        """How many calls are held at the moment."""
        return len(self._held)

    def drain(self) -> None:
        """Let go of all held calls, and hold none from now on: the process is to end."""
        with self._guard:
            self._draining = True
            held = list(self._held)
        for watch in held:
            watch.wake()

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer a request, as WSGI has it, perhaps after a while."""
        ticket = self._ticket(environ)
        if ticket is not None:
            try:
                released = self._wait(ticket, environ)
                if released is not None:
                    return _told(start_response, written("sendRequestXML", released))
            except Exception as error:
                # A database that was away for a moment is no reason to end the update of each call that waited.
                logger.warning("a call could not be held: %s", type(error).__name__)
        return self._inner(environ, start_response)

    def _ticket(self, environ: WSGIEnvironment) -> str | None:
        """The ticket of a sendRequestXML that may be held. The body is left as it was."""
        if environ.get("REQUEST_METHOD") != "POST":
            return None
        try:
            length = int(environ.get("CONTENT_LENGTH") or "0")
        except ValueError:
            return None
        if not 0 < length <= LONGEST_BODY:
            return None
        body: bytes = environ["wsgi.input"].read(length)
        environ["wsgi.input"] = io.BytesIO(body)
        if _CALL.search(body) is None or (found := _TICKET.search(body)) is None:
            return None
        return unescape(found[1].decode("utf-8", "replace")).strip()

    def _wait(self, ticket: str, environ: WSGIEnvironment) -> str | None:
        """Hold the call if it may be held. What the endpoint has to know of it stands in ``environ`` then.

        A document where the process is to end: there may be thousands of calls to answer within a moment, so they are
        told to come again without asking anybody. The document is harmless, and its answer changes nothing.
        """
        place = self._endpoint.may_hold(ticket)
        if place is None:
            return None
        most = self._most if self._most is not None else (None if is_cooperative() else MOST_IN_THREADS)
        with self._endpoint.queue.store.signals.watch(signals.work(place.connection)) as watch:
            with self._guard:
                if self._draining or (most is not None and len(self._held) >= most):
                    environ[NOT_HELD] = True
                    return None
                self._held.add(watch)
            try:
                environ[CALL_NUMBER] = number = self._endpoint.begin_hold(place)
                watch.forget()  # that told an earlier call, and this one looks for itself now
                socket = _socket_of(environ)
                with self._departures.noticed(socket, watch):
                    self._until_work(place, number, watch)
                if self._draining:
                    return place.harmless
                if watch.gone or self._departures.is_gone(socket):
                    environ[CALL_NUMBER] = NOBODYS
            finally:
                with self._guard:
                    self._held.discard(watch)
        return None

    def _until_work(self, place: Place, number: int, watch: Watch) -> None:
        queue = self._endpoint.queue
        until = monotonic() + self._endpoint.options.hold * random.uniform(SHORTEST, 1.0)
        while not self._draining:
            if self._endpoint.is_wanted(place, number) or watch.gone:
                return
            left = until - monotonic()
            due = queue.store.next_due(place.connection)
            if due is not None:
                left = min(left, max(0.01, due - queue.store.now()))
            if until <= monotonic():
                return
            watch.wait(left)


def _told(start_response: StartResponse, body: bytes) -> list[bytes]:
    headers = [("Content-Type", "text/xml; charset=utf-8"), ("Content-Length", str(len(body)))]
    start_response("200 OK", [*headers, ("Cache-Control", "no-store")])
    return [body]


def _socket_of(environ: WSGIEnvironment) -> Any:
    return next((environ[name] for name in SOCKETS if environ.get(name) is not None), None)


class Departures:
    """Notices callers that went away, which no server tells. One look a second over all of them."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._watches: dict[int, Watch] = {}
        self._looking = False
        self._poll = _original_poll()

    def noticed(self, socket: Any, watch: Watch) -> _Noticed:
        """A context in which ``watch`` is woken, and marked as gone, when the peer of ``socket`` goes away."""
        return _Noticed(self, self._number(socket), watch)

    def is_gone(self, socket: Any) -> bool:
        """Whether the peer of ``socket`` is known to have gone away."""
        return (number := self._number(socket)) >= 0 and bool(self._gone([number]))

    def _number(self, socket: Any) -> int:
        return -1 if socket is None or self._poll is None else int(socket.fileno())

    def _gone(self, numbers: Iterable[int]) -> list[int]:
        assert self._poll is not None, "there are no numbers without it"
        poll = self._poll()
        for number in numbers:
            poll.register(number, select.POLLRDHUP)
        return [number for number, _ in poll.poll(0)]

    def add(self, number: int, watch: Watch) -> None:
        """Begin to look after a file descriptor."""
        with self._guard:
            self._watches[number] = watch
            if not self._looking:
                self._looking = True
                threading.Thread(target=self._look, name="openqbd-departures", daemon=True).start()

    def remove(self, number: int) -> None:
        """Stop looking after a file descriptor."""
        with self._guard:
            self._watches.pop(number, None)

    def _look(self) -> None:
        pause = threading.Event()
        while True:
            pause.wait(LOOK)
            with self._guard:
                watches = dict(self._watches)
                if not watches:
                    self._looking = False
                    return
            for number in self._gone(watches):
                watches[number].gone = True
                watches[number].wake()


class _Noticed:
    def __init__(self, departures: Departures, number: int, watch: Watch) -> None:
        self._departures, self._number, self._watch = departures, number, watch

    def __enter__(self) -> None:
        if self._number >= 0:
            self._departures.add(self._number, self._watch)

    def __exit__(self, *_: object) -> None:
        if self._number >= 0:
            self._departures.remove(self._number)


def _original_poll() -> Callable[[], Any] | None:
    """``select.poll`` as the system has it, also under gevent, whose own knows no POLLRDHUP; ``None`` off Linux."""
    if not hasattr(select, "POLLRDHUP"):
        return None
    if is_cooperative():
        from gevent import monkey

        original: Callable[[], Any] = monkey.get_original("select", "poll")
        return original
    return select.poll
