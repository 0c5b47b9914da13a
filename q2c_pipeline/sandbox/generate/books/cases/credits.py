"""Cases of credit: memos and write-offs, applied, refunded or left open.

Belongs here: functions that credit their invoice and leave the rest to the customer's habit.
Does not belong here: plain payments.
"""

from q2c_pipeline.sandbox.generate.books.cases.case import soon
from q2c_pipeline.sandbox.generate.books.desk import Desk
from q2c_pipeline.sandbox.generate.books.documents import Invoice
from q2c_pipeline.sandbox.generate.books.habits import settle
from q2c_pipeline.sandbox.generate.days import business_day_from


def credit_in_two_lines(desk: Desk, invoice: Invoice) -> None:
    _credit_applied(desk, invoice, one_line=False)


def credit_in_one_line(desk: Desk, invoice: Invoice) -> None:
    _credit_applied(desk, invoice, one_line=True)


def _credit_applied(desk: Desk, invoice: Invoice, *, one_line: bool) -> None:
    credit = desk.credit(invoice, soon(desk, invoice.day, 3, 20), percent=40)
    day = soon(desk, credit.day, 0, 12)
    desk.apply_credit(invoice, credit, credit.total, day, one_line=one_line)
    kind = "credit_applied_in_one_line" if one_line else "credit_applied_in_two_lines"
    desk.plant(kind, credit)
    settle(desk, invoice, invoice.total - credit.total, not_before=day)


def credit_with_cash(desk: Desk, invoice: Invoice) -> None:
    credit = desk.credit(invoice, soon(desk, invoice.day, 2, 12), percent=25)
    day = soon(desk, max(invoice.due, credit.day), 0, 15)
    payment = desk.pay(
        invoice.customer, day, [(invoice.total, invoice)], credits=[(credit.total, credit)]
    )
    desk.plant("credit_with_cash", payment)


def credit_partly_applied(desk: Desk, invoice: Invoice) -> None:
    credit = desk.credit(invoice, soon(desk, invoice.day, 3, 20), percent=50)
    applied = credit.total * 3 // 7
    day = soon(desk, credit.day, 1, 12)
    desk.apply_credit(invoice, credit, applied, day)
    desk.plant("credit_partly_applied", credit, amount=applied)
    settle(desk, invoice, invoice.total - applied, not_before=day)


def credit_unapplied(desk: Desk, invoice: Invoice) -> None:
    credit = desk.credit(invoice, soon(desk, invoice.day, 3, 60), percent=35)
    desk.plant("credit_unapplied", credit)
    settle(desk, invoice, invoice.total)


def credit_dated_after_its_application(desk: Desk, invoice: Invoice) -> None:
    applied_on = soon(desk, invoice.day, 3, 12)
    credit = desk.credit(invoice, applied_on, percent=30)
    credit.day = business_day_from(applied_on + 21)
    desk.apply_credit(invoice, credit, credit.total, applied_on)
    desk.plant("credit_dated_after_its_application", credit)
    settle(desk, invoice, invoice.total - credit.total, not_before=applied_on)


def credit_refunded_by_cheque(desk: Desk, invoice: Invoice) -> None:
    credit = desk.credit(invoice, soon(desk, invoice.day, 5, 40), percent=45)
    cheque = desk.refund(credit, credit.total, soon(desk, credit.day, 3, 20))
    desk.apply_credit(cheque, credit, credit.total, cheque.day)
    desk.plant("credit_refunded_by_cheque", cheque)
    settle(desk, invoice, invoice.total)


def credit_refunded_by_card(desk: Desk, invoice: Invoice) -> None:
    credit = desk.credit(invoice, soon(desk, invoice.day, 5, 40), percent=15)
    expense = desk.refund(credit, credit.total, soon(desk, credit.day, 1, 6), is_cheque=False)
    desk.apply_credit(expense, credit, credit.total, expense.day)
    desk.plant("credit_refunded_by_card", expense)
    settle(desk, invoice, invoice.total)


def credit_at_another_rate(desk: Desk, invoice: Invoice) -> None:
    """Invoice and credit memo in euro, each valued at the rate of its own day."""
    credit = desk.credit(invoice, soon(desk, invoice.day, 10, 30), percent=60)
    desk.apply_credit(invoice, credit, credit.total, soon(desk, credit.day, 1, 10))
    desk.plant("credit_at_another_rate", credit)
    settle(desk, invoice, invoice.total - credit.total, not_before=credit.day)


def refund_cheque_unlinked(desk: Desk, invoice: Invoice) -> None:
    credit = desk.credit(invoice, soon(desk, invoice.day, 5, 30), percent=20)
    cheque = desk.refund(credit, credit.total, soon(desk, credit.day, 3, 20))
    desk.plant("refund_cheque_unlinked", cheque)
    settle(desk, invoice, invoice.total)


def write_off(desk: Desk, invoice: Invoice) -> None:
    day = business_day_from(invoice.due + desk.random.randint(60, 100))
    entry = desk.write_off(invoice.customer, invoice.total, day)
    desk.apply_credit(invoice, entry, invoice.total, soon(desk, day, 0, 4))
    desk.plant("write_off", entry)


def small_balance_write_off(desk: Desk, invoice: Invoice) -> None:
    short = min(desk.random.randrange(35, 2_400), invoice.total // 2)
    paid = desk.pay(
        invoice.customer, soon(desk, invoice.due, 0, 15), [(invoice.total - short, invoice)]
    )
    entry = desk.write_off(invoice.customer, short, soon(desk, paid.day, 10, 40))
    desk.apply_credit(invoice, entry, short, entry.day)
    desk.plant("small_balance_write_off", entry)
