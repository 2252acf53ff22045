"""One call of the API, and what it brought: checked against what its route takes, every wrong name at once."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from werkzeug.wrappers import Request

from ..errors import Refused
from ..messages import load
from ..service import Gateway, Key, Tenant

#: Bytes of a body. A journal entry with a thousand lines has some 400 KB.
LONGEST_BODY = 4 * 1024 * 1024

#: Problems of a body that its answer names.
MOST_TOLD = 50

#: What no database has: NUL, and half a character.
_UNKEPT = re.compile("[\x00\ud800-\udfff]")

_KINDS = {str: "text", int: "a whole number"}


@dataclass(frozen=True, slots=True)
class Field:
    """A member of a body, or a parameter: its name, its other spellings in older clients, and what it holds."""

    name: str
    kind: type[str] | type[int] = str
    required: bool = True
    aliases: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Call:
    """What a handler is given. ``path`` are the ids in the address, ``body`` the fields under their own names."""

    gateway: Gateway
    tenant: Tenant
    key: Key
    request: Request
    path: Mapping[str, str]
    body: dict[str, Any]
    #: Whether the address was spelt with underscores, as older clients do.
    underscores: bool

    def header(self, name: str) -> str | None:
        """A header of the call; ``None`` where it is not there."""
        return self.request.headers.get(name)

    @property
    def idempotency_key(self) -> str | None:
        """What names the call, so that it may be made twice by mistake."""
        return self.header("Idempotency-Key")


def body_of(request: Request) -> dict[str, Any]:
    """The JSON object in a body, ``{}`` where there is none. Raises :class:`~qbgateway.errors.Refused`."""
    length = request.content_length
    if request.method in ("GET", "HEAD"):
        return {}
    if length is None and request.headers.get("Transfer-Encoding"):
        raise Refused("PARAMETERS_INVALID", "State the length of the body: Content-Length is missing.")
    if (length or 0) > LONGEST_BODY:
        raise Refused("BODY_TOO_LARGE", f"The body has {length} bytes, more than {LONGEST_BODY}.")
    text = request.stream.read(length or 0)
    if len(text) < (length or 0):
        raise Refused("PARAMETERS_INVALID", "The body is shorter than its Content-Length.")
    if not text.strip():
        return {}
    given = load(text)
    if not isinstance(given, dict):
        raise Refused("PARAMETERS_INVALID", "The body must be a JSON object.")
    return given


def checked(given: Mapping[str, Any], fields: tuple[Field, ...], where: str) -> dict[str, Any]:
    """The members of a body (``where``: what to call it), under their own names; absent and ``null`` ones left out.

    Raises :class:`~qbgateway.errors.Refused`, with all that is wrong.
    """
    known = {spelling: field for field in fields for spelling in (field.name, *field.aliases)}
    problems = [f"{name[:80]!r} is unknown" for name in given if name not in known]
    found: dict[str, Any] = {}
    for spelling, value in given.items():
        field = known.get(spelling)
        if field is None or value is None:
            continue
        if field.name in found:
            problems.append(f"{spelling} is there twice, under two names")
        elif not isinstance(value, field.kind) or isinstance(value, bool):
            problems.append(f"{spelling} must be {_KINDS[field.kind]}")
        elif isinstance(value, str) and _UNKEPT.search(value):
            problems.append(f"{spelling} has a character that can't be kept")
        found[field.name] = value
    problems += [f"{field.name} is missing" for field in fields if field.required and field.name not in found]
    if problems:
        more = f"; and {len(problems) - MOST_TOLD} more" if len(problems) > MOST_TOLD else ""
        raise Refused("PARAMETERS_INVALID", f"The {where} can't be used: {'; '.join(problems[:MOST_TOLD])}{more}.")
    return found
