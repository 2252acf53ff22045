"""What texts may be: names that QuickBooks and a database can hold, and addresses to send somebody to."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from qbxml.characters import FORBIDDEN

from ..errors import Refused

#: Characters of a name or an id, of an email address, and of a redirectUrl.
LONGEST_NAME, LONGEST_EMAIL, LONGEST_URL = 255, 320, 2048
LONGEST_KEY = 255

#: A host, as a person is shown it: what is written with % there a browser would read as another one.
_HOST = re.compile(r"[a-z0-9_-]+(\.[a-z0-9_-]+)*\.?|[0-9a-f:.]*:[0-9a-f:.]*")


def text(name: str, value: str, longest: int = LONGEST_NAME) -> str:
    """A line of text, without blanks around it. Raises :class:`~qbgateway.errors.Refused`."""
    value = value.strip()
    if not value:
        raise invalid(name, "must not be empty")
    if len(value) > longest:
        raise invalid(name, f"has {len(value)} characters, more than {longest}")
    if FORBIDDEN.search(value) or any("\ud800" <= one <= "\udfff" for one in value) or len(value.splitlines()) > 1:
        raise invalid(name, "has a line break, or a character that can't be kept")
    return value


def email(name: str, value: str) -> str:
    """An email address, by its form alone. Raises :class:`~qbgateway.errors.Refused`."""
    value = text(name, value, LONGEST_EMAIL)
    local, at, host = value.rpartition("@")
    if not (at and local and host) or " " in value:
        raise invalid(name, "is no email address")
    return value


def redirect_url(name: str, value: str, hosts: str | None) -> str:
    """An address to send an end user to: absolute, ``https`` (``http`` for this machine), on an allowed host.

    It is never fetched. Raises :class:`~qbgateway.errors.Refused`.
    """
    if len(value) > LONGEST_URL:
        raise invalid(name, f"has {len(value)} characters, more than {LONGEST_URL}")
    if not value.isascii() or any(one <= " " or one in '"<>\\^`{|}\x7f' for one in value):
        raise invalid(name, "has a character that an address can't have; write it as %20 and the like")
    try:
        parts = urlsplit(value)
        host, _ = parts.hostname, parts.port
    except ValueError:
        raise invalid(name, "is no address") from None
    if parts.scheme not in ("http", "https") or not host or not value.lower().startswith(f"{parts.scheme}://"):
        raise invalid(name, "must be an absolute address that begins with https://")
    if not _HOST.fullmatch(host) and "@" not in parts.netloc:
        raise invalid(name, f"has {host} in the place of a host, which is none")
    if "@" in parts.netloc:
        raise invalid(name, "must not have a user name or password in it")
    if parts.scheme == "http" and host not in ("localhost", "127.0.0.1", "::1"):
        raise invalid(name, "must begin with https://; http:// is for localhost alone")
    if hosts is not None and host not in hosts.splitlines():
        raise invalid(name, f"names the host {host}, which is not among those that this account allows")
    return value


def idempotency_key(value: str) -> str:
    """An ``Idempotency-Key``: 1 to 255 printable characters of ASCII. Raises :class:`~qbgateway.errors.Refused`."""
    if not 0 < len(value) <= LONGEST_KEY or not value.isascii() or not value.isprintable():
        raise invalid("Idempotency-Key", f"must be 1 to {LONGEST_KEY} printable ASCII characters")
    return value


def invalid(name: str, reason: str) -> Refused:
    """A value that can't be meant."""
    return Refused("PARAMETERS_INVALID", f"{name} {reason}.")
