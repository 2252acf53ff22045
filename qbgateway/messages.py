"""Requests and answers in the first API's JSON: near to qbXML's names, and to the types that its clients know.

In: one request by its qbXML name, its members in any order; a member that repeats as an array or as one value; numbers
where QuickBooks wants a text. Out: ``{"CustomerQueryRs": {"CustomerRet": [...]}}``:

- of a query each kind of record is an array, also with one record in it or none; of all else as the schema says;
- a member that may repeat is an array always;
- an attribute is a member with a capital: ``RowNumber``, ``IteratorID``. What the answer says of itself (statusCode and
  the like) is left to the HTTP status and headers;
- an answer without a record (``TxnDelRs``) has its fields beside its name as well, for some clients look there;
- what QuickBooks left out is left out.

Numbers are written in one of two ways. ``schema``: amounts, prices and percentages as text with all their digits,
quantities and whole numbers as numbers. ``inferred``: whatever looks like a plain number is one, as it was when the API
began; digits get lost by that.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

import qbxml
from qbxml.errors import ParseError, QbxmlError
from qbxml.jsonform import to_plain
from qbxml.model import MAIN_SET, MessageResponse
from qbxml.schema import AT, RecordType, Schema
from qbxml.values import TEXT_TYPES

from .errors import Refused
from .service.outcomes import BY_NAME
from .service.records import Numbers

#: What ``schema`` writes as numbers; whole numbers and truth values are ones already.
_NUMBERS = frozenset({"QUANTYPE", "FLOATTYPE"})
#: What an answer says of itself.
_STATUS = frozenset({"requestID", "statusCode", "statusSeverity", "statusMessage"})
_ITERATOR_ID, _REMAINING = "IteratorID", "IteratorRemainingCount"

_PLAIN = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?")
#: The largest whole number that every reader of JSON has exactly.
_EXACT = 2**53
#: Digits of a number in a body, written out, before its point or behind it. No field holds a thousandth of them.
_LONGEST_NUMBER = 4000


# -- in ----------------------------------------------------------------------------------------------------------


def load(text: bytes) -> Any:
    """What a body says; numbers keep their digits. Raises :class:`~qbgateway.errors.Refused`."""
    try:
        return json.loads(text, parse_float=_decimal, parse_constant=_no_constant, object_pairs_hook=_once)
    except (ValueError, RecursionError, ArithmeticError) as error:
        raise Refused("PARAMETERS_INVALID", f"The body is no JSON: {error}.") from None


def _decimal(text: str) -> Decimal:
    """A number with its digits: so few that it can be written out, for ``1e999999999`` has a thousand million."""
    made = Decimal(text)
    if made.adjusted() > _LONGEST_NUMBER or len(made.as_tuple().digits) - made.adjusted() > _LONGEST_NUMBER:
        raise ValueError("a number has too many digits")
    return made


def _no_constant(text: str) -> Any:
    raise ValueError(f"{text} is no number")


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a name stands twice in one object")
    return found


def request(body: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
    """The name and content of the one request in a body, as :func:`qbxml.build` takes them.

    ``IteratorID`` beside it asks for the next page of an earlier answer. Raises :class:`~qbgateway.errors.Refused`;
    what a request of that name may have in it is not looked at.
    """
    iterator = body.get(_ITERATOR_ID)
    names = [name for name in body if name != _ITERATOR_ID]
    if len(names) != 1 or not names[0].endswith("Rq"):
        shown = ", ".join(names)[:200] or "nothing"
        wanted = 'The body must be one request, such as {"CustomerQueryRq": {}}'
        raise Refused("PARAMETERS_INVALID", f"{wanted}; it has {shown}.")
    (name,) = names
    content = body[name]
    if content is None or content == "":
        content = {}
    if not isinstance(content, Mapping):
        raise Refused("PARAMETERS_INVALID", f"{name} must be an object.")
    try:
        schema = Schema()
        found = schema.message(name)
        if found.message_set != MAIN_SET:
            raise Refused("PARAMETERS_INVALID", f"{name} is none of the requests that a company file takes.")
        record = schema.record(found.request)
        values = qbxml.from_json(_normal(content, record), name=name).content
    except QbxmlError as error:
        raise Refused("PARAMETERS_INVALID", str(error)) from None
    except RecursionError:
        raise Refused("PARAMETERS_INVALID", f"{name} is nested too deeply.") from None
    return name, _paged(record, dict(values), iterator)


def _paged(record: RecordType, content: dict[str, Any], iterator: Any) -> dict[str, Any]:
    """With the attributes of an iterator, where a page is asked for: by ``MaxReturned``, or the next by its id."""
    if iterator is not None:
        iterator = _text(iterator)  # who has numbers inferred may have got it as one
        if not isinstance(iterator, str) or "iterator" not in record.attributes:
            raise Refused("PARAMETERS_INVALID", f"{record.element} has no pages, or IteratorID is no text.")
        return {**content, "iterator": "Continue", "iteratorID": iterator}
    begins = "iterator" in record.attributes and "iterator" not in content and "MaxReturned" in content
    # QuickBooks has no pages for what is asked for by its name.
    if begins and BY_NAME.isdisjoint(content):
        return {**content, "iterator": "Start"}
    return content


def _normal(content: Mapping[str, Any], record: RecordType) -> dict[str, Any]:
    """Attributes under their own names, texts as texts, and arrays where there may be several."""
    found: dict[str, Any] = {}
    for name, value in content.items():
        name = _own_name(name, record)
        if name in found:
            raise ParseError(f"{record.element} has {name} twice, with a capital and without")
        field = record.fields.get(name) or record.attributes.get(name)
        if field is None:
            found[name] = value
            continue
        inner = record.record(field) if field.is_record else None
        is_text = field.values is not None or field.type in TEXT_TYPES
        values = value if isinstance(value, list) else [value]
        made = [
            _normal(one, inner)
            if inner is not None and isinstance(one, Mapping)
            else _text(one)
            if inner is None and is_text
            else one
            for one in values
        ]
        found[name] = made if isinstance(value, list) or field.repeats else made[0]
    return found


def _own_name(name: str, record: RecordType) -> str:
    """An attribute's own name, where it was written with a capital."""
    if name in record.fields or name in record.attributes:
        return name
    small = name[:1].lower() + name[1:]
    return small if small in record.attributes else name


