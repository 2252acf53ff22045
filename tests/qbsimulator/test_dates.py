"""Words for a time: every one of the schema, on days that are at the edge of something."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qbsimulator.dates import fiscal_year, span
from qbxml import Schema

FILTER = Schema().record("TxnDateRangeFilter").fields["DateMacro"].values or ()
REPORT = Schema().record("GeneralSummaryReportQueryRq").fields["ReportDateMacro"].values or ()

#: A Friday, the last day of a month.
TODAY = date(2024, 5, 31)


@pytest.mark.parametrize(
    ("macro", "begin", "end"),
    [
        ("Today", "2024-05-31", "2024-05-31"),
        ("Yesterday", "2024-05-30", "2024-05-30"),
        ("ThisWeek", "2024-05-27", "2024-06-02"),
        ("ThisWeekToDate", "2024-05-27", "2024-05-31"),
        ("LastWeek", "2024-05-20", "2024-05-26"),
        ("LastWeekToDate", "2024-05-20", "2024-05-24"),
        ("NextWeek", "2024-06-03", "2024-06-09"),
        ("NextFourWeeks", "2024-06-03", "2024-06-30"),
        ("ThisMonth", "2024-05-01", "2024-05-31"),
        ("ThisMonthToDate", "2024-05-01", "2024-05-31"),
        ("LastMonth", "2024-04-01", "2024-04-30"),
        ("LastMonthToDate", "2024-04-01", "2024-04-30"),
        ("NextMonth", "2024-06-01", "2024-06-30"),
        ("ThisCalendarQuarter", "2024-04-01", "2024-06-30"),
        ("ThisCalendarQuarterToDate", "2024-04-01", "2024-05-31"),
        ("LastCalendarQuarter", "2024-01-01", "2024-03-31"),
        ("LastCalendarQuarterToDate", "2024-01-01", "2024-02-29"),
        ("NextCalendarQuarter", "2024-07-01", "2024-09-30"),
        ("ThisCalendarYear", "2024-01-01", "2024-12-31"),
        ("LastCalendarYearToDate", "2023-01-01", "2023-05-31"),
        ("NextCalendarYear", "2025-01-01", "2025-12-31"),
    ],
)
def test_a_word_means_these_days(macro: str, begin: str, end: str) -> None:
    assert span(macro, TODAY) == (date.fromisoformat(begin), date.fromisoformat(end))


@pytest.mark.parametrize(
    ("macro", "begin", "end"),
    [
        ("ThisFiscalYear", "2023-07-01", "2024-06-30"),
        ("ThisFiscalYearToDate", "2023-07-01", "2024-05-31"),
        ("LastFiscalYear", "2022-07-01", "2023-06-30"),
        ("LastFiscalYearToDate", "2022-07-01", "2023-05-31"),
        ("NextFiscalYear", "2024-07-01", "2025-06-30"),
        ("ThisFiscalQuarter", "2024-04-01", "2024-06-30"),
        ("ThisYear", "2023-07-01", "2024-06-30"),
        ("ThisCalendarYear", "2024-01-01", "2024-12-31"),
    ],
)
def test_a_fiscal_year_may_begin_in_july(macro: str, begin: str, end: str) -> None:
    assert span(macro, TODAY, 7) == (date.fromisoformat(begin), date.fromisoformat(end))


def test_fiscal_quarters_begin_with_the_year() -> None:
    assert span("ThisFiscalQuarter", TODAY, 2) == (date(2024, 5, 1), date(2024, 7, 31))
    assert span("LastQuarter", TODAY, 2) == (date(2024, 2, 1), date(2024, 4, 30))


def test_all_has_no_ends() -> None:
    assert span("All", TODAY) == (None, None)


def test_a_week_may_begin_on_a_sunday() -> None:
    assert span("ThisWeek", TODAY, 1, "Sunday") == (date(2024, 5, 26), date(2024, 6, 1))


def test_what_is_no_such_word() -> None:
    with pytest.raises(KeyError):
        span("LastWeekend", TODAY)


@pytest.mark.parametrize("macro", sorted({*FILTER, *REPORT} - {"All"}))
@given(today=st.dates(date(1990, 1, 1), date(2090, 1, 1)), fiscal_month=st.integers(1, 12))
def test_every_word_is_days_in_their_order(macro: str, today: date, fiscal_month: int) -> None:
    begin, end = span(macro, today, fiscal_month)
    assert begin is not None
    assert end is not None
    assert begin <= end
    if macro.startswith(("This", "Today")):
        assert begin <= today <= end
    if macro.startswith("Last") and not macro.endswith("ToDate"):
        following = span(macro.replace("Last", "This"), today, fiscal_month)[0]
        assert following == end + timedelta(days=1)


@given(day=st.dates(date(1990, 1, 1), date(2090, 1, 1)), fiscal_month=st.integers(1, 12))
def test_a_fiscal_year_is_twelve_months(day: date, fiscal_month: int) -> None:
    begin, end = fiscal_year(day, fiscal_month)
    assert begin <= day <= end
    assert (begin.month, begin.day) == (fiscal_month, 1)
    assert fiscal_year(end + timedelta(days=1), fiscal_month)[0] == end + timedelta(days=1)
