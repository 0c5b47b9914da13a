"""The landing of one object in the raw store: what counts as a new version, committed at once.

Belongs here: observations in, versions and rejects out, one transaction with the cursor. Does not
belong here: opening the database, and the vendor whose records they are.

Versions are added while pages still come in, in a transaction of their own, so memory holds one
batch and what the database buffers, however many records there are. Rows of this load are those
behind the last row that was there before: a record that changes while it is listed has its row
taken back first, so that its last observation holds.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, NamedTuple

import duckdb
import numpy

from q2c_pipeline.core.database_file import session_of
from q2c_pipeline.core.errors import ContractBroken
from q2c_pipeline.core.objects import Record, Reject
from q2c_pipeline.core.raw_tables import plain_name, table_of

if TYPE_CHECKING:
    from pandas import DataFrame

LANDING_BATCH_ROWS = 5_000
DRIFT_RECORDS_MIN = 50
_SETTINGS = {"threads": "1", "memory_limit": "128MB", "write_buffer_row_group_count": "1"}
"""While landing: pages are read on the other cores meanwhile, and what is written is let go."""
_VERSION_FIELDS = (*Record._fields, "version")
_ROWS_MAX = 2**62

_State = tuple[str, bool]

_TAKE_BACK = """
delete from {table} using arriving
where
    {table}.rowid > $last_row
    and {table}.record_id = arriving.record_id
    and (
        {table}.payload_hash <> arriving.payload_hash
        or {table}.is_deleted <> arriving.is_deleted
    )
"""

_CHANGED = """
with latest as (
    select
        record_id,
        max(version) as version,
        arg_max(payload_hash, version) as payload_hash,
        arg_max(is_deleted, version) as is_deleted,
    from {table}
    where
        rowid <= $last_row
        and entity = $entity
        and record_id in (select record_id from arriving)
    group by record_id
)
select
    record_id,
    coalesce(latest.version, 0) + 1,
from arriving
left join latest using (record_id)
where
    latest.record_id is null
    or latest.payload_hash <> arriving.payload_hash
    or latest.is_deleted <> arriving.is_deleted
"""

_ADD_VERSIONS = """
insert into {table}
select
    $entity,
    record_id,
    version,
    source_updated_at,
    is_deleted,
    payload,
    payload_hash,
    $extracted_at,
    $run_id,
from versions
where json_valid(payload)
"""

_MARK_VANISHED = """
with vanished as (
    select
        record_id,
        max(version) as version,
    from {table}
    where
        entity = $entity
        and record_id not in (from seen)
        and not list_contains($refused::varchar[], record_id)
    group by record_id
    having not arg_max(is_deleted, version)
)
insert into {table}
select
    $entity,
    record_id,
    version + 1,
    source_updated_at,
    true,
    payload,
    payload_hash,
    $extracted_at,
    $run_id,
