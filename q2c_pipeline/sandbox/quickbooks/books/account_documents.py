"""Documents whose lines name accounts themselves: journal entries, deposits, purchases.

Belongs here: their lines, on receivable accounts too. Does not belong here: sales.
"""

from decimal import Decimal

from q2c_pipeline.sandbox.quickbooks.books import chart_of_accounts as chart_accounts
from q2c_pipeline.sandbox.quickbooks.books.chart_of_accounts import ChartOfAccounts
from q2c_pipeline.sandbox.quickbooks.books.document_lines import (
    NOBODY,
    Document,
    DocumentLine,
    Record,
    balanced,
    cash_account,
)
from q2c_pipeline.sandbox.quickbooks.books.record_fields import (
    MalformedRecord,
    amount,
    identifier,
    part,
    parts,
    record_id,
    reference,
    required_amount,
    text,
)


def journal_entry(document: Document, record: Record, chart: ChartOfAccounts) -> Document:
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
    return document._replace(lines=balanced(lines, chart_accounts.UNCATEGORIZED_ASSET, chart))


def deposit(document: Document, record: Record, chart: ChartOfAccounts) -> Document:
    lines = [
        DocumentLine(
            cash_account(reference(record, "DepositToAccountRef"), chart),
            required_amount(record, "TotalAmt"),
        )
    ]
    cash_back = part(record, "CashBack")
    if cash_back:
        account = cash_account(reference(cash_back, "AccountRef"), chart)
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
    return document._replace(lines=balanced(lines, chart_accounts.UNCATEGORIZED_ASSET, chart))


def purchase(document: Document, record: Record, chart: ChartOfAccounts) -> Document:
    direction = -1 if record.get("Credit") is True else 1
    paid_from = cash_account(reference(record, "AccountRef"), chart)
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
        lines=balanced(lines, chart_accounts.UNCATEGORIZED_EXPENSE, chart),
    )


def _posted_line(
    detail: Record, line: Record, posted: Decimal, customer_id: str | None, chart: ChartOfAccounts
) -> DocumentLine:
    """A line on receivables that names no customer is there all the same, and is nobody's."""
    named = reference(detail, "AccountRef")
    if named is not None and chart.is_receivable(named):
        return DocumentLine(named, posted, customer_id or NOBODY, record_id(line) or "")
    return DocumentLine(chart.resolve(named, otherwise=chart_accounts.UNCATEGORIZED_ASSET), posted)


def _entity_customer(entity: Record) -> str | None:
    """Journal lines wrap the reference in EntityRef and say Type; others are it and say type."""
    kind = text(entity, "Type") or text(entity, "type") or "Customer"
    if kind.casefold() != "customer":
        return None
    return reference(entity, "EntityRef") or identifier(entity.get("value"))
