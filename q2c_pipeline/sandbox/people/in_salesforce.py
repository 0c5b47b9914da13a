"""What people do in Salesforce's own pages, and what Salesforce does by itself.

Belongs here: merging, purging, undeleting, editing unseen. Does not belong here: what the API does.
"""

from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta
from typing import Any

import msgspec

from q2c_pipeline.sandbox.company import Sandbox
from q2c_pipeline.sandbox.people.acts import (
    Act,
    EditUnstamped,
    GrantField,
    Hold,
    MergeAccounts,
    OnRecord,
    Purge,
    Refused,
    Undelete,
)
from q2c_pipeline.sandbox.salesforce import writes
from q2c_pipeline.sandbox.salesforce.faults import Refusal
from q2c_pipeline.sandbox.salesforce.ids import normalised
from q2c_pipeline.sandbox.salesforce.opportunities import DEPENDANTS, FALSE, TRUE
from q2c_pipeline.sandbox.salesforce.organisation import Organisation, Record
from q2c_pipeline.sandbox.salesforce.rows import NULL, json_text
from q2c_pipeline.sandbox.salesforce.rules import read_rules
from q2c_pipeline.sandbox.salesforce.schema import RECORD, SYSTEM, SObject, grant_access
from q2c_pipeline.sandbox.store import StoredRecord

ACCOUNT = "Account"
UNEDITABLE_FIELDS = frozenset({"id", "isdeleted", "systemmodstamp", "lastmodifieddate"})


def perform_in_salesforce(sandbox: Sandbox, act: Act) -> None:
    """Call within ``changes()``. Raises ``Refused``."""
    performed = PERFORM.get(type(act))
    if performed is None:
        raise Refused("Nobody does this in Salesforce")
    try:
        performed(Organisation(sandbox, read_rules(sandbox.company.folder)), act)
    except Refusal as refusal:
        raise Refused(f"{refusal.error_code}: {refusal.message}") from refusal


def _merge_accounts(organisation: Organisation, act: MergeAccounts) -> None:
    account = organisation.schema.known(ACCOUNT)
    loser_id, winner_id = normalised(act.loser), normalised(act.winner)
    if loser_id == winner_id:
        raise Refused("An account is not merged into itself")
    loser = writes.living_record(organisation, account, loser_id)
    writes.living_record(organisation, account, winner_id)
    for sobject in organisation.schema.objects():
        for field in sobject.fields.values():
            if field.reference_to != ACCOUNT or field.name == "MasterRecordId":
                continue
            for child in organisation.children(sobject, field.name, loser_id):
                child_id = msgspec.json.decode(child["Id"], type=str)
                parent = NULL if child_id == winner_id else json_text(winner_id)
                _keep(organisation, sobject, child_id, {**child, field.name: parent})
    merged = {**loser, "IsDeleted": TRUE, "MasterRecordId": json_text(winner_id)}
    _keep(organisation, account, loser_id, merged, is_deleted=True)
    winner = writes.living_record(organisation, account, winner_id)
    _keep(organisation, account, winner_id, winner)


def _purge(organisation: Organisation, act: Purge) -> None:
    sobject, record_id, stored = _stored(organisation, act)
    if not stored.is_deleted:
        writes.delete(organisation, sobject, record_id)
    for child, child_id, _ in _binned_with(organisation, sobject, record_id):
        organisation.store.erase(SYSTEM, organisation.id, child.name, child_id)
    organisation.store.erase(SYSTEM, organisation.id, sobject.name, record_id)


def _undelete(organisation: Organisation, act: Undelete) -> None:
    sobject, record_id, stored = _stored(organisation, act)
    if not stored.is_deleted:
        raise Refused(f"{act.object} {act.id} is not in the recycle bin")
    record = RECORD.decode(stored.payload)
    for child, child_id, row in _binned_with(organisation, sobject, record_id):
        if row.get("SystemModstamp") == record.get("SystemModstamp"):
            _keep(organisation, child, child_id, {**row, "IsDeleted": FALSE})
    master = {"MasterRecordId": NULL} if "masterrecordid" in sobject.fields else {}
    _keep(organisation, sobject, record_id, {**record, **master, "IsDeleted": FALSE})


def _edit_unstamped(organisation: Organisation, act: EditUnstamped) -> None:
    sobject, record_id, stored = _stored(organisation, act)
    record = RECORD.decode(stored.payload)
    for name, value in act.fields.items():
        field = sobject.fields.get(name.lower())
        if field is None or name.lower() in UNEDITABLE_FIELDS:
            raise Refused(f"{name} of {sobject.name} cannot be edited")
        record[field.name] = value
    organisation.store.put(
        SYSTEM,
        organisation.id,
        sobject.name,
        record_id,
        msgspec.json.encode(record).decode(),
        stored.updated_at,
        is_deleted=stored.is_deleted,
    )


def _hold(organisation: Organisation, act: Hold) -> None:
    _, record_id, _ = _stored(organisation, act)
    organisation.hold(record_id, organisation.sandbox.clock.now() + timedelta(seconds=act.seconds))


def _grant_field(organisation: Organisation, act: GrantField) -> None:
    shown = organisation.schema.find(act.object)
    whole = shown and organisation.schema.known(shown.name)
    if whole is None or act.field.lower() not in whole.fields:
        raise Refused(f"There is no field {act.field} of {act.object}")
    grant_access(organisation.store, whole, act.field, act.access)


PERFORM: Mapping[type[Any], Callable[[Organisation, Any], None]] = {
    MergeAccounts: _merge_accounts,
    Purge: _purge,
    Undelete: _undelete,
    EditUnstamped: _edit_unstamped,
    Hold: _hold,
    GrantField: _grant_field,
}


def _stored(organisation: Organisation, act: OnRecord) -> tuple[SObject, str, StoredRecord]:
    """The object, the whole id and the record, be it in the recycle bin."""
    sobject, record_id = organisation.schema.find(act.object), normalised(act.id)
    stored = sobject and organisation.store.get(SYSTEM, organisation.id, sobject.name, record_id)
    if sobject is None or stored is None:
        raise Refused(f"There is no {act.object} {act.id}")
    return sobject, record_id, stored


def _keep(
    organisation: Organisation,
    sobject: SObject,
    record_id: str,
    record: Record,
    *,
    is_deleted: bool = False,
) -> None:
    stamped = writes.stamped(organisation, sobject, record)
    organisation.keep(sobject, record_id, stamped, is_deleted=is_deleted)


def _binned_with(
    organisation: Organisation, sobject: SObject, record_id: str
) -> Iterator[tuple[SObject, str, Record]]:
    """What went into the recycle bin with a record, and with that in turn."""
    for name, lookup in DEPENDANTS.get(sobject.name, ()):
        child = organisation.schema.known(name)
        rows = organisation.store.connection.execute(
            "select record_id, payload from records where system = ? and tenant = ? and object = ?"
            " and is_deleted = 1 and json_extract(payload, ?) = ?",
            (SYSTEM, organisation.id, name, f"$.{lookup}", record_id),
        ).fetchall()
        for child_id, payload in rows:
            yield child, child_id, RECORD.decode(payload)
            yield from _binned_with(organisation, child, child_id)
