"""Bulk API 2.0 ingest jobs of the emulated organisation."""

import csv
import io
from collections.abc import Iterator
from typing import Any

import pytest

from tests.contract.salesforce_world import SalesforceWorld, salesforce_world

ACME, BOLT = "001000000000001AAA", "001000000000002AAA"
JOBS = "/jobs/ingest"


@pytest.fixture
def organisation() -> Iterator[SalesforceWorld]:
    with salesforce_world() as world:
        world.load(
            "Account",
            [
                {"Id": ACME, "Name": "Acme", "QBO_Customer_Id__c": "17", "Key__c": False},
                {"Id": BOLT, "Name": "Bolt", "Phone": "1", "Site": "North"},
            ],
        )
        world.sign_in()
        yield world


def _opened(world: SalesforceWorld, operation: str, **options: str) -> dict[str, Any]:
    body = {"object": "Account", "operation": operation, **options}
    answer = world.call("POST", JOBS, json=body)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def _uploaded(world: SalesforceWorld, operation: str, content: str, **options: str) -> str:
    """The path of a job whose upload is complete."""
    job = _opened(world, operation, **options)
    sent = world.http.put(
        f"/{job['contentUrl']}", content=content, headers={"Content-Type": "text/csv"}
    )
    assert sent.status_code == 201, sent.text
    closed = world.call("PATCH", f"{JOBS}/{job['id']}", json={"state": "UploadComplete"})
    assert closed.json()["state"] == "UploadComplete"
    return f"{JOBS}/{job['id']}"


def _ended(world: SalesforceWorld, path: str) -> dict[str, Any]:
    while (job := world.call("GET", path).json())["state"] not in ("JobComplete", "Failed"):
        pass
    return dict(job)


def _rows(world: SalesforceWorld, path: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(world.call("GET", path).text)))


def test_an_insert_passes_through_its_states(organisation: SalesforceWorld) -> None:
    job = _opened(organisation, "insert")
    assert (job["state"], job["object"]) == ("Open", "Account")
    path = f"{JOBS}/{job['id']}"
    assert organisation.refusal("GET", f"{path}/successfulResults")[1] == "INVALIDJOBSTATE"
    organisation.call("PUT", f"{path}/batches", content="Name\nCask\n")
    organisation.call("PATCH", path, json={"state": "UploadComplete"})
    states = [organisation.call("GET", path).json()["state"] for _ in range(3)]
    assert states == ["InProgress", "JobComplete", "JobComplete"]
    (row,) = _rows(organisation, f"{path}/successfulResults")
    assert (row["sf__Created"], row["Name"]) == ("true", "Cask")
    shown = organisation.call("GET", f"/sobjects/Account/{row['sf__Id']}").json()
    assert shown["Name"] == "Cask"


def test_a_complete_job_may_have_failed_rows(organisation: SalesforceWorld) -> None:
    content = "Name,NumberOfEmployees\nCask,5\n,6\nDeep,many\n"
    path = _uploaded(organisation, "insert", content)
    job = _ended(organisation, path)
    assert (job["state"], job["numberRecordsProcessed"], job["numberRecordsFailed"]) == (
        "JobComplete",
        3,
        2,
    )
    errors = [row["sf__Error"] for row in _rows(organisation, f"{path}/failedResults")]
    assert errors[0] == ("REQUIRED_FIELD_MISSING:Required fields are missing: [Name]:Name --")
    assert errors[1].startswith("JSON_PARSER_ERROR:")
    assert _rows(organisation, f"{path}/unprocessedrecords") == []


def test_an_update_leaves_what_is_empty_and_empties_what_is_told(
    organisation: SalesforceWorld,
) -> None:
    content = f"Id,Name,Phone,Site\r\n{BOLT},Nut,#N/A,\r\n"
    _ended(organisation, _uploaded(organisation, "update", content, lineEnding="CRLF"))
    shown = organisation.call("GET", f"/sobjects/Account/{BOLT}").json()
    assert (shown["Name"], shown["Phone"], shown["Site"]) == ("Nut", None, "North")


