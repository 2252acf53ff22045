"""The elements of a ``.qwc`` file: their names, their types, and what a finding about one looks like."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from enum import IntFlag
from typing import Literal, get_args

#: ``QBFS`` is QuickBooks, ``QBPOS`` Point of Sale. (Not a country.)
QBType = Literal["QBFS", "QBPOS"]
#: The form of the SOAP messages. The Web Connector has a client of its own compiled in for each.
Style = Literal["Document", "DocWrapped", "RPC"]
#: Whether the application needs to run while QuickBooks is closed.
UnattendedMode = Literal["umpRequired", "umpOptional"]
#: Whether it needs what QuickBooks guards as personal (social security numbers, credit cards).
PersonalData = Literal["pdpNotNeeded", "pdpOptional", "pdpRequired"]

#: The longest ``.qwc`` file read, in bytes. Real ones have one or two thousand.
MAX_BYTES = 1 << 16
#: How deep its elements may nest. Known ones go to three.
MAX_DEPTH = 16
#: The longest ``AppDescription``, in characters: the Web Connector has one line for it.
MAX_DESCRIPTION = 80
#: The greatest interval, in either unit: more does not go into the 32 bits of a number of the Web Connector's.
MAX_INTERVAL = (1 << 31) - 1


class AuthFlags(IntFlag):
    """The products of QuickBooks that may be used; the flags add up. ``AuthFlags(0)`` is all of them, too."""

    SIMPLE_START = 0x1
    PRO = 0x2
    PREMIER = 0x4
    ENTERPRISE = 0x8
    ALL = 0xF


@dataclass(frozen=True, slots=True)
class Problem:
    """Something about a ``.qwc`` file. Only an ``"error"`` is refused by :meth:`QwcFile.build`.

    ``name`` is the element (``""``: the file as a whole), ``value`` its text and ``reason`` what is wrong with it.
    ``code`` is the number of the QBWC code that the Web Connector would have shown (1000 is QBWC1000; ``None``: none is
    known), and ``line`` where the element stands (from 1; ``None`` for values that are not in a file yet).
    """

    name: str
    value: str
    reason: str
    code: int | None = None
    line: int | None = None
    severity: Literal["error", "warning"] = "error"

    def __str__(self) -> str:
        shown = repr(self.value if len(self.value) <= 80 else self.value[:77] + "...")
        text = f"{self.name} {shown}: {self.reason}" if self.name else self.reason
        if self.code is not None:
            text += f" (QBWC{self.code})"
        return text if self.line is None else f"{text}, line {self.line}"


#: Element by element, in the order of writing, where its value stands; Scheduler has two and comes after QBType.
FIELDS = {
    "AppName": "app_name",
    "AppID": "app_id",
    "AppURL": "url",
    "AppDescription": "description",
    "AppSupport": "support_url",
    "UserName": "username",
    "OwnerID": "owner_id",
    "FileID": "file_id",
    "QBType": "qb_type",
    "Style": "style",
    "AuthFlags": "auth_flags",
    "IsReadOnly": "is_read_only",
    "UnattendedModePref": "unattended_mode",
    "PersonalDataPref": "personal_data",
    "Notify": "notify",
    "AppDisplayName": "display_name",
    "AppUniqueName": "unique_name",
    "CertURL": "certificate_url",
}
INTERVALS = {"RunEveryNMinutes": "run_every_n_minutes", "RunEveryNSeconds": "run_every_n_seconds"}
REQUIRED = tuple(FIELDS)[:9]
#: The order in which problems are told.
ORDER = (*REQUIRED, *INTERVALS, "Scheduler", *tuple(FIELDS)[9:])
#: Those that must not be empty: AppID may be.
FILLED = frozenset(REQUIRED) - {"AppID"}
LINES = ("AppName", "AppID", "AppDescription", "UserName", "AppDisplayName", "AppUniqueName")
GUIDS = ("OwnerID", "FileID")
CHOICES: dict[str, tuple[str, ...]] = {
    "QBType": get_args(QBType),
    "Style": get_args(Style),
    "UnattendedModePref": get_args(UnattendedMode),
    "PersonalDataPref": get_args(PersonalData),
}
FLAGS = ("IsReadOnly", "Notify")


def text_of(name: str, value: object) -> str:
    """A value as the text of the element ``name``, right or wrong."""
    if isinstance(value, uuid.UUID):
        return f"{{{str(value).upper()}}}"
    if isinstance(value, bool):
        return "true" if value else "false"
    if name == "AuthFlags" and isinstance(value, int):
        return f"0x{int(value):X}"
    return str(value)
