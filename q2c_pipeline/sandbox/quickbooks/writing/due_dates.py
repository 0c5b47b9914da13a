"""When an invoice falls due.

Belongs here: terms and what they make of a date. Does not belong here: any other default.
"""

import calendar
from datetime import date, timedelta

from q2c_pipeline.sandbox.quickbooks.wire import Payload, amount, reference
from q2c_pipeline.sandbox.quickbooks.writing.realm import Realm
from q2c_pipeline.sandbox.quickbooks.writing.transactions import day_of


def due_date(realm: Realm, record: Payload, customer: Payload) -> str:
    """The day that was sent, else what the term of document, customer or company makes of it."""
    sent = day_of(record, "DueDate")
    if sent is not None:
        return sent.isoformat()
    term_id = reference(record, "SalesTermRef") or reference(customer, "SalesTermRef")
    default_terms = realm.preference("SalesFormsPrefs", "DefaultTerms")
    transaction_date = date.fromisoformat(record["TxnDate"])
    term = realm.get("Term", term_id)
    if term is not None:
        record["SalesTermRef"] = {"value": term_id, "name": term.get("Name", "")}
    elif isinstance(default_terms, dict):
        # The company's usual term sets the day and is not written down.
        term = realm.get("Term", default_terms.get("value"))
    if term is None:
        return transaction_date.isoformat()
    return _after_term(transaction_date, term).isoformat()


def _after_term(day: date, term: Payload) -> date:
    if term.get("Type") != "DATE_DRIVEN":
        return day + timedelta(days=int(amount(term.get("DueDays")) or 0))
    due_day = int(amount(term.get("DayOfMonthDue")) or 1)
    notice_days = int(amount(term.get("DueNextMonthDays")) or 0)
    due = _in_month(day.year, day.month, due_day)
    # Too close to the due day of this month, the invoice falls due in the next.
    if due < day or (due - day).days < notice_days:
        following = day.replace(day=1) + timedelta(days=32)
        due = _in_month(following.year, following.month, due_day)
    return due


def _in_month(year: int, month: int, day: int) -> date:
    return date(year, month, min(day, calendar.monthrange(year, month)[1]))
