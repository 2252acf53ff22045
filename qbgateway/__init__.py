"""The gateway: the service that a product uses, from an API key to the invoices in a customer's QuickBooks.

.. code-block:: python

    settings = qbgateway.Settings("https://books.example.com")
    app = qbgateway.application("postgresql://gateway@localhost/gateway", settings)

It answers the REST API of the first Conductor clients under ``/v1``, and the Web Connectors of all end users under
``/qbwc``. ``python -m qbgateway serve`` serves it; the pages by which end users connect begin at ``/qbd``.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from .errors import GatewayError, Refused, Unusable

if TYPE_CHECKING:
    from .service import Gateway, Settings
    from .wsgi import Application, application

__all__ = ["Application", "Gateway", "GatewayError", "Refused", "Settings", "Unusable", "application"]

#: Loaded when they are first asked for: a server lets gevent take the place of threads before.
_LATER = {
    "Application": ".wsgi",
    "application": ".wsgi",
    "Gateway": ".service",
    "Settings": ".service",
}


def __getattr__(name: str) -> Any:
    if name in _LATER:
        return getattr(import_module(_LATER[name], __name__), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
