"""What changes in an organisation from one run to the next is seen, each time once."""

from pathlib import Path
from typing import Any

from tests.contract.salesforce_organisation import (
    DAY_SECONDS,
    account,
    account_id,
    accounts,
    company,
    last_counts,
    live,
    looked_up,
    people,
    read_and_new,
    run,
)

HOUR_SECONDS = 3600


def test_rows_of_one_stamp_are_all_read_though_the_cursor_is_lost(
    serve: Any, tmp_path: Path
) -> None:
    sandbox = serve(company(tmp_path / "company", accounts(5_000)))
    pages: list[str] = []

    def lose_the_cursor(line: str) -> None:
        if line.startswith("Salesforce accounts") and not pages:
            sandbox.advance(3 * DAY_SECONDS)
        pages.append(line)

    extraction = run(sandbox, tmp_path / "raw.duckdb", "first", progress=lose_the_cursor)

    assert read_and_new(extraction) == (5_000, 5_000)
    assert len(live(tmp_path / "raw.duckdb")) == 5_000


def test_a_deletion_is_seen_in_the_recycle_bin(serve: Any, tmp_path: Path) -> None:
    raw = tmp_path / "raw.duckdb"
    before = serve(company(tmp_path / "before", [account(1)]))
    run(before, raw, "first")
    gone = account(1, IsDeleted=True, SystemModstamp="2026-03-02T17:01:00.000+0000")
    after = serve(company(tmp_path / "after", [gone]))
    after.advance(HOUR_SECONDS)

    extraction = run(after, raw, "second")

    [counts] = [load.counts for load in extraction.loads if load.object == "accounts"]
    assert counts.deleted == 1
    assert last_counts(raw) == (0, 0)


def test_what_was_committed_after_its_stamp_is_read_by_the_next_run(
    serve: Any, tmp_path: Path
) -> None:
    raw = tmp_path / "raw.duckdb"
    before = serve(company(tmp_path / "before", [account(1, SystemModstamp=NINE)]))
    run(before, raw, "first")
    late = account(2, SystemModstamp="2026-03-02T16:55:00.000+0000")
    after = serve(company(tmp_path / "after", [account(1, SystemModstamp=NINE), late]))
    after.advance(HOUR_SECONDS)

    assert read_and_new(run(after, raw, "second")) == (1, 1)


NINE = "2026-03-02T09:00:00.000+0000"


def test_an_idle_run_reads_nothing_and_asks_three_questions_of_each_object(
    serve: Any, tmp_path: Path
) -> None:
    sandbox = serve(company(tmp_path / "company", accounts(3)))
    run(sandbox, tmp_path / "raw.duckdb", "first")
    sandbox.advance(HOUR_SECONDS)

    idle = run(sandbox, tmp_path / "raw.duckdb", "second")

    assert all((load.counts.read, load.counts.versions) == (0, 0) for load in idle.loads)
    sign_in = 1
    assert idle.calls == sign_in + 3 * len(idle.loads) + len(idle.missing_objects)


def test_a_merged_account_is_deleted_and_names_the_one_that_lives_on(
    serve: Any, tmp_path: Path
) -> None:
    raw = tmp_path / "raw.duckdb"
    sandbox = serve(company(tmp_path / "company", accounts(2)))
    run(sandbox, raw, "first")
    sandbox.advance(HOUR_SECONDS)
    people(sandbox, "merge_accounts", loser=account_id(1), winner=account_id(2))

    run(sandbox, raw, "second")

    states = looked_up(
        raw,
        "select is_deleted, payload ->> 'MasterRecordId' from raw_salesforce.accounts"
        f" where record_id = '{account_id(1)}' order by version",
    )
    assert states == [(False, None), (True, account_id(2))]
    assert last_counts(raw) == (1, 1)


def test_a_record_back_from_the_recycle_bin_lives_again(serve: Any, tmp_path: Path) -> None:
    raw = tmp_path / "raw.duckdb"
    sandbox = serve(company(tmp_path / "company", [account(1), account(2, IsDeleted=True)]))
    run(sandbox, raw, "first")
    sandbox.advance(HOUR_SECONDS)
    people(sandbox, "undelete", object="Account", id=account_id(2))

    assert read_and_new(run(sandbox, raw, "second")) == (1, 1)
    assert live(raw) == {account_id(1), account_id(2)}


def test_a_change_without_a_stamp_is_seen_within_a_week(serve: Any, tmp_path: Path) -> None:
    raw = tmp_path / "raw.duckdb"
    sandbox = serve(company(tmp_path / "company", accounts(2)))
    run(sandbox, raw, "first")
    people(
        sandbox, "edit_unstamped", object="Account", id=account_id(1), fields={"Name": "Renamed"}
    )

    sandbox.advance(6 * DAY_SECONDS)
    assert read_and_new(run(sandbox, raw, "sixth day"))[1] == 0
    sandbox.advance(DAY_SECONDS)
    assert read_and_new(run(sandbox, raw, "seventh day")) == (2, 1)
