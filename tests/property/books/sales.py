"""Invoices, credit memos and sales for cash.

Belongs here: lines, discounts, taxes, deposits and due dates. Does not belong here: what is paid.
"""

from collections.abc import Callable
from datetime import date, timedelta

from tests.property.books.desk import FAR_FUTURE, Desk
from tests.property.books.lists import TERMS, Customer
from tests.property.books.wire import (
    CHECKING,
    Record,
    bundle,
    cents,
    discount,
    money,
    reference,
    sold,
)


def invoice(desk: Desk) -> None:
    customer = desk.customer()
    record = _sale(desk, customer)
    record |= _due(desk, record["TxnDate"])
    total, down_payment = cents(record["TotalAmt"]), 0
    if desk.happens(0.12):
        down_payment = desk.chance.randint(1, total)
        above = total if desk.goes_wrong(0.2) else 0
        record |= {"Deposit": money(down_payment + above)}
        record |= {"DepositToAccountRef": reference(CHECKING)}
    if desk.happens(0.3):
        record["ARAccountRef"] = reference(desk.receivable(customer))
    desk.enter("Invoice", record)
    desk.post("Invoice", record, customer, total - down_payment, is_charge=True)


def negative_invoice(desk: Desk) -> None:
    customer, total = desk.customer(), desk.cents()
    record = desk.sales_head(customer) | {"TotalAmt": money(-total), "Line": [sold(-total)]}
    desk.enter("Invoice", record | _due(desk, record["TxnDate"]))
    desk.post("Invoice", record, customer, total, is_charge=False)


def credit_memo(desk: Desk) -> None:
    customer = desk.customer()
    record = _sale(desk, customer)
    desk.enter("CreditMemo", record)
    desk.post("CreditMemo", record, customer, cents(record["TotalAmt"]), is_charge=False)


def cash_sale(desk: Desk) -> None:
    """A receipt, a refund or an estimate: none of them is a receivable."""
    kind = desk.chance.choice(("SalesReceipt", "RefundReceipt", "Estimate"))
    into = {"DepositToAccountRef": reference(CHECKING)}
    desk.enter(kind, _sale(desk, desk.customer()) | into)


def _sale(desk: Desk, customer: Customer) -> Record:
    """Items and bundles, less a discount before or after tax, tax on top or within."""
    amounts = [desk.cents() for _ in range(desk.chance.randint(1, 3))]
    lines = [bundle(amount) if desk.happens(0.2) else sold(amount) for amount in amounts]
    subtotal = sum(amounts)
    given = subtotal * desk.chance.choice((0, 0, 0, 5, 10)) // 100
    if given:
        lines.append(discount(given))
    is_taxed_after = desk.happens(0.5)
    taxed = subtotal - given if is_taxed_after else subtotal
    tax = taxed * desk.chance.choice((0, 0, 7, 20)) // 100
    return desk.sales_head(customer) | {
        "TotalAmt": money(subtotal - given + tax),
        "Line": lines,
        "ApplyTaxAfterDiscount": is_taxed_after,
        "TxnTaxDetail": {"TotalTax": money(tax)},
        "GlobalTaxCalculation": desk.chance.choice(("TaxExcluded", "TaxInclusive")),
    }


def _due(desk: Desk, txn_date: str) -> Record:
    """A due date, a term that gives one, or neither."""

    def on_day(days: int) -> Record:
        return {"DueDate": (date.fromisoformat(txn_date) + timedelta(days=days)).isoformat()}

    ways: list[Callable[[], Record]] = [
        lambda: on_day(desk.chance.randint(0, 60)),
        lambda: on_day(30) | {"SalesTermRef": reference("1")},
        lambda: {"SalesTermRef": reference(desk.chance.choice(TERMS)["Id"])},
        dict,
    ]
    if desk.is_odd:
        ways += [
            lambda: on_day(-desk.chance.randint(1, 90)),
            lambda: {"DueDate": FAR_FUTURE.isoformat()},
        ]
    return desk.chance.choice(ways)()
