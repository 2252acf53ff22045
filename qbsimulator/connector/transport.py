"""How a call reaches the server: over HTTP or HTTPS, or straight into a WSGI application of this process.

The head of a request is that of the Web Connector's own client library: the same fields in the same order, and
``Expect: 100-continue``, after which it waits a moment for leave before it sends the body. It follows no redirect,
keeps no cookie, and asks for no compression. What comes back is an :class:`HTTPAnswer`, whichever way it went.
"""

from __future__ import annotations

import contextlib
import io
import socket
import ssl
import sys
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from http.client import HTTPException, HTTPResponse
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, cast
from urllib.parse import SplitResult, unquote_to_bytes, urlsplit

from ..errors import SimulatorError

if TYPE_CHECKING:
    from wsgiref.types import StartResponse, WSGIApplication

#: Seconds that the client library waits for the answer to one call, unless it is told otherwise.
PATIENCE = 100.0

#: Seconds that it waits for ``100 Continue`` before it sends the body without leave.
CONTINUE_PATIENCE = 0.35

#: The name it goes by. Its last part is the release of .NET that it runs on.
USER_AGENT = "Mozilla/4.0 (compatible; MSIE 6.0; MS Web Services Client Protocol 4.0.30319.42000)"

MEDIA_TYPE = "text/xml; charset=utf-8"


class TransportError(SimulatorError):
    """There was no answer: no connection, a broken one, or a certificate that can't be trusted."""


class TimedOut(TransportError):
    """There was no answer in time. What the server has done nobody knows."""

    def __init__(self) -> None:
        super().__init__("The operation has timed out.")


class UntrustedCertificate(TransportError):
    """The server's certificate could not be verified."""


@dataclass(frozen=True, slots=True)
class HTTPAnswer:
    """An answer as it came. The names of ``headers`` are in small letters."""

    status: int
    reason: str
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""


class Transport(Protocol):
    """Takes requests to the server. Raises :class:`TransportError` where no answer comes."""

    def post(self, url: str, action: str, body: bytes) -> HTTPAnswer:
        """Send a call. ``action`` is its SOAPAction, without the quotes."""
        ...

    def get(self, url: str) -> HTTPAnswer:
        """Look whether a page is there."""
        ...


def head(url: str, action: str, length: int, user_agent: str = USER_AGENT) -> list[tuple[str, str]]:
    """The fields of a call's head, in the client's order."""
    return [
        ("User-Agent", user_agent),
        ("Content-Type", MEDIA_TYPE),
        ("SOAPAction", f'"{action}"'),
        ("Content-Length", str(length)),
        ("Expect", "100-continue"),
        ("Host", _host(urlsplit(url))),
    ]


def visiting(method: str, url: str, fields: Sequence[tuple[str, str]], body: bytes) -> list[tuple[str, str]]:
    """The fields of a browser's head. What changes something says which page it comes from."""
    parts = urlsplit(url)
    own = [("Host", _host(parts)), ("Connection", "close")]
    if method != "GET":
        own += [("Origin", f"{parts.scheme}://{_host(parts)}"), ("Content-Length", str(len(body)))]
    return [*own, *fields]


def _host(parts: SplitResult) -> str:
    return parts.netloc.rpartition("@")[2]


def _target(parts: SplitResult) -> str:
    return (parts.path or "/") + (f"?{parts.query}" if parts.query else "")


# -- over the network --------------------------------------------------------------------------------------------


class HTTPTransport:
    """HTTP and HTTPS. ``ca_file`` has certificates to trust.

    ``patience`` is seconds for one call, ``continue_patience`` for leave to send its body: real time, both.
    """

    def __init__(
        self,
        *,
        patience: float = PATIENCE,
        continue_patience: float = CONTINUE_PATIENCE,
        ca_file: str | Path | None = None,
        user_agent: str = USER_AGENT,
    ) -> None:
        self.patience, self.continue_patience, self.user_agent = patience, continue_patience, user_agent
        self._ca_file = None if ca_file is None else str(ca_file)

    def post(self, url: str, action: str, body: bytes) -> HTTPAnswer:
        """Send a call: the head, then, with leave or after a moment, the body."""
        fields = head(url, action, len(body), self.user_agent)
        return self._exchange(url, "POST", fields, body)

    def get(self, url: str) -> HTTPAnswer:
        """Look whether a page is there."""
        return self._exchange(url, "GET", [("Host", _host(urlsplit(url))), ("Connection", "Close")], None)

    def visit(self, method: str, url: str, fields: Sequence[tuple[str, str]] = (), body: bytes = b"") -> HTTPAnswer:
        """Send what a browser would send on the same machine. No redirect is followed."""
        return self._exchange(url, method, visiting(method, url, fields, body), body)

    def _exchange(self, url: str, method: str, fields: list[tuple[str, str]], body: bytes | None) -> HTTPAnswer:
        deadline = time.monotonic() + self.patience
        lines = [f"{method} {_target(urlsplit(url))} HTTP/1.1", *(f"{name}: {value}" for name, value in fields)]
        try:
            with contextlib.closing(self._connected(url, deadline)) as connection:
                connection.sendall("\r\n".join([*lines, "", ""]).encode("ascii"))
                asks = any(name == "Expect" for name, _ in fields)
                begun = _permission(connection, self.continue_patience) if asks else b""
                if body is not None and _goes_on(begun):
                    connection.settimeout(_left(deadline))
                    connection.sendall(body)
                return _read(_Stream(begun, connection, deadline), method)
        except TimeoutError:
            raise TimedOut from None
        except ssl.SSLCertVerificationError as error:
            raise UntrustedCertificate(f"The certificate could not be trusted: {error.verify_message}") from error
        except (OSError, HTTPException, UnicodeError) as error:
            raise TransportError(
                f"Unable to talk to the remote server: {str(error) or type(error).__name__}"
            ) from error

    def _connected(self, url: str, deadline: float) -> socket.socket:
        parts = urlsplit(url)
        secure = parts.scheme == "https"
        address = (parts.hostname or "", parts.port or (443 if secure else 80))
        connection = socket.create_connection(address, timeout=_left(deadline))
        try:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if secure:
                context = ssl.create_default_context(cafile=self._ca_file)
                return context.wrap_socket(connection, server_hostname=parts.hostname)
        except BaseException:
            connection.close()
            raise
        return connection


