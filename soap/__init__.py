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

from . import qwc
from .conversation import Conversation
from .endpoint import Authenticator, Connection, Endpoint, single_user
from .errors import InvalidAccount, InvalidQwc, LostAnswer, NotARequest, OutOfOrder, RefusedSet, SoapError, UnknownEntry
from .queue import Claim, EntryState, Handler, MemoryQueue, RequestQueue, Result
from .transport import application, wsdl

__all__ = [
    "Authenticator",
    "Claim",
    "Connection",
    "Conversation",
    "Endpoint",
    "EntryState",
    "Handler",
    "InvalidAccount",
    "InvalidQwc",
    "LostAnswer",
    "MemoryQueue",
    "NotARequest",
    "OutOfOrder",
    "RefusedSet",
    "RequestQueue",
    "Result",
    "SoapError",
    "UnknownEntry",
    "application",
    "qwc",
    "single_user",
    "wsdl",
]
