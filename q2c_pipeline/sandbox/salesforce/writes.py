"""Creating, changing and deleting single records.

Belongs here: the kinds of write, and stamps. Does not belong here: what a body may hold
(``checks``), lists of records (``composite``) and what deals keep up to date about themselves
(``opportunities``).
Every check comes before the first change, so a refused record leaves nothing behind. All of it
is called within ``changes()``.
"""

from collections.abc import Mapping
from decimal import Decimal
from typing import NamedTuple

import msgspec

from q2c_pipeline.sandbox.salesforce import ids, opportunities
from q2c_pipeline.sandbox.salesforce.checks import checked, validate
from q2c_pipeline.sandbox.salesforce.duplicates import refuse_duplicates
from q2c_pipeline.sandbox.salesforce.faults import (
    Refusal,
    UnknownRecord,
    entity_is_deleted,
    locked_by_approval,
    malformed_id,
    resource_not_found,
    unable_to_lock,
)
from q2c_pipeline.sandbox.salesforce.moments import stamp
from q2c_pipeline.sandbox.salesforce.organisation import Organisation, Record
from q2c_pipeline.sandbox.salesforce.rows import json_text
from q2c_pipeline.sandbox.salesforce.schema import NUMBER_TYPES, Field, SObject
from q2c_pipeline.sandbox.salesforce.search import exact_matches


class Manners(NamedTuple):
    """How a client wants its records written."""

    saves_duplicates: bool = False


def create(
    organisation: Organisation,
    sobject: SObject,
    body: Mapping[str, msgspec.Raw],
    manners: Manners,
) -> str:
    """A new record's id.

    Raises ``Refusal``.
    """
    values = checked(sobject, body, is_new=True)
    if not manners.saves_duplicates:
        refuse_duplicates(organisation, sobject, values)
    derived = opportunities.derived(organisation, sobject, {}, values)
    validate(organisation.rules.validation_rules, sobject, derived)
    record_id = organisation.new_id(sobject)
    now = organisation.now()
    blank = {
        field.name: msgspec.Raw(b"false")
        for field in sobject.fields.values()
        if field.type == "boolean"
    }
    currency = json_text(organisation.sandbox.company.home_currency)
    currency_code = {"CurrencyIsoCode": currency} if "currencyisocode" in sobject.fields else {}
    owner = {"OwnerId": json_text(ids.INTEGRATION_USER_ID)} if "ownerid" in sobject.fields else {}
    created = {
        "Id": json_text(record_id),
        "CreatedDate": json_text(stamp(now)),
        "CreatedById": json_text(ids.INTEGRATION_USER_ID),
    }
    record = {**blank, **owner, **currency_code, **derived, **created}
    organisation.keep(sobject, record_id, stamped(organisation, sobject, record))
    opportunities.follow_up(organisation, sobject, {}, record)
    return record_id


def update(
    organisation: Organisation,
    sobject: SObject,
    record_id: str,
    body: Mapping[str, msgspec.Raw],
    manners: Manners,
) -> None:
    """Change the named fields; the others stay as they are.

    Raises ``Refusal``.
    """
    before = living_record(organisation, sobject, record_id)
    refuse_locked(organisation, sobject, ids.normalised(record_id))
    values = checked(sobject, body, is_new=False)
    after = {**before, **opportunities.derived(organisation, sobject, before, values)}
    if not manners.saves_duplicates:
        refuse_duplicates(organisation, sobject, after, own_id=ids.normalised(record_id))
    validate(organisation.rules.validation_rules, sobject, after)
    organisation.keep(sobject, ids.normalised(record_id), stamped(organisation, sobject, after))
    opportunities.follow_up(organisation, sobject, before, after)


def delete(organisation: Organisation, sobject: SObject, record_id: str) -> None:
    """Move a record to the recycle bin, where only queryAll sees it.

    Raises ``Refusal``.
    """
    record = living_record(organisation, sobject, record_id)
    refuse_locked(organisation, sobject, ids.normalised(record_id))
    if "isdeleted" not in sobject.fields:
        raise Refusal("INSUFFICIENT_ACCESS_OR_READONLY", f"{sobject.name} cannot be deleted")
    binned = {**record, "IsDeleted": msgspec.Raw(b"true")}
    organisation.keep(
        sobject,
        ids.normalised(record_id),
        stamped(organisation, sobject, binned),
        is_deleted=True,
    )
    for child, child_id in opportunities.dependants(organisation, sobject, record):
        if "isdeleted" in child.fields:
            delete(organisation, child, child_id)
        else:
            organisation.remove(child, child_id)
    opportunities.follow_up(organisation, sobject, record, {})


def upsert(
    organisation: Organisation,
    sobject: SObject,
    key: Field,
    value: str,
    body: Mapping[str, msgspec.Raw],
    manners: Manners,
    *,
    update_only: bool = False,
) -> tuple[str, bool]:
    """The id of the record whose external id is ``value``, and whether it was created.

    Raises ``Refusal``; ``SeveralMatch`` if the external id is not unique.
    """
    found = exact_matches(organisation.store, organisation.id, sobject, key, value)
    if len(found) > 1:
        raise SeveralMatch(key, found)
    if found:
        update(organisation, sobject, found[0], body, manners)
        return found[0], False
    if update_only:
        raise resource_not_found()
    is_number = key.type in NUMBER_TYPES
    own_key = msgspec.Raw(str(Decimal(value)).encode()) if is_number else json_text(value)
    return create(organisation, sobject, {**body, key.name: own_key}, manners), True


class SeveralMatch(Refusal):
    """An external id that several records carry."""

    def __init__(self, key: Field, record_ids: list[str]) -> None:
        super().__init__(
            "DUPLICATE_EXTERNAL_ID",
            f"{key.name}: more than one record found for external id field: {record_ids}",
            status=300,
            fields=(key.name,),
        )
        self.record_ids = record_ids


def external_id_field(sobject: SObject, name: str) -> Field:
    """The field by which records may be addressed; Id is one, too."""
    field = sobject.fields.get(name.lower())
    if field is None or not (field.is_external_id or field.type == "id"):
        raise Refusal(
            "NOT_FOUND",
            f"Provided external ID field does not exist or is not accessible: {name}",
            status=404,
        )
    return field


def living_record(organisation: Organisation, sobject: SObject, record_id: str) -> Record:
    """The record to be changed.

    Raises ``Refusal`` if it is not there, was deleted, or never could be.
    """
    found = organisation.record(sobject, record_id)
    if found is None:
        raise UnknownRecord() if ids.has_id_form(record_id) else malformed_id(record_id)
    record, is_deleted = found
    if is_deleted:
        raise entity_is_deleted()
    return record


def refuse_locked(organisation: Organisation, sobject: SObject, record_id: str) -> None:
    """Raises ``Refusal`` where another transaction holds the record, or its approval locks it."""
    if organisation.is_held(record_id):
        raise unable_to_lock(record_id)
    if opportunities.is_locked_by_approval(organisation, sobject, record_id):
        raise locked_by_approval()


def stamped(organisation: Organisation, sobject: SObject, record: Record) -> Record:
    """The record as changed now by the integration user."""
    now = json_text(stamp(organisation.now()))
    stamps = {
        "LastModifiedDate": now,
        "LastModifiedById": json_text(ids.INTEGRATION_USER_ID),
        "SystemModstamp": now,
    }
    return record | {
        name: value for name, value in stamps.items() if name.lower() in sobject.fields
    }
