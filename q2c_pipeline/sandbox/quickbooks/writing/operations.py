"""Creating, updating, deleting and voiding records.

Belongs here: the course of a write, the same for every entity. Does not belong here: what a kind
of record must hold (the modules it calls) and HTTP.
"""

from collections.abc import Callable, Mapping

from q2c_pipeline.sandbox.quickbooks import faults
from q2c_pipeline.sandbox.quickbooks.entities import Entity, names
from q2c_pipeline.sandbox.quickbooks.wire import Payload
from q2c_pipeline.sandbox.quickbooks.writing import numbering
from q2c_pipeline.sandbox.quickbooks.writing.account_documents import (
    finish_deposit,
    finish_journal_entry,
    finish_purchase,
)
from q2c_pipeline.sandbox.quickbooks.writing.estimates import follow_links
from q2c_pipeline.sandbox.quickbooks.writing.lengths import refuse_long_texts
from q2c_pipeline.sandbox.quickbooks.writing.name_lists import finish_name, is_inactive_already
from q2c_pipeline.sandbox.quickbooks.writing.payments import (
    Link,
    finish_payment,
    links_of,
    refuse_deposited,
    void_payment,
    without,
)
from q2c_pipeline.sandbox.quickbooks.writing.properties import refuse_unknown_properties
from q2c_pipeline.sandbox.quickbooks.writing.realm import Realm, bumped
from q2c_pipeline.sandbox.quickbooks.writing.receivable_effects import (
    POSTING_ENTITIES,
    Change,
    follow,
)
from q2c_pipeline.sandbox.quickbooks.writing.references import refuse_dead_references
from q2c_pipeline.sandbox.quickbooks.writing.sales import (
    SALES_DOCUMENTS,
    finish_sale,
    zero_sale,
)
from q2c_pipeline.sandbox.quickbooks.writing.settings import (
    finish_company_info,
    finish_preferences,
)
from q2c_pipeline.sandbox.quickbooks.writing.transactions import Draft, refuse_closed_period

READ_ONLY = names(
    "Id SyncToken MetaData domain sparse status Balance BalanceWithJobs HomeBalance HomeTotalAmt"
    " RemainingCredit UnappliedAmt HomeUnappliedAmt FullyQualifiedName Level Job CurrentBalance"
    " CurrentBalanceWithSubAccounts InvoiceLink RecurDataRef V4IDPseudonym ClientEntityId"
)
# What a full update leaves alone although the body lacks it.
KEPT_WHEN_UNSENT = READ_ONLY | names(
    "Active DocNumber TxnDate CurrencyRef ExchangeRate LinkedTxn TotalAmt BillWithParent Taxable"
    " PreferredDeliveryMethod EmailStatus PrintStatus ProcessPayment Adjustment Type"
    " DefaultTaxCodeRef CustomField"
)
TRANSACTIONS: Mapping[str, Callable[[Draft], Payload]] = {
    **dict.fromkeys(SALES_DOCUMENTS, finish_sale),
    "Payment": finish_payment,
    "JournalEntry": finish_journal_entry,
    "Deposit": finish_deposit,
    "Purchase": finish_purchase,
}
SETTINGS: Mapping[str, Callable[[Payload, Payload], Payload]] = {
    "CompanyInfo": finish_company_info,
    "Preferences": finish_preferences,
}
VOID_BY_OPERATION = ("Invoice",)
VOID_BY_INCLUDE = ("Payment", "SalesReceipt")
VOIDED_NOTE = "Voided"


def write_record(
    realm: Realm, entity: Entity, body: Payload, options: Mapping[str, str]
) -> Payload:
    """Do what the request asks; the record as it is afterwards, or the stub of a deleted one.

    ``options`` are the request's query parameters. Call within one transaction.
    Raises ``Fault`` for whatever the vendor would refuse.
    """
    operation = options.get("operation", "").casefold()
    include = frozenset(options.get("include", "").casefold().split(","))
    if not entity.writable:
        raise faults.unsupported(f"write of {entity.name}")
    refuse_unknown_properties(entity, body)
    if operation == "delete":
        return _delete(realm, entity, body)
    if operation == "void" and entity.name in VOID_BY_OPERATION:
        return _void(realm, entity, body)
    if "void" in include and entity.name in VOID_BY_INCLUDE:
        return _void(realm, entity, body)
    if operation not in ("", "create", "update") or "void" in include:
        raise faults.unsupported(f"{operation or 'void'} of {entity.name}")
    if body.get("Id"):
        return _update(realm, entity, body, include)
    if entity.name in SETTINGS:
        raise faults.missing("Id")
    return _create(realm, entity, body, include)


def _create(realm: Realm, entity: Entity, body: Payload, include: frozenset[str]) -> Payload:
    record = {name: value for name, value in _sent(entity, body).items() if value not in (None, "")}
    record = _finished(realm, entity, record, None, frozenset(record), include)
    record |= {"Id": numbering.next_id(realm.store, realm.realm_id, entity.name), "SyncToken": "0"}
    realm.keep(entity.name, record)
    return _followed(realm, [Change(entity.name, record["Id"], None, record)])


