"""The first day on which our books and the vendor's part, and the documents that part them.

Belongs here: where to look, the search by halves, setting both sides beside each other. Does not
belong here: how the vendor is read, and what a person is told.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from datetime import date, timedelta
from decimal import Decimal
from typing import NamedTuple

import duckdb

from q2c_pipeline.defs.accounting.quickbooks.aged_detail import OpenDocument

_FIRST_DIFFERENCES = """
with differing as (
    select entity, min(as_of_date) as differs_on
    from finance.tie_outs
    where
        measure = 'aged_receivables'
        and customer_id is not null
        and not is_within_rounding
        and ($entity is null or entity = $entity)
        and ($customer is null or customer_id = $customer)
    group by entity
),
compared as (
    select distinct entity, as_of_date from finance.tie_outs where measure = 'aged_receivables'
),
first_documents as (
    select entity, min(holds_from_date) as first_date from finance.ar_open_amounts group by entity
)
select
    differing.entity,
    coalesce(
        max(compared.as_of_date),
        least(any_value(first_documents.first_date), any_value(differing.differs_on)) - 1
    ),
    any_value(differing.differs_on),
from differing
left join compared
    on differing.entity = compared.entity and compared.as_of_date < differing.differs_on
left join first_documents on differing.entity = first_documents.entity
group by differing.entity
order by differing.entity
"""

_OURS = """
select
    customer_id,
    split_part(document_id, '-', 1) as transaction_id,
    min(customer_name),
    min(document_type || coalesce(' ' || document_number, '')),
    sum(open_amount)::decimal(18, 2),
from finance.ar_open_items_as_of($day)
where entity = $entity
group by all
"""

Key = tuple[str, str]
"""Customer and transaction."""


class Stretch(NamedTuple):
    """Days between which the books part: they agree at the end of one and differ on the other."""

    entity: str
    agrees_on: date
    differs_on: date

    @property
    def reads_max(self) -> int:
        """How often the vendor is asked: once for the last day, then for half of what is left."""
        days = (self.differs_on - self.agrees_on).days
        return 1 + (days - 1).bit_length()


class Difference(NamedTuple):
    """A document that the two sides do not show alike, in its own currency."""

    customer_name: str
    customer_id: str
    label: str
    transaction_id: str
    ours: Decimal
    theirs: Decimal


class Parting(NamedTuple):
    """The first day that differs. No day and no documents: the vendor agrees by now."""

    day: date | None
    differences: list[Difference]


def stretches(
    warehouse: duckdb.DuckDBPyConnection, *, entity: str | None, customer_id: str | None
) -> list[Stretch]:
    """One for each entity whose ageing differs from the vendor's on a date that was compared."""
    rows = warehouse.execute(
        _FIRST_DIFFERENCES, {"entity": entity, "customer": customer_id}
    ).fetchall()
    return [Stretch(*row) for row in rows]


def our_documents(
    warehouse: duckdb.DuckDBPyConnection, entity: str, day: date
) -> list[OpenDocument]:
    """What is open at the end of the day; lines of one transaction are one."""
    rows = warehouse.execute(_OURS, {"entity": entity, "day": day}).fetchall()
    return [OpenDocument(*row) for row in rows]


def first_parting(stretch: Stretch, differences_on: Callable[[date], list[Difference]]) -> Parting:
    """The first day of a change from agreeing to differing, found by halves."""
    agrees_on, differs_on = stretch.agrees_on, stretch.differs_on
    differences = differences_on(differs_on)
    if not differences:
        return Parting(None, [])
    while (days := (differs_on - agrees_on).days) > 1:
        middle = agrees_on + timedelta(days=days // 2)
        found = differences_on(middle)
        if found:
            differs_on, differences = middle, found
        else:
            agrees_on = middle
    return Parting(differs_on, differences)


def differences_between(
    ours: Iterable[OpenDocument], theirs: Iterable[OpenDocument], *, customer_id: str | None
) -> list[Difference]:
    """The documents of unlike amounts, the largest difference first; of one customer, if named."""
    our_amounts, their_amounts = _by_document(ours), _by_document(theirs)
    found = [
        Difference(
            (shown := our_amounts.get(key) or their_amounts[key]).customer_name,
            key[0],
            shown.label,
            key[1],
            _amount(our_amounts, key),
            _amount(their_amounts, key),
        )
        for key in our_amounts.keys() | their_amounts.keys()
        if customer_id in (None, key[0])
        and _amount(our_amounts, key) != _amount(their_amounts, key)
    ]
    return sorted(found, key=lambda one: (-abs(one.ours - one.theirs), one.transaction_id, one))


def _by_document(sides: Iterable[OpenDocument]) -> dict[Key, OpenDocument]:
    grouped: dict[Key, list[OpenDocument]] = defaultdict(list)
    for side in sides:
        grouped[side.customer_id, side.transaction_id].append(side)
    return {
        key: lines[0]._replace(open_amount=sum((line.open_amount for line in lines), Decimal(0)))
        for key, lines in grouped.items()
    }


def _amount(sides: Mapping[Key, OpenDocument], key: Key) -> Decimal:
    return sides[key].open_amount if key in sides else Decimal(0)
