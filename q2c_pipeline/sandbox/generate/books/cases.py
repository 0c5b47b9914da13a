"""The planted cases: what happens to an invoice that is not simply paid.

Belongs here: one function for each case, and the table that says how often. Each settles its
invoice wholly, falling back on the customer's habit for what it leaves. Does not belong here:
which invoices are chosen.
"""

from collections.abc import Callable
from typing import NamedTuple, TypeVar

from q2c_pipeline.sandbox.generate import profile
from q2c_pipeline.sandbox.generate.books.desk import Desk
from q2c_pipeline.sandbox.generate.books.documents import (
    Deposit,
    Document,
    Estimate,
    Invoice,
    JournalEntry,
    RefundReceipt,
    SalesDocument,
    SalesReceipt,
)
from q2c_pipeline.sandbox.generate.books.habits import pay_day, settle
from q2c_pipeline.sandbox.generate.books.invoicing import sales_lines, sales_tax
from q2c_pipeline.sandbox.generate.days import (
    SECONDS_PER_DAY,
    business_day_from,
    business_day_until,
    day_text,
)

MadeSalesDocument = TypeVar("MadeSalesDocument", bound=SalesDocument)


class Case(NamedTuple):
    """``age_days`` (from, to) bound how long before the last day the invoice was written."""

    kind: str
    play: Callable[[Desk, Invoice], None]
    per_thousand: int
    age_days: tuple[int, int] = (0, 10_000)
    suits: Callable[[Invoice], bool] = lambda invoice: True


MINIMUM_OF_EACH = 2


def _soon(desk: Desk, day: int, first: int, last: int) -> int:
    return min(business_day_from(day + desk.random.randint(first, last)), profile.LAST_DAY)


def paid_early(desk: Desk, invoice: Invoice) -> None:
    payment = desk.pay(invoice.customer, _soon(desk, invoice.day, 1, 4), [(invoice.total, invoice)])
    desk.plant("paid_early", payment)


def paid_late(desk: Desk, invoice: Invoice) -> None:
    payment = desk.pay(
        invoice.customer, _soon(desk, invoice.due, 35, 95), [(invoice.total, invoice)]
    )
    desk.plant("paid_late", payment)


def partial_payment(desk: Desk, invoice: Invoice) -> None:
    part = invoice.total * 2 // 5
    day = _soon(desk, invoice.due, 0, 20)
    payment = desk.pay(invoice.customer, day, [(part, invoice)])
    desk.plant("partial_payment", payment)
    if desk.random.random() < 0.6:
        settle(desk, invoice, invoice.total - part, not_before=day + 25)


def paid_at_another_rate(desk: Desk, invoice: Invoice) -> None:
    day = _soon(desk, invoice.due, 5, 40)
    payment = desk.pay(invoice.customer, day, [(invoice.total, invoice)])
    desk.plant("paid_at_another_rate", payment)


def prepayment(desk: Desk, invoice: Invoice) -> None:
    """Money first: it stays unapplied until the invoice is written."""
    day = business_day_until(invoice.day - desk.random.randint(5, 25))
    extra = desk.random.choice((0, 0, 12_500))
    payment = desk.pay(invoice.customer, day, [], unapplied=invoice.total + extra)
    desk.extend(payment, invoice.total, invoice, invoice.created + 120)
    desk.plant("prepayment_applied_later", payment)


def overpayment(desk: Desk, invoice: Invoice) -> None:
    extra = desk.random.randrange(1_000, 60_000)
    day = _soon(desk, invoice.due, 0, 10)
    payment = desk.pay(invoice.customer, day, [(invoice.total, invoice)], unapplied=extra)
    desk.plant("overpayment", payment, amount=extra)


def unapplied_payment(desk: Desk, invoice: Invoice) -> None:
    day = _soon(desk, invoice.day, 0, 30)
    payment = desk.pay(invoice.customer, day, [], unapplied=desk.random.randrange(50, 900) * 1_000)
    desk.plant("unapplied_payment", payment)
    settle(desk, invoice, invoice.total)


def credit_in_two_lines(desk: Desk, invoice: Invoice) -> None:
    _credit_applied(desk, invoice, one_line=False)


def credit_in_one_line(desk: Desk, invoice: Invoice) -> None:
    _credit_applied(desk, invoice, one_line=True)


def _credit_applied(desk: Desk, invoice: Invoice, *, one_line: bool) -> None:
    credit = desk.credit(invoice, _soon(desk, invoice.day, 3, 20), percent=40)
    day = _soon(desk, credit.day, 0, 12)
    desk.apply_credit(invoice, credit, credit.total, day, one_line=one_line)
    kind = "credit_applied_in_one_line" if one_line else "credit_applied_in_two_lines"
    desk.plant(kind, credit)
    settle(desk, invoice, invoice.total - credit.total, not_before=day)


