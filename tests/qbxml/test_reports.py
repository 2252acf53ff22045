"""qbxml/reports.py: columns, rows and typed cells, and how deep a row is nested."""

from __future__ import annotations

import csv
from datetime import date, timedelta
from decimal import Decimal
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given

import qbxml
from qbxml import testing
from qbxml.errors import StatusError
from qbxml.model import MessageResponse, Record, Response
from qbxml.reports import NoReport, Report, Row, levels, report

FIXTURES = Path(__file__).parents[2] / "fixtures" / "qbxml"


def recorded(name: str) -> Report:
    return report(qbxml.parse((FIXTURES / f"report-{name}.xml").read_bytes()))


def made(rows: dict[str, Any], columns: list[dict[str, Any]] | None = None) -> Report:
    described = [{"colID": 1, "dataType": "STRTYPE", "ColTitle": [{"titleRow": 1}], "ColType": "Label"}]
    ret = {"ReportTitle": "T", "ReportSubtitle": "S", "ColDesc": columns or described, "ReportData": rows}
    return report(Record("ReportRet", ret))


# -- columns and cells ------------------------------------------------------------------------------------------


def test_a_balance_sheet_is_a_table_of_labels_and_amounts() -> None:
    found = recorded("balance-sheet")
    assert (found.title, found.subtitle, found.basis) == ("Balance Sheet", "As of September 30, 2023", "Accrual")
    assert [column.key for column in found.columns] == ["Label", "Sep 30, 23"]
    assert (found.columns[1].id, found.columns[1].type, found.columns[1].data_type) == (2, "Amount", "AMTTYPE")
    assert len(found) == 31
    assert [row.number for row in found.rows] == list(range(1, 32))
    savings = found.rows[4]
    assert savings.as_dict() == {"Label": "1010 · Savings", "Sep 30, 23": Decimal("8000.00")}
    assert (savings.kind, savings.row_type, savings.value) == ("DataRow", "account", "1010 · Savings")
    assert repr(savings["Sep 30, 23"]) == "Decimal('8000.00')"


def test_rows_keep_the_order_of_the_page_whatever_their_kind() -> None:
    kinds = [row.kind for row in recorded("profit-and-loss").rows]
    assert kinds[:5] == ["TextRow", "TextRow", "DataRow", "SubtotalRow", "TextRow"]
    assert kinds[-1] == "TotalRow"


def test_a_net_income_that_is_no_account_has_no_row_type() -> None:
    row = next(row for row in recorded("balance-sheet").rows if row.label == "Net Income")
    assert (row.kind, row.row_type, row.value) == ("DataRow", None, None)


def test_the_cells_of_a_transaction_list_have_the_types_of_their_columns() -> None:
    found = recorded("transaction-list")
    assert found.basis is None
    assert next(iter(found)) == dict.fromkeys([column.key for column in found.columns]) | {
        "Blank": "Annie's Alligators"
    }
    assert found.dicts("DataRow")[1] == {
        "Blank": None,
        "Type": "Payment",
        "Date": date(2023, 9, 12),
        "Num": None,
        "Qty": None,
        "Clr": True,
        "Split": "Checking",
        "Amount": Decimal("-120.00"),
        "Amount 2": None,
    }


def test_a_cell_that_names_its_own_type_or_does_not_fit_the_column_stays_text() -> None:
    last = recorded("transaction-list").rows[-1]
    assert (last["Num"], last["Amount"], last["Amount 2"]) == ("A-7", "n/a", "about 80")


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        ("INTTYPE", "7", 7),
        ("TIMEINTERVALTYPE", "PT1H30M", timedelta(minutes=90)),
        ("PRICETYPE", "1.2345", Decimal("1.2345")),
        ("PERCENTTYPE", "8.25%", "8.25%"),
        ("AMTTYPE", "", None),
        ("INTTYPE", "", None),
        ("STRTYPE", "", ""),
        ("ENUMTYPE", "Paid", "Paid"),
        ("NEWTYPE", "x", "x"),
    ],
)
def test_each_data_type_has_its_python_value(kind: str, text: str, value: Any) -> None:
    found = made({"DataRow": [{"rowNumber": 1, "ColData": [{"colID": 1, "value": text, "dataType": kind}]}]})
    assert found.rows[0].cells == [value]


