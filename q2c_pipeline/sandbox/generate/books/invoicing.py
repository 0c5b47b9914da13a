"""Which invoices the firm writes: how many to whom, when, and for what.

Belongs here: growth, seasons, the share of each customer, lines and taxes. Does not belong here:
how invoices are settled.
"""

from bisect import bisect_left, bisect_right
from datetime import date
from functools import cache
from itertools import accumulate
from random import Random

from q2c_pipeline.sandbox.generate import profile
from q2c_pipeline.sandbox.generate.books import catalogue
from q2c_pipeline.sandbox.generate.books.catalogue import Item
from q2c_pipeline.sandbox.generate.books.customers import Customer
from q2c_pipeline.sandbox.generate.books.documents import Invoice, SalesLine, Tax
from q2c_pipeline.sandbox.generate.books.rates import Rates
from q2c_pipeline.sandbox.generate.days import SECONDS_PER_DAY, is_business_day
from q2c_pipeline.sandbox.generate.money import share

#: How busy each month is, in hundredths of a usual one.
SEASON = (80, 90, 105, 100, 100, 110, 80, 75, 105, 115, 115, 125)
GROWTH_PERCENT = 90
LINE_COUNTS = (1, 2, 3, 4, 5, 6)
LINE_COUNT_WEIGHTS = (40, 68, 85, 93, 97, 100)
DISCOUNT_SHARE = 0.04
OFFICE_OPENS, OFFICE_SECONDS = 6 * 3600, 8 * 3600


@cache
def _busyness() -> tuple[int, ...]:
    """Running total of each day's weight since the books began; closed days add nothing."""
    length = profile.LAST_DAY - profile.BOOKS_BEGIN
    weights = []
    for offset in range(length + 1):
        day = profile.BOOKS_BEGIN + offset
        on = date.fromordinal(day)
        weight = SEASON[on.month - 1] * (100 + GROWTH_PERCENT * offset // length)
        if on.day in (1, 2, 28, 29, 30):
            weight = weight * 2
        weights.append(weight if is_business_day(day) else 0)
    return tuple(accumulate(weights))


def invoice_counts(customers: list[Customer], invoices: int) -> list[int]:
    """How many each customer gets: at least one, by weight, and ``invoices`` in all."""
    total = sum(each.weight * _active_share(each) for each in customers)
    spare = invoices - len(customers)
    exact = [spare * each.weight * _active_share(each) / total for each in customers]
    counts = [int(part) for part in exact]
    by_remainder = sorted(range(len(exact)), key=lambda at: (counts[at] - exact[at], at))
    for at in by_remainder[: spare - sum(counts)]:
        counts[at] += 1
    return [count + 1 for count in counts]


def _active_share(customer: Customer) -> float:
    busyness = _busyness()
    low, high = _window(customer)
    return (high - low) / busyness[-1]


def _window(customer: Customer) -> tuple[int, int]:
    busyness = _busyness()
    first = customer.since - profile.BOOKS_BEGIN
    low = busyness[first - 1] if first > 0 else 0
    return low, busyness[customer.until - profile.BOOKS_BEGIN]


def make_invoices(customer: Customer, count: int, *, rates: Rates, random: Random) -> list[Invoice]:
    """In the order of their dates."""
    busyness = _busyness()
    low, high = _window(customer)
    days = sorted(
        profile.BOOKS_BEGIN + bisect_left(busyness, random.randrange(low, high) + 1)
        for _ in range(count)
    )
    return [make_invoice(customer, day, rates=rates, random=random) for day in days]


def make_invoice(customer: Customer, day: int, *, rates: Rates, random: Random) -> Invoice:
    lines = sales_lines(customer, day, random)
    tax = sales_tax(customer, lines)
    subtotal = sum(line.amount for line in lines)
    discount = 0
    if tax is None and random.random() < DISCOUNT_SHARE:
        discount = share(subtotal, random.choice((5, 10)), 100)
    created = day * SECONDS_PER_DAY + OFFICE_OPENS + random.randrange(OFFICE_SECONDS)
    created = max(created, customer.created + 60)
    return Invoice(
        customer=customer,
        day=day,
        created=created,
        updated=created,
        total=subtotal - discount + (tax.total if tax else 0),
        rate=rates.on(day, customer.currency),
        lines=lines,
        discount=discount,
        tax=tax,
        due=day + customer.term.due_days,
    )


_ITEM_BOUNDS = tuple(accumulate(catalogue.ITEM_WEIGHTS))


def sales_lines(customer: Customer, day: int, random: Random) -> tuple[SalesLine, ...]:
    count = LINE_COUNTS[bisect_right(LINE_COUNT_WEIGHTS, random.randrange(100))]
    percent = customer.price_percent
    return tuple(sales_line(item_on(day, random), percent, random) for _ in range(count))


def item_on(day: int, random: Random) -> Item:
    """Something that is still sold on that day."""
    while True:
        item = catalogue.ITEMS[bisect_right(_ITEM_BOUNDS, random.randrange(_ITEM_BOUNDS[-1]))]
        if item.retired is None or day <= item.retired:
            return item


def sales_line(item: Item, price_percent: int, random: Random) -> SalesLine:
    if item.id == catalogue.AT_COST:
        price = random.randrange(3_000, 260_000)
        return SalesLine(item, 100, price, price)
    lowest, highest, step = item.quantities
    # Squaring favours small orders, which gives the long tail of invoice amounts.
    steps = int((highest - lowest) // step * random.random() ** 2)
    quantity = lowest + steps * step
    # Whole multiples of 4 cents keep quarter hours exact to the cent.
    price = item.price * price_percent // 400 * 4
    return SalesLine(item, quantity, price, quantity * price // 100)


def sales_tax(customer: Customer, lines: tuple[SalesLine, ...]) -> Tax | None:
    """None where nothing is taxable: services, exempt customers, states without a code."""
    code = customer.tax_code
    if code is None or customer.is_exempt:
        return None
    taxable = sum(line.amount for line in lines if line.item.taxable)
    if not taxable:
        return None
    parts = tuple(
        (rate, share(taxable, rate.percent, catalogue.PERCENT_WHOLE)) for rate in code.rates
    )
    return Tax(code, taxable, parts)
