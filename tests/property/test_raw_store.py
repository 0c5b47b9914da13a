"""Whatever is observed in whatever portions, the store keeps exactly the changes."""

import json
import tempfile
from datetime import UTC, datetime
from decimal import Decimal
from itertools import groupby
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from q2c_pipeline.core.objects import Record, fingerprint
from q2c_pipeline.core.warehouse import RawStore

NOW = datetime(2026, 5, 5, tzinfo=UTC)
IDS = st.sampled_from(["1", "2", "9", "10"])
STATES = st.tuples(st.sampled_from(["A", "B"]), st.booleans())


def record(record_id: str, state: tuple[str, bool]) -> Record:
    payload = json.dumps({"Id": record_id, "value": state[0]})
    return Record(record_id, payload, fingerprint(payload.encode()), None, state[1])


def kept(days: list[list[Record]], *, page_rows: int) -> dict[str, list[tuple[str, bool]]]:
    with tempfile.TemporaryDirectory() as folder, RawStore(Path(folder) / "raw.duckdb") as store:
        store.prepare({"quickbooks": ["invoices"]})
        for number, day in enumerate(days):
            with store.load("quickbooks", "invoices", "realm", f"run {number}", NOW) as load:
                for start in range(0, len(day), page_rows):
                    load.add(day[start : start + page_rows])
                load.commit(NOW)
        rows = store.connection.execute(
            "select record_id, payload ->> '$.value', is_deleted from raw_quickbooks.invoices"
            " order by record_id, version"
        ).fetchall()
    return {
        record_id: [(value, is_deleted) for _, value, is_deleted in versions]
        for record_id, versions in groupby(rows, key=lambda row: row[0])
    }


@settings(max_examples=15, deadline=None)
@given(
    days=st.lists(st.dictionaries(IDS, STATES), max_size=6),
    page_rows=st.integers(min_value=1, max_value=5),
    is_reversed=st.booleans(),
)
def test_the_store_keeps_exactly_the_changes(
    days: list[dict[str, tuple[str, bool]]], page_rows: int, is_reversed: bool
) -> None:
    observed = [
        [record(record_id, state) for record_id, state in sorted(day.items(), reverse=is_reversed)]
        for day in days
    ]

    expected: dict[str, list[tuple[str, bool]]] = {}
    for day in days:
        for record_id, state in day.items():
            versions = expected.setdefault(record_id, [])
            if not versions or versions[-1] != state:
                versions.append(state)
    assert kept(observed, page_rows=page_rows) == expected


@settings(max_examples=10, deadline=None)
@given(
    amounts=st.lists(
        st.decimals(min_value="-9999999999999.99", max_value="9999999999999.99", places=2),
        min_size=1,
        max_size=50,
    )
)
def test_an_amount_survives_the_way_from_text_to_decimal(amounts: list[Decimal]) -> None:
    with tempfile.TemporaryDirectory() as folder, RawStore(Path(folder) / "raw.duckdb") as store:
        store.prepare({"quickbooks": ["invoices"]})
        with store.load("quickbooks", "invoices", "realm", "run", NOW) as load:
            load.add(
                Record(str(n), f'{{"TotalAmt": {amount}}}', str(n), None, False)
                for n, amount in enumerate(amounts)
            )
            load.commit(NOW)
        found = store.connection.execute(
            """
            select json_transform(payload, '{"TotalAmt": "DECIMAL(18,2)"}').TotalAmt
            from raw_quickbooks.invoices
            order by record_id::integer
            """
        ).fetchall()
    assert [amount for (amount,) in found] == amounts


@settings(max_examples=15, deadline=None)
@given(
    texts=st.lists(st.text(st.characters(exclude_categories=["Cs"])), min_size=1, max_size=20),
    stamped=st.lists(st.datetimes(timezones=st.just(UTC)) | st.none(), min_size=20, max_size=20),
)
def test_a_record_is_kept_to_the_letter(texts: list[str], stamped: list[datetime | None]) -> None:
    sent = [
        Record(f"{n}", json.dumps({"é": text}, ensure_ascii=False), text, moment, n % 2 == 0)
        for n, (text, moment) in enumerate(zip(texts, stamped, strict=False))
    ]
    with tempfile.TemporaryDirectory() as folder, RawStore(Path(folder) / "raw.duckdb") as store:
        store.prepare({"quickbooks": ["invoices"]})
        with store.load("quickbooks", "invoices", "realm", "run", NOW) as load:
            load.add(sent)
            load.commit(NOW)
        found = store.connection.execute(
            "select record_id, payload, payload_hash, source_updated_at, is_deleted"
            " from raw_quickbooks.invoices order by record_id::integer"
        ).fetchall()
    assert found == sent
