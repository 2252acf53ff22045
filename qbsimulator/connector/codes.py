"""The numbers that the Web Connector reports its troubles under, ``QBWC1000`` and so on."""

from __future__ import annotations

from ..errors import SimulatorError

#: Those that this one reports. The words are ours.
CODES: dict[int, str] = {
    1000: "the hosts of AppURL and AppSupport differ",
    1001: "AppURL names its host by an IP address",
    1002: "AppSupport names its host by an IP address",
    1003: "AppSupport was answered with neither 200 nor 202",
    1004: "AppSupport could not be reached",
    1010: "AppURL is not https, and not on localhost",
    1011: "there is no such application",
    1012: "authenticate went wrong",
    1013: "there is no connection to QuickBooks, which the server is told",
    1014: "QuickBooks did not say what it is, which company is open and what is preferred",
    1015: "the session with QuickBooks was not closed as it should be",
    1025: "the company file could not be searched for a FileID",
    1027: "the FileID could not be written into the company file",
    1030: "no password is stored",
    1031: "a scheduled update ended with an error of which the server knows",
    1036: "clientVersion went wrong",
    1037: "the server answered clientVersion with an error or a warning",
    1039: "the application could not be added",
    1040: "the server knows no such user, or another password",
    1041: "sendRequestXML went wrong",
    1042: "receiveResponseXML went wrong",
    1043: "getLastError went wrong",
    1044: "closeConnection went wrong",
    1045: "connectionError went wrong",
    1046: "the answer to clientVersion has no form that is known",
    1048: "the certificate could not be verified",
}

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


def named(code: int) -> str:
    """``QBWC1012``."""
    return f"QBWC{code}"


class ConnectorError(SimulatorError):
    """The Web Connector can't do what was asked. ``code`` is ``QBWC1039`` and the like; ``""`` where it has none."""

    def __init__(self, code: int | None, message: str) -> None:
        self.code = "" if code is None else named(code)
        super().__init__(f"{self.code}: {CODES[code]}: {message}" if code is not None else message)
        self.message = message
