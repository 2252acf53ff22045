"""Where the gateway keeps what it has: its own tables in the database of the queue.

:class:`Store` opens it, :class:`Scope` is the only way to the rows of an account: each of its statements names the
account. What is found by a secret alone, before anybody knows whose it is, stands in ``by_secret``.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any, TypeVar

from sqlalchemy import Connection, Delete, Select, Table, Update, delete, event, select, update

from ..errors import Unusable
from .migrating import HEAD, revision_of, upgrade

if TYPE_CHECKING:
    from soap.queue import SQLQueue

__all__ = ["Scope", "Store", "Taken", "columns_of", "record"]

T = TypeVar("T")


class Taken(Exception):
    """A row with that key is there already."""


class Store:
    """The gateway's tables, in the database of a queue.

    On SQLite they are made and migrated here; on PostgreSQL, which several releases may share for a while, that is for
    ``qbgateway db upgrade`` (or ``migrate=True``). Raises :class:`~qbgateway.errors.Unusable` where they are not up to
    date.
    """

    def __init__(self, queue: SQLQueue, *, migrate: bool = False) -> None:
        store: Any = queue.store
        self.database = store.database
        self.now = store.now
        with self.read() as sql:
            found = revision_of(sql)
        engine = self.database.engine
        if found != HEAD:
            if not migrate and engine.dialect.name != "sqlite":
                state = "has no tables of the gateway" if found is None else f"is at revision {found}, not {HEAD}"
                raise Unusable(f"the database {state}; run `python -m qbgateway db upgrade`")
            with self.write() as sql:
                upgrade(sql)
        if engine.dialect.name == "sqlite":
            # After the migrations, which may have to drop a table that others refer to. SQLite forgets it with each
            # connection, so those that are open already are closed.
            event.listen(engine, "connect", _with_foreign_keys)
            engine.dispose()

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A connection to read with. Raises :class:`soap.errors.StoreUnusable` where the database fails."""
        with self.database.read() as sql:
            yield sql

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """A connection in a transaction, committed at the end. Raises as :meth:`read`."""
        with self.database.write() as sql:
            yield sql


@dataclass(frozen=True, slots=True)
class Scope:
    """The rows of one account."""

    store: Store
    account_id: str

    def select(self, table: Table, *where: Any) -> Select[Any]:
        """The account's rows of a table."""
        return select(table).where(table.c.account_id == self.account_id, *where)

    def update(self, table: Table, *where: Any) -> Update:
        """A change to rows of the account."""
        return update(table).where(table.c.account_id == self.account_id, *where)

    def delete(self, table: Table, *where: Any) -> Delete:
        """The end of rows of the account."""
        return delete(table).where(table.c.account_id == self.account_id, *where)

    def first(self, kind: type[T], table: Table, *where: Any) -> T | None:
        """The first such row, as a record; ``None`` where there is none."""
        with self.store.read() as sql:
            row = sql.execute(self.select(table, *where)).first()
        return None if row is None else record(kind, row)

    def all(self, kind: type[T], table: Table, *where: Any) -> list[T]:
        """All such rows, the oldest first."""
        wanted = self.select(table, *where).order_by(table.c.created_at, table.c.id)
        with self.store.read() as sql:
            return [record(kind, row) for row in sql.execute(wanted)]

    def change(self, table: Table, *where: Any, **values: Any) -> int:
        """Change such rows, in a transaction; how many they were."""
        with self.store.write() as sql:
            return int(sql.execute(self.update(table, *where).values(values)).rowcount)


def _with_foreign_keys(connection: Any, record: object) -> None:
    """Let SQLite look that what a new row refers to is there, as PostgreSQL does by itself."""
    connection.execute("PRAGMA foreign_keys=ON")


def record(kind: type[T], row: Any) -> T:
    """A row as a record whose fields are named as its columns."""
    return kind(**row._mapping)


def columns_of(made: Any) -> dict[str, Any]:
    """The other way round: what to insert for a record."""
    return {one.name: getattr(made, one.name) for one in fields(made)}
