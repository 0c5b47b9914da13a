"""Cases beside an invoice's payment: another form, other documents, and it is paid as usual.

Belongs here: bundles, receipts, refunds, estimates, journals and deposits. Does not belong here:
anything that changes how the invoice is settled.
"""

from typing import TypeVar

from q2c_pipeline.sandbox.generate.books.cases.case import soon
from q2c_pipeline.sandbox.generate.books.desk import Desk
from q2c_pipeline.sandbox.generate.books.documents import (
    Deposit,
    Estimate,
    Invoice,
    JournalEntry,
    RefundReceipt,
    SalesDocument,
    SalesReceipt,
)
from q2c_pipeline.sandbox.generate.books.habits import settle
from q2c_pipeline.sandbox.generate.books.invoicing import sales_lines, sales_tax
from q2c_pipeline.sandbox.generate.days import business_day_until

MadeSalesDocument = TypeVar("MadeSalesDocument", bound=SalesDocument)


def refund_receipt(desk: Desk, invoice: Invoice) -> None:
    day = soon(desk, invoice.day, 10, 50)
    refund = desk.enter(_cash_sale(desk, invoice, day, RefundReceipt))
    desk.plant("refund_receipt", refund)
    settle(desk, invoice, invoice.total)


def sales_receipt(desk: Desk, invoice: Invoice) -> None:
    day = soon(desk, invoice.day, 0, 25)
    sale = desk.enter(_cash_sale(desk, invoice, day, SalesReceipt))
    sale.is_anonymous = not invoice.customer.is_foreign and desk.random.random() < 0.3
    desk.plant("sales_receipt", sale)
    settle(desk, invoice, invoice.total)


def journal_transfer(desk: Desk, invoice: Invoice) -> None:
    """Moves part of a job's debt to its parent; linked with nothing."""
    customer = invoice.customer
    day = soon(desk, invoice.day, 5, 20)
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
    day = soon(desk, invoice.day, 5, 30)
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


def bundle_sold(desk: Desk, invoice: Invoice) -> None:
    """The invoice's first lines are sold as one bundle; each keeps its own amount."""
    invoice.bundled = 2
    desk.plant("bundle_sold", invoice)
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
    day = soon(desk, invoice.day, 0, 30)
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
