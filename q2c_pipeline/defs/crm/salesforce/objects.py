"""What is read from Salesforce, as data: one row per object, the fields wished and what must hold.

Belongs here: field names. Does not belong here: how they are asked for, and what they mean to
finance. A field that the organisation does not show is left out, unless it is required.
"""

from dataclasses import dataclass, field
from datetime import date, datetime

from q2c_pipeline.core.objects import (
    Books,
    Envelope,
    Identifier,
    JsonAmount,
    ObjectSpec,
    Refusal,
    refuse_unknown_currency,
)

SYSTEM = "salesforce"


class _SalesforceRecord(Envelope, frozen=True, gc=False, kw_only=True):
    Id: Identifier
    SystemModstamp: str
    IsDeleted: bool = False
    CurrencyIsoCode: str | None = None

    def __post_init__(self) -> None:
        if self.CurrencyIsoCode is not None:
            refuse_unknown_currency(self.CurrencyIsoCode)

    def record_id(self) -> str:
        return self.Id

    def updated_at(self) -> datetime | None:
        return datetime.fromisoformat(self.SystemModstamp)

    def is_deleted(self) -> bool:
        return self.IsDeleted

    def refusal(self, books: Books) -> Refusal | None:
        try:
            is_dated = datetime.fromisoformat(self.SystemModstamp).tzinfo is not None
        except ValueError:
            is_dated = False
        return None if is_dated else Refusal("SystemModstamp", "is not a moment with an offset")


class Account(_SalesforceRecord, frozen=True, gc=False, kw_only=True):
    """A company in the CRM."""

    Name: str | None = None
    ParentId: str | None = None


class Opportunity(_SalesforceRecord, frozen=True, gc=False, kw_only=True):
    """A deal."""

    AccountId: str | None = None
    Amount: JsonAmount | None = None
    CloseDate: date | None = None
    IsClosed: bool | None = None
    IsWon: bool | None = None


class User(_SalesforceRecord, frozen=True, gc=False, kw_only=True):
    """A person who owns records; never deleted."""


@dataclass(frozen=True, kw_only=True)
class SalesforceObject(ObjectSpec):
    """``required`` fields must be shown; ``wished`` ones are read where they are."""

    required: tuple[str, ...] = ("Id", "SystemModstamp")
    wished: tuple[str, ...] = field(default=())


_MEND = "Open {subject} in Salesforce, correct its {field} and save it; the next run reads it"

ACCOUNTS = SalesforceObject(
    name="accounts",
    vendor_name="Account",
    envelope=Account,
    unhashed=("attributes",),
    mend=_MEND,
    required=("Id", "Name", "SystemModstamp"),
    wished=(
        "AccountNumber", "BillingCity", "BillingCountry", "BillingPostalCode", "BillingState",
        "BillingStreet", "CreatedDate", "CurrencyIsoCode", "Industry", "IsDeleted",
        "LastModifiedDate", "MasterRecordId", "OwnerId", "ParentId", "Phone", "Type", "Website",
    ),
)  # fmt: skip
OPPORTUNITIES = SalesforceObject(
    name="opportunities",
    vendor_name="Opportunity",
    envelope=Opportunity,
    unhashed=("attributes",),
    mend=_MEND,
    required=("Id", "AccountId", "CloseDate", "IsClosed", "IsWon", "StageName", "SystemModstamp"),
    wished=(
        "Amount", "ContractId", "CreatedDate", "CurrencyIsoCode", "ForecastCategoryName",
        "HasOpportunityLineItem", "IsDeleted", "LastModifiedDate", "LeadSource", "Name", "OwnerId",
        "Pricebook2Id", "Probability", "Type",
    ),
)  # fmt: skip
USERS = SalesforceObject(
    name="users",
    vendor_name="User",
    envelope=User,
    unhashed=("attributes",),
    mend=_MEND,
    required=("Id", "Name", "SystemModstamp"),
    wished=("Email", "IsActive", "Username"),
)

OBJECTS = (ACCOUNTS, OPPORTUNITIES, USERS)
TABLES = tuple(spec.name for spec in OBJECTS)
