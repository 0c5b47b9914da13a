"""The truth about records that look alike: which are one company, and which only seem to be.

Belongs here: rows of answers about pairs of customer records. Does not belong here: how they come
about (``likeness``). Every two records of one company are a row; of different companies only those
that were made to be confused. A pair that has no row is of different companies.
"""

from collections import defaultdict
from collections.abc import Iterator
from itertools import chain, combinations
from typing import NamedTuple

from q2c_pipeline.sandbox.generate import profile
from q2c_pipeline.sandbox.generate.books.customers import Customer
from q2c_pipeline.sandbox.generate.books.keeping import Books
from q2c_pipeline.sandbox.generate.crm.accounts import CrmAccount
from q2c_pipeline.sandbox.generate.crm.deals import Crm
from q2c_pipeline.sandbox.generate.crm.ids import account_id

HEADER = (
    "left_system",
    "left_entity",
    "left_id",
    "right_system",
    "right_entity",
    "right_id",
    "verdict",
    "kind",
)
DUPLICATE, LINK, DIFFERENT = "duplicate", "link", "different"
#: Of a link: how the CRM names the customer. Of two twins: each is unlike the first in its own way.
BY_ID, BY_NAME, TWO_TWINS = "stored_id", "equal_name", "two_twins"
#: A customer of a customer, which shares its name and address.
JOB = "job"

Row = tuple[str, ...]


class Reference(NamedTuple):
    system: str
    entity: str
    id: str


def _customer(customer: Customer) -> Reference:
    return Reference("quickbooks", profile.REALM_ID, str(customer.id))


def _account(account: CrmAccount) -> Reference:
    return Reference("salesforce", profile.ORGANISATION_ID, account_id(account.number))


def duplicate_answers(books: Books, crm: Crm) -> Iterator[Row]:
    yield from sorted(chain(_same(books, crm), _different(books, crm)))


def _same(books: Books, crm: Crm) -> Iterator[Row]:
    """Records of one company with how each came about, the first without."""
    twins = {_customer(pair.other): pair.kind for pair in books.lookalikes if pair.is_duplicate}
    twins |= {_account(pair.other): pair.kind for pair in crm.lookalikes if pair.is_duplicate}
    companies: dict[Reference, list[Reference]] = defaultdict(list)
    first = {_customer(each): _customer(each) for each in books.customers}
    for pair in books.lookalikes:
        if pair.is_duplicate:
            first[_customer(pair.other)] = _customer(pair.one)
    for account in crm.accounts:
        if account.customer is not None:
            first[_account(account)] = first[_customer(account.customer)]
    for twin in crm.lookalikes:
        if twin.is_duplicate:
            one = _account(twin.one)
            first[_account(twin.other)] = first.setdefault(one, one)
    for record, company in first.items():
        companies[company].append(record)
    tied = {
        (_customer(each.customer), _account(each))
        for each in crm.accounts
        if each.customer and each.is_linked
    }
    for records in companies.values():
        for one, other in combinations(records, 2):
            verdict = DUPLICATE if one.system == other.system else LINK
            dirt = {twins[each] for each in (one, other) if each in twins}
            if (min(one, other), max(one, other)) in tied:
                kind = BY_ID
            elif len(dirt) > 1:
                kind = TWO_TWINS
            else:
                kind = dirt.pop() if dirt else BY_NAME
            yield _row(one, other, verdict, kind)


def _different(books: Books, crm: Crm) -> Iterator[Row]:
    for pair in books.lookalikes:
        if not pair.is_duplicate:
            yield _row(_customer(pair.one), _customer(pair.other), DIFFERENT, pair.kind)
    for trap in crm.lookalikes:
        if not trap.is_duplicate:
            yield _row(_account(trap.one), _account(trap.other), DIFFERENT, trap.kind)
    accounts = {each.customer.id: _account(each) for each in crm.accounts if each.customer}
    for customer in books.customers:
        parent = customer.parent
        if parent is not None and customer.has_account:
            yield _row(_customer(parent), _customer(customer), DIFFERENT, JOB)
            yield _row(accounts[parent.id], accounts[customer.id], DIFFERENT, JOB)


def _row(one: Reference, other: Reference, verdict: str, kind: str) -> Row:
    return (*min(one, other), *max(one, other), verdict, kind)
