"""When an invoice that is written falls due.

Belongs here: which term decides. Does not belong here: what a term makes of a date, or any other
default.
"""

from datetime import date

from q2c_pipeline.sandbox.quickbooks.books.terms import due_after
from q2c_pipeline.sandbox.quickbooks.wire import Payload, reference
from q2c_pipeline.sandbox.quickbooks.writing.realm import Realm
from q2c_pipeline.sandbox.quickbooks.writing.transactions import day_of


def due_date(realm: Realm, record: Payload, customer: Payload) -> str:
    """The day that was sent, else what the term of document, customer or company makes of it."""
    sent = day_of(record, "DueDate")
    if sent is not None:
        return sent.isoformat()
    term_id = reference(record, "SalesTermRef") or reference(customer, "SalesTermRef")
    default_terms = realm.preference("SalesFormsPrefs", "DefaultTerms")
    transaction_date = date.fromisoformat(record["TxnDate"])
    term = realm.get("Term", term_id)
    if term is not None:
        record["SalesTermRef"] = {"value": term_id, "name": term.get("Name", "")}
    elif isinstance(default_terms, dict):
        # The company's usual term sets the day and is not written down.
        term = realm.get("Term", default_terms.get("value"))
    if term is None:
        return transaction_date.isoformat()
    return due_after(transaction_date, term).isoformat()
