"""Bulk API 2.0 query jobs of the emulated organisation."""

import csv
import io
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.contract.salesforce_world import SalesforceWorld, salesforce_world

ACME, BOLT, DEAD = "001000000000001AAA", "001000000000002AAA", "001000000000003AAA"
ANNA = "005000000000001AAA"
JOBS = "/jobs/query"


@pytest.fixture
def organisation() -> Iterator[SalesforceWorld]:
    with salesforce_world() as world:
        world.load("User", [{"Id": ANNA, "Name": "Anna Berg"}])
        world.load(
            "Account",
            [
                f'{{"Id":"{ACME}","Name":"Acme \\"A\\", Inc.","AnnualRevenue":5000,'
                f'"NumberOfEmployees":12,"OwnerId":"{ANNA}","Phone":"","Key__c":true,'
                '"Description":"two\\nlines","BillingAddress":{"city":"Ulm"},'
                '"CreatedDate":"2026-01-05T08:00:00.000+0000",'
                '"SystemModstamp":"2026-03-01T10:00:00.000+0000"}',
                f'{{"Id":"{BOLT}","Name":"Bolt","AnnualRevenue":1200.10,"Key__c":false,'
                '"SystemModstamp":"2026-03-01T11:00:00.000+0000"}',
                f'{{"Id":"{DEAD}","Name":"Dead","IsDeleted":true,'
                '"SystemModstamp":"2026-03-01T12:00:00.000+0000"}',
            ],
        )
        world.sign_in()
        yield world


def _created(world: SalesforceWorld, soql: str, **options: str) -> dict[str, Any]:
    body = {"operation": "query", "query": soql, **options}
    answer = world.call("POST", JOBS, json=body)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def _completed(world: SalesforceWorld, soql: str, **options: str) -> str:
    job_id = str(_created(world, soql, **options)["id"])
    while world.call("GET", f"{JOBS}/{job_id}").json()["state"] != "JobComplete":
        pass
    return f"{JOBS}/{job_id}"


def _rows(results: httpx.Response) -> list[list[str]]:
    return list(csv.reader(io.StringIO(results.text)))


def test_a_job_passes_through_its_states(organisation: SalesforceWorld) -> None:
    job = _created(organisation, "SELECT Id FROM Account")
    assert job["id"].startswith("750")
    assert (job["state"], job["object"], job["operation"]) == ("UploadComplete", "Account", "query")
    assert (job["contentType"], job["columnDelimiter"], job["lineEnding"]) == ("CSV", "COMMA", "LF")
    path = f"{JOBS}/{job['id']}"
    early = organisation.refusal("GET", f"{path}/results")
    assert early[:2] == (400, "INVALIDJOBSTATE")
    shown = [organisation.call("GET", path + slash).json() for slash in ("", "/", "")]
    assert [job["state"] for job in shown] == ["InProgress", "JobComplete", "JobComplete"]
    assert shown[-1]["numberRecordsProcessed"] == 2
    listed = organisation.call("GET", JOBS).json()
    assert [record["id"] for record in listed["records"]] == [job["id"]]


def test_results_are_csv_by_the_vendors_rules(organisation: SalesforceWorld) -> None:
    path = _completed(
        organisation,
        "SELECT id, Owner.Name, Name, AnnualRevenue, NumberOfEmployees, Phone, Key__c,"
        " Description, CreatedDate FROM Account ORDER BY Name",
    )
    results = organisation.call("GET", f"{path}/results")
    assert results.headers["Content-Type"].startswith("text/csv")
    assert results.headers["Sforce-NumberOfRecords"] == "2"
    assert results.headers["Sforce-Locator"] == "null"
    assert _rows(results) == [
        ["Id", "Owner.Name", "Name", "AnnualRevenue", "NumberOfEmployees", "Phone", "Key__c",
         "Description", "CreatedDate"],
        [ACME, "Anna Berg", 'Acme "A", Inc.', "5000.0", "12", "", "true", "two\nlines",
         "2026-01-05T08:00:00.000Z"],
        [BOLT, "", "Bolt", "1200.10", "", "", "false", "", ""],
    ]  # fmt: skip


def test_separators_are_the_clients_choice(organisation: SalesforceWorld) -> None:
    soql = f"SELECT Id, Name FROM Account WHERE Id = '{BOLT}'"
    path = _completed(organisation, soql, columnDelimiter="PIPE", lineEnding="CRLF")
    text = organisation.call("GET", f"{path}/results").text
    assert text == f'"Id"|"Name"\r\n"{BOLT}"|"Bolt"\r\n'


