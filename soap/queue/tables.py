"""The tables of the queue in a database, and what the database itself sees to.

Constraints, not code: one set out per connection, one request per idempotency key. The history is written by a trigger
whenever ``changes`` is counted up, which saves a statement for each change.

An index for each question that is asked often; those on waiting rows are partial, so that what is done long ago costs
nothing.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    DDL,
    BigInteger,
    Boolean,
    Column,
    Double,
    Index,
    Integer,
    MetaData,
    Table,
    Text,
    event,
    text,
)

#: The layout of the tables; counted up with each change to it.
LAYOUT = 1

metadata = MetaData()

#: SQLite numbers rows by itself only where the key is INTEGER.
_Number = BigInteger().with_variant(Integer, "sqlite")

layouts = Table("openqbd_layout", metadata, Column("layout", Integer, primary_key=True, autoincrement=False))

connections = Table(
    "openqbd_connections",
    metadata,
    Column("name", Text, primary_key=True),
    Column("paused", Boolean, nullable=False, server_default=text("false")),
    Column("session", Text),
    Column("version", Text),
    Column("edition", Text),
    Column("seen_at", Double),
)

sessions = Table(
    "openqbd_sessions",
    metadata,
    Column("ticket", Text, primary_key=True),
    Column("connection", Text, nullable=False),
    Column("begun_at", Double, nullable=False),
    Column("last_call_at", Double, nullable=False),
    Column("conversation", Text, nullable=False),
    Column("calls", Integer, nullable=False),
    Index("openqbd_sessions_old", "last_call_at"),
)

requests = Table(
    "openqbd_requests",
    metadata,
    Column("number", _Number, primary_key=True, autoincrement=True),
    Column("id", Text, nullable=False),
    Column("connection", Text, nullable=False),
    Column("set_id", Text, nullable=False),
    Column("place", Integer, nullable=False),
    Column("name", Text, nullable=False),
    Column("content", Text, nullable=False),
    Column("caller_id", Text),
    Column("writes", Boolean, nullable=False),
    Column("continues", Boolean, nullable=False),
    Column("macros", Boolean, nullable=False),
    Column("created_at", Double, nullable=False),
    Column("on_lost", Text, nullable=False),
    Column("priority", Integer, nullable=False),
    Column("not_before", Double),
    Column("expires_at", Double),
    Column("idempotency_key", Text),
    Column("digest", Text),
    Column("handler", Text),
    Column("metadata", Text),
    Column("state", Text, nullable=False),
    Column("changed_at", Double, nullable=False),
    Column("reason", Text, nullable=False),
    Column("finished_at", Double),
    Column("attempts", Integer, nullable=False),
    Column("lock_retries", Integer, nullable=False),
    Column("withdrawn", Boolean, nullable=False),
    Column("status_code", Integer),
    Column("status_severity", Text),
    Column("status_message", Text),
    Column("error", Text),
    Column("recovered", Boolean, nullable=False),
    Column("record_pending", Boolean, nullable=False),
    Column("subject", Text),
    Column("handler_due", Double),
    Column("handler_attempts", Integer, nullable=False),
    Column("handler_error", Text),
    Column("on_error", Text, nullable=False),
    Column("split_from", Text),
    Column("text", Text),
    Column("version", Text),
    Column("edition", Text),
    Column("sent_at", Double),
    Column("session", Text),
    Column("message_set_id", Text),
    Column("releases", Text),
    Column("released", Boolean, nullable=False),
    Column("asked_in", Text),
    Column("asked", Integer, nullable=False),
    Column("raw", Text),
    Column("record_raw", Text),
    Column("changes", Integer, nullable=False, server_default=text("0")),
    sqlite_autoincrement=True,
)

history = Table(
    "openqbd_history",
    metadata,
    Column("line", _Number, primary_key=True, autoincrement=True),
    Column("number", _Number, nullable=False),
    Column("at", Double, nullable=False),
    Column("state", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Index("openqbd_history_of", "number"),
    sqlite_autoincrement=True,
)

_r = requests.c


def _index(name: str, *columns: Any, where: str = "", unique: bool = False) -> None:
    condition = text(where) if where else None
    Index(f"openqbd_{name}", *columns, unique=unique, sqlite_where=condition, postgresql_where=condition)


_index("request_id", _r.id, unique=True)
_index("request_set", _r.set_id, _r.place, unique=True)
_index(
    "request_delayed",
    _r.connection,
    _r.not_before,
    where="state = 'queued' AND place = 0 AND not_before IS NOT NULL",
)
_index("request_out", _r.connection, where="state = 'sent' AND place = 0", unique=True)
# With a column of their condition as well, or SQLite takes another index that begins alike.
_index(
    "request_waiting",
    _r.connection,
    _r.state,
    _r.priority.desc(),
    _r.number,
    where="state = 'queued' AND place = 0",
)
_index("request_unknown", _r.connection, _r.state, _r.number, where="state = 'unknown' AND place = 0")
_index("request_overdue", _r.connection, _r.expires_at, where="state = 'queued' AND expires_at IS NOT NULL")
_index("request_key", _r.connection, _r.idempotency_key, where="idempotency_key IS NOT NULL", unique=True)
_index(
    "request_unreleased",
    _r.connection,
    _r.released,
    _r.number,
    where="message_set_id IS NOT NULL AND released = false AND state IN ('done', 'failed')",
)
_index("request_message_set", _r.message_set_id, where="message_set_id IS NOT NULL")
_index("request_split", _r.split_from, _r.number, where="split_from IS NOT NULL")
_index("request_handler", _r.handler_due, where="handler_due IS NOT NULL")
_index("request_finished", _r.finished_at, where="finished_at IS NOT NULL")
_index("request_listed", _r.connection, _r.number)

_ROW = "(number, at, state, reason) VALUES (NEW.number, NEW.changed_at, NEW.state, NEW.reason)"

for _statement in (
    f"CREATE TRIGGER openqbd_request_added AFTER INSERT ON openqbd_requests"
    f" BEGIN INSERT INTO openqbd_history {_ROW}; END",
    f"CREATE TRIGGER openqbd_request_changed AFTER UPDATE OF changes ON openqbd_requests"
    f" BEGIN INSERT INTO openqbd_history {_ROW}; END",
):
    event.listen(history, "after_create", DDL(_statement).execute_if(dialect="sqlite"))
for _statement in (
    "CREATE OR REPLACE FUNCTION openqbd_note_history() RETURNS trigger LANGUAGE plpgsql AS"
    f" $$ BEGIN INSERT INTO openqbd_history {_ROW}; RETURN NULL; END $$",
    "CREATE TRIGGER openqbd_request_added AFTER INSERT ON openqbd_requests"
    " FOR EACH ROW EXECUTE FUNCTION openqbd_note_history()",
    "CREATE TRIGGER openqbd_request_changed AFTER UPDATE OF changes ON openqbd_requests"
    " FOR EACH ROW EXECUTE FUNCTION openqbd_note_history()",
):
    event.listen(history, "after_create", DDL(_statement.replace("%", "%%")).execute_if(dialect="postgresql"))
