"""Cases of section A: what was expected is not what was booked, or not when.

Belongs here: histories of deals that were then billed exactly as booked. Does not belong here:
deals without a won deal's invoices (``unwon``).
"""

from datetime import date
from random import Random

from q2c_pipeline.sandbox.generate.crm import histories
from q2c_pipeline.sandbox.generate.crm.deal import Deal
from q2c_pipeline.sandbox.generate.crm.stages import WON, Step
from q2c_pipeline.sandbox.generate.money import share

DAY_OF_MONTH_MIN = 8
CHANGES = (90, 95, 108, 115)


def has_several_lines(deal: Deal) -> bool:
    return len(deal.lines) > 1


def is_won_late_in_month(deal: Deal) -> bool:
    return date.fromordinal(deal.close_day).day >= DAY_OF_MONTH_MIN


def slipped_once(deal: Deal, random: Random) -> None:
    deal.steps = histories.slipped(deal, _amount(deal), 1, random)


def slipped_twice(deal: Deal, random: Random) -> None:
    deal.steps = histories.slipped(deal, _amount(deal), 2, random)


def pulled_in(deal: Deal, random: Random) -> None:
    steps = histories.closed(_amount(deal), deal.close_day, random)
    deal.steps = histories.expected_later(steps, random)
    deal.differ("A", "pulled_in", deal.close_day, _amount(deal))


def opened_in_month(deal: Deal, random: Random) -> None:
    deal.steps = histories.opened_in_month(_amount(deal), deal.close_day, random)
    deal.differ("A", "opened_in_month", deal.close_day, _amount(deal))


def line_added(deal: Deal, random: Random) -> None:
    """One more line just before it was won; the others stayed as they were."""
    added = random.choice(deal.lines)
    before = _amount(deal) - added.amount
    deal.steps = histories.changed_when_won(before, _amount(deal), deal.close_day, random)
    added.created = _agreed(deal).moment
    for line in deal.lines:
        if line is not added:
            line.created = _entered(deal.steps, before)
    deal.differ("A", "scope", deal.close_day, added.amount)


def repriced(deal: Deal, random: Random) -> None:
    """Every line got another price just before it was won; nobody wrote the old ones down."""
    before = share(_amount(deal), random.choice(CHANGES), 100)
    deal.steps = histories.changed_when_won(before, _amount(deal), deal.close_day, random)
    for line in deal.lines:
        line.created = _entered(deal.steps, before)
        line.modified = _agreed(deal).moment
    deal.differ("A", "pricing", deal.close_day, _amount(deal) - before)


def won_and_reopened(deal: Deal, random: Random) -> None:
    deal.steps = histories.reopened(_amount(deal), deal.close_day, random)


def _amount(deal: Deal) -> int:
    return deal.amount or 0


def _agreed(deal: Deal) -> Step:
    """The step before it was won."""
    return next(
        before
        for before, after in zip(deal.steps, deal.steps[1:], strict=False)
        if after.stage is WON
    )


def _entered(steps: list[Step], amount: int) -> int:
    """When the amount was first this one for good."""
    entered = 0
    for before, step in zip([None, *steps], steps, strict=False):
        if step.amount == amount and (before is None or before.amount != amount):
            entered = step.moment
    return entered
