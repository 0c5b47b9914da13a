"""What happens to documents after they were entered: voids, deletions, edits in the past.

Belongs here: new versions of records. Does not belong here: new documents.
"""

from tests.property.books.desk import Desk
from tests.property.books.wire import Record, cents, money, reference, sold

Found = list[tuple[str, Record]]


def void(desk: Desk) -> None:
    """A payment with all it applied, or a document; in odd books even one that is paid."""
    kinds = ("Payment", "Invoice", "CreditMemo")
    candidates = _candidates(desk, kinds, is_linked=None if desk.is_odd else False)
    if candidates:
        kind, record = desk.chance.choice(candidates)
        desk.enter(
            kind, record | {"TotalAmt": 0, "Deposit": 0, "Line": [], "PrivateNote": "Voided"}
        )
        desk.forget(kind, record)


def delete(desk: Desk) -> None:
    kinds = ("Invoice", "CreditMemo", "Payment", "JournalEntry")
    _delete(desk, _candidates(desk, kinds, is_linked=False))


def delete_what_is_paid(desk: Desk) -> None:
    _delete(desk, _candidates(desk, ("Invoice", "CreditMemo"), is_linked=True))


def edit_in_the_past(desk: Desk) -> None:
    """What was read before had another amount, day and customer; only the last state counts."""
    kind = desk.chance.choice(("Invoice", "CreditMemo", "Payment"))
    if living := desk.living(kind):
        now = desk.chance.choice(living)
        before = now | {
            "TxnDate": desk.day().isoformat(),
            "TotalAmt": money(desk.cents()),
            "CustomerRef": reference(desk.customer().id),
        }
        versions = desk.versions[kind]
        versions.insert(versions.index(now), before)


def lower_what_is_paid(desk: Desk) -> None:
    """An invoice changed to less than payments have taken of it."""
    paid = _candidates(desk, ("Invoice",), is_linked=True)
    if paid:
        kind, record = desk.chance.choice(paid)
        total = max(1, abs(cents(record["TotalAmt"])) // 3)
        desk.enter(kind, record | {"TotalAmt": money(total), "Line": [sold(total)]})


def _candidates(desk: Desk, kinds: tuple[str, ...], *, is_linked: bool | None) -> Found:
    linked = set(desk.linked())
    return [
        (kind, record)
        for kind in kinds
        for record in desk.living(kind)
        if is_linked is None or is_linked is ((kind, record["Id"]) in linked)
    ]


def _delete(desk: Desk, candidates: Found) -> None:
    if candidates:
        kind, record = desk.chance.choice(candidates)
        desk.enter(kind, {"domain": "QBO", "status": "Deleted", "Id": record["Id"]})
        desk.forget(kind, record)
