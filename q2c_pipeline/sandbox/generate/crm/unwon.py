"""Deals that were lost, and deals that are still open.

Belongs here: what never became an invoice. Does not belong here: won deals. Amounts are drawn about
what the customer is usually billed.
"""

from collections.abc import Iterator
from random import Random

from q2c_pipeline.sandbox.generate import profile
from q2c_pipeline.sandbox.generate.books.documents import Invoice
from q2c_pipeline.sandbox.generate.books.rates import Rates
from q2c_pipeline.sandbox.generate.crm import histories
from q2c_pipeline.sandbox.generate.crm.accounts import CrmAccount
from q2c_pipeline.sandbox.generate.crm.booking import KINDS_OF_MORE, new_deal
from q2c_pipeline.sandbox.generate.crm.deal import Deal, DealLine, Kind
from q2c_pipeline.sandbox.generate.crm.products import OF_ITEM
from q2c_pipeline.sandbox.generate.crm.stages import LOST, OPEN_STAGES
from q2c_pipeline.sandbox.generate.days import (
    SECONDS_PER_DAY,
    business_day_from,
    business_day_until,
    month_start,
    months_later,
)
from q2c_pipeline.sandbox.generate.money import home_cents, share

LOST_SHARE, OPEN_SHARE = 0.45, 0.12
#: Of the lost ones, those that nobody expected yet.
LOST_EARLY_SHARE = 0.3
AMOUNT_PERCENT = (40, 220)
#: When open deals are expected, counted from the last day; nobody moved the first kind on.
EXPECTED_IN_DAYS = (-12, 8, 25, 40, 75, 110)
OPEN_WITHOUT_LINES_SHARE = 0.1
OFFERED = tuple(product for product in OF_ITEM.values() if product.price and product.is_active)


def unwon_deals(
    account: CrmAccount, invoices: list[Invoice], won: int, rates: Rates, random: Random
) -> Iterator[Deal]:
    """As many as go with so many won deals."""
    usual = _usual_amount(invoices, random)
    for position in range(round(won * LOST_SHARE + random.random())):
        yield _lost(account, position + 1, usual, rates, random)
    if account.customer is None or account.customer.is_active:
        for position in range(round(won * OPEN_SHARE + random.random())):
            yield _open(account, position + 1, usual, rates, random)


def _usual_amount(invoices: list[Invoice], random: Random) -> int:
    if not invoices:
        return random.randrange(500_000, 6_000_000)
    return max(2 * sum(each.net for each in invoices) // len(invoices), 100_000)


def _some_kind(account: CrmAccount, random: Random) -> Kind:
    return random.choice(KINDS_OF_MORE) if account.customer else Kind.NEW


def _lost(account: CrmAccount, position: int, usual: int, rates: Rates, random: Random) -> Deal:
    first = account.created // SECONDS_PER_DAY + 10
    created = business_day_from(random.randint(first, max(first, profile.LAST_DAY - 140)))
    close_day = business_day_from(created + random.randint(*histories.SALES_CYCLE_DAYS))
    close_day = min(max(close_day, months_later(created, 1)), profile.LAST_DAY)
    kind = _some_kind(account, random)
    deal = new_deal(account, f"{account.name} - Proposal {position}", close_day, random, kind=kind)
    deal.amount = share(usual, random.randint(*AMOUNT_PERCENT), 100)
    stages = (*OPEN_STAGES[: random.randint(1, 4)], LOST)
    deal.steps = histories.closed(deal.amount, close_day, random, not_before=first, stages=stages)
    if random.random() < LOST_EARLY_SHARE:
        deal.steps = histories.expected_later(deal.steps, random)
    else:
        deal.differ("A", "lost", close_day, -_at_start_of_month(deal, close_day, rates))
    return deal


def _open(account: CrmAccount, position: int, usual: int, rates: Rates, random: Random) -> Deal:
    created = business_day_until(profile.LAST_DAY - random.randint(5, 120))
    created = max(created, account.created // SECONDS_PER_DAY + 1)
    expected = business_day_from(profile.LAST_DAY + random.choice(EXPECTED_IN_DAYS))
    expected = max(expected, business_day_from(created + 3))
    kind = _some_kind(account, random)
    deal = new_deal(account, f"{account.name} - Expansion {position}", expected, random, kind=kind)
    deal.amount = share(usual, random.randint(*AMOUNT_PERCENT), 100)
    if random.random() >= OPEN_WITHOUT_LINES_SHARE:
        _sell_by_the_piece(deal, random)
    stages = OPEN_STAGES[: random.randint(1, 4)]
    deal.steps = histories.still_open(deal.amount, created, expected, stages, random)
    month = month_start(expected)
    while month <= profile.LAST_DAY:
        if created < month:
            deal.differ("A", "slipped", month, -_at_start_of_month(deal, month, rates))
        month = months_later(month, 1)
    return deal


def _sell_by_the_piece(deal: Deal, random: Random) -> None:
    """About the amount, in one or two products."""
    percent = deal.customer.price_percent if deal.customer else 100
    wanted = deal.amount or 0
    for product in random.sample(OFFERED, 2):
        price = product.price * percent // 400 * 4
        deal.lines.append(DealLine(product, max(wanted // (2 * price), 1) * 100, price))
    deal.total_lines()


def _at_start_of_month(deal: Deal, day: int, rates: Rates) -> int:
    return home_cents(deal.amount or 0, rates.on(month_start(day) - 1, deal.currency))
