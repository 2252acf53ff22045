"""Answers as QuickBooks writes them: one start tag, leaf or end tag to a line, LF, no indentation, ASCII.

An answer without content is closed in its own tag, behind a blank. Children stand in the order of the schema, and what
the version of the document does not have is left out.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from qbxml.characters import escape, escape_attribute
from qbxml.checking import interleave
from qbxml.schema import RecordType, Schema
from qbxml.values import WRITE
from qbxml.versions import NEWEST_VERSION

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


#: So many plans are kept for a type of record.
_MOST_PLANS = 256


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

    def count(self, given: Mapping[str, Any], found: int) -> bool:
        """Tell how much was found, where a query's ``metaData`` asks for it; whether it wants the records, too."""
        meta = given.get("metaData")
        if meta in ("MetaDataOnly", "MetaDataAndResponseData"):
            self.attributes["retCount"] = found
        return meta != "MetaDataOnly"


def written(name: str, answer: Answer, request_id: str | None, schema: Schema, *, bare: bool = False) -> str:
    """An answer's lines. ``bare`` leaves its content out (``responseData="includeNone"``)."""
    lines: list[str] = []
    code, message = answer.code, answer.message
    if name not in schema.records():  # a request of another country's, which is answered all the same
        schema = Schema(schema.version, None)
    record = schema.record(name)
    for child, value in () if bare else answer.content:
        inner = record.fields.get(child)
        if inner is None:
            continue
        if not inner.is_record or not isinstance(value, Mapping):
            lines.append(f"<{child}>{_text(value, inner.type)}</{child}>")
            continue
        at = len(lines)
        if not _record(child, value, record.record(inner), lines, answer.wanted) and not answer.wanted:
            del lines[at:]
            if code == 0:
                code, message = 501, words(501, name=child.removesuffix("Ret"), value=_called(value))
    values = {
        "requestID": request_id,
        "statusCode": code,
        "statusSeverity": severity(code),
        "statusMessage": message or words(code),
        **answer.attributes,
    }
    given = "".join(f' {one}="{_attribute(str(values[one]))}"' for one in _ATTRIBUTES if values.get(one) is not None)
    if not lines:
        return f"<{name}{given} />\n"
    return "\n".join([f"<{name}{given}>", *lines, f"</{name}>", ""])


def _called(record: Mapping[str, Any]) -> str:
    """What an error calls a record by."""
    return str(next((record[one] for one in ("FullName", "Name", "RefNumber", "TxnID") if record.get(one)), ""))


@dataclass(frozen=True, slots=True)
class _Turn:
    """What comes next in a record: leaves that stand once, in a row; or one field; or fields whose items mix.

    ``leaves`` are places of records in :attr:`_Plan.within` and names, each with what writes its values and whether
    texts are written as they are; ``template`` is the lines with a place for each. ``inner`` are the names with their
    records, ``None`` for leaves that repeat, whose type is ``type``.
    """

    leaves: tuple[tuple[int, str, Callable[[Any], str], bool], ...]
    template: str
    inner: dict[str, RecordType | None]
    type: str = ""


@dataclass(frozen=True, slots=True)
class _Plan:
    """How records with values for the same fields are written. ``within``: records that stand once within them.

    Each is named by the place of the one that it is within, the first being the record itself, and its name.
    ``is_whole``: whether they have all that this version wants, though later ones do not.
    """

    within: tuple[tuple[int, str], ...]
    turns: tuple[_Turn, ...]
    is_whole: bool


def _record(
    name: str, values: Mapping[str, Any], record: RecordType, lines: list[str], wanted: Collection[str] = ()
) -> bool:
    """Write a record; whether this version can express it."""
    if wanted or None in values.values():
        values = {one: value for one, value in values.items() if value is not None and (not wanted or one in wanted)}
    attributes = _attributes(values, record) if record.attributes else ""
    at = len(lines)
    lines.append(f"<{name}{attributes}>")
    plan = _plan(values, record)
    is_whole = plan.is_whole
    held = [values]
    for place, one in plan.within:
        held.append(held[place][one])
    for turn in plan.turns:
        if turn.leaves:
            texts = [
                value if (value := held[place][one]).__class__ is str and as_it_is else write(value)
                for place, one, write, as_it_is in turn.leaves
            ]
            if not _is_plain("".join(texts)):
                texts = [_escaped(text) for text in texts]
            lines.append(turn.template % tuple(texts))
        else:
            is_whole = _children(turn, values, lines) and is_whole
    if len(lines) == at + 1:
        lines[at] = f"<{name}{attributes} />"
    else:
        lines.append(f"</{name}>")
    return is_whole


def _children(turn: _Turn, values: Mapping[str, Any], lines: list[str]) -> bool:
    if not turn.inner:  # an empty record
        lines.append(turn.template)
    kinds = [(one, _listed(values[one])) for one in turn.inner]
    if len(kinds) == 1:
        items = [(one, item) for one, held in kinds for item in held]
    else:
        items = [(one, item) for one, _, item in interleave(kinds)]
    is_whole = True
    for one, item in items:
        inner = turn.inner[one]
        if inner is None:
            lines.append(turn.template % _text(item, turn.type))
        else:
            is_whole = _record(one, item, inner, lines) and is_whole
    return is_whole


