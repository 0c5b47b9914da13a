"""What deals keep up to date about themselves: state, totals, history.

Belongs here: fields that follow from others, stage history, the sum of line items. Does not
belong here: checks of a request (``writes``). Other objects pass through untouched.
"""

from collections.abc import Mapping
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import NamedTuple

import msgspec

from q2c_pipeline.sandbox.salesforce import ids
from q2c_pipeline.sandbox.salesforce.faults import Refusal
from q2c_pipeline.sandbox.salesforce.moments import stamp
from q2c_pipeline.sandbox.salesforce.organisation import Organisation, Record
from q2c_pipeline.sandbox.salesforce.rows import NULL, json_text, text_of
from q2c_pipeline.sandbox.salesforce.schema import SObject

OPPORTUNITY = "Opportunity"
LINE_ITEM = "OpportunityLineItem"
HISTORY = "OpportunityHistory"
WATCHED_FIELDS = ("StageName", "Amount", "CloseDate", "Probability")
CENT = Decimal("0.01")
HUNDRED = Decimal(100)

TRUE, FALSE = msgspec.Raw(b"true"), msgspec.Raw(b"false")


class Stage(NamedTuple):
    probability_percent: int
    forecast_category: str
    forecast_category_name: str


STAGES = {
    "Prospecting": Stage(10, "Pipeline", "Pipeline"),
    "Qualification": Stage(10, "Pipeline", "Pipeline"),
    "Needs Analysis": Stage(20, "Pipeline", "Pipeline"),
    "Value Proposition": Stage(50, "Pipeline", "Pipeline"),
    "Id. Decision Makers": Stage(60, "Pipeline", "Pipeline"),
    "Perception Analysis": Stage(70, "Pipeline", "Pipeline"),
    "Proposal/Price Quote": Stage(75, "Pipeline", "Pipeline"),
    "Negotiation/Review": Stage(90, "Forecast", "Commit"),
    "Closed Won": Stage(100, "Closed", "Closed"),
    "Closed Lost": Stage(0, "Omitted", "Omitted"),
}
WON_STAGE, LOST_STAGE = "Closed Won", "Closed Lost"


def derived(
    organisation: Organisation,
    sobject: SObject,
    before: Mapping[str, msgspec.Raw],
    values: Mapping[str, msgspec.Raw],
) -> Record:
    """The values to be written, with those that follow from them.

    Raises ``Refusal`` for a line item whose price is not clear.
    """
    if sobject.name == OPPORTUNITY:
        return _derived_deal(before, dict(values))
    if sobject.name == LINE_ITEM:
        return _derived_line_item(before, dict(values))
    return dict(values)


def follow_up(
    organisation: Organisation,
    sobject: SObject,
    before: Mapping[str, msgspec.Raw],
    after: Mapping[str, msgspec.Raw],
) -> None:
    """Write what a stored change entails; ``before`` is empty for a new record, ``after`` for a
    deleted one."""
    if sobject.name == OPPORTUNITY and after:
        if any(_differs(before, after, name) for name in WATCHED_FIELDS):
            _write_history(organisation, before, after)
    elif sobject.name == LINE_ITEM:
        opportunity_id = text_of((after or before).get("OpportunityId"))
        if opportunity_id:
            _total_line_items(organisation, opportunity_id)


def dependants(
    organisation: Organisation, sobject: SObject, record: Mapping[str, msgspec.Raw]
) -> list[tuple[SObject, str]]:
    """The records that are deleted with a deal."""
    record_id = text_of(record.get("Id"))
    if sobject.name != OPPORTUNITY or record_id is None:
        return []
    return [
        (child, child_id)
        for child in map(organisation.schema.known, (LINE_ITEM, HISTORY))
        for row in organisation.children(child, "OpportunityId", record_id)
        if (child_id := text_of(row.get("Id")))
    ]


def _derived_deal(before: Mapping[str, msgspec.Raw], values: Record) -> Record:
    if before.get("HasOpportunityLineItem") == TRUE:
        # With lines the amount is their sum; the vendor ignores another one without a word.
        values.pop("Amount", None)
    stage_name = text_of(values.get("StageName"))
    if stage_name is not None and _differs(before, values, "StageName"):
        is_won = stage_name == WON_STAGE
        values["IsWon"] = TRUE if is_won else FALSE
        values["IsClosed"] = TRUE if is_won or stage_name == LOST_STAGE else FALSE
        stage = STAGES.get(stage_name)
        if stage is not None:
            values.setdefault("Probability", _number(Decimal(stage.probability_percent)))
            values.setdefault("ForecastCategoryName", json_text(stage.forecast_category_name))
            values["ForecastCategory"] = json_text(stage.forecast_category)
    after = {**before, **values}
    amount, probability = _decimal(after, "Amount"), _decimal(after, "Probability")
    if {"Amount", "Probability"} & set(values):
        values["ExpectedRevenue"] = (
            NULL
            if amount is None or probability is None
            else _number(_in_cents(amount * probability / HUNDRED))
        )
    return values


