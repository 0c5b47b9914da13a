"""Deals that are to be billed: each is what the answers say, as the served records show it."""

import json
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from datetime import date
from decimal import Decimal
from operator import itemgetter
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from q2c_pipeline.sandbox.generate import generate

from .company_folder import Folder

Record = dict[str, Any]
AS_OF = date(2026, 7, 2)
GATE_OF_CASE = {
    "not_delivered": "delivery",
    "never_submitted": "approval",
    "approval_pending": "approval",
    "approval_rejected": "approval",
    "approved_by_sales": "approval",
    "approved_above_level": "approval",
    "approver_left": "approval",
    "approved_by_owner": "segregation_of_duties",
    "approved_by_submitter": "segregation_of_duties",
    "edited_after_approval": "as_approved",
    "discount_above_level": "discount",
    "terms_above_level": "terms",
    "no_billing_mail": "customer_complete",
    "account_not_active": "customer_active",
    "account_twice": "customer_active",
    "product_unknown": "items",
    "item_inactive": "items",
    "no_tax_certificate": "tax",
    "no_order_number": "purchase_order",
    "account_on_hold": "credit_standing",
    "above_credit_limit": "credit_standing",
    "above_limit_together": "credit_standing",
    "currency_unlike_customer": "currency",
    "amount_above_lines": "totals",
    "invoice_alike": "not_billed_yet",
}
LIMITS = {"Controller": None, "Billing Manager": 50_000, "Collections Lead": 10_000}
DISCOUNTS = {"Controller": 30, "Billing Manager": 15, "Collections Lead": 15}
TERMS = {"Controller": 90, "Billing Manager": 30, "Collections Lead": 0}
DUE_DAYS = {"Due on receipt": 0, "Net 15": 15, "Net 30": 30, "Net 45": 45, "Net 60": 60}
CHARGES = {"invoice": "Invoice", "journal_entry": "JournalEntry", "purchase": "Purchase"}
WRITTEN_BACK = {
    "Account": (
        "AR_Standing__c",
        "AR_Balance__c",
        "AR_Overdue__c",
        "AR_Currency__c",
        "AR_As_Of__c",
    ),
    "Opportunity": (
        "Invoice_Status__c",
        "Invoice_Link__c",
        "Invoiced_Amount__c",
        "Invoice_Balance__c",
        "Invoice_Paid_Date__c",
        "Invoice_Note__c",
    ),
}


class Unit(NamedTuple):
    """A unit of the answers with all that is served about it."""

    deal: Record
    instalment: Record | None
    account: Record
    contacts: list[Record]
    customer: Record | None
    lines: list[Record]
    process: Record | None
    steps: list[Record]
    case: str
    failed: list[str]
    is_ready: bool

    @property
    def amount(self) -> Decimal:
        amount: Decimal = self.instalment["Revenue"] if self.instalment else self.deal["Amount"]
        return amount


