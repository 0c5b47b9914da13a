"""Sales tax: when the vendor computes it, and when the client's figure counts."""

from decimal import Decimal
from typing import Any

import pytest

from tests.contract.conftest import Serve
from tests.contract.quickbooks_world import QuickBooksClient, item_line, record, write_company

CALIFORNIA, TUCSON = "2", "3"
BY_HAND, AUTOMATED, UNTAXED = "9001", "9002", "9003"
TAX_PREFERENCES = {
    BY_HAND: {"UsingSalesTax": True},
    AUTOMATED: {
        "UsingSalesTax": True,
        "PartnerTaxEnabled": True,
        "TaxGroupCodeRef": {"value": CALIFORNIA},
    },
    UNTAXED: {"UsingSalesTax": False},
}


def tax_code(code_id: str, name: str, *rate_ids: str) -> dict[str, Any]:
    rates = [{"TaxRateRef": {"value": rate_id}} for rate_id in rate_ids]
    return record(code_id, Name=name, Active=True, SalesTaxRateList={"TaxRateDetail": rates})


def lists(realm: str) -> dict[str, list[Any] | str]:
    return {
        f"quickbooks/{realm}/Preferences": [record("1", TaxPrefs=TAX_PREFERENCES[realm])],
        f"quickbooks/{realm}/TaxRate": [
            record("1", Name="California", RateValue=8, Active=True),
            record("2", Name="Arizona state", RateValue=7.1, Active=True),
            record("3", Name="Tucson city", RateValue=2, Active=True),
        ],
        f"quickbooks/{realm}/TaxCode": [
            tax_code(CALIFORNIA, "California", "1"),
            tax_code(TUCSON, "Tucson", "2", "3"),
        ],
        f"quickbooks/{realm}/Item": [record("1", Name="Services", Active=True)],
        f"quickbooks/{realm}/Customer": [
            record("1", DisplayName="Brakken", Active=True),
            record("2", DisplayName="School", Active=True, Taxable=False),
            record("3", DisplayName="Desert", Active=True, DefaultTaxCodeRef={"value": TUCSON}),
        ],
    }


@pytest.fixture(scope="module")
def realms(
    serve_for_module: Serve, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, QuickBooksClient]:
    every_list = {name: part for realm in TAX_PREFERENCES for name, part in lists(realm).items()}
    sandbox = serve_for_module(write_company(tmp_path_factory.mktemp("company"), every_list))
    return {realm: QuickBooksClient.sign_in(sandbox, realm) for realm in TAX_PREFERENCES}


@pytest.fixture
def by_hand(realms: dict[str, QuickBooksClient]) -> QuickBooksClient:
    return realms[BY_HAND]


@pytest.fixture
def automated(realms: dict[str, QuickBooksClient]) -> QuickBooksClient:
    return realms[AUTOMATED]


def taxed(*amounts: float) -> list[dict[str, Any]]:
    return [item_line(amount, TaxCodeRef={"value": "TAX"}) for amount in amounts]


def invoice(books: QuickBooksClient, customer: str = "1", **more: Any) -> dict[str, Any]:
    body = {"CustomerRef": {"value": customer}, "Line": taxed(100)} | more
    return books.write("Invoice", body)


def totals(invoice: dict[str, Any]) -> tuple[Decimal, Decimal]:
    return Decimal(invoice["TxnTaxDetail"]["TotalTax"]), Decimal(invoice["TotalAmt"])


def test_the_vendor_computes_tax_on_the_taxable_lines(automated: QuickBooksClient) -> None:
    lines = [*taxed(100, 33.33), item_line(50)]
    sold = invoice(automated, Line=lines)
    assert totals(sold) == (Decimal("10.67"), Decimal("194.00"))
    assert sold["TxnTaxDetail"]["TxnTaxCodeRef"] == {"value": CALIFORNIA}
    (tax_line,) = sold["TxnTaxDetail"]["TaxLine"]
    assert tax_line["TaxLineDetail"] == {
        "TaxRateRef": {"value": "1"},
        "PercentBased": True,
        "TaxPercent": 8,
        "NetAmountTaxable": Decimal("133.33"),
    }


