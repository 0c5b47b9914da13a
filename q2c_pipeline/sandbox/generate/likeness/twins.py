"""How a second record of one company differs from the first: each kind of dirt.

Belongs here: from a card, the card of its twin. Does not belong here: different companies
(``strangers``). What a kind does not touch stays as it was, but for what somebody left out.
"""

import unicodedata
from collections.abc import Callable
from typing import Literal, NamedTuple

from q2c_pipeline.sandbox.generate import names
from q2c_pipeline.sandbox.generate.likeness.cards import Card, Draw

WITHOUT_PHONE_SHARE = 0.25
MAILBOXES = ("payables", "payables", "ap", "billing", "office")
FORMS = {
    "Inc.": "Incorporated",
    "LLC": "L.L.C.",
    "Co.": "Company",
    "Corp.": "Corporation",
    "GmbH": "Gesellschaft mbH",
    "SARL": "S.à r.l.",
    "B.V.": "BV",
    "AG": "Aktiengesellschaft",
    "S.p.A.": "SpA",
    "SAS": "S.A.S.",
    "Oy": "Osakeyhtiö",
}
ABBREVIATIONS = {
    "International": "Intl",
    "Manufacturing": "Mfg",
    "&": "and",
    "Logistics": "Log.",
    "Instruments": "Instr.",
    "Architects": "Arch.",
    "Partners": "Ptnrs",
    "Holdings": "Hldgs",
}
STREETS = {
    "St": "Street",
    "Rd": "Road",
    "Ave": "Avenue",
    "Sq": "Square",
    "Ln": "Lane",
    "Dr": "Drive",
    "Way": "Wy",
    "Ct": "Court",
}
SUITES = ("", ", Suite 210", " Ste 210", ", #210")
PHONES = ("+1 {} {} {}", "{}.{}.{}", "1-{}-{}-{}", "{}{}{}", "{} {}-{} ext. 2")
NOTES = ("(NEW)", "- do not use", "(duplicate?)", "- {city}")
TRADES = ("Direct", "Hub", "Works", "Online", "Express")
ACCENTED = ("Müller", "Forêt", "Peñasco", "Ångström", "Krásná", "Łąka", "Saône", "Jürgens")
#: Letters that no mark on a plain one makes.
LETTERS = str.maketrans({"ł": "l", "Ł": "L", "ø": "o", "Ø": "O", "ß": "ss"})


class Dirt(NamedTuple):
    """``first`` makes the card of a new company; without it, one that is there has a twin.

    What a second entry often lacks, a phone number and a certificate, it has where it ``tells_by``
    that.
    """

    kind: str
    second: Callable[[Card, Draw], Card]
    suits: Callable[[Card], bool] = lambda card: True
    first: Callable[[Draw], Card] | None = None
    tells_by: Literal["", "phone", "certificate"] = ""


def twin_of(card: Card, dirt: Dirt, draw: Draw) -> Card:
    twin = dirt.second(card, draw)
    if draw.random.random() < WITHOUT_PHONE_SHARE and dirt.tells_by != "phone":
        twin = twin._replace(phone="")
    if dirt.tells_by != "certificate":
        twin = twin._replace(certificate="")
    return twin._replace(mailbox=draw.random.choice(MAILBOXES))


def _other_form(card: Card, draw: Draw) -> Card:
    written = f"{card.stem} {FORMS[card.form]}"
    return card._replace(name=draw.random.choice((written, card.stem)))


def _typo(card: Card, draw: Draw) -> Card:
    """Two letters swapped, one left out or one doubled, in the longest word."""
    word = max(card.name.split(), key=len)
    at = draw.random.randrange(1, len(word) - 2)
    one, other = word[at], word[at + 1]
    mistakes = (other + one, other, one + one + other)
    mistake = draw.random.choice([each for each in mistakes if each != one + other])
    return card._replace(name=card.name.replace(word, word[:at] + mistake + word[at + 2 :], 1))


def _turned(card: Card, draw: Draw) -> Card:
    first, _, rest = card.stem.partition(" ")
    return card._replace(name=f"{rest} {first} {card.form}")


def _other_phone(card: Card, draw: Draw) -> Card:
    digits = "".join(filter(str.isdigit, card.phone))
    written = draw.random.choice(PHONES).format(digits[:3], digits[3:6], digits[6:])
    return card._replace(name=f"{card.stem}, {card.form}", phone=written)


