"""What a request for a report asks for: which report, of which days, filtered and arranged how."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from ..context import Context
from ..dates import span
from ..errors import RequestError
from ..settings import Settings
from .filters import Condition, condition
from .periods import Period, Year

#: The days that a report can be of: QuickBooks knows none before, and the year after has to be there.
FIRST_DAY, LAST_DAY = date(1901, 1, 1), date(9998, 12, 31)


@dataclass(frozen=True, slots=True)
class Question:
    """A request for a report, read. ``period`` has no open ends: what is asked without one is all that there is.

    ``is_all`` says that it was asked without; ``rows`` and ``columns`` are ReturnRows and ReturnColumns, ``by`` is what
    columns, or rows of details, are summarized by.
    """

    type: str
    context: Context
    content: Mapping[str, Any]
    period: Period
    is_all: bool
    year: Year
    where: Condition
    by: str | None
    rows: str
    columns: str | None

    @property
    def settings(self) -> Settings:
        """The company's settings."""
        return self.context.settings

    @property
    def sql(self) -> sqlite3.Connection:
        """The company file."""
        return self.context.company._storage.sql

    @property
    def today(self) -> date:
        """The date, where QuickBooks runs."""
        return self.context.company.clock.today()

    @property
    def fiscal(self) -> Year:
        """The company's own year, whatever calendar the columns go by."""
        return Year(self.settings.first_fiscal_month)

    def fiscal_year(self, day: date) -> Period:
        """The company's own year that a day is in."""
        return self.fiscal.around("Year", day)


def question(context: Context, content: Mapping[str, Any], default: str) -> Question:
    """Read a request. ``default`` is the macro for the days of a report that is asked for without any.

    Raises :class:`~qbsimulator.errors.RequestError`: 3020 for a day that is too far away, 3030 for a period that ends
    before it begins, 3140 for a filter by what is not there, 1030 for the cash basis.
    """
    _on_accrual_basis(context, content)
    year = _year(context.settings, content.get("ReportCalendar"))
    period, is_all = _period(context, content, default, year)
    by = content.get("SummarizeColumnsBy", content.get("SummarizeRowsBy"))
    columns = content.get("ReturnColumns")
    return Question(
        type=str(next(value for name, value in content.items() if name.endswith("ReportType"))),
        context=context,
        content=content,
        period=period,
        is_all=is_all,
        year=year,
        where=condition(context, content),
        by=None if by is None else str(by),
        rows=str(content.get("ReturnRows") or "NonZero"),
        columns=None if columns is None else str(columns),
    )


def _on_accrual_basis(context: Context, content: Mapping[str, Any]) -> None:
    basis = content.get("ReportBasis")
    if basis in (None, "", "None"):
        basis = context.settings.summary_report_basis
    if basis == "Cash":
        raise RequestError(1030)


def _year(settings: Settings, calendar: Any) -> Year:
    months = {"CalendarYear": 1, "TaxYear": settings.first_tax_month}
    return Year(months.get(str(calendar), settings.first_fiscal_month), settings.first_day_of_week)


def _period(context: Context, content: Mapping[str, Any], default: str, year: Year) -> tuple[Period, bool]:
    given = content.get("ReportPeriod")
    today = context.company.clock.today()
    if given is not None:
        begin, end = (_day(name, given.get(name)) for name in ("FromReportDate", "ToReportDate"))
    else:
        macro = str(content.get("ReportDateMacro") or default)
        begin, end = span(macro, today, year.first_month, year.week_begins)
    first, last = _all_days(context, today)
    if begin is not None and end is not None and begin > end:
        raise RequestError(3030)
    whole = Period(begin or min(first, end or first), end or max(last, begin or last))
    return whole, begin is None and end is None


def _day(name: str, day: date | None) -> date | None:
    """A day that the years around it can be reckoned with."""
    if day is not None and not FIRST_DAY <= day <= LAST_DAY:
        raise RequestError(3020, value=day.isoformat(), field=name)
    return day


def _all_days(context: Context, today: date) -> tuple[date, date]:
    """From the first transaction, or today, to the last, or today."""
    sql = context.company._storage.sql
    first, last = sql.execute("SELECT min(date), max(date) FROM transactions").fetchone()
    if first is None:
        return today, today
    return min(date.fromisoformat(first), today), max(date.fromisoformat(last), today)
