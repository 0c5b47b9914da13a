"""Accounts, customers and terms of the made-up books.

Belongs here: the lists that documents refer to. Does not belong here: documents.
"""

from collections.abc import Iterator
from typing import NamedTuple

from tests.property.books.wire import (
    BAD_DEBTS,
    CHECKING,
    EQUITY,
    SALES,
    UNDEPOSITED,
    VISA,
    Record,
    Records,
    reference,
)

HOME_CURRENCY = "USD"
RECEIVABLES = {"USD": ("11", "12", "13"), "EUR": ("14",), "GBP": ("15",)}
NOBODY = "unlisted"
"""A customer that documents name and the list lacks."""


class Customer(NamedTuple):
    id: str
    currency: str
    parent_id: str | None = None


CUSTOMERS = (
    Customer("1", "USD"),
    Customer("2", "USD", parent_id="1"),
    Customer("3", "USD", parent_id="2"),
    Customer("4", "USD"),
    Customer("5", "EUR"),
    Customer("6", "EUR", parent_id="5"),
    Customer("7", "GBP"),
)
INACTIVE_CUSTOMER = "4"

TERMS: list[Record] = [
    {"Id": "1", "Name": "Net 30", "Type": "STANDARD", "DueDays": 30},
    {"Id": "2", "Name": "Due on receipt", "Type": "STANDARD", "DueDays": 0},
    {
        "Id": "3",
        "Name": "The 15th",
        "Type": "DATE_DRIVEN",
        "DayOfMonthDue": 15,
        "DueNextMonthDays": 5,
    },
    {"Id": "4", "Name": "End of month", "Type": "DATE_DRIVEN", "DayOfMonthDue": 31},
]


class Account(NamedTuple):
    id: str
    name: str
    kind: str
    currency: str = HOME_CURRENCY
    parent_id: str | None = None
    is_active: bool = True


ACCOUNTS = (
    Account("11", "Accounts Receivable (A/R)", "Accounts Receivable"),
    Account("12", "Retentions", "Accounts Receivable", is_active=False),
    Account("13", "Doubtful", "Accounts Receivable", parent_id="11"),
    Account("14", "Accounts Receivable (A/R) - EUR", "Accounts Receivable", "EUR"),
    Account("15", "Accounts Receivable (A/R) - GBP", "Accounts Receivable", "GBP"),
    Account(CHECKING, "Checking", "Bank"),
    Account(UNDEPOSITED, "Undeposited Funds", "Other Current Asset"),
    Account(VISA, "Visa", "Credit Card"),
    Account(EQUITY, "Opening Balance Equity", "Equity"),
    Account(SALES, "Sales", "Income"),
    Account(BAD_DEBTS, "Bad debts", "Expense"),
)


def customers_of(*, is_foreign: bool) -> list[Customer]:
    return [each for each in CUSTOMERS if is_foreign or each.currency == HOME_CURRENCY]


def lists_of(*, is_foreign: bool) -> Records:
    currencies = {"MultiCurrencyEnabled": is_foreign, "HomeCurrency": reference(HOME_CURRENCY)}
    return {
        "Preferences": [{"Id": "1", "CurrencyPrefs": currencies}],
        "Account": list(_accounts(is_foreign=is_foreign)),
        "Customer": list(_customers(is_foreign=is_foreign)),
        "Term": TERMS,
    }


def _accounts(*, is_foreign: bool) -> Iterator[Record]:
    for account in ACCOUNTS:
        if is_foreign or account.currency == HOME_CURRENCY:
            record: Record = {
                "Id": account.id,
                "Name": account.name,
                "AccountType": account.kind,
                "Active": account.is_active,
                "CurrencyRef": reference(account.currency),
            }
            if account.parent_id:
                record |= {"SubAccount": True, "ParentRef": reference(account.parent_id)}
            yield record


def _customers(*, is_foreign: bool) -> Iterator[Record]:
    for customer in customers_of(is_foreign=is_foreign):
        record: Record = {
            "Id": customer.id,
            "DisplayName": f"Customer {customer.id}",
            "CurrencyRef": reference(customer.currency),
            "Active": customer.id != INACTIVE_CUSTOMER,
        }
        if customer.parent_id:
            parent = reference(customer.parent_id)
            record |= {"Job": True, "ParentRef": parent, "BillWithParent": True}
        yield record