class World:
    """A company as a reader of both systems sees it."""

    def __init__(self, company: Folder) -> None:
        self.users = {each["Id"]: each for each in company.crm("User")}
        self.customers = {each["Id"]: each for each in company.books("Customer")}
        self.items = {each["Name"]: each for each in company.books("Item")}
        self.products = {each["Id"]: each for each in company.crm("Product2")}
        self.invoices = _by(company.books("Invoice"), lambda each: each["CustomerRef"]["value"])
        self.linked = {row["invoice_id"] for row in company.answers("links")}
        self.rate = next(
            each["Rate"]
            for each in company.books("ExchangeRate")
            if each["AsOfDate"] == AS_OF.isoformat()
        )
        self.due_days = _due_days(company)
        self.twins = {
            row["right_id"]
            for row in company.answers("duplicates")
            if row["left_system"] == "salesforce" and row["verdict"] == "duplicate"
        }
        of_name = {each["PrintOnCheckName"]: each for each in self.customers.values()}
        deals = {each["Id"]: each for each in company.crm("Opportunity")}
        accounts = {each["Id"]: each for each in company.crm("Account")}
        schedules = {each["Id"]: each for each in company.crm("OpportunityLineItemSchedule")}
        contacts = _by(company.crm("Contact"), itemgetter("AccountId"))
        lines = _by(company.crm("OpportunityLineItem"), itemgetter("OpportunityId"))
        processes = _by(company.crm("ProcessInstance"), itemgetter("TargetObjectId"))
        steps = _by(company.crm("ProcessInstanceStep"), itemgetter("ProcessInstanceId"))
        self.units = []
        answers = json.loads((company.path / "answers" / "billing.json").read_text("utf-8"))
        for answer in answers:
            deal = deals[answer["opportunity_id"]]
            account = accounts[deal["AccountId"]]
            stored = account["QBO_Customer_Id__c"]
            process = next(iter(processes[deal["Id"]]), None)
            self.units.append(
                Unit(
                    deal,
                    schedules.get(answer["instalment_id"]),
                    account,
                    contacts[account["Id"]],
                    self.customers[stored] if stored else of_name.get(account["Name"]),
                    lines[deal["Id"]],
                    process,
                    steps[process["Id"]] if process else [],
                    answer["case"],
                    answer["failed_gates"],
                    answer["ready"],
                )
            )

    def of(self, case: str) -> list[Unit]:
        found = [unit for unit in self.units if unit.case == case]
        assert found, case
        return found

    def home(self, unit: Unit) -> Decimal:
        is_home = unit.deal["CurrencyIsoCode"] == "USD"
        return unit.amount if is_home else unit.amount * self.rate

    def approver(self, unit: Unit) -> Record:
        assert unit.process is not None
        user: Record = self.users[unit.process["LastActorId"]]
        return user

    def days_past_due(self, unit: Unit) -> int:
        due = self.due_days[unit.customer["Id"]] if unit.customer else []
        return max(((AS_OF - date.fromisoformat(day)).days for day in due), default=0)

    def credit_left(self, unit: Unit) -> Decimal:
        limit, customer = unit.account["Credit_Limit__c"], unit.customer
        if limit is None or customer is None:
            return Decimal("Infinity")
        rate = self.rate if customer["CurrencyRef"]["value"] == "EUR" else 1
        return Decimal(limit - customer["Balance"] * rate)

    def billed_before(self, unit: Unit) -> Decimal:
        """What its account is billed for on an earlier approval."""
        return sum(
            (
                self.home(each)
                for each in self.units
                if each.is_ready
                and each.account["Id"] == unit.account["Id"]
                and self.approved_at(each) < self.approved_at(unit)
            ),
            Decimal(0),
        )

    def approved_at(self, unit: Unit) -> str:
        approved: str = (unit.process and unit.process["CompletedDate"]) or ""
        return approved

    def invoices_alike(self, unit: Unit) -> list[Record]:
        """Lately, for no deal, and of the same amount."""
        own = self.invoices[unit.customer["Id"]] if unit.customer else []
        return [
            each
            for each in own
            if unit.amount
            in (each["TotalAmt"], each["TotalAmt"] - each["TxnTaxDetail"]["TotalTax"])
            and (AS_OF - date.fromisoformat(each["TxnDate"])).days <= 45
            and each["Id"] not in self.linked
        ]

    def is_sold(self, line: Record) -> bool:
        product = self.products[line["Product2Id"]]
        skus = {item.get("Sku") for item in self.items.values() if item["Active"]}
        item = self.items.get(product["Name"])
        return line["ProductCode"] in skus or bool(item and item["Active"])

    def passed(self, unit: Unit) -> dict[str, bool]:
        """Each gate, judged anew from the records alone."""
        deal, account, process = unit.deal, unit.account, unit.process
        approved = process if process and process["Status"] == "Approved" else None
        delivery = unit.instalment and unit.instalment["Delivery_Status__c"]
        delivered = ["Delivered", "Accepted"] + ["Milestone Approved"] * (deal["Type"] == "Renewal")
        mails = [contact["Email"] for contact in unit.contacts if contact["Email"]]
        days = DUE_DAYS[deal["Payment_Terms__c"] or account["Payment_Terms__c"]]
        discount = max(line["Discount"] or 0 for line in unit.lines)
        title = self.approver(unit)["Title"] if approved else ""
        limit = LIMITS.get(title, 0)
        stamps = [deal, account, *unit.lines, *filter(None, [unit.instalment])]
        return {
            "delivery": (delivery or deal["Delivery_Status__c"]) in delivered,
            "approval": approved is not None
            and self.approver(unit)["IsActive"]
            and (limit is None or self.home(unit) <= limit),
            "segregation_of_duties": approved is None
            or approved["LastActorId"] not in (deal["OwnerId"], approved["SubmittedById"]),
            "as_approved": approved is None
            or max(each["SystemModstamp"] for each in stamps) <= approved["CompletedDate"],
            "discount": discount <= max(15, DISCOUNTS.get(title, 0)),
            "terms": days <= max(30, TERMS.get(title, 0)),
            "customer_complete": bool(account["Billing_Email__c"] or len(mails) == 1)
            and None not in (account["Legal_Name__c"], account["BillingStreet"]),
            "customer_active": account["Finance_Status__c"] == "Active"
            and not (unit.customer is None and account["Id"] in self.twins)
            and (unit.customer is None or unit.customer["Active"]),
            "items": all(map(self.is_sold, unit.lines)),
            "tax": account["Tax_Status__c"] == "Taxable" or bool(account["Tax_Certificate__c"]),
            "purchase_order": bool(deal["PO_Number__c"]) or account["Segment__c"] != "Enterprise",
            "credit_standing": self.days_past_due(unit) <= 30
            and self.home(unit) + self.billed_before(unit) <= self.credit_left(unit),
            "currency": unit.customer is None
            or unit.customer["CurrencyRef"]["value"] == deal["CurrencyIsoCode"],
            "totals": deal["Amount"] == sum(line["TotalPrice"] for line in unit.lines) > 0,
            "not_billed_yet": not self.invoices_alike(unit),
        }


