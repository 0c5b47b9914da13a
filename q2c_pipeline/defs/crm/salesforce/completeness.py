"""Whether every live row of the organisation is live here, and the mending of what is not.

Belongs here: comparing counts and ids, missed rows, purged rows. Does not belong here: the window
of changes, which ``extract.py`` has read before.

The recycle bin is emptied without a trace, a transaction may commit later than any overlap, and a
user may be shown rows of long ago: only a count tells. But rows that the user may no longer see
look like purged ones. So when many are gone at once, the object stops until the loss has lasted a
while, in which somebody can see the failing runs and give the access back.
"""

from datetime import timedelta
from itertools import takewhile

from q2c_pipeline.core.errors import ContractBroken
from q2c_pipeline.core.landing import LoadCounts
from q2c_pipeline.core.objects import read_records
from q2c_pipeline.defs.crm.salesforce.held import Counts, Held
from q2c_pipeline.defs.crm.salesforce.objects import SYSTEM
from q2c_pipeline.defs.crm.salesforce.reading import Reading, ShownIds

REPAIRS_MAX = 3
"""The organisation goes on changing while it is counted."""
CHOSEN_ROWS_MAX = 10_000
"""More are not asked for by their ids: reading everything takes fewer calls."""
LOSS_ROWS_MIN = 10
LOSS_PERCENT_MAX = 20
LOSS_BELIEVED_AFTER = timedelta(days=3)
"""Longer than a weekend."""

NOTHING = LoadCounts(0, 0, 0, 0)


def complete(reading: Reading, *, selection: str, is_news: bool) -> LoadCounts:
    """Makes our live records those that are shown, and records both counts; what it landed.

    The same counts again are recorded only beside news, so that an idle run adds nothing.

    Raises: ContractBroken, with nothing called deleted, when too many rows are gone at once.
    """
    held = Held(reading.store, reading.spec.name, reading.client.organisation)
    repaired = NOTHING
    counts = _counted(reading, held)
    for _ in range(REPAIRS_MAX):
        if counts.ours + len(held.refused_ids()) == counts.theirs:
            break
        reading.progress(
            f"Salesforce {reading.spec.name}: {counts.theirs:,} live there, {counts.ours:,} here,"
            " comparing ids"
        )
        landed = _repaired(reading, held, selection)
        if not landed.versions:
            break
        repaired = added(repaired, landed)
        counts = _counted(reading, held)
    if is_news or repaired.versions or not _is_known(counts, held):
        _record(reading, counts)
    return repaired


def added(one: LoadCounts, other: LoadCounts) -> LoadCounts:
    """What two loads of one object came to."""
    return LoadCounts(*(sum(pair) for pair in zip(one, other, strict=True)))


def _counted(reading: Reading, held: Held) -> Counts:
    theirs = reading.client.count(reading.spec.vendor_name)
    return Counts(held.live_count(), theirs, reading.client.vendor_now())


def _is_known(counts: Counts, held: Held) -> bool:
    """Whether the last recorded counts were the same."""
    return [past[:2] for past in held.counts()[:1]] == [counts[:2]]


def _record(reading: Reading, counts: Counts) -> None:
    reading.store.record_count(
        SYSTEM,
        reading.spec.name,
        reading.client.organisation,
        run_id=reading.run_id,
        ours=counts.ours,
        theirs=counts.theirs,
        counted_at=counts.counted_at,
    )


def _repaired(reading: Reading, held: Held, selection: str) -> LoadCounts:
    """Reads what was missed, then marks what is gone, if so great a loss may be believed."""
    shown = reading.shown_ids()
    live = held.live_ids()
    missed = (shown.live - live - held.refused_ids()) | (shown.binned & live)
    with reading.load() as load:
        is_few = len(missed) <= CHOSEN_ROWS_MAX
        for rows in reading.chosen_rows(missed) if is_few else reading.rows(None):
            load.add(read_records(reading.spec, rows))
        landed = load.commit(reading.extracted_at, selection=selection)
    lost = live - shown.live - shown.binned
    _refuse_great_loss(reading, held, shown, lost)
    with reading.load() as load:
        load.add(held.deletions(lost))
        return added(landed, load.commit(reading.extracted_at, selection=selection))


def _refuse_great_loss(reading: Reading, held: Held, shown: ShownIds, lost: set[str]) -> None:
    counts = Counts(held.live_count(), len(shown.live), reading.client.vendor_now())
    if not _is_great(len(lost), counts.ours):
        return
    lasting = takewhile(lambda past: _is_great(past.ours - past.theirs, past.ours), held.counts())
    begun_at = min((past.counted_at for past in lasting), default=counts.counted_at)
    believed_at = begun_at + LOSS_BELIEVED_AFTER
    if counts.counted_at >= believed_at:
        return
    _record(reading, counts)
    raise ContractBroken(
        f"Salesforce organisation {reading.client.organisation} does not show {len(lost):,} of"
        f" {counts.ours:,} {reading.spec.vendor_name} rows that were there before, not even as"
        " deleted ones. This is what a lost permission looks like, so none was marked deleted:"
        " give the integration user access to all of them again. If they were really deleted for"
        f" good, a run after {believed_at:%Y-%m-%d %H:%M} UTC takes them as deleted"
    )


def _is_great(lost: int, held: int) -> bool:
    return lost >= LOSS_ROWS_MIN and lost * 100 > held * LOSS_PERCENT_MAX
