"""The client in Python: from an API key to typed invoices, over one connection to the service.

.. code-block:: python

    from qbgateway.client import Client

    with Client("sk_live_...", base_url="https://books.example.com") as client:
        for invoice in client.qbd.invoice.iterate(end_user_id, TxnDateRangeFilter={"FromTxnDate": "2024-01-01"}):
            print(invoice["RefNumber"], invoice["Subtotal"])

It needs httpx (the extra ``client``) and the codec. Everything public is a name of this package, loaded when first
used.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .clients import AsyncClient, Client
    from .errors import (
        ApiError,
        AuthenticationError,
        ClientError,
        ConnectionFailed,
        IntegrationConnectionError,
        IntegrationError,
        InternalError,
        InvalidRequestError,
        IteratorLost,
        NotConfigured,
        PermissionDeniedError,
        UnknownError,
    )
    from .objects import (
        AuthSession,
        ConnectionStatus,
        Deleted,
        EndUser,
        IntegrationConnection,
        Moment,
        Ping,
        QuickBooksRequest,
    )

__all__ = [
    "ApiError",
    "AsyncClient",
    "AuthSession",
    "AuthenticationError",
    "Client",
    "ClientError",
    "ConnectionFailed",
    "ConnectionStatus",
    "Deleted",
    "EndUser",
    "IntegrationConnection",
    "IntegrationConnectionError",
    "IntegrationError",
    "InternalError",
    "InvalidRequestError",
    "IteratorLost",
    "Moment",
    "NotConfigured",
    "PermissionDeniedError",
    "Ping",
    "QuickBooksRequest",
    "UnknownError",
]

_OBJECTS = frozenset(
    {
        "AuthSession",
        "ConnectionStatus",
        "Deleted",
        "EndUser",
        "IntegrationConnection",
        "Moment",
        "Ping",
        "QuickBooksRequest",
    }
)


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    home = "clients" if name in ("AsyncClient", "Client") else "objects" if name in _OBJECTS else "errors"
    found = getattr(import_module(f".{home}", __name__), name)
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
