"""Writing lists: customers, vendors, employees, items and the shorter ones.

Belongs here: names, their uniqueness, inactivation, defaults. Does not belong here: balances.
"""

from q2c_pipeline.sandbox.quickbooks import faults
from q2c_pipeline.sandbox.quickbooks.entities import Entity
from q2c_pipeline.sandbox.quickbooks.wire import Payload, amount, reference
from q2c_pipeline.sandbox.quickbooks.writing.numbering import PEOPLE
from q2c_pipeline.sandbox.quickbooks.writing.realm import Realm

NAME_PARTS = ("Title", "GivenName", "MiddleName", "FamilyName", "Suffix")
INACTIVE_SUFFIX = " (deleted)"
LEVEL_MAX = 4


def finish_name(realm: Realm, entity: Entity, record: Payload, stored: Payload | None) -> Payload:
    """A list record as it will be kept.

    Raises ``Fault`` for a missing or taken name, or an unknown parent.
    """
    is_person = entity.name in PEOPLE
    name = _name(entity, record)
    if any(sign in name for sign in ":\t\n"):
        raise faults.business(f"{entity.name_field} must not contain a colon, tab or new line")
    record.setdefault("Active", True)
    if record["Active"] is False and (stored is None or stored.get("Active") is not False):
        _refuse_open_balance(entity, record)
        name = name if name.endswith(INACTIVE_SUFFIX) else name + INACTIVE_SUFFIX
    record[entity.name_field or ""] = name
    _refuse_taken(realm, entity, record)
    if "FullyQualifiedName" in entity.writable:
        record["FullyQualifiedName"] = _qualified(realm, entity, record, name)
    if is_person:
        _finish_person(realm, entity, record, stored)
    elif entity.name == "Item":
        record.setdefault("Type", "Service")
    elif entity.name == "Account" and not record.get("AccountType"):
        raise faults.missing("AccountType")
    return record


def is_inactive_already(stored: Payload, changes: Payload) -> bool:
    """Whether the write inactivates what is inactive; then nothing changes, not even a token."""
    return stored.get("Active") is False and changes.get("Active") is False


def _name(entity: Entity, record: Payload) -> str:
    name = record.get(entity.name_field or "")
    if not name and entity.name in PEOPLE:
        name = " ".join(str(record[part]) for part in NAME_PARTS if record.get(part))
        if not name:
            raise faults.no_name()
    if not isinstance(name, str) or not name.strip():
        raise faults.missing(entity.name_field or "Name")
    return name.strip()


def _refuse_taken(realm: Realm, entity: Entity, record: Payload) -> None:
    """People share one space of names; a list's own names may repeat under different parents."""
    rivals = PEOPLE if entity.name in PEOPLE else (entity.name,)
    path = f"$.{entity.name_field}"
    for rival in rivals:
        for _, found in realm.matching(rival, path, record[entity.name_field or ""]):
            is_itself = rival == entity.name and found.get("Id") == record.get("Id")
            is_elsewhere = entity.name not in PEOPLE and reference(found, "ParentRef") != reference(
                record, "ParentRef"
            )
            if not is_itself and not is_elsewhere:
                raise faults.duplicate_name()


def _qualified(realm: Realm, entity: Entity, record: Payload, name: str) -> str:
    parent_id = reference(record, "ParentRef")
    if parent_id is None:
        return name
    parent = realm.get(entity.name, parent_id)
    if parent is None or parent_id == record.get("Id"):
        raise faults.invalid_reference("ParentRef", parent_id)
    level = int(parent.get("Level") or 0) + 1
    if level > LEVEL_MAX:
        raise faults.business(f"There are at most {LEVEL_MAX} levels below the first")
    if "Level" in entity.writable:
        record["Level"] = level
    return f"{parent.get('FullyQualifiedName', '')}:{name}"


def _finish_person(realm: Realm, entity: Entity, record: Payload, stored: Payload | None) -> None:
    record["PrintOnCheckName"] = record.get("PrintOnCheckName") or record["DisplayName"]
    currency = reference(record, "CurrencyRef") or realm.home_currency
    if stored is not None:
        currency = reference(stored, "CurrencyRef") or currency
        if reference(record, "CurrencyRef") not in (None, currency):
            raise faults.business("The currency is fixed when a name is first saved")
    elif currency != realm.home_currency and not realm.is_multicurrency:
        raise faults.business("Multicurrency is not enabled for this company")
    if entity.name == "Employee":
        record.setdefault("BillableTime", False)
        return
    record["CurrencyRef"] = realm.currency_reference(currency)
    record.setdefault("Balance", 0)
    if entity.name == "Vendor":
        record.setdefault("Vendor1099", False)
    if entity.name == "Customer":
        record["Job"] = reference(record, "ParentRef") is not None
        record.setdefault("BillWithParent", False)
        record.setdefault("BalanceWithJobs", 0)
        record.setdefault("Taxable", True)
        record.setdefault("PreferredDeliveryMethod", "Print")
        usual_tax_code = realm.preference("TaxPrefs", "TaxGroupCodeRef")
        if record["Taxable"] is True and isinstance(usual_tax_code, dict):
            record.setdefault("DefaultTaxCodeRef", {"value": usual_tax_code.get("value")})


def _refuse_open_balance(entity: Entity, record: Payload) -> None:
    if entity.name == "Customer" and amount(record.get("Balance")):
        raise faults.list_has_balance()
