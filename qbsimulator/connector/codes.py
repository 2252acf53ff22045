"""The numbers that the Web Connector reports its troubles under, ``QBWC1000`` and so on."""

from __future__ import annotations

import qbxml

from ..errors import SimulatorError

#: Which of them it is when a call raises an exception.
OF_CALLS: dict[str, int] = {
    "authenticate": 1012,
    "clientVersion": 1036,
    "sendRequestXML": 1041,
    "receiveResponseXML": 1042,
    "getLastError": 1043,
    "closeConnection": 1044,
    "connectionError": 1045,
    # The two are in nobody's table; it is from within getLastError that they are called.
    "getInteractiveURL": 1043,
    "interactiveRejected": 1043,
}


def meaning(code: int) -> str:
    """What a number says, without the full stop."""
    return str(qbxml.web_connector_code(code).meaning).rstrip(".")


def named(code: int) -> str:
    """``QBWC1012``."""
    return f"QBWC{code}"


class ConnectorError(SimulatorError):
    """The Web Connector can't do what was asked. ``code`` is ``QBWC1039`` and the like; ``""`` where it has none."""

    def __init__(self, code: int | None, message: str) -> None:
        self.code = "" if code is None else named(code)
        super().__init__(f"{self.code}: {meaning(code)}: {message}" if code is not None else message)
        self.message = message
