"""When a transaction is due."""

from __future__ import annotations

import calendar
from datetime import date, timedelta

from .books import Books


def due_date(books: Books, terms: str | None, day: date, without: int = 0) -> date:
    """When something of a day is due by terms; without any, so many days later."""
    if terms is None:
        return days_after(day, without)
    body = books.body(terms)
    if terms.startswith("StandardTerms "):
        return days_after(day, int(body.get("StdDueDays") or 0))
    wanted = int(body.get("DayOfMonthDue") or 1)
    due = _in_month(day.year, day.month, wanted)
    soon = int(body.get("DueNextMonthDays") or 0)
    if due < day or (due - day).days < soon:
        due = _in_month(day.year + day.month // 12, day.month % 12 + 1, wanted)
    return due


def days_after(day: date, days: int) -> date:
    """A day some days later; the calendar's last or first one where it ends before that."""
    try:
        return day + timedelta(days=days)
    except OverflowError:
        return date.max if days > 0 else date.min


def _in_month(year: int, month: int, day: int) -> date:
    """A day of a month, or its last one; the calendar's last day in a year beyond it."""
    if year > date.max.year:
        return date.max
    return date(year, month, min(day, calendar.monthrange(year, month)[1]))
