"""Why QuickBooks refuses a request document: what is known to make it do so, looked for one by one.

QuickBooks says nothing but 0x80040400, "found an error when parsing the provided XML text stream". Some causes lie in
the bytes, before any schema; the rest are violations of the schema of the version that the document itself names. A
value that its type does not allow mostly fails its own request only, with a status code of its own.
"""

from __future__ import annotations

import re

from ..errors import ParseError
from ..versions import EDITIONS, NEWEST_VERSION, RANK, VERSIONS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..document import Document
    from ..problems import Problem

#: What a bad value in an element makes QuickBooks answer to its request. 3110 and some of 30xx were seen.
_STATUS_OF_KIND = {"enum": "3110", "value": "30xx"}

_START = re.compile(rb"<\?(?:xml|qbxml)\b")
_AMPERSAND = re.compile(rb"&(?!(?:#[0-9]{1,7}|#x[0-9A-Fa-f]{1,6}|amp|lt|gt|quot|apos);)")
_TWICE = re.compile(rb"&amp;(?:#[0-9]{1,7}|#x[0-9A-Fa-f]{1,6}|amp|lt|gt|quot|apos);")
_ENCODING = re.compile(rb"""<\?xml\s[^>]*?encoding\s*=\s*["']([^"']*)["']""")
_REFERENCE = re.compile(rb"&#(?:([0-9]{1,7})|x([0-9A-Fa-f]{1,6}));")
_MARKS = {b"\xef\xbb\xbf": "UTF-8", b"\xff\xfe": "UTF-16", b"\xfe\xff": "UTF-16"}


class Finding:
    """One cause: a ``text``, ``advice``, and the place. ``refuses``: the whole document, not one request only."""

    __slots__ = ("advice", "column", "line", "path", "refuses", "text")

    def __init__(
        self,
        text: str,
        advice: str = "",
        *,
        line: int | None = None,
        column: int | None = None,
        path: str = "",
        refuses: bool = True,
    ) -> None:
        self.text = " ".join(text.splitlines())
        self.advice = advice
        self.line = line
        self.column = column
        self.path = path
        self.refuses = refuses

    def to_dict(self) -> dict[str, object]:
        """The finding as plain data, without what is empty."""
        members = {name: getattr(self, name) for name in ("text", "advice", "path", "line", "column", "refuses")}
        return {name: value for name, value in members.items() if value not in (None, "")}


class Diagnosis:
    """What was found out about a document: the ``findings``, and the ``version`` it was held against.

    The version is ``None`` where it is no XML, and so was held against nothing.
    """

    __slots__ = ("findings", "version")

    def __init__(self, version: str | None, findings: list[Finding]) -> None:
        self.version = version
        self.findings = findings


def diagnose(data: bytes, edition: str | None = None) -> Diagnosis:
    """Look for all known causes in a request document. Raises :class:`~qbxml.errors.UnknownEdition`."""
    from ..document import read

    findings = _of_bytes(data)
    try:
        document = read(data)
    except ParseError as error:
        if not any(finding.line == error.line for finding in findings if finding.line):
            text = f"{error.reason}: this is no XML document" if data.strip() else error.reason
            findings.append(Finding(text, _mending(data), line=error.line, column=error.column))
        return Diagnosis(None, findings)
    version = document.version if document.version in RANK else NEWEST_VERSION
    findings += _of_version(document, version, edition)
    findings += _of_schema(document, version, edition)
    findings += _of_ids(document)
    return Diagnosis(version, findings)


def _place(data: bytes, offset: int) -> tuple[int, int]:
    """Line and column of a byte, from 1."""
    return data.count(b"\n", 0, offset) + 1, offset - data.rfind(b"\n", 0, offset)


# -- the bytes ---------------------------------------------------------------------------------------------------


