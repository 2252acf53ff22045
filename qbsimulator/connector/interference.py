"""Where an update can be interfered with. Here nothing is; :mod:`qbsimulator.faults` does it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..errors import SimulatorError
from .service import Exchange
from .transport import HTTPAnswer

if TYPE_CHECKING:
    from .desk import Desk, Opened
    from .home import Application


class ConnectorDied(SimulatorError):
    """The Web Connector ended, as a process does that is killed: nothing more is said or tidied up."""

    def __init__(self) -> None:
        super().__init__("the Web Connector died")


class Interference:
    """The places in an update. Any of them may raise :class:`ConnectorDied`."""

    def beginning(self, desk: Desk, application: Application) -> None:
        """An update begins."""

    def link(self, method: str, exchange: Exchange) -> HTTPAnswer:
        """A call goes to the server. Raises :class:`~qbsimulator.connector.transport.TransportError`."""
        return exchange()

    def opening(self, attempt: int) -> None:
        """A company file is opened. Raises :class:`~qbsimulator.errors.QuickBooksError`, for each attempt anew."""

    def execute(self, opened: Opened, text: str) -> str:
        """A document of the server's is processed. Raises :class:`~qbsimulator.errors.QuickBooksError`."""
        return opened.process(text)
