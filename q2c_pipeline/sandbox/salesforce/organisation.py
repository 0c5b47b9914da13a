"""One running Salesforce organisation: what every handler needs at hand.

Belongs here: the store seen as one organisation's records. Does not belong here: requests.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property

import msgspec

from q2c_pipeline.sandbox.company import Sandbox
from q2c_pipeline.sandbox.salesforce import search
from q2c_pipeline.sandbox.salesforce.bulk_jobs import Jobs
from q2c_pipeline.sandbox.salesforce.cursors import Cursors
from q2c_pipeline.sandbox.salesforce.faults import unknown_object_in_query
from q2c_pipeline.sandbox.salesforce.ids import KEY_PREFIXES, has_id_form, next_id, normalised
from q2c_pipeline.sandbox.salesforce.oauth import Sessions
from q2c_pipeline.sandbox.salesforce.rows import Selection, selection
from q2c_pipeline.sandbox.salesforce.rules import OrganisationRules
from q2c_pipeline.sandbox.salesforce.schema import RECORD, SYSTEM, Schema, SObject
from q2c_pipeline.sandbox.salesforce.soql_tree import Query
from q2c_pipeline.sandbox.salesforce.usage import ApiUsage
from q2c_pipeline.sandbox.store import Store, StoredRecord, microseconds

HELD_SETTING = "salesforce/held-records"
HELD = msgspec.json.Decoder(dict[str, datetime])
BIN_LIFETIME = timedelta(days=15)
BIN_LOOK_INTERVAL = timedelta(minutes=1)

Record = dict[str, msgspec.Raw]
"""A record's fields, each as the exact JSON text of its value."""


@dataclass
class Organisation:
    sandbox: Sandbox
    rules: OrganisationRules

    def __post_init__(self) -> None:
        search.prepare(self.store)
        self._bin_looked_into_at: datetime | None = None

    @property
    def store(self) -> Store:
        return self.sandbox.store

    @property
    def id(self) -> str:
        return self.sandbox.company.organisation_id

    @cached_property
    def schema(self) -> Schema:
        return Schema(self.store, self.id, self.now, self.rules.custom_fields)

    @cached_property
    def sessions(self) -> Sessions:
        return Sessions(self.sandbox)

    @cached_property
    def cursors(self) -> Cursors:
        return Cursors(self.sandbox.random_text)

    @cached_property
    def usage(self) -> ApiUsage:
        return ApiUsage(self.rules.daily_api_requests)

    @cached_property
    def jobs(self) -> Jobs:
        return Jobs()

    def now(self) -> datetime:
        """The moment in whole seconds, the resolution in which the vendor stamps records."""
        return self.sandbox.clock.now().replace(microsecond=0)

    def found(self, wanted: Query, *, include_deleted: bool) -> tuple[Selection, list[int]]:
        """What a query shows, and the ordinals of the rows that it finds.

        Raises ``Refusal`` for an unknown object or field, or a value of the wrong type.
        """
        sobject = self.schema.find(wanted.object)
        if sobject is None:
            raise unknown_object_in_query(wanted.object)
        chosen = selection(self.schema, sobject, wanted.fields)
        ordinals = search.matching_ordinals(
            self.store, self.schema, self.id, sobject, wanted, include_deleted=include_deleted
        )
        return chosen, ordinals

    @contextmanager
    def changes(self) -> Iterator[None]:
        """All or nothing, also as a part of larger changes that go on without it."""
        with self.sandbox.changes():
            self.store.connection.execute("savepoint part")
            try:
                yield
            except BaseException:
                self.store.revision += 1
                self.store.connection.execute("rollback to part")
                raise
            finally:
                self.store.connection.execute("release part")

    def empty_the_bin(self) -> None:
        """Let go of what has lain in the recycle bin for its fifteen days."""
        now = self.now()
        looked = self._bin_looked_into_at
        if looked is not None and now - looked < BIN_LOOK_INTERVAL:
            return
        self._bin_looked_into_at = now
        with self.changes():
            self.store.connection.execute(
                "delete from records where system = ? and tenant = ?"
                " and object in (select value from json_each(?))"
                " and is_deleted = 1 and updated_at <= ?",
                (SYSTEM, self.id, self._object_names(), microseconds(now - BIN_LIFETIME)),
            )

    def stored(self, sobject: SObject, record_id: str) -> StoredRecord | None:
        """The record as the store keeps it, deleted or not; None if there is none."""
        return self.store.get(SYSTEM, self.id, sobject.name, normalised(record_id))

    def record(self, sobject: SObject, record_id: str) -> tuple[Record, bool] | None:
        """The record and whether it is deleted; None if there is none."""
        stored = self.stored(sobject, record_id)
        return stored and (RECORD.decode(stored.payload), stored.is_deleted)

    def keep(
        self, sobject: SObject, record_id: str, record: Record, *, is_deleted: bool = False
    ) -> None:
        """Store a record as changed now. Call within ``changes()``."""
        payload = msgspec.json.encode(record).decode()
        self.store.put(
            SYSTEM, self.id, sobject.name, record_id, payload, self.now(), is_deleted=is_deleted
        )

    def remove(self, sobject: SObject, record_id: str) -> None:
        """Let go of a record for good. Call within ``changes()``."""
        self.store.erase(SYSTEM, self.id, sobject.name, normalised(record_id))

    def hold(self, record_id: str, until: datetime) -> None:
        """Let somebody else's transaction keep a record to itself. Call within ``changes()``."""
        held = {**self._held(), normalised(record_id): until}
        self.store.set_setting(HELD_SETTING, msgspec.json.encode(held).decode())

    def is_held(self, record_id: str) -> bool:
        until = self._held().get(normalised(record_id))
        return until is not None and self.sandbox.clock.now() < until

    def _held(self) -> dict[str, datetime]:
        return HELD.decode(self.store.setting(HELD_SETTING) or "{}")

    def new_id(self, sobject: SObject) -> str:
        """An id that no record has, not even one that the company brought along."""
        record_id = next_id(self.store, sobject.name)
        while self.record(sobject, record_id) is not None:
            record_id = next_id(self.store, sobject.name)
        return record_id

    def children(self, sobject: SObject, lookup: str, parent_id: str) -> list[Record]:
        """The living records whose ``lookup`` field holds the parent's id, oldest first."""
        rows = self.store.connection.execute(
            "select payload from records where system = ? and tenant = ? and object = ?"
            " and is_deleted = 0 and record_id is not null and json_extract(payload, ?) = ?"
            " order by ordinal",
            (SYSTEM, self.id, sobject.name, f"$.{lookup}", parent_id),
        )
        return [RECORD.decode(payload) for (payload,) in rows.fetchall()]

    def object_of_id(self, record_id: str) -> SObject | None:
        """The object whose record has the id; failing that, the one that its prefix stands for."""
        row = self.store.connection.execute(
            "select object from records where system = ? and tenant = ? and record_id = ?"
            " and object in (select value from json_each(?))",
            (SYSTEM, self.id, normalised(record_id), self._object_names()),
        ).fetchone()
        if row:
            return self.schema.find(row[0])
        names = {prefix: name for name, prefix in KEY_PREFIXES.items()}
        name = names.get(record_id[:3])
        return self.schema.find(name) if name and has_id_form(record_id) else None

    def _object_names(self) -> str:
        return msgspec.json.encode([sobject.name for sobject in self.schema.objects()]).decode()
