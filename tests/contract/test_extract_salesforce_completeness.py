"""After a run, our live records are those that the organisation shows, or the run says why not."""

from pathlib import Path
from typing import Any

import pytest

from q2c_pipeline.core.errors import ContractBroken
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


def test_counts_are_recorded_for_every_object_that_was_read(serve: Any, tmp_path: Path) -> None:
    raw = tmp_path / "raw.duckdb"
    sandbox = serve(company(tmp_path / "company", accounts(3)))

    extraction = run(sandbox, raw, "first")

    counts = looked_up(raw, "select object, ours, theirs from raw_salesforce.counts")
    assert {object for object, _, _ in counts} == {load.object for load in extraction.loads}
    assert all(ours == theirs for _, ours, theirs in counts)
    assert last_counts(raw) == (3, 3)


def test_a_purged_record_is_found_by_its_id(serve: Any, tmp_path: Path) -> None:
    raw = tmp_path / "raw.duckdb"
    sandbox = serve(company(tmp_path / "company", accounts(3)))
    run(sandbox, raw, "first")
    people(sandbox, "purge", object="Account", id=account_id(2))

    run(sandbox, raw, "second")

    assert live(raw) == {account_id(1), account_id(3)}
    assert last_counts(raw) == (2, 2)


def test_sixteen_days_without_a_run_miss_nothing(serve: Any, tmp_path: Path) -> None:
    raw = tmp_path / "raw.duckdb"
    sandbox = serve(company(tmp_path / "company", accounts(4)))
    run(sandbox, raw, "first")
    people(sandbox, "purge", object="Account", id=account_id(2))
    people(
        sandbox, "edit_unstamped", object="Account", id=account_id(1), fields={"Name": "Renamed"}
    )
    people(sandbox, "merge_accounts", loser=account_id(3), winner=account_id(4))
    sandbox.advance(16 * DAY_SECONDS)

    run(sandbox, raw, "second")

    assert live(raw) == {account_id(1), account_id(4)}
    [(name,)] = looked_up(
        raw,
        "select arg_max(payload ->> 'Name', version) from raw_salesforce.accounts"
        f" where record_id = '{account_id(1)}'",
    )
    assert name == "Renamed"


def test_a_record_shown_again_with_an_old_stamp_is_read(serve: Any, tmp_path: Path) -> None:
    raw = tmp_path / "raw.duckdb"
    whole = serve(company(tmp_path / "whole", accounts(3)))
    part = serve(company(tmp_path / "part", accounts(2)))
    run(whole, raw, "first")

    run(part, raw, "second")
    assert live(raw) == {account_id(1), account_id(2)}
    run(whole, raw, "third")

    assert live(raw) == {account_id(1), account_id(2), account_id(3)}
    states = looked_up(
        raw,
        "select version, is_deleted from raw_salesforce.accounts"
        f" where record_id = '{account_id(3)}' order by version",
    )
    assert states == [(1, False), (2, True), (3, False)]


def test_a_log_entry_that_went_with_its_deal_is_found_by_its_id(serve: Any, tmp_path: Path) -> None:
    raw = tmp_path / "raw.duckdb"
    entries = [
        {
            "Id": f"017{number:012d}AAA",
            "IsDeleted": False,
            "OpportunityId": "006000000000001AAA",
            "Field": "Amount",
            "OldValue": 100,
            "NewValue": "one hundred and ten",
            "CreatedDate": "2026-03-01T14:05:58.000+0000",
        }
        for number in (1, 2)
    ]
    before = serve(company(tmp_path / "before", [], OpportunityFieldHistory=entries))
    entries[1]["IsDeleted"] = True
    after = serve(company(tmp_path / "after", [], OpportunityFieldHistory=entries))
    run(before, raw, "first")
    after.advance(DAY_SECONDS)

    run(after, raw, "second")

    assert live(raw, "opportunity_field_history") == {"017000000000001AAA"}
    [values] = looked_up(
        raw,
        "select payload -> 'OldValue', payload -> 'NewValue'"
        " from raw_salesforce.opportunity_field_history where version = 1 limit 1",
    )
    assert values == ("100", '"one hundred and ten"')


def test_a_refused_record_explains_a_difference_and_is_not_looked_for_again(
    serve: Any, tmp_path: Path
) -> None:
    raw = tmp_path / "raw.duckdb"
    sandbox = serve(
        company(tmp_path / "company", [account(1), account(2, CurrencyIsoCode="Dollars")])
    )
    run(sandbox, raw, "first")
    sandbox.advance(3600)

    again = run(sandbox, raw, "second")

    assert read_and_new(again) == (0, 0)
    assert last_counts(raw) == (1, 2)


def test_rows_that_a_lost_permission_hides_are_not_called_deleted(
    serve: Any, tmp_path: Path
) -> None:
    raw = tmp_path / "raw.duckdb"
    whole = serve(company(tmp_path / "whole", accounts(40)))
    part = serve(company(tmp_path / "part", accounts(28)))
    run(whole, raw, "first")
    part.advance(3_600)

    for run_id, choices in {"second": {}, "third": {"full": True}}.items():
        with pytest.raises(ContractBroken, match=r"does not show 12 of 40 Account rows.*access"):
            run(part, raw, run_id, **choices)
        assert len(live(raw)) == 40
        assert last_counts(raw) == (40, 28)

    whole.advance(2 * 3_600)
    assert read_and_new(run(whole, raw, "fourth"))[1] == 0
    assert last_counts(raw) == (40, 40)


def test_a_great_loss_that_lasts_is_believed(serve: Any, tmp_path: Path) -> None:
    raw = tmp_path / "raw.duckdb"
    whole = serve(company(tmp_path / "whole", accounts(40)))
    part = serve(company(tmp_path / "part", accounts(28)))
    run(whole, raw, "first")

    part.advance(DAY_SECONDS)
    for day, days_until_the_next in {"Friday": 2, "Sunday": 1}.items():
        with pytest.raises(ContractBroken):
            run(part, raw, day)
        part.advance(days_until_the_next * DAY_SECONDS)
    run(part, raw, "Monday")

    assert len(live(raw)) == 28
    assert last_counts(raw) == (28, 28)


def test_an_object_that_stops_does_not_keep_the_next_from_being_read(
    serve: Any, tmp_path: Path
) -> None:
    raw = tmp_path / "raw.duckdb"
    whole = serve(company(tmp_path / "whole", accounts(20)))
    deal = {
        "Id": "006000000000001AAA",
        "Name": "Deal",
        "StageName": "Prospecting",
        "CloseDate": "2026-04-01",
        "AccountId": account_id(1),
        "IsClosed": False,
        "IsWon": False,
        "IsDeleted": False,
        "SystemModstamp": "2026-03-02T16:59:00.000+0000",
    }
    part = serve(company(tmp_path / "part", accounts(1), Opportunity=[deal]))
    run(whole, raw, "first")

    with pytest.raises(ContractBroken, match="Account rows"):
        run(part, raw, "second")

    assert live(raw, "opportunities") == {deal["Id"]}
