"""A model of QuickBooks: customers in one company file, and the memory of message sets.

It has what matters to whoever hands out writes: an answer for each request in its order, ``onError``, records in use,
stale edit sequences, and error recovery, by which a message set that comes a second time is not done again, nor the
rest of it where QuickBooks went down in the middle. Iterators are not kept: the page of one is answered as if its
session was over.

What was really done stands in :attr:`ModelQuickBooks.executed`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeAlias
from xml.sax.saxutils import escape, quoteattr

from lxml import etree

#: Ids of message sets may be this long.
LONGEST_ID = 24
#: From this qbXML version on a recovered answer names what was added or changed.
RECOVERY_BLOCK_FROM = (11, 0)

_NO_MEMORY, _OTHER_CONTENT, _TOO_LONG, _NOTHING_TO_FORGET = 9002, 9001, 9004, 600
_SEVERITIES = ((1000, "Error"), (500, "Warn"), (0, "Info"))


class Refused(Exception):
    """QuickBooks took no document at all: ``hresult`` and ``message`` are what the Web Connector reports."""

    def __init__(self, hresult: str, message: str) -> None:
        super().__init__(f"{hresult}: {message}")
        self.hresult, self.message = hresult, message


class Crash(Exception):
    """QuickBooks went down while it worked on a document. It may have done it."""


@dataclass(frozen=True, slots=True)
class Executed:
    """Something that was done to the company file."""

    request_id: str
    name: str
    message_set_id: str | None
    list_id: str


@dataclass(slots=True)
class _Customer:
    list_id: str
    name: str
    edit_sequence: int = 1


@dataclass(frozen=True, slots=True)
class _Outcome:
    """The answer to one request: in full, and as it is given from memory."""

    request: str
    request_id: str
    code: int
    message: str
    content: str = ""
    recovery: str = ""


@dataclass(frozen=True, slots=True)
class _Remembered:
    digest: str
    outcomes: tuple[_Outcome, ...]


_Answer: TypeAlias = tuple[int, str, str, str]

_NOT_PROCESSED: _Answer = (3231, "The request has not been processed.", "", "")


@dataclass
class ModelQuickBooks:
    """One company file. :meth:`process` is what the Web Connector calls with each document.

    ``owner_id`` and ``file_id`` are the stamp of the file. With ``unique_names`` off a customer can be added twice,
    which shows what is done twice.
    """

    owner_id: str = ""
    file_id: str = ""
    company: str = "Reed & Sons"
    country: str = "US"
    version: tuple[int, int] = (16, 0)
    unique_names: bool = True
    #: A document with one of these names in it is refused with 0x80040400, for a reason that only QuickBooks knows.
    refused_names: set[str] = field(default_factory=set)
    #: How often a customer of that name is still found in use by somebody else.
    locked: dict[str, int] = field(default_factory=dict)
    #: When to go down: ``before`` or ``after`` working on the next document, or ``during``, when half of its requests
    #: (of an odd number one less) are done. Set back by doing so.
    crash: str | None = None
    #: All that was done to the company file, in order.
    executed: list[Executed] = field(default_factory=list)
    #: The status codes that were given to a request, by its ``requestID``; and the requests of refused documents.
    said: dict[str, list[int]] = field(default_factory=dict)
    refused: set[str] = field(default_factory=set)
    customers: dict[str, _Customer] = field(default_factory=dict)
    _remembered: dict[str, _Remembered] = field(default_factory=dict)

    @property
    def remembered(self) -> frozenset[str]:
        """The ids of the message sets whose outcome is still stored."""
        return frozenset(self._remembered)

    def describe(self) -> str:
        """What the Web Connector passes on at the first ``sendRequestXML``: the program and the company file."""
        return _document("", self._host("0") + self._company("1"))

    def process(self, text: str) -> str:
        """Work on a document, and return the answer. Raises :class:`Refused`, :class:`Crash`."""
        crash, self.crash = self.crash, None
        if crash == "before":
            raise Crash
        answer = self._process(text, stop_halfway=crash == "during")
        if crash is not None:
            raise Crash
        return answer

    def _process(self, text: str, *, stop_halfway: bool = False) -> str:
        message_set, version = self._read(text)
        new, old = message_set.get("newMessageSetID"), message_set.get("oldMessageSetID")
        if new is None:
            self._forget(old)
            return self._answer("", self._run(message_set, None, stop_halfway), full=True)
        attribute = f" newMessageSetID={quoteattr(new)} messageSetStatusCode="
        if len(new) > LONGEST_ID:
            return _document(f'{attribute}"{_TOO_LONG}"', "")
        known = self._remembered.get(new)
        blocks = version >= RECOVERY_BLOCK_FROM
        if new == old:
            if known is None:
                return _document(f'{attribute}"{_NO_MEMORY}"', "")
            return self._answer(f'{attribute}"0"', known.outcomes, blocks=blocks)
        digest = hashlib.sha256(b"".join(etree.tostring(one) for one in message_set)).hexdigest()
        if known is not None:
            if known.digest != digest:
                return _document(f'{attribute}"{_OTHER_CONTENT}"', "")
            return self._answer(f'{attribute}"0"', known.outcomes, blocks=blocks)
        code = self._forget(old)
        outcomes = self._run(message_set, new, stop_halfway)
        self._remembered[new] = _Remembered(digest, outcomes)
        return self._answer(f'{attribute}"{code}"', outcomes, full=True)

    def _read(self, text: str) -> tuple[etree._Element, tuple[int, int]]:
        bad = "QuickBooks found an error when parsing the provided XML text stream."
        try:
            root = etree.fromstring(text.encode("ascii"))
        except (etree.XMLSyntaxError, UnicodeEncodeError):
            raise Refused("0x80040400", bad) from None
        instruction = root.getprevious()
        if root.tag != "QBXML" or len(root) != 1 or root[0].get("onError") not in ("stopOnError", "continueOnError"):
            raise Refused("0x80040400", bad)
        if instruction is None or not isinstance(instruction, etree._ProcessingInstruction):
            raise Refused("0x80040400", bad)
        major, _, minor = str(instruction.get("version")).partition(".")
        version = (int(major), int(minor or 0))
        if version > self.version:
            raise Refused("0x80040423", "The version of QBXML that was requested is not supported or is unknown.")
        names = {name.text for name in root[0].iter("Name", "FullName")}
        if names & self.refused_names:
            self.refused |= {one.get("requestID", "") for one in root[0]}
            raise Refused("0x80040400", bad)
        return root[0], version

    def _forget(self, id: str | None) -> int:
        if id == "ClearAllMessageSets":
            self._remembered.clear()
        elif id is not None and self._remembered.pop(id, None) is None:
            return _NOTHING_TO_FORGET
        return 0

    def _run(self, message_set: etree._Element, set_id: str | None, stop_halfway: bool) -> tuple[_Outcome, ...]:
        stops, outcomes, stopped = message_set.get("onError") == "stopOnError", [], False
        for place, request in enumerate(message_set):
            name, request_id = str(request.tag), request.get("requestID", "")
            stopped = stopped or (stop_halfway and place >= len(message_set) // 2)
            answer = _NOT_PROCESSED if stopped else self._do(name, request, set_id)
            outcomes.append(_Outcome(name, request_id, *answer))
            stopped = stopped or (stops and answer[0] >= 1000)
        return tuple(outcomes)

    def _do(self, name: str, request: etree._Element, set_id: str | None) -> _Answer:
        kinds: dict[str, Callable[[etree._Element, str | None], _Answer]] = {
            "CustomerAddRq": self._add,
            "CustomerModRq": self._mod,
            "CustomerQueryRq": self._query,
        }
        if name in kinds:
            return kinds[name](request, set_id)
        if name == "HostQueryRq":
            return 0, "Status OK", self._host_record(), ""
        if name == "CompanyQueryRq":
            return 0, "Status OK", self._company_record(), ""
        return 1030, "This request is not supported by this implementation.", "", ""

    def _in_use(self, name: str) -> _Answer | None:
        if self.locked.get(name, 0) <= 0:
            return None
        self.locked[name] -= 1
        return 3175, f"There was an error adding, modifying or deleting {name} because it is already in use.", "", ""

    def _add(self, request: etree._Element, set_id: str | None) -> _Answer:
        name = request.findtext("CustomerAdd/Name") or ""
        in_use = self._in_use(name)
        if in_use is not None:
            return in_use
        if self.unique_names and any(one.name == name for one in self.customers.values()):
            return 3100, f'The name "{name}" of the list element is already in use.', "", ""
        customer = _Customer(f"8000{len(self.customers):04X}-1700000000", name)
        self.customers[customer.list_id] = customer
        return self._done(request, set_id, customer)

    def _mod(self, request: etree._Element, set_id: str | None) -> _Answer:
        list_id = request.findtext("CustomerMod/ListID") or ""
        customer = self.customers.get(list_id)
        if customer is None:
            return 3120, f'Object "{list_id}" specified in the request cannot be found.', "", ""
        in_use = self._in_use(customer.name)
        if in_use is not None:
            return in_use
        given = request.findtext("CustomerMod/EditSequence") or ""
        if given != str(customer.edit_sequence):
            return 3200, f'The provided edit sequence "{given}" is out-of-date. ', _record(customer), ""
        customer.edit_sequence += 1
        return self._done(request, set_id, customer)

    def _done(self, request: etree._Element, set_id: str | None, customer: _Customer) -> _Answer:
        self.executed.append(Executed(request.get("requestID", ""), str(request.tag), set_id, customer.list_id))
        recovery = f"<ListID>{customer.list_id}</ListID><EditSequence>{customer.edit_sequence}</EditSequence>"
        return 0, "Status OK", _record(customer), f"<ErrorRecovery>{recovery}</ErrorRecovery>"

    def _query(self, request: etree._Element, set_id: str | None) -> _Answer:
        wanted = {one.text for one in request.iter("ListID", "FullName")}
        found = [one for one in self.customers.values() if not wanted or wanted & {one.list_id, one.name}]
        most = int(request.findtext("MaxReturned") or len(found))
        if request.get("iterator") == "Continue":
            return 3391, f'The iteratorID "{request.get("iteratorID")}" is not valid.', "", ""
        if not found:
            missing = "The query request has not been fully completed. There was a required element that could not be"
            if wanted:
                return 500, f"{missing} found in QuickBooks.", "", ""
            return 1, "A query request did not find a matching object in QuickBooks", "", ""
        return 0, "Status OK", "".join(map(_record, found[:most])), ""

    def _answer(
        self, attributes: str, outcomes: tuple[_Outcome, ...], *, full: bool = False, blocks: bool = False
    ) -> str:
        answers = []
        for one in outcomes:
            self.said.setdefault(one.request_id, []).append(one.code)
            content = one.content if full else one.recovery if blocks else ""
            answers.append(_element(one.request, one.request_id, one.code, one.message, content))
        return _document(attributes, "".join(answers))

    def _host(self, request_id: str) -> str:
        return _element("HostQueryRq", request_id, 0, "Status OK", self._host_record())

    def _company(self, request_id: str) -> str:
        return _element("CompanyQueryRq", request_id, 0, "Status OK", self._company_record())

    def _host_record(self) -> str:
        major, minor = self.version
        return (
            "<HostRet>\n<ProductName>A model of QuickBooks</ProductName>\n<MajorVersion>34</MajorVersion>\n"
            f"<MinorVersion>0</MinorVersion>\n<Country>{self.country}</Country>\n"
            f"<SupportedQBXMLVersion>{major}.{minor}</SupportedQBXMLVersion>\n</HostRet>\n"
        )

    def _company_record(self) -> str:
        stamp = (
            f"<DataExtRet>\n<OwnerID>{self.owner_id}</OwnerID>\n<DataExtName>FileID</DataExtName>\n"
            f"<DataExtType>STR255TYPE</DataExtType>\n<DataExtValue>{self.file_id}</DataExtValue>\n</DataExtRet>\n"
        )
        name = f"<CompanyName>{escape(self.company)}</CompanyName>\n"
        return f"<CompanyRet>\n{name}{stamp if self.file_id else ''}</CompanyRet>\n"


def _record(customer: _Customer) -> str:
    return (
        f"<CustomerRet>\n<ListID>{customer.list_id}</ListID>\n<EditSequence>{customer.edit_sequence}</EditSequence>\n"
        f"<Name>{escape(customer.name)}</Name>\n<FullName>{escape(customer.name)}</FullName>\n</CustomerRet>\n"
    )


def _element(request: str, request_id: str, code: int, message: str, content: str) -> str:
    severity = next(name for least, name in _SEVERITIES if code >= least)
    id_ = f" requestID={quoteattr(request_id)}" if request_id else ""
    tag = f"{request.removesuffix('Rq')}Rs"
    attributes = f'{id_} statusCode="{code}" statusSeverity="{severity}" statusMessage={quoteattr(message)}'
    return f"<{tag}{attributes}>\n{content}</{tag}>\n" if content else f"<{tag}{attributes} />\n"


def _document(attributes: str, answers: str) -> str:
    return f'<?xml version="1.0" ?>\n<QBXML>\n<QBXMLMsgsRs{attributes}>\n{answers}</QBXMLMsgsRs>\n</QBXML>\n'
