"""Opportunities and how they went: won ones behind the invoices, lost and open ones besides.

Belongs here: amounts, stages, dates and their changes. Does not belong here: wire form. A deal's
history ends in its present state.
"""

from collections.abc import Iterator
from random import Random
from typing import NamedTuple

from q2c_pipeline.sandbox.generate import profile
from q2c_pipeline.sandbox.generate.books.customers import Customer
from q2c_pipeline.sandbox.generate.books.documents import Invoice
from q2c_pipeline.sandbox.generate.books.keeping import Books
from q2c_pipeline.sandbox.generate.chance import stream
from q2c_pipeline.sandbox.generate.crm.accounts import CrmAccount, make_accounts
from q2c_pipeline.sandbox.generate.days import (
    SECONDS_PER_DAY,
    business_day_from,
    business_day_until,
)
from q2c_pipeline.sandbox.generate.money import share

INVOICES_PER_DEAL = (2, 3, 3, 4)
LOST_SHARE, OPEN_SHARE = 0.45, 0.12
EXACT_SHARE = 0.8
OFFICE_MORNING = 7 * 3600


class Stage(NamedTuple):
    name: str
    probability: int
    forecast: str


PROSPECTING = Stage("Prospecting", 10, "Pipeline")
QUALIFICATION = Stage("Qualification", 25, "Pipeline")
PROPOSAL = Stage("Proposal/Price Quote", 60, "BestCase")
NEGOTIATION = Stage("Negotiation/Review", 80, "Forecast")
WON = Stage("Closed Won", 100, "Closed")
LOST = Stage("Closed Lost", 0, "Omitted")
OPEN_STAGES = (PROSPECTING, QUALIFICATION, PROPOSAL, NEGOTIATION)


class Step(NamedTuple):
    """What the deal looked like from ``moment`` on; ``amount`` in cents."""

    moment: int
    stage: Stage
    amount: int
    close_day: int


class Deal(NamedTuple):
    """``invoices`` are what a won deal was billed by; ``steps`` run from creation to now."""

    number: int
    account: CrmAccount
    name: str
    steps: tuple[Step, ...]
    invoices: tuple[Invoice, ...]

    @property
    def customer(self) -> Customer | None:
        return self.account.customer

    @property
    def currency(self) -> str:
        return self.account.currency

    @property
    def amount(self) -> int:
        return self.steps[-1].amount

    @property
    def close_day(self) -> int:
        return self.steps[-1].close_day

    @property
    def stage(self) -> Stage:
        return self.steps[-1].stage

    @property
    def status(self) -> str:
        return {WON: "won", LOST: "lost"}.get(self.stage, "open")


class Crm(NamedTuple):
    """All accounts, and all deals account by account."""

    accounts: list[CrmAccount]
    deals: list[Deal]


def make_crm(books: Books) -> Crm:
    accounts = make_accounts(books.seed, books.customers)
    return Crm(accounts, list(_make_deals(books, accounts)))


def _make_deals(books: Books, accounts: list[CrmAccount]) -> Iterator[Deal]:
    number = 0
    for account in accounts:
        random = stream(books.seed, "deals", account.number)
        customer = account.customer
        own = books.invoices[customer.rank] if customer else []
        for name, steps, invoices in _of_account(account, own, random):
            number += 1
            yield Deal(number, account, f"{account.name} - {name}", steps, invoices)


Made = tuple[str, tuple[Step, ...], tuple[Invoice, ...]]


def _of_account(account: CrmAccount, invoices: list[Invoice], random: Random) -> Iterator[Made]:
    billed = [each for each in invoices if each.is_in_books and each.day <= profile.LAST_DAY]
    won = first = 0
    while first < len(billed):
        size = random.choice(INVOICES_PER_DEAL)
        chunk = tuple(billed[first : first + size])
        first += size
        won += 1
        yield f"{chunk[0].lines[0].item.name} #{won}", _won(chunk, random), chunk
    usual = _usual_amount(invoices, random)
    for position in range(round(won * LOST_SHARE + random.random())):
        yield f"Proposal {position + 1}", _lost(account, usual, random), ()
    if account.customer is None or account.customer.is_active:
        for position in range(round(won * OPEN_SHARE + random.random())):
            yield f"Expansion {position + 1}", _open(usual, random), ()


def _usual_amount(invoices: list[Invoice], random: Random) -> int:
    if not invoices:
        return random.randrange(500_000, 6_000_000)
    return max(2 * sum(each.net for each in invoices) // len(invoices), 100_000)


def _won(invoices: tuple[Invoice, ...], random: Random) -> tuple[Step, ...]:
    """Won shortly before the first invoice, mostly for exactly what was billed."""
    amount = sum(each.net for each in invoices)
    if random.random() > EXACT_SHARE:
        amount = share(amount, random.choice((90, 95, 108, 115)), 100)
    close_day = business_day_until(min(each.day for each in invoices) - random.randint(2, 18))
    created = business_day_until(close_day - random.randint(20, 130))
    return _progress(amount, created, close_day, (*OPEN_STAGES, WON), random)


def _lost(account: CrmAccount, usual: int, random: Random) -> tuple[Step, ...]:
    first = account.created // SECONDS_PER_DAY + 10
    created = business_day_from(random.randint(first, max(first, profile.LAST_DAY - 140)))
    close_day = min(business_day_from(created + random.randint(20, 130)), profile.LAST_DAY)
    stages = (*OPEN_STAGES[: random.randint(1, 4)], LOST)
    amount = share(usual, random.randint(40, 220), 100)
    return _progress(amount, created, max(close_day, created + 1), stages, random)


def _open(usual: int, random: Random) -> tuple[Step, ...]:
    """Expected after the clock, but for the few whose close date nobody moved."""
    created = business_day_until(profile.LAST_DAY - random.randint(5, 120))
    expected = business_day_from(profile.LAST_DAY + random.choice((-12, 8, 25, 40, 75, 110)))
    stages = OPEN_STAGES[: random.randint(1, 4)]
    amount = share(usual, random.randint(40, 220), 100)
    steps = _progress(amount, created, profile.LAST_DAY, stages, random)
    return (*steps[:-1], steps[-1]._replace(close_day=expected))


def _progress(
    amount: int, created: int, last: int, stages: tuple[Stage, ...], random: Random
) -> tuple[Step, ...]:
    """Stage by stage from the first day to the last; amount and date settle on the way."""
    steps = []
    guess = share(amount, random.choice((70, 80, 100, 100, 120)), 100)
    expected = business_day_from(last + random.choice((-15, 0, 0, 20, 45)))
    for position, stage in enumerate(stages):
        day = created + (last - created) * position // max(len(stages) - 1, 1)
        moment = day * SECONDS_PER_DAY + OFFICE_MORNING + random.randrange(18_000)
        is_last = position == len(stages) - 1
        if is_last or stage in (PROPOSAL, NEGOTIATION):
            guess = amount
        if is_last:
            expected = last
        elif stage is NEGOTIATION:
            expected = max(expected, last)
        steps.append(Step(moment, stage, guess, max(expected, day)))
    return tuple(steps)
