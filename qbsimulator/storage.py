"""The company file: one SQLite database. Rows and counters; no rule of QuickBooks stands here."""

from __future__ import annotations

import sqlite3
import weakref
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from .errors import UnusableFile
from .fieldstore import TABLES as FIELD_TABLES
from .fieldstore import FieldStore
from .ledger.tables import TABLES as LEDGER_TABLES

#: Tells a company file from any other SQLite database, and one layout from another.
APPLICATION_ID = 0x0B0D51
LAYOUT = 1

_TABLES = """
CREATE TABLE settings (one INTEGER PRIMARY KEY CHECK (one = 1), text TEXT NOT NULL);
CREATE TABLE counters (name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE elements (
    kind TEXT NOT NULL, id TEXT NOT NULL, space TEXT NOT NULL, parent TEXT, level INTEGER NOT NULL,
    name TEXT NOT NULL COLLATE NOCASE, full_name TEXT NOT NULL COLLATE NOCASE, is_active INTEGER NOT NULL,
    created REAL NOT NULL, modified REAL NOT NULL, edit_sequence TEXT NOT NULL, body TEXT NOT NULL,
    PRIMARY KEY (kind, id)
) WITHOUT ROWID;
CREATE UNIQUE INDEX element_name ON elements (space, ifnull(parent, ''), name);
CREATE INDEX element_full_name ON elements (kind, full_name);
CREATE INDEX element_modified ON elements (kind, modified);
CREATE INDEX element_parent ON elements (parent) WHERE parent IS NOT NULL;
CREATE TABLE uses (user TEXT NOT NULL, used TEXT NOT NULL, PRIMARY KEY (used, user)) WITHOUT ROWID;
CREATE INDEX use_of ON uses (user);
CREATE TABLE deleted (
    number INTEGER PRIMARY KEY, kind TEXT NOT NULL, id TEXT NOT NULL, full_name TEXT NOT NULL,
    created REAL NOT NULL, deleted REAL NOT NULL
);
CREATE INDEX deleted_when ON deleted (kind, deleted);
CREATE TABLE recovery (
    application TEXT NOT NULL, set_id TEXT NOT NULL, checksum TEXT NOT NULL, place INTEGER NOT NULL,
    answer TEXT NOT NULL, PRIMARY KEY (application, set_id, place)
) WITHOUT ROWID;
"""
_TABLES += FIELD_TABLES


@dataclass(slots=True)
class Element:
    """One element of a list, as the file keeps it. Times are seconds since 1970; ``body`` is its record as JSON."""

    kind: str
    id: str
    #: The name space: no two elements of one have the same name below one parent.
    space: str
    parent: str | None
    level: int
    name: str
    full_name: str
    is_active: bool
    created: float
    modified: float
    edit_sequence: str
    body: str

    @property
    def key(self) -> str:
        """What names the element in the file: ids of different kinds may be the same."""
        return f"{self.kind} {self.id}"


#: What a record shows: kind, id, key of the parent, level, full name, when it was made and modified, EditSequence, its
#: record as JSON, its running total, and whether there is anything below it.
Shown = tuple[str, str, str | None, int, str, float, float, str, str, int, bool]


def _element(row: Sequence[Any]) -> Element:
    kind, id_, space, parent, level, name, full_name, is_active, *rest = row
    return Element(kind, id_, space, parent, level, name, full_name, bool(is_active), *rest)


_COLUMNS = "kind, id, space, parent, level, name, full_name, is_active, created, modified, edit_sequence, body"

#: The totals of all that is below an element, summed.
_BELOW = """
WITH RECURSIVE below (key) AS (
    SELECT kind || ' ' || id FROM elements WHERE parent = ?
    UNION ALL SELECT e.kind || ' ' || e.id FROM elements e JOIN below ON e.parent = below.key
)
SELECT coalesce(sum(totals.cents), 0) FROM below JOIN totals ON totals.key = below.key
"""


