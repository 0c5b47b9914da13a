"""The generated books in the vendor's own terms: what every reader of them may rely on."""

from collections import defaultdict
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import pytest

from .company_folder import Folder

CLOCK = datetime.fromisoformat("2026-07-02T09:00:00-04:00")
TRANSACTIONS = (
    "Invoice",
    "Payment",
    "CreditMemo",
    "JournalEntry",
    "SalesReceipt",
    "RefundReceipt",
    "Estimate",
    "Purchase",
    "Deposit",
)
CENT = Decimal("0.01")


def _receivable_lines(company: Folder, entry: dict[str, Any]) -> list[tuple[str, Decimal]]:
    """(customer, signed amount) of each line on an A/R account."""
    receivable = {
        account["Id"]
        for account in company.books("Account")
        if account["AccountType"] == "Accounts Receivable"
    }
    found = []
    for line in entry["Line"]:
        detail = line["JournalEntryLineDetail"]
        if detail["AccountRef"]["value"] in receivable:
            sign = 1 if detail["PostingType"] == "Debit" else -1
            found.append((detail["Entity"]["EntityRef"]["value"], sign * line["Amount"]))
    return found


def _supplies(company: Folder) -> dict[tuple[str, str], bool]:
    """Whether a document that payments link supplies credit (or takes it)."""
    supplies = {("CreditMemo", each["Id"]): True for each in company.books("CreditMemo")}
    supplies |= {("Invoice", each["Id"]): False for each in company.books("Invoice")}
    supplies |= {
        (kind, each["Id"]): False
        for each in company.books("Purchase")
        for kind in ("Check", "Expense")
    }
    for entry in company.books("JournalEntry"):
        supplies["JournalEntry", entry["Id"]] = _receivable_lines(company, entry)[0][1] < 0
    return supplies


def _applied(company: Folder) -> dict[tuple[str, str], Decimal]:
    applied: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
    for payment in company.books("Payment"):
        for line in payment["Line"]:
            for link in line["LinkedTxn"]:
                applied[link["TxnType"], link["TxnId"]] += line["Amount"]
    return applied


def test_each_payment_is_what_it_takes_less_credits_plus_what_stays_unapplied(
    company: Folder,
) -> None:
    supplies = _supplies(company)
    for payment in company.books("Payment"):
        explained = payment["UnappliedAmt"]
        for line in payment["Line"]:
            for link in line["LinkedTxn"]:
                sign = -1 if supplies[link["TxnType"], link["TxnId"]] else 1
                explained += sign * line["Amount"]
        assert payment["TotalAmt"] == explained, payment["Id"]


def test_each_balance_is_the_total_less_its_applications(company: Folder) -> None:
    applied = _applied(company)
    for invoice in company.books("Invoice"):
        settled = applied["Invoice", invoice["Id"]] + invoice.get("Deposit", 0)
        assert invoice["Balance"] == invoice["TotalAmt"] - settled >= 0
    for credit in company.books("CreditMemo"):
        left = credit["TotalAmt"] - applied["CreditMemo", credit["Id"]]
        assert credit["Balance"] == credit["RemainingCredit"] == left >= 0


def test_each_customer_owes_what_its_documents_leave_open(company: Folder) -> None:
    applied = _applied(company)
    owed: dict[str, Decimal] = defaultdict(Decimal)
    for invoice in company.books("Invoice"):
        owed[invoice["CustomerRef"]["value"]] += invoice["Balance"]
    for credit in company.books("CreditMemo"):
        owed[credit["CustomerRef"]["value"]] -= credit["Balance"]
    for payment in company.books("Payment"):
        owed[payment["CustomerRef"]["value"]] -= payment["UnappliedAmt"]
    for entry in company.books("JournalEntry"):
        for customer_id, amount in _receivable_lines(company, entry):
            settled = applied["JournalEntry", entry["Id"]]
            owed[customer_id] += amount - settled if amount > 0 else amount + settled
    for cheque in company.books("Purchase"):
        kind = "Check" if cheque["PaymentType"] == "Check" else "Expense"
        owed[cheque["EntityRef"]["value"]] += cheque["TotalAmt"] - applied[kind, cheque["Id"]]
    for deposit in company.books("Deposit"):
        for line in deposit["Line"]:
            if "DetailType" in line:
                owed[line["DepositLineDetail"]["Entity"]["value"]] -= line["Amount"]
    customers = company.books("Customer")
    children: dict[str, Decimal] = defaultdict(Decimal)
    for customer in customers:
        assert customer["Balance"] == owed[customer["Id"]], customer["DisplayName"]
        if customer["Job"]:
            children[customer["ParentRef"]["value"]] += customer["Balance"]
    for customer in customers:
        assert customer["BalanceWithJobs"] == customer["Balance"] + children[customer["Id"]]
    held: dict[str, Decimal] = defaultdict(Decimal)
    for account in company.books("Account"):
        if account["AccountType"] == "Accounts Receivable":
            held[account["CurrencyRef"]["value"]] += account["CurrentBalance"]
    for currency, balance in held.items():
        of_currency = [each for each in customers if each["CurrencyRef"]["value"] == currency]
        assert balance == sum(each["Balance"] for each in of_currency)


