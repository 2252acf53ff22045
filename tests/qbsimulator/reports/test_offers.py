"""What reports are offered: the page says it, the rest answers 1030; and what they cost."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from qbsimulator import QuickBooksError
from qbsimulator.reports.handlers import OFFERED
from qbxml import Schema
from tests.qbsimulator.reports.desk import Desk, days

PAGE = Path(__file__).parents[3] / "docs" / "simulator-reports.md"
TYPES = {
    (name, str(type_)): field
    for name, (field, _) in OFFERED.items()
    for type_ in Schema("16.0", None).record(f"{name}Rq").fields[field].values or ()
    if type_
}


def test_the_page_lists_what_is_offered() -> None:
    rows = [
        f"| `{name}Rq` | {', '.join(f'`{type_}`' for type_ in sorted(makers))} |"
        for name, (_, makers) in OFFERED.items()
    ]
    shown = {frozenset(re.findall(r"`(\w+)`", row)) for row in PAGE.read_text("utf-8").splitlines()}
    assert [row for row in rows if frozenset(re.findall(r"`(\w+)`", row)) not in shown] == []


@pytest.mark.parametrize("name", sorted(OFFERED))
def test_types_without_rules_answer_1030(desk: Desk, name: str) -> None:
    field, makers = OFFERED[name]
    more: dict[str, Any] = (
        {"SummarizeRowsBy": "TotalOnly", "IncludeColumn": ["Date"]} if name.startswith("Custom") else {}
    )
    types = [type_ for one, type_ in TYPES if one == name]
    answers = desk.ask(*({f"{name}Rq": {field: type_, **more}} for type_ in types), on_error="continueOnError")
    assert {type_: answer.status_code for type_, answer in zip(types, answers, strict=True)} == {
        type_: 0 if type_ in makers else 1030 for type_ in types
    }


def test_an_audit_trail_is_no_custom_detail(desk: Desk) -> None:
    inner = "<CustomDetailReportType>AuditTrail</CustomDetailReportType>"
    tail = "<SummarizeRowsBy>TotalOnly</SummarizeRowsBy><IncludeColumn>Date</IncludeColumn>"
    name = "CustomDetailReportQuery"
    assert b'statusCode="3110"' in desk.raw(f"<{name}Rq>{inner}{tail}</{name}Rq>")


def test_custom_details_need_groups_and_columns(desk: Desk) -> None:
    name = "CustomDetailReportQueryRq"
    with pytest.raises(QuickBooksError, match="0x80040400"):
        desk.raw(f"<{name}><CustomDetailReportType>CustomTxnDetail</CustomDetailReportType></{name}>")


@pytest.mark.parametrize("version", ["4.0", "8.0", "13.0"])
def test_reports_are_answered_in_the_documents_version(desk: Desk, version: str) -> None:
    desk.invoice("Ann")
    for type_ in ("ProfitAndLossStandard", "BalanceSheetStandard", "TrialBalance"):
        answer = desk.one("GeneralSummaryReportQuery", {"GeneralSummaryReportType": type_}, version=version)
        assert answer.status_code == 0
    assert desk.one("AgingReportQuery", {"AgingReportType": "ARAgingSummary"}, version=version).status_code == 0


def test_the_bytes_are_those_of_quickbooks(desk: Desk) -> None:
    desk.add("Account", {"Name": 'Bed & "Breakfast"', "AccountType": "Income"})
    desk.entry("2023-11-01", ("Checking", "5.00"), ('Bed & "Breakfast"', "-5.00"))
    name = "GeneralSummaryReportQuery"
    asked = "<GeneralSummaryReportType>ProfitAndLossStandard</GeneralSummaryReportType>"
    answer = desk.raw(f'<{name}Rq requestID="7">{asked}</{name}Rq>').decode().splitlines()
    assert answer[3:14] == [
        f'<{name}Rs requestID="7" statusCode="0" statusSeverity="Info" statusMessage="Status OK">',
        "<ReportRet>",
        "<ReportTitle>Profit &amp; Loss</ReportTitle>",
        "<ReportSubtitle>November 1 - 14, 2023</ReportSubtitle>",
        "<ReportBasis>Accrual</ReportBasis>",
        "<NumRows>7</NumRows>",
        "<NumColumns>2</NumColumns>",
        "<NumColTitleRows>1</NumColTitleRows>",
        '<ColDesc colID="1" dataType="STRTYPE">',
        '<ColTitle titleRow="1" />',
        "<ColType>Label</ColType>",
    ]
    at = answer.index('<DataRow rowNumber="3">')
    assert answer[at : at + 5] == [
        '<DataRow rowNumber="3">',
        '<RowData rowType="account" value="Bed &amp; &quot;Breakfast&quot;" />',
        '<ColData colID="1" value="Bed &amp; &quot;Breakfast&quot;" />',
        '<ColData colID="2" value="5.00" />',
        "</DataRow>",
    ]


# -- what they cost ----------------------------------------------------------------------------------------------


def statements(desk: Desk, asked: Callable[[], object]) -> list[str]:
    """The statements of SQL about postings that a report takes."""
    seen: list[str] = []
    sql = desk.company._storage.sql
    sql.set_trace_callback(seen.append)
    try:
        asked()
    finally:
        sql.set_trace_callback(None)
    return [one for one in seen if "postings" in one]


COSTS: Mapping[str, tuple[dict[str, Any], int]] = {
    "BalanceSheetStandard": ({}, 2),
    "TrialBalance": ({}, 2),
    "ProfitAndLossStandard": ({}, 1),
    "ProfitAndLossByJob": ({}, 1),
}


@pytest.mark.parametrize("type_", COSTS)
def test_a_statement_takes_few_queries_each_by_an_index(desk: Desk, type_: str) -> None:
    for day in range(1, 10):
        desk.entry(f"2022-1{day % 2}-0{day}", ("Rent", f"{day}.00"), ("Checking", f"-{day}.00"))
    fields, most = COSTS[type_]
    found = statements(desk, lambda: desk.report(type_, **fields, **days("2022-01-01", "2023-01-31")))
    assert len(found) == most
    for one in found:
        plan = [str(row[3]) for row in desk.company._storage.sql.execute(f"EXPLAIN QUERY PLAN {one}")]
        of_postings = [step for step in plan if re.search(r"\b(p|postings)\b", step)]
        assert of_postings
        assert all("posting_account (account=? AND date>? AND date<?)" in step for step in of_postings), plan


def test_the_cost_grows_with_the_columns_alone(desk: Desk) -> None:
    period = days("2022-01-01", "2022-12-31")
    counts = [
        len(statements(desk, lambda by=by: desk.report("BalanceSheetStandard", SummarizeColumnsBy=by, **period)))  # type: ignore[misc]
        for by in ("Year", "Quarter", "Month")
    ]
    assert [after - before for before, after in itertools.pairwise(counts)] == [3, 8]
