"""The query endpoint: grammar, filters, order, paging, and the records exactly as they are."""

import re
from decimal import Decimal

import pytest

from tests.contract.conftest import Serve
from tests.contract.quickbooks_world import (
    QuickBooksClient,
    deleted,
    exact,
    record,
    write_company,
)

INVOICES = [
    record(
        str(number),
        updated=f"2026-02-{number:02d}T10:00:00-08:00",
        DocNumber=f"10{number:02d}",
        TxnDate=f"2026-01-{number:02d}",
        CustomerRef={"value": "2" if number % 2 else "10"},
        TotalAmt=number * 100,
        PrivateNote="hidden",
    )
    for number in range(1, 13)
]
CUSTOMERS = """[
    {"Id": "2", "DisplayName": "brakken", "Active": true, "Balance": 100.00},
    {"Id": "10", "DisplayName": "Ärger GmbH", "Active": true, "Balance": 337.5,
     "PrimaryEmailAddr": {"Address": "ap@arger.example"}},
    {"Id": "3", "DisplayName": "O'Hara 50%_x", "FullyQualifiedName": "Brakken:O'Hara 50%_x"},
    {"Id": "4", "DisplayName": "Gone (deleted)", "Active": false},
    {"DisplayName": "No Id", "Active": true},
    {"Id": "5", "DisplayName": "Text amount", "Balance": "12.00", "Active": true}
]"""


@pytest.fixture(scope="module")
def books(serve_for_module: Serve, tmp_path_factory: pytest.TempPathFactory) -> QuickBooksClient:
    company = write_company(
        tmp_path_factory.mktemp("company"),
        {
            "quickbooks/Invoice": [*INVOICES, deleted("99", "2026-02-20T10:00:00-08:00")],
            "quickbooks/Customer": CUSTOMERS,
            "quickbooks/TaxCode": [record("2", Name="California"), record("3", Name="Tucson")],
            "quickbooks/ExchangeRate": [
                {"SourceCurrencyCode": "EUR", "TargetCurrencyCode": "USD", "Rate": 1.08,
                 "AsOfDate": "2026-01-01"},
                {"SourceCurrencyCode": "EUR", "TargetCurrencyCode": "USD", "Rate": 1.0950,
                 "AsOfDate": "2026-02-01"},
            ],
        },
    )  # fmt: skip
    return QuickBooksClient.sign_in(serve_for_module(company))


def test_records_come_as_the_text_they_were_written_in(books: QuickBooksClient) -> None:
    text = books.get("query", query="select * from Customer where Id = '2'").text
    assert '{"Id": "2", "DisplayName": "brakken", "Active": true, "Balance": 100.00}' in text
    assert books.get("customer/10").text.count("337.5") == 1


def test_a_page_says_where_it_starts_and_how_much_it_holds(books: QuickBooksClient) -> None:
    answer = books.get("query", query="select * from Invoice startposition 3 maxresults 4")
    body = exact(answer)
    assert body["QueryResponse"]["startPosition"] == 3
    assert body["QueryResponse"]["maxResults"] == 4
    assert re.fullmatch(r"2026-03-02T09:\d\d:\d\d\.\d{3}-08:00", body["time"])
    assert answer.headers["intuit_tid"]


def test_paging_words_come_in_either_order(books: QuickBooksClient) -> None:
    order = "select * from Invoice orderby Id"
    assert books.ids(f"{order} maxresults 2 startposition 11") == ["11", "12"]
    assert books.ids(f"{order} startposition 11 maxresults 2") == ["11", "12"]


def test_pages_of_any_size_hold_each_record_once(books: QuickBooksClient) -> None:
    statement = "select * from Invoice where TxnDate > '2026-01-02' orderby TxnDate desc"
    whole = books.ids(statement)
    pages = [
        books.ids(f"{statement} startposition {start} maxresults 3") for start in range(1, 13, 3)
    ]
    assert [record_id for page in pages for record_id in page] == whole
    assert whole == [str(number) for number in range(12, 2, -1)]


def test_an_empty_page_lacks_the_entity(books: QuickBooksClient) -> None:
    assert books.query("select * from Invoice startposition 13") == {}
    assert books.query("select * from Estimate") == {}


