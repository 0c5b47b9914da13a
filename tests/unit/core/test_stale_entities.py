"""A run says which entities it could not read, and since when they are stale."""

from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from q2c_pipeline.core.raw_reading import StaleEntity, readings_of_run, stale_entities_of_run
from q2c_pipeline.core.warehouse import ExtractionRecord, RawStore

READ_AT = datetime(2026, 3, 31, 19, 0, tzinfo=UTC)
FAILED_AT = datetime(2026, 4, 1, 3, 0, tzinfo=UTC)
READING = ExtractionRecord(
    entity="north",
    run_id="first",
    extracted_at=READ_AT,
    as_of_date=date(2026, 3, 31),
    extraction_date=date(2026, 3, 31),
    time_zone="UTC",
    home_currency="USD",
    calls=7,
    metered_reads=3,
)


@pytest.fixture
def raw(tmp_path: Path) -> Path:
    path = tmp_path / "raw.duckdb"
    with RawStore(path) as store:
        store.prepare({"quickbooks": ["invoices"], "salesforce": ["accounts"]})
        store.record_extraction("quickbooks", READING)
        for entity in ("south", "north"):
            store.record_failure(
                "quickbooks", entity, run_id="second", reason="no access", failed_at=FAILED_AT
            )
        store.record_extraction("quickbooks", replace(READING, run_id="third", metered_reads=None))
    return path


def test_a_stale_entity_carries_its_last_reading_or_none(raw: Path) -> None:
    assert stale_entities_of_run(raw, "second") == [
        StaleEntity("quickbooks", "north", "no access", READ_AT),
        StaleEntity("quickbooks", "south", "no access", None),
    ]
    assert stale_entities_of_run(raw, "third") == []


def test_a_run_tells_what_it_asked_for(raw: Path) -> None:
    assert readings_of_run(raw, "first") == [("quickbooks", "north", 7, 3)]
    assert readings_of_run(raw, "third") == [("quickbooks", "north", 7, 0)]
    assert readings_of_run(raw, "second") == []