def test_a_cell_without_a_value_is_none() -> None:
    assert made({"DataRow": [{"rowNumber": 1, "ColData": [{"colID": 1}]}]}).rows[0].cells == [None]


def test_a_cell_of_a_column_that_is_not_described_is_kept() -> None:
    found = made({"DataRow": [{"rowNumber": 1}, {"rowNumber": 2, "ColData": [{"colID": 9, "value": "x"}]}]})
    assert list(found) == [{"Label": None, "Column 9": None}, {"Label": None, "Column 9": "x"}]


def test_titles_of_several_rows_are_joined_and_keys_are_never_shared() -> None:
    columns = [
        {
            "colID": number,
            "dataType": "AMTTYPE",
            "ColTitle": [{"titleRow": 1, "value": month}, bottom],
            "ColType": "Debit",
        }
        for number, (month, bottom) in enumerate(
            [("Jan", {"titleRow": 2, "value": "Debit"}), ("Jan", {"titleRow": 2}), ("Jan", {}), ("Jan 2", {})], 1
        )
    ]
    found = made({}, columns)
    assert [column.key for column in found.columns] == ["Jan Debit", "Jan", "Jan 2", "Jan 2 2"]
    assert found.columns[1].titles == ("Jan", "")


def test_a_report_without_rows_is_empty_and_true() -> None:
    found = report({"ReportTitle": "T", "ReportSubtitle": "", "ReportBasis": "None"})
    assert (found.rows, found.columns, len(found), bool(found), found.to_csv()) == ([], [], 0, True, "\r\n")


def test_a_column_that_no_row_has_is_a_key_error() -> None:
    with pytest.raises(KeyError, match="Nothing"):
        recorded("balance-sheet").rows[0]["Nothing"]


def test_csv_has_the_keys_and_the_values_as_qbxml_writes_them() -> None:
    lines = recorded("transaction-list").to_csv().splitlines()
    assert lines[0] == "Blank,Type,Date,Num,Qty,Clr,Split,Amount,Amount 2"
    assert lines[1] == "Annie's Alligators,,,,,,,,"
    assert lines[3] == ",Payment,2023-09-12,,,true,Checking,-120.00,"
    only = recorded("transaction-list").to_csv("DataRow")
    assert len(list(csv.DictReader(StringIO(only, newline="")))) == 4
    span = made({"DataRow": [{"ColData": [{"colID": 1, "value": "PT90M", "dataType": "TIMEINTERVALTYPE"}]}]})
    assert span.to_csv() == "Label\r\nPT1H30M\r\n"


# -- where a report is ------------------------------------------------------------------------------------------


def test_a_report_is_found_in_a_document_an_answer_a_record_or_a_dict() -> None:
    response = qbxml.parse((FIXTURES / "report-balance-sheet.xml").read_bytes())
    record = response.records[0]
    for answer in (response, response[0], record, dict(record), {"ReportRet": dict(record)}):
        assert report(answer).to_csv() == report(record).to_csv()


def test_a_report_that_quickbooks_refused_is_its_error() -> None:
    status = {"statusCode": 3140, "statusSeverity": "Error", "statusMessage": "no such class"}
    with pytest.raises(StatusError, match="3140"):
        report(MessageResponse("GeneralSummaryReportQueryRs", status))


@pytest.mark.parametrize(
    "answer",
    [
        Response(),
        MessageResponse("HostQueryRs", {"statusCode": 0}),
        Record("CustomerRet", {"ReportTitle": "x"}),
        {"Name": "x"},
        Response([{"GeneralSummaryReportQueryRs": {"ReportRet": {}}}, {"JobReportQueryRs": {"ReportRet": {}}}]),
    ],
)
def test_what_is_not_one_report_is_refused(answer: Any) -> None:
    with pytest.raises(NoReport):
        report(answer)