def test_a_count_counts_what_would_be_listed(books: QuickBooksClient) -> None:
    assert books.query("SELECT COUNT(*) FROM Invoice") == {"totalCount": 12}
    assert books.query("select count(*) from Invoice where TotalAmt > '1000'") == {"totalCount": 2}


@pytest.mark.parametrize(
    ("where", "expected"),
    [
        ("TotalAmt > '300.00' and TotalAmt <= '500'", ["4", "5"]),
        ("TotalAmt = 300", ["3"]),
        ("TxnDate >= '2026-01-11'", ["11", "12"]),
        ("DocNumber in ('1001', '1012')", ["1", "12"]),
        ("DocNumber like '101%'", ["10", "11", "12"]),
        ("CustomerRef = '10' and TxnDate < '2026-01-05'", ["2", "4"]),
        ("Id in ('9', '10')", ["9", "10"]),
        ("MetaData.LastUpdatedTime >= '2026-02-11T18:00:00Z'", ["11", "12"]),
        ("MetaData.LastUpdatedTime < '2026-02-01T19:00:00+01:00'", []),
        ("metadata.createtime > '2026-02-12'", ["12"]),
        ("TxnDate > CURRENT_DATE", []),
    ],
)
def test_conditions_select(books: QuickBooksClient, where: str, expected: list[str]) -> None:
    assert books.ids(f"select * from Invoice where {where} orderby Id") == expected


@pytest.mark.parametrize(
    ("where", "expected"),
    [
        ("DisplayName = 'BRAKKEN'", ["2"]),
        ("DisplayName = 'ärger gmbh'", ["10"]),
        ("DisplayName = 'O\\'Hara 50%_x'", ["3"]),
        ("DisplayName like '%50%'", ["3"]),
        ("DisplayName like 'b_akken'", []),
        ("PrimaryEmailAddr = 'AP@arger.example'", ["10"]),
        ("Balance > '1'", ["10", "2"]),
        ("Active = false", ["4"]),
    ],
)
def test_text_is_compared_whatever_its_case(
    books: QuickBooksClient, where: str, expected: list[str]
) -> None:
    assert sorted(books.ids(f"select * from customer where {where}")) == expected


def test_inactive_records_show_only_when_asked_for(books: QuickBooksClient) -> None:
    shown = books.query("select * from Customer")["Customer"]
    assert "4" not in [customer.get("Id") for customer in shown]
    everybody = books.query("select * from Customer where Active in (true, false)")["Customer"]
    assert len(everybody) == 6


def test_name_lists_come_by_qualified_name_and_malformed_records_as_they_are(
    books: QuickBooksClient,
) -> None:
    shown = books.query("select * from Customer")["Customer"]
    names = [customer["DisplayName"] for customer in shown]
    assert names == ["O'Hara 50%_x", "No Id", "Text amount", "brakken", "Ärger GmbH"]
    assert shown[2]["Balance"] == "12.00"


def test_transactions_come_newest_change_first(books: QuickBooksClient) -> None:
    assert books.ids("select * from Invoice")[:3] == ["12", "11", "10"]


def test_two_sort_keys_and_the_two_word_spelling_are_taken(books: QuickBooksClient) -> None:
    statement = "select * from Invoice order by MetaData.LastUpdatedTime asc, Id asc maxresults 2"
    assert books.ids(statement) == ["1", "2"]


def test_a_field_list_narrows_the_records(books: QuickBooksClient) -> None:
    narrow = books.query("select Id, Balance from Customer where Id = '10'")["Customer"][0]
    assert narrow["Balance"] == Decimal("337.5")
    assert "DisplayName" not in narrow
    whole = books.query("select *, Balance from Customer where Id = '10'")["Customer"][0]
    assert whole["DisplayName"] == "Ärger GmbH"


def test_a_page_holds_a_hundred_unless_told_and_never_more_than_a_thousand(
    tmp_path_factory: pytest.TempPathFactory, serve_for_module: Serve
) -> None:
    company = write_company(
        tmp_path_factory.mktemp("many"),
        {"quickbooks/Payment": [record(str(number)) for number in range(1, 1102)]},
    )
    books = QuickBooksClient.sign_in(serve_for_module(company))
    assert len(books.ids("select * from Payment")) == 100
    assert len(books.ids("select * from Payment maxresults 1000")) == 1000
    assert books.refusal("select * from Payment maxresults 1001")[0] == "4001"


