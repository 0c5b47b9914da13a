"""What people and the vendors do behind the API's back, and that the books agree afterwards."""

from collections.abc import Callable, Iterator
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.contract.conftest import Serve, ServedSandbox
from tests.contract.quickbooks_world import QuickBooksClient, exact, item_line, write_company

ACME, BRAKKEN, OTHER = "001000000000001AAA", "001000000000002AAA", "001000000000003AAA"
DEAL, LINE = "006000000000001AAA", "00k000000000001AAA"
REALMS = tuple(str(number) for number in range(101, 121))
STAMP = "2026-02-20T18:00:00.000+0000"
SINCE = "2026-03-02T09:00:00-08:00"


def company(folder: Path) -> Path:
    def row(record_id: str, **fields: Any) -> dict[str, Any]:
        return {"Id": record_id, "IsDeleted": False, "SystemModstamp": STAMP, **fields}

    lists: dict[str, list[Any] | str] = {
        "salesforce/Account": [
            row(ACME, Name="Acme", ParentId=None, MasterRecordId=None),
            row(BRAKKEN, Name="Brakken", ParentId=None, MasterRecordId=None),
            row(OTHER, Name="Other", ParentId=ACME, MasterRecordId=None),
        ],
        "salesforce/Opportunity": [row(DEAL, Name="Pumps", AccountId=ACME, Amount=100.00)],
        "salesforce/OpportunityLineItem": [row(LINE, OpportunityId=DEAL, TotalPrice=100.00)],
    }
    lists |= {f"quickbooks/{realm}/Customer": [] for realm in REALMS}
    return write_company(folder, lists)


@pytest.fixture
def crm(tmp_path: Path, serve: Serve) -> ServedSandbox:
    """A sandbox of its own, for its organisation."""
    sandbox = serve(company(tmp_path / "company"))
    sandbox.advance(3600)
    return sandbox


@pytest.fixture(scope="module")
def sandbox(serve_for_module: Serve, tmp_path_factory: pytest.TempPathFactory) -> ServedSandbox:
    """One for many books."""
    return serve_for_module(company(tmp_path_factory.mktemp("people") / "company"))


@pytest.fixture(scope="module")
def realms() -> Iterator[str]:
    return iter(REALMS)


@pytest.fixture
def books(sandbox: ServedSandbox, realms: Iterator[str]) -> QuickBooksClient:
    """Empty books of their own."""
    return QuickBooksClient.sign_in(sandbox, next(realms))


Soql = Callable[[str], list[dict[str, Any]]]


@pytest.fixture
def soql(crm: ServedSandbox) -> Soql:
    """All rows of a query, the recycle bin included."""
    settings = crm.settings
    token = crm.post(
        "/services/oauth2/token",
        data={"grant_type": "client_credentials"},
        auth=(settings["SALESFORCE_CLIENT_ID"], settings["SALESFORCE_CLIENT_SECRET"]),
    ).json()["access_token"]

    def ask(statement: str) -> list[dict[str, Any]]:
        answer = crm.get(
            "/services/data/v66.0/queryAll",
            params={"q": statement},
            headers={"Authorization": f"Bearer {token}"},
        )
        assert answer.status_code == 200, answer.text
        return [
            {name: value for name, value in row.items() if name != "attributes"}
            for row in exact(answer)["records"]
        ]

    return ask


def ordered(where: QuickBooksClient | ServedSandbox, act: str, **facts: Any) -> httpx.Response:
    """The answer to an act in these books, or in the organisation of this sandbox."""
    if isinstance(where, QuickBooksClient):
        order = {"system": "quickbooks", "realm": where.realm_id, "act": act, **facts}
        return where.sandbox.post("/_sandbox/people", json=order)
    return where.post("/_sandbox/people", json={"system": "salesforce", "act": act, **facts})


def done(where: QuickBooksClient | ServedSandbox, act: str, **facts: Any) -> None:
    answer = ordered(where, act, **facts)
    assert answer.status_code == 200, answer.text


def refused(where: QuickBooksClient | ServedSandbox, act: str, **facts: Any) -> str:
    answer = ordered(where, act, **facts)
    assert answer.status_code == 400, answer.text
    return str(answer.json()["error"])


