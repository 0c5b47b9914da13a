"""Nothing is billed that is not as somebody with the power to do so approved it.

Every change of every field that an approval covers voids it, whenever it is made and whether it
moves a stamp or not. Random approvals are judged by a small model of the rules in Python.
"""

import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import product
from pathlib import Path
from typing import Any, NamedTuple

import duckdb
import pytest

from tests.golden.models import build_models
from tests.golden.raw_company import Company, Organisation, write_raw

SAMPLE_SIZE = 400
PROOF_SIZE = 20_000
ORGANISATION, REALM = "00D", "1"
CREATED = "2026-03-01T09:00:00.000+0000"
EDITED = "2026-03-10T09:00:00.000+0000"
APPROVED = "2026-03-12T09:00:00.000+0000"
WITH_APPROVAL = "2026-03-12T09:01:00.000+0000"
JUST_AFTER_APPROVAL = "2026-03-12T09:01:01.000+0000"
AFTER_READING = "2026-03-20T09:00:00.000+0000"
FIRST_READING = "2026-03-12 20:00:00+00"
AS_OF_DATE = "2026-03-31"

COVERED: dict[str, dict[str, Any]] = {
    "Opportunity": {
        "Amount": 999, "CurrencyIsoCode": "EUR", "AccountId": "other", "Payment_Terms__c": "Net 15",
    },
    "OpportunityLineItem": {
        "Product2Id": "other", "Quantity": 9, "UnitPrice": 9.99, "Discount": 9, "TotalPrice": 9.99,
    },
    "OpportunityLineItemSchedule": {
        "Revenue": 9.99, "Quantity": 9, "ScheduleDate": "2026-09-09",
    },
    "Account": {
        "Name": "Other", "Legal_Name__c": "Other", "BillingStreet": "Other", "BillingCity": "Other",
        "BillingState": "ZZ", "BillingPostalCode": "99999", "BillingCountry": "Other",
        "Payment_Terms__c": "Net 15", "Tax_Status__c": "Exempt", "Tax_Certificate__c": "X-9",
    },
}  # fmt: skip
NOT_COVERED: dict[str, dict[str, Any]] = {
    "Opportunity": {
        "StageName": "Other",
        "QBO_Invoice_Ids__c": "17",
        "Delivery_Status__c": "Other",
    },
    "OpportunityLineItem": {"Description": "Other", "SortOrder": 9},
    "OpportunityLineItemSchedule": {"Description": "Other", "Delivery_Status__c": "Other"},
    "Account": {"Phone": "Other", "AR_Standing__c": "hold", "QBO_Customer_Id__c": "17"},
}
Records = dict[str, list[dict[str, Any]]]


def covered_records(key: str) -> dict[str, dict[str, Any]]:
    """One record of each object that an approval covers, as they were approved."""
    stamps = {"IsDeleted": False, "CreatedDate": CREATED, "SystemModstamp": EDITED}
    return {
        "Account": {
            "Id": f"account {key}", "Name": "Alder", "Legal_Name__c": "Alder Inc.",
            "BillingStreet": "1 Quay", "BillingCity": "Bend", "BillingState": "OR",
            "BillingPostalCode": "97701", "BillingCountry": "USA", "Payment_Terms__c": "Net 30",
            "Tax_Status__c": "Taxable", "Tax_Certificate__c": None, "Phone": "1",
            "AR_Standing__c": None, "QBO_Customer_Id__c": None, **stamps,
        },
        "Opportunity": {
            "Id": f"deal {key}", "AccountId": f"account {key}", "Name": key, "StageName": "Won",
            "IsClosed": True, "IsWon": True, "CloseDate": "2026-03-11", "Amount": 120,
            "CurrencyIsoCode": "USD", "Payment_Terms__c": None, "Delivery_Status__c": None,
            "QBO_Invoice_Ids__c": None, **stamps,
        },
        "OpportunityLineItem": {
            "Id": f"line {key}", "OpportunityId": f"deal {key}", "Product2Id": "p", "Name": "Chair",
            "Quantity": 3, "UnitPrice": 40, "Discount": None, "TotalPrice": 120, "SortOrder": 1,
            "Description": None, **stamps,
        },
        "OpportunityLineItemSchedule": {
            "Id": f"instalment {key}", "OpportunityLineItemId": f"line {key}", "Type": "Both",
            "Revenue": 120, "Quantity": 3, "ScheduleDate": "2026-04-01", "Description": None,
            "Delivery_Status__c": None, **stamps,
        },
    }  # fmt: skip


