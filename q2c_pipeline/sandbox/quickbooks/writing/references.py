"""References to lists that any record may hold in its header.

Belongs here: which list a reference leads to, and that it leads to a living record. Does not belong
here: customers, items and accounts in lines, which more depends on.
"""

from collections.abc import Mapping

from q2c_pipeline.sandbox.quickbooks import faults
from q2c_pipeline.sandbox.quickbooks.wire import Payload, reference
from q2c_pipeline.sandbox.quickbooks.writing.realm import Realm

LIST_OF: Mapping[str, str] = {
    "SalesTermRef": "Term",
    "TermRef": "Term",
    "PaymentMethodRef": "PaymentMethod",
    "ClassRef": "Class",
    "DepartmentRef": "Department",
    "DepositToAccountRef": "Account",
    "IncomeAccountRef": "Account",
    "ExpenseAccountRef": "Account",
    "AssetAccountRef": "Account",
}


def refuse_dead_references(realm: Realm, record: Payload, stored: Payload | None) -> None:
    """Raises ``Fault`` 2500 or 610 for a reference that was not there before and leads nowhere."""
    for field, entity in LIST_OF.items():
        record_id = reference(record, field)
        if record_id is not None and record_id != reference(stored or {}, field):
            referenced(realm, entity, field, record_id)


def referenced(realm: Realm, entity: str, field: str, record_id: str) -> Payload:
    """The active list record that a reference names.

    Raises ``Fault`` 2500 if there is none, 610 if it was made inactive.
    """
    found = realm.get(entity, record_id)
    if found is None:
        raise faults.invalid_reference(field, record_id)
    if found.get("Active") is False:
        raise faults.not_found()
    return found
