"""The firm's CRM accounts: its customers as sales sees them, and prospects.

Belongs here: which account stands for which customer, and which for none. Does not belong here:
deals and wire form.
"""

from dataclasses import dataclass
from random import Random
from typing import NamedTuple

from q2c_pipeline.sandbox.generate import names, profile
from q2c_pipeline.sandbox.generate.books import catalogue
from q2c_pipeline.sandbox.generate.books.customers import Customer
from q2c_pipeline.sandbox.generate.chance import stream
from q2c_pipeline.sandbox.generate.days import SECONDS_PER_DAY, business_day_from
from q2c_pipeline.sandbox.generate.names import Address, Person

PROSPECT_SHARE = 5
#: Sales knows a company well before the books do.
ACCOUNT_LEAD_DAYS = 200


class User(NamedTuple):
    given: str
    family: str
    is_active: bool = True
    department: str = "Sales"
    title: str = "Account Executive"


USERS = (
    User("Marta", "Oyelaran"),
    User("Daniel", "Frost"),
    User("Keiko", "Tanabe"),
    User("Lars", "Mikkelsen"),
    User("Renee", "Okafor"),
    User("Paul", "Stavros", is_active=False),
)
#: Who reviews deals day by day.
FINANCE = (
    User("Ingrid", "Solano", department="Finance", title="Controller"),
    User("Tomas", "Adeyemi", department="Finance", title="Billing Manager"),
)
EVERYBODY = (
    *USERS,
    *FINANCE,
    User("Miriam", "Kessler", department="Finance", title="Collections Lead"),
    User("Hugo", "Lemaire", is_active=False, department="Finance", title="Billing Manager"),
)
CONTROLLER, BILLING_MANAGER, COLLECTIONS_LEAD, FORMER_BILLING_MANAGER = range(
    len(USERS), len(EVERYBODY)
)
INDUSTRIES = ("Manufacturing", "Healthcare", "Retail", "Energy", "Media", "Technology")
HOLDING = "Holding Company"
REGIONS = {"CA": "West", "OR": "West", "NY": "Northeast", "CT": "Northeast", "TX": "South"}
ABROAD = "Europe"
SEGMENTS = ("Enterprise", "Mid-Market", "Small Business")
ACTIVE, INACTIVE, NOT_YET_ACTIVE = "Active", "Inactive", "In Review"
TAXABLE, EXEMPT = "Taxable", "Exempt"
STANDARD_TERM = next(term for term in catalogue.TERMS if term.name == "Net 30")


@dataclass(slots=True)
class BillingProfile:
    """What finance keeps on an account, so that it can be billed."""

    legal_name: str
    terms: str
    tax_status: str
    certificate: str
    finance_status: str
    has_mail: bool = True


class CrmAccount(NamedTuple):
    """``number`` makes the id; ``customer`` is None for a prospect or a group's holding.

    ``is_linked`` says that the CRM names the QuickBooks customer; ``credit_limit`` in cents.
    ``host`` and ``mailbox`` are empty where they follow from the name. ``is_twin`` says that
    another account stands for the same company.
    """

    number: int
    name: str
    customer: Customer | None
    is_linked: bool
    parent: int | None
    owner: int
    person: Person
    address: Address
    phone: str
    segment: str
    industry: str
    credit_limit: int | None
    currency: str
    created: int
    billing: BillingProfile
    host: str = ""
    mailbox: str = ""
    is_twin: bool = False

    @property
    def mail_host(self) -> str:
        return self.host or names.mail_host(self.name)

    @property
    def region(self) -> str:
        return REGIONS.get(self.address.state, ABROAD)


def make_accounts(seed: int, customers: list[Customer]) -> list[CrmAccount]:
    """An account for each customer, in their order, then the prospects."""
    accounts = [_of_customer(customer, len(customers)) for customer in customers]
    for position in range(max(len(customers) // PROSPECT_SHARE, 2)):
        accounts.append(_prospect(seed, len(customers), position))
    return accounts


def number_of(customer: Customer) -> int:
    return customer.rank + 1


def _of_customer(customer: Customer, count: int) -> CrmAccount:
    rank = customer.rank
    parent = number_of(customer.parent) if customer.parent else None
    is_in_group = customer.parent is None and rank % 17 == 6
    return CrmAccount(
        number=number_of(customer),
        name=customer.former_name or customer.name,
        customer=customer,
        is_linked=customer.is_linked,
        parent=count + 1 if is_in_group else parent,
        owner=rank % len(USERS),
        person=customer.person,
        address=customer.address,
        phone=customer.phone,
        segment=_segment(rank, count),
        industry=INDUSTRIES[rank % len(INDUSTRIES)],
        credit_limit=None if rank % 4 == 3 else _credit_limit(rank),
        currency=customer.currency,
        created=customer.created - ACCOUNT_LEAD_DAYS * SECONDS_PER_DAY,
        billing=profile_of_customer(customer),
    )


def profile_of_customer(customer: Customer) -> BillingProfile:
    """As the books have it: whoever is charged no tax there has shown why."""
    is_taxable = customer.tax_code is not None and not customer.is_exempt
    return BillingProfile(
        legal_name=customer.company_name or customer.name,
        terms=customer.term.name,
        tax_status=TAXABLE if is_taxable else EXEMPT,
        certificate="" if is_taxable else customer.certificate,
        finance_status=ACTIVE if customer.is_active else INACTIVE,
    )


def _segment(rank: int, count: int) -> str:
    if rank * 12 < count:
        return SEGMENTS[0]
    return SEGMENTS[1] if rank * 3 < count else SEGMENTS[2]


def _credit_limit(rank: int) -> int:
    return max(40_000_000 // (rank + 1), 1_000_000) // 100_000 * 100_000


def _prospect(seed: int, count: int, position: int) -> CrmAccount:
    """The first prospect is the holding that some customers belong to."""
    random = stream(seed, "prospect", position)
    name = names.company_name(count + position, foreign=False)
    name = f"{name.rsplit(' ', 1)[0]} {HOLDING}" if position == 0 else name
    return prospect(count + 1 + position, name, random)


def prospect(number: int, name: str, random: Random) -> CrmAccount:
    """A company that the books do not know."""
    day = business_day_from(profile.BOOKS_BEGIN + random.randrange(10, 850))
    return CrmAccount(
        number=number,
        name=name,
        customer=None,
        is_linked=False,
        parent=None,
        owner=random.randrange(len(USERS)),
        person=names.person(random),
        address=names.address(random, random.choice(names.STATES)),
        phone=names.phone(random),
        segment=SEGMENTS[2],
        industry=random.choice(INDUSTRIES),
        credit_limit=None,
        currency=profile.HOME_CURRENCY,
        created=day * SECONDS_PER_DAY + 8 * 3600,
        billing=BillingProfile(name, STANDARD_TERM.name, TAXABLE, "", NOT_YET_ACTIVE),
    )


def active_owner(account: CrmAccount) -> int:
    """Who left has handed over what is not done."""
    is_there = USERS[account.owner].is_active
    return account.owner if is_there else account.number % (len(USERS) - 1)


def is_holding(account: CrmAccount) -> bool:
    """Whether it stands for a group and buys nothing itself."""
    return account.name.endswith(HOLDING)
