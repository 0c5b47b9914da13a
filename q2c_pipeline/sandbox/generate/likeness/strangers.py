"""Different companies, and persons, that a reader takes for one: each kind of trap.

Belongs here: from a card, the card of somebody else that looks like it. Does not belong here:
second records of one company (``twins``).
"""

from collections.abc import Callable
from typing import NamedTuple

from q2c_pipeline.sandbox.generate import names
from q2c_pipeline.sandbox.generate.likeness.cards import FREE_MAIL_HOST, Card, Draw
from q2c_pipeline.sandbox.generate.likeness.twins import TRADES

UNITS = ("Leasing", "Properties", "Services", "Ventures")
AGENTS = ("Ledgerline Payables", "Quillmark Billing", "Tallyhouse Shared Services")
TELLING = (
    ("{} North {} {}", "North", "South"),
    ("{} {} Metals {}", "Metals", "Meats"),
    ("{} East {} {}", "East", "West"),
    ("{} {} Rentals {}", "Rentals", "Retail"),
)


class Trap(NamedTuple):
    """``first`` makes the card of a new company; without it, one that is there has a lookalike.

    ``is_child`` says that the record names the other as its parent.
    """

    kind: str
    second: Callable[[Card, Draw], Card]
    first: Callable[[Draw], Card] | None = None
    is_child: bool = False


def _some(draw: Draw) -> Card:
    return draw.card(draw.name())


def _unit_name(card: Card, draw: Draw) -> str:
    return f"{card.stem} {draw.random.choice(UNITS)} {card.form}"


def _child(card: Card, draw: Draw) -> Card:
    """Reads its mail where the parent does."""
    return draw.card(_unit_name(card, draw))._replace(host=card.host)


def _unit(card: Card, draw: Draw) -> Card:
    return draw.card(_unit_name(card, draw))


def _branch(card: Card, draw: Draw) -> Card:
    """The same name in another state; where names must differ, with the city after it."""
    state = draw.random.choice([each for each in names.STATES if each != card.address.state])
    address = names.address(draw.random, state)
    name = card.name if draw.repeats_names else f"{card.name} - {address.city}"
    branch = draw.card(name)
    return branch._replace(address=address, host=card.host, legal_name=card.name)


def _franchise(draw: Draw) -> Card:
    trade = draw.random.choice(TRADES)
    return _owned(draw.name(lambda first, second, form: f"{first} {second} {trade} #1"), draw)


def _other_franchise(card: Card, draw: Draw) -> Card:
    return _owned(f"{card.stem} #{draw.random.randint(2, 99)}", draw)


def _owned(name: str, draw: Draw) -> Card:
    """Whose owner is a company of its own."""
    owner = draw.name(lambda first, second, form: f"{first} {second} Owners {form}")
    return draw.card(name)._replace(legal_name=owner, host=names.mail_host(owner))


def _billed_at_an_agent(draw: Draw) -> Card:
    card, agent = _some(draw), draw.random.choice(AGENTS)
    street = f"c/o {agent}, {card.address.street}"
    return card._replace(address=card.address._replace(street=street))


def _at_the_same_address(card: Card, draw: Draw) -> Card:
    return _some(draw)._replace(address=card.address)


def _at_the_same_phone(card: Card, draw: Draw) -> Card:
    return _some(draw)._replace(phone=card.phone)


def _with_free_mail(draw: Draw) -> Card:
    card = _some(draw)
    mailbox = card.stem.lower().replace(" ", "-")
    return card._replace(host=FREE_MAIL_HOST, mailbox=mailbox)


def _somebody(draw: Draw) -> Card:
    return _of_person(draw, None)


def _relative(card: Card, draw: Draw) -> Card:
    return _of_person(draw, card.person.family)


def _of_person(draw: Draw, family: str | None) -> Card:
    person = draw.person(family)
    return draw.card(" ".join(person))._replace(person=person)


def _with_a_telling_word(draw: Draw) -> Card:
    pattern, *_ = draw.random.choice(TELLING)
    return draw.card(draw.name(pattern.format))


def _with_another_word(card: Card, draw: Draw) -> Card:
    """In the same town."""
    name = next(
        card.name.replace(f" {word} ", f" {other} ")
        for _, word, other in TELLING
        if f" {word} " in card.name
    )
    address = names.address(draw.random, card.address.state)
    there = address._replace(city=card.address.city, postal_code=card.address.postal_code)
    return draw.card(name)._replace(address=there)


TRAPS = (
    Trap("branch", _branch),
    Trap("subsidiary_by_name", _unit),
    Trap("switchboard", _at_the_same_phone),
    Trap("subsidiary", _child, first=_some, is_child=True),
    Trap("franchise", _other_franchise, first=_franchise),
    Trap("billing_agent", _at_the_same_address, first=_billed_at_an_agent),
    Trap("free_mail", lambda card, draw: _with_free_mail(draw), first=_with_free_mail),
    Trap("family_name", _relative, first=_somebody),
    Trap("telling_word", _with_another_word, first=_with_a_telling_word),
)
