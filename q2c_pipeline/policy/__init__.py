"""Business policy as reviewed data, with a schema that says what is wrong where.

Belongs here: the file and its shape. Does not belong here: the rules that use it, which are SQL.
"""

import re
from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any, Literal, Self

import yaml
from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationError,
    field_validator,
    model_validator,
)

from q2c_pipeline.core.errors import ConfigurationError

POLICY_FILE = Path(__file__).with_name("policy.yml")

CrmFieldName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z][A-Za-z0-9_]*$", max_length=80)]

CUSTOMER_RECORDS = {
    "quickbooks": "quickbooks/<realm>/<customer id>",
    "salesforce": "salesforce/<organisation>/<account id>",
    "hubspot": "hubspot/<portal>/<company id>",
}
"""How a customer record of each system is named."""


def _record_key(text: str) -> str:
    """The key by which models know the record that a person has named."""
    system, *rest = text.split("/")
    if system not in CUSTOMER_RECORDS:
        raise ValueError(
            f"{text} begins with no system that has customers; a record is named as one of"
            f" {', '.join(CUSTOMER_RECORDS.values())}"
        )
    if len(rest) != 2 or not all(re.fullmatch(r"[^\s:]+", part) for part in rest):
        raise ValueError(
            f"{text} names no record; one of {system} is named {CUSTOMER_RECORDS[system]}"
        )
    return ":".join((system, *rest))


RecordKey = Annotated[str, AfterValidator(_record_key)]


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Receivables(_Section):
    """Limits of the receivables marts."""

    hold_after_days: int = Field(ge=0, le=365)
    rounding_per_application: Decimal = Field(ge=0, le=Decimal("0.05"), decimal_places=2)


class Collection(_Section):
    """Over how many months, the newest included, the measures of collection look."""

    dso_months: int = Field(ge=1, le=12)
    collection_effectiveness_months: int = Field(ge=1, le=12)


class CashForecast(_Section):
    """What the cash forecast learns from, and for how long it is tried."""

    payment_history_months: int = Field(ge=3, le=120)
    longest_delay_days: int = Field(ge=30, le=720)
    backtest_months: int = Field(ge=1, le=60)


class DeferredRevenue(_Section):
    """How a line's description names its service period: two groups, the first and last day."""

    service_period_pattern: str

    @field_validator("service_period_pattern")
    @classmethod
    def _has_two_groups(cls, pattern: str) -> str:
        try:
            groups = re.compile(pattern).groups
        except re.error as error:
            raise ValueError(f"it is no regular expression: {error}") from None
        if groups != 2:
            raise ValueError(f"it needs two groups, the first and the last day, and has {groups}")
        return pattern


class Bridge(_Section):
    """Whose deals are, and when a deal is closed for billing."""

    default_entity: str | None = None
    quiet_days: int = Field(ge=1, le=730)
    billing_complete_values: tuple[str, ...] = ()
    billing_cancelled_values: tuple[str, ...] = ()


class DealMatching(_Section):
    """What it takes for a deal and an invoice that name each other nowhere to be linked."""

    purchase_order_fields: tuple[str, ...] = ()
    link_score_min: Decimal = Field(ge=0, le=1)
    link_margin_min: Decimal = Field(ge=0, le=1)


class Completeness(_Section):
    """What a deal must hold when it is approved."""

    required_deal_fields: tuple[
        Literal["purchase_order_number", "amount", "account", "lines"], ...
    ] = Field(min_length=1)


class HoursSaved(_Section):
    """Work that a document written automatically spares, by estimate."""

    minutes_per_invoice: Decimal = Field(ge=0, le=480, decimal_places=1)


class PilotScope(_Section):
    """Where billing is switched on; an empty list switches it on everywhere."""

    entities: tuple[str, ...] = ()
    regions: tuple[str, ...] = ()
    segments: tuple[str, ...] = ()


class Delivery(_Section):
    """Delivery statuses that release a billing unit; ``by_deal_type`` overrules the rest."""

    statuses: tuple[str, ...] = Field(min_length=1)
    by_deal_type: dict[str, Annotated[tuple[str, ...], Field(min_length=1)]] = {}


class Approver(_Section):
    """What people of a department and title may approve; a limit of None is no limit.

    ``amount_home_max`` in home currency.
    """

    department: str
    title: str
    amount_home_max: Decimal | None = Field(default=None, ge=0, decimal_places=2)
    discount_percent_max: Decimal | None = Field(default=None, ge=0, le=100, decimal_places=2)
    terms_days_max: int | None = Field(default=None, ge=0, le=365)
    may_write_off: bool = False


