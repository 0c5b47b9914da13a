"""Deals made of what was billed: which invoices belong together, and what was sold by them.

Belongs here: drawing invoices together, and lines and instalments as they were booked. Does not
belong here: anything that was billed otherwise than booked (``cases``).
"""

from collections.abc import Iterator
from random import Random

from q2c_pipeline.sandbox.generate import profile
from q2c_pipeline.sandbox.generate.books.documents import Invoice
from q2c_pipeline.sandbox.generate.crm.accounts import CrmAccount
from q2c_pipeline.sandbox.generate.crm.deal import Billing, Deal, DealLine, Instalment, Kind
from q2c_pipeline.sandbox.generate.crm.products import OF_ITEM
from q2c_pipeline.sandbox.generate.days import business_day_from, business_day_until

INVOICES_PER_DEAL = (2, 3, 3, 4)
#: Of all invoices, those that no deal stands behind.
WALK_IN_SHARE = 0.08
#: A deal is billed at least this often; after 90 quiet days nobody expects more of it.
GAP_DAYS_MAX = 75
DAYS_TO_FIRST_INVOICE = (2, 18)
#: Beside the deals with a discount on the whole, which have no lines either.
WITHOUT_LINES_SHARE = 0.03
INSTALMENTS_SHARE = 0.8
INSTALMENT_OFF_BY_DAYS = 6
LEAD_SOURCES = ("Referral", "Referral", "Web", "Web", "Partner", "Trade Show", "Outbound")
KINDS_OF_MORE = (Kind.EXPANSION, Kind.EXPANSION, Kind.RENEWAL)


def booked_deals(account: CrmAccount, invoices: list[Invoice], random: Random) -> Iterator[Deal]:
    """Won deals, by time, without a history yet: each billed exactly as booked."""
    for position, group in enumerate(_groups(invoices, random), start=1):
        deal = new_deal(
            account,
            f"{account.name} - {group[0].lines[0].item.name} #{position}",
            business_day_until(group[0].day - random.randint(*DAYS_TO_FIRST_INVOICE)),
            random,
            kind=Kind.NEW if position == 1 else random.choice(KINDS_OF_MORE),
        )
        deal.billings = [Billing(invoice, invoice.lines) for invoice in group]
        book(deal)
        if any(invoice.discount for invoice in group) or random.random() < WITHOUT_LINES_SHARE:
            deal.lines = []
        yield deal


def new_deal(account: CrmAccount, name: str, close_day: int, random: Random, *, kind: Kind) -> Deal:
    source = random.choice(LEAD_SOURCES)
    return Deal(account, name, kind, source, account.owner, close_day)


def book(deal: Deal) -> None:
    """Lines and amount of exactly what is billed: one line for each item and price."""
    quantities: dict[tuple[int, int], int] = {}
    for billing in deal.billings:
        for line in billing.lines:
            key = line.item.id, line.price
            quantities[key] = quantities.get(key, 0) + line.quantity
    deal.lines = [
        DealLine(OF_ITEM[item], quantity, price) for (item, price), quantity in quantities.items()
    ]
    deal.amount = sum(billing.net for billing in deal.billings)


def _groups(invoices: list[Invoice], random: Random) -> Iterator[list[Invoice]]:
    group: list[Invoice] = []
    size = random.choice(INVOICES_PER_DEAL)
    for invoice in invoices:
        if not invoice.is_in_books or invoice.day > profile.LAST_DAY:
            continue
        if random.random() < WALK_IN_SHARE:
            continue
        if group and (len(group) == size or invoice.day - group[-1].day > GAP_DAYS_MAX):
            yield group
            group, size = [], random.choice(INVOICES_PER_DEAL)
        group.append(invoice)
    if group:
        yield group


def plan_instalments(deal: Deal, random: Random) -> None:
    """One for each invoice, on a day of its own, where each bills one line and so says which."""
    if len(deal.billings) < 2 or not deal.lines or random.random() > INSTALMENTS_SHARE:
        return
    if any(len(billing.lines) > 1 for billing in deal.billings):
        return
    lines = {(line.product, line.price): line for line in deal.lines}
    before = deal.close_day
    for billing in deal.billings:
        sold = billing.lines[0]
        off = random.randint(-INSTALMENT_OFF_BY_DAYS, INSTALMENT_OFF_BY_DAYS)
        day = business_day_from(max(billing.invoice.day + off, before + 1))
        line = lines[OF_ITEM[sold.item.id], sold.price]
        line.instalments += (Instalment(day, sold.quantity, sold.amount),)
        before = day
