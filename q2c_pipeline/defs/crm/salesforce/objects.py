"""What is read from Salesforce, as data: one row per object, the fields wished and what must hold.

Belongs here: field names. Does not belong here: how they are asked for, and what they mean to
finance. A field that the organisation does not show is left out, unless it is required; so is an
object, for many organisations have products, schedules, approvals or currencies turned off.
"""

import hashlib
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

import msgspec

from q2c_pipeline.core.objects import (
    Envelope,
    Identifier,
    JsonAmount,
    ObjectSpec,
    Refusal,
    fingerprint,
    refuse_unknown_currency,
)

SYSTEM = "salesforce"
WHOLE_NUMBER_DIGITS_MAX = 18


class _SalesforceRecord(Envelope, frozen=True, gc=False, kw_only=True):
    Id: Identifier
    IsDeleted: bool = False
    CurrencyIsoCode: str | None = None

    def __post_init__(self) -> None:
        if self.CurrencyIsoCode is not None:
            refuse_unknown_currency(self.CurrencyIsoCode)

    def record_id(self) -> str:
        return self.Id

    def stamp(self) -> tuple[str, str]:
        """The field that moves with every change, and what it says."""
        raise NotImplementedError

    def updated_at(self) -> datetime | None:
        return datetime.fromisoformat(self.stamp()[1])

    def is_deleted(self) -> bool:
        return self.IsDeleted

    def refusal(self) -> Refusal | None:
        name, text = self.stamp()
        try:
            is_dated = datetime.fromisoformat(text).tzinfo is not None
        except ValueError:
            is_dated = False
        return None if is_dated else Refusal(name, "is not a moment with an offset")


class Stamped(_SalesforceRecord, frozen=True, gc=False, kw_only=True):
    """A record whose every change moves SystemModstamp."""

    SystemModstamp: str

    def stamp(self) -> tuple[str, str]:
        return "SystemModstamp", self.SystemModstamp


class LogEntry(_SalesforceRecord, frozen=True, gc=False, kw_only=True):
    """A record that is written once."""

    CreatedDate: str

    def stamp(self) -> tuple[str, str]:
        return "CreatedDate", self.CreatedDate


class Account(Stamped, frozen=True, gc=False, kw_only=True):
    """A company in the CRM."""

    Name: str | None = None
    ParentId: str | None = None


class Opportunity(Stamped, frozen=True, gc=False, kw_only=True):
    """A deal."""

    AccountId: str | None = None
    Amount: JsonAmount | None = None
    CloseDate: date | None = None
    IsClosed: bool | None = None
    IsWon: bool | None = None


class LineItem(Stamped, frozen=True, gc=False, kw_only=True):
    """What of a deal is sold, in which quantity and at which price."""

    OpportunityId: str | None = None
    Quantity: JsonAmount | None = None
    UnitPrice: JsonAmount | None = None
    TotalPrice: JsonAmount | None = None
    ServiceDate: date | None = None


class Schedule(Stamped, frozen=True, gc=False, kw_only=True):
    """One instalment of a line."""

    OpportunityLineItemId: str | None = None
    ScheduleDate: date | None = None
    Quantity: JsonAmount | None = None
    Revenue: JsonAmount | None = None


class History(Stamped, frozen=True, gc=False, kw_only=True):
    """A deal's stage, amount and close date from a moment on."""

    OpportunityId: str | None = None
    Amount: JsonAmount | None = None
    CloseDate: date | None = None


class PricebookEntry(Stamped, frozen=True, gc=False, kw_only=True):
    """A product's price in one book and one currency."""

    Product2Id: str | None = None
    UnitPrice: JsonAmount | None = None


class Contract(Stamped, frozen=True, gc=False, kw_only=True):
    """What was agreed with an account, and for how long."""

    AccountId: str | None = None
    StartDate: date | None = None
    EndDate: date | None = None


