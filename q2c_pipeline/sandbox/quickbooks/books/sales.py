"""Sales and receipts: what is sold against what settles it.

Belongs here: invoices, credit memos, payments, sales and refund receipts. Does not belong here:
which documents a payment's links turn out to settle.
"""

from collections.abc import Iterator
from decimal import Decimal

from q2c_pipeline.sandbox.quickbooks.books import chart_of_accounts as chart_accounts
from q2c_pipeline.sandbox.quickbooks.books.chart_of_accounts import ChartOfAccounts
from q2c_pipeline.sandbox.quickbooks.books.document_lines import (
    Document,
    DocumentLine,
    Link,
    PaymentLine,
    Record,
    balanced,
    cash_account,
)
from q2c_pipeline.sandbox.quickbooks.books.record_fields import (
    ZERO,
    MalformedRecord,
    amount,
    date,
    identifier,
    number,
    part,
    parts,
    reference,
    required_amount,
    text,
    to_cents,
)

OBJECT_OF_LINK = {
    "Invoice": "Invoice",
    "CreditMemo": "CreditMemo",
    "JournalEntry": "JournalEntry",
    "Deposit": "Deposit",
    "Purchase": "Purchase",
    "Check": "Purchase",
    "Expense": "Purchase",
    "CreditCardCredit": "Purchase",
}


def invoice(document: Document, record: Record, chart: ChartOfAccounts) -> Document:
    total = required_amount(record, "TotalAmt")
    down_payment = max(ZERO, min(amount(record, "Deposit"), total))
    received_in = reference(record, "DepositToAccountRef")
    due_date = date(record, "DueDate") if total > 0 else document.date
    return document._replace(
        due_date=due_date or document.date,
        term_id=None if due_date else reference(record, "SalesTermRef"),
        lines=_sale(_receivable(document, record, chart, total), record, chart),
        down_payment=down_payment,
        down_payment_account=cash_account(received_in, chart),
    )


def credit_memo(document: Document, record: Record, chart: ChartOfAccounts) -> Document:
    owed = _receivable(document, record, chart, -required_amount(record, "TotalAmt"))
    return document._replace(lines=_sale(owed, record, chart, direction=-1))


def payment(document: Document, record: Record, chart: ChartOfAccounts) -> Document:
    received = required_amount(record, "TotalAmt")
    owed = _receivable(document, record, chart, -received)
    cash = DocumentLine(cash_account(reference(record, "DepositToAccountRef"), chart), received)
    return document._replace(
        number=text(record, "PaymentRefNum") or "",
        lines=(cash, owed),
        customer_id=owed.customer_id,
        payment_lines=tuple(_payment_lines(record)),
    )


def _payment_lines(record: Record) -> Iterator[PaymentLine]:
    for line in parts(record, "Line"):
        applied = number(line.get("Amount"))
        if applied is None or applied <= 0:
            continue
        links = []
        for link in parts(line, "LinkedTxn"):
            linked_object = OBJECT_OF_LINK.get(text(link, "TxnType") or "")
            linked_id = identifier(link.get("TxnId"))
            if linked_object and linked_id:
                links.append(Link(linked_object, linked_id, identifier(link.get("TxnLineId"))))
        if links:
            yield PaymentLine(to_cents(applied), tuple(links))


def sales_receipt(document: Document, record: Record, chart: ChartOfAccounts) -> Document:
    account = cash_account(reference(record, "DepositToAccountRef"), chart)
    cash = DocumentLine(account, required_amount(record, "TotalAmt"))
    return document._replace(lines=_sale(cash, record, chart))


def refund_receipt(document: Document, record: Record, chart: ChartOfAccounts) -> Document:
    account = cash_account(reference(record, "DepositToAccountRef"), chart)
    cash = DocumentLine(account, -required_amount(record, "TotalAmt"))
    return document._replace(lines=_sale(cash, record, chart, direction=-1))


def _receivable(
    document: Document, record: Record, chart: ChartOfAccounts, owed: Decimal
) -> DocumentLine:
    customer_id = reference(record, "CustomerRef")
    if customer_id is None:
        raise MalformedRecord("CustomerRef is missing")
    account_id = chart.receivable(document.currency, named=reference(record, "ARAccountRef"))
    return DocumentLine(account_id, owed, customer_id)


def _sale(
    settled_by: DocumentLine, record: Record, chart: ChartOfAccounts, *, direction: int = 1
) -> tuple[DocumentLine, ...]:
    """Revenue, discount and tax against what the sale is settled by; −1 turns it round."""
    lines = [settled_by]
    for line in _sold_lines(record):
        posted = number(line.get("Amount"))
        if posted is None:
            continue
        if line.get("DetailType") == "DiscountLineDetail":
            named = reference(part(line, "DiscountLineDetail"), "DiscountAccountRef")
            account_id = chart.resolve(named, otherwise=chart_accounts.DISCOUNTS_GIVEN)
            lines.append(DocumentLine(account_id, to_cents(direction * posted)))
        else:
            named = reference(part(line, "SalesItemLineDetail"), "ItemAccountRef")
            account_id = chart.resolve(named, otherwise=chart_accounts.UNCATEGORIZED_INCOME)
            lines.append(DocumentLine(account_id, to_cents(-direction * posted)))
    tax = amount(part(record, "TxnTaxDetail"), "TotalTax")
    if tax:
        payable = chart.standard(chart_accounts.SALES_TAX_PAYABLE)
        lines.append(DocumentLine(payable, -direction * tax))
    return balanced(lines, chart_accounts.UNCATEGORIZED_INCOME, chart)


def _sold_lines(record: Record) -> Iterator[Record]:
    for line in parts(record, "Line"):
        kind = line.get("DetailType")
        if kind == "GroupLineDetail":
            yield from _sold_lines(part(line, "GroupLineDetail"))
        elif kind in ("SalesItemLineDetail", "DiscountLineDetail"):
            yield line
