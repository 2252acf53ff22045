"""Two servers: gevent's, for real use, and a small threaded one for trying things and for tests.

Neither speaks TLS: put a proxy in front where others than this machine reach it, for the Web Connector wants ``https``.
"""

from __future__ import annotations

import logging
import socket
import socketserver
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from time import monotonic
from typing import TYPE_CHECKING, Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer

if TYPE_CHECKING:
    from types import FrameType
    from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

    from .transport import Application

logger = logging.getLogger(__name__)

#: Connections at a time, by default: a held call is one.
MOST_CONNECTIONS = 10_000
#: Seconds that calls which are being answered have when the server is told to stop.
GRACE = 10.0

# --- gevent's


def prepare() -> None:
    """Let gevent take the place of threads in this process: before anything that waits is imported or made.

    Raises ``ImportError`` where gevent is not installed: it comes with ``openqbd[serve]``.
    """
    from gevent import monkey

    monkey.patch_all()


class _Active:
    """Counts the requests that are being answered."""

    def __init__(self, inner: WSGIApplication) -> None:
        self._inner = inner
        self.count = 0

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        self.count += 1
        try:
            return self._inner(environ, start_response)
        finally:
            self.count -= 1


def serve(
    application: WSGIApplication,
    host: str = "127.0.0.1",
    port: int = 8080,
    *,
    on_ready: Callable[[str], object] | None = None,
    drain: Callable[[], object] | None = None,
    stop: threading.Event | None = None,
    grace: float = GRACE,
    most_connections: int = MOST_CONNECTIONS,
) -> None:
    """Serve until SIGTERM, SIGINT, or ``stop`` is set. :func:`prepare` must have been called.

    ``port`` 0 takes a free one; ``on_ready`` is given the address, ``http://host:port/``. To stop, it takes no more
    connections, calls ``drain`` (which answers the calls that wait), and lets what is being answered end for up to
    ``grace`` seconds. Raises ``OSError`` where the address can't be served, ``RuntimeError`` without :func:`prepare`.
    """
    import signal

    import gevent
    from gevent import monkey
    from gevent.pool import Pool
    from gevent.pywsgi import WSGIHandler
    from gevent.pywsgi import WSGIServer as GeventServer

    if not monkey.is_module_patched("threading"):
        raise RuntimeError("call soap.serving.prepare() before anything else, so that waiting costs no thread")

    class Handler(WSGIHandler):  # type: ignore[misc]  # gevent has no types
        def get_environ(self) -> dict[str, Any]:
            environ: dict[str, Any] = super().get_environ()
            environ["openqbd.socket"] = self.socket  # who waits for an answer can see whether somebody still does
            return environ

    active = _Active(application)
    listener = socket.create_server(
        (host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET, backlog=2048
    )
    # gevent sends head and body apart: with Nagle's algorithm each answer would wait for an acknowledgement.
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    server = GeventServer(
        listener, active, spawn=Pool(most_connections), log=None, error_log=logger, handler_class=Handler
    )
    stopping = stop or threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        gevent.signal_handler(number, stopping.set)
    server.start()
    if on_ready is not None:
        shown = f"[{host}]" if ":" in host else host
        on_ready(f"http://{shown}:{server.server_port}/")
    stopping.wait()
    server.stop_accepting()
    if drain is not None:
        drain()
    until = monotonic() + grace
    while active.count and monotonic() < until:
        gevent.sleep(0.01)
    # What is left are connections that were kept open, and calls that took longer than they had.
    server.stop(timeout=0.05)


def drain_on_sigterm(application: Application) -> None:
    """Answer the calls that wait as soon as this process is told to end, and let its server do the rest.

    For a server whose workers handle SIGTERM themselves, as gunicorn's do; to be called in the worker, so from the
    module with the application, unless that is loaded before the workers are made (``--preload``). Must be called in
    the main thread.
    """
    import signal

    from .holding import is_cooperative

    before = signal.getsignal(signal.SIGTERM)

    def handle(number: int, frame: FrameType | None) -> None:
        if is_cooperative():
            import gevent

            gevent.spawn(application.drain)
        else:
            threading.Thread(target=application.drain).start()
        if callable(before):
            before(number, frame)

    signal.signal(signal.SIGTERM, handle)


# --- the small one

#: Seconds that a silent connection is kept. The Web Connector sends its body at once.
READ_TIMEOUT = 60.0


class _ThreadingServer(socketserver.ThreadingMixIn, WSGIServer):
    """One thread per connection."""

    daemon_threads = True


class _QuietHandler(WSGIRequestHandler):
    """Writes no line per request."""

    timeout = READ_TIMEOUT

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing: requests are the business of the application's log."""


def make_server(
    make_application: Callable[[str], WSGIApplication], host: str = "127.0.0.1", port: int = 0
) -> tuple[WSGIServer, str]:
    """A server that listens but does not serve yet, and its address. ``port`` 0 takes a free one.

    ``make_application`` is given the address, ``http://host:port/``, which an endpoint has to know. It knows no limits
    on the number of callers, and is for trying things.
    """
    server = _ThreadingServer((host, port), _QuietHandler)
    shown = f"[{host}]" if ":" in host else host
    url = f"http://{shown}:{server.server_port}/"
    server.set_app(make_application(url))
    return server, url


@contextmanager
def serving(
    make_application: Callable[[str], WSGIApplication], host: str = "127.0.0.1", port: int = 0
) -> Iterator[str]:
    """Serve in a thread for the length of a ``with`` block, whose value is the address."""
    server, url = make_server(make_application, host, port)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield url
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
