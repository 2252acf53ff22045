"""A store in a database, by SQLAlchemy Core: SQLite for one machine, PostgreSQL for any number of processes."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from sqlalchemy import URL, Connection, Engine, Row, bindparam, delete, func, select, update
from sqlalchemy.exc import IntegrityError

from . import statements
from .core import RequestQueue
from .databases import open_database
from .delivery import Limits
from .entries import ConnectionRow, Entry, Event, SessionRow
from .signals import Signals, work
from .statements import COLUMNS, NAMES
from .states import State
from .store import KeyTaken
from .tables import connections, history, requests, sessions


def _entry(row: Row[Any] | None) -> Entry | None:
    if row is None:
        return None
    values = dict(zip(NAMES, row, strict=True))
    values["state"] = State(values["state"])
    return Entry(**values)


def _entries(rows: Iterable[Row[Any]]) -> list[Entry]:
    return [entry for row in rows if (entry := _entry(row)) is not None]


def _row(entry: Entry) -> dict[str, Any]:
    values = {name: getattr(entry, name) for name in NAMES if name != "number"}
    values["state"] = entry.state.value
    return values


class SQLStore:
    """See :class:`soap.queue.store.Store`. ``where`` is a URL of SQLAlchemy, or an engine; ``clock`` is for tests."""

    def __init__(self, where: str | URL | Engine, clock: Callable[[], float] | None = None) -> None:
        self.signals = Signals()
        self.database = open_database(where, self.signals, clock)
        self.signals.on_watch = self.database.listen

    def now(self) -> float:
        """See :class:`~soap.queue.store.Store`."""
        return self.database.now(None)

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
            # A savepoint, for a key that is taken must not undo what the caller did before.
            with transaction.begin_nested():
                return self._insert(transaction, entries, most, topics)
        with self.database.write() as sql:
            added = self._insert(sql, entries, most, topics)
        if added:
            self.signals.tell(topics)
        return added

    def _insert(self, sql: Connection, entries: Sequence[Entry], most: int | None, topics: list[str]) -> bool:
        if most is not None:
            connection = entries[0].connection
            _locked(sql, connection, lock=self.database.locks_rows)  # so that nobody else counts meanwhile
            allowed = most - len(entries) + 1
            values = {"connection": connection, "most": max(allowed, 0)}
            if allowed <= 0 or sql.execute(statements.QUEUED, values).scalar_one() >= allowed:
                return False
        try:
            sql.execute(statements.INSERT, [_row(entry) for entry in entries])
        except IntegrityError as error:
            if entries[0].idempotency_key is None:
                raise
            raise KeyTaken from error
        self.database.tell(sql, topics)
        return True

    def entry(self, id: str) -> Entry | None:
        """See :class:`~soap.queue.store.Store`."""
        with self.database.read() as sql:
            return _entry(sql.execute(statements.ENTRY, {"id": id}).first())

    def members(self, set_id: str) -> list[Entry]:
        """See :class:`~soap.queue.store.Store`."""
        with self.database.read() as sql:
            return _entries(sql.execute(statements.MEMBERS, {"set_id": set_id}))

    def by_key(self, connection: str, key: str, transaction: Any) -> Entry | None:
        """See :class:`~soap.queue.store.Store`."""
        values = {"connection": connection, "key": key}
        if transaction is not None:
            return _entry(transaction.execute(statements.BY_KEY, values).first())
        with self.database.read() as sql:
            return _entry(sql.execute(statements.BY_KEY, values).first())

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
            return _entries(sql.execute(wanted))

    def history(self, id: str) -> list[Event]:
        """See :class:`~soap.queue.store.Store`."""
        with self.database.read() as sql:
            return [
                Event(at, State(state), reason) for at, state, reason in sql.execute(statements.HISTORY, {"id": id})
            ]

    def connection(self, name: str) -> ConnectionRow | None:
        """See :class:`~soap.queue.store.Store`."""
        with self.database.read() as sql:
            found = sql.execute(select(connections).where(connections.c.name == name)).first()
            return None if found is None else ConnectionRow(*found)

    def session(self, ticket: str) -> SessionRow | None:
        """See :class:`~soap.queue.store.Store`."""
        with self.database.read() as sql:
            found = sql.execute(statements.SESSION, {"ticket": ticket}).first()
            return None if found is None else SessionRow(*found)

    def waiting(self, connection: str, most: int) -> int:
        """See :class:`~soap.queue.store.Store`."""
        with self.database.read() as sql:
            values = {"connection": connection, "now": self.database.now(sql), "most": most}
            return int(sql.execute(statements.WAITING, values).scalar_one())

    def next_due(self, connection: str) -> float | None:
        """See :class:`~soap.queue.store.Store`."""
        with self.database.read() as sql:
            values = {"connection": connection, "now": self.database.now(sql)}
            due: float | None = sql.execute(statements.NEXT_DUE, values).scalar()
            return due

    def is_to_ask(self, connection: str, session: str) -> bool:
        """See :class:`~soap.queue.store.Store`."""
        with self.database.read() as sql:
            values = {"connection": connection, "asked_in": session}
            return sql.execute(statements.TO_ASK, values).first() is not None

    def neglected(self, silent_since: float, most: int) -> list[str]:
        """See :class:`~soap.queue.store.Store`."""
        with self.database.read() as sql:
            values = {"silent_since": silent_since, "now": self.database.now(sql), "most": most}
            return list(sql.execute(statements.NEGLECTED, values).scalars())

    def take_handler(self, names: Collection[str], lease: float) -> Entry | None:
        """See :class:`~soap.queue.store.Store`."""
        r = requests.c
        with self.database.write() as sql:
            now = self.database.now(sql)
            due = select(r.id).where(r.handler_due.is_not(None), r.handler_due <= now, r.handler.in_(list(names)))
            chosen = due.order_by(r.handler_due).limit(1).with_for_update(skip_locked=True)
            id_ = sql.execute(chosen).scalar()
            if id_ is None:
                return None
            sql.execute(update(requests).where(r.id == id_).values(handler_due=now + lease))
            return _entry(sql.execute(statements.ENTRY, {"id": id_}).first())

    def handlers_due(self, names: Collection[str]) -> float | None:
        """See :class:`~soap.queue.store.Store`."""
        r = requests.c
        with self.database.read() as sql:
            wanted = select(func.min(r.handler_due)).where(r.handler_due.is_not(None), r.handler.in_(list(names)))
            due: float | None = sql.execute(wanted).scalar()
            return due

    def change_handler(self, id: str, *, due: float | None, attempts: int, error: str | None) -> None:
        """See :class:`~soap.queue.store.Store`."""
        with self.database.write() as sql:
            values = {"handler_due": due, "handler_attempts": attempts, "handler_error": error}
            sql.execute(update(requests).where(requests.c.id == id).values(values))

    def forget(self, finished_before: float, most: int) -> int:
        """See :class:`~soap.queue.store.Store`."""
        values = {"before": finished_before, "most": most}
        with self.database.write() as sql:
            old = list(sql.execute(statements.FORGETTABLE, values).scalars())
            if old:
                members = select(requests.c.number).where(requests.c.set_id.in_(old))
                sql.execute(delete(history).where(history.c.number.in_(members)))
                sql.execute(delete(requests).where(requests.c.set_id.in_(old)))
            sql.execute(delete(sessions).where(sessions.c.last_call_at < finished_before))
            return len(old)

    def close(self) -> None:
        """See :class:`~soap.queue.store.Store`."""
        self.signals.tell_all()
        self.database.close()


def _locked(sql: Connection, name: str, *, lock: bool) -> ConnectionRow:
    """The row of a connection, made if it is new; locked where the database has more than one writer."""
    wanted = statements.LOCKED_CONNECTION if lock else statements.CONNECTION
    found = sql.execute(wanted, {"name": name}).first()
    if found is None:
        dialect = sql.dialect.name
        sql.execute(statements.NEW_CONNECTION[dialect], {"name": name})
        found = sql.execute(wanted, {"name": name}).one()
    return ConnectionRow(*found)


class _SQLTransaction:
    """See :class:`soap.queue.store.Transaction`."""

    def __init__(self, store: SQLStore, sql: Connection, connection: str) -> None:
        self.sql = sql
        self.connection = _locked(sql, connection, lock=store.database.locks_rows)
        # Read behind the lock, so that whoever comes later never has an earlier time.
        self.now = store.database.now(sql)
        self.topics: dict[str, None] = {}
        self._name = connection

    def _one(self, wanted: Any, **values: Any) -> Entry | None:
        return _entry(self.sql.execute(wanted, {"connection": self._name, **values}).first())

    def _many(self, wanted: Any, **values: Any) -> list[Entry]:
        return _entries(self.sql.execute(wanted, {"connection": self._name, **values}))

    def entry(self, id: str) -> Entry | None:
        found = _entry(self.sql.execute(statements.ENTRY, {"id": id}).first())
        return found if found is not None and found.connection == self._name else None

    def members(self, set_id: str) -> list[Entry]:
        return _entries(self.sql.execute(statements.MEMBERS, {"set_id": set_id}))

    def sent(self) -> Entry | None:
        return self._one(statements.SENT)

    def next_waiting(self) -> Entry | None:
        return self._one(statements.NEXT, now=self.now)

    def waiting(self, most: int) -> int:
        values = {"connection": self._name, "now": self.now, "most": most}
        return int(self.sql.execute(statements.WAITING, values).scalar_one())

    def overdue(self, most: int) -> list[Entry]:
        return self._many(statements.OVERDUE, now=self.now, most=most)

    def unknown(self) -> list[Entry]:
        return self._many(statements.UNKNOWN)

    def to_release(self) -> Entry | None:
        return self._one(statements.TO_RELEASE)

    def head_of(self, message_set_id: str) -> Entry | None:
        return self._one(statements.HEAD_OF, message_set_id=message_set_id)

    def split_from(self, set_id: str) -> list[Entry]:
        return self._many(statements.SPLIT_FROM, split_from=set_id)

    def change(self, entry: Entry, **changes: Any) -> None:
        if "reason" in changes:
            changes["changed_at"] = self.now
        for name, value in changes.items():
            setattr(entry, name, value)
        values = {name: value for name, value in changes.items() if name != "parsed"}
        if "state" in values:
            values["state"] = values["state"].value
        if "reason" in values:
            # The trigger writes the history when this is counted.
            values["changes"] = requests.c.changes + 1
        statement = update(requests).where(requests.c.number == bindparam("this_number"))
        self.sql.execute(statement.values(values), {"this_number": entry.number})

    def add(self, entries: Sequence[Entry]) -> None:
        self.sql.execute(statements.INSERT, [_row(entry) for entry in entries])
        self.tell(work(self._name))

    def change_connection(self, **changes: Any) -> None:
        for name, value in changes.items():
            setattr(self.connection, name, value)
        self.sql.execute(update(connections).where(connections.c.name == self._name).values(changes))

    def session(self, ticket: str) -> SessionRow | None:
        found = self.sql.execute(statements.SESSION, {"ticket": ticket}).first()
        return SessionRow(*found) if found is not None and found.connection == self._name else None

    def add_session(self, session: SessionRow) -> None:
        self.sql.execute(sessions.insert(), dataclasses.asdict(session))

    def change_session(self, session: SessionRow, **changes: Any) -> None:
        for name, value in changes.items():
            setattr(session, name, value)
        self.sql.execute(update(sessions).where(sessions.c.ticket == session.ticket).values(changes))

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
