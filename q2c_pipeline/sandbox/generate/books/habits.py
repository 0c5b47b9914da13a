"""How customers ordinarily pay: by their habit, one by one or in a payment run.

Belongs here: what happens to invoices nobody planted anything on, and opening balances. Does not
belong here: the planted cases, which fall back on this for what they leave open.
"""

from datetime import date

from q2c_pipeline.sandbox.generate import profile
from q2c_pipeline.sandbox.generate.books import catalogue
from q2c_pipeline.sandbox.generate.books.customers import Customer
from q2c_pipeline.sandbox.generate.books.desk import Desk, Part
from q2c_pipeline.sandbox.generate.books.documents import Document, Invoice, JournalEntry
from q2c_pipeline.sandbox.generate.books.invoicing import OFFICE_OPENS
from q2c_pipeline.sandbox.generate.days import (
    SECONDS_PER_DAY,
    business_day_from,
    business_day_until,
)

RUN_DAYS_OF_MONTH = (10, 25)
RUN_INVOICES_MAX = 25
CREDIT_IN_RUN_SHARE = 0.08
OPENING_RANKS_MAX = 60


def pay_day(desk: Desk, invoice: Invoice, *, not_before: int = 0) -> int | None:
    """The office day on which the customer would pay, or None if it has not (yet)."""
    customer = invoice.customer
    day = invoice.due + desk.random.randint(*customer.habit.value)
    day = business_day_from(max(day, invoice.day + 1, not_before))
    if customer.goes_bad is not None and day >= customer.goes_bad:
        return None
    return day if day <= profile.LAST_DAY else None


def settle(desk: Desk, invoice: Invoice, owed: int, *, not_before: int = 0) -> None:
    """Pays what is owed in one go, unless it has not come to that yet."""
    day = pay_day(desk, invoice, not_before=not_before)
    if day is not None and owed:
        desk.pay(invoice.customer, day, [(owed, invoice)])


def settle_in_runs(desk: Desk, invoices: list[Invoice]) -> None:
    """Everything that became payable since the last run, in one payment for each run."""
    runs: dict[int, list[Invoice]] = {}
    for invoice in invoices:
        day = pay_day(desk, invoice)
        if day is not None:
            runs.setdefault(_run_day(day), []).append(invoice)
    for day in sorted(runs):
        if day > profile.LAST_DAY:
            continue
        for first in range(0, len(runs[day]), RUN_INVOICES_MAX):
            _pay_run(desk, day, runs[day][first : first + RUN_INVOICES_MAX])


def _pay_run(desk: Desk, day: int, invoices: list[Invoice]) -> None:
    targets: list[Part] = [(each.total, each) for each in invoices]
    if len(invoices) > 1 and desk.random.random() < CREDIT_IN_RUN_SHARE:
        credit_day = business_day_until(max(day - 4, invoices[0].day + 1))
        credit_day = min(max(credit_day, invoices[0].day), day)
        credit = desk.credit(invoices[0], credit_day, percent=30)
        payment = desk.pay(invoices[0].customer, day, targets, credits=[(credit.total, credit)])
        desk.plant("credit_in_payment_run", payment, note=f"{len(invoices)} invoices, one credit")
        return
    payment = desk.pay(invoices[0].customer, day, targets)
    if len(invoices) > 1:
        desk.plant("payment_over_several_invoices", payment, note=f"{len(invoices)} invoices")


def _run_day(day: int) -> int:
    while date.fromordinal(day).day not in RUN_DAYS_OF_MONTH:
        day += 1
    return business_day_from(day)


def opening_balance(desk: Desk, customer: Customer) -> None:
    """What some of the first customers owed before the books began."""
    if customer.rank > OPENING_RANKS_MAX or customer.rank % 11 not in (0, 1, 4, 5, 7):
        return
    if customer.since > profile.BOOKS_BEGIN or customer.parent:
        return
    created = business_day_from(profile.BOOKS_BEGIN) * SECONDS_PER_DAY + OFFICE_OPENS + 7200
    entry = desk.enter(
        JournalEntry(
            customer=customer,
            day=profile.BOOKS_BEGIN,
            created=created + customer.rank * 60,
            total=desk.random.randrange(80_000, 2_500_000),
            rate=desk.rates.on(profile.BOOKS_BEGIN, customer.currency),
            is_taken_over=customer.rank % 2 == 0 and not customer.is_foreign,
            other_account=catalogue.OPENING_EQUITY,
            label="OB",
            note="Opening balance",
        )
    )
    desk.plant("opening_balance", entry)
    if customer.goes_bad is None:
        _pay_opening_balance(desk, entry)


def _pay_opening_balance(desk: Desk, entry: Document) -> None:
    day = business_day_from(entry.day + desk.random.randint(15, 60))
    first = entry.total * 2 // 3 if entry.customer.rank % 2 else entry.total
    payment = desk.pay(entry.customer, day, [(first, entry)])
    desk.plant("opening_balance_paid", payment)
    if first < entry.total:
        later = business_day_from(day + 45)
        desk.pay(entry.customer, later, [(entry.total - first, entry)])
