"""What every kind of document comes to: dated lines that balance.

Belongs here: the shape of a booked document and what all kinds share. Does not belong here: which
lines a kind has.
"""

import datetime
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, NamedTuple

from q2c_pipeline.sandbox.quickbooks.books import chart_of_accounts as chart_accounts
from q2c_pipeline.sandbox.quickbooks.books.chart_of_accounts import ChartOfAccounts, StandardAccount
from q2c_pipeline.sandbox.quickbooks.books.record_fields import ZERO

Record = Mapping[str, Any]
NOBODY = ""
"""The customer of a receivable line that names none."""


class DocumentLine(NamedTuple):
    """A debit where ``amount`` is positive; a customer, or NOBODY, only on a receivable account."""

    account_id: str
    amount: Decimal
    customer_id: str | None = None
    line_id: str = ""


class Link(NamedTuple):
    object: str
    record_id: str
    line_id: str | None


class PaymentLine(NamedTuple):
    """An amount that each side of the links gives or takes: a credit and what it settles."""

    amount: Decimal
    links: tuple[Link, ...]


class Document(NamedTuple):
    """``down_payment`` is an invoice's deposit, with the account that received it.

    ``term_id`` is the term that decides when the document is due, where it does not say so itself.
    """

    object: str
    record_id: str
    label: str
    number: str
    date: datetime.date
    due_date: datetime.date
    currency: str
    rate: Decimal
    lines: tuple[DocumentLine, ...]
    customer_id: str | None = None
    payment_lines: tuple[PaymentLine, ...] = ()
    down_payment: Decimal = ZERO
    down_payment_account: str = ""
    term_id: str | None = None


def cash_account(named: str | None, chart: ChartOfAccounts) -> str:
    return chart.resolve(named, otherwise=chart_accounts.UNDEPOSITED_FUNDS)


def balanced(
    lines: list[DocumentLine], otherwise: StandardAccount, chart: ChartOfAccounts
) -> tuple[DocumentLine, ...]:
    unexplained = -sum((line.amount for line in lines), ZERO)
    if unexplained:
        lines.append(DocumentLine(chart.standard(otherwise), unexplained))
    return tuple(lines)