def sold(books: QuickBooksClient, customer_id: str, amount: float) -> dict[str, Any]:
    item = books.write("Item", {"Name": f"Pump {customer_id} {amount}", "Type": "Service"})
    return books.write(
        "Invoice",
        {
            "CustomerRef": {"value": customer_id},
            "Line": [item_line(amount, item=item["Id"])],
        },
    )


def paid(books: QuickBooksClient, invoice: dict[str, Any], amount: float) -> dict[str, Any]:
    link = {"TxnId": invoice["Id"], "TxnType": "Invoice"}
    return books.write(
        "Payment",
        {
            "CustomerRef": invoice["CustomerRef"],
            "TotalAmt": amount,
            "Line": [{"Amount": amount, "LinkedTxn": [link]}],
        },
    )


def receivables(books: QuickBooksClient) -> dict[str, Decimal]:
    """By customer id, as the vendor's own report has it."""

    def cells(rows: dict[str, Any]) -> Iterator[list[dict[str, str]]]:
        for row in rows.get("Row", []):
            yield from cells(row.get("Rows", {}))
            yield row.get("Header", row).get("ColData", [{}])

    found = cells(exact(books.get("reports/AgedReceivables"))["Rows"])
    return {row[0]["id"]: Decimal(row[-1]["value"]) for row in found if row[0].get("id")}


def balances(books: QuickBooksClient) -> dict[str, Decimal]:
    """By customer id, as the customers carry them, those that owe nothing left out."""
    customers = books.query("SELECT * FROM Customer").get("Customer", [])
    return {row["Id"]: Decimal(row["Balance"]) for row in customers if row["Balance"]}


def changed(books: QuickBooksClient, entity: str) -> dict[str, str | None]:
    """What change data capture shows since the company's clock began: status by id."""
    answer = books.get("cdc", entities=entity, changedSince=SINCE).json()
    [part] = answer["CDCResponse"][0]["QueryResponse"]
    return {row["Id"]: row.get("status") for row in part.get(entity, [])}


def stamp_of(record: dict[str, Any]) -> datetime:
    return datetime.fromisoformat(record["MetaData"]["LastUpdatedTime"])


def test_a_merged_customer_vanishes_and_all_that_named_it_names_the_winner(
    books: QuickBooksClient,
) -> None:
    winner, loser = (
        books.write("Customer", {"DisplayName": name})["Id"] for name in ("Brakken", "Braken")
    )
    job = books.write("Customer", {"DisplayName": "Dock", "ParentRef": {"value": loser}})["Id"]
    kept, moved = sold(books, winner, 100), sold(books, loser, 60)
    payment = paid(books, moved, 20)
    sold(books, job, 7)
    books.sandbox.advance(60)

    done(books, "merge_customers", loser=loser, winner=winner)

    assert books.get(f"customer/{loser}").status_code == 400
    assert loser not in changed(books, "Customer")
    after = books.read("Invoice", moved["Id"])
    assert after["CustomerRef"] == {"value": winner, "name": "Brakken"}
    assert stamp_of(after) > stamp_of(moved)
    assert int(after["SyncToken"]) > int(moved["SyncToken"])
    assert books.read("Payment", payment["Id"])["CustomerRef"]["value"] == winner
    assert books.read("Invoice", kept["Id"]) == kept
    assert books.read("Customer", job)["FullyQualifiedName"] == "Brakken:Dock"
    standing = books.read("Customer", winner)
    assert (standing["Balance"], standing["BalanceWithJobs"]) == (140, 147)
    assert balances(books) == {winner: 140, job: 7} == receivables(books)


def test_a_merge_stamps_the_winner_even_if_it_owes_the_same(books: QuickBooksClient) -> None:
    winner, loser = (books.write("Customer", {"DisplayName": name}) for name in ("One", "Two"))
    books.sandbox.advance(60)

    done(books, "merge_customers", loser=loser["Id"], winner=winner["Id"])

    after = books.read("Customer", winner["Id"])
    assert stamp_of(after) > stamp_of(winner)
    assert after["SyncToken"] == winner["SyncToken"]


