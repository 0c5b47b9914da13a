"""The nights of the proof for Salesforce: what is planted before each run, and while it reads.

Belongs here: kinds of faults and the records they strike. Does not belong here: how an act is done.
"""

from functools import partial

from tests.planted_faults.fault import Payload
from tests.planted_faults.proof import Proof
from tests.planted_faults.salesforce_desk import NAME_FIELDS, SalesforceDesk

DELETABLE = (
    "Account", "Contact", "Opportunity", "OpportunityLineItem", "PricebookEntry", "Product2",
)  # fmt: skip
PURGED = ("Account", "Contact", "Opportunity", "OpportunityLineItem", "Product2")
EDITED_UNSEEN = ("Account", "Opportunity", "PricebookEntry", "Product2")
ACTIVE_OR_NOT = ("PricebookEntry", "Product2", "User")
RENAMED = tuple(NAME_FIELDS)
CROWD = 2_050
"""More than a page."""


def salesforce_nights(proof: Proof, desk: SalesforceDesk, count: int) -> None:
    """One round: an outage, days of business, a crowd of changes, and a week."""
    _strike("16-day outage", proof, desk, count)
    _drift_while_listing(proof, desk, count)
    proof.night(days=16)

    _strike(None, proof, desk, count)
    gone = proof.struck_as("hard delete")
    _tie_at_the_cursor(proof, desk, count)
    proof.night()

    _change_many(proof, desk, count)
    proof.restore("restored", desk.undelete, gone)
    for name in PURGED:
        proof.plant("purged", name, desk.purge, count)
    for name in EDITED_UNSEEN:
        proof.plant("edited without a stamp", name, desk.edit_unstamped, count)
    proof.night()
    proof.night(days=8, is_weekly=True)


def _strike(kind: str | None, proof: Proof, desk: SalesforceDesk, count: int) -> None:
    """Everything that people do in the vendor's pages, as one kind or each as its own."""
    for name in DELETABLE:
        proof.plant(kind or "hard delete", name, desk.delete, count)
    for name in RENAMED:
        proof.plant(kind or "rename", name, desk.rename, count)
    for name in ACTIVE_OR_NOT:
        proof.plant(kind or "inactive", name, desk.inactivate, count, fits=_is_active)
    _sell_more(kind or "edited in place", proof, desk, count)
    _merge(kind or "merge", proof, desk, count)


def _sell_more(kind: str, proof: Proof, desk: SalesforceDesk, count: int) -> None:
    lines = {line["OpportunityId"]: line for line in proof.told_of("OpportunityLineItem")}
    proof.plant(
        kind,
        "Opportunity",
        lambda name, deal: desk.sell_more(lines[deal["Id"]]),
        count,
        fits=lambda deal: deal["Id"] in lines,
    )


def _merge(kind: str, proof: Proof, desk: SalesforceDesk, count: int) -> None:
    def merge(name: str, loser: Payload) -> None:
        others = [row for row in proof.told_of(name) if row["Id"] != loser["Id"]]
        desk.merge(loser, proof.random.choice(others))

    proof.plant(kind, "Account", merge, count)


def _drift_while_listing(proof: Proof, desk: SalesforceDesk, count: int) -> None:
    """Rows change, go to the recycle bin and go for good before the second page is read."""

    def come_and_go() -> None:
        for act in (desk.rename, desk.delete, desk.purge):
            proof.plant("page drift", "Contact", act, 4 * count)

    proof.door.after["FROM Contact"] = come_and_go


def _tie_at_the_cursor(proof: Proof, desk: SalesforceDesk, count: int) -> None:
    """Changed in the very second at which the run began, right after it had read them."""

    proof.door.before["/oauth2/token"] = proof.await_a_full_second
    proof.door.after["FROM Account"] = lambda: proof.plant_at_once(
        "Account", 5 * count, partial(desk.change_all, "Account", Phone="555-0100")
    )


def _change_many(proof: Proof, desk: SalesforceDesk, count: int) -> None:
    crowd = proof.told_of("Contact")[:CROWD]
    desk.change_all("Contact", crowd, Title=f"In the crowd since {crowd[0]['SystemModstamp']}")
    for name in ("Contact", "Opportunity"):
        proof.plant("capped feed", name, desk.delete, 2 * count)
    proof.plant("capped feed", "Contact", desk.rename, 2 * count)


def _is_active(record: Payload) -> bool:
    return bool(record.get("IsActive"))