def _of_bytes(data: bytes) -> list[Finding]:
    """What can be seen without reading the document as XML."""
    if not data.strip():
        return []
    mark = next((name for head, name in _MARKS.items() if data.startswith(head)), None)
    if mark == "UTF-16":
        return [Finding("the text is UTF-16, of which QuickBooks is not known to read any", _ASCII, line=1, column=1)]
    found = []
    if mark:
        advice = "Write the file without a byte order mark: the text has to start with <?xml."
        found.append(Finding("a byte order mark stands before the text", advice, line=1, column=1))
        data = data[3:]
    if data[:1].isspace():
        advice = "The very first character has to be the < of <?xml: remove what stands before it."
        found.append(Finding("the document begins with a blank or an empty line", advice, line=1, column=1))
    elif not _START.match(data):
        advice = 'Begin with <?xml version="1.0" encoding="utf-8"?> and <?qbxml version="13.0"?>.'
        found.append(Finding("the document does not begin with <?xml or <?qbxml", advice, line=1, column=1))
    return found + _ampersands(data) + _characters(data) + _second_document(data)


_ASCII = "Send ASCII, every other character as a numeric reference (&#233; for é): qbxml.build writes it so."


def _ampersands(data: bytes) -> list[Finding]:
    outside = re.sub(rb"<!\[CDATA\[.*?\]\]>|<!--.*?-->", lambda part: b" " * len(part[0]), data, flags=re.S)
    bare = _AMPERSAND.search(outside)
    if bare:
        line, column = _place(data, bare.start())
        return [Finding("an & that begins no entity", "In XML it is written &amp;.", line=line, column=column)]
    twice = _TWICE.search(outside)
    if twice:
        line, column = _place(data, twice.start())
        shown = twice[0].decode("ascii")
        text = f"{shown} is an entity escaped twice: QuickBooks would read {shown.replace('&amp;', '&', 1)}"
        return [Finding(text, "Escape once. qbxml.build does it for you.", line=line, column=column, refuses=False)]
    return []


def _characters(data: bytes) -> list[Finding]:
    """Characters that are no ASCII, and references to what QuickBooks can't store."""
    found = []
    declared = _ENCODING.search(data[:200])
    encoding = declared[1].decode("ascii", "replace") if declared else "utf-8"
    raw = re.search(rb"[\x80-\xff]+", data)
    if raw:
        line, column = _place(data, raw.start())
        try:
            text = data.decode(encoding)
        except (LookupError, ValueError):
            message = f"the byte 0x{raw[0][0]:02X} does not fit the encoding of the document, {encoding}"
            return [Finding(message, _ASCII, line=line, column=column)]
        odd = next((one for one in text if one > "\xff"), None)
        if odd:
            message = f"a raw {odd} (U+{ord(odd):04X}): QuickBooks refuses what is not in ISO-8859-1"
        else:
            beyond = next(one for one in text if one > "\x7f")
            message = f"a raw {beyond}, beyond ASCII: QuickBooks has been seen to refuse such bytes"
        found.append(Finding(message, _ASCII, line=line, column=column))
    for reference in _REFERENCE.finditer(data):
        number = int(reference[1] or reference[2], 10 if reference[1] else 16)
        if number > 0xFF:
            line, column = _place(data, reference.start())
            message = f"{reference[0].decode('ascii')} ({chr(number) if number < 0x110000 else '?'}) is stored as ?"
            advice = "Transliterate it: build with characters='transliterate'."
            found.append(Finding(message, advice, line=line, column=column, refuses=False))
            break
    return found


def _second_document(data: bytes) -> list[Finding]:
    second = re.compile(rb"</QBXML>\s*<(?:\?xml|\?qbxml|QBXML)\b").search(data)
    if not second:
        return []
    line, column = _place(data, second.start() + len(b"</QBXML>"))
    advice = "Send one, or put all requests into one QBXMLMsgsRq."
    return [Finding("two documents in one text", advice, line=line, column=column)]


def _mending(data: bytes) -> str:
    """Advice for what is not well-formed."""
    if data[:4] == b"PK\x03\x04" or b"\x00" in data[:64]:
        return "Is this the right file?"
    return "Everything from here on was not read; mend this first."


# -- the schema --------------------------------------------------------------------------------------------------


