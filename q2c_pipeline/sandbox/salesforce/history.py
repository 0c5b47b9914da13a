"""The two histories of a deal: whole states, and single fields.

Belongs here: which change is remembered, and its rows. Does not belong here: making the change.
"""

from collections.abc import Mapping

import msgspec

from q2c_pipeline.sandbox.salesforce import ids
from q2c_pipeline.sandbox.salesforce.amounts import differs
from q2c_pipeline.sandbox.salesforce.moments import stamp
from q2c_pipeline.sandbox.salesforce.organisation import Organisation, Record
from q2c_pipeline.sandbox.salesforce.rows import NULL, json_text

HISTORY, FIELD_HISTORY = "OpportunityHistory", "OpportunityFieldHistory"
WATCHED_FIELDS = ("StageName", "Amount", "CloseDate", "Probability")
TRACKED_FIELDS = {"StageName": "Text", "Amount": "Currency", "CloseDate": "DateOnly"}
"""Those whose single changes are remembered, with the kind of their values."""

CREATION = "created"


def remember(
    organisation: Organisation,
    before: Mapping[str, msgspec.Raw],
    after: Mapping[str, msgspec.Raw],
) -> None:
    """Write what a deal's change adds to its histories; ``before`` is empty for a new one."""
    if any(differs(before, after, name) for name in WATCHED_FIELDS):
        shown = (*WATCHED_FIELDS, "ExpectedRevenue", "ForecastCategory")
        state = {name: after.get(name, NULL) for name in shown}
        previous = {f"Prev{name}": before.get(name, NULL) for name in ("Amount", "CloseDate")}
        _write(organisation, HISTORY, after, {**state, **previous})
    if not before:
        _write(organisation, FIELD_HISTORY, after, {"Field": json_text(CREATION)})
        return
    for name, kind in TRACKED_FIELDS.items():
        if differs(before, after, name):
            change = {"OldValue": before.get(name, NULL), "NewValue": after.get(name, NULL)}
            told = {"Field": json_text(name), "DataType": json_text(kind), **change}
            _write(organisation, FIELD_HISTORY, after, told)


def _write(
    organisation: Organisation, name: str, deal: Mapping[str, msgspec.Raw], told: Record
) -> None:
    sobject = organisation.schema.known(name)
    row_id, now = organisation.new_id(sobject), json_text(stamp(organisation.now()))
    row = {
        "Id": json_text(row_id),
        "IsDeleted": msgspec.Raw(b"false"),
        "OpportunityId": deal["Id"],
        "CreatedDate": now,
        "CreatedById": json_text(ids.INTEGRATION_USER_ID),
        "SystemModstamp": now,
        **told,
    }
    known = {field.name for field in sobject.fields.values()}
    kept = {field: value for field, value in row.items() if field in known}
    organisation.keep(sobject, row_id, kept)
