"""What stands in for a Windows machine in tests: a Web Connector made from the WSDL, and a QuickBooks of records.

They share no code with ``soap/``: the Web Connector is zeep, made from the WSDL that the endpoint serves.
QuickBooks is a folder of documents. It does what QuickBooks does first with any request, checking it against
the schema of its version, and then gives the recorded answer; it keeps no company and computes nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import zeep
from lxml import etree

import qbxml

#: What QuickBooks says when it cannot take a document, and does nothing of it.
PARSE_ERROR = "0x80040400"
PARSE_ERROR_TEXT = "QuickBooks found an error when parsing the provided XML text stream."


class RecordedQuickBooks:
    """Answers each request with the document of its name in ``folder``, under the ids that were asked."""

    def __init__(self, folder: Path, *, version: tuple[int, int] = (16, 0), country: str = "US") -> None:
        self.folder = folder
        self.version = version
        self.country = country
        #: What was checked so far: the names of the requests, and the version they were valid in.
        self.checked: list[tuple[list[str], str]] = []

    def process_request(self, text: str) -> tuple[str, str, str]:
        """Return answer, hresult and message, of which either the first or the other two are empty."""
        root = etree.fromstring(text.encode())
        version = re.search(r'<\?qbxml version="([0-9.]+)"\?>', text)
        if version is None or not self._schema(version[1]).validate(root):
            return "", PARSE_ERROR, PARSE_ERROR_TEXT
        (message_set,) = root
        self.checked.append(([str(request.tag) for request in message_set], version[1]))
        answers = [self._recorded(request) for request in message_set]
        status = ""
        if (set_id := message_set.get("newMessageSetID")) is not None:
            status = f' newMessageSetID="{set_id}" messageSetStatusCode="0"'
        body = "".join(answers)
        return (
            f'<?xml version="1.0" ?>\n<QBXML>\n<QBXMLMsgsRs{status}>\n{body}</QBXMLMsgsRs>\n</QBXML>\n',
            "",
            "",
        )

    def _schema(self, version: str) -> etree.XMLSchema:
        return etree.XMLSchema(etree.fromstring(qbxml.xsd(version, self.country).encode()))

    def _recorded(self, request: etree._Element) -> str:
        """The lines of the recorded answer, with the ``requestID`` that was asked."""
        name = f"{str(request.tag).removesuffix('Rq')}Rs"
        recorded = (self.folder / f"{name}.xml").read_text("utf-8")
        answer = re.search(rf"<{name}\b.*</{name}>\n", recorded, re.DOTALL)
        if answer is None:
            raise LookupError(f"{name}.xml has no {name}")
        request_id = request.get("requestID")
        asked = "" if request_id is None else f' requestID="{request_id}"'
        return re.sub(rf'^<{name}( requestID="[^"]*")?', f"<{name}{asked}", answer[0])


@dataclass(frozen=True)
class Step:
    """One call that the Web Connector made, and what it was answered."""

    call: str
    arguments: dict[str, Any]
    answer: Any


class WebConnector:
    """One update after the other, in the order of calls of the real one."""

    def __init__(self, wsdl: str, quickbooks: RecordedQuickBooks, username: str, password: str) -> None:
        self._service = zeep.Client(wsdl).service
        self._quickbooks = quickbooks
        self._username = username
        self._password = password

    def update(self) -> Iterator[Step]:
        """Run one update, and yield each call once it is answered."""
        yield self._call("serverVersion")
        yield self._call("clientVersion", strVersion="34.0.1003.97")
        signed_in = self._call("authenticate", strUserName=self._username, strPassword=self._password)
        yield signed_in
        ticket, work = signed_in.answer[0] or "", signed_in.answer[1] or ""
        progress = -1
        if work not in ("none", "nvu", "busy"):
            about = (self._quickbooks.folder / "HostCompanyPreferencesRs.xml").read_text("utf-8")
            progress = 0
            while 0 <= progress < 100:
                major, minor = self._quickbooks.version
                asked = self._call(
                    "sendRequestXML",
                    ticket=ticket,
                    strHCPResponse=about,
                    strCompanyFileName=r"C:\QuickBooks\Swamp and Sons.qbw",
                    qbXMLCountry=self._quickbooks.country,
                    qbXMLMajorVers=major,
                    qbXMLMinorVers=minor,
                )
                yield asked
                about = ""  # said once per update
                if not asked.answer:
                    yield self._call("getLastError", ticket=ticket)
                    break
                response, hresult, message = self._quickbooks.process_request(asked.answer)
                taken = self._call(
                    "receiveResponseXML",
                    ticket=ticket,
                    response=response,
                    hresult=hresult,
                    message=message,
                )
                yield taken
                progress = taken.answer
                if progress < 0:
                    yield self._call("getLastError", ticket=ticket)
        yield self._call("closeConnection", ticket=ticket)

    def _call(self, name: str, **arguments: Any) -> Step:
        return Step(name, arguments, self._service[name](**arguments))
