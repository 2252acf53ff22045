"""An endpoint for the QuickBooks Web Connector: a queue, and a WSGI application that hands out what waits.

.. code-block:: python

    queue = soap.MemoryQueue()
    app = soap.application(
        queue=queue,
        authenticator=soap.single_user("annie", os.environ["QBWC_PASSWORD"]),
        url="https://books.example.com/qbwc",
    )
    entry = queue.enqueue("annie", qbxml.requests.CustomerQueryRq(MaxReturned=10))
    result = queue.result(entry, timeout=600)
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from . import qwc
from .authentication import Account, Authenticator, Refusal, single_user
from .client_versions import ClientVersions
from .conversation import Conversation
from .endpoint import Endpoint, Options
from .errors import (
    IdempotencyConflict,
    InvalidAccount,
    InvalidQwc,
    NotARequest,
    NotUnknown,
    OutOfOrder,
    QueueFull,
    RequestFailed,
    SoapError,
    StoreUnusable,
    UnknownHandler,
    UnknownRequest,
)
from .queue import Event, HandlerRunner, Limits, MemoryQueue, RequestQueue, Result, State
from .transport import application, wsdl

if TYPE_CHECKING:
    from .queue import SQLQueue

__all__ = [
    "Account",
    "Authenticator",
    "ClientVersions",
    "Conversation",
    "Endpoint",
    "Event",
    "HandlerRunner",
    "IdempotencyConflict",
    "InvalidAccount",
    "InvalidQwc",
    "Limits",
    "MemoryQueue",
    "NotARequest",
    "NotUnknown",
    "Options",
    "OutOfOrder",
    "QueueFull",
    "Refusal",
    "RequestFailed",
    "RequestQueue",
    "Result",
    "SQLQueue",
    "SoapError",
    "State",
    "StoreUnusable",
    "UnknownHandler",
    "UnknownRequest",
    "application",
    "qwc",
    "single_user",
    "wsdl",
]


def __getattr__(name: str) -> Any:
    if name == "SQLQueue":  # its extra may not be installed
        from .queue import SQLQueue

        return SQLQueue
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
