"""Calls over HTTP: the bytes of a request, leave to send the body, patience, and servers that break off."""

from __future__ import annotations

import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from qbsimulator.connector import HTTPTransport, Outcome, TimedOut, TransportError, VirtualTime, WebConnector
from qbsimulator.connector.transport import UntrustedCertificate
from tests.qbsimulator.connector.helpers import Server, StandIn, qwc, written

HEAD = (
    "POST /qbwc?x=1 HTTP/1.1\r\n"
    "User-Agent: Mozilla/4.0 (compatible; MSIE 6.0; MS Web Services Client Protocol 4.0.30319.42000)\r\n"
    "Content-Type: text/xml; charset=utf-8\r\n"
    'SOAPAction: "http://developer.intuit.com/receiveResponseXML"\r\n'
    "Content-Length: 4\r\n"
    "Expect: 100-continue\r\n"
    "Host: localhost:{port}\r\n"
    "\r\n"
)
ACTION = "http://developer.intuit.com/receiveResponseXML"
GOOD = b"HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\nContent-Length: 2\r\n\r\nhi"
GO_ON = b"HTTP/1.1 100 Continue\r\n\r\n"


@contextmanager
def listening(serve: Callable[[socket.socket], object]) -> Iterator[int]:
    """A server of one connection, by hand; its port."""
    failures: list[BaseException] = []
    with socket.create_server(("localhost", 0)) as listener:

        def run() -> None:
            try:
                connection, _ = listener.accept()
                with connection:
                    connection.settimeout(5)
                    serve(connection)
            except OSError as error:
                failures.append(error)

        thread = threading.Thread(target=run)
        thread.start()
        yield listener.getsockname()[1]
        thread.join(5)
    assert not failures


def heard(connection: socket.socket, until: bytes) -> bytes:
    said = b""
    while not said.endswith(until):
        more = connection.recv(65536)
        if not more:
            break
        said += more
    return said


def post(port: int, **options: float) -> object:
    return HTTPTransport(**options).post(f"http://localhost:{port}/qbwc?x=1", ACTION, b"body")  # type: ignore[arg-type]


def test_the_head_is_that_of_the_client_library_and_the_body_comes_with_leave() -> None:
    said: list[bytes] = []

    def serve(connection: socket.socket) -> None:
        said.append(heard(connection, b"\r\n\r\n"))
        connection.sendall(GO_ON)
        said.append(heard(connection, b"body"))
        connection.sendall(GOOD)

    with listening(serve) as port:
        answer = HTTPTransport().post(f"http://localhost:{port}/qbwc?x=1", ACTION, b"body")
    assert said == [HEAD.format(port=port).encode(), b"body"]
    assert (answer.status, answer.reason, answer.body) == (200, "OK", b"hi")
    assert answer.headers["content-type"] == "text/xml"


def test_without_leave_the_body_comes_after_a_moment() -> None:
    waited: list[float] = []

    def serve(connection: socket.socket) -> None:
        heard(connection, b"\r\n\r\n")
        begun = time.monotonic()
        heard(connection, b"body")
        waited.append(time.monotonic() - begun)
        connection.sendall(GOOD)

    with listening(serve) as port:
        post(port)
    assert 0.2 < waited[0] < 3


def test_no_body_is_sent_to_a_server_that_has_refused() -> None:
    said: list[bytes] = []

    def serve(connection: socket.socket) -> None:
        heard(connection, b"\r\n\r\n")
        connection.sendall(b"HTTP/1.1 417 Expectation Failed\r\nContent-Length: 0\r\n\r\n")
        said.append(heard(connection, b"body"))

    with listening(serve) as port:
        answer = HTTPTransport().post(f"http://localhost:{port}/", ACTION, b"body")
    assert (answer.status, said) == (417, [b""])


def test_an_answer_in_chunks() -> None:
    def serve(connection: socket.socket) -> None:
        heard(connection, b"\r\n\r\n")
        connection.sendall(GO_ON)
        heard(connection, b"body")
        connection.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nh\r\n2\r\ney\r\n0\r\n\r\n")

    with listening(serve) as port:
        assert HTTPTransport().post(f"http://localhost:{port}/", ACTION, b"body").body == b"hey"


@pytest.mark.parametrize("begin", [b"", GO_ON + GOOD[:30], GO_ON + GOOD[:-1]])
def test_patience_has_an_end(begin: bytes) -> None:
    done = threading.Event()

    def serve(connection: socket.socket) -> None:
        heard(connection, b"\r\n\r\n")
        connection.sendall(begin)
        done.wait(5)

    with listening(serve) as port:
        with pytest.raises(TimedOut, match="timed out"):
            post(port, patience=0.2, continue_patience=0.1)
        done.set()


