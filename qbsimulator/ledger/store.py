"""Reading and writing the ledger's rows. Totals and open parts are kept in step with postings and links here."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import qbxml

from .rows import Link, Part, Posting, Txn

_TXN = "kind, id, number, date, ref, entity, account, created, modified, edit_sequence, body"
_LINK = "type, owner, target, source, cents, target_line, source_line, discount, quantity, number"


class LedgerStore:
    """The ledger's tables of an open company file."""

    def __init__(self, sql: sqlite3.Connection) -> None:
        self._sql = sql

    # -- transactions ------------------------------------------------------------------------------------------------

    def txn(self, id_: str) -> Txn | None:
        """A transaction by its TxnID."""
        row = self._sql.execute(f"SELECT {_TXN} FROM transactions WHERE id = ?", (id_,)).fetchone()
        return None if row is None else Txn(*row)

    def find(self, kinds: Sequence[str], where: str, values: Sequence[Any]) -> list[tuple[str, str]]:
        """Kind and id of the transactions of some kinds for which ``where`` holds, the oldest first."""
        marks = ", ".join("?" * len(kinds))
        wanted = f"SELECT kind, id FROM transactions WHERE kind IN ({marks}) AND ({where or 'true'})"
        # Sorted here, and not by an index that keeps this order: the filters find their few faster.
        order = "+date, +number" if where else "date, number"
        return [(kind, id_) for kind, id_ in self._sql.execute(f"{wanted} ORDER BY {order}", [*kinds, *values])]

    def all(self) -> list[Txn]:
        """All transactions, in the order in which they were made."""
        return [Txn(*row) for row in self._sql.execute(f"SELECT {_TXN} FROM transactions ORDER BY number")]

    def write(self, txn: Txn) -> None:
        """Add a transaction, or replace the one of its id."""
        values = (
            *(txn.kind, txn.id, txn.number, txn.date, txn.ref, txn.entity, txn.account),
            *(txn.created, txn.modified, txn.edit_sequence, txn.body),
        )
        self._sql.execute(f"INSERT OR REPLACE INTO transactions ({_TXN}) VALUES ({', '.join('?' * 11)})", values)

    def touch(self, id_: str, now: float) -> None:
        """Move a transaction's TimeModified: something else changed what it shows."""
        self._sql.execute("UPDATE transactions SET modified = ? WHERE id = ?", (now, id_))

    def touch_element(self, key: str, now: float) -> None:
        """Move an element's TimeModified."""
        kind, _, id_ = key.partition(" ")
        self._sql.execute("UPDATE elements SET modified = ? WHERE kind = ? AND id = ?", (now, kind, id_))

    def remove(self, txn: Txn, now: float) -> None:
        """Take a transaction out, and note it among the deleted. Its postings and links are removed by themselves."""
        self._sql.execute("DELETE FROM transactions WHERE id = ?", (txn.id,))
        self._sql.execute("DELETE FROM cleared WHERE txn = ?", (txn.id,))
        self._sql.execute(
            "INSERT INTO deleted_transactions (kind, id, ref, created, deleted) VALUES (?, ?, ?, ?, ?)",
            (txn.kind, txn.id, txn.ref, txn.created, now),
        )

    def deleted(self, kind: str, begin: float, end: float) -> list[tuple[str, str, float, float]]:
        """What was deleted of a kind in a time: id, RefNumber, when it was made and deleted."""
        wanted = (
            "SELECT id, ref, created, deleted FROM deleted_transactions WHERE kind = ? AND deleted BETWEEN ? AND ?"
            " ORDER BY deleted, number"
        )
        return list(self._sql.execute(wanted, (kind, begin, end)))

    def clear(self, txn: str, line: str, status: str) -> None:
        """Note that a transaction, or a line of it, was seen on a bank's statement, or not."""
        self._sql.execute("INSERT OR REPLACE INTO cleared VALUES (?, ?, ?)", (txn, line, status))

    # -- postings, and what follows from them ------------------------------------------------------------------------

    def postings(self, txn: str) -> list[Posting]:
        """What a transaction posts."""
        wanted = "SELECT account, cents, line, entity, item, class, quantity, memo FROM postings WHERE txn = ?"
        return [Posting(*row) for row in self._sql.execute(f"{wanted} ORDER BY place", (txn,))]

    def undeposited(self, funds: str) -> list[str]:
        """The ids of the transactions that put something into an account, or a part of it, and no deposit has it."""
        wanted = (
            "SELECT DISTINCT p.txn FROM postings p JOIN transactions t ON t.id = p.txn WHERE p.account = ?"
            " AND NOT EXISTS (SELECT 1 FROM links l WHERE l.type = 'DEPOSIT' AND l.target = p.txn AND"
            " (p.line = '' OR l.target_line = p.line)) ORDER BY t.date, t.number"
        )
        return [row[0] for row in self._sql.execute(wanted, (funds,))]

    def value_of(self, account: str, item: str) -> int:
        """What an account holds of an item, in cents."""
        wanted = "SELECT coalesce(sum(cents), 0) FROM postings WHERE account = ? AND item = ?"
        return int(self._sql.execute(wanted, (account, item)).fetchone()[0])

    def places(self, txn: str, where: str, values: Sequence[Any]) -> list[int]:
        """The places of a transaction's postings for which ``where`` holds; ``header`` is the header's name."""
        wanted = (
            "SELECT place FROM (SELECT p.*, t.entity AS header FROM postings p JOIN transactions t ON t.id = p.txn"
            f" WHERE p.txn = ?) WHERE {where or 'true'} ORDER BY place"
        )
        return [row[0] for row in self._sql.execute(wanted, (txn, *values))]

    def accounts_of(self, types: Sequence[str]) -> list[str]:
        """The keys of the accounts of some types."""
        marks = ", ".join("?" * len(types))
        wanted = (
            "SELECT kind || ' ' || id FROM elements WHERE kind = 'Account' AND"
            f" json_extract(body, '$.AccountRet.AccountType') IN ({marks})"
        )
        return [row[0] for row in self._sql.execute(wanted, types)]

    def replace_postings(self, txn: str, date: str, postings: Sequence[Posting], open_accounts: set[str]) -> set[str]:
        """Put postings in the place of those a transaction had; the keys of all names whose balance it moves.

        ``open_accounts`` are the keys of those among its accounts that are receivables or payables.
        """
        changes: dict[str, int] = {}
        old = self._sql.execute("SELECT account, cents FROM postings WHERE txn = ?", (txn,)).fetchall()
        for account, cents in old:
            changes[account] = changes.get(account, 0) - cents
        for account, cents in ((one.account, one.cents) for one in postings):
            changes[account] = changes.get(account, 0) + cents
        moved: set[str] = set()
        for part in self.parts(txn):
            if part.entity is not None:
                changes[part.entity] = changes.get(part.entity, 0) - part.cents
                moved.add(part.entity)
        self._sql.execute("DELETE FROM postings WHERE txn = ?", (txn,))
        rows = [
            (
                *(txn, place, one.line, one.account, one.cents),
                *(one.entity, one.item, one.class_, one.quantity, one.memo, date),
            )
            for place, one in enumerate(postings)
        ]
        self._sql.executemany(f"INSERT INTO postings VALUES ({', '.join('?' * 11)})", rows)
        self._sql.execute("DELETE FROM parts WHERE txn = ?", (txn,))
        for (line, account, entity), cents in parts_of(postings, open_accounts).items():
            self._sql.execute("INSERT INTO parts VALUES (?, ?, ?, ?, ?, ?)", (txn, line, account, entity, cents, cents))
            if entity is not None:
                changes[entity] = changes.get(entity, 0) + cents
                moved.add(entity)
        self._sql.executemany(
            "INSERT INTO totals VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET cents = cents + excluded.cents",
            [(key, cents) for key, cents in changes.items() if cents],
        )
        self._settle(txn)
        return {key for key in moved if changes.get(key)}

    def parts(self, txn: str) -> list[Part]:
        """The parts of a transaction that are in receivables or payables."""
        wanted = "SELECT txn, line, account, entity, cents, open FROM parts WHERE txn = ? ORDER BY line"
        return [Part(*row) for row in self._sql.execute(wanted, (txn,))]

    def open_parts(self, entity: str, account: str | None = None) -> list[tuple[Part, Txn]]:
        """The open parts of a name, the oldest first, each with its transaction."""
        names = ", ".join(f"t.{name}" for name in _TXN.split(", "))
        wanted = (
            f"SELECT p.txn, p.line, p.account, p.entity, p.cents, p.open, {names} FROM parts p JOIN transactions t"
            " ON t.id = p.txn WHERE p.entity = ? AND p.open <> 0 AND (? IS NULL OR p.account = ?)"
            " ORDER BY t.date, t.number, p.line"
        )
        rows = self._sql.execute(wanted, (entity, account, account))
        return [(Part(*row[:6]), Txn(*row[6:])) for row in rows]

    def totals(self) -> dict[str, int]:
        """All running totals, by key."""
        return dict(self._sql.execute("SELECT key, cents FROM totals").fetchall())

    def sums_of(self, account: str, until: str) -> list[tuple[str | None, str | None, int]]:
        """What an account holds up to a day, by name and item, in cents; the oldest first."""
        wanted = (
            "SELECT entity, item, sum(cents) FROM postings WHERE account = ? AND date <= ?"
            " GROUP BY entity, item ORDER BY min(date), entity, item"
        )
        return list(self._sql.execute(wanted, (account, until)))

    # -- for the check of the books ----------------------------------------------------------------------------------

    def damages(self) -> list[str]:
        """What SQLite finds wrong with the file itself."""
        found = [str(row[0]) for row in self._sql.execute("PRAGMA integrity_check")]
        return [] if found == ["ok"] else found

    def uses(self, user: str) -> set[str]:
        """What something is noted to refer to."""
        return {row[0] for row in self._sql.execute("SELECT used FROM uses WHERE user = ?", (user,))}

    def known(self, keys: Iterable[str]) -> set[str]:
        """Those among some keys of elements that are there."""
        there = "SELECT 1 FROM elements WHERE kind = ? AND id = ?"
        return {one for one in keys if self._sql.execute(there, tuple(one.split(" ", 1))).fetchone()}

    def bodies(self) -> Iterator[tuple[str, str | None, Any]]:
        """Key, parent and record of all elements of lists."""
        for kind, id_, parent, body in self._sql.execute("SELECT kind, id, parent, body FROM elements").fetchall():
            yield f"{kind} {id_}", parent, qbxml.from_json(body)

    def posting_dates(self, txn: str) -> set[str]:
        """The days on which a transaction's postings are."""
        return {row[0] for row in self._sql.execute("SELECT date FROM postings WHERE txn = ?", (txn,))}

    def strays(self) -> list[tuple[str, str]]:
        """Tables with rows of transactions that are not there, and the ids of these."""
        found = []
        for table in ("postings", "parts", "cleared"):
            wanted = f"SELECT DISTINCT txn FROM {table} WHERE txn NOT IN (SELECT id FROM transactions)"
            found += [(table, str(row[0])) for row in self._sql.execute(wanted)]
        return found

    # -- links -------------------------------------------------------------------------------------------------------

    def add_links(self, links: Iterable[Link]) -> None:
        """Add links, and bring the open parts of their ends up to date."""
        ends: set[str] = set()
        for link in links:
            values = (
                *(link.type, link.owner, link.target, link.source, link.cents, link.target_line, link.source_line),
                *(link.discount, link.quantity),
            )
            self._sql.execute(f"INSERT INTO links ({_LINK}) VALUES ({', '.join('?' * 9)}, NULL)", values)
            if link.type == "AMTTYPE":
                ends |= {link.target, link.source}
        for end in sorted(ends):
            self._settle(end)

    def links(self, txn: str) -> list[Link]:
        """All links of which a transaction is an end, in the order in which they were made."""
        wanted = f"SELECT {_LINK} FROM links WHERE target = ? OR source = ? ORDER BY number"
        return [Link(*row) for row in self._sql.execute(wanted, (txn, txn))]

    def all_links(self) -> list[Link]:
        """All links."""
        return [Link(*row) for row in self._sql.execute(f"SELECT {_LINK} FROM links ORDER BY number")]

    def owned(self, txn: str) -> list[Link]:
        """The links that a transaction's own request made."""
        return [Link(*row) for row in self._sql.execute(f"SELECT {_LINK} FROM links WHERE owner = ?", (txn,))]

    def remove_links(self, links: Iterable[Link]) -> set[str]:
        """Take links away; the ids of their ends, whose open parts are brought up to date."""
        gone = list(links)
        self._sql.executemany("DELETE FROM links WHERE number = ?", [(one.number,) for one in gone])
        ends = {end for one in gone for end in (one.target, one.source)}
        for end in ends:
            self._settle(end)
        return ends

    def _settle(self, txn: str) -> None:
        """Compute how much of a transaction's parts is open."""
        for part in self.parts(txn):
            taken = self._sql.execute(
                "SELECT coalesce(sum(cents), 0) FROM links WHERE type = 'AMTTYPE' AND"
                " ((target = :txn AND target_line = :line) OR (source = :txn AND source_line = :line))",
                {"txn": txn, "line": part.line},
            ).fetchone()[0]
            left = part.cents - taken if part.cents >= 0 else part.cents + taken
            if left != part.open:
                self._sql.execute("UPDATE parts SET open = ? WHERE txn = ? AND line = ?", (left, txn, part.line))


def parts_of(postings: Iterable[Posting], open_accounts: set[str]) -> dict[tuple[str, str, str | None], int]:
    """What postings have in receivables and payables, by line, account and name."""
    found: dict[tuple[str, str, str | None], int] = {}
    for one in postings:
        if one.account in open_accounts:
            place = (one.line, one.account, one.entity)
            found[place] = found.get(place, 0) + one.cents
    return found
