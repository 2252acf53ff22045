"""Answers as QuickBooks writes them: one start tag, leaf or end tag to a line, LF, no indentation, ASCII.

An answer without content is closed in its own tag, behind a blank. Children stand in the order of the schema, and what
the version of the document does not have is left out.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from qbxml.characters import escape, escape_attribute
from qbxml.checking import interleave
from qbxml.schema import RecordType, Schema
from qbxml.values import WRITE

from .errors import severity, words

#: Attributes of an answer, in their order on the wire.
_ATTRIBUTES = (
    "requestID",
    "statusCode",
    "statusSeverity",
    "statusMessage",
    "retCount",
    "iteratorRemainingCount",
    "iteratorID",
)


@dataclass(slots=True)
class Answer:
    """What one request is answered: a status, attributes beside it, and records or fields by name."""

    code: int = 0
    message: str = ""
    #: ``retCount``, ``iteratorRemainingCount`` and ``iteratorID``, where the request asked for them.
    attributes: dict[str, Any] = field(default_factory=dict)
    #: Records and fields in their order: name and value.
    content: list[tuple[str, Any]] = field(default_factory=list)
    #: The names that ``IncludeRetElement`` asked for; empty: all.
    wanted: Collection[str] = ()


def written(name: str, answer: Answer, request_id: str | None, schema: Schema, *, bare: bool = False) -> str:
    """An answer's lines. ``bare`` leaves its content out (``responseData="includeNone"``)."""
    values = {
        "requestID": request_id,
        "statusCode": answer.code,
        "statusSeverity": severity(answer.code),
        "statusMessage": answer.message or words(answer.code),
        **answer.attributes,
    }
    given = "".join(f' {one}="{_attribute(str(values[one]))}"' for one in _ATTRIBUTES if values.get(one) is not None)
    lines: list[str] = []
    if name not in schema.records():  # a request of another country's, which is answered all the same
        schema = Schema(schema.version, None)
    record = schema.record(name)
    for child, value in () if bare else answer.content:
        inner = record.fields.get(child)
        if inner is None:
            continue
        if inner.is_record and isinstance(value, Mapping):
            _record(child, value, record.record(inner), lines, answer.wanted)
        else:
            lines.append(f"<{child}>{_text(value, inner.type)}</{child}>")
    if not lines:
        return f"<{name}{given} />\n"
    return f"<{name}{given}>\n" + "".join(f"{line}\n" for line in lines) + f"</{name}>\n"


def _record(
    name: str, values: Mapping[str, Any], record: RecordType, lines: list[str], wanted: Collection[str] = ()
) -> None:
    at = len(lines)
    lines.append(f"<{name}>")
    mixed = {name: group for group in record.groups if sum(name in values for name in group) > 1 for name in group}
    for child, inner in record.fields.items():
        if child in mixed:
            if child == mixed[child][0]:
                _mixed(mixed[child], values, record, lines, wanted)
            continue
        if wanted and child not in wanted:
            continue
        value = values.get(child)
        for one in value if isinstance(value, list) else () if value is None else (value,):
            if inner.is_record:
                _record(child, one, record.record(inner), lines)
            else:
                lines.append(f"<{child}>{_text(one, inner.type)}</{child}>")
    if len(lines) == at + 1:
        lines[at] = f"<{name} />"
    else:
        lines.append(f"</{name}>")


def _mixed(
    group: tuple[str, ...], values: Mapping[str, Any], record: RecordType, lines: list[str], wanted: Collection[str]
) -> None:
    """Lines of several kinds in the order of the document."""
    kinds = [(name, values[name]) for name in group if name in values and (not wanted or name in wanted)]
    for name, _, one in interleave(kinds):
        _record(name, one, record.record(record.fields[name]), lines)


def _text(value: Any, type_name: str) -> str:
    if isinstance(value, str):
        return _escaped(value)
    if type_name == "QUANTYPE":  # in the shortest form
        return f"{Decimal(value).normalize():f}"
    if type_name == "PRICETYPE" and value.as_tuple().exponent > -2:
        value = value.quantize(Decimal("0.01"))
    return WRITE[type_name](value)


def _escaped(text: str) -> str:
    """With all five of XML's entities, where two would do, and references for what is not ASCII."""
    return escape(text).replace('"', "&quot;").replace("'", "&apos;")


def _attribute(text: str) -> str:
    return escape_attribute(text).replace("'", "&apos;")


def document(messages: list[str], attributes: Mapping[str, Any]) -> bytes:
    """A whole answer. ``attributes`` are those of error recovery, where it was used."""
    given = "".join(f' {name}="{_attribute(str(value))}"' for name, value in attributes.items())
    body = "".join(messages)
    inner = f"<QBXMLMsgsRs{given}>\n{body}</QBXMLMsgsRs>\n" if body else f"<QBXMLMsgsRs{given} />\n"
    return f'<?xml version="1.0" ?>\n<QBXML>\n{inner}</QBXML>\n'.encode("ascii")
