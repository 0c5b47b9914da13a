"""How often each case is planted, and on which deals.

Belongs here: the tables, and choosing by them. Does not belong here: what a case does. Variances
are planted on deals in home currency, where amounts are exact to the cent.
"""

from collections.abc import Iterable, Iterator
from random import Random

from q2c_pipeline.sandbox.generate import profile
from q2c_pipeline.sandbox.generate.crm.cases import billing, oddities, pipeline
from q2c_pipeline.sandbox.generate.crm.cases.case import (
    MINIMUM_OF_EACH,
    DealCase,
    is_clearly_quiet,
)
from q2c_pipeline.sandbox.generate.crm.deal import Deal

#: The pickiest first, so that they find their deals in a small company too.
CASES = (
    DealCase("still_to_bill", billing.still_to_bill, 7, billing.is_recent),
    DealCase("billed_more", billing.billed_more, 7, billing.could_be_billed_more),
    DealCase("extra_line_billed", billing.extra_line_billed, 7, billing.could_have_an_extra_line),
    DealCase("line_added", pipeline.line_added, 7, pipeline.has_several_lines),
    DealCase("billed_ahead", billing.billed_ahead, 7, billing.could_be_billed_ahead),
    DealCase("line_forgotten", billing.line_forgotten, 7, is_clearly_quiet),
    DealCase("rest_forgotten", billing.rest_forgotten, 7, is_clearly_quiet),
    DealCase("billed_over_months", billing.backlog, 7, billing.is_billed_over_months),
    DealCase("opened_in_month", pipeline.opened_in_month, 7, pipeline.is_won_late_in_month),
    DealCase("won_and_reopened", pipeline.won_and_reopened, 0, pipeline.is_won_late_in_month),
    DealCase("line_without_item", oddities.line_without_item, 0, oddities.has_a_line_billed_once),
    DealCase("billed_less", billing.billed_less_and_complete, 7, billing.is_long_over),
    DealCase("line_cancelled", billing.line_cancelled, 7, billing.is_long_over),
    DealCase(
        "billed_at_another_price", billing.billed_at_another_price, 7, billing.could_be_repriced
    ),
    DealCase("repriced", pipeline.repriced, 7),
    DealCase("slipped_once", pipeline.slipped_once, 7),
    DealCase("slipped_twice", pipeline.slipped_twice, 7),
    DealCase("pulled_in", pipeline.pulled_in, 7),
    DealCase("amount_unlike_lines", oddities.amount_unlike_lines, 0),
)
ODDITIES_ABROAD = (DealCase("currency_changed", oddities.currency_changed, 0),)
#: On open deals that are expected after the present month.
ODDITIES_OF_OPEN = (
    DealCase("owner_inactive", oddities.owner_inactive, 0),
    DealCase("without_amount", oddities.without_amount, 0),
)


def wanted(per_thousand: int, invoices: int) -> int:
    return max(MINIMUM_OF_EACH, invoices * per_thousand // 1000)


def play_cases(deals: Iterable[Deal], invoices: int, random: Random) -> None:
    """On won deals with lines; no deal gets two."""
    free = [deal for deal in deals if deal.lines and not deal.case]
    home = [deal for deal in free if deal.currency == profile.HOME_CURRENCY]
    abroad = [deal for deal in free if deal.currency != profile.HOME_CURRENCY]
    _play(CASES, home, invoices, random)
    _play(ODDITIES_ABROAD, abroad, invoices, random)


def play_on_open(deals: Iterable[Deal], random: Random) -> Iterator[Deal]:
    """Yields the deals that came of it."""
    free = [deal for deal in deals if not deal.variances]
    _play(ODDITIES_OF_OPEN, free, 0, random)
    for deal in [each for each in free if not each.case][:MINIMUM_OF_EACH]:
        yield oddities.merged(deal, random)


def _play(cases: Iterable[DealCase], deals: list[Deal], invoices: int, random: Random) -> None:
    random.shuffle(deals)
    free = deals
    for case in cases:
        missing = wanted(case.per_thousand, invoices)
        passed = []
        while free and missing:
            deal = free.pop()
            if case.suits(deal):
                deal.case = case.kind
                case.play(deal, random)
                missing -= 1
            else:
                passed.append(deal)
        free.extend(passed)