class Storage:
    """An open company file. One thread at a time may work with it; whoever shares it sees to that."""

    def __init__(self, path: Path, *, new: bool) -> None:
        if new == path.exists():
            raise UnusableFile(str(path), "there is such a file already" if new else "there is no such file")
        self.path = path
        try:
            self._sql = sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=30.0)
        except sqlite3.Error as error:
            raise UnusableFile(str(path), f"it can't be used: {error}") from None
        try:
            if new:
                self._sql.executescript(
                    f"BEGIN; {_TABLES} {LEDGER_TABLES} PRAGMA application_id={APPLICATION_ID}; COMMIT;"
                )
                self._sql.execute(f"PRAGMA user_version={LAYOUT}")
            made = self._sql.execute("PRAGMA application_id").fetchone()[0]
            layout = self._sql.execute("PRAGMA user_version").fetchone()[0]
            if (made, layout) != (APPLICATION_ID, LAYOUT):
                raise UnusableFile(str(path), "it is no company file of this release of the simulator")
            # Only now: nothing is written into a file of somebody else's.
            self._sql.execute("PRAGMA journal_mode=WAL")
            self._sql.execute("PRAGMA synchronous=FULL")
        except sqlite3.Error as error:
            self._sql.close()
            raise UnusableFile(str(path), f"it can't be used: {error}") from None
        except UnusableFile:
            self._sql.close()
            raise
        # A company that nobody has any more is closed.
        weakref.finalize(self, self._sql.close)

    @property
    def fields(self) -> FieldStore:
        """The rows of custom fields."""
        return FieldStore(self._sql)

    def close(self) -> None:
        """Close the file."""
        self._sql.close()

    def back_up(self, path: Path) -> None:
        """Write a copy of the file. Raises :class:`~qbsimulator.errors.UnusableFile`."""
        if path.exists():
            raise UnusableFile(str(path), "there is such a file already")
        try:
            with closing(sqlite3.connect(path)) as copy:
                self._sql.backup(copy)
        except sqlite3.Error as error:
            raise UnusableFile(str(path), f"it can't be used: {error}") from None

    def restore(self, path: Path) -> None:
        """Put the file back to a copy of it. Raises :class:`~qbsimulator.errors.UnusableFile`."""
        with closing(Storage(path, new=False)) as copy:
            try:
                copy._sql.backup(self._sql)
            except sqlite3.Error as error:
                raise UnusableFile(str(path), f"it can't be put back: {error}") from None

    def hurry(self) -> None:
        """Leave it to the system when changes get to the disk: for a file that is thrown away if its making fails."""
        self._sql.execute("PRAGMA synchronous=OFF")

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All changes within are kept together, or none."""
        self._sql.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self._sql.execute("ROLLBACK")
            raise
        self._sql.execute("COMMIT")

    @contextmanager
    def attempt(self) -> Iterator[None]:
        """Changes within a transaction that are undone by themselves when they fail."""
        self._sql.execute("SAVEPOINT attempt")
        try:
            yield
        except BaseException:
            self._sql.execute("ROLLBACK TO attempt")
            raise
        finally:
            self._sql.execute("RELEASE attempt")

    @property
    def sql(self) -> sqlite3.Connection:
        """The open database, for the ledger's tables."""
        return self._sql

    # -- settings and counters ---------------------------------------------------------------------------------------

    def settings(self) -> str | None:
        """The settings as they were written last."""
        row = self._sql.execute("SELECT text FROM settings").fetchone()
        return None if row is None else str(row[0])

    def write_settings(self, text: str) -> None:
        """Write the settings."""
        self._sql.execute("INSERT OR REPLACE INTO settings VALUES (1, ?)", (text,))

    def count(self, name: str, start: int = 1) -> int:
        """The next number of a counter."""
        row = self._sql.execute(
            "INSERT INTO counters VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = value + 1 RETURNING value",
            (name, start),
        ).fetchone()
        return int(row[0])

    def set_counter(self, name: str, value: int) -> None:
        """Let a counter go on after a number."""
        self._sql.execute("INSERT OR REPLACE INTO counters VALUES (?, ?)", (name, value))

    # -- elements ----------------------------------------------------------------------------------------------------

    def element(self, kind: str, id: str) -> Element | None:
        """An element by its id."""
        return self._one("kind = ? AND id = ?", kind, id)

    def shown(self, kind: str, ids: Sequence[str]) -> Iterator[Shown]:
        """What records of a kind show, by their ids, in no order."""
        marks, keys = ", ".join("?" * len(ids)), [f"{kind} {id_}" for id_ in ids]
        totals = dict(self._sql.execute(f"SELECT key, cents FROM totals WHERE key IN ({marks})", keys).fetchall())
        parents = self._sql.execute(f"SELECT DISTINCT parent FROM elements WHERE parent IN ({marks})", keys)
        above = {row[0].partition(" ")[2] for row in parents}
        wanted = (
            "SELECT id, parent, level, full_name, created, modified, edit_sequence, body FROM elements"
            f" WHERE kind = ? AND id IN ({marks})"
        )
        for row in self._sql.execute(wanted, [kind, *ids]):
            id_ = row[0]
            yield (kind, *row, totals.get(f"{kind} {id_}", 0) if totals else 0, id_ in above)

    def full_name(self, kind: str, id_: str) -> str | None:
        """The full name of an element."""
        row = self._sql.execute("SELECT full_name FROM elements WHERE kind = ? AND id = ?", (kind, id_)).fetchone()
        return None if row is None else str(row[0])

    def total(self, key: str) -> int:
        """The running total of an account, or of a name's receivables and payables, in cents, debit positive."""
        row = self._sql.execute("SELECT cents FROM totals WHERE key = ?", (key,)).fetchone()
        return 0 if row is None else int(row[0])

    def total_below(self, key: str) -> int:
        """The sum of the running totals of all that is below an element."""
        return int(self._sql.execute(_BELOW, (key,)).fetchone()[0])

    def named(self, kind: str, full_name: str) -> Element | None:
        """An element by its full name, in any case of letters."""
        return self._one("kind = ? AND full_name = ?", kind, full_name)

    def among(self, kinds: Sequence[str], column: Literal["id", "full_name"], value: str) -> list[Element]:
        """The elements of some kinds that have an id or a full name, the latter in any case of letters."""
        return self._many(f"kind IN ({', '.join('?' * len(kinds))}) AND {column} = ?", [*kinds, value])

    def holder(self, space: str, parent: str | None, name: str) -> Element | None:
        """Who holds a name in a name space, below a parent."""
        return self._one("space = ? AND ifnull(parent, '') = ? AND name = ?", space, parent or "", name)

    def with_number(self, number: str) -> str | None:
        """The id of the account that has a number."""
        wanted = (
            "SELECT id FROM elements WHERE kind = 'Account' AND json_extract(body, '$.AccountRet.AccountNumber') = ?"
        )
        row = self._sql.execute(wanted, (number,)).fetchone()
        return None if row is None else str(row[0])

    def children(self, key: str) -> list[Element]:
        """The elements directly below one."""
        return self._many("parent = ?", [key])

    def find(self, kinds: Sequence[str], where: str, values: Sequence[Any], order: str) -> list[tuple[str, str]]:
        """Kind and id of the elements of some kinds for which ``where`` holds."""
        marks = ", ".join("?" * len(kinds))
        wanted = f"SELECT kind, id FROM elements WHERE kind IN ({marks}) AND ({where or 'true'}) ORDER BY {order}"
        return [(kind, id_) for kind, id_ in self._sql.execute(wanted, [*kinds, *values])]

    def _one(self, where: str, *values: Any) -> Element | None:
        return next(iter(self._many(where, values)), None)

    def _many(self, where: str, values: Sequence[Any]) -> list[Element]:
        rows = self._sql.execute(f"SELECT {_COLUMNS} FROM elements WHERE {where}", values)
        return [_element(row) for row in rows]

    def write(self, element: Element) -> None:
        """Add an element, or replace the one of its kind and id."""
        values = (
            *(element.kind, element.id, element.space, element.parent, element.level, element.name),
            *(element.full_name, element.is_active, element.created, element.modified),
            *(element.edit_sequence, element.body),
        )
        marks = ", ".join("?" * len(values))
        names = _COLUMNS.split(", ")[2:]
        kept = ", ".join(f"{name} = excluded.{name}" for name in names)
        self._sql.execute(
            f"INSERT INTO elements ({_COLUMNS}) VALUES ({marks}) ON CONFLICT (kind, id) DO UPDATE SET {kept}", values
        )

    def remove(self, element: Element, now: float) -> None:
        """Take an element out, and note it among the deleted."""
        self._sql.execute("DELETE FROM elements WHERE kind = ? AND id = ?", (element.kind, element.id))
        self._sql.execute("DELETE FROM uses WHERE user = ?", (element.key,))
        self._sql.execute(
            "INSERT INTO deleted (kind, id, full_name, created, deleted) VALUES (?, ?, ?, ?, ?)",
            (element.kind, element.id, element.full_name, element.created, now),
        )

    def write_uses(self, user: str, used: set[str]) -> None:
        """Note what an element refers to, in place of what it referred to before."""
        self._sql.execute("DELETE FROM uses WHERE user = ?", (user,))
        self._sql.executemany("INSERT INTO uses VALUES (?, ?)", [(user, one) for one in sorted(used)])

    def replace_use(self, user: str, old: str, new: str) -> None:
        """Note that what referred to one thing refers to another."""
        self._sql.execute("DELETE FROM uses WHERE user = ? AND used = ?", (user, old))
        if user != new:
            self._sql.execute("INSERT OR IGNORE INTO uses (user, used) VALUES (?, ?)", (user, new))

    def has_postings(self, key: str) -> bool:
        """Whether anything was posted to an account, or about a name."""
        wanted = "SELECT 1 FROM postings WHERE account = ? UNION ALL SELECT 1 FROM postings WHERE entity = ? LIMIT 1"
        return self._sql.execute(wanted, (key, key)).fetchone() is not None

    def users(self, used: str) -> list[str]:
        """What refers to an element."""
        return [row[0] for row in self._sql.execute("SELECT user FROM uses WHERE used = ?", (used,))]

    def deleted(self, kind: str, begin: float, end: float) -> list[tuple[str, str, float, float]]:
        """What was deleted of a kind in a time: id, full name, when it was made and deleted."""
        wanted = (
            "SELECT id, full_name, created, deleted FROM deleted WHERE kind = ? AND deleted BETWEEN ? AND ?"
            " ORDER BY deleted, number"
        )
        return list(self._sql.execute(wanted, (kind, begin, end)))

    # -- recovery ----------------------------------------------------------------------------------------------------

    def recovered(self, application: str, set_id: str) -> tuple[str, list[str]] | None:
        """The checksum and the answers stored under a message set's id; ``None`` where nothing is."""
        rows = self._sql.execute(
            "SELECT checksum, answer FROM recovery WHERE application = ? AND set_id = ? ORDER BY place",
            (application, set_id),
        ).fetchall()
        return (rows[0][0], [row[1] for row in rows if row[1]]) if rows else None

    def keep(self, application: str, set_id: str, checksum: str, place: int, answer: str) -> None:
        """Store the answer to one request of a message set; place 0 is the set itself."""
        values = (application, set_id, checksum, place, answer)
        self._sql.execute("INSERT INTO recovery VALUES (?, ?, ?, ?, ?)", values)

    def forget(self, application: str, set_id: str | None) -> bool:
        """Forget the outcome of a message set, or of all; whether there was one."""
        if set_id is None:
            return self._sql.execute("DELETE FROM recovery WHERE application = ?", (application,)).rowcount > 0
        wanted = "DELETE FROM recovery WHERE application = ? AND set_id = ?"
        return self._sql.execute(wanted, (application, set_id)).rowcount > 0
