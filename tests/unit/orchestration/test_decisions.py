"""What the policy decides about single records comes into the ledger and its copy with each run."""

from datetime import UTC, date, datetime
from pathlib import Path

import dagster as dg
import duckdb
import msgspec
import pytest

from q2c_pipeline.core.home import Home
from q2c_pipeline.core.warehouse import ExtractionRecord, RawStore
from q2c_pipeline.defs.billing import ledger_copy
from q2c_pipeline.defs.platform.resources import HomeResource
from q2c_pipeline.orchestration.dbt_project import build_variables
from q2c_pipeline.orchestration.decisions import decisions_of
from q2c_pipeline.policy import DealLink, DuplicateDecision, Policy, read_policy

LINK = {
    "entity": "1",
    "deal_id": "006",
    "invoice_id": "9",
    "decision": "rejected",
    "why": "it bills the office",
    "by": "Ida",
}
PAIR = {
    "left": "salesforce/o/001",
    "right": "quickbooks/1/7",
    "decision": "different",
    "why": "branches with books of their own",
    "by": "Bo",
}
READ_AT = datetime(2026, 7, 1, 3, tzinfo=UTC)


def policy(*, link: dict[str, str] | None = LINK, pair: dict[str, str] | None = PAIR) -> Policy:
    return read_policy().model_copy(
        update={
            "deal_links": (DealLink.model_validate(link),) if link else (),
            "duplicate_decisions": (DuplicateDecision.model_validate(pair),) if pair else (),
        }
    )


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Home:
    """It has read an organisation, has no ledger yet, and writes to nobody."""
    monkeypatch.setenv("Q2C_HOME", str(tmp_path))
    monkeypatch.setenv("Q2C_MODE", "off")
    home = Home(tmp_path)
    with RawStore(home.raw) as store:
        store.prepare({"salesforce": ["accounts"]})
        store.record_extraction(
            "salesforce",
            ExtractionRecord(
                entity="o",
                run_id="run-1",
                extracted_at=READ_AT,
                as_of_date=date(2026, 7, 1),
                extraction_date=date(2026, 7, 1),
                time_zone="UTC",
                home_currency=None,
            ),
        )
    return home


def test_a_decision_is_kept_whole_under_what_it_is_about() -> None:
    link, pair = decisions_of(policy())

    assert (link.object, link.key, link.by) == ("deal_link", "1:006:9", "Ida")
    assert link.told == "rejected: it bills the office"
    assert msgspec.json.decode(link.payload) == LINK
    assert (pair.object, pair.key) == ("duplicate_decision", "quickbooks:1:7 salesforce:o:001")
    assert msgspec.json.decode(pair.payload) == PAIR | {
        "left": "quickbooks:1:7",
        "right": "salesforce:o:001",
    }


def test_a_pair_in_the_other_order_is_the_same_decision() -> None:
    turned = PAIR | {"left": PAIR["right"], "right": PAIR["left"]}

    assert list(decisions_of(policy(pair=turned))) == list(decisions_of(policy()))


def test_the_models_are_told_of_a_pair_by_its_keys() -> None:
    (pair,) = build_variables(policy())["duplicate_decisions"]

    assert (pair["left"], pair["right"]) == ("quickbooks:1:7", "salesforce:o:001")


@pytest.mark.filterwarnings("ignore:AssetExecutionContext.run_id:DeprecationWarning")
def test_a_run_that_writes_to_nobody_enters_decisions_into_a_ledger_that_it_begins(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    counts = []
    for decided in (policy(), policy(), policy(link=None)):
        monkeypatch.setattr(ledger_copy, "read_policy", lambda decided=decided: decided)
        (events, _) = ledger_copy.copied_ledger(
            dg.build_asset_context(), home=HomeResource(folder=str(home.folder))
        )
        counts.append(events.metadata["new_events"])

    with duckdb.connect(str(home.raw), read_only=True) as raw:
        copied = raw.sql(
            "select target_system, object, state from raw_ledger.events order by sequence"
        ).fetchall()
    assert counts == [3, 0, 1]
    assert copied == [
        ("salesforce", "Ledger", "confirmed"),
        ("policy", "deal_link", "confirmed"),
        ("policy", "duplicate_decision", "confirmed"),
        ("policy", "deal_link", "withdrawn"),
    ]