@pytest.fixture(scope="module")
def world(company: Folder) -> World:
    return World(company)


def test_every_unit_won_lately_is_judged(company: Folder, world: World) -> None:
    won = {
        deal["Id"]
        for deal in company.crm("Opportunity")
        if deal["IsWon"] and "2026-05-01" <= deal["CloseDate"] <= AS_OF.isoformat()
    }
    assert {unit.deal["Id"] for unit in world.units} == won
    assert all(unit.is_ready is not bool(unit.failed) for unit in world.units)
    billed = {row["opportunity_id"] for row in company.answers("links")}
    for unit in world.units:
        assert ("not_billed_yet" in unit.failed) is (
            unit.deal["Id"] in billed or unit.case == "invoice_alike"
        )


def test_each_planted_unit_fails_its_gate_and_no_other(world: World) -> None:
    for case, gate in GATE_OF_CASE.items():
        for unit in world.of(case):
            assert unit.failed == [gate], case
            passed = world.passed(unit)
            assert [name for name, is_passed in passed.items() if not is_passed] == [gate], case
    for unit in world.of("to_bill"):
        passed = world.passed(unit)
        assert [name for name, is_passed in passed.items() if not is_passed] == unit.failed
        assert unit.failed in ([], ["delivery"])


def test_what_is_above_the_limit_together_is_within_it_alone(world: World) -> None:
    for unit in world.of("above_limit_together"):
        assert world.billed_before(unit) > 0
        assert world.home(unit) <= world.credit_left(unit)


