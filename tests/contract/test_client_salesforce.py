"""The Salesforce extraction against the sandbox, over HTTP: pages, fields and objects shown."""

from pathlib import Path
from typing import Any

import pytest

from q2c_pipeline.core.errors import AllowanceSpent
from q2c_pipeline.defs.crm.salesforce.daily_calls import DailyCalls
from tests.contract.salesforce_organisation import (
    account,
    accounts,
    company,
    looked_up,
    read_and_new,
    run,
)


def test_pages_are_followed_and_read_once(serve: Any, tmp_path: Path) -> None:
    sandbox = serve(company(tmp_path / "company", accounts(2_100)))

    assert read_and_new(run(sandbox, tmp_path / "raw.duckdb", "first")) == (2_100, 2_100)
    assert read_and_new(run(sandbox, tmp_path / "raw.duckdb", "second"))[1] == 0


def test_a_custom_field_that_is_not_there_is_named_and_stops_nothing(
    serve: Any, tmp_path: Path
) -> None:
    sandbox = serve(company(tmp_path / "company", [account(1, Credit_Limit__c=5000)]))
    custom = {"accounts": ["Credit_Limit__c", "Segment__c"]}

    extraction = run(sandbox, tmp_path / "raw.duckdb", "first", custom_fields=custom)

    assert extraction.missing_fields == ("accounts.Segment__c",)
    assert read_and_new(extraction) == (1, 1)


def test_a_custom_field_configured_later_is_read_for_every_record(
    serve: Any, tmp_path: Path
) -> None:
    sandbox = serve(company(tmp_path / "company", [account(1, Credit_Limit__c=5000)]))
    run(sandbox, tmp_path / "raw.duckdb", "first")

    custom = {"accounts": ["Credit_Limit__c"]}
    later = run(sandbox, tmp_path / "raw.duckdb", "second", custom_fields=custom)

    assert read_and_new(later) == (1, 1)


def test_a_field_that_is_hidden_is_named_until_it_is_shown_again(
    serve: Any, tmp_path: Path
) -> None:
    raw, custom = tmp_path / "raw.duckdb", {"accounts": ["Segment__c"]}
    shown = serve(company(tmp_path / "shown", [account(1, Segment__c="Mid")]))
    hidden = serve(company(tmp_path / "hidden", [account(1)]))
    run(shown, raw, "first", custom_fields=custom)

    lost = [run(hidden, raw, run_id, custom_fields=custom) for run_id in ("second", "third")]
    found = run(shown, raw, "fourth", custom_fields=custom)

    assert [extraction.missing_fields for extraction in lost] == [("accounts.Segment__c",)] * 2
    assert found.missing_fields == ()
    states = looked_up(
        raw, "select payload ->> 'Segment__c' from raw_salesforce.accounts order by version"
    )
    assert states == [("Mid",), (None,), ("Mid",)]


def test_an_object_that_the_organisation_does_not_have_is_named_and_stops_nothing(
    serve: Any, tmp_path: Path
) -> None:
    sandbox = serve(company(tmp_path / "company", accounts(1)))

    extraction = run(sandbox, tmp_path / "raw.duckdb", "first")

    assert extraction.missing_objects == ("currency_types",)
    assert read_and_new(extraction) == (1, 1)


@pytest.mark.parametrize(
    ("usage", "told"),
    [
        ("api-usage=80/100", "The whole.* 80 of 100 daily API calls"),
        ("api-usage=1/100; per-app-api-usage=200/250(appName=q2c)", "This app.* 200 of 250"),
        ("per-app-api-usage=1/250(appName=q2c); api-usage=90/100", "The whole.* 90 of 100"),
    ],
)
def test_reading_stops_before_the_calls_of_a_day_run_out(usage: str, told: str) -> None:
    calls = DailyCalls("00D000000000001EAA", percent_max=80)
    calls.note({"Sforce-Limit-Info": "api-usage=79/100, per-app-api-usage=199/250(appName=q2c)"})
    calls.check()

    calls.note({"Sforce-Limit-Info": usage})

    with pytest.raises(AllowanceSpent, match=told):
        calls.check()