def credit_with_cash(desk: Desk, invoice: Invoice) -> None:
    credit = desk.credit(invoice, _soon(desk, invoice.day, 2, 12), percent=25)
    day = _soon(desk, max(invoice.due, credit.day), 0, 15)
    payment = desk.pay(
        invoice.customer, day, [(invoice.total, invoice)], credits=[(credit.total, credit)]
    )
    desk.plant("credit_with_cash", payment)


def credit_partly_applied(desk: Desk, invoice: Invoice) -> None:
    credit = desk.credit(invoice, _soon(desk, invoice.day, 3, 20), percent=50)
    applied = credit.total * 3 // 7
    day = _soon(desk, credit.day, 1, 12)
    desk.apply_credit(invoice, credit, applied, day)
    desk.plant("credit_partly_applied", credit, amount=applied)
    settle(desk, invoice, invoice.total - applied, not_before=day)


def credit_unapplied(desk: Desk, invoice: Invoice) -> None:
    credit = desk.credit(invoice, _soon(desk, invoice.day, 3, 60), percent=35)
    desk.plant("credit_unapplied", credit)
    settle(desk, invoice, invoice.total)


def credit_dated_after_its_application(desk: Desk, invoice: Invoice) -> None:
    applied_on = _soon(desk, invoice.day, 3, 12)
    credit = desk.credit(invoice, applied_on, percent=30)
    credit.day = business_day_from(applied_on + 21)
    desk.apply_credit(invoice, credit, credit.total, applied_on)
    desk.plant("credit_dated_after_its_application", credit)
    settle(desk, invoice, invoice.total - credit.total, not_before=applied_on)


def refund_receipt(desk: Desk, invoice: Invoice) -> None:
    day = _soon(desk, invoice.day, 10, 50)
    refund = desk.enter(_cash_sale(desk, invoice, day, RefundReceipt))
    desk.plant("refund_receipt", refund)
    settle(desk, invoice, invoice.total)


def sales_receipt(desk: Desk, invoice: Invoice) -> None:
    day = _soon(desk, invoice.day, 0, 25)
    sale = desk.enter(_cash_sale(desk, invoice, day, SalesReceipt))
    sale.is_anonymous = not invoice.customer.is_foreign and desk.random.random() < 0.3
    desk.plant("sales_receipt", sale)
    settle(desk, invoice, invoice.total)


def credit_refunded_by_cheque(desk: Desk, invoice: Invoice) -> None:
    credit = desk.credit(invoice, _soon(desk, invoice.day, 5, 40), percent=45)
    cheque = desk.refund_cheque(credit, credit.total, _soon(desk, credit.day, 3, 20))
    desk.apply_credit(cheque, credit, credit.total, cheque.day)
    desk.plant("credit_refunded_by_cheque", cheque)
    settle(desk, invoice, invoice.total)


def overpayment_refunded_by_cheque(desk: Desk, invoice: Invoice) -> None:
    extra = desk.random.randrange(2_000, 90_000)
    day = _soon(desk, invoice.due, 0, 10)
    payment = desk.pay(invoice.customer, day, [(invoice.total, invoice)], unapplied=extra)
    cheque = desk.refund_cheque(payment, extra, _soon(desk, day, 6, 30))
    desk.extend(payment, extra, cheque, cheque.created + 60)
    desk.plant("overpayment_refunded_by_cheque", cheque)


def refund_cheque_unlinked(desk: Desk, invoice: Invoice) -> None:
    credit = desk.credit(invoice, _soon(desk, invoice.day, 5, 30), percent=20)
    cheque = desk.refund_cheque(credit, credit.total, _soon(desk, credit.day, 3, 20))
    desk.plant("refund_cheque_unlinked", cheque)
    settle(desk, invoice, invoice.total)


def write_off(desk: Desk, invoice: Invoice) -> None:
    day = business_day_from(invoice.due + desk.random.randint(60, 100))
    entry = desk.write_off(invoice.customer, invoice.total, day)
    desk.apply_credit(invoice, entry, invoice.total, _soon(desk, day, 0, 4))
    desk.plant("write_off", entry)