class CurrencyType(Stamped, frozen=True, gc=False, kw_only=True):
    """A currency of the organisation and its rate to the corporate one."""

    IsoCode: str | None = None
    ConversionRate: JsonAmount | None = None


@dataclass(frozen=True, kw_only=True)
class SalesforceObject(ObjectSpec):
    """``required`` fields must be shown beside the id and the ``stamp``; ``wished`` ones may be.

    An object is left out when the organisation does not show it, unless it ``is_indispensable``.
    """

    envelope: type[Envelope] = Stamped
    stamp: str = "SystemModstamp"
    required: tuple[str, ...] = ()
    wished: tuple[str, ...] = ()
    is_indispensable: bool = False
    unhashed: tuple[str, ...] = ("attributes",)
    mend: str = (
        "Open {subject} in Salesforce, correct its {field} and save it; the next run reads it"
    )

    def fingerprint(self, payload: bytes) -> str:
        """A number counts as its value and a field wherever it stands.

        A bulk job's CSV, made into JSON, may spell numbers in another way than a query's answer.
        """
        try:
            says = _DECODER.decode(payload)
        except msgspec.DecodeError:
            return fingerprint(payload, unhashed=self.unhashed)
        for name in self.unhashed:
            says.pop(name, None)
        return hashlib.sha256(_ENCODER.encode(says)).hexdigest()


def _number(text: str) -> int | Decimal:
    value = Decimal(text).normalize()
    is_whole = value == 0 or (0 <= value.adjusted() < WHOLE_NUMBER_DIGITS_MAX and value % 1 == 0)
    return int(value) if is_whole else value


_DECODER = msgspec.json.Decoder(dict[str, object], float_hook=_number)
_ENCODER = msgspec.json.Encoder(decimal_format="number", order="sorted")


