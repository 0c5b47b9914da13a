"""Who approved a won deal for billing, and when.

Belongs here: the approval process of won deals. Does not belong here: the deals.
"""

from collections.abc import Iterable
from random import Random

from q2c_pipeline.sandbox.generate.crm.accounts import FINANCE, USERS
from q2c_pipeline.sandbox.generate.crm.deal import Approval, Deal

APPROVED_SHARE = 0.93
SUBMITTED_AFTER = (300, 5_400)
APPROVED_AFTER = (1_200, 100_000)
SECONDS_BEFORE_INVOICE = 600


def approve(deals: Iterable[Deal], random: Random) -> None:
    """Most won deals: after they were won, and before the first invoice that followed."""
    for deal in deals:
        if random.random() < APPROVED_SHARE:
            submitted = deal.last_step.moment + random.randint(*SUBMITTED_AFTER)
            completed = submitted + random.randint(*APPROVED_AFTER)
            following = [
                billing.invoice.created - SECONDS_BEFORE_INVOICE
                for billing in deal.billings
                if billing.invoice.created - SECONDS_BEFORE_INVOICE > submitted
            ]
            approver = len(USERS) + random.randrange(len(FINANCE))
            deal.approval = Approval(submitted, min([completed, *following]), approver)
