"""What a deal's lines keep up to date about themselves: product, prices, instalments.

Belongs here: fields of a line that follow from others. Does not belong here: the deal that they add
up to (``opportunities``).
"""

from collections.abc import Mapping
from decimal import Decimal

import msgspec

from q2c_pipeline.sandbox.salesforce.amounts import HUNDRED, decimal, in_cents, number
from q2c_pipeline.sandbox.salesforce.faults import Refusal
from q2c_pipeline.sandbox.salesforce.organisation import Organisation, Record
from q2c_pipeline.sandbox.salesforce.rows import NULL, json_text, text_of

LINE_ITEM, SCHEDULE = "OpportunityLineItem", "OpportunityLineItemSchedule"
NAME_CHARACTERS_MAX = 376
SCHEDULED_FIELDS = {"Revenue": "TotalPrice", "Quantity": "Quantity"}
"""What the instalments of a kind make of their line, by the field in which they state it."""


def derived(
    organisation: Organisation, before: Mapping[str, msgspec.Raw], values: Record
) -> Record:
    """A line's values to be written, with those that follow from them.

    Raises ``Refusal`` for a line whose price is not clear.
    """
    if "UnitPrice" in values and "TotalPrice" in values:
        raise Refusal(
            "FIELD_INTEGRITY_EXCEPTION",
            "Specify either total price or sales price, not both.",
            fields=("TotalPrice",),
        )
    values |= _product(organisation, values)
    return priced(before, values)


def priced(before: Mapping[str, msgspec.Raw], values: Record) -> Record:
    """The values with the prices that follow.

    Raises ``Refusal`` if there is no price to begin with.
    """
    after = {**before, **values}
    quantity = decimal(after, "Quantity")
    share = 1 - (decimal(after, "Discount") or Decimal(0)) / HUNDRED
    if quantity and share and "TotalPrice" in values:
        total = decimal(after, "TotalPrice")
        if total is not None:
            values["UnitPrice"] = number(in_cents(total / (quantity * share)))
    price = decimal({**before, **values}, "UnitPrice")
    if price is None:
        raise Refusal(
            "REQUIRED_FIELD_MISSING",
            "Required fields are missing: [UnitPrice]",
            fields=("UnitPrice",),
        )
    if quantity is not None:
        values["Subtotal"] = number(in_cents(price * quantity))
        values.setdefault("TotalPrice", number(in_cents(price * quantity * share)))
    return values


def scheduled(organisation: Organisation, line: Record) -> Record:
    """A line's totals as its instalments make them; empty without any."""
    line_id = text_of(line.get("Id")) or ""
    schedule = organisation.schema.known(SCHEDULE)
    instalments = organisation.children(schedule, "OpportunityLineItemId", line_id)
    totals: Record = {}
    for kind, total_name in SCHEDULED_FIELDS.items():
        parts = [
            decimal(instalment, kind) or Decimal(0)
            for instalment in instalments
            if text_of(instalment.get("Type")) in (kind, "Both")
        ]
        if parts:
            totals[total_name] = number(sum(parts, Decimal(0)))
    return priced(line, totals) if totals else {}


def _product(organisation: Organisation, values: Mapping[str, msgspec.Raw]) -> Record:
    """What a line takes over from its entry in the price book."""
    entry_id = text_of(values.get("PricebookEntryId"))
    found = entry_id and organisation.record(organisation.schema.known("PricebookEntry"), entry_id)
    if not found:
        return {}
    entry, _ = found
    product = _parent(organisation, "Product2", entry.get("Product2Id"))
    deal = _parent(organisation, "Opportunity", values.get("OpportunityId"))
    names = [text_of(parent.get("Name")) for parent in (deal, product)]
    return {
        "Product2Id": entry.get("Product2Id", NULL),
        "ProductCode": product.get("ProductCode", NULL),
        "ListPrice": entry.get("UnitPrice", NULL),
        "Name": json_text(" ".join(filter(None, names))[:NAME_CHARACTERS_MAX]),
    }


def _parent(organisation: Organisation, name: str, parent_id: msgspec.Raw | None) -> Record:
    record_id = text_of(parent_id)
    found = record_id and organisation.record(organisation.schema.known(name), record_id)
    return found[0] if found else {}
