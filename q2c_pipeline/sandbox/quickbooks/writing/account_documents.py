"""Writing journal entries, deposits and purchases.

Belongs here: what their lines must hold. Does not belong here: balances after the write.
"""

from decimal import Decimal

from q2c_pipeline.sandbox.quickbooks import faults
from q2c_pipeline.sandbox.quickbooks.wire import Payload, entries, reference
from q2c_pipeline.sandbox.quickbooks.writing.realm import Realm
from q2c_pipeline.sandbox.quickbooks.writing.references import referenced
from q2c_pipeline.sandbox.quickbooks.writing.transactions import (
    Draft,
    finish_transaction,
    keep_line_ids,
    required_number,
)

POSTING_TYPES = ("Debit", "Credit")
PAYMENT_TYPES = ("Cash", "Check", "CreditCard")


def finish_journal_entry(draft: Draft) -> Payload:
    """Raises ``Fault`` where debits and credits differ, or a receivable line names no customer."""
    realm, record = draft.realm, draft.record
    lines = _lines(record)
    sides = dict.fromkeys(POSTING_TYPES, Decimal(0))
    for line in lines:
        if line.get("DetailType") == "DescriptionOnly":
            continue
        detail = _detail(line, "JournalEntryLineDetail")
        side = detail.get("PostingType")
        if side not in POSTING_TYPES:
            raise faults.bad_choice("PostingType", side)
        line["Amount"] = required_number(line, "Amount")
        sides[side] += line["Amount"]
        account = _account(realm, detail)
        if account.get("AccountType") == "Accounts Receivable" and not _names_customer(detail):
            raise faults.business("A line on Accounts Receivable must name a customer")
    if sides["Debit"] != sides["Credit"]:
        raise faults.business("Debits and credits of a journal entry must be equal")
    keep_line_ids(lines, draft.stored, first=0)
    record |= {"Line": lines, "TotalAmt": 0}
    record.setdefault("Adjustment", False)
    finish_transaction(draft)
    return record


def finish_deposit(draft: Draft) -> Payload:
    account_id = reference(draft.record, "DepositToAccountRef")
    if account_id is None:
        raise faults.missing("DepositToAccountRef")
    return _finish_cash(draft)


def finish_purchase(draft: Draft) -> Payload:
    account_id = reference(draft.record, "AccountRef")
    if account_id is None:
        raise faults.missing("AccountRef")
    referenced(draft.realm, "Account", "AccountRef", account_id)
    if draft.record.get("PaymentType") not in PAYMENT_TYPES:
        raise faults.bad_choice("PaymentType", draft.record.get("PaymentType"))
    return _finish_cash(draft)


def _finish_cash(draft: Draft) -> Payload:
    realm, record = draft.realm, draft.record
    lines = _lines(record)
    for line in lines:
        line["Amount"] = required_number(line, "Amount")
        for kind in ("DepositLineDetail", "AccountBasedExpenseLineDetail"):
            if line.get("DetailType") == kind:
                _account(realm, _detail(line, kind))
    keep_line_ids(lines, draft.stored)
    total = sum((line["Amount"] for line in lines), Decimal(0))
    record |= {"Line": lines, "TotalAmt": total}
    finish_transaction(draft)
    return record


def _names_customer(detail: Payload) -> bool:
    person = detail.get("Entity")
    if not isinstance(person, dict) or reference(person, "EntityRef") is None:
        return False
    return str(person.get("Type", "Customer")).casefold() == "customer"


def _lines(record: Payload) -> list[Payload]:
    lines = entries(record, "Line")
    if not lines:
        raise faults.missing("Line")
    return lines


def _detail(line: Payload, kind: str) -> Payload:
    detail = line.get(kind)
    if not isinstance(detail, dict):
        raise faults.missing(kind)
    return detail


def _account(realm: Realm, detail: Payload) -> Payload:
    account_id = reference(detail, "AccountRef")
    if account_id is None:
        raise faults.missing("AccountRef")
    return referenced(realm, "Account", "AccountRef", account_id)
