"""A class per request and per record a caller sends: ``CustomerQueryRq``, ``InvoiceAdd`` and so on.

.. code-block:: python

    from qbxml import requests as rq

    rq.CustomerAddRq(CustomerAdd=rq.CustomerAdd(Name="Ada", BillAddress=rq.BillAddress(City="London")))

Each is made from the schema when first used; :class:`~qbxml.typed.TypedRecord` says what they can do. ``requests.pyi``
describes them to editors and type checkers and is generated (``scripts/generate_stubs.py``).
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .typed import TypedRecord


def __getattr__(name: str) -> type[TypedRecord]:
    from .shapes import no_such, reachable
    from .typed import make_class

    known = reachable("Rq")
    if name not in known:
        hint = "only QuickBooks sends it, see qbxml.records" if name in reachable("Rs") else ""
        raise no_such(__name__, name, known, hint)
    # Two threads may come here at once: all get the class that was first.
    made: type[TypedRecord] = globals().setdefault(name, make_class(name))
    return made


def __dir__() -> list[str]:
    from .shapes import reachable

    return sorted(reachable("Rq"))
