"""The organisation's one duplicate rule: two accounts of one name, whatever the case.

Belongs here: finding the match, and the refusal that tells of it. Does not belong here: writing.
The rule is off unless the company switches it on, and it only warns: a client that says so may
save all the same.
"""

from collections.abc import Mapping
from typing import Any

import msgspec

from q2c_pipeline.sandbox.salesforce.faults import Refusal
from q2c_pipeline.sandbox.salesforce.organisation import Organisation
from q2c_pipeline.sandbox.salesforce.rows import text_of
from q2c_pipeline.sandbox.salesforce.schema import SObject
from q2c_pipeline.sandbox.salesforce.search import exact_matches

RULED_OBJECT, RULED_FIELD = "Account", "Name"
RULE = "Standard_Account_Duplicate_Rule"
MATCHING_RULE = "Standard_Account_Match_Rule_v1_0"
WARNING = "Use one of these records?"
CONFIDENCE_OF_A_MATCH = 100.0


class DuplicatesDetected(Refusal):
    """Tells which records look the same."""

    def __init__(self, record_ids: list[str]) -> None:
        super().__init__("DUPLICATES_DETECTED", WARNING)
        self._record_ids = record_ids

    def body(self) -> list[dict[str, Any]]:
        (error,) = super().body()
        return [{"duplicateResult": self._result(), **error}]

    def _result(self) -> dict[str, Any]:
        matches = [
            {
                "matchConfidence": CONFIDENCE_OF_A_MATCH,
                "record": {"attributes": {"type": RULED_OBJECT}, "Id": record_id},
            }
            for record_id in self._record_ids
        ]
        return {
            "allowSave": True,
            "duplicateRule": RULE,
            "duplicateRuleEntityType": RULED_OBJECT,
            "errorMessage": WARNING,
            "matchResults": [
                {
                    "entityType": RULED_OBJECT,
                    "matchRecords": matches,
                    "rule": MATCHING_RULE,
                    "size": len(matches),
                    "success": True,
                }
            ],
        }


def refuse_duplicates(
    organisation: Organisation,
    sobject: SObject,
    values: Mapping[str, msgspec.Raw],
    *,
    own_id: str | None = None,
) -> None:
    """Raises ``DuplicatesDetected`` if another account already has the name to be written."""
    name = text_of(values.get(RULED_FIELD))
    if not organisation.rules.duplicate_rules or sobject.name != RULED_OBJECT or not name:
        return
    field = sobject.fields[RULED_FIELD.lower()]
    matches = exact_matches(organisation.store, organisation.id, sobject, field, name)
    others = [record_id for record_id in matches if record_id != own_id]
    if others:
        raise DuplicatesDetected(others)
