"""Cases of entry: voided, deleted, entered late, dated ahead.

Belongs here: functions whose documents are not what they seemed when they were entered. Does
not belong here: how money moves.
"""

from q2c_pipeline.sandbox.generate import profile
from q2c_pipeline.sandbox.generate.books.cases.case import soon
from q2c_pipeline.sandbox.generate.books.desk import Desk
from q2c_pipeline.sandbox.generate.books.documents import Document, Invoice
from q2c_pipeline.sandbox.generate.books.habits import settle
from q2c_pipeline.sandbox.generate.days import SECONDS_PER_DAY, business_day_from, day_text


def voided_invoice(desk: Desk, invoice: Invoice) -> None:
    _void(desk, invoice, business_day_from(invoice.day + desk.random.randint(1, 30)))
    desk.plant("voided_invoice", invoice)


def voided_payment(desk: Desk, invoice: Invoice) -> None:
    """A cheque that bounced; the invoice is open again."""
    bounced = desk.pay(invoice.customer, soon(desk, invoice.day, 5, 25), [(invoice.total, invoice)])
    back = soon(desk, bounced.day, 4, 12)
    _void(desk, bounced, back)
    invoice.payments = None
    invoice.touch(bounced.updated)
    desk.plant("voided_payment", bounced)
    settle(desk, invoice, invoice.total, not_before=back + 5)


def voided_credit(desk: Desk, invoice: Invoice) -> None:
    """A credit memo that was granted by mistake."""
    credit = desk.credit(invoice, soon(desk, invoice.day, 2, 20), percent=30)
    _void(desk, credit, soon(desk, credit.day, 1, 10))
    desk.plant("voided_credit", credit)
    settle(desk, invoice, invoice.total)


def _void(desk: Desk, document: Document, day: int) -> None:
    document.is_void = True
    document.note = "Voided"
    document.sync_token += 1
    document.touch(desk.moment(min(day, profile.LAST_DAY), after=document.created))


def deleted_recently(desk: Desk, invoice: Invoice) -> None:
    _enter_twin(desk, invoice, soon(desk, profile.LAST_DAY - 20, 1, 19))
    settle(desk, invoice, invoice.total)


def deleted_long_ago(desk: Desk, invoice: Invoice) -> None:
    _enter_twin(desk, invoice, soon(desk, invoice.day, 1, 10))
    settle(desk, invoice, invoice.total)


def _enter_twin(desk: Desk, invoice: Invoice, deleted_on: int) -> None:
    """The same invoice entered twice by mistake; the second one was deleted."""
    twin = desk.enter(
        Invoice(
            customer=invoice.customer,
            day=invoice.day,
            created=invoice.created + 180,
            total=invoice.total,
            rate=invoice.rate,
            lines=invoice.lines,
            discount=invoice.discount,
            tax=invoice.tax,
            due=invoice.due,
            is_deleted=True,
        )
    )
    twin.touch(desk.moment(deleted_on, after=twin.created))
    desk.plant("deleted_invoice", twin, note=_deleted_on(twin))


def deleted_payment(desk: Desk, invoice: Invoice) -> None:
    """Entered before the money was there, deleted, then paid as usual."""
    day = soon(desk, invoice.day, 2, 20)
    wrong = desk.pay(invoice.customer, day, [(invoice.total, invoice)])
    wrong.is_deleted = True
    wrong.touch(desk.moment(soon(desk, day, 1, 10), after=wrong.created))
    invoice.payments = None
    invoice.touch(wrong.updated)
    desk.plant("deleted_payment", wrong, note=_deleted_on(wrong))
    settle(desk, invoice, invoice.total, not_before=day + 11)


def _deleted_on(document: Document) -> str:
    return f"deleted on {day_text(document.updated // SECONDS_PER_DAY)}"


def future_dated_invoice(desk: Desk, invoice: Invoice) -> None:
    invoice.day = business_day_from(profile.CLOCK_DAY + desk.random.randint(6, 30))
    invoice.due = invoice.day + invoice.customer.term.due_days
    desk.plant("future_dated_invoice", invoice)


def entered_late(desk: Desk, invoice: Invoice) -> None:
    """Dated in one month, entered days later: the earlier month-end changed after the fact."""
    entered = soon(desk, invoice.day, 8, 20)
    invoice.created = desk.moment(entered)
    invoice.touch(invoice.created)
    desk.plant("entered_late", invoice)
    settle(desk, invoice, invoice.total, not_before=entered + 1)
