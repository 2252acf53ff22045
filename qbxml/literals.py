"""The enumerations of qbXML as ``Literal`` types: ``AccountType``, ``ActiveStatus`` …, for annotations of your own.

Each is made from the schema when first used and has the values of every version. ``literals.pyi`` describes them to
editors and type checkers and is generated (``scripts/generate_stubs.py``).
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def __getattr__(name: str) -> Any:
    from .shapes import enumerated, enumerations, no_such

    known = enumerations()
    if name not in known:
        raise no_such(__name__, name, known)
    from typing import Literal

    return globals().setdefault(name, Literal[enumerated(known[name])])


def __dir__() -> list[str]:
    from .shapes import enumerations

    return sorted(enumerations())