OBJECTS = (
    SalesforceObject(
        name="accounts",
        vendor_name="Account",
        envelope=Account,
        is_indispensable=True,
        required=("Name",),
        wished=(
            "AccountNumber", "BillingCity", "BillingCountry", "BillingPostalCode", "BillingState",
            "BillingStreet", "CreatedById", "CreatedDate", "CurrencyIsoCode", "Industry",
            "IsDeleted", "LastModifiedDate", "MasterRecordId", "OwnerId", "ParentId", "Phone",
            "RecordTypeId", "ShippingCity", "ShippingCountry", "ShippingPostalCode",
            "ShippingState", "ShippingStreet", "Type", "Website",
        ),
    ),
    SalesforceObject(
        name="contacts",
        vendor_name="Contact",
        wished=(
            "AccountId", "CreatedDate", "Email", "FirstName", "IsDeleted", "LastModifiedDate",
            "LastName", "MailingCity", "MailingCountry", "MailingPostalCode", "MailingState",
            "MailingStreet", "MasterRecordId", "OwnerId", "Phone", "Title",
        ),
    ),
    SalesforceObject(
        name="opportunities",
        vendor_name="Opportunity",
        envelope=Opportunity,
        is_indispensable=True,
        required=("AccountId", "CloseDate", "IsClosed", "IsWon", "StageName"),
        wished=(
            "Amount", "ContractId", "CreatedDate", "CurrencyIsoCode", "ForecastCategoryName",
            "HasOpportunityLineItem", "IsDeleted", "LastModifiedDate", "LeadSource", "Name",
            "OwnerId", "Pricebook2Id", "Probability", "RecordTypeId", "Type",
        ),
    ),
    SalesforceObject(
        name="opportunity_line_items",
        vendor_name="OpportunityLineItem",
        envelope=LineItem,
        required=("OpportunityId", "Quantity", "TotalPrice", "UnitPrice"),
        wished=(
            "CreatedDate", "CurrencyIsoCode", "Description", "Discount", "IsDeleted",
            "LastModifiedDate", "ListPrice", "Name", "PricebookEntryId", "Product2Id",
            "ProductCode", "ServiceDate", "SortOrder", "Subtotal",
        ),
    ),
    SalesforceObject(
        name="opportunity_line_item_schedules",
        vendor_name="OpportunityLineItemSchedule",
        envelope=Schedule,
        required=("OpportunityLineItemId", "ScheduleDate", "Type"),
        wished=(
            "CreatedDate", "CurrencyIsoCode", "Description", "IsDeleted", "LastModifiedDate",
            "Quantity", "Revenue",
        ),
    ),
    SalesforceObject(
        name="opportunity_history",
        vendor_name="OpportunityHistory",
        envelope=History,
        required=("CreatedDate", "OpportunityId", "StageName"),
        wished=(
            "Amount", "CloseDate", "CreatedById", "CurrencyIsoCode", "ExpectedRevenue",
            "ForecastCategory", "IsDeleted", "PrevAmount", "PrevCloseDate", "Probability",
        ),
    ),
    SalesforceObject(
        name="opportunity_field_history",
        vendor_name="OpportunityFieldHistory",
        envelope=LogEntry,
        stamp="CreatedDate",
        required=("Field", "NewValue", "OldValue", "OpportunityId"),
        wished=("CreatedById", "DataType", "IsDeleted"),
    ),
    SalesforceObject(
        name="products",
        vendor_name="Product2",
        required=("Name",),
        wished=(
            "CreatedDate", "CurrencyIsoCode", "Description", "Family", "IsActive", "IsArchived",
            "IsDeleted", "LastModifiedDate", "ProductCode", "QuantityUnitOfMeasure",
            "StockKeepingUnit",
        ),
    ),
    SalesforceObject(
        name="pricebook_entries",
        vendor_name="PricebookEntry",
        envelope=PricebookEntry,
        required=("Pricebook2Id", "Product2Id", "UnitPrice"),
        wished=(
            "CreatedDate", "CurrencyIsoCode", "IsActive", "IsArchived", "IsDeleted",
            "LastModifiedDate", "Name", "ProductCode", "UseStandardPrice",
        ),
    ),
    SalesforceObject(
        name="users",
        vendor_name="User",
        is_indispensable=True,
        required=("Name",),
        wished=(
            "CreatedDate", "Department", "Email", "IsActive", "LastModifiedDate", "ManagerId",
            "ProfileId", "Title", "UserRoleId", "UserType", "Username",
        ),
    ),
    SalesforceObject(
        name="process_instances",
        vendor_name="ProcessInstance",
        required=("Status", "TargetObjectId"),
        wished=(
            "CompletedDate", "CreatedDate", "IsDeleted", "LastActorId", "LastModifiedDate",
            "ProcessDefinitionId", "SubmittedById",
        ),
    ),
    SalesforceObject(
        name="process_instance_steps",
        vendor_name="ProcessInstanceStep",
        required=("ProcessInstanceId", "StepStatus"),
        wished=(
            "ActorId", "Comments", "CreatedById", "CreatedDate", "OriginalActorId", "StepNodeId",
        ),
    ),
    SalesforceObject(
        name="contracts",
        vendor_name="Contract",
        envelope=Contract,
        required=("AccountId", "Status"),
        wished=(
            "ActivatedDate", "ContractNumber", "ContractTerm", "CreatedDate", "CurrencyIsoCode",
            "EndDate", "IsDeleted", "LastModifiedDate", "OwnerExpirationNotice", "OwnerId",
            "Pricebook2Id", "StartDate", "StatusCode",
        ),
    ),
    SalesforceObject(
        name="record_types",
        vendor_name="RecordType",
        required=("DeveloperName", "Name", "SobjectType"),
        wished=("Description", "IsActive"),
    ),
    SalesforceObject(
        name="currency_types",
        vendor_name="CurrencyType",
        envelope=CurrencyType,
        required=("ConversionRate", "IsoCode"),
        wished=("DecimalPlaces", "IsActive", "IsCorporate"),
    ),
)  # fmt: skip
TABLES = tuple(spec.name for spec in OBJECTS)
