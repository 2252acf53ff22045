"""What goes wrong in QuickBooks, in QuickBooks' own terms.

A :class:`QuickBooksError` is the call that fails as a whole: an HRESULT and no answer. A :class:`RequestError` is one
request of a good document that was refused: a status in the answer, which never leaves this package.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import qbxml


class SimulatorError(Exception):
    """Base of everything that this package raises on purpose."""


class UnusableFile(SimulatorError):
    """A file is no company file of this simulator, is there already, or can't be opened."""

    def __init__(self, path: str, reason: str) -> None:
        super().__init__(f"{path}: {reason}")
        self.path, self.reason = path, reason


class UnknownSetting(SimulatorError):
    """There is no such setting, or it can't have that value."""

    def __init__(self, name: str, reason: str) -> None:
        super().__init__(f"setting {name!r}: {reason}")
        self.name, self.reason = name, reason


class QuickBooksError(SimulatorError):
    """QuickBooks could not process a document: nothing of it was done. ``hresult`` is text such as ``0x80040400``."""

    def __init__(self, hresult: str, message: str) -> None:
        super().__init__(f"{hresult} {message}")
        self.hresult, self.message = hresult, message


def parse_error() -> QuickBooksError:
    """The document is no qbXML of its version; nothing of it was run."""
    return QuickBooksError("0x80040400", "QuickBooks found an error when parsing the provided XML text stream.")


def version_error() -> QuickBooksError:
    """The document names a qbXML version that this QuickBooks does not know."""
    text = "The version of QBXML that was requested is not supported or is unknown."
    return QuickBooksError("0x80040423", text)


def rollback_error() -> QuickBooksError:
    """The document wants ``rollbackOnError``, which the schema has and QuickBooks refuses."""
    return QuickBooksError("0x80040413", "The rollbackOnError attribute is not supported.")


#: The status for a value that can't be read as its type.
UNREADABLE = {
    "BOOLTYPE": 3010,
    "DATETYPE": 3020,
    "DATETIMETYPE": 3020,
    "TIMEINTERVALTYPE": 3035,
    "AMTTYPE": 3040,
    "PRICETYPE": 3045,
    "PERCENTTYPE": 3050,
    "QUANTYPE": 3060,
    "GUIDTYPE": 3065,
    "IDTYPE": 3000,
    "INTTYPE": 3085,
    "FLOATTYPE": 3085,
}

#: The inner error of a reference to nothing. Two blanks within it.
NO_SUCH_RECORD = "Invalid argument.  The specified record does not exist in the list."

#: Words for statuses of which no message was recorded; ours, in QuickBooks' manner.
_UNRECORDED: dict[int, str] = {
    3065: 'There was an error when converting the GUID value "{value}" in the field "{field}"',
    3070: 'The string "{value}" in the field "{field}" is too long.  The maximum length is {detail}.',
    3080: 'There was an error when converting the string "{value}" in the field "{field}"',
    3085: 'There was an error when converting the number "{value}" in the field "{field}"',
    3090: 'There was an error when storing "{value}" in the "{field}" field.',
    3160: 'The object specified by the id = "{value}" cannot be deleted.  QuickBooks error message: {detail}',
    3351: "A public custom field can only be assigned to customers, vendors, employees and items.",
    3500: "The list elements could not be merged.  QuickBooks error message: {detail}",
    9101: 'The macro "{value}" is not defined.',
    9102: 'The macro "{value}" is already defined.',
    9103: 'The macro "{value}" stands for nothing: the request that defines it failed.',
    9104: 'The macro name "{value}" is invalid.',
    3161: "An attempt was made to delete a {name} with a date that is on or before the closing date {detail}",
    3280: 'The item "{value}" is of a kind that can\'t stand in the field "{field}".',
    3390: "The iterator cannot be used so: {detail}",
}


class RequestError(Exception):
    """The status of one request. ``record`` goes with a stale EditSequence: the current record."""

    def __init__(self, code: int, *, record: Mapping[str, Any] | None = None, **values: Any) -> None:
        self.code = code
        self.message = words(code, **values)
        self.record = record
        super().__init__(f"{code} {self.message}")


def words(code: int, **values: Any) -> str:
    """What QuickBooks says with a status: the message as it was recorded, where it was."""
    pattern = qbxml.status(code).pattern or _UNRECORDED[code]
    return pattern.format_map(values)


def severity(code: int) -> str:
    """``Info``, ``Warn`` or ``Error``, as it is spelled on the wire."""
    return str(qbxml.status(code).severity)
