"""The landing of one object in the raw store: what counts as a new version, committed at once.

Belongs here: observations in, versions and rejects out, one transaction with the cursor. Does not
belong here: opening the database, and the vendor whose records they are.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

import duckdb

from q2c_pipeline.core.errors import ContractBroken
from q2c_pipeline.core.objects import Record, Reject
from q2c_pipeline.core.raw_tables import plain_name, table_of

LANDING_BATCH_ROWS = 5_000
DRIFT_RECORDS_MIN = 50
_ARRIVING = "arriving"
"""A data frame of untyped columns: the database takes its texts as they are, one copy less."""

_LANDED = """
create or replace temporary table landed (
    ordinal bigint,
    record_id varchar,
    payload varchar,
    payload_hash varchar,
    source_updated_at timestamptz,
    is_deleted boolean
)
"""

_ADD_VERSIONS = """
with observed as (
    select
        record_id,
        max(ordinal) as ordinal,
    from landed
    group by record_id
),
latest as (
    select
        record_id,
        max(version) as version,
        arg_max(payload_hash, version) as payload_hash,
        arg_max(is_deleted, version) as is_deleted,
    from {table}
    where entity = $entity and record_id in (select record_id from landed)
    group by record_id
)
insert into {table}
select
    $entity,
    landed.record_id,
    coalesce(latest.version, 0) + 1,
    landed.source_updated_at,
    landed.is_deleted,
    landed.payload,
    landed.payload_hash,
    $extracted_at,
    $run_id,
from landed
inner join observed using (record_id, ordinal)
left join latest using (record_id)
where
    latest.record_id is null
    or latest.payload_hash <> landed.payload_hash
    or latest.is_deleted <> landed.is_deleted