def _listed(value: Any) -> Any:
    return value if value.__class__ is list else [value]


def _attributes(values: Mapping[str, Any], record: RecordType) -> str:
    return "".join(
        f' {name}="{_attribute(value if isinstance(value, str) else _writer(field.type)[0](value))}"'
        for name, field in record.attributes.items()
        if (value := values.get(name)) is not None
    )


def _plan(values: Mapping[str, Any], record: RecordType) -> _Plan:
    """How a record is written. Most records of a type have values for the same fields: it is kept by their names."""
    kept: dict[Any, _Plan] = record.cache.setdefault("plans", {})
    names = _names(values)
    found = kept.get(names)
    if found is None:
        found = _Planning().plan(values, record)
        if len(kept) < _MOST_PLANS:
            kept[names] = found
    return found


def _names(values: Mapping[str, Any]) -> tuple[Any, ...]:
    """The names of fields, with those of the records that stand once within, and whether any has no value."""
    names: list[Any] = []
    _add_names(values, names)
    return tuple(names)


def _add_names(values: Mapping[str, Any], names: list[Any]) -> None:
    names.extend(values)
    for value in values.values():
        if value.__class__ is dict:
            names.append(1)
            _add_names(value, names)
            names.append(0)
        elif value is None:
            names.append(2)


class _Planning:
    """Makes one plan."""

    def __init__(self) -> None:
        self._within: list[tuple[int, str]] = []
        self._turns: list[_Turn] = []
        self._leaves: list[tuple[int, str, Callable[[Any], str], bool]] = []
        self._lines: list[str] = []
        self._is_whole = True

    def plan(self, values: Mapping[str, Any], record: RecordType) -> _Plan:
        """The plan for a record."""
        self._fields(values, record, 0)
        self._end_row()
        return _Plan(tuple(self._within), tuple(self._turns), self._is_whole)

    def _fields(self, values: Mapping[str, Any], record: RecordType, place: int) -> None:
        groups = {name: group for group in record.groups for name in group}
        for name, one in record.fields.items():
            if name not in values:
                self._is_whole = self._is_whole and not (
                    one.required and not one.repeats and _is_dispensable(record.name, name)
                )
                continue
            group = [member for member in groups.get(name, ()) if member in values]
            if not one.is_record and not one.repeats:
                self._leaves.append((place, name, *_writer(one.type)))
                self._lines.append(f"<{name}>%s</{name}>")
            elif one.is_record and not group and _is_simple(values[name], record.record(one)):
                self._nested(name, values[name], record.record(one), place)
            elif not group:
                inner = record.record(one) if one.is_record else None
                self._turn(_Turn((), f"<{name}>%s</{name}>", {name: inner}, one.type))
            elif group[0] == name:
                self._turn(_Turn((), "", {member: record.record(record.fields[member]) for member in group}))

    def _nested(self, name: str, values: Mapping[str, Any], record: RecordType, place: int) -> None:
        self._within.append((place, name))
        before = len(self._lines)
        self._lines.append(f"<{name}>")
        self._fields(values, record, len(self._within))
        if len(self._lines) == before + 1:
            self._lines[before] = f"<{name} />"
        else:
            self._lines.append(f"</{name}>")

    def _turn(self, turn: _Turn) -> None:
        self._end_row()
        self._turns.append(turn)

    def _end_row(self) -> None:
        if self._leaves:
            self._turns.append(_Turn(tuple(self._leaves), "\n".join(self._lines), {}))
        elif self._lines:
            self._turns.append(_Turn((), "\n".join(self._lines), {}))
        self._leaves, self._lines = [], []


@functools.cache
def _is_dispensable(record: str, name: str) -> bool:
    """Whether later versions do without a field: what has none of it can't be expressed in those that want it."""
    newest = Schema(NEWEST_VERSION, None)
    if record not in newest.records():
        return False
    field = newest.record(record).fields.get(name)
    return field is None or not field.required


def _is_simple(values: Any, record: RecordType) -> bool:
    """Whether a record can be written in a row with what stands around it: all in it stands once, and has a value."""
    if values.__class__ is not dict or record.attributes:
        return False
    for name, value in values.items():
        field = record.fields.get(name)
        if value is None or (field is not None and field.repeats):
            return False
        if field is not None and field.is_record and not _is_simple(value, record.record(field)):
            return False
    return True


# -- values: as they are in Python, or as the file keeps them in JSON ----------------------------------------------


@functools.cache
def _writer(type_name: str) -> tuple[Callable[[Any], str], bool]:
    """What writes a value of a type, be it Python's own or JSON's; and whether texts are written as they are."""
    special = {"AMTTYPE": _amount, "QUANTYPE": _quantity, "PRICETYPE": _price}.get(type_name)
    if special is not None:
        return special, False
    return WRITE.get(type_name, str), True


def _text(value: Any, type_name: str) -> str:
    """A value as the text of an element."""
    write, as_it_is = _writer(type_name)
    return _escaped(value if as_it_is and isinstance(value, str) else write(value))


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


def _is_plain(text: str) -> bool:
    """Whether a text can stand as it is: it is ASCII without control characters, and has none of XML's five."""
    # Quicker than an expression for what is special.
    return (
        text.isascii()
        and text.isprintable()
        and not ("&" in text or "<" in text or ">" in text or "'" in text or '"' in text)
    )


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
