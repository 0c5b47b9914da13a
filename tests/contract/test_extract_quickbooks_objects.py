"""All kinds of records arrive, and of some no more than is needed."""

import json
import re
from pathlib import Path
from typing import Any

import httpx
import pytest

from q2c_pipeline.core.errors import RequestRejected
from q2c_pipeline.defs.accounting.quickbooks.objects import OBJECTS
from q2c_pipeline.sandbox.generate import generate
from tests.contract.conftest import Serve
from tests.contract.quickbooks_extraction import (
    CUSTOMERS,
    SECONDS_PER_DAY,
    SECONDS_PER_HOUR,
    Home,
    company,
    invoice,
    read_of,
    versions,
)
from tests.contract.quickbooks_world import QuickBooksClient

UNCOUNTED = {"company_info", "preferences", "exchange_rates"}
STATED = {"SyncToken": "0", "MetaData": {"LastUpdatedTime": "2026-04-07T10:00:00-07:00"}}


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path / "home")


def test_every_record_of_a_company_arrives_and_is_counted(
    serve: Serve, home: Home, tmp_path: Path
) -> None:
    folder = tmp_path / "company"
    generate(folder, seed=7, invoices=300)
    files = {spec: folder / "quickbooks" / f"{spec.vendor_name}.json" for spec in OBJECTS}
    there = {
        spec.name: json.loads(path.read_text()) if path.exists() else []
        for spec, path in files.items()
    }
    pseudo_codes = [code for code in there["tax_codes"] if "MetaData" not in code]
    living = {
        name: sum(record.get("status") != "Deleted" for record in records)
        for name, records in there.items()
    }

    first = home.run(serve(folder))

    assert pseudo_codes
    assert versions(first) == {
        name: 1 if name == "exchange_rates" else count for name, count in living.items() if count
    }
    assert home.counted() == {
        name: (count, count)
        for name, count in (living | {"tax_codes": living["tax_codes"] - 2}).items()
        if name not in UNCOUNTED
    }
    assert home.rows("select record_id from raw_quickbooks.exchange_rates") == [
        (f"EUR {first.extraction_date}",)
    ]


def test_of_vendors_and_employees_only_the_name_is_asked_for(
    serve: Serve, home: Home, tmp_path: Path
) -> None:
    secret = {
        "SSN": "XXX-XX-1234",
        "BirthDate": "1980-02-03",
        "PrimaryPhone": {"FreeFormNumber": "5"},
    }
    bank = {"VendorPaymentBankDetail": {"BankAccountNumber": "99887766"}, "TaxIdentifier": "12-34"}
    folder = company(
        tmp_path / "company",
        Employee=[{"Id": "3", "DisplayName": "Ida Holm", "Active": False, **secret, **STATED}],
        Vendor=[{"Id": "4", "DisplayName": "Paper Mill", "Active": True, **bank, **STATED}],
    )
    sandbox = serve(folder)
    home.run(sandbox)
    books = QuickBooksClient.sign_in(sandbox)
    books.write("Vendor", {"Id": "4", "SyncToken": "0", "sparse": True, "PrintOnCheckName": "P M"})
    sandbox.advance(SECONDS_PER_HOUR)
    home.run(sandbox)

    kept = home.rows(
        "select json_keys(payload) from raw_quickbooks.employees"
        " union all select json_keys(payload) from raw_quickbooks.vendors"
    )
    assert [set(names) for (names,) in kept] == [
        {"domain", "sparse", "Id", "DisplayName", "Active"}
    ] * 2


def test_what_change_data_capture_leaves_out_is_listed_once_a_day(
    serve: Serve, home: Home, tmp_path: Path
) -> None:
    codes = [{"Id": "TAX", "Name": "TAX"}, {"Id": "2", "Name": "City", **STATED}]
    vendors = [{"Id": "4", "DisplayName": "Paper Mill", **STATED}]
    sandbox = serve(company(tmp_path / "before", TaxCode=codes, Vendor=vendors))
    home.run(sandbox)
    sandbox.stop()
    renamed = [{"Id": "4", "DisplayName": "Paper and Ink", **STATED}]
    sandbox = serve(company(tmp_path / "after", TaxCode=codes[:1], Vendor=renamed))
    sandbox.advance(SECONDS_PER_HOUR)

    soon = home.run(sandbox)
    sandbox.advance(SECONDS_PER_DAY)
    next_day = home.run(sandbox)

    assert versions(soon) == {}
    assert versions(next_day) == {"tax_codes": 1, "vendors": 1}
    assert home.history("tax_codes", "2") == [False, True]
    assert home.history("tax_codes", "TAX") == [False]
    assert home.counted() == {"tax_codes": (0, 0), "vendors": (1, 1)}


class PlanWithout(httpx.BaseTransport):
    """The vendor of a company whose plan lacks some entities: it refuses to list them."""

    def __init__(self, *entities: str) -> None:
        self._lacking = re.compile(rf"FROM ({'|'.join(entities)})\b")
        self._http = httpx.HTTPTransport()

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        if self._lacking.search(request.url.params.get("query", "")):
            error = {"Message": "Feature Not Supported Error", "code": "5030"}
            fault = {"Fault": {"Error": [error], "type": "ValidationFault"}}
            return httpx.Response(400, json=fault, request=request)
        return self._http.handle_request(request)

    def close(self) -> None:
        self._http.close()


def test_what_a_plan_does_not_have_is_left_out_and_named(
    serve: Serve, home: Home, tmp_path: Path
) -> None:
    sandbox = serve(company(tmp_path / "company", Customer=CUSTOMERS))

    first = home.run(sandbox, transport=PlanWithout("Class", "Employee"))

    assert first.missing_objects == ("classes", "employees")
    assert versions(first)["customers"] == 1
    with pytest.raises(RequestRejected):
        Home(tmp_path / "other").run(sandbox, transport=PlanWithout("Invoice"))


def test_a_currency_without_a_rate_stops_nothing(serve: Serve, home: Home, tmp_path: Path) -> None:
    currencies = [{"Id": "1", "Code": "EUR", "Name": "Euro", "Active": True}]
    currency = {"MultiCurrencyEnabled": True, "HomeCurrency": {"value": "USD"}}
    prefs = {"Id": "1", "CurrencyPrefs": currency}
    folder = company(tmp_path / "company", CompanyCurrency=currencies, Preferences=[prefs])

    assert versions(home.run(serve(folder)))["company_currencies"] == 1
    assert any("exchange_rates: none of" in line for line in home.told)


def test_a_refused_record_is_a_gap_and_is_not_looked_for_in_every_run(
    serve: Serve, home: Home, tmp_path: Path
) -> None:
    def books(name: str, *invoices: dict[str, Any]) -> Path:
        bad = invoice("13", TotalAmt="ten")
        return company(tmp_path / name, Customer=CUSTOMERS, Invoice=[bad, *invoices])

    many = [invoice(str(number)) for number in range(100, 150)]
    sandbox = serve(books("before", *many))
    home.run(sandbox)
    assert home.counted()["invoices"] == (50, 51)
    sandbox.stop()
    moved = {"LastUpdatedTime": "2026-05-05T09:10:00-07:00"}
    sandbox = serve(books("after", *many, invoice("12", MetaData=moved)))
    sandbox.advance(SECONDS_PER_HOUR)

    changed = home.run(sandbox)

    assert home.counted()["invoices"] == (51, 52)
    assert read_of(changed, "invoices") == 1
