"""The policy's decisions on single records, in the form in which the ledger keeps them.

Belongs here: which sections of the policy are such decisions, and what names one. Does not belong
here: what follows from them, which is SQL, and when one is an event.
"""

from collections.abc import Iterator

import msgspec

from q2c_pipeline.ledger.decisions import Decision
from q2c_pipeline.policy import DealLink, DuplicateDecision, Policy


def decisions_of(policy: Policy) -> Iterator[Decision]:
    """Every decision on a single link or pair of records, in the order of the file."""
    for link in policy.deal_links:
        yield _decision("deal_link", f"{link.entity}:{link.deal_id}:{link.invoice_id}", link)
    for pair in policy.duplicate_decisions:
        yield _decision("duplicate_decision", f"{pair.left} {pair.right}", pair)


def _decision(object: str, key: str, decided: DealLink | DuplicateDecision) -> Decision:
    return Decision(
        object=object,
        key=key,
        payload=msgspec.json.encode(decided.model_dump(mode="json"), order="sorted").decode(),
        told=f"{decided.decision}: {decided.why}",
        by=decided.by,
    )
