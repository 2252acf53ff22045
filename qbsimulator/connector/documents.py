"""What the Web Connector itself asks of QuickBooks: who it is, and private fields of the company.

The fields, data extensions under the application's OwnerID, are the stamp ``FileID`` and the lock ``AppLock``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from xml.sax.saxutils import escape

from lxml import etree

from ..errors import QuickBooksError

#: The name of the stamp and of the lock.
STAMP = "FileID"
LOCK = "AppLock"

#: Tried in this order to ask which versions there are. Editions other than the US one begin with 6.0 and 7.0.
_FIRST_VERSIONS = ("7.0", "3.0", "1.1")

Process = Callable[[str], str]


@dataclass(frozen=True, slots=True)
class Host:
    """Which QuickBooks it is. ``version`` is the newest qbXML that it knows."""

    product: str = ""
    country: str = "US"
    version: str = "13.0"

    @property
    def edition_flag(self) -> int:
        """Its bit in AuthFlags; 0 where the name of the product does not tell."""
        names = (("Enterprise", 8), ("Premier", 4), ("Accountant", 4), ("Simple Start", 1), ("Pro", 2))
        return next((flag for name, flag in names if name in self.product), 0)


@dataclass(frozen=True, slots=True)
class Status:
    """The status of one request."""

    code: int
    message: str


def document(messages: str, version: str, on_error: str = "continueOnError") -> str:
    """A document of requests."""
    return (
        f'<?xml version="1.0" encoding="utf-8"?>\n<?qbxml version="{version}"?>\n'
        f'<QBXML>\n<QBXMLMsgsRq onError="{on_error}">\n{messages}\n</QBXMLMsgsRq>\n</QBXML>\n'
    )


def host(process: Process) -> Host:
    """Ask which QuickBooks it is. Raises :class:`~qbsimulator.errors.QuickBooksError`."""
    for version in _FIRST_VERSIONS[:-1]:
        try:
            return _host(process(document("<HostQueryRq />", version)))
        except QuickBooksError as error:
            if error.hresult != "0x80040423":
                raise
    return _host(process(document("<HostQueryRq />", _FIRST_VERSIONS[-1])))


def _host(answer: str) -> Host:
    root = _answers(answer)
    ret = None if root is None else root.find(".//HostRet")
    if ret is None:
        return Host()
    versions = [(one.text or "").strip() for one in ret.iterchildren("SupportedQBXMLVersion")]
    # Those of other countries' older editions have letters before the number.
    known = [one for one in versions if one.replace(".", "", 1).isdecimal()]
    newest = max(known, key=lambda one: tuple(map(int, one.split("."))), default="13.0")
    return Host(ret.findtext("ProductName") or "", ret.findtext("Country") or "US", newest)


def about(version: str, owner: str) -> str:
    """The three queries whose answer goes to the server with the first ``sendRequestXML``."""
    return document(
        '<HostQueryRq requestID="0" />\n'
        f'<CompanyQueryRq requestID="1"><OwnerID>{owner}</OwnerID></CompanyQueryRq>\n'
        '<PreferencesQueryRq requestID="2" />',
        version,
    )


class Fields:
    """The private fields of the company that belong to one owner.

    Each method raises :class:`~qbsimulator.errors.QuickBooksError` where QuickBooks gives no answer.
    """

    def __init__(self, process: Process, version: str, owner: str) -> None:
        self._process, self._version, self._owner = process, version, owner

    def read(self) -> dict[str, str]:
        """Name and value of each."""
        answer = self._process(
            document(f"<CompanyQueryRq><OwnerID>{self._owner}</OwnerID></CompanyQueryRq>", self._version)
        )
        root = _answers(answer)
        found = () if root is None else root.iterfind(".//CompanyRet/DataExtRet")
        return {
            one.findtext("DataExtName") or "": one.findtext("DataExtValue") or ""
            for one in found
            if (one.findtext("OwnerID") or "").lower() == self._owner.lower()
        }

    def write(self, name: str, value: str, *, known: bool) -> Status:
        """Set a field. One that is not ``known`` is defined first; that it is defined already is no harm."""
        field = f"{self._named(name)}<OtherDataExtType>Company</OtherDataExtType>"
        content = f"{field}<DataExtValue>{escape(value)}</DataExtValue>"
        if known:
            return self._asked(f"<DataExtModRq><DataExtMod>{content}</DataExtMod></DataExtModRq>")
        defined = f"{self._named(name)}<DataExtType>STR255TYPE</DataExtType><AssignToObject>Company</AssignToObject>"
        self._asked(f"<DataExtDefAddRq><DataExtDefAdd>{defined}</DataExtDefAdd></DataExtDefAddRq>")
        return self._asked(f"<DataExtAddRq><DataExtAdd>{content}</DataExtAdd></DataExtAddRq>")

    def delete(self, name: str) -> Status:
        """Take the value of a field away."""
        field = f"{self._named(name)}<OtherDataExtType>Company</OtherDataExtType>"
        return self._asked(f"<DataExtDelRq><DataExtDel>{field}</DataExtDel></DataExtDelRq>")

    def _named(self, name: str) -> str:
        return f"<OwnerID>{self._owner}</OwnerID><DataExtName>{name}</DataExtName>"

    def _asked(self, message: str) -> Status:
        root = _answers(self._process(document(message, self._version)))
        answer = None if root is None else next((one for one in root.iter() if one.get("statusCode")), None)
        if answer is None:
            return Status(1000, "the answer could not be read")
        return Status(int(answer.get("statusCode", "1000")), answer.get("statusMessage", ""))


def names(text: str) -> list[str]:
    """The names of the requests, or answers, in a document; none where it can't be read."""
    root = _answers(text)
    return [] if root is None else [str(one.tag) for group in root for one in group.iterchildren("*")]


def _answers(text: str) -> etree._Element | None:
    try:
        return etree.fromstring(text.encode("utf-8"), etree.XMLParser(encoding="utf-8", huge_tree=True))
    except (etree.XMLSyntaxError, ValueError):
        return None
