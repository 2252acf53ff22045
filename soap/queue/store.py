"""What a store has to do: keep rows, and let one at a time work on a connection.

A store knows no rules. All that decides what happens to a request is in ``core.py`` and ``delivery.py``, which work on
rows through the two protocols here; a store is right when it passes ``soap.testing.QueueConformance``.

What every store promises:

- A :class:`Transaction` is atomic: its changes are all kept or, where its block raises, none. Nothing that it changed
  is seen by anybody before. Once its block has ended without an error the changes survive a crash of the process
  (and of the machine, for a store that is durable).
- While a transaction is open on a connection, no other is, in no process. Different connections don't wait for one
  another, as far as the store can do that.
- Every method may be called from any thread. Rows that a method returns are the caller's own: a change to them means
  nothing until ``change`` is called.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from contextlib import AbstractContextManager
from typing import Any, Protocol

from .entries import ConnectionRow, Entry, Event, SessionRow
from .signals import Signals
from .states import State


class Transaction(Protocol):
    """Work on one connection, which is locked meanwhile."""

    #: The store's own clock: seconds since 1970. The same during a transaction.
    now: float
    connection: ConnectionRow

    def entry(self, id: str) -> Entry | None:
        """The request of that id, if it belongs to this connection."""

    def members(self, set_id: str) -> list[Entry]:
        """The requests of a set, by place."""

    def sent(self) -> Entry | None:
        """The head of the set that is out (``SENT``). There is one at most: the store sees to that by itself."""

    def next_waiting(self) -> Entry | None:
        """The head to hand out next: ``QUEUED``, its ``not_before`` passed; by priority, highest first, then number."""

    def waiting(self, most: int) -> int:
        """How many heads could be handed out now, counted up to ``most``."""

    def overdue(self, most: int) -> list[Entry]:
        """Heads that are ``QUEUED`` and whose ``expires_at`` has passed, ``most`` at most."""

    def unknown(self) -> list[Entry]:
        """Heads that are ``UNKNOWN``, by number."""

    def to_release(self) -> Entry | None:
        """The oldest head with a message set id, neither ``SENT`` nor ``UNKNOWN`` nor ``QUEUED``, not yet released."""

    def head_of(self, message_set_id: str) -> Entry | None:
        """The head that has that message set id, if it belongs to this connection."""

    def split_from(self, set_id: str) -> list[Entry]:
        """The requests that were taken out of a set, by number."""

    def change(self, entry: Entry, **changes: Any) -> None:
        """Set columns, of ``entry`` itself as well. A ``reason`` among them writes a line of history.

        The line has ``now``, the state after the change and the reason; ``changed_at`` becomes ``now``.
        """

    def add(self, entries: Sequence[Entry]) -> None:
        """Add rows, give them numbers in their order, and write each one's first line of history."""

    def change_connection(self, **changes: Any) -> None:
        """Set columns of the connection."""

    def session(self, ticket: str) -> SessionRow | None:
        """The session of that ticket's hash, if it belongs to this connection."""

    def add_session(self, session: SessionRow) -> None:
        """Add a session."""

    def change_session(self, session: SessionRow, **changes: Any) -> None:
        """Set columns of a session, of ``session`` itself as well."""

    def tell(self, topic: str) -> None:
        """Wake those who watch ``topic``, in every process, once the transaction is committed."""


class Store(Protocol):
    """All connections of a queue."""

    signals: Signals

    def now(self) -> float:
        """The store's clock: seconds since 1970."""

    def transaction(self, connection: str) -> AbstractContextManager[Transaction]:
        """Lock a connection, making it if it is new, and work on it."""

    def insert(self, entries: Sequence[Entry], *, most: int | None, topics: Iterable[str], transaction: Any) -> bool:
        """Add requests of one connection without locking it, as a transaction of its own or within the caller's.

        ``False``, and nothing added, where more than ``most`` requests would be ``QUEUED`` in the connection then.
        Raises :class:`KeyTaken` where another request has the idempotency key. ``topics`` are told once it is
        committed.
        """

    def entry(self, id: str) -> Entry | None:
        """The request of that id."""

    def members(self, set_id: str) -> list[Entry]:
        """The requests of a set, by place."""

    def by_key(self, connection: str, key: str, transaction: Any) -> Entry | None:
        """The request with that idempotency key, as far as it is committed or belongs to the caller's transaction."""

    def find(
        self,
        connection: str | None,
        *,
        states: Collection[State] | None,
        names: Collection[str] | None,
        after: int,
        newest_first: bool,
        limit: int,
    ) -> list[Entry]:
        """Requests by number, those of a number beyond ``after`` (or before it, ``newest_first``; 0: from the end)."""

    def history(self, id: str) -> list[Event]:
        """A request's history, oldest first."""

    def connection(self, name: str) -> ConnectionRow | None:
        """A connection, without locking it."""

    def session(self, ticket: str) -> SessionRow | None:
        """A session, without locking its connection."""

    def waiting(self, connection: str, most: int) -> int:
        """As :meth:`Transaction.waiting`, without locking the connection."""

    def next_due(self, connection: str) -> float | None:
        """The earliest ``not_before`` still to come among heads that are ``QUEUED``; ``None`` where there is none."""

    def is_to_ask(self, connection: str, session: str) -> bool:
        """Whether a head is ``UNKNOWN`` about which that session has not asked."""

    def neglected(self, silent_since: float, most: int) -> list[str]:
        """Connections to tend: with a set out whose session has not called since then, or with overdue requests."""

    def take_handler(self, names: Collection[str], lease: float) -> Entry | None:
        """A request with a handler among ``names`` that is due. Nobody else is given it for ``lease`` seconds.

        Unless it comes to another end meanwhile: then its handler is due anew.
        """

    def handlers_due(self, names: Collection[str]) -> float | None:
        """When the next handler among ``names`` is due: seconds since 1970, ``None`` where none is."""

    def change_handler(self, taken: Entry, *, due: float | None, attempts: int, error: str | None) -> None:
        """Note what came of a handler that :meth:`take_handler` gave; nothing where it is due anew since then."""

    def forget(self, finished_before: float, most: int, *, silent_since: float) -> int:
        """Remove sets finished before that, with their history, ``most`` at most; and sessions silent since then.

        A set is kept while one of its requests is not final, has a handler due, or has an outcome that QuickBooks was
        not yet told to forget.
        """

    def purge(self, connection: str) -> int:
        """Remove everything of a connection, whatever its state; how many requests that were.

        Who waits for one of them, or for work of the connection, is woken.
        """

    def close(self) -> None:
        """Let go of everything. The queue can't be used any more."""


class KeyTaken(Exception):
    """Another request of the connection has that idempotency key."""
