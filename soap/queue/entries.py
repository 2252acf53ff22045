"""What a store keeps: requests, connections, sessions and the history. Plain rows; the rules are elsewhere.

Times are seconds since 1970, UTC, as floats.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, fields
from operator import attrgetter
from typing import Any

from qbxml.model import Response

from .states import State


@dataclass(slots=True, eq=False)
class Entry:
    """One request. Requests that go out together form a set, whose first is the *head* and carries what is the set's.

    A request by itself is the head of its own set.
    """

    #: Names the request for its caller, and to QuickBooks: it is the ``requestID`` on the wire.
    id: str
    connection: str
    #: The id of the head, and the place in the set, from 0.
    set_id: str
    place: int
    #: ``CustomerQueryRq``, and its content as lossless JSON.
    name: str
    content: str
    #: The ``requestID`` that the caller gave, which the answer is given back with.
    caller_id: str | None
    writes: bool
    #: Whether it continues an iterator, or uses or defines a macro.
    continues: bool
    macros: bool
    created_at: float
    on_lost: str = "resend"
    priority: int = 0
    not_before: float | None = None
    expires_at: float | None = None
    idempotency_key: str | None = None
    #: What the idempotency key is compared by.
    digest: str | None = None
    handler: str | None = None
    metadata: str | None = None
    #: The place in the order of arrival; the store gives it.
    number: int = 0
    state: State = State.QUEUED
    changed_at: float = 0.0
    reason: str = ""
    finished_at: float | None = None
    #: How often it was handed out, and how often a locked record sent it back.
    attempts: int = 0
    lock_retries: int = 0
    #: The caller withdrew it when it was out already, or its time passed then: it is not to be done any more.
    withdrawn: bool = False
    status_code: int | None = None
    status_severity: str | None = None
    status_message: str | None = None
    #: Why there is no answer, as JSON: ``kind``, ``message``, and what more the kind has.
    error: str | None = None
    #: The outcome comes from QuickBooks' memory of it, which has no records; the record is still being read.
    recovered: bool = False
    record_pending: bool = False
    #: This is a read of our own, for the record of that recovered request.
    subject: str | None = None
    handler_due: float | None = None
    handler_attempts: int = 0
    handler_error: str | None = None
    # -- of the set, on its head ---------------------------------------------------------------------------------
    on_error: str = "stopOnError"
    #: The set that QuickBooks refused as a whole, and from which this was taken to be tried by itself.
    split_from: str | None = None
    #: The exact text last handed out, and the qbXML version in it.
    text: str | None = None
    version: str | None = None
    edition: str | None = None
    sent_at: float | None = None
    #: The session (the hash of its ticket) that holds it, or did last.
    session: str | None = None
    message_set_id: str | None = None
    #: The earlier message set that this one lets QuickBooks forget.
    releases: str | None = None
    #: Whether QuickBooks was told to forget this one, or never stored it.
    released: bool = False
    #: The session that last asked for the outcome, and how often it was asked.
    asked_in: str | None = None
    asked: int = 0
    #: What came back last, as it came, and the record read after a recovered outcome.
    raw: str | None = None
    record_raw: str | None = None
    #: ``raw``, parsed; kept by a store in memory only.
    parsed: Response | None = field(default=None, repr=False)

    @property
    def is_head(self) -> bool:
        """Whether it is the first of its set."""
        return self.place == 0

    def copy(self) -> Entry:
        """The row as it is now."""
        return Entry(*_ENTRY(self))


@dataclass(slots=True, eq=False)
class ConnectionRow:
    """One company file of one user, as the queue sees it."""

    name: str
    paused: bool = False
    #: The session (the hash of its ticket) that signed in last.
    session: str | None = None
    #: What the last session reported; ``None`` before the first.
    version: str | None = None
    edition: str | None = None
    seen_at: float | None = None

    def copy(self) -> ConnectionRow:
        """The row as it is now."""
        return ConnectionRow(*_CONNECTION(self))


@dataclass(slots=True, eq=False)
class SessionRow:
    """One session of the Web Connector. ``ticket`` is the ticket's hash; the ticket itself is kept nowhere."""

    ticket: str
    connection: str
    begun_at: float
    last_call_at: float
    #: The conversation as it stands, as JSON.
    conversation: str
    #: Counts the calls, so that a call that waited can see that it is no longer the newest.
    calls: int = 0

    def copy(self) -> SessionRow:
        """The row as it is now."""
        return SessionRow(*_SESSION(self))


def _fields(row: type[Any]) -> Callable[[Any], tuple[Any, ...]]:
    return attrgetter(*(one.name for one in fields(row)))


#: All fields of a row. ``dataclasses.replace`` looks at each field by itself, and takes six times as long.
_ENTRY, _CONNECTION, _SESSION = _fields(Entry), _fields(ConnectionRow), _fields(SessionRow)


@dataclass(frozen=True, slots=True)
class Event:
    """One line of a request's history."""

    at: float
    state: State
    reason: str


#: The columns of an entry that are fixed when it is made.
FIXED = (
    "id",
    "connection",
    "name",
    "content",
    "caller_id",
    "writes",
    "continues",
    "macros",
    "created_at",
    "on_lost",
    "priority",
    "expires_at",
    "idempotency_key",
    "digest",
    "handler",
    "metadata",
)

Changes = dict[str, Any]