def _derived_line_item(before: Mapping[str, msgspec.Raw], values: Record) -> Record:
    if "UnitPrice" in values and "TotalPrice" in values:
        raise Refusal(
            "FIELD_INTEGRITY_EXCEPTION",
            "Specify either total price or sales price, not both.",
            fields=("TotalPrice",),
        )
    after = {**before, **values}
    quantity = _decimal(after, "Quantity")
    discount = _decimal(after, "Discount") or Decimal(0)
    share = 1 - discount / HUNDRED
    if quantity and share and "TotalPrice" in values:
        total = _decimal(after, "TotalPrice")
        if total is not None:
            values["UnitPrice"] = _number(_in_cents(total / (quantity * share)))
    price = _decimal({**before, **values}, "UnitPrice")
    if price is None:
        raise Refusal(
            "REQUIRED_FIELD_MISSING",
            "Required fields are missing: [UnitPrice]",
            fields=("UnitPrice",),
        )
    if quantity is not None:
        values["Subtotal"] = _number(_in_cents(price * quantity))
        values.setdefault("TotalPrice", _number(_in_cents(price * quantity * share)))
    return values


def _total_line_items(organisation: Organisation, opportunity_id: str) -> None:
    """Make the deal's amount the sum of its lines; it moves the deal's stamp."""
    deal = organisation.schema.known(OPPORTUNITY)
    found = organisation.record(deal, opportunity_id)
    if found is None or found[1]:
        return
    before, _ = found
    lines = organisation.children(
        organisation.schema.known(LINE_ITEM), "OpportunityId", opportunity_id
    )
    totals = {"HasOpportunityLineItem": TRUE if lines else FALSE}
    if lines:
        total = sum((_decimal(line, "TotalPrice") or Decimal(0) for line in lines), Decimal(0))
        free = {**before, "HasOpportunityLineItem": FALSE}
        totals |= _derived_deal(free, {"Amount": _number(total)})
    now = json_text(stamp(organisation.now()))
    after = {**before, **totals, "LastModifiedDate": now, "SystemModstamp": now}
    organisation.keep(deal, opportunity_id, after)
    follow_up(organisation, deal, before, after)


def _write_history(
    organisation: Organisation,
    before: Mapping[str, msgspec.Raw],
    after: Mapping[str, msgspec.Raw],
) -> None:
    history = organisation.schema.known(HISTORY)
    history_id = organisation.new_id(history)
    now = json_text(stamp(organisation.now()))
    shown = (*WATCHED_FIELDS, "ExpectedRevenue", "ForecastCategory")
    row = {
        "Id": json_text(history_id),
        "IsDeleted": FALSE,
        "OpportunityId": after["Id"],
        "CreatedDate": now,
        "CreatedById": json_text(ids.INTEGRATION_USER_ID),
        "SystemModstamp": now,
        **{name: after.get(name, NULL) for name in shown},
        "PrevAmount": before.get("Amount", NULL),
        "PrevCloseDate": before.get("CloseDate", NULL),
    }
    organisation.keep(history, history_id, row)


def _differs(
    before: Mapping[str, msgspec.Raw], after: Mapping[str, msgspec.Raw], name: str
) -> bool:
    """Whether a value changed; 100 and 100.00 are one amount."""
    old, new = before.get(name, NULL), after.get(name, NULL)
    if old == new:
        return False
    old_number, new_number = _decimal(before, name), _decimal(after, name)
    return old_number is None or old_number != new_number


def _decimal(record: Mapping[str, msgspec.Raw], name: str) -> Decimal | None:
    """A number's value; None for an empty field or for text that should not be there."""
    try:
        value = Decimal(bytes(record.get(name, NULL)).decode())
    except InvalidOperation:
        return None
    return value if value.is_finite() else None


def _in_cents(amount: Decimal) -> Decimal:
    return amount.quantize(CENT, rounding=ROUND_HALF_UP)


def _number(value: Decimal) -> msgspec.Raw:
    return msgspec.Raw(format(value, "f").encode())