def _update(realm: Realm, entity: Entity, body: Payload, include: frozenset[str]) -> Payload:
    stored = _current(realm, entity, body)
    sent = _sent(entity, body)
    if entity.name in SETTINGS:
        settings = bumped(SETTINGS[entity.name](stored, sent))
        realm.keep(entity.name, settings)
        return settings
    if is_inactive_already(stored, sent):
        return stored
    if entity.name == "Payment":
        refuse_deposited(stored)
    is_sparse = body.get("sparse") is True
    held = stored if is_sparse else {
        name: value for name, value in stored.items() if name in KEPT_WHEN_UNSENT
    }  # fmt: skip
    record = {name: value for name, value in (held | sent).items() if value not in (None, "")}
    touched = frozenset(sent) if is_sparse else frozenset(entity.writable)
    record = bumped(_finished(realm, entity, record, stored, touched, include))
    realm.keep(entity.name, record)
    return _followed(realm, [Change(entity.name, record["Id"], stored, record)])


def _delete(realm: Realm, entity: Entity, body: Payload) -> Payload:
    if entity.name not in TRANSACTIONS:
        raise faults.unsupported(f"delete of {entity.name}")
    stored = _current(realm, entity, body)
    refuse_closed_period(realm, stored)
    if entity.name == "Payment":
        refuse_deposited(stored)
    shown = realm.remove(entity.name, stored["Id"])
    changes = [Change(entity.name, stored["Id"], stored, None)]
    changes += _released(realm, Link(entity.name, stored["Id"]))
    _follow(realm, changes)
    return shown


def _void(realm: Realm, entity: Entity, body: Payload) -> Payload:
    stored = _current(realm, entity, body)
    refuse_closed_period(realm, stored)
    if entity.name == "Payment":
        refuse_deposited(stored)
    zeroed = zero_sale if entity.name in SALES_DOCUMENTS else void_payment
    note = str(stored.get("PrivateNote") or "")
    record = zeroed(realm.get(entity.name, stored["Id"]) or {})
    record["PrivateNote"] = f"{VOIDED_NOTE} - {note}" if note else VOIDED_NOTE
    record = bumped(record)
    realm.keep(entity.name, record)
    changes = [Change(entity.name, record["Id"], stored, record)]
    return _followed(realm, changes + _released(realm, Link(entity.name, record["Id"])))


def _finished(
    realm: Realm,
    entity: Entity,
    record: Payload,
    stored: Payload | None,
    sent: frozenset[str],
    include: frozenset[str],
) -> Payload:
    refuse_long_texts(entity.name, record)
    refuse_dead_references(realm, record, stored)
    if entity.name_field:
        return finish_name(realm, entity, record, stored)
    return TRANSACTIONS[entity.name](Draft(realm, entity.name, record, stored, sent, include))


def _current(realm: Realm, entity: Entity, body: Payload) -> Payload:
    """The record that the body names, at the SyncToken that it names."""
    if not body.get("Id"):
        raise faults.missing("Id")
    stored = realm.get(entity.name, str(body["Id"]))
    if stored is None:
        raise faults.not_found()
    if body.get("SyncToken") in (None, ""):
        raise faults.missing("SyncToken")
    if str(body["SyncToken"]) != str(stored.get("SyncToken")):
        raise faults.stale()
    return stored


def _sent(entity: Entity, body: Payload) -> Payload:
    """What a client may set; read-only properties may be echoed and are passed over."""
    kept = {name: value for name, value in body.items() if name not in READ_ONLY}
    if entity.name in SALES_DOCUMENTS or entity.name in ("JournalEntry", "Deposit", "Purchase"):
        kept.pop("TotalAmt", None)
    return kept


def _released(realm: Realm, gone: Link) -> list[Change]:
    """Free the payments that linked a document which is gone or void."""
    changes: list[Change] = []
    if gone.entity == "Payment":
        return changes
    for _, payment in realm.found("Payment", "instr(payload, ?) > 0", f'"{gone.record_id}"'):
        if gone in links_of(payment):
            freed = bumped(without(payment, gone))
            realm.keep("Payment", freed)
            changes.append(Change("Payment", payment["Id"], payment, freed))
    return changes


def _followed(realm: Realm, changes: list[Change]) -> Payload:
    """The first of the changed records, once all that hangs on it has followed."""
    _follow(realm, changes)
    written = changes[0]
    return realm.get(written.entity, written.record_id) or {}


def _follow(realm: Realm, changes: list[Change]) -> None:
    for change in changes:
        if change.entity == "Invoice":
            follow_links(realm, change.record_id, change.before, change.after)
    posting = [change for change in changes if change.entity in POSTING_ENTITIES]
    if posting:
        follow(realm, posting)
