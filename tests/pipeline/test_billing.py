"""From approved deals to drafts in QuickBooks and numbers on the deals, as a person runs it."""

import json
import shutil
import time
from collections import Counter
from pathlib import Path

import duckdb
import pytest

from tests.pipeline.conftest import PublishedHome, marts, raw_versions, run_q2c
from tests.pipeline.dagster_ui import DagsterUi

SENT = "select billing_key, payload_hash from billing.previews where object = 'Invoice'"
LEDGER = """
    select key, payload_hash from billing.write_back_log
    where object = 'Invoice' and state = 'confirmed'
"""
MARKED = """
    select regexp_extract(payload ->> 'PrivateNote', '^q2c:[^:]+:(.*):\\d+', 1) as billing_key
    from raw_quickbooks.invoices
    where starts_with((payload ->> 'PrivateNote'), 'q2c:')
    qualify row_number() over (partition by record_id order by version desc) = 1
"""
TOLD = """
    select count(*) from billing.write_back_log
    where object = 'Opportunity' and state = 'confirmed'
"""
EVENTS = "select count(*) from raw_ledger.events"
REPOSITORY = """
    { repositoriesOrError { ... on RepositoryConnection { nodes { name location { name } } } } }
"""
LAUNCH = """
    mutation ($repository: String!, $location: String!) {
        launchRun(executionParams: {selector: {
            repositoryName: $repository, repositoryLocationName: $location, jobName: "billing"
        }}) { ... on LaunchRunSuccess { run { runId } } } }
"""
RE_EXECUTE = """
    mutation ($run: String!) {
        launchRunReexecution(reexecutionParams: {parentRunId: $run, strategy: ALL_STEPS}) {
            ... on LaunchRunSuccess { run { runId } } } }
"""
STATUS = "query ($run: ID!) { runOrError(runId: $run) { ... on Run { status } } }"
ENDED = {"SUCCESS", "FAILURE", "CANCELED"}
NUMBERED = """
    select count(*) from raw_salesforce.opportunities
    where (payload ->> 'QBO_Invoice_Ids__c') <> '' and (payload ->> 'Invoice_Status__c') = 'open'
"""


def asked(database: Path, sql: str) -> list[tuple[object, ...]]:
    with duckdb.connect(str(database), read_only=True) as connection:
        return connection.execute(sql).fetchall()


@pytest.fixture(scope="module")
def billed_home(
    published_home: PublishedHome, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, list[tuple[object, ...]], str]:
    """A home after its first run with delivery, what it had previewed before, what it printed."""
    home = tmp_path_factory.mktemp("billed") / "home"
    shutil.copytree(published_home.folder, home)
    previewed = asked(home / "marts.duckdb", SENT)
    run = run_q2c(home, "run", Q2C_MODE="draft")
    assert run.returncode == 0, run.stderr
    return home, previewed, run.stdout


def test_what_may_be_billed_is_billed_once_and_nothing_else_is(
    billed_home: tuple[Path, list[tuple[object, ...]], str], small_company: Path
) -> None:
    home, previewed, _ = billed_home
    units = json.loads((small_company / "answers" / "billing.json").read_text())
    ready = {
        f"salesforce:{unit['opportunity_id']}:{unit['instalment_id'] or '-'}"
        for unit in units
        if unit["ready"]
    }
    marked = Counter(key for (key,) in asked(home / "raw.duckdb", MARKED))

    assert ready
    assert marked == Counter(ready)
    assert {key for key, _ in previewed} == ready


def test_numbers_and_status_of_the_invoices_are_written_to_their_deals(
    billed_home: tuple[Path, list[tuple[object, ...]], str],
) -> None:
    home, previewed, printed = billed_home
    told = asked(home / "marts.duckdb", TOLD)
    assert f"{len(previewed)} invoices in QuickBooks: written" in printed
    assert told[0][0] > 0


def test_what_is_sent_is_what_was_previewed(
    billed_home: tuple[Path, list[tuple[object, ...]], str],
) -> None:
    home, previewed, _ = billed_home
    assert sorted(asked(home / "marts.duckdb", LEDGER)) == sorted(previewed)


def test_whatever_stops_a_unit_is_in_the_queue(
    billed_home: tuple[Path, list[tuple[object, ...]], str],
) -> None:
    home, _, _ = billed_home
    unexplained = asked(
        home / "marts.duckdb",
        """
        select billing_key from billing.readiness
        where is_in_scope and not is_billed and not is_ready and not exists (
            from controls.exceptions
            where starts_with(type, 'gate_') and contains(subject_id, deal_id)
        )
        """,
    )
    assert unexplained == []


@pytest.mark.prove
def test_a_second_run_bills_nothing_and_a_third_changes_nothing(
    billed_home: tuple[Path, list[tuple[object, ...]], str], is_whole_proof: bool
) -> None:
    if not is_whole_proof:
        pytest.skip("two more runs take two minutes: the whole proof has them")
    home, previewed, printed = billed_home
    events = asked(home / "raw.duckdb", EVENTS)
    second = run_q2c(home, "run", Q2C_MODE="draft")

    assert second.returncode == 0, second.stderr
    assert f"{len(previewed)} invoices in QuickBooks: written" in printed
    assert asked(home / "raw.duckdb", EVENTS) == events
    assert asked(home / "raw.duckdb", NUMBERED)[0][0] > 0
    after_second, versions = marts(home), raw_versions(home)
    third = run_q2c(home, "run", Q2C_MODE="draft")
    assert third.returncode == 0, third.stderr
    assert raw_versions(home) == versions
    assert marts(home) == after_second


@pytest.mark.prove
def test_a_billing_run_that_is_re_executed_bills_nothing(home: Path, is_whole_proof: bool) -> None:
    if not is_whole_proof:
        pytest.skip("the UI and two runs take three minutes: the whole proof has them")
    ui = DagsterUi(home, Q2C_MODE="draft")
    try:
        (repository,) = ui.ask(REPOSITORY)["repositoriesOrError"]["nodes"]
        names = {"repository": repository["name"], "location": repository["location"]["name"]}
        first = ended(ui, ui.ask(LAUNCH, **names)["launchRun"]["run"]["runId"])
        billed = asked(home / "marts.duckdb", LEDGER)
        ended(ui, ui.ask(RE_EXECUTE, run=first)["launchRunReexecution"]["run"]["runId"])
    finally:
        ui.stop()

    assert billed
    assert asked(home / "marts.duckdb", LEDGER) == billed
    assert len(asked(home / "raw.duckdb", MARKED)) == len(billed)


def ended(ui: DagsterUi, run_id: str) -> str:
    """Waits for a run to succeed."""
    while (status := ui.ask(STATUS, run=run_id)["runOrError"]["status"]) not in ENDED:
        time.sleep(1)
    assert status == "SUCCESS"
    return run_id
