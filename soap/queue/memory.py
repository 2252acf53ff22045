"""A store in this process: for trying, for tests, and where a loss is bearable. Everything goes with the process."""

from __future__ import annotations

import heapq
import itertools
import threading
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from time import time
from typing import Any

from .core import RequestQueue
from .delivery import Limits
from .entries import ConnectionRow, Entry, Event, SessionRow
from .signals import Signals, settled, work
from .states import FINAL, State
from .store import KeyTaken


class _Line:
    """The rows of one connection."""

    def __init__(self, name: str) -> None:
        self.row = ConnectionRow(name)
        #: Heads by (-priority, number, id); one that is no longer QUEUED is passed over when it comes up.
        self.ready: list[tuple[int, int, str]] = []
        #: The same that have to wait, by (not_before, number, id).
        self.delayed: list[tuple[float, int, str]] = []
        self.queued: dict[str, Entry] = {}
        self.expiring: dict[str, Entry] = {}
        self.unknown: dict[str, Entry] = {}
        self.sent: Entry | None = None
        #: Settled heads with a message set id that QuickBooks still remembers, by id.
        self.unreleased: dict[str, Entry] = {}
        self.by_message_set: dict[str, Entry] = {}


class MemoryStore:
    """See :class:`soap.queue.store.Store`. Not durable. ``clock`` gives seconds since 1970.

    One lock for all: a transaction works on the rows themselves, which nobody may see before it is over.
    """

    def __init__(self, clock: Callable[[], float] = time) -> None:
        self.signals = Signals()
        self._clock = clock
        self._lock = threading.RLock()
        self._numbers = itertools.count(1)
        self._lines: dict[str, _Line] = {}
        self._entries: dict[str, Entry] = {}
        self._sets: dict[str, list[Entry]] = {}
        self._keys: dict[tuple[str, str], Entry] = {}
        self._splits: dict[str, list[Entry]] = {}
        self._events: dict[str, list[Event]] = {}
        self._sessions: dict[str, SessionRow] = {}
        self._handlers: dict[str, Entry] = {}

    def now(self) -> float:
        """See :class:`~soap.queue.store.Store`."""
        return self._clock()

    @contextmanager
    def transaction(self, connection: str) -> Iterator[_MemoryTransaction]:
        """See :class:`~soap.queue.store.Store`."""
        with self._lock:
            is_new = connection not in self._lines
            transaction = _MemoryTransaction(self, self._line(connection))
            try:
                yield transaction
            except BaseException:
                transaction.undo()
                if is_new:
                    del self._lines[connection]
                raise
        self.signals.tell(transaction.topics)

    def insert(self, entries: Sequence[Entry], *, most: int | None, topics: Iterable[str], transaction: Any) -> bool:
        """See :class:`~soap.queue.store.Store`. There are no transactions to join: ``transaction`` must be ``None``."""
        if transaction is not None:
            raise ValueError("a queue in memory can't join a transaction")
        with self._lock:
            line = self._line(entries[0].connection)
            queued = sum(len(self._sets[one]) for one in line.queued) if most is not None else 0
            if most is not None and queued + len(entries) > most:
                return False
            key = entries[0].idempotency_key
            if key is not None and (line.row.name, key) in self._keys:
                raise KeyTaken
            self._add(line, entries)
        self.signals.tell(topics)
        return True

    def entry(self, id: str) -> Entry | None:
        """See :class:`~soap.queue.store.Store`."""
        with self._lock:
            found = self._entries.get(id)
            return None if found is None else found.copy()

    def members(self, set_id: str) -> list[Entry]:
        """See :class:`~soap.queue.store.Store`."""
        with self._lock:
            return [one.copy() for one in self._sets.get(set_id, ())]

    def by_key(self, connection: str, key: str, transaction: Any) -> Entry | None:
        """See :class:`~soap.queue.store.Store`."""
        with self._lock:
            found = self._keys.get((connection, key))
            return None if found is None else found.copy()

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
        """See :class:`~soap.queue.store.Store`. Looks at every request that there is."""
        with self._lock:
            # The dict is in the order of numbers, for that is the order in which they are added.
            rows: Iterable[Entry] = reversed(self._entries.values()) if newest_first else self._entries.values()
            fitting = (
                row.copy()
                for row in rows
                if (connection is None or row.connection == connection)
                and (states is None or row.state in states)
                and (names is None or row.name in names)
                and (after == 0 or (row.number < after if newest_first else row.number > after))
            )
            return list(itertools.islice(fitting, limit))

    def history(self, id: str) -> list[Event]:
        """See :class:`~soap.queue.store.Store`."""
        with self._lock:
            return list(self._events.get(id, ()))

    def connection(self, name: str) -> ConnectionRow | None:
        """See :class:`~soap.queue.store.Store`."""
        with self._lock:
            line = self._lines.get(name)
            return None if line is None else line.row.copy()

    def session(self, ticket: str) -> SessionRow | None:
        """See :class:`~soap.queue.store.Store`."""
        with self._lock:
            found = self._sessions.get(ticket)
            return None if found is None else found.copy()

    def waiting(self, connection: str, most: int) -> int:
        """See :class:`~soap.queue.store.Store`."""
        with self._lock:
            line = self._lines.get(connection)
            return 0 if line is None else self._waiting(line, most)

    def next_due(self, connection: str) -> float | None:
        """See :class:`~soap.queue.store.Store`."""
        now = self.now()
        with self._lock:
            line = self._lines.get(connection)
            delayed = (
                [] if line is None else [when for when, _, id_ in line.delayed if when > now and id_ in line.queued]
            )
            return min(delayed, default=None)

    def is_to_ask(self, connection: str, session: str) -> bool:
        """See :class:`~soap.queue.store.Store`."""
        with self._lock:
            line = self._lines.get(connection)
            return line is not None and any(one.asked_in != session for one in line.unknown.values())

    def neglected(self, silent_since: float, most: int) -> list[str]:
        """See :class:`~soap.queue.store.Store`."""
        now = self.now()
        with self._lock:
            found = []
            for name, line in self._lines.items():
                session = self._sessions.get(line.sent.session or "") if line.sent else None
                silent = line.sent is not None and (session is None or session.last_call_at <= silent_since)
                if silent or any(
                    one.expires_at is not None and one.expires_at <= now for one in line.expiring.values()
                ):
                    found.append(name)
            return found[:most]

    def take_handler(self, names: Collection[str], lease: float) -> Entry | None:
        """See :class:`~soap.queue.store.Store`."""
        with self._lock:
            now = self.now()
            for entry in self._handlers.values():
                if entry.handler in names and entry.handler_due is not None and entry.handler_due <= now:
                    entry.handler_due = now + lease
                    return entry.copy()
        return None

    def handlers_due(self, names: Collection[str]) -> float | None:
        """See :class:`~soap.queue.store.Store`."""
        with self._lock:
            due = [one.handler_due for one in self._handlers.values() if one.handler in names]
            return min((one for one in due if one is not None), default=None)

    def change_handler(self, taken: Entry, *, due: float | None, attempts: int, error: str | None) -> None:
        """See :class:`~soap.queue.store.Store`."""
        with self._lock:
            entry = self._entries.get(taken.id)
            if entry is not None and entry.handler_due == taken.handler_due:
                entry.handler_due, entry.handler_attempts, entry.handler_error = due, attempts, error
                self._note_handler(entry)

    def forget(self, finished_before: float, most: int, *, silent_since: float) -> int:
        """See :class:`~soap.queue.store.Store`."""
        with self._lock:
            old = [
                set_id
                for set_id, members in self._sets.items()
                if all(_is_forgettable(one, finished_before) for one in members)
            ][:most]
            for set_id in old:
                for member in self._sets.pop(set_id):
                    self._remove(member)
            ended = [ticket for ticket, one in self._sessions.items() if one.last_call_at < silent_since]
            for ticket in ended[:most]:
                del self._sessions[ticket]
            return len(old)

    def purge(self, connection: str) -> int:
        """See :class:`~soap.queue.store.Store`."""
        with self._lock:
            gone = [one for one in self._entries.values() if one.connection == connection]
            for entry in gone:
                self._sets.pop(entry.set_id, None)
                self._remove(entry)
            for ticket in [ticket for ticket, one in self._sessions.items() if one.connection == connection]:
                del self._sessions[ticket]
            self._lines.pop(connection, None)
        self.signals.tell([work(connection), *(settled(entry.id) for entry in gone)])
        return len(gone)

    def close(self) -> None:
        """See :class:`~soap.queue.store.Store`."""
        self.signals.tell_all()

    # -- what the transactions use -----------------------------------------------------------------------------------

    def _line(self, name: str) -> _Line:
        with self._lock:
            found = self._lines.get(name)
            if found is None:
                found = self._lines[name] = _Line(name)
            return found

    def _waiting(self, line: _Line, most: int) -> int:
        now = self.now()
        due = (one for one in line.queued.values() if one.not_before is None or one.not_before <= now)
        return sum(1 for _ in itertools.islice(due, most))

    def _add(self, line: _Line, entries: Sequence[Entry]) -> None:
        for entry in entries:
            entry.number = next(self._numbers)
            self._entries[entry.id] = entry
            self._sets.setdefault(entry.set_id, []).append(entry)
            if entry.idempotency_key is not None:
                self._keys[entry.connection, entry.idempotency_key] = entry
            self._events[entry.id] = [Event(entry.changed_at, entry.state, entry.reason)]
            self._index(line, entry)

    def _remove(self, entry: Entry) -> None:
        self._entries.pop(entry.id, None)
        self._events.pop(entry.id, None)
        self._handlers.pop(entry.id, None)
        if entry.idempotency_key is not None:
            self._keys.pop((entry.connection, entry.idempotency_key), None)
        if entry.split_from is not None:
            siblings = [one for one in self._splits.get(entry.split_from, ()) if one is not entry]
            self._splits[entry.split_from] = siblings
            if not siblings:
                del self._splits[entry.split_from]
        if entry.message_set_id is not None:
            self._line(entry.connection).by_message_set.pop(entry.message_set_id, None)
        line = self._lines.get(entry.connection)
        if line is not None:
            line.unreleased.pop(entry.id, None)

    def _index(self, line: _Line, entry: Entry) -> None:
        """Put a row where its columns say that it belongs, and take it from where it no longer does."""
        self._note_handler(entry)
        if not entry.is_head:
            # It may have been one: a set that was taken apart is put together again where its transaction raises.
            for index in (line.queued, line.expiring, line.unknown, line.unreleased):
                index.pop(entry.id, None)
            return
        queued = entry.state is State.QUEUED
        if queued and entry.id not in line.queued:
            line.queued[entry.id] = entry
            if entry.not_before is None or entry.not_before <= self.now():
                heapq.heappush(line.ready, (-entry.priority, entry.number, entry.id))
            else:
                heapq.heappush(line.delayed, (entry.not_before, entry.number, entry.id))
        elif not queued:
            line.queued.pop(entry.id, None)
        if queued and entry.expires_at is not None:
            line.expiring[entry.id] = entry
        else:
            line.expiring.pop(entry.id, None)
        if entry.state is State.UNKNOWN:
            line.unknown[entry.id] = entry
        else:
            line.unknown.pop(entry.id, None)
        if entry.state is State.SENT:
            if line.sent is not None and line.sent.id != entry.id:
                raise AssertionError("two sets of one connection are out")
            line.sent = entry
        elif line.sent is not None and line.sent.id == entry.id:
            line.sent = None
        if entry.message_set_id is not None:
            line.by_message_set[entry.message_set_id] = entry
            if entry.state in FINAL and not entry.released:
                line.unreleased[entry.id] = entry
            else:
                line.unreleased.pop(entry.id, None)

    def _note_handler(self, entry: Entry) -> None:
        if entry.handler is not None and entry.handler_due is not None:
            self._handlers[entry.id] = entry
        else:
            self._handlers.pop(entry.id, None)