@pytest.mark.parametrize("begin", [b"", GO_ON, GOOD[:-1], b"nonsense\r\n\r\n"])
def test_a_server_that_breaks_off_gave_no_answer(begin: bytes) -> None:
    def serve(connection: socket.socket) -> None:
        heard(connection, b"\r\n\r\n")
        connection.sendall(begin)
        connection.shutdown(socket.SHUT_WR)
        heard(connection, b"body")

    with listening(serve) as port, pytest.raises(TransportError, match="Unable to talk to"):
        post(port)


def test_nobody_listens() -> None:
    with socket.create_server(("localhost", 0)) as listener:
        port = listener.getsockname()[1]
    with pytest.raises(TransportError, match="Unable to talk to"):
        post(port)


@contextmanager
def served(app: Server) -> Iterator[int]:
    """A WSGI application over HTTP, without anything of ``soap``'s."""
    from wsgiref.simple_server import WSGIRequestHandler, make_server

    class Quiet(WSGIRequestHandler):
        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

    with make_server("localhost", 0, app, handler_class=Quiet) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        yield server.server_port
        server.shutdown()
        thread.join()


def test_an_update_over_http_is_the_same_as_one_without() -> None:
    server = Server(receiveResponseXML=(40, 100))
    with served(server) as port:
        connector = WebConnector(transport=HTTPTransport(continue_patience=0.01), clock=VirtualTime())
        url = f"http://localhost:{port}/qbwc"
        application = connector.add(qwc(AppURL=url, AppSupport=f"{url}?help"), StandIn(), "reeds")
        update = connector.update(application)
    assert (update.outcome, update.progress, update.status) == (Outcome.COMPLETED, [40, 100], "Bye")
    fields = server.calls[0].environ
    assert fields["HTTP_SOAPACTION"] == '"http://developer.intuit.com/serverVersion"'
    assert fields["HTTP_EXPECT"] == "100-continue"
    assert {"HTTP_COOKIE", "HTTP_ACCEPT_ENCODING"}.isdisjoint(fields)


def test_the_bytes_of_calls() -> None:
    server = Server()
    with served(server) as port:
        connector = WebConnector(transport=HTTPTransport(continue_patience=0.01), clock=VirtualTime())
        url = f"http://localhost:{port}/qbwc"
        connector.update(connector.add(qwc(AppURL=url, AppSupport=url, UserName="a<&>\"'b"), StandIn(), "pass"))
    opening = (
        '<?xml version="1.0" encoding="utf-8"?><soap:Envelope xmlns:soap="http://schemas.xmlsoap.org/soap/envelope/"'
        ' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns:xsd="http://www.w3.org/2001/XMLSchema"><soap:Body>'
    )
    bodies = [call.body.decode() for call in server.calls]
    assert bodies[0] == f'{opening}<serverVersion xmlns="http://developer.intuit.com/" /></soap:Body></soap:Envelope>'
    assert bodies[2] == (
        f'{opening}<authenticate xmlns="http://developer.intuit.com/"><strUserName>a&lt;&amp;&gt;"\'b</strUserName>'
        "<strPassword>pass</strPassword></authenticate></soap:Body></soap:Envelope>"
    )
    assert bodies[4].endswith("<hresult /><message /></receiveResponseXML></soap:Body></soap:Envelope>")


# -- TLS ---------------------------------------------------------------------------------------------------------


@contextmanager
def secured(certificate: Path, key: Path) -> Iterator[int]:
    """A server that answers one call over TLS, if it gets so far."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)

    def serve(connection: socket.socket) -> None:
        try:
            with context.wrap_socket(connection, server_side=True) as safe:
                heard(safe, b"\r\n\r\n")
                safe.sendall(GO_ON)
                heard(safe, b"body")
                safe.sendall(GOOD)
        except ssl.SSLError:
            pass  # it was not trusted

    with listening(serve) as port:
        yield port


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    import shutil
    import subprocess

    folder = tmp_path_factory.mktemp("tls")
    if shutil.which("openssl") is None:
        pytest.skip("no openssl to make a certificate with")
    command = "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -keyout key.pem -out cert.pem"
    names = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost", "-days", "3650"]
    subprocess.run([*command.split(), *names], cwd=folder, check=True, capture_output=True)
    return folder / "cert.pem", folder / "key.pem"


def test_https_with_a_certificate_that_is_trusted(certificate: tuple[Path, Path]) -> None:
    with secured(*certificate) as port:
        transport = HTTPTransport(ca_file=certificate[0])
        assert transport.post(f"https://localhost:{port}/", ACTION, b"body").body == b"hi"


def test_https_with_one_that_is_not(certificate: tuple[Path, Path]) -> None:
    with secured(*certificate) as port, pytest.raises(UntrustedCertificate):
        HTTPTransport().post(f"https://localhost:{port}/", ACTION, b"body")


def test_an_envelope_for_the_stand_in_server_is_one() -> None:
    """What the tests answer with is what the helpers say, byte for byte."""
    assert written("closeConnection", "a&b").endswith(
        b"<closeConnectionResult>a&amp;b</closeConnectionResult></closeConnectionResponse></soap:Body></soap:Envelope>"
    )
