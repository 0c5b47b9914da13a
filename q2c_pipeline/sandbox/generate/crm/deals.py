"""The sales side as a whole: every account and deal, and what ties deals to the books.

Belongs here: the order in which deals come about. Does not belong here: what each step does, and
wire form. Won deals are made of invoices; those that nothing is planted on were billed as booked.
"""

from collections.abc import Iterator
from itertools import chain
from typing import NamedTuple

from q2c_pipeline.sandbox.generate import profile
from q2c_pipeline.sandbox.generate.books.keeping import Books
from q2c_pipeline.sandbox.generate.books.rates import Rates
from q2c_pipeline.sandbox.generate.chance import stream
from q2c_pipeline.sandbox.generate.crm import histories
from q2c_pipeline.sandbox.generate.crm.accounts import CrmAccount, active_owner, make_accounts
from q2c_pipeline.sandbox.generate.crm.approvals import approve
from q2c_pipeline.sandbox.generate.crm.booking import booked_deals, plan_instalments
from q2c_pipeline.sandbox.generate.crm.cases.shared import share_invoices
from q2c_pipeline.sandbox.generate.crm.cases.stopped import (
    deals_above_limit_together,
    deals_of_twins,
    stopped_deals,
)
from q2c_pipeline.sandbox.generate.crm.cases.table import play_cases, play_on_open, wanted
from q2c_pipeline.sandbox.generate.crm.cases.to_bill import Market, ready_deals
from q2c_pipeline.sandbox.generate.crm.cases.unbilled import UNBILLED, unbilled_deal
from q2c_pipeline.sandbox.generate.crm.deal import Deal
from q2c_pipeline.sandbox.generate.crm.evidence import tie
from q2c_pipeline.sandbox.generate.crm.gates import DELIVERED
from q2c_pipeline.sandbox.generate.crm.twins import make_lookalikes
from q2c_pipeline.sandbox.generate.crm.unwon import unwon_deals
from q2c_pipeline.sandbox.generate.days import SECONDS_PER_DAY, month_start
from q2c_pipeline.sandbox.generate.likeness.pairs import Pair
from q2c_pipeline.sandbox.generate.money import home_cents


class Crm(NamedTuple):
    """All accounts, and all deals account by account, each account's by time; last what to bill.

    The accounts of ``lookalikes`` come last.
    """

    accounts: list[CrmAccount]
    deals: list[Deal]
    lookalikes: list[Pair[CrmAccount]]


def make_crm(books: Books) -> Crm:
    """Also writes on invoices what they say of their deals."""
    known = [customer for customer in books.customers if customer.has_account]
    accounts = make_accounts(books.seed, known)
    billed = list(_billed(books, accounts))
    unwon = list(_unwon(books, accounts, billed))
    invoices = sum(len(own) for own in books.invoices)
    share_invoices(billed, invoices, stream(books.seed, "shared invoices"))
    play_cases(billed, invoices, stream(books.seed, "deal cases"))
    unwon += play_on_open(
        [deal for deal in unwon if deal.status == "open"], stream(books.seed, "open deals")
    )
    unbilled = list(_unbilled(books.seed, accounts, invoices))
    _finish_won([*billed, *unbilled], billed, books)
    _give_to_the_active([*unbilled, *(deal for deal in unwon if deal.status == "open")])
    deals = [*billed, *unbilled, *unwon]
    deals.sort(key=lambda deal: (deal.account.number, deal.created))
    market = Market(accounts, books, billed)
    deals += _to_bill(market, accounts)
    lookalikes = make_lookalikes(books, accounts)
    deals += deals_of_twins(market, lookalikes, stream(books.seed, "twins to bill"))
    deals += deals_above_limit_together(
        market, len(accounts), stream(books.seed, "above the limit together")
    )
    for deal in deals:
        histories.stamp_lines(deal)
    for number, deal in enumerate(deals, start=1):
        deal.number = number
    return Crm(accounts, deals, lookalikes)


def _billed(books: Books, accounts: list[CrmAccount]) -> Iterator[Deal]:
    for account in accounts:
        if account.customer is not None:
            random = stream(books.seed, "deals", account.number)
            yield from booked_deals(account, books.invoices[account.customer.rank], random)


def _unwon(books: Books, accounts: list[CrmAccount], billed: list[Deal]) -> Iterator[Deal]:
    won: dict[int, int] = {}
    for deal in billed:
        won[deal.account.number] = won.get(deal.account.number, 0) + 1
    for account in accounts:
        random = stream(books.seed, "unwon deals", account.number)
        own = books.invoices[account.customer.rank] if account.customer else []
        yield from unwon_deals(account, own, won.get(account.number, 0), books.rates, random)


def _unbilled(seed: int, accounts: list[CrmAccount], invoices: int) -> Iterator[Deal]:
    for case in UNBILLED:
        random = stream(seed, "unbilled deals", case.kind)
        for _ in range(wanted(case.per_thousand, invoices)):
            yield unbilled_deal(case, accounts, random)


def _to_bill(market: Market, accounts: list[CrmAccount]) -> Iterator[Deal]:
    """Nobody has looked at these before: they come last, and shift nothing."""
    books = market.books
    stopped = stopped_deals(market, len(accounts), stream(books.seed, "stopped"))
    ready = ready_deals(market, accounts, stream(books.seed, "to bill"))
    for deal in chain(stopped, ready):
        if deal.currency != profile.HOME_CURRENCY:
            _value_at_other_rates(deal, books.rates)
        yield deal


def _finish_won(won: list[Deal], billed: list[Deal], books: Books) -> None:
    random = stream(books.seed, "histories")
    for deal in won:
        if not deal.steps:
            created = deal.account.created // SECONDS_PER_DAY + 1
            amount = deal.amount or 0
            deal.steps = histories.closed(amount, deal.close_day, random, not_before=created)
    for deal in billed:
        deal.delivery = DELIVERED[0]
        if not deal.case:
            plan_instalments(deal, random)
        if deal.currency != profile.HOME_CURRENCY:
            _value_at_other_rates(deal, books.rates)
    tie(won, stream(books.seed, "evidence"))
    approve(won, stream(books.seed, "approvals"))


def _value_at_other_rates(deal: Deal, rates: Rates) -> None:
    """A deal in euro is valued anew when it is won, and by each of its invoices."""
    before = rates.on(month_start(deal.close_day) - 1, deal.currency)
    booked = rates.on(deal.close_day, deal.currency)
    amount = deal.amount or 0
    gained = home_cents(amount, booked) - home_cents(amount, before)
    deal.differ("A", "fx", deal.close_day, gained)
    for billing in deal.billings:
        invoice, net = billing.invoice, billing.net
        gained = home_cents(net, invoice.rate) - home_cents(net, booked)
        deal.differ("B", "fx", invoice.day, gained, invoice)


def _give_to_the_active(deals: list[Deal]) -> None:
    """Who left has handed over what is not done, but for what is planted."""
    for deal in deals:
        if deal.case != "owner_inactive":
            deal.owner = active_owner(deal.account)