@dataclass
class Readings:
    """What two readings of a CRM, both after the approval, found new."""

    first: Records = field(default_factory=lambda: _nothing())
    second: Records = field(default_factory=lambda: _nothing())


def _nothing() -> Records:
    return {name: [] for name in COVERED}


class Change(NamedTuple):
    """A change of one approved deal, and what has to become of its approval."""

    object: str
    change: Mapping[str, Any]
    stamp: str | None
    is_seen_first: bool
    voids: bool

    @property
    def key(self) -> str:
        what = "/".join(f"{name}={value}" for name, value in self.change.items())
        return f"{self.object}/{what}/{self.stamp}/{self.is_seen_first}"

    def write(self, readings: Readings) -> None:
        for name, record in covered_records(self.key).items():
            changed = record | dict(self.change)
            if self.stamp is not None:
                changed["SystemModstamp"] = self.stamp
            if name != self.object:
                readings.first[name].append(record)
            elif self.change.get("CreatedDate"):
                readings.first[name].append(record)
                added = readings.first if self.is_seen_first else readings.second
                added[name].append(changed | {"Id": f"added {self.key}"})
            elif self.is_seen_first:
                readings.first[name].append(changed)
            else:
                readings.first[name].append(record)
                readings.second[name].append(changed)


def changes() -> Iterator[Change]:
    """Each covered field at each time, sets of records too, and what voids nothing."""
    for object, fields in COVERED.items():
        removed = {"IsDeleted": True}
        sets = [removed] if object.startswith("OpportunityLine") else []
        for change in [{name: value} for name, value in fields.items()] + sets:
            yield Change(object, change, AFTER_READING, False, True)
            yield Change(object, change, None, False, True)
            yield Change(object, change, JUST_AFTER_APPROVAL, True, True)
            yield Change(object, change, WITH_APPROVAL, True, False)
            yield Change(object, change, None, True, False)
        if sets:
            for stamp, is_first in [(AFTER_READING, False), (JUST_AFTER_APPROVAL, True)]:
                yield Change(object, {"CreatedDate": stamp}, stamp, is_first, True)
            yield Change(object, {"CreatedDate": CREATED}, WITH_APPROVAL, True, False)
        for name, value in NOT_COVERED[object].items():
            yield Change(object, {name: value}, AFTER_READING, False, False)
            yield Change(object, {name: value}, None, False, False)
            yield Change(object, {name: value}, JUST_AFTER_APPROVAL, True, True)


APPROVERS = {
    ("Finance", "Billing Manager"): (Decimal(50_000), 15, 30, False),
    ("Finance", "Controller"): (None, 30, 90, False),
    ("Finance", "Collections Lead"): (Decimal(10_000), 15, 0, True),
}
"""The policy's approvers: up to which home amount, discount and days; who may write off."""
TERMS = {"Net 15": 15, "Net 30": 30, "Net 60": 60, "Net 120": 120}
USERS = {
    f"{department} {title} {is_active}": (department, title, is_active)
    for (department, title), is_active in product(
        [*APPROVERS, ("Sales", "Controller"), ("Finance", "Clerk")], [True, False]
    )
}


class Approval(NamedTuple):
    """One deal and the requests to approve it, oldest first: status, submitter and approver."""

    key: str
    owner: str
    amount: int
    discount: int
    terms: str
    requests: tuple[tuple[str, str, str], ...]

    def may_be_billed(self) -> bool:
        if not self.requests:
            return False
        status, submitter, approver = self.requests[-1]
        department, title, is_active = USERS[approver]
        power = APPROVERS.get((department, title))
        if status != "Approved" or not is_active or power is None:
            return False
        amount_max, discount_max, days_max, may_write_off = power
        days = TERMS[self.terms]
        return (
            approver not in (self.owner, submitter)
            and (amount_max is None or self.amount <= amount_max)
            and (self.discount <= 15 or self.discount <= discount_max)
            and (days <= 30 or (days <= days_max and not may_write_off))
        )


