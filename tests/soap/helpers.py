"""What several test files of the endpoint use: the fixtures, and a WSGI call without a server."""

from __future__ import annotations

import io
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any
from wsgiref.util import setup_testing_defaults

from lxml import etree

if TYPE_CHECKING:
    from wsgiref.types import WSGIApplication

FIXTURES = Path(__file__).parents[2] / "fixtures"

#: The user of fixtures/soap/authenticate.xml.
USERNAME, PASSWORD = "annie", "reeds"

NAMESPACES = {"s": "http://schemas.xmlsoap.org/soap/envelope/", "q": "http://developer.intuit.com/"}


def soap_fixture(name: str, ticket: str = "TICKET") -> bytes:
    return (FIXTURES / "soap" / f"{name}.xml").read_bytes().replace(b"TICKET", ticket.encode())


def qbxml_fixture(name: str) -> str:
    return (FIXTURES / "qbxml" / f"{name}.xml").read_text("utf-8")


class Reply:
    """What a WSGI application answered."""

    def __init__(self, status: str, headers: list[tuple[str, str]], body: bytes) -> None:
        self.status = int(status.split()[0])
        self.headers = {name.lower(): value for name, value in headers}
        self.body = body

    @property
    def tree(self) -> etree._Element:
        return etree.fromstring(self.body)

    @property
    def fault(self) -> str:
        """The faultcode without its prefix, and the faultstring; ``""`` where there is no fault."""
        fault = self.tree.find("s:Body/s:Fault", NAMESPACES)
        if fault is None:
            return ""
        return f"{(fault.findtext('faultcode') or '').partition(':')[2]}: {fault.findtext('faultstring')}"


def call(app: WSGIApplication, body: bytes = b"", method: str = "POST", **environ: Any) -> Reply:
    """Call a WSGI application as a server would. ``environ`` overrides; a value of ``None`` removes."""
    full: dict[str, Any] = {
        "REQUEST_METHOD": method,
        "CONTENT_TYPE": "text/xml; charset=utf-8",
        "CONTENT_LENGTH": str(len(body)),
        "wsgi.input": io.BytesIO(body),
    }
    setup_testing_defaults(full)
    full.update(environ)
    full = {name: value for name, value in full.items() if value is not None}
    started: list[tuple[str, list[tuple[str, str]]]] = []

    def start_response(status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Any:
        started.append((status, headers))

    chunks = b"".join(app(full, start_response))
    assert len(started) == 1, "start_response is called once"
    return Reply(*started[0], chunks)


def answer_to(requests: Iterable[dict[str, dict[str, Any]]], code: int = 0) -> str:
    """A document as QuickBooks writes it that answers each of ``requests`` with a status and no record."""
    severity = "Error" if code >= 1000 else "Warn" if code >= 500 else "Info"
    answers = "".join(
        f'<{name.removesuffix("Rq")}Rs requestID="{content["requestID"]}" statusCode="{code}"'
        f' statusSeverity="{severity}" statusMessage="said by the test" />\n'
        for request in requests
        for name, content in request.items()
    )
    return f'<?xml version="1.0" ?>\n<QBXML>\n<QBXMLMsgsRs>\n{answers}</QBXMLMsgsRs>\n</QBXML>\n'


def answer_to_text(text: str, code: int = 0) -> str:
    """The same for a document that was handed out."""
    (message_set,) = etree.fromstring(text.encode())
    return answer_to(({str(request.tag): dict(request.attrib)} for request in message_set), code)
