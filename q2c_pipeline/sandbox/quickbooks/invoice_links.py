"""The address under which a customer would see and pay an invoice.

Belongs here: showing it to whoever asks for it. Does not belong here: serving it; nothing does.
"""

import hashlib

from q2c_pipeline.sandbox.quickbooks.wire import Payload, parse, write

ASKED_BY = "invoicelink"
PORTAL = "https://portal.invalid/invoices"


def linked(realm_id: str, entity: str, text: str, extras: frozenset[str]) -> str:
    """The record's text, with its link if it is an invoice and ``extras`` ask for links."""
    if entity != "Invoice" or ASKED_BY not in extras:
        return text
    invoice: Payload = parse(text)
    secret = hashlib.sha256(f"{realm_id}/{invoice.get('Id')}".encode()).hexdigest()
    return write(invoice | {"InvoiceLink": f"{PORTAL}/{secret[:32]}"})
