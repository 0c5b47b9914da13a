"""Invoices that serve two deals of one customer: one deal's last is the next one's first.

Belongs here: moving a line from one deal to the next. Does not belong here: what else is planted.
"""

from collections.abc import Iterable
from itertools import pairwise
from random import Random

from q2c_pipeline.sandbox.generate.crm.booking import DAYS_TO_FIRST_INVOICE, GAP_DAYS_MAX, book
from q2c_pipeline.sandbox.generate.crm.cases.table import wanted
from q2c_pipeline.sandbox.generate.crm.deal import Billing, Deal, Evidence
from q2c_pipeline.sandbox.generate.days import business_day_until

KIND = "shared_invoice"
PER_THOUSAND = 2


def share_invoices(deals: Iterable[Deal], invoices: int, random: Random) -> None:
    """Some pairs of deals that follow each other share an invoice, and both store its id."""
    pairs = [
        (deal, following)
        for deal, following in pairwise(deals)
        if deal.account is following.account and _can_share(deal, following)
    ]
    random.shuffle(pairs)
    missing = wanted(PER_THOUSAND, invoices)
    for deal, following in pairs:
        if missing and not deal.case and not following.case:
            _share(deal, following, random)
            missing -= 1


def _can_share(deal: Deal, following: Deal) -> bool:
    """Each of the invoice's items would be on one of the two deals alone."""
    invoice = deal.billings[-1].invoice
    *kept, given = invoice.lines
    if not (kept and deal.lines and following.lines):
        return False
    own = {line.item.id for each in deal.billings[:-1] for line in each.lines}
    own |= {line.item.id for line in kept}
    theirs = {line.item.id for each in following.billings for line in each.lines}
    return (
        given.item.id not in own
        and not theirs & {line.item.id for line in kept}
        and following.billings[0].invoice.day - invoice.day <= GAP_DAYS_MAX
    )


def _share(deal: Deal, following: Deal, random: Random) -> None:
    invoice = deal.billings[-1].invoice
    deal.billings[-1] = Billing(invoice, invoice.lines[:-1])
    following.billings.insert(0, Billing(invoice, invoice.lines[-1:]))
    before = invoice.day - random.randint(*DAYS_TO_FIRST_INVOICE)
    following.close_day = min(following.close_day, business_day_until(before))
    for each in (deal, following):
        each.case, each.evidence = KIND, Evidence.STORED_ID
        book(each)