def test_what_another_system_left_behind_is_on_an_account_of_its_own(company: Folder) -> None:
    names = {account["Id"]: account["Name"] for account in company.books("Account")}
    accounts = {
        names[entry["Line"][0]["JournalEntryLineDetail"]["AccountRef"]["value"]]
        for entry in company.books("JournalEntry")
        if entry["PrivateNote"] == "Opening balance"
    }
    assert accounts >= {"Accounts Receivable (A/R)", "Receivables Taken Over"}


@pytest.mark.parametrize(
    "entity", ["Invoice", "CreditMemo", "SalesReceipt", "RefundReceipt", "Estimate"]
)
def test_each_total_is_its_lines_less_discount_plus_tax(company: Folder, entity: str) -> None:
    for document in company.books(entity):
        total = document["TxnTaxDetail"]["TotalTax"]
        subtotal = Decimal(0)
        for line in document["Line"]:
            detail = line.get("SalesItemLineDetail", {})
            if line["DetailType"] == "SubTotalLineDetail":
                assert line["Amount"] == subtotal
            elif line["DetailType"] == "DiscountLineDetail":
                total -= line["Amount"]
            elif line["DetailType"] == "GroupLineDetail":
                members = line["GroupLineDetail"]["Line"]
                subtotal += line["Amount"] + sum(member["Amount"] for member in members)
            else:
                subtotal += line["Amount"]
                if "Qty" in detail:
                    assert line["Amount"] == detail["Qty"] * detail["UnitPrice"]
        assert document["TotalAmt"] == subtotal + total, document["Id"]
        home = (document["TotalAmt"] * document["ExchangeRate"]).quantize(CENT, ROUND_HALF_UP)
        assert document["HomeTotalAmt"] == home


def test_sales_tax_follows_its_rates_and_spares_the_exempt(company: Folder) -> None:
    exempt = {each["Id"] for each in company.books("Customer") if not each["Taxable"]}
    taxed = 0
    for invoice in company.books("Invoice"):
        parts = invoice["TxnTaxDetail"].get("TaxLine", [])
        taxed += bool(parts)
        for part in parts:
            detail = part["TaxLineDetail"]
            tax = detail["NetAmountTaxable"] * detail["TaxPercent"] / 100
            assert part["Amount"] == tax.quantize(CENT, ROUND_HALF_UP)
        assert invoice["TxnTaxDetail"]["TotalTax"] == sum(part["Amount"] for part in parts)
        assert not (parts and invoice["CustomerRef"]["value"] in exempt)
    assert taxed > 10


def test_links_are_seen_from_both_sides(company: Folder) -> None:
    forward = {
        (link["TxnId"], payment["Id"])
        for payment in company.books("Payment")
        for line in payment["Line"]
        for link in line["LinkedTxn"]
        if link["TxnType"] == "Invoice"
    }
    invoices = company.books("Invoice")
    backward = {
        (invoice["Id"], link["TxnId"])
        for invoice in invoices
        for link in invoice["LinkedTxn"]
        if link["TxnType"] == "Payment"
    }
    assert forward == backward
    quoted = {
        (link["TxnId"], estimate["Id"])
        for estimate in company.books("Estimate")
        for link in estimate["LinkedTxn"]
    }
    assert quoted == {
        (invoice["Id"], link["TxnId"])
        for invoice in invoices
        for link in invoice["LinkedTxn"]
        if link["TxnType"] == "Estimate"
    }


def test_bank_deposits_take_each_payment_once(company: Folder) -> None:
    payments = {each["Id"]: each for each in company.books("Payment")}
    taken = []
    for deposit in company.books("Deposit"):
        assert deposit["TotalAmt"] == sum(line["Amount"] for line in deposit["Line"])
        for line in deposit["Line"]:
            for link in line.get("LinkedTxn", ()):
                payment = payments[link["TxnId"]]
                assert payment["TotalAmt"] == line["Amount"]
                assert payment["LinkedTxn"] == [{"TxnId": deposit["Id"], "TxnType": "Deposit"}]
                assert payment["TxnDate"] < deposit["TxnDate"]
                taken.append(payment["Id"])
    assert len(taken) == len(set(taken)) > 50