def _left(deadline: float) -> float:
    left = deadline - time.monotonic()
    if left <= 0:
        raise TimedOut
    return left


def _permission(connection: socket.socket, patience: float) -> bytes:
    """What the server says within the moment that the client waits for ``100 Continue``."""
    connection.settimeout(patience)
    try:
        return connection.recv(65536)
    except TimeoutError:
        return b""


def _goes_on(begun: bytes) -> bool:
    """Whether the body is sent. It is not to a server that has given its last word already."""
    words = begun.split(b"\r\n", 1)[0].split()
    return len(words) < 2 or words[1].startswith(b"1")


class _Stream(io.RawIOBase):
    """What a server says, from its first bytes on."""

    def __init__(self, begun: bytes, connection: socket.socket, deadline: float) -> None:
        self._begun, self._connection, self._deadline = begun, connection, deadline

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        if self._begun:
            size = min(len(buffer), len(self._begun))
            buffer[:size], self._begun = self._begun[:size], self._begun[size:]
            return size
        self._connection.settimeout(_left(self._deadline))
        return self._connection.recv_into(buffer)

    def makefile(self, mode: str) -> io.BufferedReader:
        """What http.client asks a socket for."""
        return io.BufferedReader(self)


def _read(stream: _Stream, method: str) -> HTTPAnswer:
    response = HTTPResponse(cast("socket.socket", stream), method=method)
    response.begin()
    body = response.read()
    headers = {name.lower(): value for name, value in response.getheaders()}
    return HTTPAnswer(response.status, response.reason, headers, body)


# -- straight into an application --------------------------------------------------------------------------------


class WSGITransport:
    """Calls a WSGI application of this process, whatever address the ``.qwc`` file has.

    What the application raises is answered as a server would, with a bare 500; ``failures`` has the exceptions.
    ``clock`` tells how long an application took that waits on a clock of its own: more than ``patience`` is too long.
    """

    def __init__(
        self,
        application: WSGIApplication,
        *,
        patience: float = PATIENCE,
        clock: Callable[[], float] = time.monotonic,
        user_agent: str = USER_AGENT,
    ) -> None:
        self._application = application
        self.patience, self.user_agent = patience, user_agent
        self._clock = clock
        self.failures: list[Exception] = []

    def post(self, url: str, action: str, body: bytes) -> HTTPAnswer:
        """Send a call."""
        return self._call(url, "POST", head(url, action, len(body), self.user_agent), body)

    def get(self, url: str) -> HTTPAnswer:
        """Look whether a page is there."""
        return self._call(url, "GET", [("Host", _host(urlsplit(url)))], b"")

    def visit(self, method: str, url: str, fields: Sequence[tuple[str, str]] = (), body: bytes = b"") -> HTTPAnswer:
        """Send what a browser would send on the same machine."""
        return self._call(url, method, visiting(method, url, fields, body), body)

    def _call(self, url: str, method: str, fields: list[tuple[str, str]], body: bytes) -> HTTPAnswer:
        begun = self._clock()
        started: list[tuple[str, list[tuple[str, str]]]] = []
        written: list[bytes] = []

        def start_response(status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Any:
            started[:] = [(status, headers)]
            return written.append

        try:
            chunks = self._application(_environ(url, method, fields, body), cast("StartResponse", start_response))
            body_back = _joined(chunks, written)
            (status, headers), number = started[0], int(started[0][0][:3])
        except Exception as error:  # a server's own answer to an application that fails
            self.failures.append(error)
            return HTTPAnswer(500, "Internal Server Error", {"content-type": "text/plain"}, b"")
        if self._clock() - begun > self.patience:
            raise TimedOut
        return HTTPAnswer(number, status[4:], {name.lower(): value for name, value in headers}, body_back)


def _joined(chunks: Iterable[bytes], written: list[bytes]) -> bytes:
    try:
        written.extend(chunks)
    finally:
        close = getattr(chunks, "close", None)
        if close is not None:
            close()
    return b"".join(written)


def _environ(url: str, method: str, fields: list[tuple[str, str]], body: bytes) -> dict[str, Any]:
    parts = urlsplit(url)
    environ: dict[str, Any] = {
        "REQUEST_METHOD": method,
        "SCRIPT_NAME": "",
        "PATH_INFO": unquote_to_bytes(parts.path or "/").decode("latin-1"),
        "QUERY_STRING": parts.query,
        "SERVER_NAME": parts.hostname or "localhost",
        "SERVER_PORT": str(parts.port or (443 if parts.scheme == "https" else 80)),
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "127.0.0.1",
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": parts.scheme,
        "wsgi.input": io.BytesIO(body),
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
    }
    for name, value in fields:
        key = name.upper().replace("-", "_")
        environ[key if key in ("CONTENT_TYPE", "CONTENT_LENGTH") else f"HTTP_{key}"] = value
    return environ
