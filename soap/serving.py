"""A small threaded HTTP server, for trying things on one's own machine and for tests.

It speaks HTTP without TLS and knows no limits on the number of callers: production belongs behind a real WSGI
server.
"""

from __future__ import annotations

import socketserver
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer

if TYPE_CHECKING:
    from wsgiref.types import WSGIApplication

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

    ``make_application`` is given the address, ``http://host:port/``, which an endpoint has to know.
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
