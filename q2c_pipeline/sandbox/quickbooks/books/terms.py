"""Payment terms: what a term makes of the date of an invoice.

Belongs here: the arithmetic of terms. Does not belong here: which term an invoice has.
"""

import calendar
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from q2c_pipeline.sandbox.quickbooks.books.record_fields import number


def due_after(day: date, term: Mapping[str, Any]) -> date:
    if term.get("Type") != "DATE_DRIVEN":
        return day + timedelta(days=_count(term, "DueDays"))
    due_day = _count(term, "DayOfMonthDue") or 1
    due = _in_month(day.year, day.month, due_day)
    # Too close to the due day of this month, the invoice falls due in the next.
    if due < day or (due - day).days < _count(term, "DueNextMonthDays"):
        following = day.replace(day=1) + timedelta(days=32)
        due = _in_month(following.year, following.month, due_day)
    return due


def _in_month(year: int, month: int, day: int) -> date:
    return date(year, month, min(day, calendar.monthrange(year, month)[1]))


def _count(term: Mapping[str, Any], field: str) -> int:
    return int(number(term.get(field)) or 0)
