"""Sending a document by e-mail, as far as the books notice: nothing leaves the sandbox.

Belongs here: who would get it and what the record says of it. Does not belong here: mail.
"""

from q2c_pipeline.sandbox.quickbooks import faults
from q2c_pipeline.sandbox.quickbooks.wire import Payload, record_time
from q2c_pipeline.sandbox.quickbooks.writing.realm import Realm, bumped

SENDABLE = (
    "Invoice",
    "Estimate",
    "CreditMemo",
    "SalesReceipt",
    "RefundReceipt",
    "Payment",
)


def send(realm: Realm, entity: str, record_id: str, send_to: str | None) -> Payload:
    """The record once it is sent, to ``send_to`` or to the address that it holds.

    Raises ``Fault`` for what cannot be sent, is not there or has no address.
    """
    if entity not in SENDABLE:
        raise faults.unsupported(f"send of {entity}")
    record = realm.get(entity, record_id)
    if record is None:
        raise faults.not_found()
    address = send_to or (record.get("BillEmail") or {}).get("Address")
    if not address:
        raise faults.missing("BillEmail")
    if "@" not in address:
        raise faults.bad_parameter("sendTo", f"No e-mail address. Supplied value:{address}")
    sent = bumped(record) | {
        "EmailStatus": "EmailSent",
        "BillEmail": {"Address": address},
        "DeliveryInfo": {"DeliveryType": "Email", "DeliveryTime": record_time(realm.now)},
    }
    realm.keep(entity, sent)
    return sent
