"""Customers that were entered twice, and others that only look like it.

Belongs here: the customers, their invoices, and money that was booked to the wrong record. Does not
belong here: how records differ (``likeness``). All of it is beside what the firm sells to its
customers: no deal, and no account of the CRM, stands behind it.
"""

from collections.abc import Iterator

from q2c_pipeline.sandbox.generate import names, profile
from q2c_pipeline.sandbox.generate.books import catalogue
from q2c_pipeline.sandbox.generate.books.customers import Customer, Habit
from q2c_pipeline.sandbox.generate.books.desk import Desk
from q2c_pipeline.sandbox.generate.books.documents import Invoice
from q2c_pipeline.sandbox.generate.books.habits import settle
from q2c_pipeline.sandbox.generate.books.invoicing import make_invoices
from q2c_pipeline.sandbox.generate.chance import stream
from q2c_pipeline.sandbox.generate.days import (
    SECONDS_PER_DAY,
    business_day_from,
    business_day_until,
)
from q2c_pipeline.sandbox.generate.likeness.cards import Card, Draw
from q2c_pipeline.sandbox.generate.likeness.pairs import (
    Pair,
    Sketch,
    pairs_of_each,
    sketch_pairs,
)

#: A second record is entered so many days after the first, and at the latest so long before now.
ENTERED_AFTER, ENTERED_DAYS_AGO = (30, 400), 60
INVOICES = (2, 4)
#: Of the twins, one in so many is billed.
TWINS_PER_BILLED = 3
STRAY_AFTER, UNPAID_DAYS = (3, 20), 25


def enter_lookalikes(
    desk: Desk, customers: list[Customer], written: list[list[Invoice]]
) -> list[Pair[Customer]]:
    """Adds them to ``customers``, and the invoices of each to ``written``."""
    seed, known = desk.seed, list(customers)
    random = stream(seed, "lookalikes")
    taken = {name for each in known for name in (each.name, each.former_name) if name}
    draw = Draw(random, taken, names.positions_after(len(known), 0), repeats_names=False)
    candidates = [(each, _card(each)) for each in known if _may_have_lookalikes(each)]
    random.shuffle(candidates)
    # Taken from the end: those first whose money can go astray.
    candidates.sort(key=lambda each: _unpaid(written[each[0].rank]) is not None)
    each_kind = pairs_of_each(len(known))
    pairs = []
    for sketch in sketch_pairs(candidates, each_kind, draw):
        pair = _enter(sketch, customers, draw)
        written.extend([] for _ in range(len(customers) - len(written)))
        pairs.append(pair)
    for customer in _billed(pairs):
        _bill(desk, customer, written[customer.rank])
    _lead_astray(desk, pairs, written, each_kind)
    return pairs


def _may_have_lookalikes(customer: Customer) -> bool:
    """By itself, known to the CRM by its id, and by the same name."""
    return (
        customer.is_active
        and customer.is_linked
        and not (customer.parent or customer.jobs or customer.former_name)
    )


def _card(customer: Customer) -> Card:
    return Card(
        name=customer.name,
        address=customer.address,
        phone=customer.phone,
        person=customer.person,
        host=names.mail_host(customer.name),
        certificate=customer.certificate if customer.is_exempt else "",
    )


def _enter(sketch: Sketch[Customer], customers: list[Customer], draw: Draw) -> Pair[Customer]:
    one = sketch.known
    if one is None:
        since = profile.BOOKS_BEGIN + draw.random.randrange(20, 500)
        one = _new_customer(sketch.one, len(customers), business_day_from(since), draw)
        customers.append(one)
    day = one.created // SECONDS_PER_DAY + draw.random.randint(*ENTERED_AFTER)
    day = business_day_until(min(day, profile.LAST_DAY - ENTERED_DAYS_AGO))
    other = _new_customer(sketch.other, len(customers), day, draw)
    if sketch.is_duplicate:
        other.term, other.habit, other.method = one.term, one.habit, one.method
        other.price_percent = one.price_percent
    if sketch.is_child:
        other.parent = one
        one.jobs.append(other)
    customers.append(other)
    return Pair(sketch.kind, sketch.is_duplicate, one, other)


def _new_customer(card: Card, rank: int, day: int, draw: Draw) -> Customer:
    is_abroad = not card.address.state
    return Customer(
        rank=rank,
        id=rank + 1,
        name=card.name,
        company_name=card.legal_name or card.name,
        currency=profile.FOREIGN_CURRENCY if is_abroad else profile.HOME_CURRENCY,
        habit=draw.random.choice((Habit.PROMPT, Habit.USUAL, Habit.LATE)),
        term=draw.random.choice(catalogue.TERMS),
        since=business_day_from(day + 1),
        until=profile.LAST_DAY,
        weight=0.0,
        price_percent=100,
        person=card.person,
        address=card.address,
        phone=card.phone,
        mail=f"{card.mailbox}@{card.host}",
        tax_code=catalogue.TAX_CODE_OF_STATE.get(card.address.state),
        is_exempt=bool(card.certificate),
        own_certificate=card.certificate,
        method=catalogue.WIRE if is_abroad else catalogue.CHECK,
        created=day * SECONDS_PER_DAY + 7 * 3600,
        has_account=False,
    )


def _billed(pairs: list[Pair[Customer]]) -> Iterator[Customer]:
    """New companies that have a twin, and some of the twins."""
    duplicates = [pair for pair in pairs if pair.is_duplicate]
    for position, pair in enumerate(duplicates):
        if not pair.one.has_account:
            yield pair.one
        if position % TWINS_PER_BILLED == 0:
            yield pair.other


def _bill(desk: Desk, customer: Customer, own: list[Invoice]) -> None:
    desk.turn_to(customer)
    count = desk.random.randint(*INVOICES)
    own.extend(make_invoices(customer, count, rates=desk.rates, random=desk.random))
    desk.documents.extend(own)
    for invoice in own:
        desk.plant("billed_to_lookalike", invoice)
        settle(desk, invoice, invoice.total)


def _lead_astray(
    desk: Desk, pairs: list[Pair[Customer]], written: list[list[Invoice]], wanted: int
) -> None:
    """Money for an invoice of the one was booked to the other, and waits there."""
    twice = {pair.one.id: pair for pair in pairs if pair.is_duplicate}
    for pair in twice.values():
        unpaid = _unpaid(written[pair.one.rank])
        if not wanted or unpaid is None:
            continue
        desk.turn_to(pair.other)
        due = max(unpaid.due, pair.other.created // SECONDS_PER_DAY)
        day = business_day_from(due + desk.random.randint(*STRAY_AFTER))
        payment = desk.pay(pair.other, day, [], unapplied=unpaid.total)
        desk.plant("paid_to_twin", payment, note=f"meant for customer {pair.one.id}")
        wanted -= 1


def _unpaid(invoices: list[Invoice]) -> Invoice | None:
    """One that has been due for a while, and that nothing has touched."""
    return next(
        (
            each
            for each in invoices
            if each.is_in_books
            and not (each.payments or each.deposit)
            and each.due < profile.LAST_DAY - UNPAID_DAYS
        ),
        None,
    )
