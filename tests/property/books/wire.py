"""Pieces of vendor records as JSON holds them.

Belongs here: references, amounts, lines. Does not belong here: which document has which.
"""

from typing import Any

Record = dict[str, Any]
Records = dict[str, list[Record]]
"""By vendor object; a repeated id is a later version of the record before it."""

CHECKING, UNDEPOSITED, VISA, EQUITY, SALES, BAD_DEBTS = "21", "22", "23", "31", "41", "51"
VENDOR = "900"


def money(cents: int) -> float:
    """As JSON writes it; exact, for a double holds two decimals of any amount used here."""
    return cents / 100


def cents(amount: float) -> int:
    return round(amount * 100)


def reference(value: str) -> Record:
    return {"value": value}


def sold(amount: int) -> Record:
    return {
        "Amount": money(amount),
        "DetailType": "SalesItemLineDetail",
        "SalesItemLineDetail": {"ItemAccountRef": reference(SALES)},
    }


def bundle(amount: int) -> Record:
    """The amount stands in its members alone."""
    members = [sold(amount // 3), sold(amount - amount // 3)]
    return {
        "Amount": 0,
        "DetailType": "GroupLineDetail",
        "GroupLineDetail": {"Quantity": 1, "Line": members},
    }


def discount(amount: int) -> Record:
    return {
        "Amount": money(amount),
        "DetailType": "DiscountLineDetail",
        "DiscountLineDetail": {"PercentBased": False},
    }


def booked(amount: int, account: str, customer_id: str | None = None) -> Record:
    """A journal line; a negative amount is a credit."""
    detail: Record = {
        "PostingType": "Debit" if amount > 0 else "Credit",
        "AccountRef": reference(account),
    }
    if customer_id is not None:
        detail["Entity"] = {"Type": "Customer", "EntityRef": reference(customer_id)}
    return {
        "Amount": money(abs(amount)),
        "DetailType": "JournalEntryLineDetail",
        "JournalEntryLineDetail": detail,
    }


def deposited(amount: int, account: str, person: Record | None) -> Record:
    detail = {"AccountRef": reference(account)} | ({"Entity": person} if person else {})
    return {"Amount": money(amount), "DepositLineDetail": detail}


def spent(amount: int, account: str, customer_id: str | None) -> Record:
    detail = {"AccountRef": reference(account)}
    if customer_id is not None:
        detail["CustomerRef"] = reference(customer_id)
    kind = "AccountBasedExpenseLineDetail"
    return {"Id": "1", "Amount": money(amount), "DetailType": kind, kind: detail}