def test_pages_follow_the_locator_and_can_be_fetched_again(organisation: SalesforceWorld) -> None:
    path = _completed(organisation, "SELECT Name FROM Account", operation="queryAll") + "/results"
    seen, locator = [], ""
    while locator != "null":
        asked = {"maxRecords": "2"} | ({"locator": locator} if locator else {})
        page = organisation.call("GET", path, params=asked)
        again = organisation.call("GET", path, params=asked)
        assert page.text == again.text
        heading, *rows = _rows(page)
        assert heading == ["Name"]
        assert len(rows) == int(page.headers["Sforce-NumberOfRecords"])
        seen += [name for (name,) in rows]
        locator = page.headers["Sforce-Locator"]
    assert seen == ['Acme "A", Inc.', "Bolt", "Dead"]
    for wrong in ("OTk5OQ", "LTU", "x", "é"):
        refused = organisation.refusal("GET", path, params={"locator": wrong})
        assert refused[:2] == (400, "INVALID_QUERY_LOCATOR")
    for wrong in ("0", "-1", "x", "9" * 5_000):
        assert organisation.refusal("GET", path, params={"maxRecords": wrong})[0] == 400


def test_a_query_without_rows_answers_its_headings(organisation: SalesforceWorld) -> None:
    path = _completed(organisation, "SELECT Id, Name FROM Contact")
    results = organisation.call("GET", f"{path}/results")
    assert results.text == '"Id","Name"\n'
    assert results.headers["Sforce-NumberOfRecords"] == "0"
    assert results.headers["Sforce-Locator"] == "null"


def test_results_stay_what_they_were_when_the_job_completed(organisation: SalesforceWorld) -> None:
    path = _completed(organisation, "SELECT Name FROM Account ORDER BY Name")
    organisation.call("PATCH", f"/sobjects/Account/{BOLT}", json={"Name": "Nut"})
    assert ["Bolt"] in _rows(organisation.call("GET", f"{path}/results"))


def test_another_version_than_the_jobs_own_is_a_conflict(organisation: SalesforceWorld) -> None:
    path = _completed(organisation, "SELECT Id FROM Account")
    for resource in (path, f"{path}/results"):
        other = organisation.http.get(f"/services/data/v61.0{resource}")
        assert other.status_code == 409
        assert other.json()[0]["errorCode"] == "INVALIDVERSION"


def test_only_a_running_job_is_aborted_and_only_an_ended_one_deleted(
    organisation: SalesforceWorld,
) -> None:
    path = f"{JOBS}/{_created(organisation, 'SELECT Id FROM Account')['id']}"
    assert organisation.refusal("DELETE", path)[:2] == (400, "INVALIDJOBSTATE")
    aborted = organisation.call("PATCH", path, json={"state": "Aborted"})
    assert aborted.json()["state"] == "Aborted"
    again = organisation.refusal("PATCH", path, json={"state": "Aborted"})
    assert again[:2] == (400, "INVALIDJOBSTATE")
    assert organisation.call("GET", path).json()["state"] == "Aborted"
    assert organisation.call("DELETE", path).status_code == 204
    assert organisation.refusal("GET", path)[:2] == (404, "NOT_FOUND")


def test_a_job_is_kept_for_seven_days(organisation: SalesforceWorld) -> None:
    path = _completed(organisation, "SELECT Id FROM Account")
    organisation.advance(days=7, seconds=-1)
    organisation.sign_in()
    assert organisation.call("GET", path).status_code == 200
    organisation.advance(seconds=1)
    assert organisation.call("GET", path).status_code == 404


@pytest.mark.parametrize(
    ("soql", "code"),
    [
        ("SELECT COUNT() FROM Account", "FEATURENOTENABLED"),
        ("SELECT Id FROM Account LIMIT 1 OFFSET 1", "FEATURENOTENABLED"),
        ("SELECT BillingAddress FROM Account", "FEATURENOTENABLED"),
        ("SELECT Id FROM ContractStatus", "INVALIDENTITY"),
        ("SELECT Id FROM Account GROUP BY Id", "MALFORMED_QUERY"),
        ("SELECT MAX(Id) FROM Account", "MALFORMED_QUERY"),
        ("SELECT Id, (SELECT Id FROM Contacts) FROM Account", "MALFORMED_QUERY"),
        ("SELECT Id FROM Nothing", "INVALID_TYPE"),
        ("SELECT Nothing__c FROM Account", "INVALID_FIELD"),
    ],
)
def test_what_no_job_answers_is_refused_at_once(
    organisation: SalesforceWorld, soql: str, code: str
) -> None:
    body = {"operation": "query", "query": soql}
    assert organisation.refusal("POST", JOBS, json=body)[:2] == (400, code)
    assert organisation.call("GET", JOBS).json()["records"] == []


@pytest.mark.parametrize(
    "body",
    [
        {"operation": "insert", "query": "SELECT Id FROM Account"},
        {"operation": "query"},
        {"operation": "query", "query": "SELECT Id FROM Account", "columnDelimiter": "DOT"},
        {"operation": "query", "query": "SELECT Id FROM Account", "lineEnding": "CR"},
    ],
)
def test_a_malformed_job_is_refused(organisation: SalesforceWorld, body: dict[str, str]) -> None:
    assert organisation.refusal("POST", JOBS, json=body)[:2] == (400, "JSON_PARSER_ERROR")
