"""The emulated organisation answers SOQL as documented."""

from collections.abc import Iterator

import pytest

from tests.contract.salesforce_world import SalesforceWorld, salesforce_world

ACME, BOLT, CASK = "001000000000001AAA", "001000000000002AAA", "001000000000003AAA"
ANNA = "005000000000001AAA"


@pytest.fixture(scope="module")
def organisation() -> Iterator[SalesforceWorld]:
    with salesforce_world() as world:
        world.load("User", [{"Id": ANNA, "Name": "Anna Berg", "IsActive": True}])
        world.load(
            "Account",
            [
                f'{{"Id":"{ACME}","Name":"Acme","AnnualRevenue":1200.10,"OwnerId":"{ANNA}",'
                '"SystemModstamp":"2026-03-01T10:00:00.000+0000","CreatedDate":"2026-01-05T08:00:00Z",'
                '"Industry":"Retail","Standing__c":"Good","Checked__c":null}',
                f'{{"Id":"{BOLT}","Name":"bolt","AnnualRevenue":99999999999999999.99,'
                '"SystemModstamp":"2026-03-01T11:00:00.000+0000","Limit__c":5000}',
                f'{{"Id":"{CASK}","Name":"O\'Hara 50%_x","AnnualRevenue":"much",'
                '"SystemModstamp":"2026-03-01T12:00:00.000+0000","Industry":"Energy"}',
                '{"Id":"001000000000004AAA","Name":"Dead","IsDeleted":true,'
                '"SystemModstamp":"2026-03-01T13:00:00.000+0000","Industry":"Energy"}',
            ],
        )
        world.load(
            "Opportunity",
            [
                {
                    "Id": f"0060000000{number:05d}AAA",
                    "Name": f"Deal {number}",
                    "AccountId": ACME,
                    "StageName": "Closed Won" if number % 2 else "Prospecting",
                    "IsWon": bool(number % 2),
                    "CloseDate": f"2026-0{1 + number % 3}-15",
                    "Amount": number,
                    "SystemModstamp": f"2026-02-{1 + number // 200:02d}T00:00:00.000+0000",
                }
                for number in range(450)
            ],
        )
        world.load("Contact", ['{"LastName":"Nobody","Email":"n@example.com"}'])
        world.sign_in()
        yield world


def test_a_row_shows_attributes_and_null_for_what_it_lacks(organisation: SalesforceWorld) -> None:
    page = organisation.query(f"SELECT Id, Name, Phone FROM Account WHERE Id = '{ACME}'")
    assert page == {
        "totalSize": 1,
        "done": True,
        "records": [
            {
                "attributes": {
                    "type": "Account",
                    "url": f"/services/data/v66.0/sobjects/Account/{ACME}",
                },
                "Id": ACME,
                "Name": "Acme",
                "Phone": None,
            }
        ],
    }


def test_numbers_keep_the_text_they_came_in(organisation: SalesforceWorld) -> None:
    soql = "SELECT AnnualRevenue FROM Account ORDER BY SystemModstamp"
    text = organisation.call("GET", "/query", params={"q": soql}).text
    assert '"AnnualRevenue":1200.10}' in text
    assert '"AnnualRevenue":99999999999999999.99}' in text
    assert '"AnnualRevenue":"much"}' in text


def test_datetimes_print_in_one_form(organisation: SalesforceWorld) -> None:
    soql = f"SELECT CreatedDate FROM Account WHERE Id = '{ACME}'"
    assert organisation.column(soql) == ["2026-01-05T08:00:00.000+0000"]


@pytest.mark.parametrize(
    ("condition", "names"),
    [
        ("Name = 'ACME'", ["Acme"]),
        ("Name != 'acme'", ["bolt", "O'Hara 50%_x"]),
        ("Name LIKE 'B%'", ["bolt"]),
        ("Name LIKE '%50\\%\\_x'", ["O'Hara 50%_x"]),
        ("Name LIKE '%50\\_%'", []),
        ("Name = 'O\\'Hara 50%_x'", ["O'Hara 50%_x"]),
        ("Id = '001000000000001'", ["Acme"]),
        ("Id IN ('001000000000001', '001000000000002AAA')", ["Acme", "bolt"]),
        ("Id = '001000000000001aaa'", []),
        ("Industry = null", ["bolt"]),
        ("Industry != null", ["Acme", "O'Hara 50%_x"]),
        ("Industry NOT IN ('retail')", ["bolt", "O'Hara 50%_x"]),
        ("NOT Industry = 'Retail'", ["bolt", "O'Hara 50%_x"]),
        ("Industry IN ('Retail', null)", ["Acme", "bolt"]),
        ("AnnualRevenue = 99999999999999999999999 OR AnnualRevenue = 1e999", []),
        ("AnnualRevenue > 1200 AND AnnualRevenue <= 1200.1", ["Acme"]),
        ("Owner.Name = 'anna berg'", ["Acme"]),
        ("Owner.Name = null", ["bolt", "O'Hara 50%_x"]),
        ("CreatedDate = 2026-01-05T09:00:00+01:00", ["Acme"]),
        ("CreatedDate < 2026-01-05T08:00:00Z", []),
        ("SystemModstamp >= 2026-03-01T11:00:00Z", ["bolt", "O'Hara 50%_x"]),
        (
            "SystemModstamp >= 2026-03-01T11:00:00.000Z AND SystemModstamp < 2026-03-01T12:00:00Z",
            ["bolt"],
        ),
        (
            "(SystemModstamp = 2026-03-01T11:00:00Z AND Id > '001000000000001AAA')"
            " OR SystemModstamp > 2026-03-01T11:00:00Z",
            ["bolt", "O'Hara 50%_x"],
        ),
        ("Limit__c = 5000 OR (Standing__c = 'good' AND Name LIKE 'a%')", ["Acme", "bolt"]),
        ("Checked__c = null AND IsDeleted = false", ["Acme", "bolt", "O'Hara 50%_x"]),
    ],
)
def test_a_condition_finds(organisation: SalesforceWorld, condition: str, names: list[str]) -> None:
    soql = f"SELECT Name FROM Account WHERE {condition} ORDER BY SystemModstamp"
    assert organisation.column(soql) == names


