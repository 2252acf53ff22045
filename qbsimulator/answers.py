"""Answers as QuickBooks writes them: one start tag, leaf or end tag to a line, LF, no indentation, ASCII.

An answer without content is closed in its own tag, behind a blank. Children stand in the order of the schema, and what
the version of the document does not have is left out.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Collection, Mapping
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


#: So many orders of fields are kept for a type of record.
_MOST_ORDERS = 256


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
            lines.append(f"<{child}>{_writer(inner.type)(value)}</{child}>")
    if not lines:
        return f"<{name}{given} />\n"
    return "\n".join([f"<{name}{given}>", *lines, f"</{name}>", ""])


#: One field of a record in its turn: its name, its tags, what writes its value, its record if it is one. Fields whose
#: items stand in any order take their turn together: under no name, with their names and records in ``group``.
_Turn = tuple[str, str, str, Callable[[Any], str], RecordType | None, dict[str, RecordType] | None]


def _record(
    name: str, values: Mapping[str, Any], record: RecordType, lines: list[str], wanted: Collection[str] = ()
) -> None:
    attributes = _attributes(values, record) if record.attributes else ""
    at = len(lines)
    append = lines.append
    append(f"<{name}{attributes}>")
    for child, start, end, text, inner, group in _order(values, record):
        if group is not None:
            mixed = [(one, values[one]) for one in group if values[one] is not None and (not wanted or one in wanted)]
            for one, _, item in interleave(mixed):
                _record(one, item, group[one], lines)
            continue
        if wanted and child not in wanted:
            continue
        value = values[child]
        if value.__class__ is list:
            for item in value:
                if inner is None:
                    append(f"{start}{text(item)}{end}")
                else:
                    _record(child, item, inner, lines)
        elif value is None:
            continue
        elif inner is None:
            append(f"{start}{text(value)}{end}")
        else:
            _record(child, value, inner, lines)
    if len(lines) == at + 1:
        lines[at] = f"<{name}{attributes} />"
    else:
        append(f"</{name}>")


def _attributes(values: Mapping[str, Any], record: RecordType) -> str:
    return "".join(
        f' {name}="{_attribute(value if isinstance(value, str) else _writer(field.type)(value))}"'
        for name, field in record.attributes.items()
        if (value := values.get(name)) is not None
    )


def _order(values: Mapping[str, Any], record: RecordType) -> list[_Turn]:
    """The fields that a record has values for, in their order. Most records of a type have the same: it is kept."""
    orders: dict[tuple[str, ...], list[_Turn]] = record.cache.setdefault("orders", {})
    names = tuple(values)
    found = orders.get(names)
    if found is None:
        found = _turns(set(names), record)
        if len(orders) < _MOST_ORDERS:
            orders[names] = found
    return found


def _turns(names: set[str], record: RecordType) -> list[_Turn]:
    groups = {name: group for group in record.groups for name in group}
    turns: list[_Turn] = []
    for name, one in record.fields.items():
        if name not in names:
            continue
        group = [member for member in groups.get(name, ()) if member in names]
        if not group:
            inner = record.record(one) if one.is_record else None
            turns.append((name, f"<{name}>", f"</{name}>", _writer(one.type), inner, None))
        elif group[0] == name:
            members = {member: record.record(record.fields[member]) for member in group}
            turns.append(("", "", "", str, None, members))
    return turns


# -- values: as they are in Python, or as the file keeps them in JSON ----------------------------------------------


@functools.cache
def _writer(type_name: str) -> Callable[[Any], str]:
    """What writes a value of a type, be it Python's own or JSON's."""
    special = {"AMTTYPE": _amount, "QUANTYPE": _quantity, "PRICETYPE": _price}.get(type_name)
    if special is not None:
        return special
    write = WRITE.get(type_name, str)

    def text(value: Any) -> str:
        if value.__class__ is not str:
            return write(value)
        return value if _SPECIAL.search(value) is None else _escaped(value)

    return text


def _amount(value: Any) -> str:
    """With two places."""
    if value.__class__ is str and value[-3:-2] == ".":
        return str(value)
    return WRITE["AMTTYPE"](Decimal(value))


def _quantity(value: Any) -> str:
    """In the shortest form."""
    return f"{Decimal(value).normalize():f}"


def _price(value: Any) -> str:
    """With two places at least."""
    price = Decimal(value)
    exponent = price.as_tuple().exponent
    if isinstance(exponent, int) and exponent > -2:
        price = price.quantize(Decimal("0.01"))
    return WRITE["PRICETYPE"](price)


#: What can't stand in a text as it is.
_SPECIAL = re.compile("[^ !#$%(-;=?-~]")


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
