"""What was open in receivables and payables at a day: the parts of transactions, less what had been applied by then.

A link counts from the day on which all three are there: both its ends, and the transaction that made it. So the open
parts of an account come to its balance on any day.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from ..ledger.registry import txn_kinds

#: Links that did not count yet at a day: something of them is dated later.
_NOT_YET = """
WITH later (id) AS (SELECT id FROM transactions WHERE kind IN ({kinds}) AND date > ?),
undone (number) AS (
    SELECT number FROM links WHERE owner IN later
    UNION SELECT number FROM links WHERE target IN later
    UNION SELECT number FROM links WHERE source IN later
)
SELECT target, target_line, source, source_line, cents FROM links WHERE number IN undone AND type = 'AMTTYPE'
"""

_PART = "SELECT p.txn, p.line, p.account, p.entity, p.cents, p.open, t.kind, t.date, {due} FROM parts p"
_PART = f"{_PART} JOIN transactions t ON t.id = p.txn"


@dataclass(frozen=True, slots=True)
class OpenPart:
    """A part of a transaction in receivables or payables, and how much of it was open: cents, debit positive."""

    txn: str
    line: str
    account: str
    entity: str | None
    kind: str
    made: date
    due: date
    open: int


def open_parts(sql: sqlite3.Connection, day: date) -> Iterator[OpenPart]:
    """The parts that were open at a day."""
    undone: dict[tuple[str, str], int] = {}
    kinds = list(txn_kinds())
    wanted = _NOT_YET.format(kinds=", ".join("?" * len(kinds)))
    for target, target_line, source, source_line, cents in sql.execute(wanted, (*kinds, day.isoformat())):
        for end in ((target, target_line), (source, source_line)):
            undone[end] = undone.get(end, 0) + cents
    part = _PART.format(due="json_extract(t.body, '$.' || t.kind || 'Ret.DueDate')")
    rows = sql.execute(f"{part} WHERE p.open <> 0 AND t.date <= ?", (day.isoformat(),)).fetchall()
    known = {(row[0], row[1]) for row in rows}
    for end in undone:
        if end not in known:
            rows += sql.execute(f"{part} WHERE p.txn = ? AND p.line = ? AND t.date <= ?", (*end, day.isoformat()))
    for txn, line, account, entity, cents, left, kind, dated, due in rows:
        back = undone.get((txn, line), 0)
        at_day = left + (back if cents >= 0 else -back)
        if at_day:
            made = date.fromisoformat(dated)
            until = made if due is None else date.fromisoformat(due)
            yield OpenPart(txn, line, account, entity, kind, made, until, at_day)