returning is_deleted
"""


class LoadCounts(NamedTuple):
    """What one load came to; ``deleted`` counts new versions that are deletions."""

    read: int
    versions: int
    deleted: int
    refused: int


class Load:
    """The landing of one object: observations first, then versions, rejects and cursor at once."""

    def __init__(
        self,
        connection: duckdb.DuckDBPyConnection,
        system: str,
        object: str,
        entity: str,
        run_id: str,
        extracted_at: datetime,
    ) -> None:
        self.refused = 0
        self.read = 0
        self._connection = connection
        self._system = plain_name(system)
        self._object = object
        self._table = table_of(system, object)
        self._stamp = {"entity": entity, "run_id": run_id, "extracted_at": extracted_at}
        self._waiting: list[Record] = []
        self._rejects: dict[str, Reject] = {}
        self._landed = 0
        connection.execute(_LANDED)

    def add(self, observations: Iterable[Record | Reject]) -> None:
        """Of a record observed twice in one load, the last observation holds."""
        for observation in observations:
            self.read += 1
            if isinstance(observation, Reject):
                self.refused += 1
                self._rejects[observation.payload_hash] = observation
            else:
                self._waiting.append(observation)
        if len(self._waiting) >= LANDING_BATCH_ROWS:
            self._land()

    def live_count(self) -> int:
        """How many records of the entity would be live if what has landed were committed."""
        self._land()
        found = self._connection.execute(
            f"""
            select count(*) from (
                select record_id from landed
                group by record_id having not arg_max(is_deleted, ordinal)
                union
                select record_id from {self._table}
                where entity = $entity and record_id not in (select record_id from landed)
                group by record_id having not arg_max(is_deleted, version)
            )
            """,
            {"entity": self._stamp["entity"]},
        ).fetchone()
        return found[0] if found else 0

    def mark_vanished(self) -> None:
        """Call after a complete listing: the records it did not show are deleted.

        A refused record was shown, so it keeps its last good version; while one without an id is
        among them, nothing is called deleted. The deleted version repeats the last payload, for the
        vendor no longer gives one.
        """
        self._land()
        if any(reject.record_id is None for reject in self._rejects.values()):
            return
        refused = [reject.record_id for reject in self._rejects.values() if reject.record_id]
        self._connection.execute(
            f"""
            insert into landed
            select
                $first + row_number() over (order by record_id),
                record_id,
                arg_max(payload::varchar, version),
                arg_max(payload_hash, version),
                arg_max(source_updated_at, version),
                true,
            from {self._table}
            where
                entity = $entity
                and record_id not in (select record_id from landed)
                and not list_contains($refused::varchar[], record_id)
            group by record_id
            having not arg_max(is_deleted, version)
            """,
            {"first": self._landed - 1, "entity": self._stamp["entity"], "refused": refused},
        )

    def commit(
        self, changed_since: datetime, *, selection: str = "", is_listing: bool = False
    ) -> LoadCounts:
        """Versions, rejects and cursor in one transaction; ``is_listing`` if all rows were read.

        Raises: ContractBroken, with nothing kept, when every record is refused for the same field:
        that is a vendor's change of shape, not a bad record.
        """
        self._land()
        self._refuse_unstorable()
        self._stop_on_drift()
        self._connection.execute("begin")
        try:
            added = self._connection.execute(
                _ADD_VERSIONS.format(table=self._table), self._stamp
            ).fetchall()
            self._add_rejects()
            self._move_cursor(changed_since, selection, is_listing)
            self._connection.execute("commit")
        except BaseException:
            self._connection.execute("rollback")
            raise
        deleted = sum(is_deleted for (is_deleted,) in added)
        return LoadCounts(self.read, len(added), deleted, self.refused)

    def close(self) -> None:
        self._connection.execute("drop table if exists landed")

    def _land(self) -> None:
        if not self._waiting:
            return
        import pandas  # here, for it takes longer to load than most commands take to run

        arriving = pandas.DataFrame(self._waiting, dtype=object)
        arriving["ordinal"] = range(self._landed, self._landed + len(arriving))
        self._connection.register(_ARRIVING, arriving)
        self._connection.execute(f"insert into landed by name from {_ARRIVING}")
        self._connection.unregister(_ARRIVING)
        self._landed += len(self._waiting)
        self._waiting.clear()

    def _refuse_unstorable(self) -> None:
        """A text that the vendor's parser lets through and the database's does not is refused."""
        for record_id, payload, payload_hash in self._connection.execute(
            "delete from landed where not json_valid(payload)"
            " returning record_id, payload, payload_hash"
        ).fetchall():
            self.refused += 1
            self._rejects[payload_hash] = Reject(
                record_id=record_id,
                field="",
                reason=f"{self._object} {record_id}: its text is not JSON that can be stored",
                mend=f"Retype the texts of {self._object} {record_id}: a character is broken",
                payload=payload,
                payload_hash=payload_hash,
            )

    def _stop_on_drift(self) -> None:
        fields = {reject.field for reject in self._rejects.values()}
        if self.refused == self.read >= DRIFT_RECORDS_MIN and len(fields) == 1:
            example = next(iter(self._rejects.values()))
            raise ContractBroken(
                f"All {self.read} records of {self._object} were refused for the same field, so its"
                f" shape has changed: {example.reason}. Nothing of it was taken, the last good"
                " state stands; report this message"
            )

    def _add_rejects(self) -> None:
        if not self._rejects:
            return
        columns = map(list, zip(*self._rejects.values(), strict=True))
        record_ids, fields, reasons, mends, payloads, hashes = columns
        self._connection.execute(
            f"""
            with refused as (
                select
                    unnest($record_ids::varchar[]) as record_id,
                    unnest($fields::varchar[]) as field,
                    unnest($reasons::varchar[]) as reason,
                    unnest($mends::varchar[]) as mend,
                    unnest($payloads::varchar[]) as payload,
                    unnest($hashes::varchar[]) as payload_hash,
            )
            insert into raw_{self._system}.rejects
            select
                $entity, $object, record_id, field, reason, mend, payload, payload_hash,
                $extracted_at, $run_id,
            from refused
            where payload_hash not in (
                select payload_hash
                from raw_{self._system}.rejects
                where entity = $entity and object = $object
            )
            """,
            {
                **self._stamp,
                "object": self._object,
                "record_ids": record_ids,
                "fields": fields,
                "reasons": reasons,
                "mends": mends,
                "payloads": payloads,
                "hashes": hashes,
            },
        )

    def _move_cursor(self, changed_since: datetime, selection: str, is_listing: bool) -> None:
        cursors = f"raw_{self._system}.cursors"
        self._connection.execute(
            f"""
            insert or replace into {cursors}
            select
                $entity, $object, $changed_since, $selection, $extracted_at, $run_id,
                case when $is_listing then $extracted_at else (
                    select listed_at from {cursors} where entity = $entity and object = $object
                ) end
            """,
            {
                **self._stamp,
                "object": self._object,
                "changed_since": changed_since,
                "selection": selection,
                "is_listing": is_listing,
            },
        )
