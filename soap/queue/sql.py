"""A store in a database, by SQLAlchemy Core: SQLite for one machine, PostgreSQL for any number of processes."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from sqlalchemy import URL, Connection, Engine, delete, func, select, update

from .core import RequestQueue
from .databases import open_database
from .delivery import Limits
from .entries import ConnectionRow, Entry, Event, SessionRow
from .signals import Signals, settled, work
from .statements import (
    COLUMNS,
    Statements,
    connection_of,
    entries_of,
    entry_of,
    row_of,
    session_of,
)
from .states import State
from .store import KeyTaken
from .tables import connections, history, requests, sessions


class SQLStore:
    """See :class:`soap.queue.store.Store`. ``where`` is a URL of SQLAlchemy, or an engine; ``clock`` is for tests."""

    def __init__(self, where: str | URL | Engine, clock: Callable[[], float] | None = None) -> None:
        self.signals = Signals()
        self.database = open_database(where, self.signals, clock)
        self.signals.on_watch = self.database.listen
        self.statements = Statements(self.database.engine.dialect)

    def now(self) -> float:
        """See :class:`~soap.queue.store.Store`."""
        return self.database.now()

    @contextmanager
    def transaction(self, connection: str) -> Iterator[_SQLTransaction]:
        """See :class:`~soap.queue.store.Store`."""
        with self.database.write() as sql:
            transaction = _SQLTransaction(self, sql, connection)
            yield transaction
            self.database.tell(sql, transaction.topics)
        self.signals.tell(transaction.topics)

    def insert(self, entries: Sequence[Entry], *, most: int | None, topics: Iterable[str], transaction: Any) -> bool:
        """See :class:`~soap.queue.store.Store`. ``transaction`` is a SQLAlchemy connection of the caller's."""
        topics = list(topics)
        if transaction is not None:
            return self._insert(transaction, entries, most, topics)
        with self.database.write() as sql:
            added = self._insert(sql, entries, most, topics)
        if added:
            self.signals.tell(topics)
        return added

    def _insert(self, sql: Connection, entries: Sequence[Entry], most: int | None, topics: list[str]) -> bool:
        if most is not None:
            connection = entries[0].connection
            self.locked(sql, connection)  # so that nobody else counts meanwhile
            allowed = most - len(entries) + 1
            values = {"connection": connection, "most": max(allowed, 0)}
            if allowed <= 0 or self.run(sql, "queued", values).fetchone()[0] >= allowed:
                return False
        if not self.statements.insert(sql, [row_of(entry) for entry in entries]):
            raise KeyTaken
        self.database.tell(sql, topics)
        return True

    def run(self, sql: Connection, name: str, values: Mapping[str, Any]) -> Any:
        """Run one of the statements."""
        return self.statements.run(sql, name, values)

    def locked(self, sql: Connection, name: str) -> Sequence[Any]:
        """The row of a connection, made if it is new; locked where the database has more than one writer."""
        wanted = "locked_connection" if self.database.locks_rows else "connection"
        found = self.run(sql, wanted, {"name": name}).fetchone()
        if found is None:
            self.run(sql, "new_connection", {"name": name})
            found = self.run(sql, wanted, {"name": name}).fetchone()
        row: Sequence[Any] = found
        return row

    def entry(self, id: str) -> Entry | None:
        """See :class:`~soap.queue.store.Store`."""
        with self.database.read() as sql:
            return entry_of(self.run(sql, "entry", {"id": id}).fetchone())

    def members(self, set_id: str) -> list[Entry]:
        """See :class:`~soap.queue.store.Store`."""
        with self.database.read() as sql:
            return entries_of(self.run(sql, "members", {"set_id": set_id}))

    def by_key(self, connection: str, key: str, transaction: Any) -> Entry | None:
        """See :class:`~soap.queue.store.Store`."""
        values = {"connection": connection, "key": key}
        if transaction is not None:
            return entry_of(self.run(transaction, "by_key", values).fetchone())
        with self.database.read() as sql:
            return entry_of(self.run(sql, "by_key", values).fetchone())

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
        """See :class:`~soap.queue.store.Store`."""
        r = requests.c
        wanted = select(*COLUMNS).limit(limit).order_by(r.number.desc() if newest_first else r.number)
        if connection is not None:
            wanted = wanted.where(r.connection == connection)
        if states is not None:
            wanted = wanted.where(r.state.in_([state.value for state in states]))
        if names is not None:
            wanted = wanted.where(r.name.in_(list(names)))
        if after:
            wanted = wanted.where(r.number < after if newest_first else r.number > after)
        with self.database.read() as sql:
            return entries_of(sql.execute(wanted))

    def history(self, id: str) -> list[Event]:
        """See :class:`~soap.queue.store.Store`."""
        with self.database.read() as sql:
            return [Event(at, State(state), reason) for at, state, reason in self.run(sql, "history", {"id": id})]

    def connection(self, name: str) -> ConnectionRow | None:
        """See :class:`~soap.queue.store.Store`."""
        with self.database.read() as sql:
            found = self.run(sql, "connection", {"name": name}).fetchone()
            return None if found is None else connection_of(found)

    def session(self, ticket: str) -> SessionRow | None:
        """See :class:`~soap.queue.store.Store`."""
        with self.database.read() as sql:
            return session_of(self.run(sql, "session", {"ticket": ticket}).fetchone())

    def waiting(self, connection: str, most: int) -> int:
        """See :class:`~soap.queue.store.Store`."""
        with self.database.read() as sql:
            values = {"connection": connection, "now": self.database.now(), "most": most}
            return int(self.run(sql, "waiting", values).fetchone()[0])

    def next_due(self, connection: str) -> float | None:
        """See :class:`~soap.queue.store.Store`."""
        with self.database.read() as sql:
            values = {"connection": connection, "now": self.database.now()}
            due: float | None = self.run(sql, "next_due", values).fetchone()[0]
            return due

    def is_to_ask(self, connection: str, session: str) -> bool:
        """See :class:`~soap.queue.store.Store`."""
        with self.database.read() as sql:
            values = {"connection": connection, "asked_in": session}
            return self.run(sql, "is_to_ask", values).fetchone() is not None

    def neglected(self, silent_since: float, most: int) -> list[str]:
        """See :class:`~soap.queue.store.Store`."""
        with self.database.read() as sql:
            values = {"silent_since": silent_since, "now": self.database.now(), "most": most}
            return [row[0] for row in self.run(sql, "neglected", values)]

    def take_handler(self, names: Collection[str], lease: float) -> Entry | None:
        """See :class:`~soap.queue.store.Store`."""
        r = requests.c
        with self.database.write() as sql:
            now = self.database.now()
            due = select(r.id).where(r.handler_due.is_not(None), r.handler_due <= now, r.handler.in_(list(names)))
            chosen = due.order_by(r.handler_due).limit(1).with_for_update(skip_locked=True)
            id_ = sql.execute(chosen).scalar()
            if id_ is None:
                return None
            sql.execute(update(requests).where(r.id == id_).values(handler_due=now + lease))
            return entry_of(self.run(sql, "entry", {"id": id_}).fetchone())

    def handlers_due(self, names: Collection[str]) -> float | None:
        """See :class:`~soap.queue.store.Store`."""
        r = requests.c
        with self.database.read() as sql:
            wanted = select(func.min(r.handler_due)).where(r.handler_due.is_not(None), r.handler.in_(list(names)))
            due: float | None = sql.execute(wanted).scalar()
            return due

    def change_handler(self, taken: Entry, *, due: float | None, attempts: int, error: str | None) -> None:
        """See :class:`~soap.queue.store.Store`."""
        r = requests.c
        with self.database.write() as sql:
            values = {"handler_due": due, "handler_attempts": attempts, "handler_error": error}
            same = (r.id == taken.id, r.handler_due == taken.handler_due)
            sql.execute(update(requests).where(*same).values(values))

    def forget(self, finished_before: float, most: int, *, silent_since: float) -> int:
        """See :class:`~soap.queue.store.Store`."""
        values = {"before": finished_before, "most": most}
        with self.database.write() as sql:
            old = [row[0] for row in self.run(sql, "forgettable", values)]
            if old:
                members = select(requests.c.number).where(requests.c.set_id.in_(old))
                sql.execute(delete(history).where(history.c.number.in_(members)))
                sql.execute(delete(requests).where(requests.c.set_id.in_(old)))
            sql.execute(delete(sessions).where(sessions.c.last_call_at < silent_since))
            return len(old)

    def purge(self, connection: str) -> int:
        """See :class:`~soap.queue.store.Store`."""
        r = requests.c
        with self.database.write() as sql:
            self.locked(sql, connection)
            gone = sql.execute(select(r.id).where(r.connection == connection)).scalars().all()
            numbers = select(r.number).where(r.connection == connection)
            sql.execute(delete(history).where(history.c.number.in_(numbers)))
            sql.execute(delete(requests).where(r.connection == connection))
            sql.execute(delete(sessions).where(sessions.c.connection == connection))
            sql.execute(delete(connections).where(connections.c.name == connection))
            topics = [work(connection), *(settled(id_) for id_ in gone)]
            self.database.tell(sql, topics)
        self.signals.tell(topics)
        return len(gone)

    def close(self) -> None:
        """See :class:`~soap.queue.store.Store`."""
        self.signals.tell_all()
        self.database.close()


