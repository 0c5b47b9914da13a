"""Accounts that were created twice, and others that only look like it.

Belongs here: the accounts. Does not belong here: how records differ (``likeness``). None of them
stands for a customer, but for a few that the books have twice as well, and none has a deal, but for
a few that are to be billed.
"""

from q2c_pipeline.sandbox.generate import names, profile
from q2c_pipeline.sandbox.generate.books.customers import Customer
from q2c_pipeline.sandbox.generate.books.keeping import Books
from q2c_pipeline.sandbox.generate.chance import stream
from q2c_pipeline.sandbox.generate.crm.accounts import (
    EXEMPT,
    INDUSTRIES,
    NOT_YET_ACTIVE,
    SEGMENTS,
    STANDARD_TERM,
    TAXABLE,
    USERS,
    BillingProfile,
    CrmAccount,
    profile_of_customer,
)
from q2c_pipeline.sandbox.generate.days import SECONDS_PER_DAY, business_day_from
from q2c_pipeline.sandbox.generate.likeness.cards import Card, Draw
from q2c_pipeline.sandbox.generate.likeness.pairs import (
    Pair,
    Sketch,
    pairs_of_each,
    sketch_pairs,
)

CREATED_AFTER = (20, 300)


def make_lookalikes(books: Books, accounts: list[CrmAccount]) -> list[Pair[CrmAccount]]:
    """Adds them to ``accounts``."""
    known = [each for each in books.customers if each.has_account]
    random = stream(books.seed, "lookalikes in the crm")
    taken = {each.name for each in accounts} | {each.name for each in books.customers}
    draw = Draw(random, taken, names.positions_after(len(known), 1), repeats_names=True)
    candidates = [
        (account, _card(account))
        for account in accounts
        if _may_have_lookalikes(account, {pair.one.id for pair in books.lookalikes})
    ]
    random.shuffle(candidates)
    each_kind = pairs_of_each(len(known))
    pairs = [
        _of_sketch(sketch, accounts, draw) for sketch in sketch_pairs(candidates, each_kind, draw)
    ]
    twice_in_both = [
        pair for pair in books.lookalikes if pair.is_duplicate and pair.one.has_account
    ]
    for pair in random.sample(twice_in_both, each_kind):
        one = accounts[pair.one.rank]
        other = _new_account(_card_of_twin(pair.other), len(accounts) + 1, one, draw)
        billing = profile_of_customer(pair.other)
        other = other._replace(is_twin=True, customer=pair.other, is_linked=True, billing=billing)
        accounts.append(other)
        pairs.append(Pair(pair.kind, True, one, other))
    return pairs


def _may_have_lookalikes(account: CrmAccount, alike_in_books: set[int]) -> bool:
    """Its customer is by itself, named by its id, and has none in the books."""
    customer = account.customer
    return (
        customer is not None
        and customer.is_active
        and customer.is_linked
        and not (customer.parent or customer.jobs or customer.former_name)
        and customer.id not in alike_in_books
    )


def _card(account: CrmAccount) -> Card:
    return Card(
        name=account.name,
        address=account.address,
        phone=account.phone,
        person=account.person,
        host=names.mail_host(account.name),
        certificate=account.billing.certificate,
    )


def _card_of_twin(customer: Customer) -> Card:
    mailbox, _, host = customer.mail.partition("@")
    return Card(
        name=customer.name,
        address=customer.address,
        phone=customer.phone,
        person=customer.person,
        host=host,
        mailbox=mailbox,
    )


def _of_sketch(
    sketch: Sketch[CrmAccount], accounts: list[CrmAccount], draw: Draw
) -> Pair[CrmAccount]:
    one = sketch.known
    if one is None:
        one = _new_account(sketch.one, len(accounts) + 1, None, draw)
        accounts.append(one)
    other = _new_account(sketch.other, len(accounts) + 1, one, draw)
    other = other._replace(
        is_twin=sketch.is_duplicate, parent=one.number if sketch.is_child else None
    )
    accounts.append(other)
    return Pair(sketch.kind, sketch.is_duplicate, one, other)


def _new_account(card: Card, number: int, before: CrmAccount | None, draw: Draw) -> CrmAccount:
    """Created by whoever did not look for the one ``before``."""
    random = draw.random
    earliest = before.created // SECONDS_PER_DAY if before else profile.BOOKS_BEGIN
    day = business_day_from(earliest + random.randint(*CREATED_AFTER))
    is_abroad = not card.address.state
    return CrmAccount(
        number=number,
        name=card.name,
        customer=None,
        is_linked=False,
        parent=None,
        owner=random.randrange(len(USERS)),
        person=card.person,
        address=card.address,
        phone=card.phone,
        segment=SEGMENTS[2],
        industry=random.choice(INDUSTRIES),
        credit_limit=None,
        currency=profile.FOREIGN_CURRENCY if is_abroad else profile.HOME_CURRENCY,
        created=day * SECONDS_PER_DAY + 8 * 3600,
        billing=BillingProfile(
            legal_name=card.legal_name or card.name,
            terms=STANDARD_TERM.name,
            tax_status=EXEMPT if card.certificate else TAXABLE,
            certificate=card.certificate,
            finance_status=NOT_YET_ACTIVE,
        ),
        host=card.host,
        mailbox=card.mailbox,
    )
