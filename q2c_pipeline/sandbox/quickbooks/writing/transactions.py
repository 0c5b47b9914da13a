"""What all transactions share when they are written: dates, currency, customer, number, lines.

Belongs here: checks and defaults common to them. Does not belong here: what one kind adds.
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from q2c_pipeline.sandbox.quickbooks import faults
from q2c_pipeline.sandbox.quickbooks.exchange_rates import rate_on
from q2c_pipeline.sandbox.quickbooks.wire import Payload, amount, entries, reference
from q2c_pipeline.sandbox.quickbooks.writing import numbering
from q2c_pipeline.sandbox.quickbooks.writing.realm import Realm
from q2c_pipeline.sandbox.quickbooks.writing.references import referenced

NUMBERED = ("Invoice", "CreditMemo", "SalesReceipt", "RefundReceipt", "Estimate")
# Estimates repeat numbers without a word.
UNIQUELY_NUMBERED = ("Invoice", "CreditMemo", "SalesReceipt", "RefundReceipt")
DUPLICATES_ALLOWED = "allowduplicatedocnum"


@dataclass(frozen=True)
class Draft:
    """A transaction on its way into the books: ``record`` is filled in place, ``stored`` is what
    it replaces, ``sent`` the properties that the client sent, ``include`` its wish for exceptions.
    """

    realm: Realm
    entity: str
    record: Payload
    stored: Payload | None
    sent: frozenset[str]
    include: frozenset[str] = frozenset()

    def keeps(self, *fields: str) -> bool:
        """Whether the stored record already holds these fields and the client left them alone."""
        return self.stored is not None and self.sent.isdisjoint(fields)


def finish_transaction(draft: Draft) -> None:
    """Give the transaction its date, currency, rate and number.

    Raises ``Fault`` for a closed period, a wrong date or currency, or a taken number.
    """
    realm, record, stored = draft.realm, draft.record, draft.stored
    record["TxnDate"] = _day(record, "TxnDate") or realm.today.isoformat()
    refuse_closed_period(realm, record)
    if stored is not None:
        refuse_closed_period(realm, stored)
    _finish_number(draft)
    _finish_currency(realm, record)


def customer_of(draft: Draft) -> Payload:
    """The customer that the transaction must name, active unless it was named before.

    Raises ``Fault`` 2020, 2500 or 610.
    """
    realm, record = draft.realm, draft.record
    customer_id = reference(record, "CustomerRef")
    if customer_id is None:
        raise faults.missing("CustomerRef")
    if draft.stored is not None and reference(draft.stored, "CustomerRef") == customer_id:
        return realm.get("Customer", customer_id) or {}
    customer = referenced(realm, "Customer", "CustomerRef", customer_id)
    record["CustomerRef"] = {"value": customer_id, "name": customer.get("DisplayName", "")}
    currency = reference(customer, "CurrencyRef") or realm.home_currency
    if reference(record, "CurrencyRef") is None:
        record["CurrencyRef"] = {"value": currency}
    if reference(record, "CurrencyRef") != currency:
        raise faults.business("The transaction's currency is not the customer's currency")
    return customer


def refuse_closed_period(realm: Realm, record: Payload) -> None:
    closed_to = realm.preference("AccountingInfoPrefs", "BookCloseDate")
    if isinstance(closed_to, str) and str(record.get("TxnDate", "")) <= closed_to:
        raise faults.closed_period()


def required_number(payload: Payload, field: str) -> Decimal:
    """Raises ``Fault`` 2020 where it is missing and 2080 where it is no number."""
    if payload.get(field) is None:
        raise faults.missing(field)
    found = amount(payload[field])
    if found is None:
        raise faults.bad_number(field, payload[field])
    return found


def keep_line_ids(lines: list[Payload], stored: Payload | None, *, first: int = 1) -> None:
    """A line that comes with an id of the stored record keeps it; every other gets a new one."""
    held = {line["Id"] for line in entries(stored or {}, "Line") if isinstance(line.get("Id"), str)}
    numbers = [int(line_id) for line_id in held if line_id.isdigit()]
    following = max([first - 1, *numbers]) + 1
    for line in lines:
        if line.get("Id") not in held:
            line["Id"] = str(following)
            following += 1


def _finish_number(draft: Draft) -> None:
    realm, entity, record, stored = draft.realm, draft.entity, draft.record, draft.stored
    number = record.get("DocNumber")
    if number is None:
        is_given_out = realm.preference("SalesFormsPrefs", "CustomTxnNumbers") is not True
        if stored is None and entity in NUMBERED and is_given_out:
            record["DocNumber"] = numbering.next_document_number(
                realm.store, realm.realm_id, entity
            )
        return
    is_unchanged = stored is not None and stored.get("DocNumber") == number
    if entity not in UNIQUELY_NUMBERED or is_unchanged:
        return
    for _, rival in realm.matching(entity, "$.DocNumber", str(number)):
        if rival.get("Id") != record.get("Id") and DUPLICATES_ALLOWED not in draft.include:
            raise faults.duplicate_number(str(number), entity, str(rival.get("Id")))
    numbering.note_document_number(realm.store, realm.realm_id, entity, str(number))


def _finish_currency(realm: Realm, record: Payload) -> None:
    currency = reference(record, "CurrencyRef")
    if currency is None:
        currency = realm.home_currency
    record["CurrencyRef"] = realm.currency_reference(currency)
    if not realm.is_multicurrency:
        if currency != realm.home_currency:
            raise faults.business("Multicurrency is not enabled for this company")
        record.pop("ExchangeRate", None)
        return
    if currency == realm.home_currency:
        record["ExchangeRate"] = 1
    elif record.get("ExchangeRate") is None:
        record["ExchangeRate"] = rate_on(
            realm.store,
            realm.realm_id,
            currency=currency,
            home_currency=realm.home_currency,
            day=record["TxnDate"],
        )["Rate"]
    if required_number(record, "ExchangeRate") <= 0:
        raise faults.out_of_range("ExchangeRate", "ExchangeRate must be above zero")


def _day(record: Payload, field: str) -> str | None:
    """A date as ISO text; None if there is none. Raises ``Fault`` 2080 for anything else."""
    text = record.get(field)
    if text is None:
        return None
    try:
        return date.fromisoformat(str(text)[:10]).isoformat()
    except ValueError as error:
        raise faults.bad_parameter(field, f"Invalid date. Supplied value:{text}") from error


def day_of(record: Payload, field: str) -> date | None:
    text = _day(record, field)
    return date.fromisoformat(text) if text else None