class _MemoryTransaction:
    """See :class:`soap.queue.store.Transaction`. The rows it gives out are the store's own."""

    def __init__(self, store: MemoryStore, line: _Line) -> None:
        self._store = store
        self._line = line
        self.now = store.now()
        self.connection = line.row
        self.topics: dict[str, None] = {}
        self._undo: list[Callable[[], object]] = []

    def undo(self) -> None:
        """Take everything back, the last first."""
        for step in reversed(self._undo):
            step()

    def entry(self, id: str) -> Entry | None:
        found = self._store._entries.get(id)
        return found if found is not None and found.connection == self.connection.name else None

    def members(self, set_id: str) -> list[Entry]:
        with self._store._lock:
            found = self._store._sets.get(set_id, ())
            return [one for one in found if one.connection == self.connection.name]

    def sent(self) -> Entry | None:
        return self._line.sent

    def next_waiting(self) -> Entry | None:
        line = self._line
        while line.delayed and line.delayed[0][0] <= self.now:
            _, number, id_ = heapq.heappop(line.delayed)
            if id_ in line.queued:
                heapq.heappush(line.ready, (-line.queued[id_].priority, number, id_))
        while line.ready:
            entry = line.queued.get(line.ready[0][2])
            if entry is not None and (entry.not_before is None or entry.not_before <= self.now):
                return entry
            _, number, id_ = heapq.heappop(line.ready)
            if entry is not None and entry.not_before is not None:  # not yet: the clock was set back
                heapq.heappush(line.delayed, (entry.not_before, number, id_))
        return None

    def waiting(self, most: int) -> int:
        return self._store._waiting(self._line, most)

    def overdue(self, most: int) -> list[Entry]:
        late = (
            one for one in self._line.expiring.values() if one.expires_at is not None and one.expires_at <= self.now
        )
        return list(itertools.islice(late, most))

    def unknown(self) -> list[Entry]:
        return sorted(self._line.unknown.values(), key=lambda entry: entry.number)

    def to_release(self) -> Entry | None:
        return min(self._line.unreleased.values(), key=lambda entry: entry.number, default=None)

    def head_of(self, message_set_id: str) -> Entry | None:
        return self._line.by_message_set.get(message_set_id)

    def split_from(self, set_id: str) -> list[Entry]:
        return sorted(self._store._splits.get(set_id, ()), key=lambda entry: entry.number)

    def change(self, entry: Entry, **changes: Any) -> None:
        before = {name: getattr(entry, name) for name in changes}
        if "reason" in changes:
            before["changed_at"] = entry.changed_at
            changes["changed_at"] = self.now
        with self._store._lock:
            self._undo.append(lambda: self._set(entry, before, log=False))
            self._set(entry, changes, log="reason" in changes)

    def add(self, entries: Sequence[Entry]) -> None:
        with self._store._lock:
            self._store._add(self._line, entries)
            for entry in entries:
                self._undo.append(lambda entry=entry: self._take_back(entry))  # type: ignore[misc]
        self.tell(f"w:{self.connection.name}")

    def change_connection(self, **changes: Any) -> None:
        row = self.connection
        before = {name: getattr(row, name) for name in changes}
        self._undo.append(lambda: _assign(row, before))
        _assign(row, changes)

    def session(self, ticket: str) -> SessionRow | None:
        found = self._store._sessions.get(ticket)
        return found if found is not None and found.connection == self.connection.name else None

    def add_session(self, session: SessionRow) -> None:
        with self._store._lock:
            self._store._sessions[session.ticket] = session
        self._undo.append(lambda: self._store._sessions.pop(session.ticket, None))

    def change_session(self, session: SessionRow, **changes: Any) -> None:
        before = {name: getattr(session, name) for name in changes}
        self._undo.append(lambda: _assign(session, before))
        _assign(session, changes)

    def tell(self, topic: str) -> None:
        self.topics[topic] = None

    def _set(self, entry: Entry, changes: dict[str, Any], *, log: bool) -> None:
        store = self._store
        if not log and "reason" in changes:
            store._events[entry.id].pop()
        set_id, split_from, message_set_id = entry.set_id, entry.split_from, entry.message_set_id
        if "not_before" in changes:
            self._line.queued.pop(entry.id, None)  # to be put where it belongs then
        _assign(entry, changes)
        if entry.set_id != set_id:
            store._sets[set_id].remove(entry)
            if not store._sets[set_id]:
                del store._sets[set_id]
            store._sets.setdefault(entry.set_id, []).append(entry)
            store._sets[entry.set_id].sort(key=lambda one: one.place)
        if entry.split_from != split_from:
            if split_from is not None:
                store._splits[split_from].remove(entry)
            if entry.split_from is not None:
                store._splits.setdefault(entry.split_from, []).append(entry)
        if message_set_id != entry.message_set_id and message_set_id is not None:
            self._line.by_message_set.pop(message_set_id, None)
        if log:
            store._events[entry.id].append(Event(self.now, entry.state, entry.reason))
        store._index(self._line, entry)

    def _take_back(self, entry: Entry) -> None:
        self._line.queued.pop(entry.id, None)
        self._line.expiring.pop(entry.id, None)
        members = self._store._sets.get(entry.set_id, [])
        if entry in members:
            members.remove(entry)
        if not members:
            self._store._sets.pop(entry.set_id, None)
        self._store._remove(entry)


def _assign(row: object, values: dict[str, Any]) -> None:
    for name, value in values.items():
        setattr(row, name, value)


def _is_overdue(entry: Entry, now: float) -> bool:
    return entry.expires_at is not None and entry.expires_at <= now


def _is_forgettable(entry: Entry, finished_before: float) -> bool:
    return (
        entry.state in FINAL
        and entry.finished_at is not None
        and entry.finished_at < finished_before
        and entry.handler_due is None
        and (entry.message_set_id is None or entry.released)
    )


class MemoryQueue(RequestQueue):
    """A queue in this process. See :class:`~soap.queue.RequestQueue` for what it does and for the arguments.

    ``clock`` gives seconds since 1970.
    """

    def __init__(
        self,
        *,
        clock: Callable[[], float] = time,
        most_waiting: int | None = None,
        retention: float = 30 * 86400.0,
        limits: Limits | None = None,
    ) -> None:
        super().__init__(MemoryStore(clock), most_waiting=most_waiting, retention=retention, limits=limits)
