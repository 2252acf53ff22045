"""The QuickBooks Web Connector, simulated: it takes ``.qwc`` files and calls their servers as the real one does.

.. code-block:: python

    connector = WebConnector(transport=WSGITransport(endpoint), clock=VirtualTime())
    application = connector.add(qwc, company, password="reeds")
    update = connector.update(application)

It shares no code with the package ``soap``, so that two readings of the protocol meet.
"""

from __future__ import annotations

from .codes import ConnectorError
from .connecting import Link, Progress, connect
from .connector import WebConnector
from .desk import CompanyFile, CompanySession, Desk
from .habits import Habits
from .home import Application
from .interference import ConnectorDied, Interference
from .qwc import Qwc
from .records import Exchange, Outcome, Step, Update
from .times import RealTime, Time, VirtualTime
from .transport import HTTPAnswer, HTTPTransport, TimedOut, Transport, TransportError, WSGITransport

__all__ = [
    "Application",
    "CompanyFile",
    "CompanySession",
    "ConnectorDied",
    "ConnectorError",
    "Desk",
    "Exchange",
    "HTTPAnswer",
    "HTTPTransport",
    "Habits",
    "Interference",
    "Link",
    "Outcome",
    "Progress",
    "Qwc",
    "RealTime",
    "Step",
    "Time",
    "TimedOut",
    "Transport",
    "TransportError",
    "Update",
    "VirtualTime",
    "WSGITransport",
    "WebConnector",
    "connect",
]
