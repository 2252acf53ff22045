"""What a report looks like: its columns, and rows of the four kinds, as a ReportRet.

A value is money in cents, a date, a truth value, a number or a text, as the type of its column has it; ``None`` is a
cell that is not there.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any, Literal

from qbxml.model import Record
from qbxml.schema import AT

from ..ledger.money import money

#: The rows that have cells. A heading, ``TextRow``, has none.
RowKind = Literal["DataRow", "SubtotalRow", "TotalRow"]

#: What a row is about: its ``rowType``, and the full name of that.
About = tuple[str, str]

_ROW_TYPES = {"Customer": "customer", "Vendor": "vendor", "Employee": "employee", "OtherName": "otherName"}


def row_type(key: str) -> str:
    """The ``rowType`` of a row that is about an element, by its key."""
    kind = key.partition(" ")[0]
    return "item" if kind.startswith("Item") else _ROW_TYPES.get(kind, kind.lower() or "name")


@dataclass(frozen=True, slots=True)
class Column:
    """A column beside that of the labels: its title, its ``ColType`` and its ``dataType``."""

    title: str
    type: str = "Amount"
    data_type: str = "AMTTYPE"


@dataclass(slots=True)
class Page:
    """A report in the making. ``basis`` may be left out (``None``); ``corner`` is the type of the first column."""

    title: str
    subtitle: str
    columns: Sequence[Column]
    basis: str | None = "Accrual"
    corner: str = "Label"
    _rows: list[tuple[str, dict[str, Any]]] = field(default_factory=list)

    def heading(self, text: str) -> None:
        """A row with nothing but a text."""
        self._put("TextRow", {"value": text})

    def row(self, kind: RowKind, label: str, cells: Sequence[Any], about: About | None = None) -> None:
        """A row with a cell for each column; an empty label is left out, as a cell without a value is."""
        given: dict[str, Any] = {} if about is None else {"RowData": {"rowType": about[0], "value": about[1]}}
        held = [{"colID": 1, "value": label}] if label else []
        for number, (column, value) in enumerate(zip(self.columns, cells, strict=True), 2):
            if value is not None:
                held.append({"colID": number, "value": _text(value, column.data_type)})
        self._put(kind, {**given, "ColData": held})

    def _put(self, kind: str, row: dict[str, Any]) -> None:
        number = len(self._rows) + 1
        self._rows.append((kind, {"rowNumber": number, **row, AT: number}))

    def record(self) -> Record:
        """The ReportRet."""
        data: dict[str, list[dict[str, Any]]] = {}
        for kind, row in self._rows:
            data.setdefault(kind, []).append(row)
        columns = [Column("", self.corner, "STRTYPE"), *self.columns]
        ret: dict[str, Any] = {"ReportTitle": self.title, "ReportSubtitle": self.subtitle}
        if self.basis is not None:
            ret["ReportBasis"] = self.basis
        ret |= {"NumRows": len(self._rows), "NumColumns": len(columns), "NumColTitleRows": 1}
        ret["ColDesc"] = [_described(number, column) for number, column in enumerate(columns, 1)]
        # A report without rows has no ReportData: the schema knows none that is empty.
        return Record("ReportRet", ret | ({"ReportData": data} if data else {}))


def _described(number: int, column: Column) -> dict[str, Any]:
    title: dict[str, Any] = {"titleRow": 1}
    if column.title:
        title["value"] = column.title
    return {"colID": number, "dataType": column.data_type, "ColTitle": [title], "ColType": column.type}


def _text(value: Any, data_type: str) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if data_type == "AMTTYPE":
        return f"{money(value):.2f}"
    if data_type == "QUANTYPE":
        return f"{Decimal(value).normalize():f}"
    return value.isoformat() if isinstance(value, date) else str(value)
