"""The nights of the proof for QuickBooks: what is planted before each run, and while it reads.

Belongs here: kinds of faults and the records they strike. Does not belong here: how an act is done.
"""

from functools import partial

from tests.planted_faults.company import CROWD_ID_MIN
from tests.planted_faults.fault import Payload
from tests.planted_faults.proof import Proof
from tests.planted_faults.quickbooks_desk import NAME_FIELDS, QuickBooksDesk

DELETABLE = (
    "CreditMemo", "Deposit", "Estimate", "Invoice", "JournalEntry", "Payment", "Purchase",
    "RefundReceipt", "SalesReceipt",
)  # fmt: skip
VOIDABLE = ("Invoice", "Payment", "SalesReceipt")
PURGED = ("CreditMemo", "Deposit", "Invoice", "JournalEntry", "Payment")
PURGED_UNCOUNTED = ("Class", "Department", "Estimate", "RefundReceipt", "SalesReceipt")
EDITED_UNSEEN = ("Account", "Customer", "Deposit", "Invoice", "Item", "Payment", "Term")
RENAMED = tuple(NAME_FIELDS)
LISTED_DAILY = ("Employee", "Vendor")
CROWD_OF_EACH = 510
CROWD_OF_ONE = 1_100
DELETIONS_BETWEEN_PAGES = 25
"""More than neighbouring pages overlap, so that rows would go missing between them."""
FIRST_PAGE_ROWS = 900


def quickbooks_nights(proof: Proof, desk: QuickBooksDesk, count: int) -> None:
    """One round: an outage, days of business, feeds that overflow, and a week."""
    _strike("31-day outage", proof, desk, count)
    _drift_while_listing(proof, desk)
    proof.night(days=31)

    for entity in PURGED:
        if proof.disturbed(entity, desk.note):
            proof.plant("purged", entity, desk.purge, count)
    for entity in PURGED_UNCOUNTED:
        proof.plant("purged from a quiet list", entity, desk.purge, 1)
    for entity in LISTED_DAILY:
        proof.plant("rename", entity, desk.rename, 1, fits=_is_active)
    proof.night()

    _strike(None, proof, desk, count)
    gone = proof.struck_as("hard delete")
    _tie_at_the_cursor(proof, desk, count)
    proof.night()

    _overflow(proof, desk, count, {"Estimate": CROWD_OF_EACH, "Item": CROWD_OF_EACH})
    proof.night()
    _overflow(proof, desk, count, {"Estimate": CROWD_OF_ONE})
    proof.restore("restored", desk.restore, gone)
    for entity in EDITED_UNSEEN:
        proof.plant("edited without a stamp", entity, desk.edit_unstamped, count)
    proof.night()
    proof.night(days=8, is_weekly=True)


def _strike(kind: str | None, proof: Proof, desk: QuickBooksDesk, count: int) -> None:
    """Everything that people do in the vendor's pages, as one kind or each as its own."""
    for entity in DELETABLE:
        proof.plant(kind or "hard delete", entity, desk.delete, count)
    for entity in VOIDABLE:
        proof.plant(kind or "void", entity, desk.void, count, fits=_is_worth_something)
    for entity in RENAMED:
        proof.plant(kind or "rename", entity, desk.rename, count, fits=_is_active)
        proof.plant(kind or "inactive", entity, desk.inactivate, count, fits=_is_active)
    proof.plant(kind or "edited in place", "Customer", desk.bill, count, fits=_is_active)
    _merge(kind or "merge", proof, desk, count)


def _merge(kind: str, proof: Proof, desk: QuickBooksDesk, count: int) -> None:
    def merge(entity: str, loser: Payload) -> None:
        others = [row for row in proof.told_of(entity) if row["Id"] != loser["Id"]]
        desk.merge(entity, loser, proof.random.choice(others))

    proof.plant(kind, "Customer", merge, count, fits=_is_active)


def _drift_while_listing(proof: Proof, desk: QuickBooksDesk) -> None:
    """Rows of the first page go, and so the later ones move up, before the second is read."""

    def leave() -> None:
        rows = sorted(proof.told_of("Estimate"), key=lambda row: int(row["Id"]))
        first = {row["Id"] for row in rows[:FIRST_PAGE_ROWS]}
        proof.plant(
            "page drift",
            "Estimate",
            desk.delete,
            DELETIONS_BETWEEN_PAGES,
            fits=lambda row: row["Id"] in first,
        )

    proof.door.after["FROM Estimate ORDERBY Id STARTPOSITION 1 "] = leave


def _tie_at_the_cursor(proof: Proof, desk: QuickBooksDesk, count: int) -> None:
    """Changed in the very second for which the changes were told, right after they were told."""

    def change_many() -> None:
        for entity in ("Item", "Estimate"):
            change = partial(desk.change_all, entity, text="In the same second")
            proof.plant_at_once(entity, 5 * count, change)

    proof.door.before["/cdc"] = proof.await_a_full_second
    proof.door.after["/cdc"] = change_many


def _overflow(proof: Proof, desk: QuickBooksDesk, count: int, crowds: dict[str, int]) -> None:
    """More changes than one answer may tell; the faults of interest stand behind the crowd."""
    for entity, size in crowds.items():
        crowd = [row for row in proof.told_of(entity) if int(row["Id"]) >= CROWD_ID_MIN][:size]
        desk.change_all(entity, crowd, text=f"In the crowd {crowd[0]['SyncToken']}")
    proof.told = desk.truth()
    for entity in ("Estimate", "Invoice", "Payment"):
        proof.plant("capped feed", entity, desk.delete, 2 * count)
    proof.plant("capped feed", "Invoice", desk.void, count, fits=_is_worth_something)
    proof.plant("capped feed", "Item", desk.rename, count, fits=_is_active)
    proof.plant("capped feed", "Account", desk.rename, 1, fits=_is_active)


def _is_active(record: Payload) -> bool:
    return bool(record.get("Active"))


def _is_worth_something(record: Payload) -> bool:
    return bool(record["TotalAmt"])