class TaxCodes(_Section):
    """Tax code of a line by the customer's tax status, for QuickBooks companies of one country."""

    taxable: str
    exempt: str


class ParallelRun(_Section):
    """When previews are near enough to what people wrote for billing to be switched on."""

    units_min: int = Field(ge=1)
    alike_percent_min: Decimal = Field(ge=0, le=100, decimal_places=2)


class Billing(_Section):
    """Which deals may be billed, by whose word, and how their invoices look."""

    billing_from: date
    pilot_scope: PilotScope = PilotScope()
    delivery: Delivery
    approvers: tuple[Approver, ...]
    discount_percent_max: Decimal = Field(ge=0, le=100, decimal_places=2)
    standard_terms: str
    standard_terms_days_max: int = Field(ge=0, le=365)
    purchase_order_segments: tuple[str, ...] = ()
    customer_active_values: tuple[str, ...] = Field(min_length=1)
    taxable_values: tuple[str, ...] = Field(min_length=1)
    exempt_values: tuple[str, ...] = ()
    tax_codes: TaxCodes
    duplicate_invoice_days: int = Field(ge=1, le=365)
    bill_to: Literal["parent", "location"]
    owned_customer_fields: tuple[Literal["billing_address", "billing_email"], ...] = ()
    class_from: Literal["region", "segment", "product_family"] | None = None
    department_from: Literal["region", "segment", "product_family"] | None = None
    free_mail_domains: tuple[str, ...] = ()
    parallel_run: ParallelRun

    @field_validator("approvers")
    @classmethod
    def _keeps_duties_apart(cls, approvers: tuple[Approver, ...]) -> tuple[Approver, ...]:
        both = [
            f"{approver.title} of {approver.department}"
            for approver in approvers
            if approver.may_write_off and approver.terms_days_max != 0
        ]
        if both:
            raise ValueError(
                f"{', '.join(both)} may approve credit terms and write off; nobody may do both:"
                " set terms_days_max to 0 or may_write_off to false"
            )
        return approvers


class MeasureGoal(_Section):
    """Where a measure stood before, and where it should go, both in the measure's unit."""

    baseline: Decimal | None = Field(default=None, decimal_places=2)
    target: Decimal | None = Field(default=None, decimal_places=2)


class AccountFields(_Section):
    """API names of custom fields of the CRM account."""

    quickbooks_customer_id: CrmFieldName | None = None
    credit_limit: CrmFieldName | None = None
    segment: CrmFieldName | None = None
    region: CrmFieldName | None = None
    legal_name: CrmFieldName | None = None
    billing_email: CrmFieldName | None = None
    payment_terms: CrmFieldName | None = None
    tax_status: CrmFieldName | None = None
    tax_certificate: CrmFieldName | None = None
    finance_status: CrmFieldName | None = None
    receivables_standing: CrmFieldName | None = None
    receivables_balance: CrmFieldName | None = None
    receivables_overdue: CrmFieldName | None = None
    receivables_currency: CrmFieldName | None = None
    receivables_as_of: CrmFieldName | None = None


class OpportunityFields(_Section):
    """API names of custom fields of the deal."""

    entity: CrmFieldName | None = None
    purchase_order_number: CrmFieldName | None = None
    quickbooks_invoice_ids: CrmFieldName | None = None
    quickbooks_invoice_numbers: CrmFieldName | None = None
    quickbooks_estimate_ids: CrmFieldName | None = None
    billing_status: CrmFieldName | None = None
    billing_closed_date: CrmFieldName | None = None
    delivery_status: CrmFieldName | None = None
    payment_terms: CrmFieldName | None = None
    invoice_status: CrmFieldName | None = None
    invoice_link: CrmFieldName | None = None
    invoiced_amount: CrmFieldName | None = None
    invoice_balance: CrmFieldName | None = None
    invoice_paid_date: CrmFieldName | None = None
    invoice_note: CrmFieldName | None = None


class InstalmentFields(_Section):
    """API names of custom fields of a deal line's schedule."""

    delivery_status: CrmFieldName | None = None


class CrmFields(_Section):
    """Custom fields of the CRM by object; None where the company has no such field."""

    account: AccountFields
    opportunity: OpportunityFields
    instalment: InstalmentFields = InstalmentFields()


class DealLink(_Section):
    """A person's word that an invoice bills a deal, or does not."""

    entity: str
    deal_id: str
    invoice_id: str
    decision: Literal["confirmed", "rejected"]
    why: str = Field(min_length=5)
    by: str = Field(min_length=2)


