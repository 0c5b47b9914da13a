"""One company's books from a seed, and what the vendor would serve of them.

Belongs here: how often each thing happens. Does not belong here: what happens then.
"""

import random
from collections import Counter
from collections.abc import Callable
from typing import NamedTuple

from tests.property.books import payments, postings, sales, second_thoughts
from tests.property.books.desk import Desk
from tests.property.books.wire import Records

ACTS_MIN, ACTS_MAX = 12, 45


class Act(NamedTuple):
    weight: int
    play: Callable[[Desk], None]


ORDINARY = (
    Act(18, sales.invoice),
    Act(8, sales.credit_memo),
    Act(2, sales.cash_sale),
    Act(18, payments.payment),
    Act(3, payments.auto_applied),
    Act(2, postings.opening_balance),
    Act(1, postings.opening_balances),
    Act(2, postings.write_off),
    Act(2, postings.transfer),
    Act(1, postings.several_lines),
    Act(1, postings.nameless_line),
    Act(4, postings.bank_deposit),
    Act(4, postings.refund),
    Act(2, second_thoughts.void),
    Act(2, second_thoughts.delete),
    Act(4, second_thoughts.edit_in_the_past),
)
ODD = (
    Act(2, sales.negative_invoice),
    Act(4, payments.of_too_much),
    Act(2, payments.of_what_is_not_there),
    Act(2, payments.across_customers),
    Act(2, payments.across_currencies),
    Act(2, postings.both_sides),
    Act(2, second_thoughts.delete_what_is_paid),
    Act(2, second_thoughts.lower_what_is_paid),
)
"""What QuickBooks refuses on entry, and old or imported books hold all the same."""


def made_up_books(seed: int) -> Records:
    """Every third company is odd, every second one keeps books in several currencies."""
    is_odd, is_foreign = seed % 3 == 0, seed % 2 == 0
    desk = Desk(random.Random(seed), is_odd=is_odd, is_foreign=is_foreign)
    acts = [*ORDINARY, *(ODD if is_odd else ())]
    chosen = desk.chance.choices(
        [act.play for act in acts],
        [act.weight for act in acts],
        k=desk.chance.randint(ACTS_MIN, ACTS_MAX),
    )
    for play in (sales.invoice, *chosen):
        play(desk)
    payments.state_unapplied_amounts(desk)
    return desk.records()


def known_by(night: int, nights: int, records: Records) -> Records:
    """What of the books was read by a night; records turn up in any order, on the last all."""

    def is_known(vendor_object: str, record_id: str, version: int) -> bool:
        first = random.Random(f"{vendor_object} {record_id}").randrange(nights)
        return night + 1 == nights or first + version <= night

    known: Records = {}
    for vendor_object, versions in records.items():
        seen: Counter[str] = Counter()
        known[vendor_object] = []
        for record in versions:
            if is_known(vendor_object, record["Id"], seen[record["Id"]]):
                known[vendor_object].append(record)
            seen[record["Id"]] += 1
    return known


def latest(records: Records) -> Records:
    """What the vendor would serve: of each record its last version."""
    return {
        vendor_object: list({record["Id"]: record for record in versions}.values())
        for vendor_object, versions in records.items()
    }