def test_an_upsert_finds_its_records_by_the_external_id(organisation: SalesforceWorld) -> None:
    content = "QBO_Customer_Id__c;Name;Key__c\n17;Acme & Co;true\n18;New;false\n;Nobody;false\n"
    path = _uploaded(
        organisation,
        "upsert",
        content,
        externalIdFieldName="QBO_Customer_Id__c",
        columnDelimiter="SEMICOLON",
    )
    assert _ended(organisation, path)["numberRecordsFailed"] == 1
    text = organisation.call("GET", f"{path}/successfulResults").text
    rows = list(csv.DictReader(io.StringIO(text), delimiter=";"))
    assert [row["sf__Created"] for row in rows] == ["false", "true"]
    assert rows[0]["sf__Id"] == ACME
    shown = organisation.call("GET", f"/sobjects/Account/{ACME}").json()
    assert (shown["Name"], shown["Key__c"]) == ("Acme & Co", True)


@pytest.mark.parametrize(("operation", "left"), [("delete", [ACME, BOLT]), ("hardDelete", [BOLT])])
def test_only_a_hard_delete_passes_by_the_recycle_bin(
    organisation: SalesforceWorld, operation: str, left: list[str]
) -> None:
    _ended(organisation, _uploaded(organisation, operation, f"Id\n{ACME}\n"))
    assert organisation.column("SELECT Id FROM Account") == [BOLT]
    assert organisation.column("SELECT Id FROM Account ORDER BY Id", everything=True) == left


@pytest.mark.parametrize(
    "content", ["Nope\nx\n", "Name\nx,y\n", "Name,Name\nx,y\n", 'Name\n"' + "x" * 140_000 + '"\n']
)
def test_an_upload_that_cannot_be_read_fails_as_a_whole(
    organisation: SalesforceWorld, content: str
) -> None:
    path = _uploaded(organisation, "insert", content)
    job = _ended(organisation, path)
    assert job["state"] == "Failed"
    assert job["errorMessage"].startswith("InvalidBatch : ")
    assert organisation.query("SELECT COUNT() FROM Account")["totalSize"] == 2


def test_an_aborted_job_gives_back_what_was_sent(organisation: SalesforceWorld) -> None:
    path = _uploaded(organisation, "insert", "Name\nCask\n")
    aborted = organisation.call("PATCH", path, json={"state": "Aborted"})
    assert aborted.json()["state"] == "Aborted"
    assert _rows(organisation, f"{path}/unprocessedrecords") == [{"Name": "Cask"}]
    assert organisation.call("DELETE", path).status_code == 204
    assert organisation.call("GET", JOBS).json()["records"] == []


def test_a_closed_job_takes_no_upload(organisation: SalesforceWorld) -> None:
    path = _uploaded(organisation, "insert", "Name\nCask\n")
    again = organisation.refusal("PUT", f"{path}/batches", content="Name\nDeep\n")
    assert again[:2] == (400, "INVALIDJOBSTATE")


def test_a_query_job_is_no_ingest_job(organisation: SalesforceWorld) -> None:
    query = {"operation": "query", "query": "SELECT Id FROM Account"}
    job = organisation.call("POST", "/jobs/query", json=query).json()
    assert organisation.refusal("GET", f"{JOBS}/{job['id']}")[:2] == (404, "NOT_FOUND")


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"object": "Nope", "operation": "insert"}, "INVALIDENTITY"),
        ({"object": "Account", "operation": "query"}, "JSON_PARSER_ERROR"),
        ({"object": "Account", "operation": "upsert"}, "JSON_PARSER_ERROR"),
    ],
)
def test_a_malformed_job_is_refused(
    organisation: SalesforceWorld, body: dict[str, str], code: str
) -> None:
    assert organisation.refusal("POST", JOBS, json=body)[:2] == (400, code)
