"""The columns that a detail report may have, by the values of IncludeColumn."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..errors import RequestError
from ..ledger.books import key_of
from .accounts import Chart
from .asking import Question
from .entries import SPLIT, TYPE_NAMES, Entry
from .layout import Column
from .opens import open_parts


class Names:
    """What the cells of a report need beside their rows: names, what was cleared, what is open."""

    def __init__(self, asked: Question, chart: Chart) -> None:
        self._asked = asked
        self._chart = chart
        self._known: dict[str, str] = {}
        self._open: dict[str, dict[str, int]] | None = None

    def name(self, key: str | None) -> str | None:
        """The full name of an element by its key."""
        if key is None:
            return None
        if key not in self._known:
            self._known[key] = self._asked.context.company.elements.by_key(key).full_name
        return self._known[key]

    def account(self, key: str | None) -> str | None:
        """What the report calls an account by its key."""
        if key is None or key == SPLIT:
            return key
        account = self._chart.by_key.get(key)
        return None if account is None else self._chart.path(account)

    def is_cleared(self, entry: Entry) -> bool | None:
        """Whether a bank's statement has an entry; ``None`` where nothing is said of it."""
        lines = ("",) if entry.whole or not entry.line else (entry.line, "")
        for line in lines:
            wanted = "SELECT status FROM cleared WHERE txn = ? AND line = ?"
            row = self._asked.sql.execute(wanted, (entry.txn, line)).fetchone()
            if row is not None:
                return str(row[0]) == "Cleared"
        return None

    def open(self, entry: Entry) -> int | None:
        """How much of an entry is open; ``None`` where it is in no open account."""
        type_ = self._chart.by_key[entry.account].type if entry.account in self._chart.by_key else ""
        if type_ not in ("AccountsReceivable", "AccountsPayable"):
            return None
        if self._open is None:
            at_end = self._asked.content.get("ReportOpenBalanceAsOf") == "ReportEndDate"
            day = self._asked.period.end if at_end else max(self._asked.today, self._asked.period.end)
            self._open = {}
            for part in open_parts(self._asked.sql, day):
                self._open.setdefault(part.txn, {})[part.line] = part.open
        held = self._open.get(entry.txn, {})
        return sum(held.values()) if entry.whole else held.get(entry.line, 0)

    def moment(self, seconds: float) -> str:
        """A time as a report prints it."""
        return self._asked.context.company.clock.local(seconds).isoformat()


@dataclass(frozen=True, slots=True)
class Field:
    """A column that may be asked for: its title, its ``dataType``, and how a row has its value."""

    title: str
    data_type: str
    value: Callable[[Entry, Names], Any]
    #: Whether totals add it up.
    adds: bool = False


def _header(title: str, name: str, data_type: str = "STRTYPE") -> Field:
    """A field of the transaction's header."""

    def value(entry: Entry, names: Names) -> Any:
        header = entry.header
        return names.name(key_of(header, name)) if name.endswith("Ref") else header.get(name)

    return Field(title, data_type, value)


def _text(title: str, value: Callable[[Entry, Names], str | None]) -> Field:
    return Field(title, "STRTYPE", lambda entry, names: value(entry, names) or None)


def _amount(title: str, value: Callable[[Entry, Names], int | None], *, adds: bool = True) -> Field:
    return Field(title, "AMTTYPE", value, adds)


def _paid(entry: Entry, names: Names) -> str | None:
    left = names.open(entry)
    return None if left is None else "Unpaid" if left else "Paid"


FIELDS: Mapping[str, Field] = {
    "TxnID": _text("Trans ID", lambda entry, names: entry.txn),
    "TxnNumber": Field("Trans #", "INTTYPE", lambda entry, names: entry.number),
    "TxnType": _text("Type", lambda entry, names: TYPE_NAMES.get(entry.kind, entry.kind)),
    "Date": Field("Date", "DATETYPE", lambda entry, names: entry.date),
    "ModifiedTime": Field("Entered/Last Modified", "DATETIMETYPE", lambda entry, names: names.moment(entry.modified)),
    "RefNumber": _text("Num", lambda entry, names: entry.ref),
    "PONumber": _header("P. O. #", "PONumber"),
    "Name": _text("Name", lambda entry, names: names.name(entry.entity)),
    "SourceName": _text("Source Name", lambda entry, names: names.name(entry.source)),
    "Memo": _text("Memo", lambda entry, names: entry.memo),
    "ShipDate": _header("Ship Date", "ShipDate", "DATETYPE"),
    "FOB": _header("FOB", "FOB"),
    "ShipMethod": _header("Via", "ShipMethodRef"),
    "Item": _text("Item", lambda entry, names: names.name(entry.item)),
    "Account": _text("Account", lambda entry, names: names.account(entry.account)),
    "Class": _text("Class", lambda entry, names: names.name(entry.class_)),
    "SalesRep": _header("Rep", "SalesRepRef"),
    "PaymentMethod": _header("Pay Meth", "PaymentMethodRef"),
    "Terms": _header("Terms", "TermsRef"),
    "DueDate": _header("Due Date", "DueDate", "DATETYPE"),
    "ClearedStatus": Field("Clr", "BOOLTYPE", lambda entry, names: names.is_cleared(entry)),
    "SplitAccount": _text("Split", lambda entry, names: names.account(entry.split)),
    "PaidStatus": _text("Paid", _paid),
    "Quantity": Field("Qty", "QUANTYPE", lambda entry, names: entry.quantity),
    "OpenBalance": _amount("Open Balance", lambda entry, names: names.open(entry)),
    "Debit": _amount("Debit", lambda entry, names: entry.cents if entry.cents > 0 else None),
    "Credit": _amount("Credit", lambda entry, names: -entry.cents if entry.cents < 0 else None),
    "Amount": _amount("Amount", lambda entry, names: entry.cents),
    # It depends on the rows before: who draws the rows fills it in.
    "RunningBalance": _amount("Balance", lambda entry, names: None, adds=False),
}


def chosen(wanted: Sequence[str]) -> list[tuple[str, Field, Column]]:
    """Columns by their names. Raises 1030 for one that is not offered."""
    if any(name not in FIELDS for name in wanted):
        raise RequestError(1030)
    return [(name, FIELDS[name], Column(FIELDS[name].title, name, FIELDS[name].data_type)) for name in wanted]
