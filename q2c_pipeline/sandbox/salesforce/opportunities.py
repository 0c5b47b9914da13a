"""What deals keep up to date about themselves: state and totals, and what goes with them.

Belongs here: fields that follow from others, the sum of line items, which object's rules apply.
Does not belong here: checks of a request (``writes``), histories (``history``) and the rules of
lines and contracts, which have modules of their own. Other objects pass through untouched.
"""

from collections.abc import Mapping
from decimal import Decimal
from typing import NamedTuple

import msgspec

from q2c_pipeline.sandbox.salesforce import contracts, line_items
from q2c_pipeline.sandbox.salesforce.amounts import HUNDRED, decimal, differs, in_cents, number
from q2c_pipeline.sandbox.salesforce.history import FIELD_HISTORY, HISTORY, remember
from q2c_pipeline.sandbox.salesforce.line_items import LINE_ITEM, SCHEDULE
from q2c_pipeline.sandbox.salesforce.moments import stamp
from q2c_pipeline.sandbox.salesforce.organisation import Organisation, Record
from q2c_pipeline.sandbox.salesforce.rows import NULL, json_text, text_of
from q2c_pipeline.sandbox.salesforce.schema import SObject

OPPORTUNITY, APPROVAL = "Opportunity", "ProcessInstance"
DEPENDANTS = {
    OPPORTUNITY: (
        (LINE_ITEM, "OpportunityId"),
        (HISTORY, "OpportunityId"),
        (FIELD_HISTORY, "OpportunityId"),
        (APPROVAL, "TargetObjectId"),
    ),
    LINE_ITEM: ((SCHEDULE, "OpportunityLineItemId"),),
    APPROVAL: (
        ("ProcessInstanceStep", "ProcessInstanceId"),
        ("ProcessInstanceWorkitem", "ProcessInstanceId"),
    ),
}
"""What goes with a record, by the lookup that names it."""

LOCKING_STATUSES = ("Pending", "Approved")
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
        return line_items.derived(organisation, before, dict(values))
    if sobject.name == contracts.CONTRACT:
        return contracts.derived(organisation, before, dict(values))
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
        remember(organisation, before, after)
    elif sobject.name == LINE_ITEM:
        opportunity_id = text_of((after or before).get("OpportunityId"))
        if opportunity_id:
            _total_line_items(organisation, opportunity_id)
    elif sobject.name == SCHEDULE:
        line_id = text_of((after or before).get("OpportunityLineItemId"))
        if line_id:
            _schedule_line_item(organisation, line_id)


def is_locked_by_approval(organisation: Organisation, sobject: SObject, record_id: str) -> bool:
    """Whether the deal's newest approval keeps everybody from editing it."""
    if sobject.name != OPPORTUNITY or not organisation.rules.approval_locks_deals:
        return False
    approval = organisation.schema.known(APPROVAL)
    approvals = organisation.children(approval, "TargetObjectId", record_id)
    newest = max(approvals, key=lambda row: text_of(row.get("CreatedDate")) or "", default={})
    return text_of(newest.get("Status")) in LOCKING_STATUSES


def dependants(
    organisation: Organisation, sobject: SObject, record: Mapping[str, msgspec.Raw]
) -> list[tuple[SObject, str]]:
    """The records that are deleted with a record."""
    record_id = text_of(record.get("Id"))
    return [
        (child, child_id)
        for name, lookup in DEPENDANTS.get(sobject.name, ())
        for child in [organisation.schema.known(name)]
        for row in organisation.children(child, lookup, record_id or "")
        if (child_id := text_of(row.get("Id")))
    ]


def _derived_deal(before: Mapping[str, msgspec.Raw], values: Record) -> Record:
    if before.get("HasOpportunityLineItem") == TRUE:
        # With lines the amount is their sum; the vendor ignores another one without a word.
        values.pop("Amount", None)
    stage_name = text_of(values.get("StageName"))
    if stage_name is not None and differs(before, values, "StageName"):
        is_won = stage_name == WON_STAGE
        values["IsWon"] = TRUE if is_won else FALSE
        values["IsClosed"] = TRUE if is_won or stage_name == LOST_STAGE else FALSE
        stage = STAGES.get(stage_name)
        if stage is not None:
            values.setdefault("Probability", number(Decimal(stage.probability_percent)))
            values.setdefault("ForecastCategoryName", json_text(stage.forecast_category_name))
            values["ForecastCategory"] = json_text(stage.forecast_category)
    after = {**before, **values}
    amount, probability = decimal(after, "Amount"), decimal(after, "Probability")
    if {"Amount", "Probability"} & set(values):
        values["ExpectedRevenue"] = (
            NULL
            if amount is None or probability is None
            else number(in_cents(amount * probability / HUNDRED))
        )
    return values


def _schedule_line_item(organisation: Organisation, line_id: str) -> None:
    """Make a line's totals those of its instalments; it moves the line's and the deal's stamps."""
    line_item = organisation.schema.known(LINE_ITEM)
    found = organisation.record(line_item, line_id)
    totals = line_items.scheduled(organisation, found[0]) if found and not found[1] else {}
    if found is None or not totals:
        return
    now = json_text(stamp(organisation.now()))
    after = {**found[0], **totals, "LastModifiedDate": now, "SystemModstamp": now}
    organisation.keep(line_item, line_id, after)
    follow_up(organisation, line_item, found[0], after)


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
        total = sum((decimal(line, "TotalPrice") or Decimal(0) for line in lines), Decimal(0))
        free = {**before, "HasOpportunityLineItem": FALSE}
        totals |= _derived_deal(free, {"Amount": number(total)})
    now = json_text(stamp(organisation.now()))
    after = {**before, **totals, "LastModifiedDate": now, "SystemModstamp": now}
    organisation.keep(deal, opportunity_id, after)
    follow_up(organisation, deal, before, after)
