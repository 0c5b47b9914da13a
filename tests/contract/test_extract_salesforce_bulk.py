"""A bulk job reads what queries read, so that it does not matter which way a record came."""

import json
from pathlib import Path
from typing import Any

import httpx
import pytest

from q2c_pipeline.defs.crm.salesforce.bulk import BulkPolicy
from q2c_pipeline.defs.crm.salesforce.csv_rows import CutOff, rows_of
from tests.contract.salesforce_organisation import (
    STAMP,
    account,
    company,
    last_counts,
    looked_up,
    read_and_new,
    run,
    signed_in,
)

ALWAYS = BulkPolicy(query_rows_max=0, page_rows=2)
CUSTOM = {"accounts": ["Credit_Limit__c", "Notes__c", "Since__c", "Is_Partner__c", "Reviewed__c"]}
PAYLOADS = (
    "select record_id, payload::varchar, is_deleted from raw_salesforce.accounts"
    " union all by name"
    " select record_id, payload::varchar, is_deleted from raw_salesforce.opportunity_field_history"
    " order by all"
)


def odd_company(folder: Path) -> Path:
    """What CSV spells differently, or could."""
    odd = {
        "Credit_Limit__c": 0.1,
        "Notes__c": "first",
        "Since__c": "2026-01-31",
        "Is_Partner__c": False,
        "Reviewed__c": "2026-02-03T04:05:06.000+0000",
    }
    changes = [
        {
            "Id": f"017{number:012d}AAA",
            "OpportunityId": "006000000000001AAA",
            "Field": "Amount",
            "OldValue": old,
            "NewValue": new,
            "CreatedDate": STAMP,
        }
        for number, (old, new) in enumerate([(None, 100), ("100", 110.5), ("", True)])
    ]
    return company(
        folder,
        [
            account(1, **odd),
            account(2, **odd | {"Credit_Limit__c": 5000, "Notes__c": 'a "quoted", longer\nnote'}),
            account(3, **odd | {"Credit_Limit__c": 1234567890.12, "Notes__c": "café ☕ \\ \t"}),
            account(4, **odd | {"Credit_Limit__c": 0, "Notes__c": None, "Is_Partner__c": True}),
            account(5, **odd | {"Credit_Limit__c": None, "Since__c": None, "Reviewed__c": None}),
            account(6, **odd | {"Credit_Limit__c": -12.50, "Notes__c": "00012", "IsDeleted": True}),
        ],
        OpportunityFieldHistory=changes,
    )


def test_a_job_gives_the_versions_that_queries_give(serve: Any, tmp_path: Path) -> None:
    sandbox = serve(odd_company(tmp_path / "company"))
    by_job, by_query = tmp_path / "job.duckdb", tmp_path / "query.duckdb"

    run(sandbox, by_job, "job", custom_fields=CUSTOM, bulk=ALWAYS)
    run(sandbox, by_query, "query", custom_fields=CUSTOM)

    jobbed, queried = (
        [(id, json.loads(payload), is_deleted) for id, payload, is_deleted in found]
        for found in (looked_up(by_job, PAYLOADS), looked_up(by_query, PAYLOADS))
    )
    assert jobbed == queried
    assert len(jobbed) == 9
    assert last_counts(by_job) == (5, 5)
    again = run(sandbox, by_job, "queried", custom_fields=CUSTOM, full=True)
    assert [read_and_new(again, table) for table in ("accounts", "opportunity_field_history")] == [
        (6, 0),
        (3, 0),
    ]


def test_a_job_is_removed_once_it_is_read(serve: Any, tmp_path: Path) -> None:
    sandbox = serve(odd_company(tmp_path / "company"))

    run(sandbox, tmp_path / "raw.duckdb", "job", bulk=ALWAYS)

    with signed_in(sandbox) as client:
        jobs = client.api.get(f"{client.root}/jobs/query", asked="all jobs", answer=dict)
    assert jobs["records"] == []


def test_a_large_window_of_changes_is_read_by_a_job(serve: Any, tmp_path: Path) -> None:
    sandbox = serve(odd_company(tmp_path / "company"))
    run(sandbox, tmp_path / "raw.duckdb", "first")
    sandbox.advance(3_600)
    with signed_in(sandbox) as client:
        for number in range(3):
            client.api.post_json(
                f"{client.root}/sobjects/Account",
                {"Name": f"New {number}"},
                asked="an account",
                answer=dict,
            )

    later = run(sandbox, tmp_path / "raw.duckdb", "second", bulk=ALWAYS)

    assert read_and_new(later) == (3, 3)


class WithoutJobs(httpx.BaseTransport):
    """An organisation that reads none of its objects by a job."""

    def __init__(self) -> None:
        self._wire = httpx.HTTPTransport(verify=False)
        self.refused = 0

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        if not request.url.path.endswith("/jobs/query"):
            return self._wire.handle_request(request)
        self.refused += 1
        message = "Entity is not supported by the Bulk API."
        return httpx.Response(400, json=[{"errorCode": "INVALIDENTITY", "message": message}])

    def close(self) -> None:
        self._wire.close()


def test_what_no_job_reads_is_read_page_by_page(serve: Any, tmp_path: Path) -> None:
    sandbox = serve(odd_company(tmp_path / "company"))
    transport = WithoutJobs()

    extraction = run(sandbox, tmp_path / "raw.duckdb", "first", bulk=ALWAYS, transport=transport)

    assert read_and_new(extraction) == (6, 6)
    assert transport.refused


@pytest.mark.parametrize("end", [-1, -4, -20])
def test_a_page_that_was_cut_off_is_not_taken(end: int) -> None:
    text = b'"Id","Name"\n"001000000000001AAA","One\nLine"\n"001000000000002AAA","Two"\n'

    with pytest.raises(CutOff):
        rows_of(text[:end], "Account", {"Id": "id", "Name": "string"}, root="/services/data/v66.0")


@pytest.mark.prove
def test_a_storm_changes_nothing_of_what_a_job_reads(
    serve: Any, tmp_path: Path, is_whole_proof: bool
) -> None:
    sandbox = serve(odd_company(tmp_path / "company"))
    run(sandbox, tmp_path / "calm.duckdb", "calm", custom_fields=CUSTOM, bulk=ALWAYS)
    calm = looked_up(tmp_path / "calm.duckdb", PAYLOADS)
    for seed in range(1, (10 if is_whole_proof else 1) + 1):
        storm = {"seed": seed, "share": 0.2, "system": "salesforce", "latency_seconds": 0.01}
        assert sandbox.post("/_sandbox/faults", json=storm).is_success

        raw = tmp_path / f"storm {seed}.duckdb"
        run(sandbox, raw, "storm", custom_fields=CUSTOM, bulk=ALWAYS)

        assert looked_up(raw, PAYLOADS) == calm
        assert last_counts(raw) == (5, 5)
        assert sandbox.get("/_sandbox/faults").json()["done"], "the storm was none"
