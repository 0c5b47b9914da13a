"""The firm's customers: a few big ones, a long tail, each with habits of its own.

Belongs here: who they are and how they pay. Does not belong here: their documents. Every
particular is decided by the customer's rank and its own stream of randomness, so that one more
invoice elsewhere changes nothing here.
"""

from dataclasses import dataclass, field
from enum import Enum
from random import Random

from q2c_pipeline.sandbox.generate import names, profile
from q2c_pipeline.sandbox.generate.books import catalogue
from q2c_pipeline.sandbox.generate.books.catalogue import TaxCode, Term
from q2c_pipeline.sandbox.generate.chance import stream
from q2c_pipeline.sandbox.generate.days import SECONDS_PER_DAY, business_day_from
from q2c_pipeline.sandbox.generate.names import Address, Person


class Habit(Enum):
    """How many days after the due date (from, to) money usually comes."""

    PROMPT = (-4, 2)
    USUAL = (0, 14)
    LATE = (12, 48)
    VERY_LATE = (45, 120)


@dataclass(slots=True, eq=False)
class Customer:
    """``since`` and ``until`` bound its invoices; ``goes_bad`` is the day it stops paying.

    Filled in when the books are settled: ``balance`` in cents of the customer's currency, and of
    what is open on the clock's date, ``owed_home`` in home cents and ``oldest_due``, the day on
    which the oldest charge fell due.

    ``company_name``, ``mail`` and ``own_certificate`` are empty where they follow from name and id;
    ``has_account`` says that the CRM knows it.
    """

    rank: int
    id: int
    name: str
    currency: str
    habit: Habit
    term: Term
    since: int
    until: int
    weight: float
    price_percent: int
    person: Person
    address: Address
    phone: str
    tax_code: TaxCode | None
    method: int
    created: int
    is_exempt: bool = False
    has_payment_run: bool = False
    goes_bad: int | None = None
    parent: "Customer | None" = None
    bills_with_parent: bool = False
    former_name: str | None = None
    is_active: bool = True
    has_account: bool = True
    company_name: str = ""
    mail: str = ""
    own_certificate: str = ""
    balance: int = 0
    owed_home: int = 0
    oldest_due: int | None = None
    jobs: list["Customer"] = field(default_factory=list)
    updated: int = 0

    @property
    def full_name(self) -> str:
        return f"{self.parent.full_name}:{self.name}" if self.parent else self.name

    @property
    def is_foreign(self) -> bool:
        return self.currency != profile.HOME_CURRENCY

    @property
    def certificate(self) -> str:
        return self.own_certificate or f"R-{10_000 + self.id}"

    @property
    def is_linked(self) -> bool:
        """Whether the CRM names it by its id."""
        return self.has_account and (self.rank % 13 != 4 or self.former_name is not None)

    @property
    def balance_with_jobs(self) -> int:
        return self.balance + sum(job.balance for job in self.jobs)

    def owe(self, home: int, due: int) -> None:
        """Something is open: a charge, or below zero a credit."""
        self.owed_home += home
        if home > 0:
            self.oldest_due = due if self.oldest_due is None else min(due, self.oldest_due)


JOB_NAMES = ("Warehouse Rollout", "Branch Offices", "Cloud Migration", "Plant Two", "Clinic Portal")


def customer_count(invoices: int) -> int:
    return int(1.2 * float(invoices) ** 0.62)


def make_customers(seed: int, invoices: int) -> list[Customer]:
    """By falling size; a job follows its parent at once."""
    count = customer_count(invoices)
    customers: list[Customer] = []
    for rank in range(count):
        random = stream(seed, "customer", rank)
        is_job = rank % 10 == 9
        customers.append(_job(customers[-1], rank, random) if is_job else _customer(rank, random))
    for customer in [each for each in customers if not each.parent and not each.jobs][-2:]:
        _retire(customer)
    return customers


def _customer(rank: int, random: Random) -> Customer:
    is_foreign = rank % 8 == 5
    name = names.company_name(rank, foreign=is_foreign)
    state = None if is_foreign else names.STATES[rank % len(names.STATES)]
    is_late_comer = rank > 6 and random.random() < 0.6
    begin = profile.BOOKS_BEGIN
    since = begin + (random.randrange(20, 760) if is_late_comer else 0)
    habits = (Habit.PROMPT, Habit.USUAL, Habit.USUAL, Habit.LATE, Habit.PROMPT, Habit.VERY_LATE)
    is_renamed = rank % 50 == 3
    return Customer(
        rank=rank,
        id=rank + 1,
        name=names.grown_name(name) if is_renamed else name,
        former_name=name if is_renamed else None,
        currency=profile.FOREIGN_CURRENCY if is_foreign else profile.HOME_CURRENCY,
        habit=habits[rank % len(habits)],
        term=catalogue.TERMS[random.choice((0, 1, 2, 2, 2, 3, 4))],
        since=since,
        until=profile.LAST_DAY,
        weight=1.0 / (rank + 2),
        price_percent=random.choice((85, 90, 95, 100, 100, 100, 105, 110)),
        person=names.person(random),
        address=names.address(random, state),
        phone=names.phone(random),
        tax_code=catalogue.TAX_CODE_OF_STATE.get(state or ""),
        is_exempt=rank % 7 == 2,
        has_payment_run=rank % 5 == 1,
        goes_bad=begin + 600 if rank % 40 == 7 else None,
        method=catalogue.WIRE if is_foreign else random.choice((2, 2, 3, 4, 4)),
        created=_first_entry(since),
    )


def _job(parent: Customer, rank: int, random: Random) -> Customer:
    job = _customer(rank, random)
    job.parent = parent
    job.name = f"{parent.name.rsplit(' ', 1)[0]} {JOB_NAMES[rank // 10 % len(JOB_NAMES)]}"
    job.former_name = None
    job.bills_with_parent = rank % 20 == 9
    job.currency, job.term, job.habit = parent.currency, parent.term, parent.habit
    job.tax_code, job.is_exempt, job.method = parent.tax_code, parent.is_exempt, parent.method
    job.address = parent.address
    job.since, job.created = parent.since, parent.created + 600
    parent.jobs.append(job)
    return job


def _retire(customer: Customer) -> None:
    """A customer of the first year that paid everything and was made inactive."""
    customer.since, customer.until = profile.BOOKS_BEGIN, profile.BOOKS_BEGIN + 240
    customer.created = min(customer.created, _first_entry(customer.since))
    customer.habit, customer.goes_bad, customer.is_active = Habit.PROMPT, None, False


def _first_entry(since: int) -> int:
    """When the customer was entered: the first office day of the books, or when it came."""
    day = business_day_from(max(since - 2, profile.BOOKS_BEGIN))
    return day * SECONDS_PER_DAY + 6 * 3600
