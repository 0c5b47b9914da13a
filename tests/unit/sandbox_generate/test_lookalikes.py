"""Records that look alike: the answers name what is there, and each pair is what its kind says."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from decimal import Decimal
from itertools import combinations
from typing import NamedTuple

import pytest

from q2c_pipeline.sandbox.generate import generate
from q2c_pipeline.sandbox.generate.duplicate_answers import (
    BY_ID,
    BY_NAME,
    DIFFERENT,
    DUPLICATE,
    JOB,
    LINK,
    TWO_TWINS,
)

from .company_folder import Folder

Key = tuple[str, str, str]
SYSTEMS = ("quickbooks", "salesforce")


class Entry(NamedTuple):
    """What a record of either system says of a company."""

    id: str
    name: str
    legal_name: str
    street: str
    city: str
    postal_code: str
    phone: str
    mail: str
    certificate: str | None
    parent: str | None
    family: str

    @property
    def host(self) -> str:
        return self.mail.partition("@")[2]

    @property
    def place(self) -> tuple[str, str]:
        return self.city, self.postal_code

    @property
    def address(self) -> tuple[str, str, str]:
        return self.street, self.city, self.postal_code

    @property
    def digits(self) -> str:
        """Of the number itself, without country and extension."""
        digits = "".join(filter(str.isdigit, self.phone.partition(" ext")[0]))
        return digits[-10:]

    @property
    def words(self) -> list[str]:
        return self.name.split()


class Pair(NamedTuple):
    left: Key
    right: Key
    verdict: str
    kind: str


class Truth:
    """The pairs of the answers, and every record that they may name."""

    def __init__(self, company: Folder) -> None:
        self.company = company
        self.pairs = [
            Pair(
                (row["left_system"], row["left_entity"], row["left_id"]),
                (row["right_system"], row["right_entity"], row["right_id"]),
                row["verdict"],
                row["kind"],
            )
            for row in company.answers("duplicates")
        ]
        self.entries = dict(self._customers()) | dict(self._accounts())

    def _customers(self) -> Iterator[tuple[Key, Entry]]:
        for each in self.company.books("Customer"):
            place = each["BillAddr"]
            yield (
                ("quickbooks", "9130357412486620417", each["Id"]),
                Entry(
                    each["Id"],
                    each["DisplayName"],
                    each["CompanyName"],
                    place["Line1"],
                    place["City"],
                    place["PostalCode"],
                    each.get("PrimaryPhone", {}).get("FreeFormNumber", ""),
                    each["PrimaryEmailAddr"]["Address"],
                    each.get("ResaleNum"),
                    each.get("ParentRef", {}).get("value"),
                    each["FamilyName"],
                ),
            )

    def _accounts(self) -> Iterator[tuple[Key, Entry]]:
        families = {each["AccountId"]: each["LastName"] for each in self.company.crm("Contact")}
        for each in self.company.crm("Account"):
            yield (
                ("salesforce", "00DHp00000LvA7eMAF", each["Id"]),
                Entry(
                    each["Id"],
                    each["Name"],
                    each["Legal_Name__c"],
                    each["BillingStreet"],
                    each["BillingCity"],
                    each["BillingPostalCode"],
                    each["Phone"] or "",
                    each["Billing_Email__c"] or "",
                    each["Tax_Certificate__c"],
                    each["ParentId"],
                    families[each["Id"]],
                ),
            )

    def within(self, system: str, verdict: str) -> list[Pair]:
        return [
            pair
            for pair in self.pairs
            if pair.verdict == verdict and pair.left[0] == pair.right[0] == system
        ]


@pytest.fixture(scope="module", params=[300, 3000])
def truth(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Truth:
    path = tmp_path_factory.mktemp("lookalikes") / "company"
    generate(path, seed=2, invoices=request.param)
    return Truth(Folder(path))


def _first_word(entry: Entry) -> str:
    return entry.words[0].casefold()


def _is_child(one: Entry, other: Entry) -> bool:
    return one.id == other.parent or other.id == one.parent


#: What the two records of a pair have in common, or not, by kind; either may be the first.
SHOWN: dict[str, Callable[[Entry, Entry], bool]] = {
    "tax_id": lambda one, other: (
        one.certificate is not None
        and one.certificate == other.certificate
        and one.name != other.name
        and one.street != other.street
    ),
    "legal_form": lambda one, other: (
        one.words[:2] == other.words[:2] and one.name != other.name and one.address == other.address
    ),
    "typo": lambda one, other: (
        len(one.words) == len(other.words)
        and sum(a != b for a, b in zip(one.words, other.words, strict=True)) == 1
    ),
    "word_order": lambda one, other: (
        one.words != other.words and sorted(one.words) == sorted(other.words)
    ),
    "phone": lambda one, other: one.phone != other.phone and one.digits == other.digits,
    "address": lambda one, other: (
        one.street != other.street
        and one.street.split()[:1] == other.street.split()[:1]
        and one.place == other.place
    ),
    "domain_and_address": lambda one, other: (
        one.address == other.address
        and one.digits != other.digits
        and not set(one.words[:-1]) & set(other.words[:-1])
    ),
    "trade_name": lambda one, other: (
        one.legal_name == other.legal_name
        and one.name != other.name
        and one.legal_name in (one.name, other.name)
    ),
    "trailing_note": lambda one, other: max(one.name, other.name, key=len).startswith(
        min(one.name, other.name, key=len)
    ),
    "abbreviation": lambda one, other: one.name != other.name and one.address == other.address,
    "acronym": lambda one, other: (
        min(map(len, (one.words[0], other.words[0]))) <= 4
        and one.host == other.host
        and one.place == other.place
    ),
    "accents": lambda one, other: one.name.isascii() is not other.name.isascii(),
    "branch": lambda one, other: one.legal_name == other.legal_name and one.place != other.place,
    "subsidiary": lambda one, other: (
        _is_child(one, other)
        and one.street != other.street
        and _first_word(one) == _first_word(other)
    ),
    "subsidiary_by_name": lambda one, other: (
        one.address != other.address
        and _first_word(one) == _first_word(other)
        and not _is_child(one, other)
    ),
    "switchboard": lambda one, other: one.phone == other.phone and one.street != other.street,
    "franchise": lambda one, other: (
        one.name.partition("#")[0] == other.name.partition("#")[0]
        and one.legal_name != other.legal_name
    ),
    "billing_agent": lambda one, other: (
        one.address == other.address and one.street.startswith("c/o ") and one.host != other.host
    ),
    "free_mail": lambda one, other: (
        one.host == other.host == "gmail.com" and one.mail != other.mail
    ),
    "family_name": lambda one, other: (
        one.family == other.family == one.words[-1] == other.words[-1]
        and one.address != other.address
    ),
    "telling_word": lambda one, other: (
        len(set(one.words) ^ set(other.words)) == 2 and one.place == other.place
    ),
    JOB: lambda one, other: _is_child(one, other) and one.address == other.address,
}
TRAPS = (
    "branch",
    "subsidiary",
    "subsidiary_by_name",
    "switchboard",
    "franchise",
    "billing_agent",
    "free_mail",
    "family_name",
    "telling_word",
    JOB,
)
DIRT = SHOWN.keys() - set(TRAPS)


def test_each_pair_is_what_its_kind_says(truth: Truth) -> None:
    for system in SYSTEMS:
        for pair in truth.within(system, DUPLICATE) + truth.within(system, DIFFERENT):
            if pair.kind != TWO_TWINS:
                one, other = truth.entries[pair.left], truth.entries[pair.right]
                assert SHOWN[pair.kind](one, other), (pair.kind, one, other)


@pytest.mark.parametrize("system", SYSTEMS)
def test_every_kind_is_there_and_their_number_grows_with_the_company(
    truth: Truth, system: str
) -> None:
    dirt = Counter(pair.kind for pair in truth.within(system, DUPLICATE))
    traps = Counter(pair.kind for pair in truth.within(system, DIFFERENT))
    assert dirt.keys() == DIRT | {TWO_TWINS}
    assert traps.keys() == set(TRAPS)
    is_large = len(truth.company.books("Invoice")) > 3000
    assert min(dirt.values()) >= (3 if is_large else 1)
    assert min(traps.values()) >= (3 if is_large else 1)
    if is_large:
        assert 30 <= sum(dirt.values()) <= 60
        assert 25 <= sum(traps.values()) - traps[JOB] <= 35


def test_pairs_name_records_that_exist_once_and_in_order(truth: Truth) -> None:
    ordered = [(pair.left, pair.right) for pair in truth.pairs]
    assert ordered == sorted(set(ordered))
    for left, right in ordered:
        assert left < right
        assert {left, right} <= truth.entries.keys()


def test_verdicts_agree_with_each_other(truth: Truth) -> None:
    """All records of one company are named with each other, and never as different."""
    companies: dict[Key, set[Key]] = defaultdict(set)
    same = [pair for pair in truth.pairs if pair.verdict != DIFFERENT]
    for pair in same:
        merged = {pair.left, pair.right} | companies[pair.left] | companies[pair.right]
        for record in merged:
            companies[record] = merged
    named = {frozenset((pair.left, pair.right)): pair.verdict for pair in truth.pairs}
    for records in companies.values():
        for one, other in combinations(records, 2):
            expected = DUPLICATE if one[0] == other[0] else LINK
            assert named[frozenset((one, other))] == expected
    sizes = Counter(map(len, {id(each): each for each in companies.values()}.values()))
    assert sizes[2] > sizes[3] > 0
    assert sizes[4] > 0
    for pair in truth.pairs:
        if pair.verdict == DIFFERENT:
            assert pair.right not in companies[pair.left]


def test_every_account_that_names_a_customer_is_linked_with_it(truth: Truth) -> None:
    tied = {
        (pair.left[2], pair.right[2])
        for pair in truth.pairs
        if pair.verdict == LINK and pair.kind == BY_ID
    }
    stored = {
        (each["QBO_Customer_Id__c"], each["Id"])
        for each in truth.company.crm("Account")
        if each["QBO_Customer_Id__c"]
    }
    assert tied == stored
    by_name = [pair for pair in truth.pairs if pair.kind == BY_NAME]
    assert by_name
    for pair in by_name:
        assert truth.entries[pair.left].name == truth.entries[pair.right].name


def test_display_names_are_unique_among_all_who_share_them(truth: Truth) -> None:
    names = [
        each["DisplayName"].casefold()
        for entity in ("Customer", "Vendor", "Employee")
        for each in truth.company.books(entity)
    ]
    assert len(names) == len(set(names))


def test_balances_are_split_and_money_is_booked_to_the_wrong_twin(truth: Truth) -> None:
    owed = {each["Id"]: each["Balance"] for each in truth.company.books("Customer")}
    billed = {each["CustomerRef"]["value"] for each in truth.company.books("Invoice")}
    pairs = [(pair.left[2], pair.right[2]) for pair in truth.within("quickbooks", DUPLICATE)]
    assert sum({one, other} <= billed for one, other in pairs) >= len(pairs) // 4
    assert any(owed[one] and owed[other] for one, other in pairs)
    payments = {each["Id"]: each for each in truth.company.books("Payment")}
    astray = [row for row in truth.company.answers("planted") if row["kind"] == "paid_to_twin"]
    assert astray
    for row in astray:
        payment, meant_for = payments[row["id"]], row["note"].removeprefix("meant for customer ")
        assert tuple(sorted((row["customer_id"], meant_for))) in map(tuple, map(sorted, pairs))
        assert payment["CustomerRef"]["value"] == row["customer_id"] != meant_for
        assert payment["UnappliedAmt"] == payment["TotalAmt"] == Decimal(row["amount"])
        assert any(
            invoice["CustomerRef"]["value"] == meant_for
            and invoice["Balance"] == invoice["TotalAmt"] == payment["TotalAmt"]
            for invoice in truth.company.books("Invoice")
        )
