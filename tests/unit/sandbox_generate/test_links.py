"""What ties the made-up invoices to their deals, as a reader of both systems can see it."""

from collections import Counter, defaultdict
from typing import Any

from .company_folder import INVOICES, Folder

EVIDENCE = {"stored_id", "estimate", "purchase_order", "document_number", "none"}


def _split(text: str | None) -> list[str]:
    return text.split(";") if text else []


def _order_number(invoice: dict[str, Any]) -> str | None:
    (field,) = invoice["CustomField"]
    assert field["Name"] == "P.O. Number"
    number: str | None = field.get("StringValue")
    return number


def _plain(number: str | None) -> str | None:
    return number and number.casefold().replace(" ", "").lstrip("0")


def _deals(company: Folder) -> dict[str, dict[str, Any]]:
    return {each["Id"]: each for each in company.crm("Opportunity")}


def test_each_link_is_written_where_its_evidence_says(company: Folder) -> None:
    deals = _deals(company)
    invoices = {each["Id"]: each for each in company.books("Invoice")}
    rows = company.answers("links")
    assert {row["evidence"] for row in rows} == EVIDENCE
    for row in rows:
        deal, invoice = deals[row["opportunity_id"]], invoices[row["invoice_id"]]
        estimates = {
            link["TxnId"] for link in invoice["LinkedTxn"] if link["TxnType"] == "Estimate"
        }
        found = {
            "stored_id": invoice["Id"] in _split(deal["QBO_Invoice_Ids__c"]),
            "estimate": bool(estimates & set(_split(deal["QBO_Estimate_Ids__c"]))),
            "purchase_order": _order_number(invoice) is not None
            and _plain(_order_number(invoice)) == _plain(deal["PO_Number__c"]),
            "document_number": invoice["DocNumber"] in _split(deal["QBO_Invoice_Numbers__c"]),
        }
        expected = {row["evidence"]} - {"none"}
        assert {kind for kind, is_there in found.items() if is_there} == expected, row


def test_nothing_else_is_written_on_either_side(company: Folder) -> None:
    rows = company.answers("links")
    linked = {(row["opportunity_id"], row["invoice_id"]) for row in rows}
    numbers = {each["DocNumber"]: each["Id"] for each in company.books("Invoice")}
    for deal in company.crm("Opportunity"):
        stored = _split(deal["QBO_Invoice_Ids__c"])
        stored += [numbers[number] for number in _split(deal["QBO_Invoice_Numbers__c"])]
        assert {(deal["Id"], invoice_id) for invoice_id in stored} <= linked
    by_order = {row["invoice_id"] for row in rows if row["evidence"] == "purchase_order"}
    for invoice in company.books("Invoice"):
        assert (_order_number(invoice) is not None) is (invoice["Id"] in by_order)
        assert "q2c" not in invoice.get("PrivateNote", "")


def test_links_stay_with_the_customer_and_follow_the_deal(company: Folder) -> None:
    invoices = {each["Id"]: each for each in company.books("Invoice")}
    cases = {}
    for deal in company.answers("deals"):
        cases[deal["opportunity_id"]] = deal["case"]
        for invoice_id in deal["invoices"].split():
            invoice = invoices[invoice_id]
            assert invoice["CustomerRef"]["value"] == deal["customer_id"]
            assert invoice["CurrencyRef"]["value"] == deal["currency"]
            is_ahead = invoice["TxnDate"] <= deal["close_date"]
            assert not is_ahead or deal["case"] == "billed_ahead"
            assert deal["status"] == "won"
    assert {row["opportunity_id"] for row in company.answers("links")} <= cases.keys()


def test_few_invoices_belong_to_no_deal_and_fewer_to_two(company: Folder) -> None:
    deals_of = Counter(row["invoice_id"] for row in company.answers("links"))
    billable = [
        each
        for each in company.books("Invoice")
        if each["TotalAmt"] and each["TxnDate"] < "2026-07-02"
    ]
    walk_ins = [each for each in billable if each["Id"] not in deals_of]
    assert 0.04 < len(walk_ins) / len(billable) < 0.13
    shared = [invoice_id for invoice_id, count in deals_of.items() if count > 1]
    assert max(deals_of.values()) == 2
    assert 2 <= len(shared) < INVOICES / 100
    evidence = {row["evidence"] for row in company.answers("links") if row["invoice_id"] in shared}
    assert evidence == {"stored_id"}


def test_weak_evidence_is_rarer_than_strong(company: Folder) -> None:
    of_deal = defaultdict(set)
    for row in company.answers("links"):
        of_deal[row["opportunity_id"]].add(row["evidence"])
    count = Counter(evidence for kinds in of_deal.values() for evidence in kinds - {"estimate"})
    assert count["stored_id"] > count["purchase_order"] > count["document_number"]
    assert 0.08 < count["none"] / len(of_deal) < 0.25
