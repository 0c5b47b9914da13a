"""What the raw store holds of one Salesforce object, asked for when counts are compared.

Belongs here: live records, refused ones, deletions of lost ones, earlier counts. Does not belong
here: what follows from a difference (``completeness.py``).
"""

from collections.abc import Collection
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from q2c_pipeline.core.objects import Record
from q2c_pipeline.core.raw_tables import table_of
from q2c_pipeline.core.warehouse import RawStore
from q2c_pipeline.defs.crm.salesforce.objects import SYSTEM

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Counts(NamedTuple):
    """Our live records and the vendor's, at a moment of the vendor's clock."""

    ours: int
    theirs: int
    counted_at: datetime


class Held(NamedTuple):
    """One object of one entity in the store."""

    store: RawStore
    object: str
    entity: str

    def live_count(self) -> int:
        [(count,)] = self.store.connection.execute(
            f"select count(*) from (select record_id from {table_of(SYSTEM, self.object)}"
            " where entity = $1 group by record_id having not arg_max(is_deleted, version))",
            [self.entity],
        ).fetchall()
        return int(count)

    def live_ids(self) -> set[str]:
        return self.store.latest_ids(SYSTEM, self.object, self.entity)

    def refused_ids(self) -> set[str]:
        """Records that are not live here because their last state was refused."""
        rows = self.store.connection.execute(
            f"""
            with held as (
                select
                    record_id,
                    max(extracted_at) as extracted_at,
                    arg_max(is_deleted, version) as is_deleted,
                from {table_of(SYSTEM, self.object)}
                where entity = $entity
                group by record_id
            )
            select rejects.record_id
            from raw_{SYSTEM}.rejects as rejects
            left join held using (record_id)
            where
                rejects.entity = $entity
                and rejects.object = $object
                and rejects.record_id is not null
                and (
                    held.record_id is null
                    or (held.is_deleted and held.extracted_at < rejects.extracted_at)
                )
            group by rejects.record_id
            having not arg_max(
                regexp_matches(rejects.payload, '"IsDeleted"\\s*:\\s*true'), rejects.extracted_at
            )
            """,
            {"entity": self.entity, "object": self.object},
        ).fetchall()
        return {record_id for (record_id,) in rows}

    def deletions(self, record_ids: Collection[str]) -> list[Record]:
        """Each record's last state once more, now deleted, for the vendor no longer gives one."""
        rows = self.store.connection.execute(
            f"""
            select
                record_id,
                arg_max(payload::varchar, version),
                arg_max(payload_hash, version),
                epoch_us(arg_max(source_updated_at, version)),
            from {table_of(SYSTEM, self.object)}
            where entity = $entity and record_id in (select unnest($record_ids::varchar[]))
            group by record_id
            """,
            {"entity": self.entity, "record_ids": list(record_ids)},
        ).fetchall()
        return [
            Record(record_id, payload, payload_hash, _moment(updated_us), is_deleted=True)
            for record_id, payload, payload_hash, updated_us in rows
        ]

    def counts(self) -> list[Counts]:
        """What earlier runs counted, newest first."""
        rows = self.store.connection.execute(
            f"select ours, theirs, epoch_us(counted_at) from raw_{SYSTEM}.counts"
            " where entity = $1 and object = $2 order by counted_at desc",
            [self.entity, self.object],
        ).fetchall()
        return [Counts(ours, theirs, _moment(counted_us)) for ours, theirs, counted_us in rows]


def _moment(microseconds: int) -> datetime:
    return _EPOCH + timedelta(microseconds=microseconds)
