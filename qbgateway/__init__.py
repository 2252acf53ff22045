"""The gateway: the service that a product uses, from an API key to the invoices in a customer's QuickBooks.

.. code-block:: python

    settings = qbgateway.Settings("https://books.example.com")
    app = qbgateway.application("postgresql://gateway@localhost/gateway", settings)

It answers the REST API of the first Conductor clients under ``/v1``, and the Web Connectors of all end users under
``/qbwc``. ``python -m qbgateway serve`` serves it; the pages by which end users connect begin at ``/qbd``.
"""

from __future__ import annotations

from .application import Application, application
from .errors import GatewayError, Refused, Unusable
from .service import Gateway, Settings

__all__ = ["Application", "Gateway", "GatewayError", "Refused", "Settings", "Unusable", "application"]