@given(testing.responses("GeneralSummaryReportQueryRs"))
def test_every_valid_report_has_a_cell_for_each_column_and_a_level_for_each_row(response: Response) -> None:
    ret = response[0].content.get("ReportRet")
    if ret is None:
        return
    found = report(ret)
    rows = ret.get("ReportData", {})
    assert len(found) == sum(len(one) for one in rows.values())
    assert all(len(row.cells) == len(found.columns) and row.level >= 0 for row in found.rows)
    assert len({column.key for column in found.columns}) == len(found.columns)
    assert len(list(csv.reader(StringIO(found.to_csv(), newline="")))) == len(found) + 1


# -- nesting ----------------------------------------------------------------------------------------------------


def outline(found: Report) -> list[str]:
    return [f"{'  ' * row.level}{row.label}" for row in found.rows]


def test_a_balance_sheet_is_nested_by_its_headings_and_totals() -> None:
    assert outline(recorded("balance-sheet"))[:18] == [
        "ASSETS",
        "  Current Assets",
        "    Checking/Savings",
        "      1000 · Checking",
        "      1010 · Savings",
        "    Total Checking/Savings",
        "    Accounts Receivable",
        "      1100 · Accounts Receivable",
        "    Total Accounts Receivable",
        "  Total Current Assets",
        "  Fixed Assets",
        "    1500 · Vehicles",
        "      1510 · Boat",
        "      1500 · Vehicles - Other",
        "    Total 1500 · Vehicles",
        "  Total Fixed Assets",
        "TOTAL ASSETS",
        "LIABILITIES & EQUITY",
    ]


def test_the_totals_of_a_profit_and_loss_that_have_names_of_their_own_find_their_place() -> None:
    assert outline(recorded("profit-and-loss")) == [
        "Ordinary Income/Expense",
        "  Income",
        "    Gardening",
        "  Total Income",
        "  Cost of Goods Sold",
        "    Plants",
        "  Total COGS",
        "  Gross Profit",
        "  Expense",
        "    Fuel",
        "  Total Expense",
        "Net Ordinary Income",
        "Other Income/Expense",
        "  Other Income",
        "    Interest Income",
        "  Total Other Income",
        "Net Other Income",
        "Net Income",
    ]


def test_a_heading_without_a_total_ends_with_the_next_one() -> None:
    assert [row.level for row in recorded("transaction-list").rows] == [0, 1, 1, 1, 0, 1]


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        # The total of a parent account that has no heading closes no heading of others.
        (["#Expense", "Fuel", "+Total Boats", "Rent", "=Total Expense"], [0, 1, 1, 1, 0]),
        # A heading inside one that is closed, itself without a total.
        (["#Jobs", "#Pier 7", "x", "#Pier 8", "y", "=Total Jobs"], [0, 1, 2, 1, 2, 0]),
        # Nothing open: a total stands outermost.
        (["x", "=Total", "!TOTAL"], [0, 0, 0]),
        # The bottom line closes what is still open.
        (["#Customers", "x", "!TOTAL", "y"], [0, 1, 0, 0]),
        # The innermost of two headings of the same name is the one that is closed.
        (["#A", "#A", "x", "=total  a", "y", "=Total A"], [0, 1, 2, 1, 1, 0]),
        # No English.
        (["#Revenus", "x", "=Somme des revenus", "#Frais"], [0, 1, 0, 0]),
        ([], []),
    ],
)
def test_levels_follow_the_rules_written_down(rows: list[str], expected: list[int]) -> None:
    kinds = {"#": "TextRow", "=": "SubtotalRow", "+": "SubtotalRow", "!": "TotalRow"}
    types = {"+": "account"}
    given = [
        Row(kinds.get(text[0], "DataRow"), None, [], [], label=text.lstrip("#=+!"), row_type=types.get(text[0]))
        for text in rows
    ]
    assert levels(given) == expected
