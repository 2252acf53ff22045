"""The statements of the store in a database, written once with SQLAlchemy and compiled once for each database.

They run by the driver's own cursor: SQLAlchemy's way to it costs more than the statement. The conditions that the
partial indexes have stand in them literally, for a planner can't use an index for a condition whose value it does not
know.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypeAlias

from sqlalchemy import (
    Boolean,
    ColumnElement,
    Connection,
    Dialect,
    bindparam,
    func,
    insert,
    literal_column,
    or_,
    select,
    text,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite

from .entries import ConnectionRow, Entry, SessionRow
from .states import State
from .tables import connections, history, requests, sessions

#: The columns of an entry, in the order of its fields.
NAMES = [one.name for one in dataclasses.fields(Entry) if one.name != "parsed"]
COLUMNS = [requests.c[name] for name in NAMES]
_STATE = NAMES.index("state")
#: SQLite knows no booleans.
_TRUTHS = [index for index, column in enumerate(COLUMNS) if isinstance(column.type, Boolean)]

_r = requests.c
_own = _r.connection == bindparam("connection")
_due = or_(_r.not_before.is_(None), _r.not_before <= bindparam("now"))
_queued = text("state = 'queued' AND place = 0")
_overdue = text("state = 'queued' AND expires_at IS NOT NULL")
_rows = select(*COLUMNS)
_own_rows = _rows.where(_own)
_one: ColumnElement[int] = literal_column("1")


def _whole_sets(heads: Any) -> Any:
    """All members of the sets whose ids ``heads`` selects."""
    return _rows.where(_r.set_id.in_(heads)).order_by(_r.number, _r.place)


def _count(rows: Any) -> Any:
    return select(func.count()).select_from(rows.limit(bindparam("most")).subquery())


#: What a transaction has to know besides the row: what is out, when the next request expires, and the time. Not in one
#: statement with the lock: one that had to wait for the lock would answer with what was before it waited.
_out = select(_r.id).where(_own).where(text("state = 'sent' AND place = 0")).scalar_subquery()
_expires = select(func.min(_r.expires_at)).where(_own).where(_overdue).scalar_subquery()
_connection = select(connections).where(connections.c.name == bindparam("name"))
_silent = (
    select(_r.connection)
    .select_from(requests.outerjoin(sessions, sessions.c.ticket == _r.session))
    .where(text("state = 'sent' AND place = 0"))
    .where(or_(sessions.c.ticket.is_(None), sessions.c.last_call_at <= bindparam("silent_since")))
)
_late = select(_r.connection).where(_overdue).where(_r.expires_at <= bindparam("now"))
_other = requests.alias("other")
_kept = or_(
    _other.c.finished_at.is_(None),
    _other.c.finished_at >= bindparam("before"),
    _other.c.handler_due.is_not(None),
    (_other.c.message_set_id.is_not(None)) & (_other.c.released.is_(False)),
)

_NEXT = select(_r.set_id).where(_own).where(_queued).where(_due).order_by(_r.priority.desc(), _r.number).limit(1)
_UNRELEASED = text("message_set_id IS NOT NULL AND released = false AND state IN ('done', 'failed')")

#: All of them, by name.
WRITTEN: dict[str, Any] = {
    "insert": insert(requests),
    "entry": _rows.where(_r.id == bindparam("id")),
    "set_of": _whole_sets(select(_r.set_id).where(_r.id == bindparam("id")).scalar_subquery()),
    "members": _rows.where(_r.set_id == bindparam("set_id")).order_by(_r.place),
    "by_key": _own_rows.where(text("idempotency_key IS NOT NULL")).where(_r.idempotency_key == bindparam("key")),
    "next": _whole_sets(_NEXT.scalar_subquery()),
    "overdue": _own_rows.where(_overdue)
    .where(_r.place == 0, _r.expires_at <= bindparam("now"))
    .order_by(_r.expires_at)
    .limit(bindparam("most")),
    "unknown": _own_rows.where(text("state = 'unknown' AND place = 0")).order_by(_r.number),
    "to_release": _own_rows.where(_UNRELEASED).order_by(_r.number).limit(1),
    "head_of": _own_rows.where(text("message_set_id IS NOT NULL")).where(
        _r.message_set_id == bindparam("message_set_id")
    ),
    "split_from": _own_rows.where(text("split_from IS NOT NULL"))
    .where(_r.split_from == bindparam("split_from"))
    .order_by(_r.number),
    "waiting": _count(select(_one).select_from(requests).where(_own).where(_queued).where(_due)),
    "queued": _count(select(_one).select_from(requests).where(_own).where(text("state = 'queued'"))),
    "is_to_ask": select(_one)
    .select_from(requests)
    .where(_own)
    .where(text("state = 'unknown' AND place = 0"))
    .where(_r.asked_in.is_distinct_from(bindparam("asked_in")))
    .limit(1),
    "next_due": select(func.min(_r.not_before))
    .where(_own)
    .where(text("state = 'queued' AND place = 0 AND not_before IS NOT NULL"))
    .where(_r.not_before > bindparam("now")),
    "history": select(history.c.at, history.c.state, history.c.reason)
    .where(history.c.number == select(_r.number).where(_r.id == bindparam("id")).scalar_subquery())
    .order_by(history.c.line),
    "connection": _connection,
    "locked_connection": _connection.with_for_update(),
    "session": select(sessions).where(sessions.c.ticket == bindparam("ticket")),
    "insert_session": insert(sessions),
    "neglected": select(_silent.union(_late).subquery().c.connection).limit(bindparam("most")),
    "forgettable": select(_r.set_id)
    .where(text("finished_at IS NOT NULL"))
    .where(_r.finished_at < bindparam("before"), _r.place == 0)
    .where(~select(_one).select_from(_other).where(_other.c.set_id == _r.set_id).where(_kept).exists())
    .order_by(_r.finished_at)
    .limit(bindparam("most")),
}

_INSERT: dict[str, Any] = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}

#: The database's own clock, where all who work with it share one: seconds since 1970.
CLOCKS = {"sqlite": "NULL", "postgresql": "extract(epoch FROM clock_timestamp())::double precision"}

_TABLES = {"requests": (requests, "number"), "connections": (connections, "name"), "sessions": (sessions, "ticket")}


#: A statement's text, the order of its values where they have no names there, and those that never change.
_Compiled: TypeAlias = "tuple[str, tuple[str, ...] | None, dict[str, Any]]"


class Statements:
    """The statements as one database writes them, and the way to run them."""

    def __init__(self, dialect: Dialect) -> None:
        self._dialect = dialect
        self._compiled: dict[Any, Any] = {}
        clock: ColumnElement[float] = literal_column(CLOCKS[dialect.name])
        self._written = {
            **WRITTEN,
            "new_connection": _INSERT[dialect.name](connections).on_conflict_do_nothing(),
            "insert_new_key": _INSERT[dialect.name](requests).on_conflict_do_nothing(
                index_elements=["connection", "idempotency_key"], index_where=text("idempotency_key IS NOT NULL")
            ),
            "standing": select(_out, _expires, clock),
        }

    def run(self, sql: Connection, name: str, values: Mapping[str, Any]) -> Any:
        """Run a statement by its name; the driver's cursor, with the rows still in it."""
        compiled = self._compiled.get(name)
        if compiled is None:
            compiled = self._compiled[name] = self._compile(self._written[name])
        return self._execute(sql, compiled, values)

    def insert(self, sql: Connection, rows: Sequence[Mapping[str, Any]]) -> bool:
        """Insert requests; ``False``, and nothing inserted, where the first one's idempotency key is taken."""
        for row in rows:
            keyed = row["idempotency_key"] is not None
            if not self.run(sql, "insert_new_key" if keyed else "insert", row).rowcount:
                return False
        return True

    def update(self, sql: Connection, table: str, key: Any, changes: Mapping[str, Any]) -> None:
        """Set columns of one row. ``changes`` counts up the column of that name, for the history."""
        names = (table, *changes)
        compiled = self._compiled.get(names)
        if compiled is None:
            of, column = _TABLES[table]
            values: dict[str, Any] = {name: bindparam(name) for name in changes}
            if "changes" in values:
                values["changes"] = requests.c.changes + 1
            statement = update(of).where(of.c[column] == bindparam("this")).values(values)
            compiled = self._compiled[names] = self._compile(statement)
        self._execute(sql, compiled, {**changes, "this": key})

    def _compile(self, statement: Any) -> _Compiled:
        columns = None
        if statement.is_insert:
            columns = [column.name for column in statement.table.columns if column.name not in ("number", "changes")]
            if statement.table is connections:
                columns = ["name"]
        compiled = statement.compile(dialect=self._dialect, column_keys=columns)
        constants = {name: value for name, value in compiled.params.items() if value is not None}
        return str(compiled), tuple(compiled.positiontup) if compiled.positional else None, constants

    @staticmethod
    def _execute(sql: Connection, compiled: _Compiled, values: Mapping[str, Any]) -> Any:
        written, order, constants = compiled
        if constants:
            values = {**constants, **values}
        cursor = sql.connection.cursor()
        cursor.execute(written, values if order is None else [values[name] for name in order])
        return cursor


def entry_of(row: Sequence[Any] | None) -> Entry | None:
    """A row of the requests as an entry."""
    if row is None:
        return None
    values = list(row)
    values[_STATE] = State(values[_STATE])
    for index in _TRUTHS:
        values[index] = bool(values[index])
    return Entry(*values)


def entries_of(rows: Iterable[Sequence[Any]]) -> list[Entry]:
    """Rows of the requests as entries."""
    return [entry for row in rows if (entry := entry_of(row)) is not None]


def row_of(entry: Entry) -> dict[str, Any]:
    """An entry as a row to insert."""
    values = {name: getattr(entry, name) for name in NAMES if name != "number"}
    values["state"] = entry.state.value
    return values


def connection_of(row: Sequence[Any]) -> ConnectionRow:
    """A row of the connections."""
    name, paused, *others = row
    return ConnectionRow(name, bool(paused), *others)


def session_of(row: Sequence[Any] | None) -> SessionRow | None:
    """A row of the sessions."""
    return None if row is None else SessionRow(*row)
