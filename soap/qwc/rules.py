"""What the Web Connector would refuse in a ``.qwc`` file, and what is unwise in one.

Each rule stands here once, with its reason and the QBWC code that breaking it brings up, if one is known. They are
those of the Web Connector's guide; where only its users found one out, the rule says so.
"""

from __future__ import annotations

import re
import uuid
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from qbxml import document
from qbxml.characters import FORBIDDEN
from qbxml.errors import ParseError

from .elements import (
    CHOICES,
    FIELDS,
    FILLED,
    FLAGS,
    GUIDS,
    INTERVALS,
    LINES,
    MAX_BYTES,
    MAX_DEPTH,
    MAX_DESCRIPTION,
    MAX_INTERVAL,
    ORDER,
    REQUIRED,
    AuthFlags,
    Problem,
    text_of,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from . import QwcFile

_LINE_END = re.compile("[\n\r\x85\u2028\u2029]")
_NOT_IN_ADDRESS = re.compile(r"""[^!-~]|["<>\\^`{|}]|%(?![0-9A-Fa-f]{2})""")
_USER = re.compile(r"//[^/?#]*@")
_HOST = re.compile(r"(?!-)[a-z0-9_-]{1,63}(?<!-)(\.(?!-)[a-z0-9_-]{1,63}(?<!-))*\.?", re.I)
#: A host whose last part is a number is taken for an IPv4 address, in all its forms: 127.1, 0x7f.1, 2130706433.
_NUMERIC = re.compile(r"(.*\.)?([0-9]+|0x[0-9a-f]*)\.?", re.I)


def check(file: QwcFile) -> list[Problem]:
    """All problems of a file, errors before warnings. Takes whatever values it has, also of a wrong type."""
    places = {name: place for place, name in enumerate(ORDER)}
    found = [*_values(file), *_addresses(file), *_warnings(file)]
    return sorted(found, key=lambda one: (one.severity == "warning", places.get(one.name, len(ORDER))))


def _values(file: QwcFile) -> Iterator[Problem]:
    """What is wrong with each value by itself; addresses have rules of their own."""
    for name, attribute in FIELDS.items():
        value = getattr(file, attribute)
        if value is not None or name in REQUIRED:
            yield from _value(name, value)
        if name == "QBType":
            yield from _intervals(file)
    if file.auth_flags is not None and file.qb_type == "QBPOS":
        yield Problem("AuthFlags", text_of("AuthFlags", file.auth_flags), "is for QBType QBFS alone; leave it out")
    for key, xml in file.unknown.items():
        yield from _further(key, xml)


def _shown(name: str, value: object) -> str:
    """A value as a message may have it: a password in an address is not to stand in a log."""
    text = text_of(name, value)
    return _USER.sub("//...@", text) if name in ("AppURL", "AppSupport", "CertURL") else text


def _value(name: str, value: object) -> Iterator[Problem]:
    text = _shown(name, value)
    if name in GUIDS:
        if not isinstance(value, uuid.UUID):
            yield Problem(name, text, "must be a uuid.UUID")
    elif name in CHOICES:
        if value not in CHOICES[name]:
            yield Problem(name, text, f"must be {' or '.join(CHOICES[name])}", 1065 if name == "QBType" else None)
        elif value == "RPC":
            yield Problem(name, text, "is not served: an RPC client reads no ticket out of our answer; use Document")
    elif name in FLAGS:
        if not isinstance(value, bool):
            yield Problem(name, text, "must be True, False or None")
        elif name == "IsReadOnly" and value:
            reason = (
                "keeps the Web Connector from writing its own marks into the company file, so that the application"
                " cannot be added; write false, and see to it in the server that only queries are sent"
            )
            yield Problem(name, text, reason, 1039)
    elif name == "AuthFlags":
        if not isinstance(value, int) or isinstance(value, bool):
            yield Problem(name, text, "must be soap.qwc.AuthFlags")
        elif not 0 <= value <= AuthFlags.ALL:
            yield Problem(name, text, "has flags that there are not; it goes from 0x0 to 0xF")
    elif not isinstance(value, str):
        yield Problem(name, text, f"must be text, not {type(value).__name__}")
    elif name in FILLED and not value.strip():
        yield Problem(name, text, "must not be empty", 1039)
    elif forbidden := FORBIDDEN.search(value):
        yield Problem(name, text, f"has U+{ord(forbidden[0]):04X}, a character that XML does not allow")
    elif name in LINES and _LINE_END.search(value):
        yield Problem(name, text, "must be one line")
    elif name == "AppDescription" and len(value) > MAX_DESCRIPTION:
        yield Problem(name, text, f"has {len(value)} characters; give a description of at most {MAX_DESCRIPTION}")


def _intervals(file: QwcFile) -> Iterator[Problem]:
    for name, attribute in INTERVALS.items():
        value = getattr(file, attribute)
        if value is None:
            continue
        if not isinstance(value, int) or isinstance(value, bool):
            yield Problem(name, str(value), f"must be a whole number, not {type(value).__name__}")
        elif not 1 <= value <= MAX_INTERVAL:
            yield Problem(name, str(value), f"must be from 1 to {MAX_INTERVAL}; leave it out for no schedule")
    if file.run_every_n_minutes is not None and file.run_every_n_seconds is not None:
        reason = "has minutes and seconds, of which the Web Connector takes what comes first; give one of them"
        yield Problem("Scheduler", "", reason)


def _addresses(file: QwcFile) -> Iterator[Problem]:
    hosts: dict[str, str] = {}
    for name, url, ip, http in (
        ("AppURL", file.url, 1001, 1010),
        ("AppSupport", file.support_url, 1002, None),
        ("CertURL", file.certificate_url, 1048, 1048),
    ):
        # What is no text, or empty and must not be, was said already.
        if not isinstance(url, str) or (name != "CertURL" and not url.strip()) or FORBIDDEN.search(url):
            continue
        found = [Problem(name, _shown(name, url), reason, code) for reason, code in _address(name, url, ip, http)]
        if found:
            yield from found
        else:
            hosts[name] = urlsplit(url).hostname or ""
    if "AppURL" in hosts and hosts.get("AppSupport", hosts["AppURL"]) != hosts["AppURL"]:
        yield Problem("AppSupport", file.support_url, f"must be on the host of AppURL, {hosts['AppURL']}", 1000)


def _address(name: str, url: str, ip: int, http: int | None) -> Iterator[tuple[str, int | None]]:
    """What is wrong with an address, each with its code: ``ip`` for an IP address, ``http`` for what is not https."""
    if strange := _NOT_IN_ADDRESS.search(url):
        shown = f"U+{ord(strange[0]):04X}" if not strange[0].isprintable() else repr(strange[0])
        yield (
            f"has {shown}, which cannot stand there; a host is written in its xn-- form, the rest as %XX (% as %25)",
            None,
        )
        return
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError as error:
        yield f"is no address: {error}", None
        return
    if not host:
        yield "is no address with a host; https://host/path is wanted", http
        return
    if "@" in parts.netloc:
        yield "has a user name or password in it, which everybody could read; the Web Connector asks the user", None
    if "[" in parts.path + parts.query or "]" in parts.path + parts.query:
        yield "has a square bracket after the host; it is written as %5B or %5D", None
    if "#" in url:
        yield "has a fragment, which is never sent; leave out what begins with #", None
    if port == 0:
        yield "has the port 0, which cannot be called", None
    if ":" in host or _NUMERIC.fullmatch(host):
        yield "must name its host, not give an IP address; localhost is the name of the machine itself", ip
    elif len(host) > 253 or not _HOST.fullmatch(host):
        yield f"has a host that is no name: {host[:80]!r}", None
    plain = parts.scheme == "http" and host == "localhost" and name != "CertURL"
    if parts.scheme != "https" and not plain:
        yield "must begin with https://" + ("" if name == "CertURL" else "; http:// is for localhost alone"), http


def _further(key: str, xml: str) -> Iterator[Problem]:
    """Whether an item of ``unknown`` is what it has to be: elements of that name, and nothing beside them."""
    try:
        wrapper = document.read(f"<unknown>{xml}</unknown>", max_bytes=MAX_BYTES, max_depth=MAX_DEPTH).root
    except ParseError as error:
        yield Problem(key, xml, f"is not the XML of an element: {error.reason}")
        return
    if key in FIELDS or key == "Scheduler":
        yield Problem(key, xml, f"is known: it is the argument {FIELDS.get(key, 'run_every_n_minutes')}")
    elif not len(wrapper) or {str(child.tag) for child in wrapper} != {key}:
        yield Problem(key, xml, f"must be the XML of one or more elements {key}")
    elif "".join(wrapper.xpath("text()")).strip():
        yield Problem(key, xml, "has text outside its element")


def _warnings(file: QwcFile) -> Iterator[Problem]:
    if file.style == "DocWrapped":
        reason = "is for Axis services; what it sends was never seen, so use Document"
        yield Problem("Style", file.style, reason, severity="warning")
    if file.qb_type == "QBPOS":
        reason = "is Point of Sale, which speaks another language than the qbXML of this package"
        yield Problem("QBType", file.qb_type, reason, severity="warning")
    try:
        host = urlsplit(file.url).hostname or ""
    except (AttributeError, TypeError, ValueError):
        host = ""
    if host and host != "localhost" and "." not in host.rstrip(".") and ":" not in host:
        reason = "has a host without a domain, which other machines may not find; good for trying only"
        yield Problem("AppURL", _shown("AppURL", file.url), reason, severity="warning")
    for key, xml in file.unknown.items():
        yield Problem(key, xml, "is no element that the Web Connector is known to read", severity="warning")
