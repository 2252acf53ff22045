"""The statements of the store in a database that are asked all the time, written once.

The conditions that the partial indexes have stand in them literally: a planner can't use an index for a condition whose
value it does not know.
"""

from __future__ import annotations

import dataclasses

from sqlalchemy import ColumnElement, bindparam, func, insert, literal_column, or_, select, text
from sqlalchemy.dialects import postgresql, sqlite

from .entries import Entry
from .tables import connections, history, requests, sessions

NAMES = [one.name for one in dataclasses.fields(Entry) if one.name != "parsed"]
COLUMNS = [requests.c[name] for name in NAMES]

_r = requests.c
_own = _r.connection == bindparam("connection")
_due = or_(_r.not_before.is_(None), _r.not_before <= bindparam("now"))
_queued = text("state = 'queued' AND place = 0")
_rows = select(*COLUMNS)
_own_rows = _rows.where(_own)

INSERT = insert(requests)
ENTRY = _rows.where(_r.id == bindparam("id"))
MEMBERS = _rows.where(_r.set_id == bindparam("set_id")).order_by(_r.place)
BY_KEY = _own_rows.where(text("idempotency_key IS NOT NULL")).where(_r.idempotency_key == bindparam("key"))

SENT = _own_rows.where(text("state = 'sent' AND place = 0"))
NEXT = _own_rows.where(_queued).where(_due).order_by(_r.priority.desc(), _r.number).limit(1)
OVERDUE = (
    _own_rows.where(text("state = 'queued' AND expires_at IS NOT NULL"))
    .where(_r.place == 0, _r.expires_at <= bindparam("now"))
    .order_by(_r.expires_at)
    .limit(bindparam("most"))
)
UNKNOWN = _own_rows.where(text("state = 'unknown' AND place = 0")).order_by(_r.number)
TO_RELEASE = (
    _own_rows.where(text("message_set_id IS NOT NULL AND NOT released AND state IN ('done', 'failed')"))
    .order_by(_r.number)
    .limit(1)
)
HEAD_OF = _own_rows.where(text("message_set_id IS NOT NULL")).where(_r.message_set_id == bindparam("message_set_id"))
SPLIT_FROM = (
    _own_rows.where(text("split_from IS NOT NULL")).where(_r.split_from == bindparam("split_from")).order_by(_r.number)
)

_one: ColumnElement[int] = literal_column("1")
_waiting = select(_one).select_from(requests).where(_own).where(_queued).where(_due).limit(bindparam("most"))
WAITING = select(func.count()).select_from(_waiting.subquery())
_all_queued = select(_one).select_from(requests).where(_own).where(text("state = 'queued'")).limit(bindparam("most"))
QUEUED = select(func.count()).select_from(_all_queued.subquery())

TO_ASK = (
    select(_one)
    .select_from(requests)
    .where(_own)
    .where(text("state = 'unknown' AND place = 0"))
    .where(_r.asked_in.is_distinct_from(bindparam("asked_in")))
    .limit(1)
)
NEXT_DUE = (
    select(func.min(_r.not_before))
    .where(_own)
    .where(text("state = 'queued' AND place = 0 AND not_before IS NOT NULL"))
    .where(_r.not_before > bindparam("now"))
)

HISTORY = (
    select(history.c.at, history.c.state, history.c.reason)
    .where(history.c.number == select(_r.number).where(_r.id == bindparam("id")).scalar_subquery())
    .order_by(history.c.line)
)

CONNECTION = select(connections).where(connections.c.name == bindparam("name"))
LOCKED_CONNECTION = CONNECTION.with_for_update()
NEW_CONNECTION = {
    "sqlite": sqlite.insert(connections).on_conflict_do_nothing(),
    "postgresql": postgresql.insert(connections).on_conflict_do_nothing(),
}
SESSION = select(sessions).where(sessions.c.ticket == bindparam("ticket"))

_silent = (
    select(_r.connection)
    .select_from(requests.outerjoin(sessions, sessions.c.ticket == _r.session))
    .where(text("state = 'sent' AND place = 0"))
    .where(or_(sessions.c.ticket.is_(None), sessions.c.last_call_at <= bindparam("silent_since")))
)
_overdue = (
    select(_r.connection)
    .where(text("state = 'queued' AND expires_at IS NOT NULL"))
    .where(_r.expires_at <= bindparam("now"))
)
NEGLECTED = select(_silent.union(_overdue).subquery().c.connection).limit(bindparam("most"))

_other = requests.alias("other")
_kept = or_(
    _other.c.finished_at.is_(None),
    _other.c.finished_at >= bindparam("before"),
    _other.c.handler_due.is_not(None),
    (_other.c.message_set_id.is_not(None)) & (_other.c.released.is_(False)),
)
FORGETTABLE = (
    select(_r.set_id)
    .where(text("finished_at IS NOT NULL"))
    .where(_r.finished_at < bindparam("before"), _r.place == 0)
    .where(~select(_one).select_from(_other).where(_other.c.set_id == _r.set_id).where(_kept).exists())
    .order_by(_r.finished_at)
    .limit(bindparam("most"))
)
