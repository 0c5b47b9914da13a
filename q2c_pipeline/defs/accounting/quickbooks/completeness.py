"""Whether we hold as many records as the vendor counts, and what is done when we do not.

Belongs here: when to count, and the repair of a gap. Does not belong here: the certificate that
people read, which is a model.

A gap that was there at the last count, and is the same, needs no repair: it is a refused record, or
one that the vendor counts and does not show.
"""

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import NamedTuple

from q2c_pipeline.core.extraction import in_order
from q2c_pipeline.core.raw_tables import table_of
from q2c_pipeline.core.warehouse import ExtractionRecord
from q2c_pipeline.defs.accounting.quickbooks.control_reports import IS_NEW
from q2c_pipeline.defs.accounting.quickbooks.listing import PAGES_AHEAD
from q2c_pipeline.defs.accounting.quickbooks.objects import (
    CHANGING,
    CUSTOMERS,
    DAILY,
    SETTLING,
    SYSTEM,
    QuickBooksObject,
)
from q2c_pipeline.defs.accounting.quickbooks.reading import Reading

COUNT_AGE_MAX = timedelta(days=7)

_NEWS = """
with arrivals as (
    select extracted_at, run_id from {table} where entity = $entity
    union all
    select extracted_at, run_id from raw_quickbooks.rejects
    where entity = $entity and object = $object
),
last_count as (
    select counted_at, run_id
    from raw_quickbooks.counts
    where entity = $entity and object = $object
    order by counted_at desc, rowid desc
    limit 1
)
select
    (select count(*) from arrivals where {is_new}),
    coalesce((select counted_at < $counted_since from last_count), true) or exists (
        from arrivals
        cross join last_count
        where arrivals.run_id <> last_count.run_id
            and arrivals.extracted_at >= last_count.counted_at
    ),
"""


class News(NamedTuple):
    """How many records are new, and the objects whose last count is too old to tell."""

    arrivals: int
    uncounted: list[QuickBooksObject]


def news_of(reading: Reading, *, last: ExtractionRecord | None) -> News:
    """What arrived since the last completed reading; uncounted objects in their own order.

    A customer's balance moves with its documents. One that was purged leaves no other trace, so
    where customers have changed their documents are counted too.
    """
    arrivals = 0
    uncounted = []
    for spec in (*CHANGING, *DAILY):
        if reading.cursor(spec) is None:
            continue
        new, is_uncounted = reading.store.connection.execute(
            _NEWS.format(table=table_of(SYSTEM, spec.name), is_new=IS_NEW),
            {
                "entity": reading.realm,
                "object": spec.name,
                "since": last.extracted_at if last else None,
                "counted_since": reading.extracted_at - COUNT_AGE_MAX,
            },
        ).fetchall()[0]
        arrivals += new
        is_shaken = spec in SETTLING and CUSTOMERS in uncounted
        if is_uncounted or is_shaken or spec in reading.listed.difference(DAILY):
            uncounted.append(spec)
    return News(arrivals, uncounted)


def certify(reading: Reading, specs: Sequence[QuickBooksObject]) -> None:
    """Counts each object on both sides, repairs a gap at once, and records the last two counts."""
    counts = in_order(reading.pool, reading.client.count, specs, ahead=PAGES_AHEAD)
    for spec, theirs in zip(specs, counts, strict=True):
        _certify(reading, spec, theirs)


def _certify(reading: Reading, spec: QuickBooksObject, theirs: int) -> None:
    known_gap = reading.known_gap(spec)
    ours = reading.live_count(spec)
    for mend in _mends(reading, spec):
        if theirs - ours == known_gap:
            break
        reading.tell(f"{spec.name}: {ours} here, {theirs} there; looking for the difference")
        mend(spec)
        ours, theirs = reading.live_count(spec), reading.client.count(spec)
    reading.store.record_count(
        SYSTEM,
        spec.name,
        reading.realm,
        run_id=reading.run_id,
        ours=ours,
        theirs=theirs,
        counted_at=reading.client.vendor_now(),
    )
    if ours != theirs:
        reading.tell(f"{spec.name}: {ours} here, {theirs} there")


def _mends(
    reading: Reading, spec: QuickBooksObject
) -> Sequence[Callable[[QuickBooksObject], None]]:
    """First what people may have done meanwhile, then the whole, then again what they did."""
    if spec in DAILY:
        return (reading.land_listing,)
    if spec in reading.listed:
        return (reading.catch_up,)
    return (reading.catch_up, reading.land_listing, reading.catch_up)
