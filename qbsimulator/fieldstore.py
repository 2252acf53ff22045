"""The rows of custom fields in the company file: definitions, what they are assigned to, and values."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

TABLES = """
CREATE TABLE field_definitions (
    number INTEGER PRIMARY KEY, owner TEXT NOT NULL COLLATE NOCASE, name TEXT NOT NULL COLLATE NOCASE,
    type TEXT NOT NULL, list_required INTEGER NOT NULL, txn_required INTEGER NOT NULL, format TEXT NOT NULL,
    UNIQUE (owner, name)
);
CREATE TABLE field_objects (
    number INTEGER NOT NULL, object TEXT NOT NULL, PRIMARY KEY (number, object)
) WITHOUT ROWID;
CREATE TABLE field_values (
    holder TEXT NOT NULL, object TEXT NOT NULL, number INTEGER NOT NULL, value TEXT NOT NULL,
    PRIMARY KEY (holder, number)
) WITHOUT ROWID;
"""


@dataclass(slots=True)
class Definition:
    """A custom field. ``number`` is its DataExtID; ``owner`` is ``0`` for the fields that users see, else a GUID."""

    owner: str
    name: str
    type: str
    list_required: bool = False
    txn_required: bool = False
    format: str = ""
    #: What it is assigned to, in the schema's words: ``Customer``, ``Item``, ``Invoice``.
    objects: set[str] = field(default_factory=set)
    number: int = 0


class FieldStore:
    """The custom fields of an open company file. ``holder`` is the key of what holds a value."""

    def __init__(self, sql: sqlite3.Connection) -> None:
        self._sql = sql

    def definition(self, owner: str, name: str) -> Definition | None:
        """A definition by owner and name, in any case of letters."""
        return next(iter(self._definitions("owner = ? AND name = ?", (owner, name))), None)

    def of_owners(self, owners: Sequence[str]) -> list[Definition]:
        """The definitions of some owners, in the order in which they were made."""
        return self._definitions(f"owner IN ({', '.join('?' * len(owners))})", owners)

    def assigned(self, owner: str, objects: Sequence[str]) -> list[Definition]:
        """The definitions of an owner that are assigned to one of some objects."""
        marks = ", ".join("?" * len(objects))
        where = f"owner = ? AND number IN (SELECT number FROM field_objects WHERE object IN ({marks}))"
        return self._definitions(where, (owner, *objects))

    def _definitions(self, where: str, values: Sequence[str]) -> list[Definition]:
        columns = "owner, name, type, list_required, txn_required, format, number"
        wanted = f"SELECT {columns} FROM field_definitions WHERE {where} ORDER BY number"
        found = []
        for owner, name, type_, list_required, txn_required, format_, number in self._sql.execute(wanted, values):
            rows = self._sql.execute("SELECT object FROM field_objects WHERE number = ?", (number,))
            objects = {str(row[0]) for row in rows}
            found.append(
                Definition(owner, name, type_, bool(list_required), bool(txn_required), format_, objects, number)
            )
        return found

    def add(self, one: Definition) -> None:
        """Keep a new definition, and give it its number."""
        values = (one.owner, one.name, one.type, one.list_required, one.txn_required, one.format)
        columns = "owner, name, type, list_required, txn_required, format"
        row = self._sql.execute(
            f"INSERT INTO field_definitions ({columns}) VALUES (?, ?, ?, ?, ?, ?) RETURNING number", values
        ).fetchone()
        one.number = int(row[0])
        self._assign(one)

    def change(self, one: Definition) -> None:
        """Keep a definition as it is now. Values in objects that it is no longer assigned to go."""
        self._sql.execute(
            "UPDATE field_definitions SET name = ?, list_required = ?, txn_required = ?, format = ? WHERE number = ?",
            (one.name, one.list_required, one.txn_required, one.format, one.number),
        )
        self._assign(one)

    def _assign(self, one: Definition) -> None:
        self._sql.execute("DELETE FROM field_objects WHERE number = ?", (one.number,))
        rows = [(one.number, name) for name in sorted(one.objects)]
        self._sql.executemany("INSERT INTO field_objects VALUES (?, ?)", rows)
        self._sql.execute(
            "DELETE FROM field_values WHERE number = ? AND object NOT IN"
            " (SELECT object FROM field_objects WHERE number = ?)",
            (one.number, one.number),
        )

    def remove(self, one: Definition) -> None:
        """Take a definition out, with all its values."""
        for table in ("field_values", "field_objects", "field_definitions"):
            self._sql.execute(f"DELETE FROM {table} WHERE number = ?", (one.number,))

    # -- values ------------------------------------------------------------------------------------------------------

    def value(self, holder: str, one: Definition) -> str | None:
        """The value that something holds; ``None`` where it has none."""
        wanted = "SELECT value FROM field_values WHERE holder = ? AND number = ?"
        row = self._sql.execute(wanted, (holder, one.number)).fetchone()
        return None if row is None else str(row[0])

    def set_value(self, holder: str, object_: str, one: Definition, value: str | None) -> None:
        """Keep a value, or with ``None`` none. ``object_`` is what of the definition's objects lets it be here."""
        if value is None:
            self._sql.execute("DELETE FROM field_values WHERE holder = ? AND number = ?", (holder, one.number))
        else:
            row = (holder, object_, one.number, value)
            self._sql.execute("INSERT OR REPLACE INTO field_values VALUES (?, ?, ?, ?)", row)

    def values(self, holder: str, owners: Iterable[str]) -> list[tuple[str, str, str, str]]:
        """The values that something holds for some owners: owner, name, type and value."""
        given = list(owners)
        wanted = (
            "SELECT owner, name, type, value FROM field_values JOIN field_definitions USING (number)"
            f" WHERE holder = ? AND owner IN ({', '.join('?' * len(given))}) ORDER BY number"
        )
        return [
            (owner, name, type_, value) for owner, name, type_, value in self._sql.execute(wanted, [holder, *given])
        ]

    def forget_others(self, holder: str, kept: set[str]) -> None:
        """Take out all values of what is within something, except of some holders."""
        within = "SELECT DISTINCT holder FROM field_values WHERE holder > :own || ' ' AND holder < :own || '!'"
        for (one,) in self._sql.execute(within, {"own": holder}).fetchall():
            if one not in kept:
                self.forget(one)

    def forget(self, holder: str) -> None:
        """Take out all values of something, and those of its lines, whose keys begin with its own and a blank."""
        self._sql.execute(
            "DELETE FROM field_values WHERE holder = :own OR (holder > :own || ' ' AND holder < :own || '!')",
            {"own": holder},
        )
