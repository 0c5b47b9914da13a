"""What a deal is: its lines, how it was billed, and what is known to differ.

Belongs here: the forms. Does not belong here: how a deal comes about. Amounts are cents in the
deal's currency, net of tax, but for those of a variance, which are in home currency.
"""

from dataclasses import dataclass, field
from enum import Enum
from typing import NamedTuple

from q2c_pipeline.sandbox.generate.books.customers import Customer
from q2c_pipeline.sandbox.generate.books.documents import Invoice, SalesLine
from q2c_pipeline.sandbox.generate.crm.accounts import CrmAccount
from q2c_pipeline.sandbox.generate.crm.products import Product
from q2c_pipeline.sandbox.generate.crm.stages import LOST, WON, Step
from q2c_pipeline.sandbox.generate.days import SECONDS_PER_DAY
from q2c_pipeline.sandbox.generate.money import share

#: Whoever writes an invoice's id or number on the deal does it within the hour.
WRITTEN_AFTER = 3_600
END_OF_OFFICE = 15 * 3600


class Kind(Enum):
    NEW = "New Customer"
    EXPANSION = "Existing Customer - Expansion"
    RENEWAL = "Renewal"


class Evidence(Enum):
    """What ties an invoice to its deal, from hard to none."""

    STORED_ID = "stored_id"
    ESTIMATE = "estimate"
    PURCHASE_ORDER = "purchase_order"
    DOCUMENT_NUMBER = "document_number"
    NONE = "none"


class Instalment(NamedTuple):
    """Planned for ``day``; ``quantity`` in hundredths.

    Without a ``delivery`` of its own, the deal's holds.
    """

    day: int
    quantity: int
    amount: int
    delivery: str = ""


@dataclass(slots=True, eq=False)
class DealLine:
    """``quantity`` in hundredths and ``price`` in cents, with an exact product.

    ``discount`` is in percent; ``description`` is the product's own, unless somebody wrote another.
    """

    product: Product
    quantity: int
    price: int
    created: int = 0
    modified: int = 0
    instalments: tuple[Instalment, ...] = ()
    description: str = ""
    discount: int = 0

    @property
    def gross(self) -> int:
        return self.quantity * self.price // 100

    @property
    def amount(self) -> int:
        return share(self.gross, 100 - self.discount, 100) if self.discount else self.gross


class Billing(NamedTuple):
    """What an invoice bills of the deal: all of it, or the lines of it that are the deal's."""

    invoice: Invoice
    lines: tuple[SalesLine, ...]

    @property
    def net(self) -> int:
        is_whole = len(self.lines) == len(self.invoice.lines)
        return self.invoice.net if is_whole else sum(line.amount for line in self.lines)


class Variance(NamedTuple):
    """A whole contribution to the bridge; ``day`` is some day of its month."""

    section: str
    category: str
    day: int
    cents: int
    invoice: Invoice | None = None


APPROVED, PENDING, REJECTED = "Approved", "Pending", "Rejected"


class Approval(NamedTuple):
    """``submitted`` and ``completed`` are moments; the deal's owner submitted it, or somebody."""

    submitted: int
    completed: int
    approver: int
    status: str = APPROVED
    submitter: int | None = None


@dataclass(slots=True, eq=False)
class Deal:
    """``amount`` is the present one; ``steps`` run from creation to now.

    ``case`` names what was planted on the deal; without one it was billed exactly as booked.
    ``leaked`` is what was forgotten to be billed. ``currency_apart`` and ``terms`` are the deal's
    own, where it does not follow its account.
    """

    account: CrmAccount
    name: str
    kind: Kind
    lead_source: str
    owner: int
    close_day: int
    amount: int | None = None
    lines: list[DealLine] = field(default_factory=list)
    billings: list[Billing] = field(default_factory=list)
    steps: list[Step] = field(default_factory=list)
    number: int = 0
    case: str = ""
    variances: list[Variance] = field(default_factory=list)
    leaked: int = 0
    evidence: Evidence = Evidence.NONE
    purchase_order: str = ""
    approval: Approval | None = None
    billing_status: str = ""
    billing_closed: int | None = None
    currency_at_first: str = ""
    currency_apart: str = ""
    delivery: str = ""
    terms: str = ""
    deleted: int | None = None

    @property
    def customer(self) -> Customer | None:
        return self.account.customer

    @property
    def currency(self) -> str:
        return self.currency_apart or self.account.currency

    @property
    def created(self) -> int:
        return self.steps[0].moment

    @property
    def last_step(self) -> Step:
        return self.steps[-1]

    @property
    def is_won(self) -> bool:
        return self.last_step.stage is WON

    @property
    def status(self) -> str:
        if self.deleted is not None:
            return "deleted"
        return {WON: "won", LOST: "lost"}.get(self.last_step.stage, "open")

    def differ(
        self, section: str, category: str, day: int, cents: int, invoice: Invoice | None = None
    ) -> None:
        """Remembers a contribution, unless it comes to nothing."""
        if cents:
            self.variances.append(Variance(section, category, day, cents, invoice))

    def total_lines(self) -> None:
        self.amount = sum(line.amount for line in self.lines)


def submitter(deal: Deal, approval: Approval) -> int:
    return deal.owner if approval.submitter is None else approval.submitter


def last_modified(deal: Deal) -> int:
    """The last of its steps, its lines, its notes of invoices, its closing and its deletion."""
    moments = [deal.last_step.moment, deal.deleted or 0, *(line.modified for line in deal.lines)]
    if deal.evidence in (Evidence.STORED_ID, Evidence.DOCUMENT_NUMBER):
        moments += [billing.invoice.created + WRITTEN_AFTER for billing in deal.billings]
    if deal.billing_closed is not None:
        moments.append(deal.billing_closed * SECONDS_PER_DAY + END_OF_OFFICE)
    return max(moments)
