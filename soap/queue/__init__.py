"""Where requests wait for the Web Connector, and their answers for whoever asked.

=============  ========================================================================================
``states``     what states a request can be in, and what leads from one to the next
``core``       :class:`RequestQueue`: what a product does with its requests
``delivery``   what a session of the Web Connector does with them: all rules about losing and repeating
``store``      what a store has to do; ``memory`` and ``sql`` are two of them
``intake``     from what a caller gives to rows
``results``    from rows to what a caller sees
``handlers``   calling the caller's functions with the results
=============  ========================================================================================
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .core import Chores, RequestQueue
from .delivery import Delivery, Errand, Handed, Limits, Refusal, Settled
from .entries import ConnectionRow, Entry, Event, SessionRow
from .handlers import Backoff, Handler, HandlerRunner, load_handlers
from .memory import MemoryQueue, MemoryStore
from .results import Result
from .signals import Signals
from .states import Happening, State
from .store import KeyTaken, Store, Transaction

if TYPE_CHECKING:
    from .sql import SQLQueue, SQLStore

__all__ = [
    "Backoff",
    "Chores",
    "ConnectionRow",
    "Delivery",
    "Entry",
    "Errand",
    "Event",
    "Handed",
    "Handler",
    "HandlerRunner",
    "Happening",
    "KeyTaken",
    "Limits",
    "MemoryQueue",
    "MemoryStore",
    "Refusal",
    "RequestQueue",
    "Result",
    "SQLQueue",
    "SQLStore",
    "SessionRow",
    "Settled",
    "Signals",
    "State",
    "Store",
    "Transaction",
    "load_handlers",
]


def __getattr__(name: str) -> Any:
    # SQLAlchemy is an extra, and takes its time to import.
    if name in ("SQLQueue", "SQLStore"):
        from . import sql

        return getattr(sql, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
