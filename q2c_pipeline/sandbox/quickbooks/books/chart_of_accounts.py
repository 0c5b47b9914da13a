"""The accounts that postings go to, known or made up where the documents name none.

Belongs here: finding the receivable account of a currency, resolving a reference, the standard
accounts that take what no document explains. Does not belong here: amounts.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from q2c_pipeline.sandbox.quickbooks.books.record_fields import id_order, record_id, reference, text

RECEIVABLE_TYPE = "Accounts Receivable"


class Account(NamedTuple):
    """``currency`` is the company's own where the record names none."""

    account_id: str
    name: str
    account_type: str
    currency: str
    parent_id: str | None
    is_active: bool


@dataclass(frozen=True, slots=True)
class StandardAccount:
    """An account every company has; made up under its own name when the list lacks it."""

    name: str
    account_type: str


UNDEPOSITED_FUNDS = StandardAccount("Undeposited Funds", "Other Current Asset")
UNCATEGORIZED_ASSET = StandardAccount("Uncategorized Asset", "Other Current Asset")
UNCATEGORIZED_INCOME = StandardAccount("Uncategorized Income", "Income")
UNCATEGORIZED_EXPENSE = StandardAccount("Uncategorized Expense", "Expense")
DISCOUNTS_GIVEN = StandardAccount("Discounts given", "Income")
SALES_TAX_PAYABLE = StandardAccount("Sales Tax Payable", "Other Current Liability")
EXCHANGE_GAIN_OR_LOSS = StandardAccount("Exchange Gain or Loss", "Other Expense")
RETAINED_EARNINGS = StandardAccount("Retained Earnings", "Equity")


class ChartOfAccounts:
    """A sub-account is one whose parent is listed and of its type; circles are cut."""

    def __init__(self, records: Iterable[Mapping[str, Any]], *, home_currency: str) -> None:
        self.home_currency = home_currency
        accounts = [account for record in records if (account := self._read(record))]
        accounts.sort(key=lambda account: id_order(account.account_id))
        self.accounts: dict[str, Account] = {a.account_id: a for a in accounts}
        self._receivables: dict[str, str] = {}
        for account in sorted(accounts, key=lambda account: not account.is_active):
            if account.account_type == RECEIVABLE_TYPE:
                self._receivables.setdefault(account.currency, account.account_id)
        self._parents: dict[str, str] = {}
        for account in accounts:
            parent = self.accounts.get(account.parent_id or "")
            if (
                parent is not None
                and parent.account_type == account.account_type
                and account.account_id not in self.upwards(parent.account_id)
            ):
                self._parents[account.account_id] = parent.account_id
        self._standard = {(a.name.casefold(), a.account_type): a.account_id for a in accounts}

    def _read(self, record: Mapping[str, Any]) -> Account | None:
        account_id = record_id(record)
        if account_id is None:
            return None
        return Account(
            account_id=account_id,
            name=text(record, "Name") or account_id,
            account_type=text(record, "AccountType") or "",
            currency=reference(record, "CurrencyRef") or self.home_currency,
            parent_id=reference(record, "ParentRef"),
            is_active=record.get("Active") is not False,
        )

    def is_receivable(self, account_id: str | None) -> bool:
        account = self.accounts.get(account_id or "")
        return account is not None and account.account_type == RECEIVABLE_TYPE

    def parent(self, account_id: str) -> str | None:
        return self._parents.get(account_id)

    def upwards(self, account_id: str) -> Iterator[str]:
        """The account, its parent, the parent's parent, to the top."""
        member: str | None = account_id
        while member is not None:
            yield member
            member = self._parents.get(member)

    def receivable(self, currency: str, *, named: str | None = None) -> str:
        """The A/R account named by the document, else the first active one of its currency."""
        if named is not None and self.is_receivable(named):
            return named
        if currency not in self._receivables:
            suffix = "" if currency == self.home_currency else f" - {currency}"
            name = f"Accounts Receivable (A/R){suffix}"
            self._receivables[currency] = self._make_up(name, RECEIVABLE_TYPE, currency)
        return self._receivables[currency]

    def resolve(self, named: str | None, *, otherwise: StandardAccount) -> str:
        """Never a receivable account, whatever a record names: those need a customer."""
        if named is not None and named in self.accounts and not self.is_receivable(named):
            return named
        return self.standard(otherwise)

    def standard(self, wanted: StandardAccount) -> str:
        key = (wanted.name.casefold(), wanted.account_type)
        if key not in self._standard:
            self._standard[key] = self._make_up(
                wanted.name, wanted.account_type, self.home_currency
            )
        return self._standard[key]

    def _make_up(self, name: str, account_type: str, currency: str) -> str:
        account_id = name
        self.accounts[account_id] = Account(account_id, name, account_type, currency, None, True)
        return account_id
