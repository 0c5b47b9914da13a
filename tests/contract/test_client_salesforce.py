"""The Salesforce extraction against the sandbox, over HTTP."""

import json
from pathlib import Path
from typing import Any

from q2c_pipeline.core.extraction import Extraction
from q2c_pipeline.core.warehouse import RawStore
from q2c_pipeline.defs.crm.salesforce.client import SalesforceClient
from q2c_pipeline.defs.crm.salesforce.extract import extract_salesforce
from q2c_pipeline.defs.crm.salesforce.objects import TABLES
from q2c_pipeline.defs.crm.salesforce.sign_in import SalesforceAccess

STAMP = "2026-03-01T14:05:58.000+0000"


def company(folder: Path, accounts: list[dict[str, Any]]) -> Path:
    (folder / "salesforce").mkdir(parents=True)
    (folder / "company.json").write_text(json.dumps({"clock": "2026-03-02T09:00:00-08:00"}))
    (folder / "salesforce" / "Account.json").write_text(json.dumps(accounts))
    return folder


def account(number: int, **fields: Any) -> dict[str, Any]:
    return {
        "Id": f"001{number:012d}AAA",
        "Name": f"Account {number}",
        "SystemModstamp": STAMP,
        "IsDeleted": False,
        **fields,
    }


def run(sandbox: Any, raw: Path, run_id: str, **choices: Any) -> Extraction:
    settings = sandbox.settings
    access = SalesforceAccess(
        login_url=settings["SALESFORCE_LOGIN_URL"],
        client_id=settings["SALESFORCE_CLIENT_ID"],
        client_secret=settings["SALESFORCE_CLIENT_SECRET"],
        api_version=settings["SALESFORCE_API_VERSION"],
    )
    with SalesforceClient(access) as client, RawStore(raw) as store:
        store.prepare({"salesforce": TABLES})
        return extract_salesforce(
            store,
            client,
            run_id=run_id,
            as_of=None,
            time_zone="America/Los_Angeles",
            progress=lambda line: None,
            **choices,
        )


def accounts_of(extraction: Extraction) -> tuple[int, int]:
    """Records read and new versions."""
    [counts] = [load.counts for load in extraction.loads if load.object == "accounts"]
    return counts.read, counts.versions


def test_pages_are_followed_and_read_once(serve: Any, tmp_path: Path) -> None:
    many = [account(number) for number in range(1, 4_101)]
    sandbox = serve(company(tmp_path / "company", many))

    assert accounts_of(run(sandbox, tmp_path / "raw.duckdb", "first")) == (4_100, 4_100)
    assert accounts_of(run(sandbox, tmp_path / "raw.duckdb", "second"))[1] == 0


def test_a_custom_field_that_is_not_there_is_named_and_stops_nothing(
    serve: Any, tmp_path: Path
) -> None:
    sandbox = serve(company(tmp_path / "company", [account(1, Credit_Limit__c=5000)]))
    custom = {"accounts": ["Credit_Limit__c", "Segment__c"]}

    extraction = run(sandbox, tmp_path / "raw.duckdb", "first", custom_fields=custom)

    assert extraction.missing_fields == ("accounts.Segment__c",)
    assert accounts_of(extraction) == (1, 1)


def test_a_custom_field_configured_later_is_read_for_every_record(
    serve: Any, tmp_path: Path
) -> None:
    sandbox = serve(company(tmp_path / "company", [account(1, Credit_Limit__c=5000)]))
    run(sandbox, tmp_path / "raw.duckdb", "first")

    custom = {"accounts": ["Credit_Limit__c"]}
    later = run(sandbox, tmp_path / "raw.duckdb", "second", custom_fields=custom)

    assert accounts_of(later) == (1, 1)


def test_a_deletion_is_seen_in_the_recycle_bin(serve: Any, tmp_path: Path) -> None:
    before = serve(company(tmp_path / "before", [account(1)]))
    run(before, tmp_path / "raw.duckdb", "first")
    before.stop()
    gone = account(1, IsDeleted=True, SystemModstamp="2026-03-02T17:01:00.000+0000")
    after = serve(company(tmp_path / "after", [gone]))
    after.advance(3600)

    extraction = run(after, tmp_path / "raw.duckdb", "second")

    [counts] = [load.counts for load in extraction.loads if load.object == "accounts"]
    assert counts.deleted == 1
