"""simple-salesforce works on the sandbox, pointed at it by its constructor's arguments.

The client builds every address as ``https://``, so the sandbox stands behind a proxy that ends
encryption (``tls_door``); proxy and certificate are set on the session that the constructor takes.
Each operation is one test. Deleting a Bulk job is left out: the client reads JSON from the empty
answer that the vendor documents.
"""

import csv
import io
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import requests
from simple_salesforce import Salesforce, SFType, format_soql
from simple_salesforce.exceptions import (
    SalesforceAuthenticationFailed,
    SalesforceError,
    SalesforceExpiredSession,
    SalesforceGeneralError,
    SalesforceMalformedRequest,
    SalesforceMoreThanOneRecord,
    SalesforceRefusedRequest,
    SalesforceResourceNotFound,
)
from simple_salesforce.format import format_external_id

from tests.contract.conftest import Serve, ServedSandbox
from tests.contract.foreign.tls_door import TlsDoor, tls_door

DOMAIN = "small-company.my"
HOST = f"{DOMAIN}.salesforce.com"
VERSION = "66.0"
CLOCK = datetime(2026, 3, 2, 12, tzinfo=UTC)
ACCOUNTS = 2_300
ACME, TWIN, DEAL = "001000000000001AAA", "001000000000002AAA", "006000000000001AAA"
POLL_SECONDS = 0.01


@contextmanager
def _behind_a_door(sandbox: ServedSandbox, folder: Path) -> Iterator[TlsDoor]:
    port = int(sandbox.url.rpartition(":")[2])
    with tls_door(HOST, port, folder) as door:
        yield door


@contextmanager
def _session(door: TlsDoor) -> Iterator[requests.Session]:
    with requests.Session() as session:
        session.trust_env = False
        session.proxies = {"https": door.proxy}
        session.verify = str(door.authority)
        yield session


def _signed_in(sandbox: ServedSandbox, session: requests.Session) -> Salesforce:
    return Salesforce(
        domain=DOMAIN,
        consumer_key=sandbox.settings["SALESFORCE_CLIENT_ID"],
        consumer_secret=sandbox.settings["SALESFORCE_CLIENT_SECRET"],
        version=VERSION,
        session=session,
    )


