"""The shape of each record in an answer as a ``TypedDict``: ``CustomerRet``, its parts, ``CustomerQueryRs``.

.. code-block:: python

    from qbxml import records

    def shown(customer: records.CustomerRet) -> str:
        return f"{customer['FullName']}: {customer.get('Balance', 0)}"

What is always there in a full answer is a required key; the rest may be missing, and all may where the request asked
for part of a record (``IncludeRetElement``) or in a version that did not have it yet. Answers are not checked against
these shapes: they describe what :func:`qbxml.parse` gives for a document that fits the schema.

Each is made from the schema when first used. ``records.pyi`` describes them to editors and type checkers and is
generated (``scripts/generate_stubs.py``).
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from .schema import Field


def __getattr__(name: str) -> Any:
    from .shapes import no_such, reachable

    known = reachable("Rs")
    if name not in known:
        hint = "only callers send it, see qbxml.requests" if name in reachable("Rq") else ""
        raise no_such(__name__, name, known, hint)
    # Two threads may come here at once: all get the class that was first.
    return globals().setdefault(name, _make(name))


def __dir__() -> list[str]:
    from .shapes import reachable

    return sorted(reachable("Rs"))


def _make(name: str) -> Any:
    from types import GenericAlias
    from typing import NotRequired, TypedDict

    from .schema import AT
    from .shapes import fields_of, interleaving

    shape: dict[str, Any] = {}
    for field in fields_of(name).values():
        kind = _type(field)
        if field.repeats:
            kind = GenericAlias(list, kind)
        shape[field.name] = kind if field.required or field.always else NotRequired[kind]
    if name in interleaving():
        shape[AT] = NotRequired[int]
    # By a name that mypy does not know: it wants the fields of a TypedDict spelled out.
    make: Any = TypedDict
    made = make(name, shape)
    made.__module__ = __name__
    return made


def _type(field: Field) -> Any:
    """The Python type of one value of a field."""
    from datetime import date, datetime, timedelta
    from decimal import Decimal

    from .shapes import literal_name

    if field.is_record:
        return globals().get(field.name) or __getattr__(field.name)
    if field.enum:
        from . import literals

        return getattr(literals, literal_name(field.enum))
    return {
        "AMTTYPE": Decimal,
        "PRICETYPE": Decimal,
        "QUANTYPE": Decimal,
        "PERCENTTYPE": Decimal,
        "FLOATTYPE": Decimal,
        "INTTYPE": int,
        "BOOLTYPE": bool,
        "DATETYPE": date,
        "DATETIMETYPE": datetime | date,
        "TIMEINTERVALTYPE": timedelta,
    }.get(field.type, str)
