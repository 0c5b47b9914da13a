"""Oddities of a CRM that nobody keeps clean; each should be seen and leave the figures alone.

Belongs here: what is wrong with single deals. Does not belong here: variances.
"""

from random import Random

from q2c_pipeline.sandbox.generate import profile
from q2c_pipeline.sandbox.generate.crm.accounts import USERS
from q2c_pipeline.sandbox.generate.crm.cases.case import lines_of
from q2c_pipeline.sandbox.generate.crm.deal import Deal, DealLine
from q2c_pipeline.sandbox.generate.crm.products import UNKNOWN_TO_BOOKS
from q2c_pipeline.sandbox.generate.crm.stages import morning

INACTIVE = next(position for position, user in enumerate(USERS) if not user.is_active)
MERGED_DAYS_AGO = (1, 8)


def amount_unlike_lines(deal: Deal, random: Random) -> None:
    """Somebody changed a line past the price book; the amount did not follow."""
    random.choice(deal.lines).quantity += 100


def line_without_item(deal: Deal, random: Random) -> None:
    line = random.choice(_billed_once(deal))
    line.product, line.description = UNKNOWN_TO_BOOKS, line.product.description


def has_a_line_billed_once(deal: Deal) -> bool:
    return bool(_billed_once(deal))


def _billed_once(deal: Deal) -> list[DealLine]:
    return [line for line in deal.lines if len(lines_of(deal, line)) == 1]


def currency_changed(deal: Deal, random: Random) -> None:
    """It was entered in dollars before it turned out to be in euro."""
    deal.currency_at_first = profile.HOME_CURRENCY


def owner_inactive(deal: Deal, random: Random) -> None:
    deal.owner = INACTIVE


def without_amount(deal: Deal, random: Random) -> None:
    deal.lines, deal.amount = [], None
    deal.steps = [step._replace(amount=None) for step in deal.steps]


def merged(deal: Deal, random: Random) -> Deal:
    """The same deal entered twice; the second was deleted lately. Returns it."""
    twin = Deal(
        account=deal.account,
        name=deal.name,
        kind=deal.kind,
        lead_source=deal.lead_source,
        owner=deal.owner,
        close_day=deal.close_day,
        amount=deal.amount,
        lines=[DealLine(line.product, line.quantity, line.price) for line in deal.lines],
        steps=[step._replace(moment=step.moment + 240) for step in deal.steps],
        case="merged",
    )
    twin.deleted = morning(profile.LAST_DAY - random.randint(*MERGED_DAYS_AGO), random)
    return twin