def _write_company(folder: Path, **rules: Any) -> Path:
    """Accounts enough for two pages, two of them under one external id."""
    stamp = "2026-03-01T10:00:00.000+0000"
    accounts = [
        {
            "Id": f"001000000{number:06d}AAA",
            "Name": f"Account {number}",
            "QBO_Customer_Id__c": str(number),
            "AnnualRevenue": number,
            "SystemModstamp": stamp,
        }
        for number in range(1, ACCOUNTS + 1)
    ]
    accounts[0] |= {"Name": "Acme", "Twin_Id__c": "t"}
    accounts[1] |= {"Name": "Twin", "Twin_Id__c": "t"}
    deals = [{"Id": DEAL, "Name": "Deal", "AccountId": ACME, "SystemModstamp": stamp}]
    (folder / "salesforce").mkdir(parents=True)
    for path, content in {
        "company.json": {"clock": CLOCK.isoformat(), "salesforce": rules},
        "salesforce/Account.json": accounts,
        "salesforce/Opportunity.json": deals,
    }.items():
        (folder / path).write_text(json.dumps(content), encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def sandbox(serve_for_module: Serve, tmp_path_factory: pytest.TempPathFactory) -> ServedSandbox:
    return serve_for_module(_write_company(tmp_path_factory.mktemp("company")))


@pytest.fixture(scope="module")
def door(sandbox: ServedSandbox, tmp_path_factory: pytest.TempPathFactory) -> Iterator[TlsDoor]:
    with _behind_a_door(sandbox, tmp_path_factory.mktemp("door")) as door:
        yield door


@pytest.fixture(scope="module")
def salesforce(sandbox: ServedSandbox, door: TlsDoor) -> Iterator[Salesforce]:
    with _session(door) as session:
        yield _signed_in(sandbox, session)


def _account(salesforce: Salesforce, **fields: Any) -> str:
    """A new account's id."""
    return str(salesforce.Account.create({"Name": "New", **fields})["id"])


def _now(sandbox: ServedSandbox) -> datetime:
    return datetime.fromisoformat(sandbox.get("/_sandbox/health").json()["clock"])


def test_sign_in_by_client_credentials(salesforce: Salesforce) -> None:
    assert salesforce.auth_type == "client-credentials"
    assert salesforce.sf_instance == HOST


def test_sign_in_with_a_known_session(salesforce: Salesforce, door: TlsDoor) -> None:
    with _session(door) as session:
        direct = Salesforce(
            instance_url=f"https://{HOST}",
            session_id=salesforce.session_id,
            version=VERSION,
            session=session,
        )
        assert direct.Account.get(ACME)["Name"] == "Acme"


def test_sign_in_with_a_wrong_secret(door: TlsDoor) -> None:
    with _session(door) as session, pytest.raises(SalesforceAuthenticationFailed) as refused:
        Salesforce(domain=DOMAIN, consumer_key="x", consumer_secret="y", session=session)
    assert refused.value.code == "invalid_client_id"


def test_an_ended_session_is_renewed_by_the_client(
    sandbox: ServedSandbox, salesforce: Salesforce
) -> None:
    before = salesforce.session_id
    sandbox.advance(timedelta(hours=3).total_seconds())
    assert salesforce.query("SELECT Id FROM Opportunity")["totalSize"] == 1
    assert salesforce.session_id != before


def test_an_ended_session_is_renewed_for_a_record(
    sandbox: ServedSandbox, salesforce: Salesforce
) -> None:
    sandbox.advance(timedelta(hours=3).total_seconds())
    assert salesforce.Account.get(ACME)["Id"] == ACME


def test_query(salesforce: Salesforce) -> None:
    page = salesforce.query("SELECT Id, Name, Owner.Name FROM Account ORDER BY Id")
    assert (page["totalSize"], page["done"], len(page["records"])) == (ACCOUNTS, False, 2_000)
    assert page["records"][0]["attributes"]["type"] == "Account"


def test_query_with_formatted_values(salesforce: Salesforce) -> None:
    soql = format_soql(
        "SELECT Id FROM Account WHERE Name IN {names} AND SystemModstamp < {moment}"
        " AND Name LIKE 'A{start:like}%'",
        names=["Acme", 'O\'Hara "x"'],
        moment=CLOCK,
        start="c",
    )
    assert [row["Id"] for row in salesforce.query(soql)["records"]] == [ACME]


def test_count(salesforce: Salesforce) -> None:
    answer = salesforce.query("SELECT COUNT() FROM Opportunity")
    assert (answer["totalSize"], answer["records"]) == (1, [])


def test_query_more_by_address(salesforce: Salesforce) -> None:
    first = salesforce.query("SELECT Id FROM Account")
    more = salesforce.query_more(first["nextRecordsUrl"], identifier_is_url=True)
    assert (more["done"], len(more["records"])) == (True, more["totalSize"] - 2_000)


def test_query_more_by_locator(salesforce: Salesforce) -> None:
    first = salesforce.query("SELECT Id FROM Account")
    locator = first["nextRecordsUrl"].rpartition("/")[2]
    assert salesforce.query_more(locator)["done"] is True


def test_query_more_of_all_by_locator(salesforce: Salesforce) -> None:
    first = salesforce.query("SELECT Id FROM Account", include_deleted=True)
    locator = first["nextRecordsUrl"].rpartition("/")[2]
    assert salesforce.query_more(locator, include_deleted=True)["done"] is True


def test_query_all(salesforce: Salesforce) -> None:
    found = salesforce.query_all("SELECT Id FROM Account WHERE AnnualRevenue > 0")
    assert found["totalSize"] == len(found["records"]) == ACCOUNTS


def test_query_all_iter(salesforce: Salesforce) -> None:
    rows = salesforce.query_all_iter(
        "SELECT AnnualRevenue FROM Account WHERE AnnualRevenue > 0 ORDER BY AnnualRevenue",
        headers={"Sforce-Query-Options": "batchSize=200"},
    )
    assert [row["AnnualRevenue"] for row in rows] == list(range(1, ACCOUNTS + 1))


def test_query_include_deleted(salesforce: Salesforce) -> None:
    made = _account(salesforce)
    salesforce.Account.delete(made)
    soql = f"SELECT Id, IsDeleted FROM Account WHERE Id = '{made}'"
    assert salesforce.query(soql)["totalSize"] == 0
    (row,) = salesforce.query_all(soql, include_deleted=True)["records"]
    assert row["IsDeleted"] is True


def test_get(salesforce: Salesforce) -> None:
    shown = salesforce.Account.get(ACME)
    assert (shown["Id"], shown["AnnualRevenue"], shown["Phone"]) == (ACME, 1, None)


def test_get_by_custom_id(salesforce: Salesforce) -> None:
    assert salesforce.Account.get_by_custom_id("QBO_Customer_Id__c", "17")["Name"] == "Account 17"


def test_create(salesforce: Salesforce) -> None:
    made = salesforce.Account.create({"Name": "Bolt", "NumberOfEmployees": 3})
    assert (made["success"], made["errors"]) == (True, [])
    assert salesforce.Account.get(made["id"])["NumberOfEmployees"] == 3


def test_update(salesforce: Salesforce) -> None:
    made = _account(salesforce)
    assert salesforce.Account.update(made, {"Site": "North"}) == 204
    assert salesforce.Account.get(made)["Site"] == "North"


def test_update_with_the_raw_response(salesforce: Salesforce) -> None:
    answer = salesforce.Account.update(_account(salesforce), {"Site": "x"}, raw_response=True)
    assert (answer.status_code, answer.content) == (204, b"")


@pytest.mark.parametrize(("value", "status"), [("new 1/2", 201), ("5", 200)])
def test_upsert(salesforce: Salesforce, value: str, status: int) -> None:
    key = format_external_id("QBO_Customer_Id__c", value)
    assert salesforce.Account.upsert(key, {"Name": "Upserted"}) == status
    assert salesforce.Account.get(key)["Name"] == "Upserted"


def test_delete(salesforce: Salesforce) -> None:
    made = _account(salesforce)
    assert salesforce.Account.delete(made) == 204
    with pytest.raises(SalesforceResourceNotFound):
        salesforce.Account.get(made)


def test_delete_by_custom_id(salesforce: Salesforce) -> None:
    made = _account(salesforce, QBO_Customer_Id__c="gone")
    assert salesforce.Account.delete("QBO_Customer_Id__c/gone") == 204
    with pytest.raises(SalesforceResourceNotFound):
        salesforce.Account.get(made)


def test_deleted(sandbox: ServedSandbox, salesforce: Salesforce) -> None:
    made = _account(salesforce)
    salesforce.Account.delete(made)
    sandbox.advance(60)
    now = _now(sandbox)
    answer = salesforce.Account.deleted(now - timedelta(days=1), now)
    assert made in [record["id"] for record in answer["deletedRecords"]]
    assert answer["latestDateCovered"] > answer["earliestDateAvailable"]


def test_updated(sandbox: ServedSandbox, salesforce: Salesforce) -> None:
    made = _account(salesforce)
    sandbox.advance(60)
    now = _now(sandbox)
    assert made in salesforce.Account.updated(now - timedelta(days=1), now)["ids"]


def test_describe_of_an_object(salesforce: Salesforce) -> None:
    fields = {field["name"]: field for field in salesforce.Account.describe()["fields"]}
    assert fields["QBO_Customer_Id__c"]["externalId"] is True
    assert fields["Name"]["nillable"] is False


def test_metadata_of_an_object(salesforce: Salesforce) -> None:
    outline = salesforce.Opportunity.metadata()
    assert outline["objectDescribe"]["keyPrefix"] == "006"


def test_describe_of_all_objects(salesforce: Salesforce) -> None:
    names = {sobject["name"] for sobject in salesforce.describe()["sobjects"]}
    assert {"Account", "Contract", "ProcessInstanceStep", "OpportunityLineItemSchedule"} <= names


def test_limits_and_usage(salesforce: Salesforce) -> None:
    told = salesforce.limits()["DailyApiRequests"]
    used, total = salesforce.api_usage["api-usage"]
    assert told == {"Max": total, "Remaining": total - used}


def test_restful(salesforce: Salesforce) -> None:
    assert salesforce.restful("sobjects/Account/" + ACME, {"fields": "Name"})["Name"] == "Acme"
    made = _account(salesforce)
    assert salesforce.restful(f"sobjects/Account/{made}", method="DELETE") is None


def test_composite_by_restful(salesforce: Salesforce) -> None:
    root = f"/services/data/v{VERSION}/sobjects/Account"
    parts = [
        {"method": "POST", "url": root, "referenceId": "new", "body": {"Name": "Cask"}},
        {"method": "GET", "url": f"{root}/@{{new.id}}", "referenceId": "read"},
    ]
    answer = salesforce.restful(
        "composite", method="POST", json={"allOrNone": True, "compositeRequest": parts}
    )
    created, read = answer["compositeResponse"]
    assert (created["httpStatusCode"], read["body"]["Name"]) == (201, "Cask")


def test_batch_by_restful(salesforce: Salesforce) -> None:
    parts = [{"method": "GET", "url": f"v{VERSION}/sobjects/Account/{ACME}"}]
    answer = salesforce.restful("composite/batch", method="POST", json={"batchRequests": parts})
    assert answer["results"][0]["result"]["Name"] == "Acme"


def test_collection_by_restful(salesforce: Salesforce) -> None:
    records = [{"attributes": {"type": "Account"}, "Name": name} for name in ("One", "Two")]
    made = salesforce.restful("composite/sobjects", method="POST", json={"records": records})
    ids = ",".join(result["id"] for result in made)
    gone = salesforce.restful("composite/sobjects", {"ids": ids}, method="DELETE")
    assert [result["success"] for result in gone] == [True, True]


def test_bulk_query(salesforce: Salesforce) -> None:
    soql = "SELECT Id, AnnualRevenue FROM Account WHERE AnnualRevenue > 0 ORDER BY Id"
    pages = list(salesforce.bulk2.Account.query(soql, max_records=1_000, wait=POLL_SECONDS))
    rows = [row for page in pages for row in csv.DictReader(io.StringIO(page))]
    assert (len(pages), len(rows)) == (3, ACCOUNTS)
    assert rows[0] == {"Id": ACME, "AnnualRevenue": "1.0"}


def test_bulk_query_of_all(salesforce: Salesforce) -> None:
    made = _account(salesforce)
    salesforce.Account.delete(made)
    soql = f"SELECT Id, IsDeleted FROM Account WHERE Id = '{made}'"
    (page,) = salesforce.bulk2.Account.query_all(soql, wait=POLL_SECONDS)
    assert list(csv.DictReader(io.StringIO(page))) == [{"Id": made, "IsDeleted": "true"}]


def test_bulk_download(salesforce: Salesforce, tmp_path: Path) -> None:
    soql = "SELECT Id FROM Account WHERE AnnualRevenue > 0"
    files = salesforce.bulk2.Account.download(
        soql, path=str(tmp_path), max_records=2_000, wait=POLL_SECONDS
    )
    assert [part["number_of_records"] for part in files] == [2_000, ACCOUNTS - 2_000]
    lines = [len(Path(part["file"]).read_text().splitlines()) for part in files]
    assert lines == [2_001, ACCOUNTS - 1_999]


def test_bulk_abort(salesforce: Salesforce) -> None:
    client = salesforce.bulk2.Account._client
    job = client.create_job("query", "SELECT Id FROM Account")
    assert client.abort_job(job["id"], is_query=True)["state"] == "Aborted"
    assert client.get_job(job["id"], is_query=True)["state"] == "Aborted"


def test_bulk_insert_and_delete(salesforce: Salesforce) -> None:
    records = [{"Name": f"Bulk {number}"} for number in range(3)]
    (job,) = salesforce.bulk2.Account.insert(records=records, wait=POLL_SECONDS)
    assert (job["numberRecordsProcessed"], job["numberRecordsFailed"]) == (3, 0)
    told = salesforce.bulk2.Account.get_successful_records(job["job_id"])
    ids = [{"Id": row["sf__Id"]} for row in csv.DictReader(io.StringIO(told))]
    (gone,) = salesforce.bulk2.Account.delete(records=ids, wait=POLL_SECONDS)
    assert gone["numberRecordsFailed"] == 0


def test_bulk_update(salesforce: Salesforce) -> None:
    made = _account(salesforce)
    records = [{"Id": made, "Site": "South"}, {"Id": "001000000999999AAA", "Site": "South"}]
    (job,) = salesforce.bulk2.Account.update(records=records, wait=POLL_SECONDS)
    assert job["numberRecordsFailed"] == 1
    results = salesforce.bulk2.Account.get_all_ingest_records(job["job_id"])
    assert [row["sf__Id"] for row in results["successfulRecords"]] == [made]
    assert len(results["failedRecords"]) == 1
    assert results["unprocessedRecords"] == []


def test_bulk_upsert(salesforce: Salesforce) -> None:
    records = [{"QBO_Customer_Id__c": "6", "Site": "a"}, {"QBO_Customer_Id__c": "b6", "Site": "b"}]
    (job,) = salesforce.bulk2.Account.upsert(
        records=records, external_id_field="QBO_Customer_Id__c", wait=POLL_SECONDS
    )
    assert job["numberRecordsFailed"] == 1
    assert "[Name]" in salesforce.bulk2.Account.get_failed_records(job["job_id"])
    assert salesforce.Account.get("QBO_Customer_Id__c/6")["Site"] == "a"


def test_bulk_hard_delete(salesforce: Salesforce) -> None:
    made = _account(salesforce)
    salesforce.bulk2.Account.hard_delete(records=[{"Id": made}], wait=POLL_SECONDS)
    found = salesforce.query(f"SELECT Id FROM Account WHERE Id = '{made}'", include_deleted=True)
    assert found["totalSize"] == 0


def _conflict(salesforce: Salesforce) -> None:
    job = salesforce.bulk2.Account._client.create_job("query", "SELECT Id FROM Account")
    salesforce.session.get(
        f"https://{HOST}/services/data/v61.0/jobs/query/{job['id']}", headers=salesforce.headers
    ).raise_for_status()


FAULTS: dict[str, tuple[type[Exception], Callable[[Salesforce], object]]] = {
    "more than one record": (
        SalesforceMoreThanOneRecord,
        lambda salesforce: salesforce.Account.get_by_custom_id("Twin_Id__c", "t"),
    ),
    "a malformed query": (
        SalesforceMalformedRequest,
        lambda salesforce: salesforce.query("SELECT nothing at all"),
    ),
    "a field that is not there": (
        SalesforceMalformedRequest,
        lambda salesforce: salesforce.Account.create({"Nope__c": 1}),
    ),
    "an expired cursor": (
        SalesforceMalformedRequest,
        lambda salesforce: salesforce.query_more("0r8000000000000AAA-2000"),
    ),
    "a query that bulk refuses": (
        SalesforceMalformedRequest,
        lambda salesforce: next(salesforce.bulk2.Account.query("SELECT COUNT() FROM Account")),
    ),
    "an unknown record": (
        SalesforceResourceNotFound,
        lambda salesforce: salesforce.Account.get("001000000999999AAA"),
    ),
    "an unknown object": (
        SalesforceResourceNotFound,
        lambda salesforce: salesforce.Nope__c.describe(),
    ),
    "a session that nobody can renew": (
        SalesforceExpiredSession,
        lambda salesforce: SFType(
            "Account", "no session", HOST, VERSION, session=salesforce.session
        ).get(ACME),
    ),
    "a method that is not allowed": (
        SalesforceGeneralError,
        lambda salesforce: salesforce.restful("limits", method="POST"),
    ),
    "another version than the job's": (requests.HTTPError, _conflict),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_becomes_the_clients_exception(salesforce: Salesforce, fault: str) -> None:
    expected, cause = FAULTS[fault]
    with pytest.raises(expected) as raised:
        cause(salesforce)
    if isinstance(raised.value, SalesforceError):
        assert type(raised.value) is expected
        assert raised.value.content


def test_the_daily_cap_refuses(serve: Serve, tmp_path: Path) -> None:
    sandbox = serve(_write_company(tmp_path / "company", daily_api_requests=1))
    with _behind_a_door(sandbox, tmp_path) as door, _session(door) as session:
        salesforce = _signed_in(sandbox, session)
        salesforce.limits()
        with pytest.raises(SalesforceRefusedRequest) as refused:
            salesforce.limits()
        assert refused.value.content[0]["errorCode"] == "REQUEST_LIMIT_EXCEEDED"