def _of_version(document: Document, version: str, edition: str | None) -> list[Finding]:
    """What is wrong with the version that the document names."""
    from ..schema import Schema

    Schema(version, edition)  # raises where the two do not go together
    if document.version is None:
        advice = (
            f'Put <?qbxml version="{version}"?> before the root: the version chooses the schema it is held against.'
        )
        return [Finding("the document names no qbXML version", advice, line=1)]
    if document.version not in RANK:
        advice = f"Known are {VERSIONS[0]} to {VERSIONS[-1]}. What QuickBooks does not know it refuses with 0x80040423."
        return [Finding(f"the document names qbXML version {document.version!r}", advice)]
    return []


def _of_schema(document: Document, version: str, edition: str | None) -> list[Finding]:
    """What the schema of that version does not allow, and which version would."""
    from ..schema import Schema
    from ..validation import document_problems

    problems = document_problems(document, Schema(version, edition))
    if not problems:
        return []
    elsewhere: set[tuple[str, str | None, str]] = set()
    if edition is not None:
        # What another edition has is no error in the document: QuickBooks only warns, and goes on without it.
        still = {_key(problem) for problem in document_problems(document, Schema(version))}
        elsewhere = {_key(problem) for problem in problems} - still
    found = [_finding(problem, edition if _key(problem) in elsewhere else None) for problem in problems]
    if any(finding.refuses for finding in found):
        better = _versions_that_allow(document, edition)
        if better:
            text = f"qbXML {better} would allow the document as it is"
            found.append(Finding(text, "Name that version, if the QuickBooks that is to read it offers it."))
    return found


def _key(problem: Problem) -> tuple[str, str | None, str]:
    return problem.path, str(problem.line), problem.kind


def _finding(problem: Problem, missing_in: str | None) -> Finding:
    text = str(problem).removesuffix(f" (line {problem.line}, column {problem.column})")
    advice, refuses = "", True
    if missing_in is not None:
        advice = f"The {missing_in} edition passes over it, with warning 530 or 531."
        refuses = False
    elif problem.kind == "length":
        advice = "Some were refused as a whole for this; otherwise the request alone fails, with status 3070."
    elif problem.kind in _STATUS_OF_KIND and "@" not in problem.path:
        advice = f"Its own request then fails, usually with status {_STATUS_OF_KIND[problem.kind]}."
        refuses = False
    return Finding(
        f"{problem.kind}: {text}",
        advice,
        line=problem.line,
        column=problem.column,
        path=problem.path,
        refuses=refuses,
    )


def _versions_that_allow(document: Document, edition: str | None) -> str:
    """The versions whose schema has nothing against the document, in words; ``""`` if there are none."""
    from ..schema import Schema
    from ..validation import accepts

    first = EDITIONS[edition] if edition else VERSIONS[0]
    good = [version for version in VERSIONS[RANK[first] :] if accepts(document, Schema(version, edition))]
    if len(good) < 2:
        return "".join(good)
    return f"{good[0]} and later" if good[-1] == VERSIONS[-1] else f"{good[0]} to {good[-1]}"


def _of_ids(document: Document) -> list[Finding]:
    """IDs that are too long, and the one value of onError that QuickBooks does not do."""
    from ..building import MAX_MESSAGE_SET_ID, MAX_REQUEST_ID

    found = []
    for message_set in document.root:
        line = message_set.sourceline
        if message_set.get("onError") == "rollbackOnError":
            advice = "Use stopOnError, and undo in requests of your own."
            found.append(Finding("onError is rollbackOnError, which QuickBooks Desktop does not do", advice, line=line))
        for name in ("newMessageSetID", "oldMessageSetID"):
            given = message_set.get(name, "")
            if len(given) > MAX_MESSAGE_SET_ID:
                text = (
                    f"{name} has {len(given)} characters; status 9004 is the answer to more than {MAX_MESSAGE_SET_ID}"
                )
                found.append(Finding(text, line=line, path=str(message_set.tag), refuses=False))
        for request in message_set:
            given = request.get("requestID", "")
            if len(given) > MAX_REQUEST_ID:
                text = f"requestID has {len(given)} characters; status 1060 is the answer to more than {MAX_REQUEST_ID}"
                found.append(Finding(text, line=request.sourceline, path=str(request.tag), refuses=False))
    return found