@pytest.mark.parametrize(
    ("order", "names"),
    [
        ("Name", ["Acme", "bolt", "O'Hara 50%_x"]),
        ("Name DESC", ["O'Hara 50%_x", "bolt", "Acme"]),
        ("Industry, Name", ["bolt", "O'Hara 50%_x", "Acme"]),
        ("Industry ASC NULLS LAST", ["O'Hara 50%_x", "Acme", "bolt"]),
        ("Industry DESC NULLS FIRST", ["bolt", "Acme", "O'Hara 50%_x"]),
        ("Owner.Name NULLS LAST, SystemModstamp DESC", ["Acme", "O'Hara 50%_x", "bolt"]),
        ("Name LIMIT 2", ["Acme", "bolt"]),
        ("Name LIMIT 2 OFFSET 2", ["O'Hara 50%_x"]),
    ],
)
def test_an_order_sorts(organisation: SalesforceWorld, order: str, names: list[str]) -> None:
    assert organisation.column(f"SELECT Name FROM Account ORDER BY {order}") == names


def test_dates_and_booleans_compare(organisation: SalesforceWorld) -> None:
    counted = organisation.query(
        "select count() from opportunity where IsWon = TRUE and CloseDate < 2026-02-01"
    )
    assert counted == {"totalSize": 75, "done": True, "records": []}


def test_a_parent_arrives_nested(organisation: SalesforceWorld) -> None:
    soql = "SELECT Name, Owner.Name, Owner.IsActive FROM Account WHERE Name IN ('Acme', 'bolt')"
    with_owner, without = organisation.query(soql)["records"]
    assert with_owner["Owner"] == {
        "attributes": {"type": "User", "url": f"/services/data/v66.0/sobjects/User/{ANNA}"},
        "Name": "Anna Berg",
        "IsActive": True,
    }
    assert without["Owner"] is None


def test_a_parent_of_a_parent_can_be_asked_for(organisation: SalesforceWorld) -> None:
    soql = (
        "SELECT Account.Owner.Name FROM Opportunity WHERE Account.Owner.Name LIKE 'anna%' LIMIT 1"
    )
    (row,) = organisation.query(soql)["records"]
    assert row["Account"]["Owner"]["Name"] == "Anna Berg"


def test_deleted_rows_show_only_in_query_all(organisation: SalesforceWorld) -> None:
    soql = "SELECT Name FROM Account WHERE IsDeleted = true"
    assert organisation.column(soql) == []
    assert organisation.column(soql, everything=True) == ["Dead"]
    window = "SELECT IsDeleted FROM Account WHERE SystemModstamp > 2026-03-01T11:00:00Z"
    assert organisation.column(window, everything=True) == [False, True]


def test_a_record_without_an_id_is_served_as_it_is(organisation: SalesforceWorld) -> None:
    (row,) = organisation.query("SELECT Id, LastName FROM Contact")["records"]
    assert row == {"attributes": {"type": "Contact"}, "Id": None, "LastName": "Nobody"}


def test_pages_follow_the_locator_until_done(organisation: SalesforceWorld) -> None:
    soql = "SELECT Name FROM Opportunity ORDER BY SystemModstamp ASC, Id ASC"
    page = organisation.query(soql, headers={"Sforce-Query-Options": "batchSize=200"})
    names = [row["Name"] for row in page["records"]]
    sizes = [len(page["records"])]
    while not page["done"]:
        assert page["totalSize"] == 450
        page = organisation.http.get(page["nextRecordsUrl"]).json()
        names += [row["Name"] for row in page["records"]]
        sizes.append(len(page["records"]))
    assert "nextRecordsUrl" not in page
    assert sizes == [200, 200, 50]
    assert names == [f"Deal {number}" for number in range(450)]


def test_a_batch_size_below_the_least_is_raised(organisation: SalesforceWorld) -> None:
    page = organisation.query(
        "SELECT Id FROM Opportunity", headers={"Sforce-Query-Options": "batchSize=1"}
    )
    assert len(page["records"]) == 200


