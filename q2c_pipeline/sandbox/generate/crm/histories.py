"""How deals came to be what they are: the steps from creation to the present state.

Belongs here: histories that leave nothing to explain, and those that make one variance of the
pipeline. Does not belong here: which deal gets which. Nothing is to be explained where a deal
stands at the start of its closing month as it is closed, and was never expected in an earlier
month.
"""

from random import Random

from q2c_pipeline.sandbox.generate import profile
from q2c_pipeline.sandbox.generate.crm.deal import Deal
from q2c_pipeline.sandbox.generate.crm.stages import (
    NEGOTIATION,
    OPEN_STAGES,
    PROPOSAL,
    PROSPECTING,
    QUALIFICATION,
    WON,
    Stage,
    Step,
    morning,
)
from q2c_pipeline.sandbox.generate.days import (
    business_day_from,
    business_day_until,
    month_start,
    months_later,
)
from q2c_pipeline.sandbox.generate.money import share

#: A guess of the amount, in percent of what it comes to.
GUESSES = (70, 80, 100, 100, 120)
LATER_BY_DAYS = (0, 0, 20, 45)
SALES_CYCLE_DAYS = (20, 130)
HALF_AN_HOUR = 1_800


def closed(
    amount: int,
    close_day: int,
    random: Random,
    *,
    not_before: int = 0,
    stages: tuple[Stage, ...] = (*OPEN_STAGES, WON),
) -> list[Step]:
    """Amount and date settle on the way, before the month in which the deal is closed."""
    month = month_start(close_day)
    created = min(close_day - random.randint(*SALES_CYCLE_DAYS), month - 3)
    created = max(business_day_until(created), not_before)
    span = close_day - created
    days = [created + span * at // (len(stages) - 1) for at in range(len(stages))]
    guess = share(amount, random.choice(GUESSES), 100)
    expected = business_day_from(close_day + random.choice(LATER_BY_DAYS))
    steps = []
    for at, (day, stage) in enumerate(zip(days, stages, strict=True)):
        is_settled = at == len(days) - 1 or days[at + 1] >= month
        shown = (amount, close_day) if is_settled else (guess, expected)
        steps.append(Step(morning(day, random), stage, *shown))
    return steps


def expected_later(steps: list[Step], random: Random) -> list[Step]:
    """The same, but until it is closed it is expected in a later month."""
    last = steps[-1]
    later = months_later(last.close_day, 1) + random.randint(3, 45)
    expected = business_day_from(later)
    return [*(step._replace(close_day=expected) for step in steps[:-1]), last]


def slipped(deal: Deal, amount: int, times: int, random: Random) -> list[Step]:
    """Expected in a month, moved on within it, once or twice, and won in the month after."""
    first = months_later(deal.close_day, -times - random.randint(0, 1))
    created = business_day_until(first - random.randint(15, 90))
    expected = first + random.randint(9, 26)
    steps = [
        Step(morning(created, random), PROSPECTING, amount, expected),
        Step(morning(created + 5, random), QUALIFICATION, amount, expected),
    ]
    stages = (PROPOSAL, NEGOTIATION)
    for at in range(times):
        moved = expected - random.randint(0, 4)
        deal.differ("A", "slipped", moved, -amount)
        is_last = at == times - 1
        expected = deal.close_day if is_last else months_later(moved, 1) + random.randint(9, 26)
        steps.append(Step(morning(moved, random), stages[at], amount, expected))
    return [*steps, Step(morning(deal.close_day, random), WON, amount, deal.close_day)]


def opened_in_month(amount: int, close_day: int, random: Random) -> list[Step]:
    """Nobody knew of it when the month began."""
    created = business_day_from(month_start(close_day))
    created = random.randint(created, max(created, close_day - 4))
    days = (created, (created + close_day) // 2, close_day)
    stages = (QUALIFICATION, NEGOTIATION, WON)
    moments = [morning(day, random) for day in days]
    return [
        Step(moment, stage, amount, close_day)
        for moment, stage in zip(sorted(moments), stages, strict=True)
    ]


def changed_when_won(before: int, after: int, close_day: int, random: Random) -> list[Step]:
    """The amount changed half an hour before it was won."""
    steps = closed(before, close_day, random)
    won = steps.pop()
    agreed = Step(won.moment - HALF_AN_HOUR, NEGOTIATION, after, close_day)
    return [*steps, agreed, won._replace(amount=after)]


def reopened(amount: int, close_day: int, random: Random) -> list[Step]:
    """Won, opened again and won again within the month."""
    steps = closed(amount, close_day, random)
    month = month_start(close_day)
    before = [step for step in steps if step.day < month]
    again = max(close_day - 1, month)
    return [
        *before,
        Step(morning(max(close_day - 3, month), random) - 4 * 3600, WON, amount, close_day),
        Step(morning(again, random) - 2 * 3600, NEGOTIATION, amount, close_day),
        steps[-1],
    ]


def still_open(
    amount: int | None, created: int, expected: int, stages: tuple[Stage, ...], random: Random
) -> list[Step]:
    """Nothing about it but its stage has changed since it was created."""
    span = profile.LAST_DAY - created
    return [
        Step(morning(created + span * at // len(stages), random), stage, amount, expected)
        for at, stage in enumerate(stages)
    ]


def stamp_lines(deal: Deal) -> None:
    """Lines were entered when the amount became what they add up to."""
    entered = deal.last_step.moment
    for step in reversed(deal.steps):
        if step.amount != deal.last_step.amount:
            break
        entered = step.moment
    for line in deal.lines:
        line.created = line.created or entered
        line.modified = max(line.modified, line.created)