class DuplicateDecision(_Section):
    """A person's word that two customer records are the same customer, or are not.

    They are kept as ``system:entity:id``, in that order, whichever was named first.
    """

    left: RecordKey
    right: RecordKey
    decision: Literal["same", "different"]
    why: str = Field(min_length=5)
    by: str = Field(min_length=2)

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.left == self.right:
            raise ValueError(f"left and right are one record, {self.left}; name two")
        if self.left < self.right:
            return self
        return self.model_copy(update={"left": self.right, "right": self.left})


class Waiver(_Section):
    """An accepted tie-out difference: its exact ``disputed_amount``, why, how long, by whom."""

    entity: str
    measure: Literal["aged_receivables", "ar_control_account"]
    customer_id: str | None = None
    amount: Decimal = Field(decimal_places=2)
    why: str = Field(min_length=5)
    until: date
    by: str = Field(min_length=2)


class Policy(_Section):
    """The whole file."""

    receivables: Receivables
    collection: Collection
    cash_forecast: CashForecast
    deferred_revenue: DeferredRevenue
    bridge: Bridge
    deal_matching: DealMatching
    completeness: Completeness
    hours_saved: HoursSaved
    billing: Billing
    measures: dict[str, MeasureGoal] = {}
    crm_fields: CrmFields
    deal_links: tuple[DealLink, ...] = ()
    duplicate_decisions: tuple[DuplicateDecision, ...] = ()
    waivers: tuple[Waiver, ...] = ()

    @field_validator("deal_links")
    @classmethod
    def _decides_a_link_once(cls, links: tuple[DealLink, ...]) -> tuple[DealLink, ...]:
        _refuse_repeated(
            f"deal {link.deal_id} and invoice {link.invoice_id} of {link.entity}" for link in links
        )
        return links

    @field_validator("duplicate_decisions")
    @classmethod
    def _decides_a_pair_once(
        cls, decisions: tuple[DuplicateDecision, ...]
    ) -> tuple[DuplicateDecision, ...]:
        _refuse_repeated(f"{decision.left} and {decision.right}" for decision in decisions)
        return decisions


def _refuse_repeated(pairs: Iterable[str]) -> None:
    """Raises ValueError that says which entries, counted from 1, decide the same."""
    numbers: dict[str, int] = {}
    for number, pair in enumerate(pairs, start=1):
        if pair in numbers:
            raise ValueError(
                f"entries {numbers[pair]} and {number} both decide {pair}; keep one of them"
            )
        numbers[pair] = number


class _PolicyLoader(yaml.SafeLoader):
    """Reads 0.01 as text, so that an amount never becomes a float, and takes no name twice."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        names = set()
        for key, _ in node.value:
            if key.value in names:
                raise yaml.constructor.ConstructorError(
                    None, None, f"{key.value} is there twice", key.start_mark
                )
            names.add(key.value)
        return super().construct_mapping(node, deep)


_PolicyLoader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:float"]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def read_policy(path: Path = POLICY_FILE) -> Policy:
    """The policy of a file.

    Raises ConfigurationError with the file, the line and the mend.
    """
    try:
        text = path.read_text()
        document = yaml.load(text, Loader=_PolicyLoader)  # noqa: S506  it extends SafeLoader
        return Policy.model_validate(document)
    except OSError as error:
        raise ConfigurationError(f"{path} cannot be read: {error.strerror}.") from None
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = f", line {mark.line + 1}" if mark else ""
        problem = getattr(error, "problem", None) or "it is no YAML"
        raise ConfigurationError(f"{path}{line}: {problem}. Mend the file.") from None
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        place = [str(part) for part in first["loc"]]
        number = _line_of(yaml.compose(text), first["loc"])
        raise ConfigurationError(
            f"{path}, line {number}: {'.'.join(place) or 'the file'}: {first['msg']}."
            " Mend the value or take the line out."
        ) from None


def _line_of(node: yaml.Node | None, location: Sequence[int | str]) -> int:
    """Line of the deepest node on the way to ``location``, counted from 1."""
    line = 1
    for part in location:
        if isinstance(node, yaml.MappingNode):
            pair = next(((key, value) for key, value in node.value if key.value == part), None)
            if pair is None:
                break
            line, node = pair[0].start_mark.line + 1, pair[1]
        elif isinstance(node, yaml.SequenceNode) and isinstance(part, int):
            node = node.value[part]
            line = node.start_mark.line + 1
    return line
