"""docs/embedding.md, section by section: each example is written to a file, served, and called from outside.

The caller is zeep, made from the WSDL that the example serves. It shares no code with ``soap/`` or with the servers.
"""

from __future__ import annotations

import http.client
import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import zeep
from lxml import etree

from tests.test_docs import DOCS, ROOT, blocks

PAGE = DOCS / "embedding.md"

PASSWORD = "of reeds and rushes"

BINDING = "{http://developer.intuit.com/}QBWebConnectorSvcSoap"

#: What `sh` blocks say, and tests replace with a free port.
SHOWN_ADDRESS = "127.0.0.1:8080"

#: The sections with an application, and what each is served by here: any server would do.
APPLICATIONS = {
    "Flask": "waitress-serve --listen={address} books:app",
    "Django": "waitress-serve --listen={address} books:app",
    "Pyramid": "waitress-serve --listen={address} books:app",
    "Any other WSGI application": "waitress-serve --listen={address} books:app",
    "Starlette, FastAPI": "gunicorn --bind={address} --worker-class=asgi books:app",
}


def examples(section: str, language: str) -> list[str]:
    """The blocks of a language below a heading; ``""`` is what stands above the first."""
    titles: dict[int, str] = {}
    inside = False
    for number, line in enumerate(PAGE.read_text("utf-8").splitlines(), 1):
        inside ^= line.startswith("```")
        if line.startswith("## ") and not inside:
            titles[number] = line[3:]
    found = []
    for block in blocks(PAGE):
        above = [title for number, title in titles.items() if number < block.line]
        if (above[-1] if above else "") == section and block.language == language:
            found.append(block.text)
    return found


SERVERS = [command.strip() for command in examples("Servers", "sh")]


