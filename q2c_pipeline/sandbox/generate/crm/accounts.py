"""The firm's CRM accounts: its customers as sales sees them, and prospects.

Belongs here: which account stands for which customer, and which for none. Does not belong here:
deals and wire form.
"""

from typing import NamedTuple

from q2c_pipeline.sandbox.generate import names, profile
from q2c_pipeline.sandbox.generate.books.customers import Customer
from q2c_pipeline.sandbox.generate.chance import stream
from q2c_pipeline.sandbox.generate.days import SECONDS_PER_DAY, business_day_from
from q2c_pipeline.sandbox.generate.names import Address, Person

PROSPECT_SHARE = 5
#: Sales knows a company well before the books do.
ACCOUNT_LEAD_DAYS = 200
USERS = (
    ("Marta", "Oyelaran", True),
    ("Daniel", "Frost", True),
    ("Keiko", "Tanabe", True),
    ("Lars", "Mikkelsen", True),
    ("Renee", "Okafor", True),
    ("Paul", "Stavros", False),
)
FINANCE = (("Ingrid", "Solano", True), ("Tomas", "Adeyemi", True))
INDUSTRIES = ("Manufacturing", "Healthcare", "Retail", "Energy", "Media", "Technology")
HOLDING = "Holding Company"
REGIONS = {"CA": "West", "OR": "West", "NY": "Northeast", "CT": "Northeast", "TX": "South"}
ABROAD = "Europe"
SEGMENTS = ("Enterprise", "Mid-Market", "Small Business")


class CrmAccount(NamedTuple):
    """``number`` makes the id; ``customer`` is None for a prospect or a group's holding.

    ``is_linked`` says that the CRM names the QuickBooks customer; ``credit_limit`` in cents.
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
        is_linked=rank % 13 != 4 or customer.former_name is not None,
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
    day = business_day_from(profile.BOOKS_BEGIN + random.randrange(10, 850))
    return CrmAccount(
        number=count + 1 + position,
        name=f"{name.rsplit(' ', 1)[0]} {HOLDING}" if position == 0 else name,
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
    )


def is_holding(account: CrmAccount) -> bool:
    """Whether it stands for a group and buys nothing itself."""
    return account.name.endswith(HOLDING)