class _SQLTransaction:
    """See :class:`soap.queue.store.Transaction`."""

    def __init__(self, store: SQLStore, sql: Connection, connection: str) -> None:
        self._store = store
        self.sql = sql
        self.connection = connection_of(store.locked(sql, connection))
        #: What is out, and when the next request expires: read behind the lock, like the time, so that whoever comes
        #: later never has an earlier one.
        self._out: str | None
        self._expires: float | None
        self._out, self._expires, clock = store.run(sql, "standing", {"connection": connection}).fetchone()
        self.now = store.database.clock(clock)
        self.topics: dict[str, None] = {}
        self._name = connection
        #: Sets read in this transaction, by the id of their head. Nobody else can change them meanwhile.
        self._sets: dict[str, list[Entry]] = {}

    def _run(self, name: str, **values: Any) -> Any:
        return self._store.run(self.sql, name, {"connection": self._name, **values})

    def _many(self, name: str, **values: Any) -> list[Entry]:
        return [self._known(entry) for entry in entries_of(self._run(name, **values))]

    def _known(self, entry: Entry) -> Entry:
        """The same row as it was read before, if it was: what one changes, the other sees."""
        for one in self._sets.get(entry.set_id, ()):
            if one.number == entry.number:
                return one
        return entry

    def _set(self, rows: Any) -> list[Entry]:
        """The members of a set, remembered; none of another connection's, which is not locked."""
        members = entries_of(rows)
        if not members or members[0].connection != self._name:
            return []
        return self._sets.setdefault(members[0].set_id, members)

    def entry(self, id: str) -> Entry | None:
        for members in self._sets.values():
            for one in members:
                if one.id == id:
                    return one
        return next((one for one in self._set(self._run("set_of", id=id)) if one.id == id), None)

    def members(self, set_id: str) -> list[Entry]:
        return list(self._sets.get(set_id) or self._set(self._run("members", set_id=set_id)))

    def sent(self) -> Entry | None:
        return None if self._out is None else self.entry(self._out)

    def next_waiting(self) -> Entry | None:
        members = self._set(self._run("next", now=self.now))
        return members[0] if members else None

    def waiting(self, most: int) -> int:
        return int(self._run("waiting", now=self.now, most=most).fetchone()[0])

    def overdue(self, most: int) -> list[Entry]:
        if self._expires is None or self._expires > self.now:
            return []
        return self._many("overdue", now=self.now, most=most)

    def unknown(self) -> list[Entry]:
        return self._many("unknown")

    def to_release(self) -> Entry | None:
        return next(iter(self._many("to_release")), None)

    def head_of(self, message_set_id: str) -> Entry | None:
        return next(iter(self._many("head_of", message_set_id=message_set_id)), None)

    def split_from(self, set_id: str) -> list[Entry]:
        return self._many("split_from", split_from=set_id)

    def change(self, entry: Entry, **changes: Any) -> None:
        if "reason" in changes:
            changes["changed_at"] = self.now
        if "set_id" in changes:
            self._sets.clear()
        for name, value in changes.items():
            setattr(entry, name, value)
        changes.pop("parsed", None)
        if "state" in changes:
            changes["state"] = entry.state.value
        if "reason" in changes:
            changes["changes"] = 1  # the trigger writes the history when this is counted
        if entry.state is State.SENT and entry.is_head:
            self._out = entry.id
        elif self._out == entry.id:
            self._out = None
        self._store.statements.update(self.sql, "requests", entry.number, changes)

    def add(self, entries: Sequence[Entry]) -> None:
        self._store.statements.insert(self.sql, [row_of(entry) for entry in entries])
        self.tell(work(self._name))

    def change_connection(self, **changes: Any) -> None:
        for name, value in changes.items():
            setattr(self.connection, name, value)
        self._store.statements.update(self.sql, "connections", self._name, changes)

    def session(self, ticket: str) -> SessionRow | None:
        found = session_of(self._run("session", ticket=ticket).fetchone())
        return found if found is not None and found.connection == self._name else None

    def add_session(self, session: SessionRow) -> None:
        self._store.run(self.sql, "insert_session", dataclasses.asdict(session))

    def change_session(self, session: SessionRow, **changes: Any) -> None:
        for name, value in changes.items():
            setattr(session, name, value)
        self._store.statements.update(self.sql, "sessions", session.ticket, changes)

    def tell(self, topic: str) -> None:
        self.topics[topic] = None


class SQLQueue(RequestQueue):
    """A queue in a database. See :class:`~soap.queue.RequestQueue` for what it does and for the arguments.

    ``where`` is a SQLAlchemy URL (``sqlite:///queue.db``, ``postgresql://user@host/name``) or, for PostgreSQL, an
    engine. Its tables, whose names begin with ``openqbd_``, are made where they are not there. Needs the extra
    ``openqbd[sql]``, and ``openqbd[postgresql]`` for PostgreSQL. Raises :class:`~soap.errors.StoreUnusable`.
    """

    def __init__(
        self,
        where: str | URL | Engine,
        *,
        clock: Callable[[], float] | None = None,
        most_waiting: int | None = None,
        retention: float = 30 * 86400.0,
        limits: Limits | None = None,
    ) -> None:
        super().__init__(SQLStore(where, clock), most_waiting=most_waiting, retention=retention, limits=limits)