def test_a_customer_is_not_merged_into_its_own_job(books: QuickBooksClient) -> None:
    parent = books.write("Customer", {"DisplayName": "Brakken"})["Id"]
    job = books.write("Customer", {"DisplayName": "Dock", "ParentRef": {"value": parent}})["Id"]

    assert "job of its own" in refused(books, "merge_customers", loser=parent, winner=job)
    done(books, "merge_customers", loser=job, winner=parent)
    assert balances(books) == {}


def test_a_purged_invoice_leaves_no_stub_and_no_balance(books: QuickBooksClient) -> None:
    customer = books.write("Customer", {"DisplayName": "Brakken"})["Id"]
    invoice, kept = sold(books, customer, 100), sold(books, customer, 30)

    done(books, "purge", object="Invoice", id=invoice["Id"])

    assert books.ids("SELECT * FROM Invoice") == [kept["Id"]]
    assert changed(books, "Invoice") == {kept["Id"]: None}
    assert balances(books) == {customer: 30} == receivables(books)


def test_a_stub_can_be_purged_too(books: QuickBooksClient) -> None:
    customer = books.write("Customer", {"DisplayName": "Brakken"})["Id"]
    invoice = sold(books, customer, 100)
    named = {"Id": invoice["Id"], "SyncToken": invoice["SyncToken"]}
    books.post("invoice", named, operation="delete")
    assert changed(books, "Invoice") == {invoice["Id"]: "Deleted"}

    done(books, "purge", object="Invoice", id=invoice["Id"])

    assert changed(books, "Invoice") == {}


def test_a_customer_that_still_owes_is_not_purged(books: QuickBooksClient) -> None:
    customer = books.write("Customer", {"DisplayName": "Brakken"})["Id"]
    sold(books, customer, 100)

    assert "has a balance" in refused(books, "purge", object="Customer", id=customer)


def test_an_unstamped_edit_changes_fields_and_books_but_no_time(books: QuickBooksClient) -> None:
    customer = books.write("Customer", {"DisplayName": "Brakken"})["Id"]
    invoice = sold(books, customer, 100)
    books.sandbox.advance(60)
    item = invoice["Line"][0]["SalesItemLineDetail"]["ItemRef"]["value"]
    line = item_line(80.5, item=item)
    fields = {"PrivateNote": "seen", "Line": [line], "TotalAmt": 80.5}

    done(books, "edit_unstamped", object="Invoice", id=invoice["Id"], fields=fields)

    after = books.read("Invoice", invoice["Id"])
    assert (after["PrivateNote"], after["Balance"]) == ("seen", Decimal("80.5"))
    assert after["MetaData"] == invoice["MetaData"]
    assert after["SyncToken"] == invoice["SyncToken"]
    assert balances(books) == {customer: Decimal("80.5")} == receivables(books)


def test_an_id_is_no_field_to_edit(books: QuickBooksClient) -> None:
    customer = books.write("Customer", {"DisplayName": "Brakken"})["Id"]

    complaint = refused(books, "edit_unstamped", object="Customer", id=customer, fields={"Id": "9"})

    assert complaint == "Id cannot be edited"


def test_a_restored_invoice_is_open_again_and_stamped(books: QuickBooksClient) -> None:
    customer = books.write("Customer", {"DisplayName": "Brakken"})["Id"]
    invoice = sold(books, customer, 100)
    paid(books, invoice, 40)
    current = books.read("Invoice", invoice["Id"])
    named = {"Id": current["Id"], "SyncToken": current["SyncToken"]}
    books.post("invoice", named, operation="delete")
    assert balances(books) == {customer: -40} == receivables(books)
    books.sandbox.advance(60)

    done(books, "restore", object="Invoice", id=invoice["Id"])

    after = books.read("Invoice", invoice["Id"])
    assert (after["Balance"], after["LinkedTxn"]) == (100, [])
    assert stamp_of(after) > stamp_of(current)
    assert changed(books, "Invoice") == {invoice["Id"]: None}
    assert balances(books) == {customer: 60} == receivables(books)


def test_a_restored_payment_settles_its_invoice_again(books: QuickBooksClient) -> None:
    customer = books.write("Customer", {"DisplayName": "Brakken"})["Id"]
    invoice = sold(books, customer, 100)
    payment = paid(books, invoice, 40)
    named = {"Id": payment["Id"], "SyncToken": payment["SyncToken"]}
    books.post("payment", named, operation="delete")
    assert balances(books) == {customer: 100}

    done(books, "restore", object="Payment", id=payment["Id"])

    assert books.read("Invoice", invoice["Id"])["Balance"] == 60
    assert balances(books) == {customer: 60} == receivables(books)