def test_ids_follow_the_order_of_entry_and_gaps_are_deletions(company: Folder) -> None:
    entered = sorted(
        (int(record["Id"]), datetime.fromisoformat(record["MetaData"]["CreateTime"]))
        for entity in TRANSACTIONS
        for record in company.books(entity)
    )
    ids = [id for id, _ in entered]
    assert len(ids) == len(set(ids))
    moments = [moment for _, moment in entered]
    assert moments == sorted(moments)
    stubs = [
        int(record["Id"])
        for entity in TRANSACTIONS
        for record in company.everything("quickbooks", entity)
        if record.get("status") == "Deleted"
    ]
    gaps = set(range(1, max(ids) + 1)) - set(ids)
    assert stubs
    assert set(stubs) < gaps


def test_nothing_was_entered_after_the_clock_or_before_its_links(company: Folder) -> None:
    updated = {}
    for entity in TRANSACTIONS:
        for record in company.everything("quickbooks", entity):
            moment = datetime.fromisoformat(record["MetaData"]["LastUpdatedTime"])
            assert moment <= CLOCK
            updated[record["Id"]] = moment
    for payment in company.books("Payment"):
        created = datetime.fromisoformat(payment["MetaData"]["CreateTime"])
        assert created <= updated[payment["Id"]]
        for line in payment["Line"]:
            for link in line["LinkedTxn"]:
                assert updated[link["TxnId"]] >= created


def test_stubs_are_as_young_as_a_change_feed_shows(company: Folder) -> None:
    for entity in TRANSACTIONS:
        for record in company.everything("quickbooks", entity):
            if "status" in record:
                assert record.keys() == {"domain", "status", "Id", "MetaData"}
                deleted = datetime.fromisoformat(record["MetaData"]["LastUpdatedTime"])
                assert 0 < (CLOCK - deleted).days < 30


def test_the_office_is_closed_on_weekends(company: Folder) -> None:
    for entity in TRANSACTIONS:
        for record in company.books(entity):
            assert date.fromisoformat(record["TxnDate"]).weekday() < 5, (entity, record["Id"])


def test_voids_keep_their_form_and_nothing_else(company: Folder) -> None:
    voids = {
        entity: [each for each in company.books(entity) if each.get("PrivateNote") == "Voided"]
        for entity in ("Invoice", "Payment")
    }
    assert all(voids.values())
    for invoice in voids["Invoice"]:
        assert invoice["TotalAmt"] == invoice["Balance"] == 0
        assert invoice["LinkedTxn"] == []
        assert {line["Amount"] for line in invoice["Line"]} == {0}
        assert invoice["DueDate"]
        assert invoice["SyncToken"] == "1"
    for payment in voids["Payment"]:
        assert payment["TotalAmt"] == payment["UnappliedAmt"] == 0
        assert payment["Line"] == []


def test_foreign_documents_carry_the_rate_of_their_day(company: Folder) -> None:
    rates = {each["AsOfDate"]: each["Rate"] for each in company.books("ExchangeRate")}
    euros = {
        each["Id"]: each
        for each in (*company.books("Invoice"), *company.books("Payment"))
        if each["CurrencyRef"]["value"] == "EUR"
    }
    assert len({each["ExchangeRate"] for each in euros.values()}) > 10
    for document in euros.values():
        expected = rates.get(document["TxnDate"], rates["2026-07-02"])
        assert document["ExchangeRate"] == expected
    gains = [
        euros[link["TxnId"]]["ExchangeRate"] != payment["ExchangeRate"]
        for payment in company.books("Payment")
        if payment["Id"] in euros
        for line in payment["Line"]
        for link in line["LinkedTxn"]
        if link["TxnType"] == "Invoice"
    ]
    assert any(gains)


def test_names_are_unique_and_the_inactive_owe_nothing(company: Folder) -> None:
    people = [each for name in ("Customer", "Vendor", "Employee") for each in company.books(name)]
    names = [each["DisplayName"].casefold() for each in people]
    assert len(names) == len(set(names))
    inactive = [each for each in company.books("Customer") if not each["Active"]]
    assert inactive
    for customer in inactive:
        assert customer["Balance"] == 0
        assert customer["DisplayName"].endswith(" (deleted)")


def test_few_customers_bring_most_of_the_sales(company: Folder) -> None:
    sales: dict[str, Decimal] = defaultdict(Decimal)
    for invoice in company.books("Invoice"):
        sales[invoice["CustomerRef"]["value"]] += invoice["HomeTotalAmt"]
    by_size = sorted(sales.values(), reverse=True)
    assert sum(by_size[: len(by_size) // 5]) > sum(by_size) * Decimal("0.45")
    assert sales.keys() >= company.first_customers()
