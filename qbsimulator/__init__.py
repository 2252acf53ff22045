"""QuickBooks Desktop, simulated: a company file that answers qbXML as QuickBooks does, without Windows.

.. code-block:: python

    with qbsimulator.Company.create("books.company") as company:
        answer = company.process(qbxml.build(qbxml.requests.CustomerQueryRq(MaxReturned=10)))
"""

from __future__ import annotations

from .company import Company, Session
from .connector import HTTPTransport, VirtualTime, WebConnector, WSGITransport
from .errors import QuickBooksError, SimulatorError, UnknownSetting, UnusableFile
from .faults import Faults
from .settings import Settings

__all__ = [
    "Company",
    "Faults",
    "HTTPTransport",
    "QuickBooksError",
    "Session",
    "Settings",
    "SimulatorError",
    "UnknownSetting",
    "UnusableFile",
    "VirtualTime",
    "WSGITransport",
    "WebConnector",
]