def small_balance_write_off(desk: Desk, invoice: Invoice) -> None:
    short = min(desk.random.randrange(35, 2_400), invoice.total // 2)
    paid = desk.pay(
        invoice.customer, _soon(desk, invoice.due, 0, 15), [(invoice.total - short, invoice)]
    )
    entry = desk.write_off(invoice.customer, short, _soon(desk, paid.day, 10, 40))
    desk.apply_credit(invoice, entry, short, entry.day)
    desk.plant("small_balance_write_off", entry)


def voided_invoice(desk: Desk, invoice: Invoice) -> None:
    _void(desk, invoice, business_day_from(invoice.day + desk.random.randint(1, 30)))
    desk.plant("voided_invoice", invoice)


def voided_payment(desk: Desk, invoice: Invoice) -> None:
    """A cheque that bounced; the invoice is open again."""
    bounced = desk.pay(
        invoice.customer, _soon(desk, invoice.day, 5, 25), [(invoice.total, invoice)]
    )
    back = _soon(desk, bounced.day, 4, 12)
    _void(desk, bounced, back)
    invoice.payments = None
    invoice.touch(bounced.updated)
    desk.plant("voided_payment", bounced)
    settle(desk, invoice, invoice.total, not_before=back + 5)


def _void(desk: Desk, document: Document, day: int) -> None:
    document.is_void = True
    document.note = "Voided"
    document.sync_token += 1
    document.touch(desk.moment(min(day, profile.LAST_DAY), after=document.created))


def deleted_recently(desk: Desk, invoice: Invoice) -> None:
    _enter_twin(desk, invoice, _soon(desk, profile.LAST_DAY - 20, 1, 19))
    settle(desk, invoice, invoice.total)


def deleted_long_ago(desk: Desk, invoice: Invoice) -> None:
    _enter_twin(desk, invoice, _soon(desk, invoice.day, 1, 10))
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
    day = _soon(desk, invoice.day, 2, 20)
    wrong = desk.pay(invoice.customer, day, [(invoice.total, invoice)])
    wrong.is_deleted = True
    wrong.touch(desk.moment(_soon(desk, day, 1, 10), after=wrong.created))
    invoice.payments = None
    invoice.touch(wrong.updated)
    desk.plant("deleted_payment", wrong, note=_deleted_on(wrong))
    settle(desk, invoice, invoice.total, not_before=day + 11)


def _deleted_on(document: Document) -> str:
    return f"deleted on {day_text(document.updated // SECONDS_PER_DAY)}"


def deposit_on_invoice(desk: Desk, invoice: Invoice) -> None:
    invoice.deposit = invoice.total // 4
    desk.plant("invoice_with_deposit", invoice, amount=invoice.deposit)
    settle(desk, invoice, invoice.total - invoice.deposit)


def future_dated_invoice(desk: Desk, invoice: Invoice) -> None:
    invoice.day = business_day_from(profile.CLOCK_DAY + desk.random.randint(6, 30))
    invoice.due = invoice.day + invoice.customer.term.due_days
    desk.plant("future_dated_invoice", invoice)


def entered_late(desk: Desk, invoice: Invoice) -> None:
    """Dated in one month, entered days later: the earlier month-end changed after the fact."""
    entered = _soon(desk, invoice.day, 8, 20)
    invoice.created = desk.moment(entered)
    invoice.touch(invoice.created)
    desk.plant("entered_late", invoice)
    settle(desk, invoice, invoice.total, not_before=entered + 1)


def parent_pays_job(desk: Desk, invoice: Invoice) -> None:
    parent = invoice.customer.parent
    day = pay_day(desk, invoice)
    if parent is None or day is None:
        return
    payment = desk.pay(parent, day, [(invoice.total, invoice)])
    desk.plant("parent_pays_job", payment)


def journal_transfer(desk: Desk, invoice: Invoice) -> None:
    """Moves part of a job's debt to its parent; linked with nothing."""
    customer = invoice.customer
    day = _soon(desk, invoice.day, 5, 20)
    entry = desk.enter(
        JournalEntry(
            customer=customer,
            day=day,
            created=desk.moment(day),
            total=desk.random.randrange(10_000, 90_000),
            rate=desk.rates.on(day, customer.currency),
            is_debit=False,
            other_customer=customer.parent,
            label="TR",
            note="Transfer to parent",
        )
    )
    desk.plant("journal_transfer", entry)
    settle(desk, invoice, invoice.total)


def deposit_to_receivables(desk: Desk, invoice: Invoice) -> None:
    """Money booked to receivables by a deposit line; no payment can be linked with it."""
    customer = invoice.customer
    day = _soon(desk, invoice.day, 5, 30)
    deposit = desk.enter(
        Deposit(
            customer=customer,
            day=day,
            created=desk.moment(day),
            total=desk.random.randrange(5_000, 150_000),
            rate=desk.rates.on(day, customer.currency),
        )
    )
    desk.plant("deposit_to_receivables", deposit)
    settle(desk, invoice, invoice.total)


def estimate_converted(desk: Desk, invoice: Invoice) -> None:
    day = business_day_until(invoice.day - desk.random.randint(4, 30))
    estimate = desk.enter(
        Estimate(
            customer=invoice.customer,
            day=day,
            created=desk.moment(day),
            total=invoice.total,
            rate=invoice.rate,
            lines=invoice.lines,
            discount=invoice.discount,
            tax=invoice.tax,
            status="Closed",
            invoice=invoice,
        )
    )
    estimate.touch(invoice.created)
    invoice.estimate = estimate
    desk.plant("estimate_converted", estimate)
    settle(desk, invoice, invoice.total)


def estimate_not_converted(desk: Desk, invoice: Invoice) -> None:
    day = _soon(desk, invoice.day, 0, 30)
    estimate = desk.enter(_cash_sale(desk, invoice, day, Estimate))
    estimate.status = desk.random.choice(("Pending", "Pending", "Accepted", "Rejected"))
    desk.plant("estimate_not_converted", estimate, note=estimate.status)
    settle(desk, invoice, invoice.total)


def _cash_sale(
    desk: Desk, invoice: Invoice, day: int, kind: type[MadeSalesDocument]
) -> MadeSalesDocument:
    """A small sale to the invoice's customer that does not touch receivables."""
    customer = invoice.customer
    lines = sales_lines(customer, day, desk.random)[:2]
    tax = sales_tax(customer, lines)
    return kind(
        customer=customer,
        day=day,
        created=desk.moment(day),
        total=sum(line.amount for line in lines) + (tax.total if tax else 0),
        rate=desk.rates.on(day, customer.currency),
        lines=lines,
        tax=tax,
    )


def _of_job(invoice: Invoice) -> bool:
    return invoice.customer.parent is not None


def _foreign(invoice: Invoice) -> bool:
    return invoice.customer.is_foreign


def _after_a_month(invoice: Invoice) -> bool:
    return invoice.day >= invoice.customer.since + 35


def _on_credit(invoice: Invoice) -> bool:
    return invoice.customer.term.due_days >= 15


#: The pickiest first, so that they find their invoices in a small company too.
CASES = (
    Case("future_dated_invoice", future_dated_invoice, 0, (0, 45)),
    Case("parent_pays_job", parent_pays_job, 2, (120, 10_000), _of_job),
    Case("journal_transfer", journal_transfer, 0, (40, 10_000), _of_job),
    Case("paid_at_another_rate", paid_at_another_rate, 4, (110, 10_000), _foreign),
    Case("credit_unapplied", credit_unapplied, 4, (0, 75)),
    Case("unapplied_payment", unapplied_payment, 3, (0, 120)),
    Case("deleted_recently", deleted_recently, 1, (25, 400)),
    Case("paid_early", paid_early, 10, (10, 10_000), _on_credit),
    Case("prepayment", prepayment, 5, (5, 10_000), _after_a_month),
    Case("estimate_converted", estimate_converted, 25, (5, 10_000), _after_a_month),
    Case("paid_late", paid_late, 10, (190, 10_000)),
    Case("partial_payment", partial_payment, 20, (90, 10_000)),
    Case("overpayment", overpayment, 5, (90, 10_000)),
    Case("credit_in_two_lines", credit_in_two_lines, 12, (40, 10_000)),
    Case("credit_in_one_line", credit_in_one_line, 8, (40, 10_000)),
    Case("credit_with_cash", credit_with_cash, 6, (110, 10_000)),
    Case("credit_partly_applied", credit_partly_applied, 4, (45, 10_000)),
    Case("credit_dated_after_its_application", credit_dated_after_its_application, 1,
         (60, 10_000)),
    Case("refund_receipt", refund_receipt, 3, (60, 10_000)),
    Case("sales_receipt", sales_receipt, 20, (30, 10_000)),
    Case("credit_refunded_by_cheque", credit_refunded_by_cheque, 3, (80, 10_000)),
    Case("overpayment_refunded_by_cheque", overpayment_refunded_by_cheque, 2, (130, 10_000)),
    Case("refund_cheque_unlinked", refund_cheque_unlinked, 1, (70, 10_000)),
    Case("write_off", write_off, 4, (190, 10_000)),
    Case("small_balance_write_off", small_balance_write_off, 3, (150, 10_000)),
    Case("voided_invoice", voided_invoice, 5, (40, 10_000)),
    Case("voided_payment", voided_payment, 3, (60, 10_000)),
    Case("deleted_long_ago", deleted_long_ago, 2, (80, 10_000)),
    Case("deleted_payment", deleted_payment, 1, (80, 10_000)),
    Case("deposit_on_invoice", deposit_on_invoice, 5, (20, 10_000)),
    Case("entered_late", entered_late, 6, (40, 10_000)),
    Case("deposit_to_receivables", deposit_to_receivables, 1, (50, 10_000)),
    Case("estimate_not_converted", estimate_not_converted, 15, (40, 10_000)),
)  # fmt: skip
