"""Which function writes which kind of document.

Belongs here: the table, and what is left of a deleted document. Does not belong here: any form.
"""

from collections.abc import Callable

from q2c_pipeline.sandbox.generate.books.documents import Document
from q2c_pipeline.sandbox.generate.days import moment_text
from q2c_pipeline.sandbox.generate.quickbooks.money_movements import (
    deposit,
    journal_entry,
    payment,
    purchase,
)
from q2c_pipeline.sandbox.generate.quickbooks.sales_forms import (
    credit_memo,
    estimate,
    invoice,
    refund_receipt,
    sales_receipt,
)


def deleted_stub(document: Document) -> str:
    return (
        f'{{"domain":"QBO","status":"Deleted","Id":"{document.id}",'
        f'"MetaData":{{"LastUpdatedTime":"{moment_text(document.updated)}"}}}}'
    )


#: How each kind of document is written; every one of them accepts what its key says.
WRITERS: dict[str, Callable[..., str]] = {
    "Invoice": invoice,
    "Payment": payment,
    "CreditMemo": credit_memo,
    "JournalEntry": journal_entry,
    "SalesReceipt": sales_receipt,
    "RefundReceipt": refund_receipt,
    "Estimate": estimate,
    "Purchase": purchase,
    "Deposit": deposit,
}