def free_address() -> str:
    """Host and port of an address on this machine that nobody uses now."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        return f"127.0.0.1:{free.getsockname()[1]}"


@contextmanager
def served(program: str, command: str, folder: Path) -> Iterator[str]:
    """``program`` as the module ``books``, served by ``command``; the value is host and port."""
    (folder / "books.py").write_text(program, "utf-8")
    address = free_address()
    arguments = command.replace(SHOWN_ADDRESS, "{address}").format(address=address).split()
    # The scripts of this interpreter's environment, wherever it is.
    modules = {"waitress-serve": "waitress", "gunicorn": "gunicorn"}
    arguments[:1] = [sys.executable, "-m", modules[arguments[0]]]
    environment = {"PYTHONPATH": f"{ROOT}:{folder}", "QBWC_PASSWORD": PASSWORD, "PATH": "/usr/bin:/bin"}
    log = folder / "server.log"
    with log.open("wb") as output:
        server = subprocess.Popen(arguments, cwd=folder, env=environment, stdout=output, stderr=subprocess.STDOUT)
    try:
        wait_for(address, server, log)
        yield address
    finally:
        server.terminate()
        try:
            server.wait(20)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()
    assert PASSWORD not in log.read_text("utf-8", "replace")


def wait_for(address: str, server: subprocess.Popen[bytes], log: Path) -> None:
    """Return once somebody listens, or fail with what the server said."""
    host, _, port = address.partition(":")
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and server.poll() is None:
        try:
            socket.create_connection((host, int(port)), timeout=1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    pytest.fail(f"the server did not start: {log.read_text('utf-8', 'replace')}")


def update(url: str) -> list[Any]:
    """One update by a client made from the WSDL at ``url``; what it was answered, without ticket and document."""
    client = zeep.Client(f"{url}?wsdl", transport=zeep.Transport(timeout=30, operation_timeout=30))
    (service,) = client.wsdl.services.values()
    (port,) = service.ports.values()
    assert port.binding_options["address"] == "https://books.example.com/qbwc", "whatever we called it by"
    with client.transport.session:
        call = client.create_service(BINDING, url)
        assert call.serverVersion().startswith("OpenQBD ")
        told: list[Any] = [call.clientVersion("34.0.1003.97")]
        ticket, work = call.authenticate("annie", PASSWORD)
        told.append(work)
        text = call.sendRequestXML(ticket, "", r"C:\Books\Acme.qbw", "US", 16, 0)
        (message_set,) = etree.fromstring(text.encode())
        (request,) = message_set
        told.append(request.tag)
        told.append(call.receiveResponseXML(ticket, answer_to(request), "", ""))
        told.append(call.getLastError(ticket) != "")
        told.append(call.closeConnection(ticket))
        told.append(call.authenticate("annie", PASSWORD)[1])
        told.append(call.authenticate("annie", "wrong")[1])
    return told


def answer_to(request: etree._Element) -> str:
    """What QuickBooks says when nothing was found, at such length that it takes more than one packet."""
    name = str(request.tag).removesuffix("Rq")
    return (
        f'<?xml version="1.0" ?>\n<QBXML>\n<QBXMLMsgsRs>\n<{name}Rs requestID="{request.get("requestID")}"'
        f' statusCode="1" statusSeverity="Info" statusMessage="{"No match. " * 30_000}" />\n</QBXMLMsgsRs>\n</QBXML>\n'
    )


UPDATE = [None, None, "CustomerQueryRq", 100, True, "OK", "none", "nvu"]


def request(address: str, method: str, path: str, body: bytes = b"", **headers: str) -> tuple[int, bytes, Any]:
    """Status, body and headers of one plain HTTP request."""
    connection = http.client.HTTPConnection(address, timeout=30)
    connection.request(method, path, body, {name.replace("_", "-"): value for name, value in headers.items()})
    response = connection.getresponse()
    answered = response.status, response.read(), response.headers
    connection.close()
    return answered


@pytest.mark.parametrize("section", APPLICATIONS)
def test_an_update_runs_under_the_path_of_another_application(section: str, tmp_path: Path) -> None:
    program = "\n".join(examples("", "python") + examples(section, "python"))
    with served(program, APPLICATIONS[section], tmp_path) as address:
        assert update(f"http://{address}/qbwc") == UPDATE
        # As the Web Connector looks at it when the .qwc file is added: no redirect on the way.
        status, body, _ = request(address, "GET", "/qbwc")
        assert (status, b"Web Connector" in body) == (200, True)
        assert request(address, "HEAD", "/qbwc")[:2] == (200, b"")
        # And what is beside it is not ours.
        assert b"Web Connector" not in request(address, "GET", "/elsewhere")[1]


def test_every_application_of_the_page_is_tried() -> None:
    titles = re.findall(r"^## (.*)$", PAGE.read_text("utf-8"), re.MULTILINE)
    with_program = [title for title in titles if examples(title, "python")]
    assert with_program == list(APPLICATIONS)


@pytest.mark.parametrize("command", SERVERS, ids=["waitress", "gunicorn-gthread", "gunicorn-gevent"])
def test_an_update_runs_on_a_server(command: str, tmp_path: Path) -> None:
    with served("\n".join(examples("", "python")), command, tmp_path) as address:
        assert update(f"http://{address}/") == UPDATE
        # A client that asks before it sends, as the Web Connector's does.
        assert continued(address).endswith(b":Envelope>")
        # A body of no stated length, and one that is refused before it has been read.
        chunks = iter([b"<a>", b"</a>"])
        connection = http.client.HTTPConnection(address, timeout=30)
        connection.request("POST", "/", chunks, {"Content-Type": "text/xml"}, encode_chunked=True)
        assert connection.getresponse().status in (411, 500)
        connection.close()
        status, body, headers = request(address, "POST", "/", b"x" * 1_000_000, Content_Type="text/plain")
        assert (status, body) == (415, b"A SOAP call is of the media type text/xml.\n")
        assert headers["Content-Length"] == str(len(body))
        assert headers["Transfer-Encoding"] is None


def continued(address: str) -> bytes:
    """The answer to a call whose body is sent when the server says ``100 Continue``, or after a while."""
    body = (
        b'<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body>'
        b'<closeConnection xmlns="http://developer.intuit.com/"/></s:Body></s:Envelope>'
    )
    host, _, port = address.partition(":")
    with socket.create_connection((host, int(port)), timeout=30) as connection:
        connection.sendall(
            f"POST / HTTP/1.1\r\nHost: {address}\r\nContent-Type: text/xml; charset=utf-8\r\nExpect: 100-continue\r\n"
            f"Content-Length: {len(body)}\r\nConnection: close\r\n\r\n".encode()
        )
        assert b"100" in connection.recv(1000).partition(b"\r\n")[0]
        connection.sendall(body)
        return b"".join(iter(lambda: connection.recv(65536), b""))
