"""The numbers that QuickBooks gives out by itself: record ids and document numbers.

Belongs here: the next one of each. Does not belong here: whether a document gets one.
"""

import json

from q2c_pipeline.sandbox.quickbooks.entities import ENTITIES
from q2c_pipeline.sandbox.store import Store

# Ids longer than this come from other sequences of the vendor; counting on from one of them
# would overtake this one for ever.
COUNTED_DIGITS_MAX = 12
PEOPLE = ("Customer", "Vendor", "Employee")
TRANSACTIONS = (
    "Invoice",
    "Payment",
    "CreditMemo",
    "SalesReceipt",
    "RefundReceipt",
    "Estimate",
    "JournalEntry",
    "Deposit",
    "Purchase",
    "Bill",
    "BillPayment",
    "VendorCredit",
    "PurchaseOrder",
    "Transfer",
    "CreditCardPayment",
    "InventoryAdjustment",
    "StatementCharge",
)
COUNTED_TOGETHER = (PEOPLE, TRANSACTIONS)
NUMBERED_TOGETHER = ("Invoice", "CreditMemo", "SalesReceipt", "RefundReceipt")
FIRST_DOCUMENT_NUMBER = 1001


def remember_last_ids(store: Store, realm_id: str) -> None:
    """Note the highest ids of a freshly loaded realm, from which new ones count on."""
    for entity in ENTITIES:
        store.set_setting(*_last_id(store, realm_id, entity))


def next_id(store: Store, realm_id: str, entity: str) -> str:
    """An id that no record of the same sequence has had, deleted ones included.

    Records of different sequences may well share an id, as the vendor's do.
    """
    name, last = _last_id(store, realm_id, entity)
    number = str(int(last) + 1)
    store.set_setting(name, number)
    return number


def _last_id(store: Store, realm_id: str, entity: str) -> tuple[str, str]:
    """The setting that counts the entity's sequence, and the highest id so far."""
    group = next((group for group in COUNTED_TOGETHER if entity in group), (entity,))
    name = f"quickbooks/{realm_id}/last_id/{group[0]}"
    return name, store.setting(name) or _highest_id(store, realm_id, group)


def _highest_id(store: Store, realm_id: str, group: tuple[str, ...]) -> str:
    row = store.connection.execute(
        """
        select coalesce(max(cast(record_id as integer)), 0) from records
        where system = 'quickbooks' and tenant = ?
            and object in (select value from json_each(?))
            and length(record_id) <= ? and record_id not glob '*[^0-9]*'
        """,
        (realm_id, json.dumps(group), COUNTED_DIGITS_MAX),
    ).fetchone()
    return str(row[0])


def next_document_number(store: Store, realm_id: str, entity: str) -> str:
    """The number after the highest one given to a document of the same sequence."""
    group = NUMBERED_TOGETHER if entity in NUMBERED_TOGETHER else (entity,)
    name = f"quickbooks/{realm_id}/last_document_number/{group[0]}"
    kept = store.setting(name)
    last = int(kept) if kept else _highest_document_number(store, realm_id, group)
    store.set_setting(name, str(last + 1))
    return str(last + 1)


def _highest_document_number(store: Store, realm_id: str, group: tuple[str, ...]) -> int:
    row = store.connection.execute(
        """
        select max(cast(json_extract(payload, '$.DocNumber') as integer)) from records
        where system = 'quickbooks' and tenant = ? and is_deleted = 0
            and object in (select value from json_each(?))
            and length(json_extract(payload, '$.DocNumber')) <= ?
            and json_extract(payload, '$.DocNumber') not glob '*[^0-9]*'
        """,
        (realm_id, json.dumps(group), COUNTED_DIGITS_MAX),
    ).fetchone()
    return max(int(row[0] or 0), FIRST_DOCUMENT_NUMBER - 1)


def note_document_number(store: Store, realm_id: str, entity: str, number: str) -> None:
    """Let numbering go on above a number that a client chose."""
    group = NUMBERED_TOGETHER if entity in NUMBERED_TOGETHER else (entity,)
    name = f"quickbooks/{realm_id}/last_document_number/{group[0]}"
    kept = store.setting(name)
    if kept and number.isascii() and number.isdigit() and len(number) <= COUNTED_DIGITS_MAX:
        store.set_setting(name, str(max(int(kept), int(number))))