from {table}
inner join vanished using (record_id, version)
where entity = $entity
"""


class LoadCounts(NamedTuple):
    """What one load came to; ``deleted`` counts new versions that are deletions."""

    read: int
    versions: int
    deleted: int
    refused: int


class Load:
    """The landing of one object; nothing of it is kept, or seen by others, before ``commit``."""

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
        self._system = plain_name(system)
        self._object = object
        self._table = table_of(system, object)
        self._stamp = {"entity": entity, "run_id": run_id, "extracted_at": extracted_at}
        self._arriving: dict[str, Record] = {}
        self._rejects: dict[str, Reject] = {}
        self._batch_before: dict[str, _State] = {}
        self._hashes = numpy.empty(0, numpy.int64)
        self._store = connection
        for name, value in _SETTINGS.items():
            self._store.execute(f"set {name} = '{value}'")
        self._connection = session_of(connection)
        self._connection.execute("create temp table seen (record_id varchar)")
        self._connection.execute("begin")
        self._last_row, self._is_first = self._ask(
            f"select coalesce(max(rowid), -1), not coalesce(bool_or(entity = $entity), false)"
            f" from {self._table}",
            entity=entity,
        )

    def add(self, observations: Iterable[Record | Reject]) -> None:
        """Of a record observed twice in one load, the last observation holds."""
        for observation in observations:
            self.read += 1
            if isinstance(observation, Reject):
                self.refused += 1
                self._rejects[observation.payload_hash] = observation
            else:
                if self._arriving.get(observation.record_id, observation) != observation:
                    # Should the later state turn out to be unstorable, the earlier one holds.
                    self._land()
                self._arriving[observation.record_id] = observation
        if len(self._arriving) >= LANDING_BATCH_ROWS:
            self._land()

    def live_count(self) -> int:
        """How many records of the entity would be live if what has landed were committed."""
        self._land()
        count: int = self._ask(
            f"""
            select count(*) from (
                select record_id from {self._table}
                where entity = $entity
                group by record_id having not arg_max(is_deleted, version)
            )
            """,
            entity=self._stamp["entity"],
        )[0]
        return count

    def mark_vanished(self) -> None:
        """Call after a complete listing: the records it did not show are deleted.

        A refused record was shown, so it keeps its last good version; while one without an id is
        among them, nothing is called deleted. The deleted version repeats the last payload, for the
        vendor no longer gives one.
        """
        self._land()
        is_told = all(reject.record_id is not None for reject in self._rejects.values())
        if is_told and not self._is_first:
            refused = [reject.record_id for reject in self._rejects.values()]
            self._connection.execute(
                _MARK_VANISHED.format(table=self._table), {**self._stamp, "refused": refused}
            )

    def commit(
        self, changed_since: datetime, *, selection: str = "", is_listing: bool = False
    ) -> LoadCounts:
        """Versions, rejects and cursor in one transaction; ``is_listing`` if all rows were read.

        Raises: ContractBroken, with nothing kept, when every record is refused for the same field:
        that is a vendor's change of shape, not a bad record.
        """
        self._land()
        self._stop_on_drift()
        self._add_rejects()
        self._move_cursor(changed_since, selection, is_listing)
        versions, deleted = self._ask(
            f"select count(*), count(*) filter (is_deleted) from {self._table}"
            " where rowid > $last_row",
            last_row=self._last_row,
        )
        self._connection.execute("commit")
        return LoadCounts(self.read, versions, deleted, self.refused)

    def close(self) -> None:
        """Whatever is not committed is gone."""
        self._connection.close()
        for name in _SETTINGS:
            self._store.execute(f"reset {name}")

    def _land(self) -> None:
        arriving = self._arriving
        before, self._batch_before = self._batch_before, _states(arriving)
        # Neighbouring pages overlap.
        for record_id in before.keys() & arriving.keys():
            if before[record_id] == self._batch_before[record_id]:
                del arriving[record_id]
        known_rows = self._last_row
        is_seen_again = self._is_seen_again(arriving)
        if is_seen_again:
            self._refuse_unstorable()
            self._take_back(_frame(arriving.values(), Record._fields))
            known_rows = _ROWS_MAX
        if not arriving:
            return
        if self._is_first and not is_seen_again:
            changed = [(record_id, 1) for record_id in arriving]
        else:
            self._see(_frame([*zip(arriving)], ("record_id",)))
            changed = self._changed(_frame(arriving.values(), Record._fields), known_rows)
        versions = [(*arriving[record_id], version) for record_id, version in changed]
        if versions and self._added(_frame(versions, _VERSION_FIELDS)) < len(versions):
            self._refuse_unstorable()
        arriving.clear()

    def _is_seen_again(self, arriving: Mapping[str, Record]) -> bool:
        """Whether this load met any of these records before.

        Eight bytes are kept of each id; two ids that share them only cost a comparison more.
        """
        hashes = numpy.fromiter(map(hash, arriving), numpy.int64, len(arriving))
        both = numpy.sort(numpy.concatenate([self._hashes, hashes]))
        is_met = both[1:] == both[:-1]
        self._hashes = numpy.concatenate([both[:1], both[1:][~is_met]])
        return bool(is_met.any())

    # Frames are found by their names: one that is registered is held until the transaction ends.

    def _see(self, arriving: "DataFrame") -> None:
        """Ids go where the database keeps them, not on Python's heap."""
        self._connection.execute("insert into seen from arriving")

    def _take_back(self, arriving: "DataFrame") -> None:
        """Of a record that has changed since this load first saw it, only the last state counts."""
        self._connection.execute(_TAKE_BACK.format(table=self._table), {"last_row": self._last_row})

    def _changed(self, arriving: "DataFrame", last_row: int) -> list[tuple[str, int]]:
        """What differs from the latest versions up to that row, and what version it is."""
        return self._connection.execute(
            _CHANGED.format(table=self._table),
            {"entity": self._stamp["entity"], "last_row": last_row},
        ).fetchall()

    def _added(self, versions: "DataFrame") -> int:
        """How many of them could be stored."""
        (count,) = self._connection.execute(
            _ADD_VERSIONS.format(table=self._table), self._stamp
        ).fetchall()[0]
        return int(count)

    def _refuse_unstorable(self) -> None:
        """A text that the vendor's parser lets through and the database's does not is refused."""
        found = self._connection.execute(
            "select record_id from (select unnest($ids) as record_id, unnest($texts) as payload)"
            " where not json_valid(payload)",
            {
                "ids": list(self._arriving),
                "texts": [record.payload for record in self._arriving.values()],
            },
        ).fetchall()
        for (record_id,) in found:
            record = self._arriving.pop(record_id)
            self.refused += 1
            self._rejects[record.payload_hash] = Reject(
                record_id=record_id,
                field="",
                reason=f"{self._object} {record_id}: its text is not JSON that can be stored",
                mend=f"Retype the texts of {self._object} {record_id}: a character is broken",
                payload=record.payload,
                payload_hash=record.payload_hash,
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

    def _ask(self, query: str, **parameters: object) -> tuple[Any, ...]:
        """The one row that the query gives."""
        (row,) = self._connection.execute(query, parameters).fetchall()
        return row


def _states(records: Mapping[str, Record]) -> dict[str, _State]:
    return {
        record_id: (record.payload_hash, record.is_deleted) for record_id, record in records.items()
    }


def _frame(rows: Collection[Sequence[object]], columns: Sequence[str]) -> "DataFrame":
    """Untyped columns: the database takes their texts as they are, one copy less."""
    import pandas  # here, for it takes longer to load than most commands take to run

    return pandas.DataFrame(rows, columns=columns, dtype=object)
