"""A company to report on: entries by any accounts at any date, and reports read back by the codec."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import qbxml
from qbxml import Record
from qbxml.model import MessageResponse
from qbxml.reports import Report, Row
from tests.qbsimulator.ledger.shop import Shop, ref

FAMILIES = {
    "GeneralSummary": ("BalanceSheet", "ProfitAndLoss", "TrialBalance"),
    "Aging": ("ARAging", "APAging"),
    "CustomDetail": ("CustomTxnDetail",),
}


def days(begin: str | None = None, end: str | None = None) -> dict[str, Any]:
    """A ReportPeriod."""
    given = {"FromReportDate": begin, "ToReportDate": end}
    return {"ReportPeriod": {name: value for name, value in given.items() if value is not None}}


class Desk(Shop):
    """A shop whose books are reported on."""

    def entry(self, day: str, *lines: tuple[str, str] | tuple[str, str, str], **fields: Any) -> Record:
        """A journal entry: account, amount (negative: a credit), and a name where there is one."""
        given: dict[str, list[dict[str, Any]]] = {"JournalDebitLine": [], "JournalCreditLine": []}
        for account, amount, *name in lines:
            side = "JournalCreditLine" if amount.startswith("-") else "JournalDebitLine"
            entity = {"EntityRef": ref(name[0])} if name else {}
            given[side].append({"AccountRef": ref(account), "Amount": amount.lstrip("-"), **entity})
        return self.txn("JournalEntry", **{"TxnDate": day, **given, **fields})

    def ask_report(self, type_: str, **fields: Any) -> MessageResponse:
        """The answer to a request for a type of report."""
        family = next(
            (family for family, begins in FAMILIES.items() if type_.startswith(begins)),
            "GeneralDetail",
        )
        return self.one(f"{family}ReportQuery", {f"{family}ReportType": type_, **fields})

    def report(self, type_: str, **fields: Any) -> Report:
        """A report, whose own numbers of rows and columns are right."""
        answer = self.ask_report(type_, **fields)
        assert answer.status_code == 0, f"{answer.status_code} {answer.status_message}"
        ret = answer.records[0]
        found = qbxml.report(answer)
        assert (ret["NumRows"], ret["NumColumns"]) == (len(found.rows), len(found.columns))
        assert [row.number for row in found.rows] == list(range(1, len(found.rows) + 1))
        return found


def labels(report: Report) -> list[str]:
    """The rows as an outline: each label behind as many dots as it is deep."""
    return ["." * row.level + row.label for row in report.rows]


def outline(report: Report) -> list[tuple[str, ...]]:
    """The rows: label behind its dots, and the cells as text."""
    return [
        ("." * row.level + row.label, *("" if cell is None else str(cell) for cell in row.cells[1:]))
        for row in report.rows
    ]


def row(report: Report, label: str) -> Row:
    """The one row of a label that is no heading."""
    (found,) = (one for one in report.rows if one.label == label and one.kind != "TextRow")
    return found


def amount(report: Report, label: str, column: int = 1) -> Decimal:
    """The amount in a row; 0 where the row or the cell is not there."""
    found = [one for one in report.rows if one.label == label and one.kind != "TextRow"]
    value = found[0].cells[column] if found else None
    return Decimal(0) if value is None else value
