"""A vendor record turned into the lines it posts: one balanced document, whatever its kind.

Belongs here: which accounts each kind of record debits and credits. Does not belong here:
applications, dates of effect, home amounts.

A record that cannot be booked raises MalformedRecord: no Id, no date, no customer where one owes,
text for an amount, a foreign currency without a rate. What a document does not explain line by
line goes to a standard account, so that debits and credits agree.
"""

import datetime
from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from typing import Any, NamedTuple

from q2c_pipeline.sandbox.quickbooks import chart_of_accounts as chart_accounts
from q2c_pipeline.sandbox.quickbooks.chart_of_accounts import ChartOfAccounts, StandardAccount
from q2c_pipeline.sandbox.quickbooks.record_fields import (
    ZERO,
    MalformedRecord,
    amount,
    date,
    exchange_rate,
    identifier,
    number,
    part,
    parts,
    record_id,
    reference,
    required_amount,
    text,
    to_cents,
)

Record = Mapping[str, Any]


class DocumentLine(NamedTuple):
    """A debit where ``amount`` is positive; a customer only on a receivable account."""

    account_id: str
    amount: Decimal
    customer_id: str | None = None
    line_id: str = ""


class Link(NamedTuple):
    object: str
    record_id: str
    line_id: str | None


class PaymentLine(NamedTuple):
    """What one line of a payment applies to (or takes from) each side of its links."""

    amount: Decimal
    links: tuple[Link, ...]


class Document(NamedTuple):
    """``down_payment`` is an invoice's deposit, with the account that received it."""

    object: str
    record_id: str
    label: str
    number: str
    date: datetime.date
    due_date: datetime.date
    currency: str
    rate: Decimal
    lines: tuple[DocumentLine, ...]
    customer_id: str | None = None
    payment_lines: tuple[PaymentLine, ...] = ()
    down_payment: Decimal = ZERO
    down_payment_account: str = ""


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


def read_document(object_name: str, record: Record, chart: ChartOfAccounts) -> Document:
    """Raises MalformedRecord; ``object_name`` is one of POSTING_OBJECTS."""
    found_id = record_id(record)
    if found_id is None:
        raise MalformedRecord("Id is missing")
    posted_on = date(record, "TxnDate")
    if posted_on is None:
        raise MalformedRecord("TxnDate is missing or no date")
    currency = reference(record, "CurrencyRef") or chart.home_currency
    document = Document(
        object=object_name,
        record_id=found_id,
        label=LABELS.get(object_name, object_name),
        number=text(record, "DocNumber") or "",
        date=posted_on,
        due_date=posted_on,
        currency=currency,
        rate=exchange_rate(record, is_home=currency == chart.home_currency),
        lines=(),
    )
    return READERS[object_name](document, record, chart)


def _invoice(document: Document, record: Record, chart: ChartOfAccounts) -> Document:
    total = required_amount(record, "TotalAmt")
    down_payment = max(ZERO, min(amount(record, "Deposit"), total))
    received_in = reference(record, "DepositToAccountRef")
    due_date = date(record, "DueDate") or document.date
    return document._replace(
        due_date=due_date if total > 0 else document.date,
        lines=_sale(_receivable(document, record, chart, total), record, chart),
        down_payment=down_payment,
        down_payment_account=_cash_account(received_in, chart),
    )


def _credit_memo(document: Document, record: Record, chart: ChartOfAccounts) -> Document:
    owed = _receivable(document, record, chart, -required_amount(record, "TotalAmt"))
    return document._replace(lines=_sale(owed, record, chart, direction=-1))


def _payment(document: Document, record: Record, chart: ChartOfAccounts) -> Document:
    received = required_amount(record, "TotalAmt")
    owed = _receivable(document, record, chart, -received)
    cash = DocumentLine(_cash_account(reference(record, "DepositToAccountRef"), chart), received)
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


def _sales_receipt(document: Document, record: Record, chart: ChartOfAccounts) -> Document:
    account = _cash_account(reference(record, "DepositToAccountRef"), chart)
    cash = DocumentLine(account, required_amount(record, "TotalAmt"))
    return document._replace(lines=_sale(cash, record, chart))


def _refund_receipt(document: Document, record: Record, chart: ChartOfAccounts) -> Document:
    account = _cash_account(reference(record, "DepositToAccountRef"), chart)
    cash = DocumentLine(account, -required_amount(record, "TotalAmt"))
    return document._replace(lines=_sale(cash, record, chart, direction=-1))


def _journal_entry(document: Document, record: Record, chart: ChartOfAccounts) -> Document:
    lines = []
    for line in parts(record, "Line"):
        if line.get("DetailType") != "JournalEntryLineDetail":
            continue
        detail = part(line, "JournalEntryLineDetail")
        posted = required_amount(line, "Amount")
        if text(detail, "PostingType") not in ("Debit", "Credit"):
            raise MalformedRecord("PostingType is neither Debit nor Credit")
        signed = posted if detail["PostingType"] == "Debit" else -posted
        customer_id = _entity_customer(part(detail, "Entity"))
        lines.append(_posted_line(detail, line, signed, customer_id, chart))
    return document._replace(lines=_balanced(lines, chart_accounts.UNCATEGORIZED_ASSET, chart))


