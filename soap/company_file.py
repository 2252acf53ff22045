"""Which company file a session has open: what ``strHCPResponse`` says of it, and whether it is the right one.

When an application is added, the Web Connector stamps the company file: a private data extension named ``FileID``,
under the application's ``OwnerID``, with the FileID of the ``.qwc`` file as its value. A file without our stamp, or
with another, is somebody else's, and gets no request.
"""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import qbxml
from qbxml.errors import QbxmlError
from qbxml.model import Response

#: The name of the stamp.
STAMP = "FileID"


class Verdict(enum.Enum):
    """Whether a company file is the one that a connection stands for."""

    RIGHT = "it has the stamp"
    WRONG = "it has another stamp, or none"
    OPEN = "nothing readable was said about it"


@dataclass(frozen=True, slots=True)
class CompanyFile:
    """What the Web Connector tells about QuickBooks and its company file at the first ``sendRequestXML``."""

    #: ``QuickBooks Enterprise Solutions 24.0``, and so on; empty where it was not said.
    product: str = ""
    country: str = ""
    major_version: str = ""
    minor_version: str = ""
    company: str = ""
    #: The qbXML versions that this QuickBooks says it knows.
    versions: tuple[str, ...] = ()
    #: The stamps by OwnerID, both in capitals without braces; ``None`` where no company record could be read.
    stamps: Mapping[str, str] | None = field(default=None)

    def verdict(self, owner_id: str, file_id: str) -> Verdict:
        """Whether it is the file with this stamp. Without a ``file_id`` every file is."""
        if not file_id:
            return Verdict.RIGHT
        if self.stamps is None:
            return Verdict.OPEN
        if owner_id:
            return Verdict.RIGHT if self.stamps.get(_guid(owner_id)) == _guid(file_id) else Verdict.WRONG
        return Verdict.RIGHT if _guid(file_id) in self.stamps.values() else Verdict.WRONG


def read(text: str) -> CompanyFile:
    """Read ``strHCPResponse``, whatever it is: other products send a sentence in place of a document."""
    if not text.strip():
        return CompanyFile()
    try:
        return of_response(qbxml.parse(text))
    except QbxmlError:
        return CompanyFile()


def of_response(response: Response) -> CompanyFile:
    """The same from answers to HostQuery and CompanyQuery, in any order; one may be missing."""
    values: dict[str, Any] = {}
    for message in response:
        for record in message.records:
            if record.name == "HostRet":
                values |= {
                    "product": _text(record.get("ProductName")),
                    "country": _text(record.get("Country")),
                    "major_version": _text(record.get("MajorVersion")),
                    "minor_version": _text(record.get("MinorVersion")),
                }
                versions = record.get("SupportedQBXMLVersion")
                values["versions"] = tuple(map(str, versions)) if isinstance(versions, list) else ()
            elif record.name == "CompanyRet":
                values["company"] = _text(record.get("CompanyName"))
                values["stamps"] = _stamps(record.get("DataExtRet"))
    return CompanyFile(**values)


def verification(owner_id: str) -> dict[str, dict[str, Any]]:
    """The request that asks for the stamp, where ``strHCPResponse`` said nothing readable."""
    return {"CompanyQueryRq": {"OwnerID": [f"{{{_guid(owner_id)}}}"] if owner_id else []}}


def _stamps(extensions: Any) -> dict[str, str]:
    found = {}
    for extension in extensions if isinstance(extensions, list) else []:
        if isinstance(extension, dict) and extension.get("DataExtName") == STAMP:
            found[_guid(_text(extension.get("OwnerID")))] = _guid(_text(extension.get("DataExtValue")))
    return found


def _guid(text: str) -> str:
    return text.strip().strip("{}").upper()


def _text(value: Any) -> str:
    return "" if value is None else str(value)
