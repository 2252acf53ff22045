"""The states of a request, and what leads from one to the next: one table, the same for every store.

A write that was handed out never returns to ``QUEUED`` by itself: QuickBooks may have done what it asks. It does so
only where QuickBooks said itself that it did nothing (a locked record, a set refused as a whole), or where the caller
says so with ``resolve``.
"""

from __future__ import annotations

import enum

from ..errors import OutOfOrder


class State(enum.Enum):
    """Where a request stands."""

    QUEUED = "queued"  #: waits for a session of the Web Connector
    SENT = "sent"  #: handed to the Web Connector; the answer is due
    DONE = "done"  #: answered, without an error
    FAILED = "failed"  #: answered with an error, refused, or impossible to build
    UNKNOWN = "unknown"  #: a write that was handed out and whose answer was lost: done or not, nobody knows yet
    EXPIRED = "expired"  #: its time was over before it could be handed out
    CANCELLED = "cancelled"  #: withdrawn by the caller before it was handed out

    @property
    def is_final(self) -> bool:
        """Whether nothing more is going to happen by itself. ``UNKNOWN`` is not final: it is asked about again."""
        return self in FINAL


FINAL = frozenset({State.DONE, State.FAILED, State.EXPIRED, State.CANCELLED})


class Happening(enum.Enum):
    """What can happen to a request. The values are what the history says where nothing more particular is known."""

    HANDED_OUT = "handed to the Web Connector"
    NOT_BUILT = "cannot be built for this QuickBooks"
    EXPIRED = "expired before it could be handed out"
    CANCELLED = "cancelled by the caller"
    SUCCEEDED = "answered"
    REFUSED = "answered with an error"
    NOT_RUN = "QuickBooks refused the message set, and did nothing of it"
    SKIPPED = "not run, for one before it in its set failed"
    LOCKED = "the record is in use in QuickBooks; tried again later"
    NOT_PROCESSED = "QuickBooks never came to it; queued again"
    SPLIT = "QuickBooks refused the message set; its requests are tried one by one"
    READ_LOST = "the answer was lost; asked again"
    READ_GIVEN_UP = "the answer was lost too often"
    PAGE_LOST = "a page of an iterator was lost; the iterator has to be started anew"
    WRITE_LOST = "the answer was lost, and QuickBooks may have done it or not"
    SENT_AGAIN = "the identical text was handed out again: QuickBooks does it only if it has not done it before"
    STILL_UNKNOWN = "QuickBooks was asked, and does not know the outcome"
    RESOLVED_DONE = "the caller says that it was done"
    RESOLVED_FAILED = "the caller says that it was not done"
    RESOLVED_QUEUED = "the caller says that it was not done, and is to be done"


#: The state that follows. What is not in here cannot happen.
TRANSITIONS: dict[State, dict[Happening, State]] = {
    State.QUEUED: {
        Happening.HANDED_OUT: State.SENT,
        Happening.NOT_BUILT: State.FAILED,
        Happening.EXPIRED: State.EXPIRED,
        Happening.CANCELLED: State.CANCELLED,
        Happening.SKIPPED: State.FAILED,
        # A read that was sent before, whose answer came after all.
        Happening.SUCCEEDED: State.DONE,
        Happening.REFUSED: State.FAILED,
    },
    State.SENT: {
        Happening.SUCCEEDED: State.DONE,
        Happening.REFUSED: State.FAILED,
        Happening.NOT_RUN: State.FAILED,
        Happening.LOCKED: State.QUEUED,
        Happening.NOT_PROCESSED: State.QUEUED,
        Happening.SPLIT: State.QUEUED,
        Happening.READ_LOST: State.QUEUED,
        Happening.READ_GIVEN_UP: State.FAILED,
        Happening.PAGE_LOST: State.FAILED,
        Happening.WRITE_LOST: State.UNKNOWN,
    },
    State.UNKNOWN: {
        Happening.SUCCEEDED: State.DONE,
        Happening.REFUSED: State.FAILED,
        Happening.SENT_AGAIN: State.SENT,
        Happening.STILL_UNKNOWN: State.UNKNOWN,
        # Its outcome became known, and it is that nothing was done.
        Happening.LOCKED: State.QUEUED,
        Happening.NOT_PROCESSED: State.QUEUED,
        Happening.RESOLVED_DONE: State.DONE,
        Happening.RESOLVED_FAILED: State.FAILED,
        Happening.RESOLVED_QUEUED: State.QUEUED,
    },
    # A full answer that comes after a recovered one replaces it; so does one that comes after the caller's guess, or
    # after a read was given up.
    State.DONE: {Happening.SUCCEEDED: State.DONE, Happening.REFUSED: State.FAILED},
    State.FAILED: {Happening.SUCCEEDED: State.DONE, Happening.REFUSED: State.FAILED},
    State.EXPIRED: {},
    State.CANCELLED: {},
}


def after(state: State, happening: Happening) -> State:
    """The state that follows. Raises :class:`~soap.errors.OutOfOrder` where that cannot happen."""
    try:
        return TRANSITIONS[state][happening]
    except KeyError:
        raise OutOfOrder(f"{happening.name} cannot happen to a request that is {state.value}") from None