def test_the_customer_s_code_is_chosen_rate_by_rate(automated: QuickBooksClient) -> None:
    sold = invoice(automated, customer="3")
    assert [line["Amount"] for line in sold["TxnTaxDetail"]["TaxLine"]] == [
        Decimal("7.10"),
        Decimal("2.00"),
    ]
    assert totals(sold) == (Decimal("9.10"), Decimal("109.10"))


def test_an_exempt_customer_bears_none(automated: QuickBooksClient) -> None:
    assert totals(invoice(automated, customer="2")) == (Decimal(0), Decimal(100))


@pytest.mark.parametrize(
    ("sent", "expected"),
    [
        ({"TotalTax": 5}, "8.00"),
        ({"TxnTaxCodeRef": {"value": TUCSON}}, "8.00"),
        ({"TotalTax": 5, "TxnTaxCodeRef": {"value": TUCSON}}, "5"),
        ({"TotalTax": 0, "TxnTaxCodeRef": {"value": TUCSON}}, "0"),
    ],
)
def test_an_amount_overrides_only_together_with_a_code(
    automated: QuickBooksClient, sent: dict[str, Any], expected: str
) -> None:
    sold = invoice(automated, TxnTaxDetail=sent)
    assert totals(sold)[0] == Decimal(expected)


def test_an_echoed_tax_is_frozen_and_an_omitted_one_computed_anew(
    automated: QuickBooksClient,
) -> None:
    sold = invoice(automated)
    change = {"Id": sold["Id"], "sparse": True, "Line": taxed(200)}
    echoed = automated.write(
        "Invoice", change | {"SyncToken": "0", "TxnTaxDetail": jsonable(sold["TxnTaxDetail"])}
    )
    assert totals(echoed) == (Decimal("8.00"), Decimal("208.00"))
    anew = automated.write("Invoice", change | {"SyncToken": "1"})
    assert totals(anew) == (Decimal("16.00"), Decimal("216.00"))


def jsonable(detail: dict[str, Any]) -> dict[str, Any]:
    return {
        "TotalTax": float(detail["TotalTax"]),
        "TxnTaxCodeRef": detail["TxnTaxCodeRef"],
    }


@pytest.mark.parametrize(("is_taxed_after", "tax"), [(True, "7.20"), (False, "8.00")])
def test_a_discount_counts_before_tax_if_the_document_says_so(
    automated: QuickBooksClient, is_taxed_after: bool, tax: str
) -> None:
    discount = {
        "DetailType": "DiscountLineDetail",
        "DiscountLineDetail": {"PercentBased": True, "DiscountPercent": 10},
    }
    sold = invoice(automated, Line=[*taxed(100), discount], ApplyTaxAfterDiscount=is_taxed_after)
    assert totals(sold) == (Decimal(tax), 90 + Decimal(tax))


def test_by_hand_an_amount_counts_and_a_code_alone_is_computed(by_hand: QuickBooksClient) -> None:
    assert totals(invoice(by_hand)) == (Decimal(0), Decimal(100))
    assert totals(invoice(by_hand, TxnTaxDetail={"TotalTax": 5}))[0] == Decimal(5)
    by_code = {"TxnTaxCodeRef": {"value": TUCSON}}
    assert totals(invoice(by_hand, TxnTaxDetail=by_code))[0] == Decimal("9.10")
    unknown = {"TxnTaxCodeRef": {"value": "99"}}
    body = {"CustomerRef": {"value": "1"}, "Line": taxed(100), "TxnTaxDetail": unknown}
    assert by_hand.refused("Invoice", body) == "2500"


def test_with_tax_off_none_is_kept(realms: dict[str, QuickBooksClient]) -> None:
    sold = invoice(realms[UNTAXED], TxnTaxDetail={"TotalTax": 5})
    assert totals(sold) == (Decimal(0), Decimal(100))


def test_a_client_cannot_switch_automated_tax(by_hand: QuickBooksClient) -> None:
    preferences = by_hand.get("preferences").json()["Preferences"]
    preferences["TaxPrefs"]["PartnerTaxEnabled"] = True
    by_hand.write("Preferences", preferences)
    assert "PartnerTaxEnabled" not in by_hand.get("preferences").json()["Preferences"]["TaxPrefs"]
