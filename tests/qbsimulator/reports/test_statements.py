"""Profit and loss, the balance sheet and the trial balance: their rows, columns, words and filters."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from tests.qbsimulator.ledger.shop import ref
from tests.qbsimulator.reports.desk import Desk, amount, days, labels, outline, row

SPRING = days("2023-01-01", "2023-05-31")


@pytest.fixture
def busy(desk: Desk) -> Desk:
    """A company with an earlier year, and something in most sections."""
    desk.add("Account", {"Name": "Van", "AccountType": "FixedAsset", "ParentRef": ref("Tools")})
    desk.entry("2022-05-01", ("Checking", "5000.00"), ("Capital", "-5000.00"))
    desk.entry("2022-06-01", ("Rent", "300.00"), ("Checking", "-300.00"))
    desk.entry("2023-02-01", ("Tools", "300.00"), ("Tools:Van", "1000.00"), ("Loan", "-1300.00"))
    desk.entry("2023-03-05", ("Goods", "40.00"), ("Supplies", "12.50"), ("Card", "-52.50"))
    desk.entry("2023-04-05", ("Checking", "0.35"), ("Interest", "-0.35"))
    desk.invoice("Bob:Kitchen", TxnDate="2023-03-10")
    desk.invoice("Ann", amount="150.00", TxnDate="2023-05-10")
    return desk


# -- profit and loss ---------------------------------------------------------------------------------------------


def test_profit_and_loss_has_the_sections_of_quickbooks(busy: Desk) -> None:
    report = busy.report("ProfitAndLossStandard", **SPRING)
    assert (report.title, report.subtitle, report.basis) == ("Profit & Loss", "January through May 2023", "Accrual")
    assert [(one.type, one.data_type, one.titles) for one in report.columns] == [
        ("Label", "STRTYPE", ("",)),
        ("Amount", "AMTTYPE", ("Jan - May 23",)),
    ]
    assert outline(report) == [
        ("Ordinary Income/Expense", ""),
        (".Income", ""),
        ("..Sales", "250.00"),
        (".Total Income", "250.00"),
        (".Cost of Goods Sold", ""),
        ("..Goods", "40.00"),
        (".Total COGS", "40.00"),
        (".Gross Profit", "210.00"),
        (".Expense", ""),
        ("..Supplies", "12.50"),
        (".Total Expense", "12.50"),
        ("Net Ordinary Income", "197.50"),
        ("Other Income/Expense", ""),
        (".Other Income", ""),
        ("..Interest", "0.35"),
        (".Total Other Income", "0.35"),
        ("Net Other Income", "0.35"),
        ("Net Income", "197.85"),
    ]
    kinds = {one.label: (one.kind, one.row_type, one.value) for one in report.rows if one.kind != "TextRow"}
    assert kinds["Sales"] == ("DataRow", "account", "Sales")
    assert kinds["Gross Profit"] == ("SubtotalRow", None, None)
    assert kinds["Net Income"] == ("TotalRow", None, None)


def test_other_income_is_not_in_gross_profit(desk: Desk) -> None:
    desk.entry("2023-11-01", ("Checking", "100.00"), ("Sales", "-60.00"), ("Interest", "-40.00"))
    report = desk.report("ProfitAndLossStandard")
    assert amount(report, "Gross Profit") == amount(report, "Net Ordinary Income") == 60
    assert amount(report, "Net Other Income") == 40
    assert amount(report, "Net Income") == 100


def test_sections_without_rows_are_missing_with_their_totals(desk: Desk) -> None:
    desk.entry("2023-11-01", ("Rent", "100.00"), ("Checking", "-100.00"))
    assert labels(desk.report("ProfitAndLossStandard")) == [
        "Ordinary Income/Expense",
        ".Expense",
        "..Rent",
        ".Total Expense",
        "Net Ordinary Income",
        "Net Income",
    ]


def test_a_column_for_each_month_and_their_total(busy: Desk) -> None:
    report = busy.report("ProfitAndLossStandard", SummarizeColumnsBy="Month", **SPRING)
    assert [one.title for one in report.columns] == ["", "Jan 23", "Feb 23", "Mar 23", "Apr 23", "May 23", "TOTAL"]
    assert [one.type for one in report.columns] == ["Label", *["Amount"] * 5, "Total"]
    assert outline(report)[2] == ("..Sales", "", "", "100.00", "", "150.00", "250.00")
    assert outline(report)[-1] == ("Net Income", "0.00", "0.00", "47.50", "0.35", "150.00", "197.85")
    months = busy.report("ProfitAndLossStandard", SummarizeColumnsBy="Month", ReturnColumns="NonZero", **SPRING)
    assert [one.title for one in months.columns] == ["", "Mar 23", "Apr 23", "May 23", "TOTAL"]


@pytest.mark.parametrize(
    ("by", "titles"),
    [
        ("Day", ["Nov 6, 23", "Nov 7, 23", "Nov 8, 23", "TOTAL"]),
        ("Week", ["Nov 6 - 8, 23"]),
        ("TotalOnly", ["Nov 6 - 8, 23"]),
    ],
)
def test_days_and_weeks(desk: Desk, by: str, titles: list[str]) -> None:
    report = desk.report("ProfitAndLossStandard", SummarizeColumnsBy=by, **days("2023-11-06", "2023-11-08"))
    assert [one.title for one in report.columns[1:]] == titles


@pytest.mark.parametrize(
    ("by", "titles"),
    [
        ("FourWeek", ["Aug 14 - Sep 10, 23", "Sep 11 - Oct 3, 23", "TOTAL"]),
        ("TwoWeek", ["Aug 14 - 27, 23", "Aug 28 - Sep 10, 23", "Sep 11 - 24, 23", "Sep 25 - Oct 3, 23", "TOTAL"]),
        ("HalfMonth", ["Aug 14 - 15, 23", "Aug 16 - 31, 23", "Sep 1 - 15, 23", "Sep 16 - 30, 23", "Oct 1 - 3, 23"]),
        ("Quarter", ["Aug 14 - Sep 30, 23", "Oct 1 - 3, 23", "TOTAL"]),
        ("Year", ["Aug 14 - Oct 3, 23"]),
    ],
)
def test_parts_that_the_period_cuts_off(desk: Desk, by: str, titles: list[str]) -> None:
    report = desk.report("ProfitAndLossStandard", SummarizeColumnsBy=by, **days("2023-08-14", "2023-10-03"))
    assert [one.title for one in report.columns[1:]][: len(titles)] == titles


def test_a_fiscal_year_may_begin_in_any_month(busy: Desk) -> None:
    busy.company.configure(first_fiscal_month=4)
    asked: dict[str, Any] = {"SummarizeColumnsBy": "Year", **days("2023-01-01", "2023-06-30")}
    report = busy.report("ProfitAndLossStandard", **asked)
    assert [one.title for one in report.columns] == ["", "Jan - Mar 23", "Apr - Jun 23", "TOTAL"]
    assert outline(report)[-1] == ("Net Income", "47.50", "150.35", "197.85")
    report = busy.report("ProfitAndLossStandard", ReportCalendar="CalendarYear", **asked)
    assert [one.title for one in report.columns] == ["", "Jan - Jun 23"]


def test_a_column_for_each_job(busy: Desk) -> None:
    report = busy.report("ProfitAndLossByJob", **SPRING)
    assert report.title == "Profit & Loss by Job"
    assert [one.title for one in report.columns] == ["", "Ann", "Bob:Kitchen", "No name", "TOTAL"]
    assert outline(report)[-1] == ("Net Income", "150.00", "100.00", "-52.15", "197.85")


def test_a_column_for_each_class(desk: Desk) -> None:
    lines = [{"ItemRef": ref("Advice"), "Amount": "10.00", "ClassRef": ref("North")}]
    desk.invoice(TxnDate="2023-11-02", InvoiceLineAdd=lines)
    desk.invoice(TxnDate="2023-11-03", amount="5.00")
    report = desk.report("ProfitAndLossByClass")
    assert [one.title for one in report.columns] == ["", "North", "Unclassified", "TOTAL"]
    assert outline(report)[-1] == ("Net Income", "10.00", "5.00", "15.00")
    desk.company.configure(uses_classes=False)
    assert desk.ask_report("ProfitAndLossByClass").status_code == 3250


def test_a_parent_with_postings_of_its_own_has_another_row(desk: Desk) -> None:
    for name in ("Fuel", "Repairs"):
        desk.add("Account", {"Name": name, "AccountType": "Expense", "ParentRef": ref("Supplies")})
    desk.entry("2023-11-01", ("Supplies:Fuel", "5.00"), ("Supplies", "1.00"), ("Checking", "-6.00"))
    report = desk.report("ProfitAndLossStandard")
    assert outline(report)[1:7] == [
        (".Expense", ""),
        ("..Supplies", ""),
        ("...Fuel", "5.00"),
        ("...Supplies - Other", "1.00"),
        ("..Total Supplies", "6.00"),
        (".Total Expense", "6.00"),
    ]
    assert (row(report, "Fuel").value, row(report, "Supplies - Other").value) == ("Supplies:Fuel", "Supplies")
    assert (row(report, "Total Supplies").row_type, row(report, "Total Supplies").value) == ("account", "Supplies")


def test_rows_of_zero_are_there_if_they_are_asked_for(desk: Desk) -> None:
    desk.entry("2023-11-01", ("Rent", "7.00"), ("Rent", "-7.00"))
    assert "..Rent" not in labels(desk.report("ProfitAndLossStandard"))
    active = labels(desk.report("ProfitAndLossStandard", ReturnRows="ActiveOnly"))
    assert [one for one in active if one.startswith("..")] == ["..Rent"]
    every = desk.report("ProfitAndLossStandard", ReturnRows="All")
    shown = [one for one in outline(every) if one[0].startswith("..")]
    wanted = ("Discounts", "Sales", "Goods", "Rent", "Supplies", "Interest")
    assert shown == [(f"..{name}", "0.00") for name in wanted]


def test_accounts_come_with_their_numbers(desk: Desk) -> None:
    for name, number in (("Sales", "41000"), ("Discounts", "49000")):
        account = desk.one("AccountQuery", {"FullName": [name]}).records[0]
        desk.modified(account, AccountNumber=number)
    desk.entry("2023-11-01", ("Checking", "9.00"), ("Sales", "-10.00"), ("Discounts", "1.00"))
    assert "..Sales" in labels(desk.report("ProfitAndLossStandard"))
    desk.company.configure(uses_account_numbers=True)
    report = desk.report("ProfitAndLossStandard")
    assert labels(report)[2:4] == ["..41000 \u00b7 Sales", "..49000 \u00b7 Discounts"]
    assert row(report, "41000 \u00b7 Sales").value == "Sales"


# -- periods and basis -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("begin", "end", "subtitle", "title"),
    [
        ("2024-01-01", "2024-12-31", "January through December 2024", "Jan - Dec 24"),
        ("2011-02-01", "2011-02-07", "February 1 - 7, 2011", "Feb 1 - 7, 11"),
        ("2024-02-01", "2024-02-29", "February 2024", "Feb 24"),
        ("2025-03-20", "2025-03-20", "March 20, 2025", "Mar 20, 25"),
        ("2024-02-05", "2024-04-30", "February 5 through April 30, 2024", "Feb 5 - Apr 30, 24"),
        ("2023-07-01", "2024-06-30", "July 2023 through June 2024", "Jul '23 - Jun 24"),
        ("2023-07-02", "2024-06-30", "July 2, 2023 through June 30, 2024", "Jul 2, '23 - Jun 30, 24"),
    ],
)
def test_a_period_in_words(desk: Desk, begin: str, end: str, subtitle: str, title: str) -> None:
    report = desk.report("ProfitAndLossStandard", **days(begin, end))
    assert (report.subtitle, report.columns[1].title) == (subtitle, title)


def test_without_a_period_a_report_has_its_own(desk: Desk) -> None:
    assert desk.report("ProfitAndLossStandard").subtitle == "November 1 - 14, 2023"
    assert desk.report("BalanceSheetStandard").subtitle == "As of November 14, 2023"
    assert desk.report("ProfitAndLossStandard", ReportDateMacro="LastQuarter").subtitle == "July through September 2023"


def test_all_days(busy: Desk) -> None:
    report = busy.report("ProfitAndLossStandard", ReportDateMacro="All")
    assert (report.subtitle, amount(report, "Net Income")) == ("All Transactions", Decimal("-102.15"))
    by_year = busy.report("ProfitAndLossStandard", ReportDateMacro="All", SummarizeColumnsBy="Year")
    assert outline(by_year)[-1] == ("Net Income", "-300.00", "197.85", "-102.15")


def test_a_period_that_ends_before_it_begins_is_refused(desk: Desk) -> None:
    answer = desk.ask_report("ProfitAndLossStandard", **days("2023-02-01", "2023-01-01"))
    assert (answer.status_code, answer.status_message) == (
        3030,
        "Invalid date range: From date is greater than To date.",
    )


@pytest.mark.parametrize(("begin", "end"), [("1900-12-31", "2023-01-01"), ("2023-01-01", "9999-12-31")])
def test_days_that_are_too_far_away_are_refused(desk: Desk, begin: str, end: str) -> None:
    answer = desk.ask_report("BalanceSheetStandard", **days(begin, end))
    assert (answer.status_code, "ReportDate" in str(answer.status_message)) == (3020, True)


def test_there_is_room_for_so_many_columns(desk: Desk) -> None:
    far = days("1901-01-01", "9998-12-31")
    assert desk.report("ProfitAndLossStandard", SummarizeColumnsBy="TotalOnly", **far).rows
    assert desk.ask_report("ProfitAndLossStandard", SummarizeColumnsBy="Day", **far).status_code == 1030
    asked: dict[str, Any] = {"SummarizeRowsBy": "Day", "IncludeColumn": ["Date"]}
    assert desk.ask_report("CustomTxnDetail", **asked, **far).status_code == 1030


def test_the_cash_basis_is_refused(desk: Desk) -> None:
    assert desk.ask_report("ProfitAndLossStandard", ReportBasis="Cash").status_code == 1030
    desk.company.configure(summary_report_basis="Cash")
    assert desk.ask_report("ProfitAndLossStandard").status_code == 1030
    assert desk.ask_report("BalanceSheetStandard", ReportBasis="None").status_code == 1030
    assert desk.report("BalanceSheetStandard", ReportBasis="Accrual").basis == "Accrual"


def test_elements_in_another_order_are_refused_with_the_document(desk: Desk) -> None:
    from qbsimulator import QuickBooksError

    inner = "<GeneralSummaryReportType>BalanceSheetStandard</GeneralSummaryReportType>"
    tail = "<ReportBasis>Accrual</ReportBasis><SummarizeColumnsBy>Month</SummarizeColumnsBy>"
    name = "GeneralSummaryReportQueryRq"
    with pytest.raises(QuickBooksError, match="0x80040400"):
        desk.raw(f"<{name}>{inner}{tail}</{name}>")


# -- filters -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "income"),
    [
        ({"ReportEntityFilter": {"FullName": ["Ann"]}}, "150.00"),
        ({"ReportEntityFilter": {"FullNameWithChildren": "Bob"}}, "100.00"),
        ({"ReportEntityFilter": {"EntityTypeFilter": "Customer"}}, "250.00"),
        ({"ReportItemFilter": {"FullName": ["Advice"]}}, "250.00"),
        ({"ReportItemFilter": {"ItemTypeFilter": "Inventory"}}, "0.00"),
        ({"ReportAccountFilter": {"FullName": ["Supplies", "Goods"]}}, "-52.50"),
        ({"ReportAccountFilter": {"AccountTypeFilter": "OrdinaryIncome"}}, "250.00"),
        ({"ReportAccountFilter": {"AccountTypeFilter": "OtherIncomeOrExpense"}}, "0.35"),
        ({"ReportTxnTypeFilter": {"TxnTypeFilter": ["JournalEntry"]}}, "-52.15"),
        ({"ReportTxnTypeFilter": {"TxnTypeFilter": ["All"]}}, "197.85"),
        ({"ReportModifiedDateRangeFilter": {"ToReportModifiedDate": "2023-01-01"}}, "0.00"),
        ({"ReportModifiedDateRangeMacro": "Today"}, "197.85"),
        ({"ReportDetailLevelFilter": "SummaryOnly"}, "-40.00"),
        ({"ReportPostingStatusFilter": "Posting"}, "197.85"),
        ({"ReportPostingStatusFilter": "NonPosting"}, "0.00"),
    ],
)
def test_filters_leave_postings_out(busy: Desk, given: dict[str, Any], income: str) -> None:
    report = busy.report("ProfitAndLossStandard", **SPRING, **given)
    assert str(row(report, "Net Income").cells[1]) == income


def test_a_filter_by_a_class(desk: Desk) -> None:
    lines = [{"ItemRef": ref("Advice"), "Amount": "10.00", "ClassRef": ref("North")}]
    desk.invoice(TxnDate="2023-11-02", InvoiceLineAdd=lines)
    desk.invoice(TxnDate="2023-11-03", amount="5.00")
    report = desk.report("ProfitAndLossStandard", ReportClassFilter={"FullNameWithChildren": "North"})
    assert amount(report, "Net Income") == 10


def test_a_filter_by_what_is_not_there_is_refused(desk: Desk) -> None:
    answer = desk.ask_report("ProfitAndLossStandard", ReportEntityFilter={"FullName": ["Nobody"]})
    assert (answer.status_code, '"Nobody"' in str(answer.status_message)) == (3140, True)


# -- the balance sheet -------------------------------------------------------------------------------------------


def test_a_balance_sheet_has_the_sections_of_quickbooks(busy: Desk) -> None:
    report = busy.report("BalanceSheetStandard", **SPRING)
    assert (report.title, report.subtitle, report.basis) == ("Balance Sheet", "As of May 31, 2023", "Accrual")
    assert [one.titles for one in report.columns] == [("",), ("May 31, 23",)]
    assert outline(report) == [
        ("ASSETS", ""),
        (".Current Assets", ""),
        ("..Checking/Savings", ""),
        ("...Checking", "4700.35"),
        ("..Total Checking/Savings", "4700.35"),
        ("..Accounts Receivable", ""),
        ("...Accounts Receivable", "250.00"),
        ("..Total Accounts Receivable", "250.00"),
        (".Total Current Assets", "4950.35"),
        (".Fixed Assets", ""),
        ("..Tools", ""),
        ("...Van", "1000.00"),
        ("...Tools - Other", "300.00"),
        ("..Total Tools", "1300.00"),
        (".Total Fixed Assets", "1300.00"),
        ("TOTAL ASSETS", "6250.35"),
        ("LIABILITIES & EQUITY", ""),
        (".Liabilities", ""),
        ("..Current Liabilities", ""),
        ("...Credit Cards", ""),
        ("....Card", "52.50"),
        ("...Total Credit Cards", "52.50"),
        ("..Total Current Liabilities", "52.50"),
        ("..Long Term Liabilities", ""),
        ("...Loan", "1300.00"),
        ("..Total Long Term Liabilities", "1300.00"),
        (".Total Liabilities", "1352.50"),
        (".Equity", ""),
        ("..Capital", "5000.00"),
        ("..Retained Earnings", "-300.00"),
        ("..Net Income", "197.85"),
        (".Total Equity", "4897.85"),
        ("TOTAL LIABILITIES & EQUITY", "6250.35"),
    ]
    assert row(report, "Net Income").row_type is None  # it is no account
    assert (row(report, "Net Income").kind, row(report, "TOTAL ASSETS").kind) == ("DataRow", "TotalRow")
    assert row(report, "Retained Earnings").value == "Retained Earnings"


def test_a_balance_sheet_is_of_its_day_and_not_of_today(busy: Desk) -> None:
    report = busy.report("BalanceSheetStandard", **days(end="2023-03-09"))
    assert amount(report, "Accounts Receivable") == 0
    assert amount(report, "Net Income") == Decimal("-52.50")
    assert amount(busy.report("BalanceSheetStandard"), "Accounts Receivable") == 250


def test_a_balance_sheet_by_quarters_has_no_total(busy: Desk) -> None:
    asked = days("2022-10-01", "2023-05-31")
    report = busy.report("BalanceSheetStandard", SummarizeColumnsBy="Quarter", **asked)
    assert [one.title for one in report.columns] == ["", "Dec 31, 22", "Mar 31, 23", "May 31, 23"]
    cells = {one[0].lstrip("."): one[1:] for one in outline(report)}
    assert cells["Retained Earnings"] == ("", "-300.00", "-300.00")
    assert cells["Net Income"] == ("-300.00", "47.50", "197.85")
    assert cells["TOTAL ASSETS"] == cells["TOTAL LIABILITIES & EQUITY"] == ("4700.00", "6100.00", "6250.35")


def test_retained_earnings_begin_with_the_fiscal_year(busy: Desk) -> None:
    busy.company.configure(first_fiscal_month=4)
    report = busy.report("BalanceSheetStandard", **SPRING)
    assert amount(report, "Retained Earnings") == Decimal("-252.50")
    assert amount(report, "Net Income") == Decimal("150.35")


def test_retained_earnings_go_to_the_account_that_the_company_has(desk: Desk) -> None:
    desk.add("Account", {"Name": "retained earnings", "AccountType": "Equity"})
    desk.entry("2022-05-01", ("Checking", "10.00"), ("Sales", "-10.00"))
    desk.entry("2023-05-01", ("Checking", "1.00"), ("retained earnings", "-1.00"))
    report = desk.report("BalanceSheetStandard")
    assert amount(report, "retained earnings") == 11
    assert "..Retained Earnings" not in labels(report)


def test_a_company_without_transactions_owns_nothing(desk: Desk) -> None:
    nothing = [("TOTAL ASSETS", "0.00"), ("TOTAL LIABILITIES & EQUITY", "0.00")]
    assert outline(desk.report("BalanceSheetStandard")) == nothing
    assert outline(desk.report("ProfitAndLossStandard")) == [("Net Income", "0.00")]


# -- the trial balance -------------------------------------------------------------------------------------------


def test_a_trial_balance_of_all_accounts_has_those_that_can_be_posted_to(desk: Desk) -> None:
    desk.one("SpecialAccountAdd", {"SpecialAccountAdd": {"SpecialAccountType": "Estimates"}})
    desk.add("Account", {"Name": "Old", "AccountType": "Bank", "IsActive": False})
    shown = [one.label for one in desk.report("TrialBalance", ReturnRows="All").rows]
    assert {"Checking", "Loan", "Interest"} < set(shown)
    assert not {"Estimates", "Old"} & set(shown)


def test_a_trial_balance(busy: Desk) -> None:
    report = busy.report("TrialBalance", **SPRING)
    assert (report.title, report.subtitle, report.basis) == ("Trial Balance", "As of May 31, 2023", "Accrual")
    assert [(one.title, one.type) for one in report.columns] == [
        ("", "Label"),
        ("Debit", "Debit"),
        ("Credit", "Credit"),
    ]
    assert outline(report) == [
        ("Checking", "4700.35", ""),
        ("Accounts Receivable", "250.00", ""),
        ("Tools", "300.00", ""),
        ("Tools:Van", "1000.00", ""),
        ("Card", "", "52.50"),
        ("Loan", "", "1300.00"),
        ("Capital", "", "5000.00"),
        ("Retained Earnings", "300.00", ""),
        ("Sales", "", "250.00"),
        ("Goods", "40.00", ""),
        ("Supplies", "12.50", ""),
        ("Interest", "", "0.35"),
        ("TOTAL", "6602.85", "6602.85"),
    ]
    assert row(report, "Tools:Van").value == "Tools:Van"


# -- what is refused ---------------------------------------------------------------------------------------------


def test_other_reports_are_not_offered(desk: Desk) -> None:
    for type_ in ("BalanceSheetSummary", "SalesByItemSummary", "IncomeTaxSummary"):
        answer = desk.one("GeneralSummaryReportQuery", {"GeneralSummaryReportType": type_})
        assert answer.status_code == 1030
    by = {"SummarizeColumnsBy": "Month", "SummarizeRowsBy": "Account"}
    assert desk.one("CustomSummaryReportQuery", {"CustomSummaryReportType": "CustomSummary", **by}).status_code == 1030
    assert desk.ask_report("ProfitAndLossStandard", SummarizeColumnsBy="SalesRep").status_code == 1030
