"""Aging of receivables and payables, as of today and of any other day."""

from __future__ import annotations

from decimal import Decimal

import pytest

from tests.qbsimulator.ledger.shop import ref
from tests.qbsimulator.reports.desk import Desk, amount, days, outline

TODAY = "2023-11-14"


def test_what_customers_owe_by_its_age(desk: Desk) -> None:
    for day, cents in (("2023-11-14", "1"), ("2023-11-13", "2"), ("2023-10-15", "4"), ("2023-10-14", "8")):
        desk.invoice("Ann", amount=f"{cents}.00", TxnDate=day)
    for day, cents in (("2023-09-15", "16"), ("2023-09-14", "32"), ("2023-08-16", "64"), ("2023-08-15", "128")):
        desk.invoice("Ann", amount=f"{cents}.00", TxnDate=day)
    report = desk.report("ARAgingSummary")
    assert (report.title, report.subtitle, report.basis) == ("A/R Aging Summary", "As of November 14, 2023", None)
    assert [(one.title, one.type) for one in report.columns] == [
        ("", "Label"),
        *((title, "Amount") for title in ("Current", "1 - 30", "31 - 60", "61 - 90", "> 90")),
        ("TOTAL", "Total"),
    ]
    figures = ("1.00", "6.00", "24.00", "96.00", "128.00", "255.00")
    assert outline(report) == [("Ann", *figures), ("TOTAL", *figures)]
    assert (report.rows[0].row_type, report.rows[0].value) == ("customer", "Ann")


def test_jobs_stand_below_their_customer(desk: Desk) -> None:
    desk.invoice("Bob:Kitchen", amount="10.00", TxnDate=TODAY)
    desk.invoice("Bob", amount="5.00", TxnDate="2023-11-01")
    desk.invoice("Ann", amount="1.00", TxnDate=TODAY)
    zeros = ("0.00",) * 3
    assert outline(desk.report("ARAgingSummary")) == [
        ("Ann", "1.00", "0.00", *zeros, "1.00"),
        ("Bob", *[""] * 6),
        (".Kitchen", "10.00", "0.00", *zeros, "10.00"),
        (".Bob - Other", "0.00", "5.00", *zeros, "5.00"),
        ("Total Bob", "10.00", "5.00", *zeros, "15.00"),
        ("TOTAL", "11.00", "5.00", *zeros, "16.00"),
    ]


def test_the_preference_says_from_when_something_ages(desk: Desk) -> None:
    desk.invoice("Ann", amount="7.00", TxnDate="2023-10-30", TermsRef=ref("Net 30"))
    assert amount(desk.report("ARAgingSummary"), "Ann", 1) == 7
    desk.company.configure(aging_report_basis="AgeFromTransactionDate")
    assert amount(desk.report("ARAgingSummary"), "Ann", 2) == 7


def test_a_payment_counts_from_its_own_day(desk: Desk) -> None:
    made = desk.invoice("Ann", TxnDate="2023-10-01")
    applied = [{"TxnID": made["TxnID"], "PaymentAmount": "60.00"}]
    desk.txn(
        "ReceivePayment",
        CustomerRef=ref("Ann"),
        TxnDate="2023-11-05",
        TotalAmount="70.00",
        AppliedToTxnAdd=applied,
    )
    asked = "ARAgingSummary"
    assert outline(desk.report(asked, **days(end="2023-11-04")))[0][1:] == (
        *("0.00", "0.00", "100.00", "0.00", "0.00"),
        "100.00",
    )
    assert outline(desk.report(asked, **days(end="2023-11-05")))[0][1:] == (
        *("-10.00", "0.00", "40.00", "0.00", "0.00"),
        "30.00",
    )
    assert outline(desk.report(asked, ReportAgingAsOf="Today", **days(end="2023-11-04")))[-1][-1] == "30.00"
    assert outline(desk.report(asked, **days(end="2023-09-30"))) == [("TOTAL", *["0.00"] * 6)]


def test_what_is_paid_is_left_out(desk: Desk) -> None:
    made = desk.invoice("Ann", TxnDate="2023-10-01")
    applied = [{"TxnID": made["TxnID"], "PaymentAmount": "100.00"}]
    desk.txn("ReceivePayment", CustomerRef=ref("Ann"), TotalAmount="100.00", AppliedToTxnAdd=applied)
    assert outline(desk.report("ARAgingSummary")) == [("TOTAL", *["0.00"] * 6)]


def test_what_vendors_are_owed(desk: Desk) -> None:
    desk.one("SpecialAccountAdd", {"SpecialAccountAdd": {"SpecialAccountType": "AccountsPayable"}})
    desk.entry("2023-09-01", ("Rent", "30.00"), ("Accounts Payable", "-30.00", "Lumber Ltd"))
    desk.entry("2023-11-14", ("Accounts Payable", "4.50", "Office Inc"), ("Rent", "-4.50"))
    report = desk.report("APAgingSummary")
    assert report.title == "A/P Aging Summary"
    assert outline(report) == [
        ("Lumber Ltd", "0.00", "0.00", "0.00", "30.00", "0.00", "30.00"),
        ("Office Inc", "-4.50", "0.00", "0.00", "0.00", "0.00", "-4.50"),
        ("TOTAL", "-4.50", "0.00", "0.00", "30.00", "0.00", "25.50"),
    ]
    assert report.rows[0].row_type == "vendor"


def test_filters(desk: Desk) -> None:
    desk.invoice("Bob:Kitchen", amount="10.00")
    desk.invoice("Ann", amount="1.00")
    report = desk.report("ARAgingSummary", ReportEntityFilter={"FullNameWithChildren": "Bob"})
    assert amount(report, "TOTAL", 6) == Decimal("10.00")
    report = desk.report("ARAgingSummary", ReportTxnTypeFilter={"TxnTypeFilter": ["CreditMemo"]})
    assert amount(report, "TOTAL", 6) == 0


@pytest.mark.parametrize("type_", ["ARAgingDetail", "APAgingDetail", "CollectionsReport"])
def test_other_aging_reports_are_not_offered(desk: Desk, type_: str) -> None:
    assert desk.one("AgingReportQuery", {"AgingReportType": type_}).status_code == 1030


def test_the_cash_basis_of_the_company_does_not_matter_to_what_is_owed(desk: Desk) -> None:
    desk.company.configure(summary_report_basis="Cash")
    desk.invoice("Ann")
    assert amount(desk.report("ARAgingSummary"), "Ann", 6) == 100
