"""A vendor record turned into the lines it posts: one balanced document, whatever its kind.

Belongs here: the header every kind has, and who reads the rest. Does not belong here:
applications, dates of effect, home amounts.

A record that cannot be booked raises MalformedRecord: no Id, no date, no customer where one owes,
text for an amount, a foreign currency without a rate. What a document does not explain line by
line goes to a standard account, so that debits and credits agree.
"""

from collections.abc import Callable

from q2c_pipeline.sandbox.quickbooks.books import account_documents, sales
from q2c_pipeline.sandbox.quickbooks.books.chart_of_accounts import ChartOfAccounts
from q2c_pipeline.sandbox.quickbooks.books.document_lines import Document, Record
from q2c_pipeline.sandbox.quickbooks.books.record_fields import (
    MalformedRecord,
    date,
    exchange_rate,
    record_id,
    reference,
    text,
)


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


LABELS = {
    "CreditMemo": "Credit Memo",
    "JournalEntry": "Journal Entry",
    "SalesReceipt": "Sales Receipt",
    "RefundReceipt": "Refund",
}
READERS: dict[str, Callable[[Document, Record, ChartOfAccounts], Document]] = {
    "Invoice": sales.invoice,
    "CreditMemo": sales.credit_memo,
    "Payment": sales.payment,
    "SalesReceipt": sales.sales_receipt,
    "RefundReceipt": sales.refund_receipt,
    "JournalEntry": account_documents.journal_entry,
    "Deposit": account_documents.deposit,
    "Purchase": account_documents.purchase,
}
POSTING_OBJECTS = frozenset(READERS)
