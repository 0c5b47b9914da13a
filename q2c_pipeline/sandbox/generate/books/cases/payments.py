"""Cases of money: early, late, partial, too much, too soon, from somebody else.

Belongs here: functions that settle their invoice by payments alone. Does not belong here:
credits, and what was entered wrongly.
"""

from q2c_pipeline.sandbox.generate.books.cases.case import soon
from q2c_pipeline.sandbox.generate.books.desk import Desk
from q2c_pipeline.sandbox.generate.books.documents import Invoice
from q2c_pipeline.sandbox.generate.books.habits import pay_day, settle
from q2c_pipeline.sandbox.generate.days import business_day_until


def paid_early(desk: Desk, invoice: Invoice) -> None:
    payment = desk.pay(invoice.customer, soon(desk, invoice.day, 1, 4), [(invoice.total, invoice)])
    desk.plant("paid_early", payment)


def paid_late(desk: Desk, invoice: Invoice) -> None:
    payment = desk.pay(
        invoice.customer, soon(desk, invoice.due, 35, 95), [(invoice.total, invoice)]
    )
    desk.plant("paid_late", payment)


def partial_payment(desk: Desk, invoice: Invoice) -> None:
    part = invoice.total * 2 // 5
    day = soon(desk, invoice.due, 0, 20)
    payment = desk.pay(invoice.customer, day, [(part, invoice)])
    desk.plant("partial_payment", payment)
    if desk.random.random() < 0.6:
        settle(desk, invoice, invoice.total - part, not_before=day + 25)


def paid_at_another_rate(desk: Desk, invoice: Invoice) -> None:
    day = soon(desk, invoice.due, 5, 40)
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
    day = soon(desk, invoice.due, 0, 10)
    payment = desk.pay(invoice.customer, day, [(invoice.total, invoice)], unapplied=extra)
    desk.plant("overpayment", payment, amount=extra)


def overpayment_refunded_by_cheque(desk: Desk, invoice: Invoice) -> None:
    extra = desk.random.randrange(2_000, 90_000)
    day = soon(desk, invoice.due, 0, 10)
    payment = desk.pay(invoice.customer, day, [(invoice.total, invoice)], unapplied=extra)
    cheque = desk.refund(payment, extra, soon(desk, day, 6, 30))
    desk.extend(payment, extra, cheque, cheque.created + 60)
    desk.plant("overpayment_refunded_by_cheque", cheque)


def unapplied_payment(desk: Desk, invoice: Invoice) -> None:
    day = soon(desk, invoice.day, 0, 30)
    payment = desk.pay(invoice.customer, day, [], unapplied=desk.random.randrange(50, 900) * 1_000)
    desk.plant("unapplied_payment", payment)
    settle(desk, invoice, invoice.total)


def deposit_on_invoice(desk: Desk, invoice: Invoice) -> None:
    invoice.deposit = invoice.total // 4
    desk.plant("invoice_with_deposit", invoice, amount=invoice.deposit)
    settle(desk, invoice, invoice.total - invoice.deposit)


def parent_pays_job(desk: Desk, invoice: Invoice) -> None:
    parent = invoice.customer.parent
    day = pay_day(desk, invoice)
    if parent is None or day is None:
        return
    payment = desk.pay(parent, day, [(invoice.total, invoice)])
    desk.plant("parent_pays_job", payment)