def _deposit(document: Document, record: Record, chart: ChartOfAccounts) -> Document:
    lines = [
        DocumentLine(
            _cash_account(reference(record, "DepositToAccountRef"), chart),
            required_amount(record, "TotalAmt"),
        )
    ]
    cash_back = part(record, "CashBack")
    if cash_back:
        account = _cash_account(reference(cash_back, "AccountRef"), chart)
        lines.append(DocumentLine(account, amount(cash_back, "Amount")))
    for line in parts(record, "Line"):
        detail = part(line, "DepositLineDetail")
        posted = -amount(line, "Amount")
        if reference(detail, "AccountRef") is None:
            undeposited = chart.standard(chart_accounts.UNDEPOSITED_FUNDS)
            lines.append(DocumentLine(undeposited, posted))
        else:
            customer_id = _entity_customer(part(detail, "Entity"))
            lines.append(_posted_line(detail, line, posted, customer_id, chart))
    return document._replace(lines=_balanced(lines, chart_accounts.UNCATEGORIZED_ASSET, chart))


def _purchase(document: Document, record: Record, chart: ChartOfAccounts) -> Document:
    direction = -1 if record.get("Credit") is True else 1
    paid_from = _cash_account(reference(record, "AccountRef"), chart)
    lines = [DocumentLine(paid_from, -direction * required_amount(record, "TotalAmt"))]
    payee = _entity_customer(part(record, "EntityRef"))
    for line in parts(record, "Line"):
        detail = part(line, "AccountBasedExpenseLineDetail")
        if not detail:
            continue
        customer_id = payee or reference(detail, "CustomerRef")
        posted = direction * amount(line, "Amount")
        lines.append(_posted_line(detail, line, posted, customer_id, chart))
    label = "Check" if record.get("PaymentType") == "Check" else "Expense"
    return document._replace(
        label="Credit Card Credit" if direction < 0 else label,
        lines=_balanced(lines, chart_accounts.UNCATEGORIZED_EXPENSE, chart),
    )


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
    return _balanced(lines, chart_accounts.UNCATEGORIZED_INCOME, chart)


def _sold_lines(record: Record) -> Iterator[Record]:
    for line in parts(record, "Line"):
        kind = line.get("DetailType")
        if kind == "GroupLineDetail":
            yield from _sold_lines(part(line, "GroupLineDetail"))
        elif kind in ("SalesItemLineDetail", "DiscountLineDetail"):
            yield line


def _posted_line(
    detail: Record, line: Record, posted: Decimal, customer_id: str | None, chart: ChartOfAccounts
) -> DocumentLine:
    """A receivable line must name a customer; without one it waits outside the receivables."""
    named = reference(detail, "AccountRef")
    if chart.is_receivable(named) and customer_id is None:
        named = None
    account_id = chart.resolve(named, otherwise=chart_accounts.UNCATEGORIZED_ASSET)
    if not chart.is_receivable(account_id):
        return DocumentLine(account_id, posted)
    return DocumentLine(account_id, posted, customer_id, record_id(line) or "")


def _entity_customer(entity: Record) -> str | None:
    """Journal lines wrap the reference in EntityRef and say Type; others are it and say type."""
    kind = text(entity, "Type") or text(entity, "type") or "Customer"
    if kind.casefold() != "customer":
        return None
    return reference(entity, "EntityRef") or identifier(entity.get("value"))


def _cash_account(named: str | None, chart: ChartOfAccounts) -> str:
    """Cash never lands in receivables, whatever a record names."""
    if chart.is_receivable(named):
        named = None
    return chart.resolve(named, otherwise=chart_accounts.UNDEPOSITED_FUNDS)


def _balanced(
    lines: list[DocumentLine], otherwise: StandardAccount, chart: ChartOfAccounts
) -> tuple[DocumentLine, ...]:
    unexplained = -sum((line.amount for line in lines), ZERO)
    if unexplained:
        lines.append(DocumentLine(chart.standard(otherwise), unexplained))
    return tuple(lines)


LABELS = {
    "CreditMemo": "Credit Memo",
    "JournalEntry": "Journal Entry",
    "SalesReceipt": "Sales Receipt",
    "RefundReceipt": "Refund",
}
READERS: dict[str, Callable[[Document, Record, ChartOfAccounts], Document]] = {
    "Invoice": _invoice,
    "CreditMemo": _credit_memo,
    "Payment": _payment,
    "SalesReceipt": _sales_receipt,
    "RefundReceipt": _refund_receipt,
    "JournalEntry": _journal_entry,
    "Deposit": _deposit,
    "Purchase": _purchase,
}
POSTING_OBJECTS = frozenset(READERS)
