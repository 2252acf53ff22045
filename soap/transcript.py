"""Transcripts: what was said in a session, to be read by a person or a program, with secrets left out.

Values are masked unless they are asked for: a transcript shows which fields a request had and which came back, not what
stood in them. Statuses, ids of requests and of message sets, HRESULTs and versions are shown: they are nobody's data.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import Any

from .observing import CallRecord

#: In place of a value.
VALUE = "…"

#: Arguments that hold a document, and those that may quote what is in a company file.
_DOCUMENTS = {"strHCPResponse", "response"}
_QUOTING = {"strUserName", "strCompanyFileName", "message", "reason", "address"}

#: A tag, whose attributes may have ``>`` in them; or all else up to the next: sections, comments, text, also where the
#: document breaks off or is none.
_PART = re.compile(
    r"""(?P<tag><[^!<>"'][^<>"']*(?:(?:"[^"<]*"|'[^'<]*')[^<>"']*)*>)"""
    r"|<!\[CDATA\[(?s:.*?\]\]>|.*)|<!--(?s:.*?-->|.*)|<?[^<]+|<"
)
_ATTRIBUTE = re.compile(r"(\s[\w:.-]+=)(\"[^\"]*\"|'[^']*')")
#: Attributes whose values are the protocol's own.
_SHOWN = re.compile(
    r"\s(?:requestID|statusCode|statusSeverity|messageSetStatusCode|newMessageSetID|oldMessageSetID|onError|"
    r"responseData|iterator|iteratorID|iteratorRemainingCount|retCount|metaData|version|encoding)=$"
)
#: A longer document is cut in a transcript.
LONGEST = 100_000


def masked(document: str) -> str:
    """A document with its element names and protocol attributes, and ``…`` in place of every other value."""
    return _PART.sub(_masked_part, document)


def _masked_part(part: re.Match[str]) -> str:
    if part["tag"] is None:
        return part[0] if part[0].isspace() else VALUE
    return _ATTRIBUTE.sub(lambda found: found[0] if _SHOWN.search(found[1]) else f'{found[1]}"{VALUE}"', part[0])


class Transcript:
    """An observer that writes each call as one JSON object to a line.

    ``write`` is given each line, with its line end: ``sys.stdout.write``, or an open file's. ``values=True`` leaves the
    company's own data in it. Passwords and tickets are never in it.
    """

    def __init__(self, write: Callable[[str], object], *, values: bool = False) -> None:
        self._write = write
        self._values = values

    def __call__(self, record: CallRecord) -> None:
        """Write one call."""
        self._write(json.dumps(self.line(record), ensure_ascii=False) + "\n")

    def line(self, record: CallRecord) -> dict[str, Any]:
        """One call as plain values."""
        arguments = {name: self._shown(name, value) for name, value in record.arguments.items()}
        answer = record.answer
        if isinstance(answer, list):
            answer = [
                answer[0],
                *(self._shown("strCompanyFileName", one) if "\\" in one else one for one in answer[1:]),
            ]
        elif isinstance(answer, str):
            answer = self._shown("response" if answer.lstrip().startswith("<") else "", answer)
        return {
            "at": datetime.fromtimestamp(record.at, UTC).isoformat(),
            "ms": round(record.seconds * 1000, 1),
            "call": record.call,
            "connection": record.connection,
            "arguments": arguments,
            "answer": answer,
            **({"failure": record.failure} if record.failure else {}),
        }

    def _shown(self, name: str, value: Any) -> Any:
        if not isinstance(value, str) or not value:
            return value
        if not self._values:
            if name in _QUOTING:
                return VALUE
            if name in _DOCUMENTS:
                value = masked(value)
        return value if len(value) <= LONGEST else f"{value[:LONGEST]}… ({len(value)} characters)"


def as_text(lines: Iterable[str]) -> str:
    """A transcript for people: each call with its arguments and answer, documents indented below."""
    out = []
    for text in lines:
        line = json.loads(text)
        out.append(f"{line['at']}  {line['call']}  {line['connection'] or '-'}  {line['ms']} ms")
        for name, value in line["arguments"].items():
            out += _field(f"  {name}", value)
        out += _field("  ->", f"failed: {line['failure']}" if line.get("failure") else line["answer"])
    return "\n".join(out) + "\n" if out else ""


def _field(name: str, value: Any) -> list[str]:
    rows = str(value).splitlines() or [""]
    if len(rows) == 1:
        return [f"{name} {rows[0]}".rstrip()]
    return [name, *(f"      {row}" for row in rows)]
