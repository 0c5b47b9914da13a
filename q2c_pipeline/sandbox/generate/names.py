"""Plausible names and addresses, from word lists.

Belongs here: words and how they combine. Does not belong here: who buys what. Company names are
unique by position, so that a bigger company extends a smaller one's list.
"""

from random import Random
from typing import NamedTuple

_FIRST = (
    "Alder", "Bramble", "Cinder", "Dunmore", "Ember", "Fallow", "Garnet", "Harrow", "Ironbridge",
    "Juniper", "Kestrel", "Linden", "Marlow", "Nettle", "Orchard", "Pinecrest", "Quarry", "Rowan",
    "Sable", "Thistle", "Umber", "Verdant", "Wexford", "Yarrow", "Zephyr", "Ashgrove", "Birchwood",
    "Copperfield", "Driftwood", "Eastbrook", "Foxglove", "Greywater", "Highfield", "Inverness",
    "Jasper", "Kingsley", "Lakeshore", "Millbrook", "Northgate", "Oakhurst", "Pebble",
)  # fmt: skip
_SECOND = (
    "Logistics", "Dental Group", "Foods", "Robotics", "Press", "Mutual", "Textiles", "Clinics",
    "Energy", "Architects", "Freight", "Marine", "Optics", "Packaging", "Hospitality", "Biotech",
    "Tooling", "Media", "Outfitters", "Ceramics", "Surveyors", "Aviation", "Nurseries",
    "Analytics", "Instruments", "Timber", "Interiors", "Pharma", "Signage",
)  # fmt: skip
_SUFFIX = ("Inc.", "LLC", "Co.", "Group", "Partners", "Corp.", "Holdings")
_EURO_FIRST = (
    "Möwen", "Rheintal", "Nordstern", "Côte d'Azur", "Alpenblick", "Lindenhof", "Belfort",
    "Montclair", "Oranje", "Zonnebloem", "Castellana", "Aurora", "Donau", "Śnieżka", "Fjordland",
    "Brabant", "Toscana", "Bretagne", "Seeblick", "Havel",
)  # fmt: skip
_EURO_SUFFIX = ("GmbH", "SARL", "B.V.", "AG", "S.p.A.", "SAS", "Oy")
_GIVEN = (
    "Amara", "Bela", "Carlos", "Dana", "Elif", "Farid", "Grace", "Hana", "Ivo", "June", "Kofi",
    "Lena", "Mateo", "Nadia", "Owen", "Priya", "Quinn", "Rosa", "Sven", "Tara", "Umar", "Vera",
    "Will", "Ximena", "Yusuf", "Zoe",
)  # fmt: skip
_FAMILY = (
    "Abbott", "Bauer", "Castillo", "Drummond", "Eriksen", "Farrow", "Gallagher", "Hoffman",
    "Ibarra", "Jansen", "Kowalski", "Lombardi", "Moreau", "Nakamura", "O'Brien", "Pereira",
    "Quist", "Rossi", "Sandoval", "Thorne", "Ueda", "Vance", "Whitlock", "Yilmaz", "Zeller",
)  # fmt: skip
_STREETS = (
    "Mill St", "Harbor Rd", "Canal Ave", "Station Sq", "Quarry Ln", "Orchard Dr", "Foundry Way",
    "Market St", "Chapel Hill Rd", "Juniper Ct",
)  # fmt: skip
_CITIES = {
    "CA": (("San Mateo", "94401"), ("Redwood City", "94063"), ("Burlingame", "94010")),
    "NY": (("New York", "10013"), ("Brooklyn", "11201"), ("Queens", "11101")),
    "TX": (("Austin", "78701"), ("Houston", "77002"), ("Dallas", "75201")),
    "OR": (("Portland", "97204"), ("Eugene", "97401")),
    "CT": (("Stamford", "06901"), ("New Haven", "06510")),
}
_EURO_CITIES = (
    ("Berlin", "10115", "Germany"), ("Lyon", "69002", "France"), ("Utrecht", "3511", "Netherlands"),
    ("Milano", "20121", "Italy"), ("Helsinki", "00100", "Finland"), ("Wien", "1010", "Austria"),
)  # fmt: skip
STATES = tuple(_CITIES)


class Address(NamedTuple):
    street: str
    city: str
    state: str
    postal_code: str
    country: str


class Person(NamedTuple):
    given: str
    family: str


def company_name(position: int, *, foreign: bool) -> str:
    return " ".join(company_words(position, foreign=foreign))


def company_words(position: int, *, foreign: bool) -> tuple[str, str, str]:
    """Two words and a legal form, with a number where these alone would repeat."""
    first, suffixes = (_EURO_FIRST, _EURO_SUFFIX) if foreign else (_FIRST, _SUFFIX)
    # Multipliers without a common factor with the list lengths walk all pairs before repeating.
    words = first[position % len(first)], _SECOND[(position * 7 + 3) % len(_SECOND)]
    turn = position // (len(first) * len(_SECOND))
    suffix = suffixes[(position % len(first) + turn) % len(suffixes)]
    return (*words, suffix if turn < len(suffixes) else f"{suffix} {turn}")


def positions_after(customers: int, offset: int) -> tuple[int, int]:
    """(first, step) of two rows of company names that no customer or prospect of theirs has."""
    return 2 * customers + offset, 2


def grown_name(name: str) -> str:
    """What a company calls itself after it was renamed."""
    words, suffix = name.rsplit(" ", 1)
    return f"{words} Worldwide {suffix}"


def mail_host(name: str) -> str:
    """A domain under ``.example``, which nobody can own."""
    plain = "".join(letter for letter in name.lower() if letter.isascii() and letter.isalnum())
    return f"{plain}.example"


def address(random: Random, state: str | None) -> Address:
    street = f"{random.randint(2, 980)} {random.choice(_STREETS)}"
    if state is None:
        city, postal_code, country = random.choice(_EURO_CITIES)
        return Address(street, city, "", postal_code, country)
    city, postal_code = random.choice(_CITIES[state])
    return Address(street, city, state, postal_code, "USA")


def person(random: Random) -> Person:
    return Person(random.choice(_GIVEN), random.choice(_FAMILY))


def phone(random: Random) -> str:
    return f"({random.randint(201, 989)}) 555-{random.randint(100, 199):04d}"
