"""For tests of what is built on ``soap``: a contract for stores, and models of the two programs at the other end.

:class:`QueueConformance` is a class of tests that any store of a queue has to pass; it needs pytest.
:class:`ModelQuickBooks` and :class:`ModelConnector` stand in for QuickBooks and the Web Connector, with everything that
can go wrong between them and an endpoint. :mod:`soap.testing.campaign` runs thousands of such mishaps and counts.

.. code-block:: python

    class TestMyQueue(QueueConformance):
        def make_queue(self, clock):
            return RequestQueue(MyStore(clock))
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .conformance import QueueConformance as QueueConformance
    from .connector import Mishap as Mishap
    from .connector import ModelConnector as ModelConnector
    from .connector import Plan as Plan
    from .connector import SeededPlan as SeededPlan
    from .quickbooks import Crash as Crash
    from .quickbooks import Executed as Executed
    from .quickbooks import ModelQuickBooks as ModelQuickBooks
    from .rows import Clock as Clock

_HOME = {
    "Clock": "rows",
    "Crash": "quickbooks",
    "Executed": "quickbooks",
    "Mishap": "connector",
    "ModelConnector": "connector",
    "ModelQuickBooks": "quickbooks",
    "Plan": "connector",
    "QueueConformance": "conformance",
    "SeededPlan": "connector",
}

__all__ = sorted(_HOME)


def __getattr__(name: str) -> object:
    from importlib import import_module

    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    if _HOME[name] == "conformance":
        import sys

        import pytest

        # So that an assert that fails says what the values were. Too late for what is loaded already.
        modules = (f"{__name__}.conformance", f"{__name__}.store_conformance")
        pytest.register_assert_rewrite(*(one for one in modules if one not in sys.modules))
    found = getattr(import_module(f".{_HOME[name]}", __name__), name)
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
