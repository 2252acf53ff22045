"""What QuickBooks takes at all, and what it makes of values.

A document whose *structure* does not fit the schema of its version is refused as a whole: names, order, numbers,
choices, attributes. A *value* that does not fit is a status of its own request, and the others run.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import qbxml
from qbxml.errors import QbxmlError
from qbxml.model import MAIN_SET, MessageRequest, Request
from qbxml.problems import Problem
from qbxml.schema import RecordType, Schema

from .errors import UNREADABLE, RequestError, parse_error, rollback_error, version_error
from .settings import known_versions

#: Problems of a value; all others are of the structure.
_OF_VALUES = frozenset({"value", "enum", "length"})

#: What a reference to an element of a list consists of.
_REFERENCE = {"ListID": None, "FullName": None}.keys()

#: Types whose values may be of the right form and no time at all.
_TIMES = frozenset({"DATETYPE", "DATETIMETYPE"})

_VERSION = re.compile(rb"<\?qbxml\s+version\s*=\s*[\"']([^\"']*)[\"']\s*\?>")
_STEP = re.compile(r"([^.\[\]]+)(?:\[(\d+)\])?")


@dataclass(frozen=True, slots=True)
class Accepted:
    """A document that QuickBooks works on."""

    request: Request
    schema: Schema
    #: The first status of each request whose values can't be taken, by its place.
    refused: dict[int, RequestError]


def accept(data: bytes, newest: str, country: str) -> Accepted:
    """Take a document, or raise the :class:`~qbsimulator.errors.QuickBooksError` that QuickBooks gives.

    ``newest`` is the newest qbXML version that this QuickBooks knows.
    """
    named = _VERSION.search(data)
    try:
        request = qbxml.parse_request(data, report=lambda problem: None)
    except QbxmlError:
        raise parse_error() from None
    if named is None:
        raise parse_error()
    version = named[1].decode("ascii", "replace")
    if version not in known_versions(country, newest):
        raise version_error()
    # What belongs to another country only is in the structure; it is judged request by request.
    problems = qbxml.validate(data, version, None)
    # Attributes are part of the structure, with their values.
    if any(problem.kind not in _OF_VALUES or "@" in problem.path for problem in problems):
        raise parse_error()
    if any(attributes.get("onError") == "rollbackOnError" for attributes in request.sets.values()):
        raise rollback_error()
    if set(request.sets) - {MAIN_SET}:  # events have another call, and there is nothing to sign on to
        raise parse_error()
    schema = Schema(version, country)
    return Accepted(request, schema, _refused(request, Schema(version, None), problems))


def _refused(request: Request, schema: Schema, problems: Iterable[Problem]) -> dict[int, RequestError]:
    """The first problem of each request as a status."""
    found: dict[int, RequestError] = {}
    messages = list(request)
    for problem in problems:
        steps = _STEP.findall(problem.path)
        place = int(steps[0][1]) if steps and steps[0][1] else 0
        if place < len(messages) and messages[place].name == steps[0][0]:
            found.setdefault(place, _status(problem, [name for name, _ in steps[1:]], messages[place], schema))
    return found


def _status(problem: Problem, steps: list[str], message: MessageRequest, schema: Schema) -> RequestError:
    record: RecordType = schema.record(message.name)
    field = None
    for name in steps:
        field = record.fields.get(name) or record.attributes.get(name.lstrip("@"))
        if field is not None and field.is_record:
            record = record.record(field)
    name = steps[-1] if steps else message.name
    values = {"value": problem.given, "field": name}
    if problem.kind == "enum":
        return RequestError(3110, **values)
    if problem.kind == "length":
        return RequestError(3070, **values, detail=field.limit if field is not None else "")
    return RequestError(UNREADABLE.get(field.type if field is not None else "", 3080), **values)


def _time(name: str, value: Any) -> Any:
    """A date, or date and time, that the codec left as text: an hour alone is one, a day of no calendar is not."""
    if not isinstance(value, str):
        return value
    try:
        return datetime.strptime(value, "%Y-%m-%dT%H")
    except ValueError:
        raise RequestError(3020, value=value, field=name) from None


def foreign(
    content: Mapping[str, Any], record: RecordType, own: RecordType
) -> tuple[RequestError | None, dict[str, Any]]:
    """The warning for the first thing that only another country's QuickBooks has, and the content without such things.

    ``record`` is the record as all editions together have it, ``own`` as this one has it. A field that this one lacks
    is 530, a value of an enumeration 531. Raises :class:`~qbsimulator.errors.RequestError` for a reference that has to
    be given, and is to nothing, and for a day that no calendar has.
    """
    first: RequestError | None = None
    kept: dict[str, Any] = {}
    for name, value in content.items():
        field = record.fields.get(name)
        if field is None:
            kept[name] = value
            continue
        if field.type in _TIMES:
            value = [_time(name, one) for one in value] if isinstance(value, list) else _time(name, value)
        mine = own.fields.get(name)
        if mine is None:
            first = first or RequestError(530, field=name)
            continue
        if field.is_record:
            inner, owned = record.record(field), own.record(mine)
            if mine.required and not mine.repeats and inner.fields.keys() == _REFERENCE and not any(value.values()):
                raise RequestError(3150, field=name)
            many = value if isinstance(value, list) else [value]
            found = [foreign(one, inner, owned) if isinstance(one, dict) else (None, one) for one in many]
            first = first or next((one for one, _ in found if one is not None), None)
            value = [one for _, one in found] if isinstance(value, list) else found[0][1]
        elif mine.values != field.values and mine.values is not None:
            many = value if isinstance(value, list) else [value]
            unknown = [one for one in many if one not in mine.values]
            if unknown:
                first = first or RequestError(531, field=name, value=unknown[0])
                value = [one for one in many if one in mine.values]
                if not value or not field.repeats:
                    continue
        kept[name] = value
    return first, kept