@pytest.mark.parametrize(
    ("statement", "code", "detail"),
    [
        ("select * from Custmoer", "4001", "invalid context declaration: Custmoer"),
        ("select * from Invoice where PrivateNote = 'x'", "4001", "PrivateNote"),
        ("select * from Invoice where Id > '5'", "4001", "Id"),
        ("select * from Invoice orderby CustomerRef", "4001", "CustomerRef"),
        ("select * from Item orderby Sku", "4001", "Sku"),
        ("select Id, Nickname from Customer", "4001", "Nickname"),
        ("select * from Invoice startposition 0", "4001", "value 0 is too small"),
        ("select * from Invoice maxresults 0", "4001", "value 0 is too small"),
        ("select * from Invoice maxresults 1001", "4001", "Max allowed value is 1000"),
        ("select * from Customer where Active > false", "4001", "Active"),
        ("select * from Invoice where TotalAmt > 'much'", "4001", "much"),
        (
            "select * from Invoice where MetaData.LastUpdatedTime > '2026-02-01T00:00:00 08:00'",
            "4001",
            "LastUpdatedTime",
        ),
        ("select * from Invoice where Id = '1' or Id = '2'", "4000", "or"),
        ("select * from Invoice where Id != '1'", "4000", "!"),
        ("select from Invoice", "4000", "Invoice"),
        ("delete from Invoice", "4000", "delete"),
        ("", "4000", "EOF"),
    ],
)
def test_a_faulty_statement_is_refused(
    books: QuickBooksClient, statement: str, code: str, detail: str
) -> None:
    refused = books.refusal(statement)
    assert refused[0] == code
    assert detail in refused[1]


def test_a_statement_may_be_posted(books: QuickBooksClient) -> None:
    answer = books.sandbox.post(
        f"/v3/company/{books.realm_id}/query",
        content="select * from Invoice where Id = '7'",
        headers={
            "Authorization": f"Bearer {books.access_token}",
            "Content-Type": "application/text",
        },
    )
    assert [row["Id"] for row in answer.json()["QueryResponse"]["Invoice"]] == ["7"]


def test_pseudo_tax_codes_come_beside_the_first_page(books: QuickBooksClient) -> None:
    assert books.ids("select * from TaxCode maxresults 1") == ["2", "NON", "TAX"]
    assert books.ids("select * from TaxCode startposition 2 maxresults 1") == ["3"]


def test_a_rate_is_the_newest_told_by_then(books: QuickBooksClient) -> None:
    rates = books.query(
        "select * from exchangerate where sourcecurrencycode in ('EUR') and asofdate='2026-01-31'"
    )
    assert rates["ExchangeRate"][0]["Rate"] == Decimal("1.08")
    one = exact(books.get("exchangerate", sourcecurrencycode="EUR", asofdate="2026-03-01"))
    assert one["ExchangeRate"]["Rate"] == Decimal("1.0950")
    unknown = books.get("exchangerate", sourcecurrencycode="XAU")
    assert unknown.status_code == 400


def test_company_info_and_preferences_have_plain_defaults(books: QuickBooksClient) -> None:
    info = books.get(f"companyinfo/{books.realm_id}").json()["CompanyInfo"]
    assert info["CompanyName"] == "Brakken"
    assert info["DefaultTimeZone"] == "America/Los_Angeles"
    preferences = books.query("select * from Preferences")["Preferences"][0]
    assert preferences["CurrencyPrefs"]["HomeCurrency"] == {"value": "USD"}
    assert preferences["CurrencyPrefs"]["MultiCurrencyEnabled"] is False
    assert books.get("preferences").json()["Preferences"] == preferences


def test_a_read_finds_living_records_only(books: QuickBooksClient) -> None:
    assert books.read("Invoice", "7")["DocNumber"] == "1007"
    codes = [books.get(f"invoice/{name}").json()["Fault"]["Error"][0]["code"] for name in
             ("99", "777", "1.5")]  # fmt: skip
    assert codes == ["610", "610", "2030"]
    nowhere = books.get("customer/1/5").json()["Fault"]["Error"][0]
    assert nowhere["code"] == "500"
