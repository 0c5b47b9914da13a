"""Won deals that no invoice bills: forgotten ones, and those whose time has not come.

Belongs here: new deals. Does not belong here: deals made of invoices (``booking``).
"""

from random import Random
from typing import NamedTuple

from q2c_pipeline.sandbox.generate import profile
from q2c_pipeline.sandbox.generate.books.invoicing import item_on, sales_line
from q2c_pipeline.sandbox.generate.crm import histories
from q2c_pipeline.sandbox.generate.crm.accounts import CrmAccount, is_holding
from q2c_pipeline.sandbox.generate.crm.booking import WITHOUT_LINES_SHARE, new_deal
from q2c_pipeline.sandbox.generate.crm.cases.case import is_clearly_quiet, quiet_day
from q2c_pipeline.sandbox.generate.crm.deal import Deal, DealLine, Instalment, Kind
from q2c_pipeline.sandbox.generate.crm.gates import DELIVERED, IN_PROGRESS
from q2c_pipeline.sandbox.generate.crm.products import OF_ITEM
from q2c_pipeline.sandbox.generate.crm.stages import Step
from q2c_pipeline.sandbox.generate.days import SECONDS_PER_DAY, business_day_from, month_start
from q2c_pipeline.sandbox.generate.money import share

LINES_PER_DEAL = (1, 2, 2, 3)
AWAITING_DAYS = (3, 40)
CLOSED_AHEAD_DAYS = (35, 75)
WON_DAYS_AGO = (2, 20)
INSTALMENT_EVERY_DAYS = 30


class UnbilledCase(NamedTuple):
    """``first`` and ``last`` bound the close day; ``per_thousand`` invoices of the company."""

    kind: str
    deal_kind: Kind
    first: int
    last: int
    per_thousand: int
    is_forgotten: bool = False
    is_planned: bool = False


_LONG_AGO = profile.BOOKS_BEGIN + 60, profile.LAST_DAY - 100
_LATELY = profile.LAST_DAY - AWAITING_DAYS[1], profile.LAST_DAY - AWAITING_DAYS[0]
_AHEAD = profile.CLOCK_DAY + CLOSED_AHEAD_DAYS[0], profile.CLOCK_DAY + CLOSED_AHEAD_DAYS[1]
UNBILLED = (
    UnbilledCase("new_customer_never_billed", Kind.NEW, *_LONG_AGO, 7, is_forgotten=True),
    UnbilledCase("expansion_never_billed", Kind.EXPANSION, *_LONG_AGO, 7, is_forgotten=True),
    UnbilledCase("renewal_never_billed", Kind.RENEWAL, *_LONG_AGO, 7, is_forgotten=True),
    UnbilledCase("awaiting_invoice", Kind.EXPANSION, *_LATELY, 10, is_planned=True),
    UnbilledCase("closed_in_the_future", Kind.EXPANSION, *_AHEAD, 0),
)


def unbilled_deal(case: UnbilledCase, accounts: list[CrmAccount], random: Random) -> Deal:
    """A deal in home currency of some account that was a customer or prospect by then."""
    deal = _some_deal(case, accounts, random)
    deal.case = case.kind
    deal.lines = _lines(deal, random)
    deal.total_lines()
    if case.is_planned:
        deal.delivery = IN_PROGRESS
        _plan(deal)
    if case.is_forgotten and random.random() < WITHOUT_LINES_SHARE:
        deal.lines = []
    amount = deal.amount or 0
    if deal.close_day > profile.LAST_DAY:
        deal.steps = _won_ahead_of_time(deal, amount, random)
    else:
        deal.differ("B", "to_backlog", deal.close_day, -amount)
    if case.is_forgotten:
        deal.leaked = amount
        deal.delivery = DELIVERED[0]
        deal.differ("B", "from_backlog", quiet_day(deal), amount)
        deal.differ("B", "churn", quiet_day(deal), -amount)
    return deal


def _won_ahead_of_time(deal: Deal, amount: int, random: Random) -> list[Step]:
    """Somebody won it lately and wrote down a day to come."""
    lately = profile.LAST_DAY - random.randint(*WON_DAYS_AGO)
    created = deal.account.created // SECONDS_PER_DAY + 1
    steps = histories.closed(amount, lately, random, not_before=created)
    return [step._replace(amount=amount, close_day=deal.close_day) for step in steps]


def _some_deal(case: UnbilledCase, accounts: list[CrmAccount], random: Random) -> Deal:
    while True:
        account = random.choice(accounts)
        close_day = business_day_from(random.randint(case.first, case.last))
        name = f"{account.name} - {case.deal_kind.name.capitalize()} {close_day % 1_000}"
        deal = new_deal(account, name, close_day, random, kind=case.deal_kind)
        if _suits(account, case, close_day) and not (
            case.is_forgotten and not is_clearly_quiet(deal)
        ):
            return deal


def _suits(account: CrmAccount, case: UnbilledCase, close_day: int) -> bool:
    """New customers are prospects that nobody ever entered in the books."""
    if account.currency != profile.HOME_CURRENCY or is_holding(account):
        return False
    customer = account.customer
    if (customer is None) is not (case.deal_kind is Kind.NEW):
        return False
    return account.created // SECONDS_PER_DAY + 3 < month_start(close_day) and (
        customer is None or (customer.is_active and customer.since + 60 < close_day)
    )


def _lines(deal: Deal, random: Random) -> list[DealLine]:
    percent = deal.customer.price_percent if deal.customer else 100
    lines: dict[int, DealLine] = {}
    for _ in range(random.choice(LINES_PER_DEAL)):
        item = item_on(deal.close_day, random)
        order = sales_line(item, percent, random)
        lines[item.id] = DealLine(OF_ITEM[item.id], order.quantity, order.price)
    return list(lines.values())


def _plan(deal: Deal) -> None:
    """Two instalments a month apart, where there is one line that can be halved."""
    line = deal.lines[0]
    half = line.quantity // 200 * 100
    if len(deal.lines) > 1 or not half:
        return
    parts = (half, line.quantity - half)
    line.instalments = tuple(
        Instalment(
            business_day_from(deal.close_day + INSTALMENT_EVERY_DAYS * at),
            quantity,
            share(quantity, line.price, 100),
        )
        for at, quantity in enumerate(parts, start=1)
    )
