"""Payments: partial, too early, too much, of nothing, by parents; and those no form would take.

Belongs here: which documents a payment links, with what amounts. Does not belong here: what that
settles.
"""

from tests.property.books.desk import Desk, OpenPosting
from tests.property.books.lists import Customer
from tests.property.books.wire import CHECKING, Record, cents, money, reference

GONE = ("99999", "99998")
"""Ids of an invoice and a credit memo that never were."""
LINKS_MAX = 4


def payment(desk: Desk) -> None:
    """Some charges and credits of one customer, or of its jobs, and cash."""
    payer = desk.customer()
    _pay(
        desk,
        payer,
        [
            posting
            for posting in desk.postings
            if posting.customer.currency == payer.currency
            and payer.id in (posting.customer.id, posting.customer.parent_id)
        ],
    )


def auto_applied(desk: Desk) -> None:
    """A payment of nothing whose every line ties one credit to one charge."""
    payer = desk.customer()
    own = [posting for posting in _own(desk, payer) if posting.left > 0]
    charges = [posting for posting in own if posting.is_charge]
    credits = [posting for posting in own if not posting.is_charge]
    lines = []
    for charge, credit in zip(charges, credits, strict=False):
        amount = min(_share(desk, charge), _share(desk, credit))
        charge.left -= amount
        credit.left -= amount
        lines.append(_applied(amount, charge, credit))
    record = desk.head(payer) | {"CustomerRef": reference(payer.id), "TotalAmt": 0, "Line": lines}
    desk.enter("Payment", record)


def across_customers(desk: Desk) -> None:
    payer = desk.customer()
    _pay(desk, payer, [each for each in desk.postings if each.customer.currency == payer.currency])


def across_currencies(desk: Desk) -> None:
    _pay(desk, desk.customer(), desk.postings)


def of_too_much(desk: Desk) -> None:
    """Links more than its documents have left, or than they ever had."""
    payer = desk.customer()
    own = _own(desk, payer)
    for posting in own:
        posting.left = max(posting.left, 0) + desk.cents()
    _pay(desk, payer, own)


def of_what_is_not_there(desk: Desk) -> None:
    payer = desk.customer()
    invoice_id, credit_memo_id = GONE
    gone = desk.chance.choice(
        (
            OpenPosting("Invoice", invoice_id, "Invoice", payer, desk.cents(), True),
            OpenPosting("CreditMemo", credit_memo_id, "CreditMemo", payer, desk.cents(), False),
        )
    )
    _pay(desk, payer, [gone, *_own(desk, payer)[-2:]])


def _own(desk: Desk, payer: Customer) -> list[OpenPosting]:
    return [posting for posting in desk.postings if posting.customer == payer]


def _pay(desk: Desk, payer: Customer, postings: list[OpenPosting]) -> None:
    """Credits never exceed the charges; what they leave is cash, and perhaps some more."""
    linkable = [posting for posting in postings if posting.left > 0]
    chosen = desk.chance.sample(linkable, min(len(linkable), desk.chance.randint(0, LINKS_MAX)))
    parts = [(posting, _share(desk, posting)) for posting in chosen if posting.is_charge]
    needed = sum(amount for _, amount in parts)
    for posting in chosen:
        if not posting.is_charge and needed:
            used = min(_share(desk, posting), needed)
            parts.append((posting, used))
            needed -= used
    for posting, amount in parts:
        posting.left -= amount
    extra = desk.chance.choice((0, 0, 0, 1, desk.cents()))
    record = desk.head(payer) | {
        "CustomerRef": reference(payer.id),
        "TotalAmt": money(needed + extra),
        "Line": _lines(desk, parts),
    }
    if desk.happens(0.3):
        record["DepositToAccountRef"] = reference(CHECKING)
    desk.enter("Payment", record)


def _share(desk: Desk, posting: OpenPosting) -> int:
    return posting.left if desk.happens(0.5) else desk.chance.randint(1, posting.left)


def _lines(desk: Desk, parts: list[tuple[OpenPosting, int]]) -> list[Record]:
    """A line each, in any order; a credit and a charge of one amount may share a line."""
    sides = {posting.is_charge for posting, _ in parts}
    if len(parts) == len(sides) == 2 and parts[0][1] == parts[1][1]:
        return [_applied(parts[0][1], *(posting for posting, _ in parts))]
    lines = [_applied(amount, posting) for posting, amount in parts]
    desk.chance.shuffle(lines)
    return lines


def _applied(amount: int, *postings: OpenPosting) -> Record:
    links = [{"TxnId": posting.id, "TxnType": posting.link_type} for posting in postings]
    return {"Amount": money(amount), "LinkedTxn": links}


def state_unapplied_amounts(desk: Desk) -> None:
    """As the vendor states them: cash that is not applied to documents that are there."""
    there = {
        (posting.link_type, posting.id): 1 if posting.is_charge else -1 for posting in desk.postings
    }
    for record in desk.living("Payment"):
        total = cents(record["TotalAmt"])
        applied = sum(
            there.get((link["TxnType"], link["TxnId"]), 0) * cents(line["Amount"])
            for line in record["Line"]
            for link in line["LinkedTxn"]
        )
        record["UnappliedAmt"] = money(min(max(total - applied, 0), total))
