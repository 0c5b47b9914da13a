"""A bulk job reads what queries read, so that it does not matter which way a record came."""

import json
from pathlib import Path
from typing import Any

import pytest

from q2c_pipeline.defs.crm.salesforce import bulk
from q2c_pipeline.defs.crm.salesforce.csv_rows import CutOff, rows_of
from tests.contract.salesforce_organisation import (
    account,
    company,
    last_counts,
    looked_up,
    read_and_new,
    run,
)

CUSTOM = {"accounts": ["Credit_Limit__c", "Notes__c", "Since__c", "Is_Partner__c", "Reviewed__c"]}
PAYLOADS = "select record_id, payload from raw_salesforce.accounts order by record_id, version"


def odd_accounts() -> list[dict[str, Any]]:
    """What CSV spells differently, or could."""
    odd = {
        "Credit_Limit__c": 0.1,
        "Notes__c": "first",
        "Since__c": "2026-01-31",
        "Is_Partner__c": False,
        "Reviewed__c": "2026-02-03T04:05:06.000+0000",
    }
    return [
        account(1, **odd),
        account(2, **odd | {"Credit_Limit__c": 5000, "Notes__c": 'a "quoted", longer\nnote'}),
        account(3, **odd | {"Credit_Limit__c": 1234567890.12, "Notes__c": "café ☕ \\ \t"}),
        account(4, **odd | {"Credit_Limit__c": 0, "Notes__c": None, "Is_Partner__c": True}),
        account(5, **odd | {"Credit_Limit__c": None, "Since__c": None, "Reviewed__c": None}),
        account(6, **odd | {"Credit_Limit__c": -12.50, "Notes__c": "00012", "IsDeleted": True}),
    ]


def test_a_job_gives_the_versions_that_queries_give(serve: Any, tmp_path: Path) -> None:
    sandbox = serve(company(tmp_path / "company", odd_accounts()))
    by_job, by_query = tmp_path / "job.duckdb", tmp_path / "query.duckdb"

    run(sandbox, by_job, "job", custom_fields=CUSTOM, query_rows_max=1)
    run(sandbox, by_query, "query", custom_fields=CUSTOM)

    queried, jobbed = (
        [(record_id, json.loads(payload)) for record_id, payload in looked_up(raw, PAYLOADS)]
        for raw in (by_query, by_job)
    )
    assert jobbed == queried
    assert last_counts(by_job) == (5, 5)
    again = run(sandbox, by_job, "queried", custom_fields=CUSTOM, full=True)
    assert read_and_new(again) == (6, 0)


def test_a_job_is_read_to_its_last_page_and_removed(
    serve: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bulk, "RESULT_PAGE_ROWS", 2)
    sandbox = serve(company(tmp_path / "company", odd_accounts()))

    extraction = run(sandbox, tmp_path / "raw.duckdb", "job", query_rows_max=1)

    assert read_and_new(extraction) == (6, 6)


@pytest.mark.parametrize("end", [-1, -4, -20])
def test_a_page_that_was_cut_off_is_not_taken(end: int) -> None:
    text = b'"Id","Name"\n"001000000000001AAA","One\nLine"\n"001000000000002AAA","Two"\n'

    with pytest.raises(CutOff):
        rows_of(text[:end], "Account", {"Id": "id", "Name": "string"}, root="/services/data/v66.0")