def test_what_was_never_deleted_is_not_restored(books: QuickBooksClient) -> None:
    customer = books.write("Customer", {"DisplayName": "Brakken"})["Id"]
    assert "was not deleted" in refused(books, "restore", object="Customer", id=customer)
    assert "There is no Invoice 999" in refused(books, "restore", object="Invoice", id="999")


def test_a_merged_account_names_the_winner_which_takes_over(crm: ServedSandbox, soql: Soql) -> None:
    done(crm, "merge_accounts", loser=ACME, winner=BRAKKEN)

    accounts = {
        row["Id"]: row
        for row in soql(
            "SELECT Id, IsDeleted, MasterRecordId, ParentId, SystemModstamp FROM Account"
        )
    }
    assert (accounts[ACME]["IsDeleted"], accounts[ACME]["MasterRecordId"]) == (True, BRAKKEN)
    assert accounts[OTHER]["ParentId"] == BRAKKEN
    assert all(row["SystemModstamp"] > STAMP for row in accounts.values())
    [deal] = soql("SELECT AccountId, Amount, SystemModstamp FROM Opportunity")
    assert (deal["AccountId"], deal["Amount"]) == (BRAKKEN, 100)
    assert deal["SystemModstamp"] > STAMP


def test_a_purged_deal_is_gone_from_the_bin_with_its_lines(crm: ServedSandbox, soql: Soql) -> None:
    done(crm, "purge", object="Opportunity", id=DEAL)

    assert soql("SELECT Id FROM Opportunity") == []
    assert soql("SELECT Id FROM OpportunityLineItem") == []


def test_an_undeleted_account_comes_back_stamped(crm: ServedSandbox, soql: Soql) -> None:
    done(crm, "merge_accounts", loser=ACME, winner=BRAKKEN)
    crm.advance(60)

    done(crm, "undelete", object="Account", id=ACME)

    query = f"SELECT IsDeleted, MasterRecordId, SystemModstamp FROM Account WHERE Id = '{ACME}'"
    [account] = soql(query)
    assert (account["IsDeleted"], account["MasterRecordId"]) == (False, None)
    refusal = refused(crm, "undelete", object="Account", id=ACME)
    assert "not in the recycle bin" in refusal


def test_an_unstamped_edit_of_a_deal_moves_no_stamp(crm: ServedSandbox, soql: Soql) -> None:
    act = {"object": "Opportunity", "id": DEAL}

    done(crm, "edit_unstamped", **act, fields={"Name": "Pipes"})

    assert soql("SELECT Name, SystemModstamp FROM Opportunity") == [
        {"Name": "Pipes", "SystemModstamp": STAMP}
    ]
    refusal = refused(crm, "edit_unstamped", **act, fields={"SystemModstamp": STAMP})
    assert refusal == "SystemModstamp of Opportunity cannot be edited"


@pytest.mark.parametrize(
    ("act", "complaint"),
    [
        ({"system": "hubspot", "act": "purge", "object": "Deal", "id": "1"}, "is no system"),
        ({"system": "quickbooks", "act": "forge"}, "Invalid value 'forge'"),
        ({"system": "quickbooks", "act": "purge", "object": "Invoice"}, "field `id`"),
        ({"system": "quickbooks", "act": "undelete", "object": "Invoice", "id": "1"}, "Nobody"),
        ({"system": "salesforce", "act": "restore", "object": "Account", "id": "1"}, "Nobody"),
        (
            {"system": "quickbooks", "act": "purge", "object": "Invoice", "id": "1", "realm": "7"},
            "Name one of the realms 101, 102",
        ),
    ],
)
def test_an_act_that_cannot_be_done_is_refused_in_one_sentence(
    sandbox: ServedSandbox, act: dict[str, Any], complaint: str
) -> None:
    answer = sandbox.post("/_sandbox/people", json=act)

    assert answer.status_code == 400
    assert complaint in answer.json()["error"]