def _other_street(card: Card, draw: Draw) -> Card:
    street, _, kind = card.address.street.rpartition(" ")
    written = f"{street} {STREETS[kind]}{draw.random.choice(SUITES)}"
    address = card.address._replace(street=written)
    return card._replace(name=f"The {card.name}", address=address)


def _same_host_and_address(card: Card, draw: Draw) -> Card:
    phone, person = names.phone(draw.random), names.person(draw.random)
    return card._replace(name=_another_name(card, draw), phone=phone, person=person)


def _another_name(card: Card, draw: Draw) -> str:
    """Without a word of the card's, but for the legal form abroad."""
    is_abroad = not card.address.state
    while True:
        name = draw.name(
            lambda first, second, form: f"{first} {second} {card.form if is_abroad else form}"
        )
        if not set(name.split()[:-1]) & set(card.name.split()):
            return name


def _trade_name(card: Card, draw: Draw) -> Card:
    trade = draw.random.choice(TRADES)
    name = draw.name(lambda first, second, form: f"{first} {second} {trade}")
    return card._replace(name=name, legal_name=card.name, host=names.mail_host(name))


def _same_certificate(card: Card, draw: Draw) -> Card:
    other = draw.card(_another_name(card, draw), is_abroad=not card.address.state)
    return other._replace(certificate=card.certificate)


def _noted(card: Card, draw: Draw) -> Card:
    note = draw.random.choice(NOTES).format(city=card.address.city)
    return card._replace(name=f"{card.name} {note}")


def _with_a_long_word(draw: Draw) -> Card:
    family = names.person(draw.random).family
    pattern = draw.random.choice(
        ("{} International {} {}", "{} {} Manufacturing {}", f"{{}} & {family} {{}} {{}}")
    )
    return draw.card(draw.name(pattern.format))


def _abbreviated(card: Card, draw: Draw) -> Card:
    words = [ABBREVIATIONS.get(word, word) for word in card.name.split()]
    return card._replace(name=" ".join(words))


def _of_several_words(draw: Draw) -> Card:
    middle = draw.random.choice(("Development", "Trading", "Supply", "Resource"))
    return draw.card(draw.name(lambda first, second, form: f"{first} {second} {middle} {form}"))


def _acronym(card: Card, draw: Draw) -> Card:
    """Gets its mail elsewhere: what tells is the phone or the host."""
    initials = "".join(word[0] for word in card.stem.split())
    box = card.address._replace(street=f"PO Box {draw.random.randint(100, 9_900)}")
    return card._replace(name=f"{initials} {card.form}", address=box)


def _with_accents(draw: Draw) -> Card:
    word, form = draw.random.choice(ACCENTED), draw.random.choice(("GmbH", "SARL", "SAS"))
    name = draw.name(lambda first, second, _: f"{word} {first} {second} {form}")
    return draw.card(name, is_abroad=True)


def _without_accents(card: Card, draw: Draw) -> Card:
    parts = unicodedata.normalize("NFKD", card.name.translate(LETTERS))
    return card._replace(name="".join(part for part in parts if not unicodedata.combining(part)))


#: The pickiest first, so that they find their companies among few too.
DIRT = (
    Dirt("tax_id", _same_certificate, lambda card: bool(card.certificate), tells_by="certificate"),
    Dirt("legal_form", _other_form, lambda card: card.form in FORMS),
    Dirt("typo", _typo),
    Dirt("word_order", _turned),
    Dirt("phone", _other_phone, lambda card: bool(card.address.state), tells_by="phone"),
    Dirt("address", _other_street),
    Dirt("domain_and_address", _same_host_and_address),
    Dirt("trade_name", _trade_name, tells_by="phone"),
    Dirt("trailing_note", _noted),
    Dirt("abbreviation", _abbreviated, first=_with_a_long_word),
    Dirt("acronym", _acronym, first=_of_several_words),
    Dirt("accents", _without_accents, first=_with_accents),
)
#: A company with a twin of the first kind has another of the second: three records of one.
TWICE, AGAIN = "typo", next(dirt for dirt in DIRT if dirt.kind == "trailing_note")
