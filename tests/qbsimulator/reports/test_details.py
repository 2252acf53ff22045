"""The general ledger, lists of transactions, and what may be asked of their columns and groups."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from tests.qbsimulator.ledger.shop import ref
from tests.qbsimulator.reports.desk import Desk, days, labels, outline

SPRING = days("2023-01-01", "2023-05-31")


@pytest.fixture
def busy(desk: Desk) -> Desk:
    """A company with an earlier year, and some transactions of several kinds."""
    desk.entry("2022-06-01", ("Rent", "300.00"), ("Checking", "-300.00"))
    desk.entry("2023-03-05", ("Goods", "40.00"), ("Supplies", "12.50"), ("Card", "-52.50"), RefNumber="J7")
    lines = [{"ItemRef": ref("Advice"), "Amount": "60.00", "ClassRef": ref("North")}]
    lines.append({"ItemRef": ref("Board"), "Quantity": "2"})
    desk.invoice("Bob:Kitchen", TxnDate="2023-03-10", Memo="thanks", InvoiceLineAdd=lines)
    desk.invoice("Ann", amount="150.00", TxnDate="2023-05-10")
    return desk


# -- the general ledger ------------------------------------------------------------------------------------------


def test_a_general_ledger_has_each_account_with_its_postings(busy: Desk) -> None:
    report = busy.report("GeneralLedger", **SPRING)
    assert (report.title, report.subtitle, report.basis) == ("General Ledger", "As of May 31, 2023", "Accrual")
    assert [(one.type, one.data_type, one.title) for one in report.columns] == [
        ("Blank", "STRTYPE", ""),
        ("TxnType", "STRTYPE", "Type"),
        ("Date", "DATETYPE", "Date"),
        ("RefNumber", "STRTYPE", "Num"),
        ("Name", "STRTYPE", "Name"),
        ("Memo", "STRTYPE", "Memo"),
        ("SplitAccount", "STRTYPE", "Split"),
        ("Amount", "AMTTYPE", "Amount"),
        ("RunningBalance", "AMTTYPE", "Balance"),
    ]
    rows = outline(report)
    assert rows[:2] == [
        ("Checking", *[""] * 8),
        ("Total Checking", *[""] * 7, "-300.00"),
    ]
    assert rows[2:6] == [
        ("Accounts Receivable", *[""] * 8),
        (".", "Invoice", "2023-03-10", "1", "Bob:Kitchen", "thanks", "-SPLIT-", "100.00", "100.00"),
        (".", "Invoice", "2023-05-10", "2", "Ann", "", "Sales", "150.00", "250.00"),
        ("Total Accounts Receivable", *[""] * 6, "250.00", "250.00"),
    ]
    assert (".", "General Journal", "2023-03-05", "J7", "", "", "Goods", "-52.50", "-52.50") in rows
    assert ("Total Retained Earnings", *[""] * 7, "300.00") in rows
    assert rows[-1] == ("TOTAL", *[""] * 6, "0.00", "0.00")
    assert {one.kind for one in report.rows if one.label in ("Checking", "Sales")} == {"TextRow"}


def test_the_years_result_is_closed_within_the_period(busy: Desk) -> None:
    report = busy.report("GeneralLedger", **days("2022-01-01", "2023-01-31"))
    shown = outline(report)
    assert (".", "Closing Entry", "2022-12-31", "", "", "", "Retained Earnings", "-300.00", "0.00") in shown
    assert (".", "Closing Entry", "2022-12-31", "", "", "", "Rent", "300.00", "300.00") in shown
    assert shown[-1] == ("TOTAL", *[""] * 6, "0.00", "0.00")


def test_accounts_that_are_not_in_use_are_there_if_they_are_asked_for(busy: Desk) -> None:
    assert "Loan" not in labels(busy.report("GeneralLedger", **SPRING))
    every = busy.report("GeneralLedger", IncludeAccounts="All", **SPRING)
    assert ("Total Loan", *[""] * 7, "0.00") in outline(every)


def test_transactions_by_account_begin_with_nothing(busy: Desk) -> None:
    report = busy.report("TxnDetailByAccount", **days("2023-05-01", "2023-05-31"))
    assert (report.title, report.subtitle) == ("Transaction Detail by Account", "May 2023")
    assert outline(report) == [
        ("Accounts Receivable", *[""] * 8),
        (".", "Invoice", "2023-05-10", "2", "Ann", "", "Sales", "150.00", "150.00"),
        ("Total Accounts Receivable", *[""] * 6, "150.00", "150.00"),
        ("Sales", *[""] * 8),
        (".", "Invoice", "2023-05-10", "2", "Ann", "", "Accounts Receivable", "-150.00", "-150.00"),
        ("Total Sales", *[""] * 6, "-150.00", "-150.00"),
        ("TOTAL", *[""] * 6, "0.00", "0.00"),
    ]


def test_a_journal_has_a_total_for_each_transaction(busy: Desk) -> None:
    report = busy.report("Journal", **days("2023-03-01", "2023-03-31"))
    assert [(one.kind, one["Account"], one["Debit"], one["Credit"]) for one in report.rows] == [
        ("DataRow", "Goods", Decimal("40.00"), None),
        ("DataRow", "Supplies", Decimal("12.50"), None),
        ("DataRow", "Card", None, Decimal("52.50")),
        ("SubtotalRow", None, Decimal("52.50"), Decimal("52.50")),
        ("DataRow", "Accounts Receivable", Decimal("100.00"), None),
        ("DataRow", "Sales", None, Decimal("60.00")),
        ("DataRow", "Sales", None, Decimal("40.00")),
        ("SubtotalRow", None, Decimal("100.00"), Decimal("100.00")),
        ("TotalRow", None, Decimal("152.50"), Decimal("152.50")),
    ]


# -- lists of transactions ---------------------------------------------------------------------------------------


def test_a_list_has_each_transaction_once_whether_it_posts_or_not(busy: Desk) -> None:
    line = {"ItemRef": ref("Advice"), "Amount": "70.00"}
    busy.txn("Estimate", CustomerRef=ref("Ann"), TxnDate="2023-03-07", EstimateLineAdd=[line])
    report = busy.report("TxnListByDate", **days("2023-03-01", "2023-03-31"))
    assert (report.title, report.subtitle, report.basis) == ("Transaction List by Date", "March 2023", None)
    assert [one.title for one in report.columns] == [
        *("", "Type", "Date", "Num", "Name", "Memo", "Account", "Clr", "Split", "Amount")
    ]
    assert outline(report) == [
        ("", "General Journal", "2023-03-05", "J7", "", "", "Goods", "", "-SPLIT-", "40.00"),
        ("", "Estimate", "2023-03-07", "1", "Ann", "", "", "", "", "70.00"),
        ("", "Invoice", "2023-03-10", "1", "Bob:Kitchen", "thanks", "Accounts Receivable", "", "-SPLIT-", "100.00"),
    ]


def test_what_is_void_or_cleared_is_listed_as_such(busy: Desk) -> None:
    made = busy.invoice("Ann", TxnDate="2023-05-20")
    cleared = {"TxnID": made["TxnID"], "ClearedStatus": "Cleared"}
    assert busy.one("ClearedStatusMod", {"ClearedStatusMod": cleared}).status_code == 0
    busy.void(busy.invoice("Ann", TxnDate="2023-05-21"))
    report = busy.report("TxnListByDate", **days("2023-05-20", "2023-05-31"))
    assert [(one["Memo"], one["Clr"], str(one["Amount"])) for one in report.rows] == [
        (None, True, "100.00"),
        ("VOID:", None, "0.00"),
    ]


def test_lists_by_customer_and_vendor(busy: Desk) -> None:
    report = busy.report("TxnListByCustomer", **SPRING)
    assert labels(report) == ["Ann", ".", "Bob:Kitchen", "."]
    assert report.basis is None
    assert labels(busy.report("TxnListByVendor", **SPRING)) == []


@pytest.mark.parametrize(
    ("given", "numbers"),
    [
        ({"ReportEntityFilter": {"FullName": ["Ann"]}}, ["2"]),
        ({"ReportAccountFilter": {"FullName": ["Supplies"]}}, ["J7"]),
        ({"ReportItemFilter": {"FullName": ["Board"]}}, ["1"]),
        ({"ReportClassFilter": {"FullName": ["North"]}}, ["1"]),
        ({"ReportTxnTypeFilter": {"TxnTypeFilter": ["Invoice", "Bill"]}}, ["1", "2"]),
        ({"ReportPostingStatusFilter": "NonPosting"}, ["E"]),
        ({"ReportPostingStatusFilter": "Posting"}, ["J7", "1", "2"]),
        ({"ReportEntityFilter": {"EntityTypeFilter": "Customer"}, "ReportPostingStatusFilter": "NonPosting"}, ["E"]),
        ({"ReportModifiedDateRangeMacro": "Yesterday"}, []),
    ],
)
def test_filters_of_lists(busy: Desk, given: dict[str, Any], numbers: list[str]) -> None:
    line = {"ItemRef": ref("Work"), "Amount": "70.00"}
    busy.txn("Estimate", CustomerRef=ref("Taxed"), TxnDate="2023-05-30", EstimateLineAdd=[line], RefNumber="E")
    report = busy.report("TxnListByDate", **SPRING, **given)
    assert [one["Num"] for one in report.rows] == numbers


# -- custom transaction detail -----------------------------------------------------------------------------------


def test_custom_details_have_the_columns_and_groups_that_are_asked_for(busy: Desk) -> None:
    columns = ["Date", "Item", "Quantity", "Class", "Account", "Amount"]
    asked = {"SummarizeRowsBy": "ItemDetail", "IncludeColumn": columns}
    report = busy.report("CustomTxnDetail", **asked, **days("2023-03-10", "2023-03-10"))
    assert report.title == "Custom Transaction Detail Report"
    assert [one.type for one in report.columns] == ["Blank", *columns]
    assert outline(report) == [
        ("Advice", *[""] * 6),
        (".", "2023-03-10", "Advice", "", "North", "Sales", "-60.00"),
        ("Total Advice", "", "", "", "", "", "-60.00"),
        ("Board", *[""] * 6),
        (".", "2023-03-10", "Board", "2", "", "Sales", "-40.00"),
        ("Total Board", "", "", "", "", "", "-40.00"),
        ("No item", *[""] * 6),
        (".", "2023-03-10", "", "", "", "Accounts Receivable", "100.00"),
        ("Total No item", "", "", "", "", "", "100.00"),
        ("TOTAL", "", "", "", "", "", "0.00"),
    ]
    assert {one.value for one in report.rows if one.row_type == "item"} == {"Advice", "Board"}


def test_rows_by_month(busy: Desk) -> None:
    asked: dict[str, Any] = {"SummarizeRowsBy": "Month", "IncludeColumn": ["TxnID", "Debit", "Credit"]}
    report = busy.report("CustomTxnDetail", **asked, **SPRING)
    assert [one for one in labels(report) if one.strip(".")] == [
        *("Mar 23", "Total Mar 23", "May 23", "Total May 23", "TOTAL")
    ]


def test_details_without_groups_have_the_bottom_line_alone(busy: Desk) -> None:
    asked: dict[str, Any] = {"SummarizeRowsBy": "TotalOnly", "IncludeColumn": ["DueDate", "OpenBalance", "PaidStatus"]}
    filters = {"ReportAccountFilter": {"AccountTypeFilter": "AccountsReceivable"}}
    report = busy.report("CustomTxnDetail", **asked, **SPRING, **filters)
    assert outline(report) == [
        ("", "2023-03-10", "100.00", "Unpaid"),
        ("", "2023-05-10", "150.00", "Unpaid"),
        ("TOTAL", "", "250.00", ""),
    ]


def test_every_column_that_is_offered_can_be_written(busy: Desk) -> None:
    from qbsimulator.reports.fields import FIELDS

    asked: dict[str, Any] = {"SummarizeRowsBy": "TotalOnly", "IncludeColumn": list(FIELDS)}
    report = busy.report("CustomTxnDetail", **asked, **SPRING)
    assert [one.type for one in report.columns] == ["Blank", *FIELDS]
    assert len(report.rows) == 3 + 3 + 2 + 1


def test_columns_and_groups_that_are_not_offered_are_refused(busy: Desk) -> None:
    for asked in (
        {"SummarizeRowsBy": "TotalOnly", "IncludeColumn": ["WageBase"]},
        {"SummarizeRowsBy": "TaxLine", "IncludeColumn": ["Date"]},
        {"SummarizeRowsBy": "Class", "IncludeColumn": ["Date"], "ReportBasis": "Cash"},
    ):
        assert busy.ask_report("CustomTxnDetail", **asked).status_code == 1030
    assert busy.ask_report("AuditTrail").status_code == 1030
    busy.company.configure(uses_classes=False)
    asked = {"SummarizeRowsBy": "Class", "IncludeColumn": ["Date"]}
    assert busy.ask_report("CustomTxnDetail", **asked).status_code == 3250


# -- what does not post ------------------------------------------------------------------------------------------


def test_what_does_not_post_is_listed_with_the_amount_of_its_record(desk: Desk) -> None:
    line = {"ItemRef": ref("Advice"), "Amount": "70.00"}
    desk.txn("SalesOrder", CustomerRef=ref("Ann"), SalesOrderLineAdd=[line])
    desk.txn("Invoice", CustomerRef=ref("Ann"), IsPending=True, InvoiceLineAdd=[line])
    order = {"ItemRef": ref("Board"), "Quantity": "2"}
    desk.txn("PurchaseOrder", VendorRef=ref("Lumber Ltd"), PurchaseOrderLineAdd=[order])
    report = desk.report("TxnListByDate", ReportPostingStatusFilter="NonPosting")
    assert [(one["Type"], str(one["Amount"])) for one in report.rows] == [
        ("Sales Order", "70.00"),
        ("Invoice", "70.00"),
        ("Purchase Order", "-24.00"),
    ]
    assert desk.report("TxnListByDate", ReportPostingStatusFilter="Posting").rows == []
    assert [one["Amount"] for one in desk.report("Journal").rows if one.kind == "DataRow"] == []


def test_names_of_all_kinds(desk: Desk) -> None:
    desk.txn(
        "Bill",
        VendorRef=ref("Lumber Ltd"),
        ExpenseLineAdd=[{"AccountRef": ref("Rent"), "Amount": "40.00"}],
    )
    paid = {"PayeeEntityRef": ref("Office Inc"), "ExpenseLineAdd": [{"AccountRef": ref("Rent"), "Amount": "7.00"}]}
    desk.txn("Check", AccountRef=ref("Checking"), IsToBePrinted=True, **paid)
    desk.txn("CreditCardCharge", AccountRef=ref("Card"), **paid)
    report = desk.report("TxnListByVendor")
    assert outline(report) == [
        ("Lumber Ltd", *[""] * 9),
        (".", "Bill", "2023-11-14", "", "Lumber Ltd", "", "Accounts Payable", "", "Rent", "-40.00"),
        ("Office Inc", *[""] * 9),
        (".", "Check", "2023-11-14", "", "Office Inc", "", "Checking", "", "Rent", "-7.00"),
        (".", "Credit Card Charge", "2023-11-14", "", "Office Inc", "", "Card", "", "Rent", "-7.00"),
    ]
