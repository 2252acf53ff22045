"""From what a caller gives to rows for the store: names, contents, ids, and what a request is to QuickBooks."""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import qbxml
from qbxml.errors import InvalidRequest, UnknownName
from qbxml.model import MessageRequest, Request
from qbxml.schema import Schema
from qbxml.typed import TypedRecord
from qbxml.versions import NEWEST_VERSION

from ..errors import NotARequest

#: The choices of ``on_lost``: what to do about a write whose answer was lost.
RESEND, ASK = "resend", "ask"
ON_LOST = (RESEND, ASK)

#: What ``onError`` may be. QuickBooks refuses ``rollbackOnError``, though its schema has it.
ON_ERROR = ("stopOnError", "continueOnError")


def new_id() -> str:
    """An id for a request: 26 characters that nobody can guess. It is the requestID, which may have 50."""
    return base64.b32encode(secrets.token_bytes(16)).decode("ascii").rstrip("=").lower()


def new_message_set_id() -> str:
    """An id for a message set that writes: 20 characters. QuickBooks takes 23 or 24, which a GUID exceeds."""
    return base64.b32encode(secrets.token_bytes(12)).decode("ascii").rstrip("=")


def plain_requests(requests: Any) -> list[tuple[str, str, str | None]]:
    """Name, content as lossless JSON, and the caller's ``requestID``, of one request or of several.

    Raises :class:`~soap.errors.NotARequest`.
    """
    many = list(requests) if isinstance(requests, list | tuple | Request) else [requests]
    if not many:
        raise NotARequest(requests)
    return [_plain_request(request) for request in many]


def _plain_request(request: Any) -> tuple[str, str, str | None]:
    if isinstance(request, TypedRecord):
        name, content = type(request).__name__, request.to_dict()
    elif isinstance(request, MessageRequest):
        name, content = request.name, dict(request.content)
    elif isinstance(request, Mapping) and len(request) == 1:
        ((name, given),) = request.items()
        if not isinstance(name, str) or not isinstance(given, Mapping | TypedRecord):
            raise NotARequest(request)
        content = given.to_dict() if isinstance(given, TypedRecord) else dict(given)
    else:
        raise NotARequest(request)
    caller_id = content.pop("requestID", None)
    return name, qbxml.to_json({name: content}), None if caller_id is None else str(caller_id)


def restored(name: str, content: str, request_id: str) -> dict[str, dict[str, Any]]:
    """A stored request as :func:`qbxml.build` takes it, under the queue's own ``requestID``."""
    message = qbxml.from_json(content)
    assert isinstance(message, MessageRequest)
    return {name: {**message.content, "requestID": request_id}}


def check(requests: list[tuple[str, str, str | None]], version: str | None, edition: str | None) -> None:
    """Raise :class:`qbxml.errors.InvalidRequest` where a request can't be sent, as far as is known now.

    With no version known, the newest version of all editions together decides.
    """
    given = [restored(name, content, f"check-{index}") for index, (name, content, _) in enumerate(requests)]
    problems = qbxml.validate(given, version or NEWEST_VERSION, edition)
    if problems:
        raise InvalidRequest(problems)


def writes(name: str) -> bool:
    """Whether a request changes the company file. A name that the schema does not know might."""
    try:
        return Schema().writes(name)
    except UnknownName:
        return True


def continues(content: str) -> bool:
    """Whether a request is a page of an iterator, which moves on when it is answered: it can't be asked for twice."""
    if '"iterator"' not in content:
        return False
    (fields,) = json.loads(content).values()
    return isinstance(fields, dict) and fields.get("iterator") == "Continue"


def has_macros(content: str) -> bool:
    """Whether a request may define or use a macro, and so has to stay with the others of its set."""
    return '"defMacro"' in content or '"useMacro"' in content


def digest(requests: list[tuple[str, str, str | None]]) -> str:
    """What idempotency keys are compared by: the same requests have the same digest, whatever the order of keys."""
    plain = [json.loads(content) for _, content, _ in requests]
    text = json.dumps(plain, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def check_text(text: str | None, what: str) -> None:
    """Raise ``ValueError`` for what not every store can keep: NUL, and half a character (a lone surrogate)."""
    if text is not None and ("\x00" in text or any("\ud800" <= one <= "\udfff" for one in text)):
        raise ValueError(f"{what} is {text!r}; it can't have a NUL or half a character in it")


def seconds(when: datetime | float | None, what: str) -> float | None:
    """A time as seconds since 1970. Raises ``ValueError`` for a datetime without a zone: it could mean anything."""
    if when is None or isinstance(when, int | float):
        return when
    if when.tzinfo is None:
        raise ValueError(f"{what} is a datetime without a time zone; use one with tzinfo, such as datetime.now(UTC)")
    return when.timestamp()


def moment(when: float | None) -> datetime | None:
    """Seconds since 1970 as a datetime in UTC."""
    return None if when is None else datetime.fromtimestamp(when, UTC)