def _text(value: Any) -> Any:
    """A number as the text that it was meant to be: of an EditSequence, say."""
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        return value
    return str(value) if isinstance(value, int) else format(value, "f")


# -- out ---------------------------------------------------------------------------------------------------------


def answer(name: str, message: MessageResponse | None, numbers: Numbers) -> dict[str, Any]:
    """The body of the answer to a request of that name; without a ``message`` there is nothing in it."""
    response = f"{name.removesuffix('Rq')}Rs"
    if message is None:
        return {response: {}}
    content = to_plain(message)[message.name]
    schema = Schema()
    if message.name.removesuffix("Rs") not in schema.messages:
        return {response: content}
    record = schema.record(message.name)
    shown = {key: one for key, one in content.items() if key not in _STATUS}
    made: dict[str, Any] = _record(shown, record, numbers)
    kinds = [field.name for field in record.fields.values() if field.is_record and field.name != "ErrorRecovery"]
    if _is_query(message.name):
        for kind in kinds:
            found = made.setdefault(kind, [])
            if not isinstance(found, list):
                made[kind] = [found]
    if not made.get(_REMAINING):
        # All of it is there: an id would only ask for pages that there are not.
        made = {key: one for key, one in made.items() if key not in (_ITERATOR_ID, _REMAINING)}
    beside = dict(made) if not kinds else {key: made[key] for key in (_ITERATOR_ID, _REMAINING) if key in made}
    return {response: made, **beside}


def _is_query(name: str) -> bool:
    return name.endswith("QueryRs") and not name.endswith("ReportQueryRs")


def _record(content: dict[str, Any], record: RecordType, numbers: Numbers) -> dict[str, Any]:
    writers: dict[str, tuple[str, Callable[[Any], Any]]] = record.cache.setdefault(f"v1 {numbers}", {})
    made = {}
    for name, value in content.items():
        if name == AT and "rowNumber" in record.attributes:
            continue  # the row's own number says it
        if name not in writers:
            writers[name] = _writer(name, record, numbers)
        shown, write = writers[name]
        made[shown] = [write(one) for one in value] if isinstance(value, list) else write(value)
    return made


def _writer(name: str, record: RecordType, numbers: Numbers) -> tuple[str, Callable[[Any], Any]]:
    """The name that a member is shown under, and the function that makes its value."""
    attribute = record.attributes.get(name)
    field = record.fields.get(name) or attribute
    shown = name[:1].upper() + name[1:] if attribute is not None else name
    if field is not None and field.is_record:
        inner = record.record(field)
        return shown, lambda value: _record(value, inner, numbers) if isinstance(value, dict) else value
    if numbers == "inferred":
        return shown, _inferred
    if field is not None and field.type in _NUMBERS:
        return shown, _number
    return shown, _same


def _same(value: Any) -> Any:
    return value


def _inferred(value: Any) -> Any:
    return _number(value) if isinstance(value, str) and _PLAIN.fullmatch(value) else value


def _number(value: Any) -> Any:
    """A number's text as a number, where JSON's readers have it exactly; else the text."""
    if not isinstance(value, str):
        return value
    try:
        exact = Decimal(value)
    except ArithmeticError:
        return value
    if not exact.is_finite():
        return value
    if exact == exact.to_integral_value():
        return int(exact) if abs(exact) <= _EXACT else value
    near = float(exact)
    return near if Decimal(repr(near)) == exact else value