def made_up_approval(seed: int) -> Approval:
    chance = random.Random(seed)
    people = list(USERS)
    trusted = [name for name in people if name.startswith("Finance") and name.endswith("True")]
    owner, submitter = chance.choice(people), chance.choice(people)
    return Approval(
        key=str(seed),
        owner=owner,
        amount=chance.choice([100, 10_000, 10_001, 50_000, 50_001]),
        discount=chance.choice([0, 0, 15, 16, 30, 31]),
        terms=chance.choice([*TERMS, "Net 30", "Net 30"]),
        requests=tuple(
            (
                chance.choice(["Approved"] * 6 + ["Pending", "Rejected", "Removed"]),
                chance.choice([submitter, owner]),
                chance.choice([*trusted, *trusted, *people, owner, submitter]),
            )
            for _ in range(chance.choice([0, 1, 1, 1, 2, 2]))
        ),
    )


@pytest.fixture(scope="module")
def approvals(request: pytest.FixtureRequest) -> list[Approval]:
    size = PROOF_SIZE if request.config.getoption("--prove") else SAMPLE_SIZE
    return [made_up_approval(seed) for seed in range(size)]


@pytest.fixture(scope="module")
def findings(
    approvals: list[Approval], tmp_path_factory: pytest.TempPathFactory
) -> dict[str, dict[str, str]]:
    """What each gate of approval finds, by the deal's key."""
    home: Path = tmp_path_factory.mktemp("approved")
    readings = Readings()
    for change in changes():
        change.write(readings)
    unchanged = [covered_records(approval.key) for approval in approvals]
    for name in COVERED:
        readings.first[name] += [records[name] for records in unchanged]
    deals = [*(change.key for change in changes()), *(approval.key for approval in approvals)]
    readings.first |= _people() | _requests(approvals)
    terms = [
        {"Id": name, "Name": name, "DueDays": days, "Active": True} for name, days in TERMS.items()
    ]
    write_raw(
        home / "raw.duckdb",
        [Company(REALM, {"Term": terms})],
        [Organisation(ORGANISATION, readings.second, earlier={FIRST_READING: readings.first})],
        as_of_date=AS_OF_DATE,
    )
    _write_deals(home / "warehouse.duckdb", deals, approvals)
    build_models(home, *MODELS, as_of_date=AS_OF_DATE)
    with duckdb.connect(str(home / "warehouse.duckdb"), read_only=True) as connection:
        rows = connection.execute(
            "select billing_key, gate, reason_code from intermediate.int_billing__approval_findings"
        ).fetchall()
    found: dict[str, dict[str, str]] = {key: {} for key in deals}
    for key, gate, reason in rows:
        found[key][gate] = reason
    return found


MODELS = (
    *(
        f"stg_salesforce__{name}"
        for name in (
            "opportunity_versions", "opportunity_line_item_versions", "account_versions",
            "opportunity_line_item_schedule_versions", "opportunity_field_history",
            "process_instances", "process_instance_steps", "users", "extractions",
        )
    ),
    *("stg_quickbooks__terms", "stg_quickbooks__extractions", "int_controls__completed_readings"),
    *("int_billing__approvals", "int_billing__content_versions", "int_billing__contents"),
    "int_billing__approval_findings",
)  # fmt: skip
"""What judges an approval; what lies before it is written as tables, so that it stands alone."""


def _people() -> Records:
    return {
        "User": [
            {
                "Id": name, "Name": name, "Department": department, "Title": title,
                "IsActive": is_active, "SystemModstamp": CREATED,
            }
            for name, (department, title, is_active) in USERS.items()
        ]
    }  # fmt: skip


