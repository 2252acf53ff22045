"""Which qbXML version to speak with the QuickBooks at the other end.

QuickBooks says what it can do in two ways: ``sendRequestXML`` brings its highest version as two numbers, a
host query lists every version. A document in a version that it does not know is refused as a whole (HRESULT
0x80040423), so the version is chosen here before anything is built.
"""

from __future__ import annotations

import re

from .errors import QbxmlError
from .versions import VERSIONS, check

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

#: ``13.0`` or ``13``. What does not look so is another vocabulary, such as Canada's old CA3.0.
_VERSION = re.compile(r"([0-9]{1,4})(?:\.([0-9]{1,4}))?", re.ASCII)

#: Known versions as numbers, oldest first: as text, 10.0 would come before 2.0.
_KNOWN = tuple((int(major), int(minor)) for major, minor in (version.split(".") for version in VERSIONS))

#: The element of HostRet that lists versions.
_LISTED = "SupportedQBXMLVersion"


class VersionNotOffered(QbxmlError):
    """QuickBooks does not offer the version that was wanted, or none that is known here.

    ``offered`` is what was given, ``usable`` the known versions in it (oldest first), ``wanted`` what was
    asked for, or ``None`` for the newest.
    """

    advice = "Use a version that QuickBooks offers, or install a QuickBooks that offers the one you need."

    def __init__(self, reason: str, offered: object, usable: Iterable[str], wanted: str | None) -> None:
        self.reason = reason
        self.offered = offered
        self.usable = tuple(usable)
        self.wanted = wanted
        super().__init__(f"{reason}; {self.advice[0].lower()}{self.advice[1:]}")

    def __reduce__(self) -> Any:
        return type(self), (self.reason, self.offered, self.usable, self.wanted)


def negotiate(offered: str | tuple[int, int] | dict[str, Any] | Iterable[str], wanted: str | None = None) -> str:
    """Return the qbXML version to use: ``wanted``, or the newest that both sides know.

    ``offered`` is what QuickBooks said, in any of these forms:

    - ``(13, 0)``, the two numbers of ``sendRequestXML``, or ``"13.0"``: its highest version. It knows all
      older ones;
    - a HostRet record, or the strings of its SupportedQBXMLVersion: the versions listed, and no others.

    An offer above our newest version counts as our newest. Vocabularies of their own, such as ``"CA3.0"``,
    are passed over. Raises :class:`VersionNotOffered` if ``wanted`` is not offered or nothing usable is, and
    :class:`qbxml.errors.UnknownVersion` if there is no such version as ``wanted``.
    """
    if wanted is not None:
        check(wanted, None)
    if isinstance(offered, bytes):
        raise VersionNotOffered(f"{_why_nothing(offered)} (bytes are to be decoded first)", offered, (), wanted)
    if not isinstance(offered, str | tuple | dict):
        try:
            offered = list(offered)  # read once: it may be a generator, and an error has to show it
        except TypeError:
            raise VersionNotOffered(_why_nothing(offered), offered, (), wanted) from None
    usable = _usable(offered)
    if not usable:
        raise VersionNotOffered(_why_nothing(offered), offered, (), wanted)
    if wanted is None:
        return usable[-1]
    if wanted not in usable:
        reason = f"qbXML {wanted} is wanted, but QuickBooks offers {', '.join(usable)}"
        raise VersionNotOffered(reason, offered, usable, wanted)
    return wanted


def _usable(offered: object) -> list[str]:
    """Return the known versions that are offered, oldest first; none if nothing can be made of it."""
    highest = _highest(offered)
    if highest is not None:
        return [version for version, number in zip(VERSIONS, _KNOWN, strict=True) if number <= highest]
    listed = {min(number, _KNOWN[-1]) for number in map(_number, _texts(offered)) if number is not None}
    return [version for version, number in zip(VERSIONS, _KNOWN, strict=True) if number in listed]


def _highest(offered: object) -> tuple[int, int] | None:
    """Return the version up to which everything is offered, if ``offered`` names one and not a list."""
    if isinstance(offered, str):
        return _number(offered)
    if isinstance(offered, tuple | list) and len(offered) == 2:
        major, minor = offered
        if isinstance(major, int) and isinstance(minor, int):
            return major, minor
    return None


def _texts(offered: object) -> list[object]:
    """Return the members of a list of versions, given as such or within a HostRet."""
    if isinstance(offered, dict):
        offered = offered.get(_LISTED)
        if isinstance(offered, str):  # a list of one, as readers without a schema give it
            return [offered]
    return list(offered) if isinstance(offered, tuple | list) else []


def _number(version: object) -> tuple[int, int] | None:
    """Return ``"13.0"`` or ``"13"`` as two numbers, anything else as ``None``."""
    match = _VERSION.fullmatch(version.strip()) if isinstance(version, str) else None
    return (int(match[1]), int(match[2] or 0)) if match else None


def _why_nothing(offered: object) -> str:
    """Return the reason why ``offered`` holds no usable version."""
    if isinstance(offered, dict) and _LISTED not in offered:
        return f"the record has no {_LISTED}, so it is not a HostRet with the versions of QuickBooks"
    shown = repr(offered)
    if len(shown) > 100:
        shown = f"{shown[:97]}..."
    return f"no qbXML version from {VERSIONS[0]} to {VERSIONS[-1]} in what QuickBooks offers, {shown}"