def test_approvals_show_in_their_steps(world: World) -> None:
    for unit in world.units:
        if unit.process is None:
            continue
        statuses = [step["StepStatus"] for step in unit.steps]
        status = unit.process["Status"]
        assert statuses == ["Started", *[status] * (status != "Pending")]
        assert unit.steps[0]["ActorId"] == unit.process["SubmittedById"]
        assert unit.steps[-1]["ActorId"] == unit.process["LastActorId"]
        if status == "Pending":
            assert unit.process["CompletedDate"] is None
        else:
            assert unit.process["CompletedDate"] == unit.steps[-1]["CreatedDate"]


def test_ready_deals_are_of_every_kind(world: World) -> None:
    ready = [unit for unit in world.units if unit.is_ready]
    assert len(ready) >= 12
    assert {unit.case for unit in ready} == {"to_bill"}
    assert sum(unit.deal["CurrencyIsoCode"] == "EUR" for unit in ready) == 1
    assert sum(unit.customer is None for unit in ready) == 2
    products = [line["Name"].removeprefix(unit.deal["Name"] + " ") for unit in ready
                for line in unit.lines]  # fmt: skip
    assert "Ready to Work" in products
    discounts = {line["Discount"] for unit in ready for line in unit.lines}
    assert {None} < discounts <= {None, 5, 10, 15}
    instalments = Counter(unit.deal["Id"] for unit in ready if unit.instalment)
    assert set(instalments.values()) == {2}
    waiting = {unit.deal["Id"] for unit in world.units if unit.failed == ["delivery"]}
    assert instalments.keys() <= waiting, "the third one is not delivered"
    amounts = Counter((unit.account["Id"], unit.amount) for unit in ready)
    assert max(amounts.values()) == 1


def test_accounts_say_what_the_books_say(company: Folder, world: World) -> None:
    accounts = [each for each in company.crm("Account") if each["QBO_Customer_Id__c"]]
    complete = 0
    for account in accounts:
        customer = world.customers[account["QBO_Customer_Id__c"]]
        assert account["Payment_Terms__c"] == customer["SalesTermRef"]["name"]
        assert (account["Tax_Status__c"] == "Taxable") is customer["Taxable"]
        assert account["Legal_Name__c"] == customer["PrintOnCheckName"]
        mail = account["Billing_Email__c"]
        assert mail in (None, customer["PrimaryEmailAddr"]["Address"])
        complete += account["Finance_Status__c"] == "Active" and mail is not None
    assert complete / len(accounts) > 0.85


def test_nobody_has_written_back_yet(company: Folder) -> None:
    for sobject, fields in WRITTEN_BACK.items():
        for record in company.crm(sobject):
            assert {record[field] for field in fields} == {None}


@pytest.mark.parametrize("seed", [1, 2, 4, 5])
def test_everything_is_planted_in_the_smallest_company(tmp_path: Path, seed: int) -> None:
    generate(tmp_path / "company", seed=seed, invoices=300)
    answers = json.loads((tmp_path / "company" / "answers" / "billing.json").read_text("utf-8"))
    failed = {(each["case"], *each["failed_gates"]) for each in answers}
    assert failed >= set(GATE_OF_CASE.items())
    assert sum(each["ready"] for each in answers) >= 12


def _due_days(company: Folder) -> dict[str, list[str]]:
    """When what each customer owes fell due."""
    documents = {
        (kind, each["Id"]): each
        for kind, entity in CHARGES.items()
        for each in company.books(entity)
    }
    due: dict[str, list[str]] = defaultdict(list)
    for row in company.answers("open_items"):
        if row["as_of_date"] == AS_OF.isoformat() and Decimal(row["open_amount"]) > 0:
            charge = documents[row["document_type"], row["document_id"].partition("-")[0]]
            due[row["customer_id"]].append(charge.get("DueDate", charge["TxnDate"]))
    return due


def _by(records: Iterable[Record], key: Callable[[Record], str]) -> dict[str, list[Record]]:
    found: dict[str, list[Record]] = defaultdict(list)
    for record in records:
        found[key(record)].append(record)
    return found
