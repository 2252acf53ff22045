"""Samples: valid content for any message or record, the same each time."""

from __future__ import annotations

from ..errors import UnknownName
from ..schema import Schema
from ..versions import NEWEST_VERSION
from .generation import FULL, SPARSE, Generator, seeded
from .values import holds_text, values

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from ..schema import Field, RecordType

#: What QuickBooks says about a request that went well.
_ANSWERS: dict[str, Any] = {
    "requestID": "1",
    "statusCode": 0,
    "statusSeverity": "Info",
    "statusMessage": "Status OK",
}


class _Plain(Generator):
    """Takes the plainest value everywhere, so that a sample reads well; texts are named for their element."""

    def value(self, field: Field) -> Any:
        if field.is_attribute and field.name in _ANSWERS:
            return _ANSWERS[field.name]
        if holds_text(field):
            return field.name if field.limit is None else field.name[: field.limit]
        return values(field)[0]


def sample(
    name: str, version: str = NEWEST_VERSION, edition: str | None = None, *, full: bool = True, seed: int = 0
) -> dict[str, Any]:
    """Valid content of a request, a response or any record (``CustomerAddRq``, ``InvoiceQueryRs``, ``BillAddress``).

    ``full`` has everything that may be there, each once, and of alternatives one; else there is only what must be.
    The same arguments always give the same content. Another ``seed`` takes other alternatives; except for 0 it takes
    other values, too, the odd ones included. ``{name: sample(name)}`` is what :func:`qbxml.build` takes, and
    ``Response([{name: sample(name)}])`` what it takes for an answer.

    Raises :class:`~qbxml.errors.UnknownName` where the version and edition have no such message or record, and
    :class:`~qbxml.errors.UnknownVersion` or :class:`~qbxml.errors.UnknownEdition`.
    """
    schema = Schema(version, edition)
    record = _record(schema, name)
    kind, pick = (Generator, seeded((name, seed))) if seed else (_Plain, lambda _: 0)
    generator = kind(schema, pick, density=FULL if full else SPARSE, size=1 << 30, macros=False)
    return generator.content(record)


def _record(schema: Schema, name: str) -> RecordType:
    if name[-2:] in ("Rq", "Rs") and not name.endswith(("MsgsRq", "MsgsRs")):
        schema.message(name)  # for its errors: they say which versions and editions have it
        return schema.record(name)
    record = schema.record(name)
    if name not in schema.records():
        raise UnknownName(name, f"record of qbXML {schema.version} ({schema.edition or 'all editions'})")
    return record
