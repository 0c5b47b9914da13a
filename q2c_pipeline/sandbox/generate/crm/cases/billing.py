"""Cases of section B: what was billed is not what was booked.

Belongs here: functions that make a deal's booking differ from its invoices, which stay as they
are. Does not belong here: deals that were never billed (``unbilled``).
"""

from random import Random

from q2c_pipeline.sandbox.generate import profile
from q2c_pipeline.sandbox.generate.books.invoicing import item_on, sales_line
from q2c_pipeline.sandbox.generate.crm.cases.case import (
    closing_day,
    is_at_cost,
    is_for_sale_beside,
    last_invoice_day,
    lines_of,
    quiet_day,
)
from q2c_pipeline.sandbox.generate.crm.deal import Deal, DealLine
from q2c_pipeline.sandbox.generate.crm.products import OF_ITEM
from q2c_pipeline.sandbox.generate.days import business_day_from, month_start, months_later

#: Of what was billed last, what nobody booked. The last is at least a fifth of its line, so that
#: it is no mere difference of measuring.
BILLED_MORE_PERCENT = (20, 50)
LAST_PART_MIN = 5
PRICE_PERCENT = (88, 92, 108, 112)
COMPLETE, CANCELLED = "Complete", "Cancelled"
STILL_TO_BILL_DAYS = 80


def billed_more(deal: Deal, random: Random) -> None:
    line = random.choice(_could_be_billed_more(deal))
    invoice, last = lines_of(deal, line)[-1]
    step = last.item.quantities[2]
    more = max(last.quantity * random.randint(*BILLED_MORE_PERCENT) // 100 // step, 1) * step
    line.quantity -= more
    deal.total_lines()
    deal.differ("B", "scope", invoice.day, more * line.price // 100, invoice)


def could_be_billed_more(deal: Deal) -> bool:
    return bool(_could_be_billed_more(deal))


def _could_be_billed_more(deal: Deal) -> list[DealLine]:
    """Lines whose last billed quantity can be halved, on a day after all others."""
    return [
        line
        for line in deal.lines
        if not is_at_cost(line)
        for invoice, last in lines_of(deal, line)[-1:]
        if last.quantity >= 2 * last.item.quantities[2]
        and last.quantity * LAST_PART_MIN >= line.quantity
        and all(day.day < invoice.day for day, _ in lines_of(deal, line)[:-1])
    ]


def extra_line_billed(deal: Deal, random: Random) -> None:
    line = random.choice(_could_be_extra(deal))
    ((invoice, extra),) = lines_of(deal, line)
    deal.lines.remove(line)
    deal.total_lines()
    deal.differ("B", "scope", invoice.day, extra.amount, invoice)


def could_have_an_extra_line(deal: Deal) -> bool:
    return len(deal.lines) > 1 and bool(_could_be_extra(deal))


def _could_be_extra(deal: Deal) -> list[DealLine]:
    """Lines of an item of their own, billed once, with other lines."""
    numbers = [line.product.number for line in deal.lines]
    return [
        line
        for line in deal.lines
        if numbers.count(line.product.number) == 1
        and [len(invoice.lines) > 1 for invoice, _ in lines_of(deal, line)] == [True]
    ]


def billed_less_and_complete(deal: Deal, random: Random) -> None:
    left = _book_more(deal, random)
    _close(deal, COMPLETE, closing_day(deal, random), "scope", left)


def line_cancelled(deal: Deal, random: Random) -> None:
    line = _book_beside(deal, random)
    _close(deal, CANCELLED, closing_day(deal, random), "churn", line.amount)


def line_forgotten(deal: Deal, random: Random) -> None:
    line = _book_beside(deal, random)
    _forget(deal, "churn", line.amount)


def rest_forgotten(deal: Deal, random: Random) -> None:
    _forget(deal, "scope", _book_more(deal, random))


def is_long_over(deal: Deal) -> bool:
    return last_invoice_day(deal) + 60 <= profile.LAST_DAY


def still_to_bill(deal: Deal, random: Random) -> None:
    _book_more(deal, random)
    backlog(deal, random)


def is_recent(deal: Deal) -> bool:
    return deal.close_day >= profile.CLOCK_DAY - STILL_TO_BILL_DAYS


def billed_at_another_price(deal: Deal, random: Random) -> None:
    line = random.choice(_could_be_repriced(deal))
    billed = lines_of(deal, line)
    # Whole multiples of 4 cents keep quarter hours exact to the cent.
    line.price = line.price * random.choice(PRICE_PERCENT) // 400 * 4
    deal.total_lines()
    for invoice, each in billed:
        booked = each.quantity * line.price // 100
        deal.differ("B", "pricing", invoice.day, each.amount - booked, invoice)


def could_be_repriced(deal: Deal) -> bool:
    return bool(_could_be_repriced(deal))


def _could_be_repriced(deal: Deal) -> list[DealLine]:
    return [line for line in deal.lines if not is_at_cost(line)]


def billed_ahead(deal: Deal, random: Random) -> None:
    """Work and invoices began before the deal was won."""
    deal.close_day = _won_late(deal, random)
    backlog(deal, random)


def could_be_billed_ahead(deal: Deal) -> bool:
    first = min(billing.invoice.day for billing in deal.billings)
    return len(deal.billings) > 1 and months_later(first, 1) + 20 <= profile.LAST_DAY


def _won_late(deal: Deal, random: Random) -> int:
    first = min(billing.invoice.day for billing in deal.billings)
    return business_day_from(months_later(first, 1) + random.randint(0, 14))


def backlog(deal: Deal, random: Random) -> None:
    """What was booked in a month and billed in others; nothing else about it is unusual."""
    billed: dict[int, int] = {}
    for billing in deal.billings:
        month = month_start(billing.invoice.day)
        billed[month] = billed.get(month, 0) + billing.net
    won = month_start(deal.close_day)
    deal.differ("B", "to_backlog", won, billed.pop(won, 0) - (deal.amount or 0))
    for month, net in sorted(billed.items()):
        deal.differ("B", "from_backlog", month, net)


def is_billed_over_months(deal: Deal) -> bool:
    return len({month_start(billing.invoice.day) for billing in deal.billings}) > 1


def _book_more(deal: Deal, random: Random) -> int:
    """Books more of a line than is billed; returns what stays unbilled."""
    line = random.choice(deal.lines)
    more = max(line.quantity * random.randint(20, 60) // 10_000, 1) * 100
    line.quantity += more
    deal.total_lines()
    return more * line.price // 100


def _book_beside(deal: Deal, random: Random) -> DealLine:
    """Books a line of which nothing is billed."""
    customer = deal.customer
    percent = customer.price_percent if customer else 100
    while True:
        item = item_on(deal.close_day, random)
        if is_for_sale_beside(deal, item):
            break
    booked = sales_line(item, percent, random)
    line = DealLine(OF_ITEM[item.id], booked.quantity, booked.price)
    deal.lines.append(line)
    deal.total_lines()
    return line


def _close(deal: Deal, status: str, day: int, category: str, left: int) -> None:
    deal.billing_status, deal.billing_closed = status, day
    _drop(deal, category, day, left)


def _forget(deal: Deal, category: str, left: int) -> None:
    deal.leaked = left
    _drop(deal, category, quiet_day(deal), left)


def _drop(deal: Deal, category: str, day: int, left: int) -> None:
    """What nobody bills any more leaves the backlog, and is explained."""
    deal.differ("B", "from_backlog", day, left)
    deal.differ("B", category, day, -left)