def test_a_locator_lives_two_days() -> None:
    with salesforce_world() as world:
        world.load("Product2", [{"Id": f"01t{number:012d}AAA"} for number in range(201)])
        world.sign_in()
        options = {"Sforce-Query-Options": "batchSize=200"}
        page = world.query("SELECT Id FROM Product2", headers=options)
        world.advance(days=2, seconds=-1)
        world.sign_in()
        assert len(world.http.get(page["nextRecordsUrl"]).json()["records"]) == 1
        world.advance(seconds=1)
        refused = world.http.get(page["nextRecordsUrl"])
        assert (refused.status_code, refused.json()[0]["errorCode"]) == (
            400,
            "INVALID_QUERY_LOCATOR",
        )


@pytest.mark.parametrize(
    ("soql", "code", "message"),
    [
        ("SELECT Id", "MALFORMED_QUERY", "unexpected token: '<EOF>'"),
        ("SELECT Id FROM Account WHERE", "MALFORMED_QUERY", "unexpected token: '<EOF>'"),
        ("SELECT Id, FROM Account", "MALFORMED_QUERY", "unexpected token: 'Account'"),
        ("SELECT Id FROM Account WHERE Name = 'x", "MALFORMED_QUERY", "Bind variables"),
        ("SELECT Id FROM Account; DROP", "MALFORMED_QUERY", "unexpected token: ';'"),
        (
            "SELECT Id FROM Account WHERE Name = 'a' AND Name = 'b' OR Name = 'c'",
            "MALFORMED_QUERY",
            "unexpected token: 'OR'",
        ),
        ("SELECT Id, id FROM Account", "MALFORMED_QUERY", "duplicate field selected: Id"),
        ("SELECT Id FROM Account OFFSET 2001", "MALFORMED_QUERY", "offset allowed is 2000"),
        ("SELECT Id FROM Account LIMIT 99999999999", "MALFORMED_QUERY", "99999999999"),
        ("SELECT Nope FROM Account", "INVALID_FIELD", "No such column 'Nope' on entity 'Account'"),
        (
            "SELECT Id FROM Account WHERE Owner.Nope = 'x'",
            "INVALID_FIELD",
            "No such column 'Nope' on entity 'User'",
        ),
        (
            "SELECT CurrencyIsoCode FROM Account",
            "INVALID_FIELD",
            "No such column 'CurrencyIsoCode' on entity 'Account'",
        ),
        ("SELECT IsDeleted FROM User", "INVALID_FIELD", "No such column 'IsDeleted'"),
        ("SELECT Id FROM Nope", "INVALID_TYPE", "sObject type 'Nope' is not supported."),
        ("SELECT Id FROM Account WHERE Name = 5", "INVALID_FIELD", "should be enclosed in quotes"),
        (
            "SELECT Id FROM Opportunity WHERE Amount = '5'",
            "INVALID_FIELD",
            "should not be enclosed in quotes",
        ),
        (
            "SELECT Id FROM Account WHERE SystemModstamp > 2026-03-01",
            "INVALID_FIELD",
            "must be of type datetime",
        ),
        ("SELECT Id FROM Account WHERE Description = 'x'", "INVALID_FIELD", "can not be filtered"),
        (
            "SELECT Id FROM Opportunity WHERE Amount LIKE '5'",
            "INVALID_QUERY_FILTER_OPERATOR",
            "LIKE",
        ),
        ("SELECT Id FROM Account WHERE " + "(" * 500, "MALFORMED_QUERY", "nested too deeply"),
    ],
)
def test_a_wrong_query_is_refused(
    organisation: SalesforceWorld, soql: str, code: str, message: str
) -> None:
    status, told_code, told_message = organisation.refusal("GET", "/query", params={"q": soql})
    assert (status, told_code) == (400, code)
    assert message in told_message


def test_an_unknown_locator_is_refused(organisation: SalesforceWorld) -> None:
    status, code, _ = organisation.refusal("GET", "/query/0r8000000000000AAA-2000")
    assert (status, code) == (400, "INVALID_QUERY_LOCATOR")


def test_a_keyset_leads_through_ties_without_a_gap(organisation: SalesforceWorld) -> None:
    order = "ORDER BY SystemModstamp, Id LIMIT 130"
    page = organisation.query(f"SELECT Id, SystemModstamp FROM Opportunity {order}")["records"]
    seen: list[str] = []
    while page:
        seen += [row["Id"] for row in page]
        at, last = page[-1]["SystemModstamp"], page[-1]["Id"]
        keyset = f"(SystemModstamp = {at} AND Id > '{last}') OR SystemModstamp > {at}"
        soql = f"SELECT Id, SystemModstamp FROM Opportunity WHERE {keyset} {order}"
        page = organisation.query(soql)["records"]
    assert seen == organisation.column("SELECT Id FROM Opportunity ORDER BY SystemModstamp, Id")
    assert len(seen) == organisation.query("SELECT COUNT() FROM Opportunity")["totalSize"] == 450
