"""QuickBooks' answers, from the service's JSON to the values that the codec gives: ``Decimal``, dates, records."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import qbxml
from qbxml.errors import QbxmlError
from qbxml.schema import RecordType, Schema
from qbxml.values import TEXT_TYPES

from .errors import IntegrationError, InternalError
from .operations import QuickBooksOperation

__all__ = ["content", "named", "records", "unwrapped"]


def content(request: str, body: Any) -> dict[str, Any]:
    """What is in the answer to a request (``InvoiceQueryRq``): its attributes and records, as the codec reads them.

    Raises :class:`~.errors.InternalError` where the body is no such answer.
    """
    response = f"{request.removesuffix('Rq')}Rs"
    found = body.get(response) if isinstance(body, Mapping) else None
    if not isinstance(found, Mapping):
        raise InternalError(f"The answer has no {response}.", code="INVALID_JSON_RESPONSE")
    schema = Schema()
    try:
        record = schema.record(response)
        values: dict[str, Any] = qbxml.from_plain(_own(found, record), name=response).content
    except QbxmlError as error:
        raise InternalError(f"{response} can't be read: {error}", code="INVALID_JSON_RESPONSE") from error
    return values


def named(request: str, body: Any) -> dict[str, Any]:
    """The answer by its name, ``{"InvoiceQueryRs": {...}}``, with the codec's values."""
    return {f"{request.removesuffix('Rq')}Rs": content(request, body)}


def _own(given: Mapping[str, Any], record: RecordType) -> dict[str, Any]:
    """Attributes under their own names, and texts as texts, which an older form of the answers has as numbers."""
    made: dict[str, Any] = {}
    for name, value in given.items():
        small = name[:1].lower() + name[1:]
        if name not in record.fields and small in record.attributes:
            name = small
        field = record.fields.get(name) or record.attributes.get(name)
        if field is None:
            made[name] = value
            continue
        inner = record.record(field) if field.is_record else None
        is_text = field.values is not None or field.type in TEXT_TYPES
        one_by_one = value if isinstance(value, list) else [value]
        shaped = [
            _own(one, inner)
            if inner is not None and isinstance(one, Mapping)
            else _text(one)
            if inner is None and is_text
            else one
            for one in one_by_one
        ]
        made[name] = shaped if isinstance(value, list) else shaped[0]
    return made


def _text(value: Any) -> Any:
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        return value
    return str(value) if isinstance(value, int) else format(value, "f")


# -- what a method returns ---------------------------------------------------------------------------------------


def records(operation: QuickBooksOperation, values: Mapping[str, Any]) -> list[Any]:
    """All records of an answer, one kind after the other."""
    found: list[Any] = []
    for kind in operation.kinds:
        one = values.get(kind)
        found += one if isinstance(one, list) else [] if one is None else [one]
    return found


def unwrapped(operation: QuickBooksOperation, values: Mapping[str, Any]) -> Any:
    """What the method of an operation returns.

    The records, where the answer has one kind of them alone: in a list for a query; else the one that was made or
    changed. Otherwise the fields of the answer in a dict. Raises :class:`~.errors.IntegrationError` where QuickBooks
    did what was asked, and the record is not there.
    """
    if not operation.unwraps:
        return {name: value for name, value in values.items() if name[:1].isupper()}
    found = records(operation, values)
    if operation.is_list:
        return found
    if not found:
        reason = f"{operation.request} was done, and there is no {operation.kinds[0]} in its answer."
        raise IntegrationError(reason, code="QBD_NO_RESPONSE")
    return found[0]
