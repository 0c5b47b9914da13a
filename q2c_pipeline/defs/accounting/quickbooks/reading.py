"""One run's reading of one realm: how an object's rows come into the raw store.

Belongs here: landing what changed, and landing all of it. Does not belong here: which objects, and
in which order, which is ``extract.py``.
"""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime

from q2c_pipeline.core.extraction import ObjectLoad, Progress
from q2c_pipeline.core.landing import Load, LoadCounts
from q2c_pipeline.core.objects import read_records
from q2c_pipeline.core.warehouse import Cursor, RawStore
from q2c_pipeline.defs.accounting.quickbooks.capture import Changed, captured
from q2c_pipeline.defs.accounting.quickbooks.client import Page, QuickBooksClient
from q2c_pipeline.defs.accounting.quickbooks.listing import listed
from q2c_pipeline.defs.accounting.quickbooks.objects import SYSTEM, QuickBooksObject

_KNOWN_GAP = """
select theirs - ours
from raw_quickbooks.counts
where entity = $1 and object = $2
order by counted_at desc, rowid desc
limit 1
"""


@dataclass(kw_only=True)
class Reading:
    """``loads`` grows as objects are committed.

    ``listed`` holds the objects read whole, by this run or one before it that did not complete;
    ``missing`` names the tables of those that the company does not have.
    """

    store: RawStore
    client: QuickBooksClient
    run_id: str
    extracted_at: datetime
    progress: Progress
    pool: ThreadPoolExecutor
    loads: list[ObjectLoad] = field(default_factory=list)
    listed: set[QuickBooksObject] = field(default_factory=set)
    missing: list[str] = field(default_factory=list)

    @property
    def realm(self) -> str:
        return self.client.realm

    def tell(self, told: str) -> None:
        self.progress(f"QuickBooks {self.realm} {told}")

    def cursor(self, spec: QuickBooksObject) -> Cursor | None:
        return self.store.cursor(SYSTEM, spec.name, self.realm)

    @contextmanager
    def load(self, name: str) -> Iterator[Load]:
        with self.store.load(SYSTEM, name, self.realm, self.run_id, self.extracted_at) as load:
            yield load

    def done(self, name: str, counts: LoadCounts) -> None:
        self.loads.append(ObjectLoad(name, counts))
        refused = f", {counts.refused} refused" if counts.refused else ""
        self.tell(f"{name}: {counts.read} read, {counts.versions} new{refused}")

    def known_gap(self, spec: QuickBooksObject) -> int:
        """By how many records the vendor had more than we at the last count."""
        found = self.store.connection.execute(_KNOWN_GAP, [self.realm, spec.name]).fetchone()
        return found[0] if found else 0

    def live_count(self, spec: QuickBooksObject) -> int:
        """How many records of the object we hold."""
        with self.load(spec.name) as load:
            return self._live_count(spec, load)

    def land_page(self, spec: QuickBooksObject, page: Page) -> None:
        """An answer that is all there is of an object now; earlier records stay."""
        with self.load(spec.name) as load:
            load.add(read_records(spec, page.rows))
            self.done(spec.name, load.commit(page.asked_at))

    def land_changes(self, spec: QuickBooksObject, changed: Changed) -> None:
        """What was captured; where that was cut off, what a query for the same time shows.

        A query shows no deletion. The number of rows tells whether there was one: with all changes
        landed ours would exceed the vendor's, unless a refused row hides it. Then all is listed.
        """
        is_listing = False
        with self.load(spec.name) as load:
            if changed.rows is not None:
                load.add(read_records(spec, changed.rows))
            else:
                self._add_listed(spec, load, changed_since=changed.since)
                gap = self.client.count(spec) - self._live_count(spec, load)
                is_listing = load.refused > 0 or gap != self.known_gap(spec)
            if is_listing:
                self._add_listed(spec, load)
                load.mark_vanished()
                self.listed.add(spec)
            self.done(spec.name, load.commit(changed.asked_at, is_listing=is_listing))

    def land_listing(self, spec: QuickBooksObject) -> None:
        """Every row, and a deletion for each record that is no longer among them."""
        with self.load(spec.name) as load:
            asked_at = self._add_listed(spec, load)
            load.mark_vanished()
            self.done(spec.name, load.commit(asked_at, is_listing=True))
        self.listed.add(spec)

    def catch_up(self, spec: QuickBooksObject) -> None:
        """What changed since the object was read a moment ago."""
        changes = captured(self.store, self.client, [spec], self.pool)
        if spec.vendor_name in changes:
            self.land_changes(spec, changes[spec.vendor_name])
        else:
            self.land_listing(spec)

    def _live_count(self, spec: QuickBooksObject, load: Load) -> int:
        live = load.live_count()
        if spec.pseudo_ids:
            live -= len(spec.pseudo_ids & self.store.latest_ids(SYSTEM, spec.name, self.realm))
        return live

    def _add_listed(
        self, spec: QuickBooksObject, load: Load, *, changed_since: datetime | None = None
    ) -> datetime:
        """The moment that the first page was asked for: nothing later is sure to be in it."""
        asked_at: datetime | None = None
        pages = listed(self.client, spec, self.pool, changed_since=changed_since)
        for page in pages:
            asked_at = asked_at or page.asked_at
            load.add(page.observations)
            if load.read > len(page.observations):
                self.tell(f"{spec.name}: {load.read} read so far")
        return asked_at or self.extracted_at
