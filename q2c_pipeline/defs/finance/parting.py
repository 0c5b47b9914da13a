"""The first day on which our books and the vendor's part, and the documents that part them.

Belongs here: where to look, the search by halves, setting both sides beside each other. Does not
belong here: how the vendor is read, and what a person is told.
"""

from collections.abc import Callable, Iterable
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
    min(due_date),
    sum(open_amount)::decimal(18, 2),
from finance.ar_open_items_as_of($day)
where entity = $entity
group by all
"""


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
    """A document that the two sides do not show alike; None where a side does not show it open."""

    ours: OpenDocument | None
    theirs: OpenDocument | None

    @property
    def shown(self) -> OpenDocument:
        """One of the two, for its names."""
        shown = self.ours or self.theirs
        assert shown is not None  # noqa: S101  a document is on one side at least
        return shown

    @property
    def amount(self) -> Decimal:
        """Ours less theirs in its own currency; zero where only the due date differs."""
        return open_amount(self.ours) - open_amount(self.theirs)


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


def our_open_documents(
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
    """Documents of unlike amounts or due dates, the largest first; of one customer, if named."""
    our_documents, their_documents = _by_key(ours), _by_key(theirs)
    paired = [
        Difference(our_documents.get(key), their_documents.get(key))
        for key in sorted(our_documents.keys() | their_documents.keys())
        if customer_id in (None, key[0])
    ]
    return sorted(filter(_is_unlike, paired), key=lambda one: -abs(one.amount))


def open_amount(document: OpenDocument | None) -> Decimal:
    return document.open_amount if document else Decimal(0)


def has_other_due_date(one: Difference) -> bool:
    """Whether a charge ages differently; what a credit's due date is, nobody asks."""
    return (
        one.ours is not None
        and one.theirs is not None
        and one.theirs.due_date not in (None, one.ours.due_date)
        and one.ours.open_amount > 0
    )


def _is_unlike(one: Difference) -> bool:
    return one.amount != 0 or has_other_due_date(one)


def _by_key(documents: Iterable[OpenDocument]) -> dict[tuple[str, str], OpenDocument]:
    """By customer and transaction; several lines are one document."""
    grouped: dict[tuple[str, str], OpenDocument] = {}
    for document in documents:
        key = document.customer_id, document.transaction_id
        before = open_amount(grouped.get(key))
        grouped[key] = document._replace(open_amount=before + document.open_amount)
    return grouped
