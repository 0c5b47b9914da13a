"""What people do in QuickBooks' own pages, and what QuickBooks does by itself.

Belongs here: merging, purging, restoring, editing unseen. Does not belong here: what the API does.
Balances follow from the books as they do after any write.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any

from q2c_pipeline.sandbox.company import Sandbox
from q2c_pipeline.sandbox.people.acts import (
    Act,
    EditUnstamped,
    MergeCustomers,
    OnRecord,
    Purge,
    Refused,
    Restore,
)
from q2c_pipeline.sandbox.quickbooks.entities import Entity, find_entity
from q2c_pipeline.sandbox.quickbooks.faults import Fault
from q2c_pipeline.sandbox.quickbooks.realms import Realms
from q2c_pipeline.sandbox.quickbooks.wire import Payload, amount, entries, parse, reference, write
from q2c_pipeline.sandbox.quickbooks.writing.operations import write_record
from q2c_pipeline.sandbox.quickbooks.writing.realm import Realm, bumped
from q2c_pipeline.sandbox.quickbooks.writing.receivable_effects import (
    OPEN_FIELDS,
    POSTING_ENTITIES,
    Change,
    follow,
)
from q2c_pipeline.sandbox.store import StoredRecord

SYSTEM = "quickbooks"
CUSTOMER = "Customer"
CUSTOMER_FIELDS = frozenset({"CustomerRef", "Entity", "EntityRef"})
UNEDITABLE_FIELDS = frozenset({"Id", "MetaData", "SyncToken"})


def perform_in_quickbooks(sandbox: Sandbox, act: Act) -> None:
    """Call within ``changes()``. Raises ``Refused``."""
    performed = PERFORM.get(type(act))
    if performed is None:
        raise Refused("Nobody does this in QuickBooks")
    realm_ids = sandbox.company.realm_ids
    realm_id = act.realm or (realm_ids[0] if len(realm_ids) == 1 else None)
    if realm_id is None or realm_id not in realm_ids:
        raise Refused(f"Name one of the realms {', '.join(realm_ids)}")
    try:
        performed(_never_closed(Realms(sandbox).open(realm_id)), act)
    except Fault as fault:
        raise Refused(str(fault)) from fault


def _merge_customers(realm: Realm, act: MergeCustomers) -> None:
    loser, winner = _customer(realm, act.loser), _customer(realm, act.winner)
    losing, gaining = realm.ancestors(act.loser), [act.winner, *realm.ancestors(act.winner)]
    if act.loser in gaining:
        raise Refused("A customer is merged neither into itself nor into a job of its own")
    if reference(loser, "CurrencyRef") != reference(winner, "CurrencyRef"):
        raise Refused("Customers of two currencies cannot be merged")
    for entity, record in _naming(realm, act.loser):
        moved = _moved(record, act.loser, winner, _fields_naming_customers(entity))
        if moved != record:
            realm.keep(entity, bumped(moved))
    realm.store.erase(SYSTEM, realm.realm_id, CUSTOMER, act.loser)
    _add_to_balance(realm, [act.winner], "Balance", _amount(loser, "Balance"))
    with_jobs = _amount(loser, "BalanceWithJobs")
    _add_to_balance(realm, set(gaining) - set(losing), "BalanceWithJobs", with_jobs)
    _add_to_balance(realm, set(losing) - set(gaining), "BalanceWithJobs", -with_jobs)
    _requalify_jobs(realm, _customer(realm, act.winner))


def _purge(realm: Realm, act: Purge) -> None:
    entity, stored = _stored(realm, act)
    payload = parse(stored.payload)
    if amount(payload.get("Balance")) and entity.name == CUSTOMER:
        raise Refused(f"Customer {act.id} has a balance, so its transactions are still there")
    if not stored.is_deleted and not entity.name_field:
        body = {"Id": act.id, "SyncToken": payload.get("SyncToken")}
        write_record(realm, entity, body, {"operation": "delete"})
    realm.store.erase(SYSTEM, realm.realm_id, entity.name, act.id)


def _edit_unstamped(realm: Realm, act: EditUnstamped) -> None:
    entity, stored = _stored(realm, act)
    if stored.is_deleted:
        raise Refused(f"{entity.name} {act.id} is deleted")
    if unchangeable := UNEDITABLE_FIELDS & act.fields.keys():
        raise Refused(f"{', '.join(sorted(unchangeable))} cannot be edited")
    before = parse(stored.payload)
    fields = {name: parse(bytes(value)) for name, value in act.fields.items()}
    edited = {name: value for name, value in (before | fields).items() if value is not None}

    def put(record: Payload) -> None:
        unmoved = record | {"MetaData": before["MetaData"]} if "MetaData" in before else record
        realm.store.put(
            SYSTEM, realm.realm_id, entity.name, act.id, write(unmoved), stored.updated_at
        )

    put(edited)
    if entity.name in POSTING_ENTITIES:
        follow(realm, [Change(entity.name, act.id, before, edited)])
        put(realm.get(entity.name, act.id) or edited)


def _restore(realm: Realm, act: Restore) -> None:
    entity, stored = _stored(realm, act)
    text = realm.store.last_living(SYSTEM, realm.realm_id, entity.name, act.id)
    if not stored.is_deleted or text is None:
        raise Refused(f"{entity.name} {act.id} was not deleted here")
    restored = bumped(parse(text))
    for field in OPEN_FIELDS.get(entity.name, ()):
        restored.pop(field, None)
    if "LinkedTxn" in restored:
        # The payments that settled it were freed when it went.
        restored["LinkedTxn"] = [
            link for link in entries(restored, "LinkedTxn") if link.get("TxnType") != "Payment"
        ]
    realm.keep(entity.name, restored)
    if entity.name in POSTING_ENTITIES:
        follow(realm, [Change(entity.name, act.id, None, restored)])


PERFORM: Mapping[type[Any], Callable[[Realm, Any], None]] = {
    MergeCustomers: _merge_customers,
    Purge: _purge,
    EditUnstamped: _edit_unstamped,
    Restore: _restore,
}


def _never_closed(realm: Realm) -> Realm:
    """A closing date keeps programs out; people know the password."""
    accounting = dict(realm.preferences.get("AccountingInfoPrefs", {}))
    accounting.pop("BookCloseDate", None)
    return replace(realm, preferences=realm.preferences | {"AccountingInfoPrefs": accounting})


def _customer(realm: Realm, customer_id: str) -> Payload:
    found = realm.get(CUSTOMER, customer_id)
    if found is None:
        raise Refused(f"There is no Customer {customer_id}")
    return found


def _stored(realm: Realm, act: OnRecord) -> tuple[Entity, StoredRecord]:
    entity = find_entity(act.object)
    stored = (
        None if entity is None else realm.store.get(SYSTEM, realm.realm_id, entity.name, act.id)
    )
    if entity is None or stored is None:
        raise Refused(f"There is no {act.object} {act.id}")
    return entity, stored


def _naming(realm: Realm, customer_id: str) -> Iterator[tuple[str, Payload]]:
    """All living records that hold the id as a text, whatever it stands for there."""
    rows = realm.store.connection.execute(
        "select object, payload from records where system = ? and tenant = ? and is_deleted = 0"
        " and instr(payload, ?) > 0 order by ordinal",
        (SYSTEM, realm.realm_id, f'"{customer_id}"'),
    ).fetchall()
    return ((entity, parse(payload)) for entity, payload in rows)


def _fields_naming_customers(entity: str) -> frozenset[str]:
    return CUSTOMER_FIELDS | {"ParentRef"} if entity == CUSTOMER else CUSTOMER_FIELDS


def _moved(value: Any, loser_id: str, winner: Payload, fields: frozenset[str]) -> Any:
    """The record, or a part of it, with the winner wherever it named the loser."""
    if isinstance(value, list):
        return [_moved(part, loser_id, winner, fields) for part in value]
    if not isinstance(value, dict):
        return value
    kind = value.get("type") or value.get("Type")
    if isinstance(kind, str) and kind.casefold() in ("vendor", "employee"):
        return value
    return {
        name: part | {"value": winner["Id"], "name": winner["DisplayName"]}
        if name in fields and isinstance(part, dict) and part.get("value") == loser_id
        else _moved(part, loser_id, winner, fields)
        for name, part in value.items()
    }


def _amount(record: Payload, field: str) -> Decimal:
    return amount(record.get(field)) or Decimal(0)


def _add_to_balance(realm: Realm, customer_ids: Iterable[str], field: str, added: Decimal) -> None:
    """Stamps every one of them, even if nothing is added."""
    for customer_id in sorted(customer_ids):
        record = _customer(realm, customer_id)
        realm.keep(CUSTOMER, record | {field: _amount(record, field) + added})


def _requalify_jobs(realm: Realm, parent: Payload) -> None:
    """Jobs are called after all that stands above them."""
    for _, job in list(realm.found(CUSTOMER, "instr(payload, 'ParentRef') > 0")):
        if reference(job, "ParentRef") != parent["Id"]:
            continue
        name = f"{parent.get('FullyQualifiedName')}:{job['DisplayName']}"
        placed = job | {"FullyQualifiedName": name, "Level": int(parent.get("Level") or 0) + 1}
        if placed != job:
            realm.keep(CUSTOMER, placed)
        _requalify_jobs(realm, placed)
