"""The file that introduces an application to the Web Connector, read by the rules under which it is added."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from lxml import etree

from .codes import ConnectorError

_GUID = re.compile(r"\{[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}\}")
_FLAGS = re.compile(r"(0[xX])?[0-9A-Fa-f]{1,8}")

#: Must be there, and only the first may be empty.
_REQUIRED = (
    "AppID",
    "AppName",
    "AppURL",
    "AppDescription",
    "AppSupport",
    "UserName",
    "OwnerID",
    "FileID",
    "QBType",
)

_CHOICES: dict[str, tuple[str, ...]] = {
    "QBType": ("QBFS", "QBPOS"),
    "Style": ("Document", "DocWrapped", "RPC"),
    "UnattendedModePref": ("umpRequired", "umpOptional"),
    "PersonalDataPref": ("pdpNotNeeded", "pdpOptional", "pdpRequired"),
}


@dataclass(frozen=True, slots=True)
class Qwc:
    """What a ``.qwc`` file says."""

    app_name: str
    app_url: str
    app_support: str
    user_name: str
    #: GUIDs, in braces and as they are written.
    owner_id: str
    file_id: str
    #: Seconds between updates; ``None``: it says nothing of them.
    every: float | None
    #: The editions it may be used with: 1 Simple Start, 2 Pro, 4 Premier, 8 Enterprise; 0: all.
    auth_flags: int
    display_name: str
    unique_name: str
    cert_url: str
    #: ``pdpNotNeeded`` and so on; ``""`` where nothing is said.
    personal_data: str
    #: The file.
    text: str


def read(source: str | bytes | Path) -> Qwc:
    """Read a ``.qwc`` file: a path, or its text.

    Raises :class:`ConnectorError` for what would not be added, and ``OSError`` for a file that can't be read.
    """
    text = _text(source)
    values, every = _values(text)
    for name in _REQUIRED:
        if name not in values or (not values[name] and name != "AppID"):
            raise ConnectorError(1039, f"the element {name} is missing")
    for name, choices in _CHOICES.items():
        if values.get(name) and values[name] not in choices:
            raise ConnectorError(1039, f"{name} is {values[name]!r}, and none of {', '.join(choices)}")
    for name in ("OwnerID", "FileID"):
        if not _GUID.fullmatch(values[name]):
            raise ConnectorError(1039, f"{name} {values[name]!r} is no GUID in braces")
    _addresses(values["AppURL"], values["AppSupport"])
    if values.get("IsReadOnly", "").lower() == "true":
        # With read-only access the stamp and the lock can't be written: no permission.
        raise ConnectorError(1039, "IsReadOnly is true: status 3263, it may not write to the company file")
    if values["QBType"] == "QBPOS" or values.get("Style") == "RPC":
        raise ConnectorError(None, "QuickBooks POS and the style RPC are not simulated")
    return Qwc(
        app_name=values["AppName"],
        app_url=values["AppURL"],
        app_support=values["AppSupport"],
        user_name=values["UserName"],
        owner_id=values["OwnerID"],
        file_id=values["FileID"],
        every=every,
        auth_flags=_flags(values.get("AuthFlags", "")),
        display_name=values.get("AppDisplayName") or values["AppName"],
        unique_name=values.get("AppUniqueName", ""),
        cert_url=values.get("CertURL", ""),
        personal_data=values.get("PersonalDataPref", ""),
        text=text,
    )


def _text(source: str | bytes | Path) -> str:
    if isinstance(source, str) and not source.lstrip("\ufeff \t\r\n").startswith("<"):
        source = Path(source)
    try:
        data = source.read_bytes() if isinstance(source, Path) else source
        text = data if isinstance(data, str) else data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ConnectorError(1039, f"the file is not in UTF-8: {error}") from None
    return text.lstrip("\ufeff")


def _values(text: str) -> tuple[dict[str, str], float | None]:
    try:
        root = etree.fromstring(text.encode("utf-8"), etree.XMLParser(resolve_entities=False, encoding="utf-8"))
    except etree.XMLSyntaxError as error:
        raise ConnectorError(1039, f"the file is no XML: {error}") from None
    if root.tag != "QBWCXML":
        raise ConnectorError(1039, f"the file begins with {root.tag!r}, not with QBWCXML")
    values: dict[str, str] = {}
    for element in root.iterchildren("*"):
        values.setdefault(str(element.tag), "".join(str(one) for one in element.itertext()).strip())
    return values, _interval(root.find("Scheduler"))


def _interval(scheduler: etree._Element | None) -> float | None:
    """Seconds between updates. Of two elements the first one counts."""
    for element in () if scheduler is None else scheduler.iterchildren("RunEveryNMinutes", "RunEveryNSeconds"):
        said = (element.text or "").strip()
        if not said.isdecimal() or int(said) == 0:
            raise ConnectorError(1039, f"{element.tag!r} is {said!r}, which is no number above 0")
        return int(said) * (60.0 if element.tag == "RunEveryNMinutes" else 1.0)
    return None


def _flags(said: str) -> int:
    if not said:
        return 0
    if not _FLAGS.fullmatch(said):
        raise ConnectorError(1039, f"AuthFlags is {said!r}, which is no hexadecimal number")
    return int(said, 16)


def _addresses(url: str, support: str) -> None:
    for address, code in ((url, 1001), (support, 1002)):
        try:
            parts = urlsplit(address)
            good = parts.scheme in ("http", "https") and parts.hostname and (parts.port is None or parts.port)
        except ValueError:
            good = False
        if not good or not re.fullmatch(r"[!-~]+", address):
            raise ConnectorError(1039, f"{address!r} is no address of a page")
        if _is_ip(parts.hostname or ""):
            raise ConnectorError(code, address)
    if urlsplit(url).scheme != "https" and urlsplit(url).hostname != "localhost":
        raise ConnectorError(1010, url)
    if urlsplit(url).hostname != urlsplit(support).hostname:
        raise ConnectorError(1000, f"{url} and {support}")


def _is_ip(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True