def _requests(approvals: list[Approval]) -> Records:
    asked = {approval.key: approval.requests for approval in approvals}
    controller = "Finance Controller True"
    asked |= {change.key: (("Approved", "nobody", controller),) for change in changes()}
    records: Records = {"ProcessInstance": [], "ProcessInstanceStep": []}
    for key, requests in asked.items():
        for number, (status, submitter, approver) in enumerate(requests):
            id = f"request {number} {key}"
            is_last = number == len(requests) - 1
            decided = APPROVED if is_last else f"2026-03-1{number}T09:00:00.000+0000"
            records["ProcessInstance"].append({
                "Id": id, "TargetObjectId": f"deal {key}", "Status": status,
                "SubmittedById": submitter, "LastActorId": approver,
                "CreatedDate": f"2026-03-1{number}T08:00:00.000+0000", "CompletedDate": decided,
                "SystemModstamp": decided,
            })  # fmt: skip
            records["ProcessInstanceStep"].append({
                "Id": id, "ProcessInstanceId": id, "ActorId": approver, "StepStatus": status,
                "CreatedDate": decided, "SystemModstamp": decided,
            })  # fmt: skip
    return records


def _write_deals(warehouse: Path, deals: list[str], approvals: list[Approval]) -> None:
    told = {approval.key: approval for approval in approvals}
    plain = Approval("", "Ines", 120, 0, "Net 30", ())
    rows = [
        (key, approval.owner, approval.amount, approval.discount, approval.terms)
        for key in deals
        for approval in [told.get(key, plain)]
    ]
    columns = list(zip(*rows, strict=True))
    with duckdb.connect(str(warehouse)) as connection:
        connection.execute("create schema intermediate")
        connection.execute(
            """
            create table told as
            select
                unnest($1) as key, unnest($2) as owner_id, unnest($3) as amount,
                unnest($4) as discount_percent, unnest($5) as terms_name
            """,
            columns,
        )
        for table, select in TABLES.items():
            connection.execute(f"create table intermediate.{table} as select {select} from told")
        connection.execute("drop table told")


TABLES = {
    "int_thread__deals": f"""
        '{REALM}' as entity, '{ORGANISATION}' as crm_entity, 'deal ' || key as deal_id,
        'account ' || key as crm_account_id, date '2026-03-11' as won_date, false as is_deleted,
        cast(amount as decimal(18, 2)) as amount, cast(1 as decimal(20, 8)) as booked_rate
    """,
    "int_billing__units": f"""
        '{REALM}' as entity, key as billing_key, '{ORGANISATION}' as crm_entity,
        'deal ' || key as deal_id, owner_id, terms_name
    """,
    "int_billing__unit_lines": f"""
        '{REALM}' as entity, key as billing_key, 'line ' || key as deal_line_id
    """,
    "int_crm__deal_lines": f"""
        '{ORGANISATION}' as crm_entity, 'line ' || key as deal_line_id,
        cast(1 as decimal(20, 8)) as quantity, cast(1000 as decimal(20, 8)) as sales_price,
        cast(discount_percent as decimal(9, 4)) as discount_percent,
        cast(1000 - 10 * discount_percent as decimal(18, 2)) as line_amount
    """,
    "int_billing__bill_to_accounts": f"""
        '{ORGANISATION}' as crm_entity, 'account ' || key as crm_account_id,
        ['account ' || key] as account_ids
    """,
    "int_billing__known_fields": f"""
        distinct '{ORGANISATION}' as crm_entity, true as knows_approvals, true as knows_people,
        true as knows_deal_currency, true as knows_deal_terms
    """,
    "int_billing__marked_invoices": f"""
        distinct '{REALM}' as entity, 'none' as billing_key, false as is_live,
        timestamptz '2026-03-01 00:00:00+00' as ended_at
    """,
}
"""What the made-up deals are to the models that judge approvals."""


@pytest.mark.prove
def test_a_change_of_what_was_approved_voids_the_approval(
    findings: dict[str, dict[str, str]],
) -> None:
    expected = {change.key: change.voids for change in changes()}
    assert {key: "as_approved" in findings[key] for key in expected} == expected


@pytest.mark.prove
def test_only_whoever_may_approve_lets_a_deal_be_billed(
    approvals: list[Approval], findings: dict[str, dict[str, str]]
) -> None:
    found = {approval.key: not findings[approval.key] for approval in approvals}
    assert found == {approval.key: approval.may_be_billed() for approval in approvals}
    assert len(approvals) / 20 < sum(found.values()) < len(approvals) / 2
