"""What a record says of a company, and new names for companies that nobody has heard of.

Belongs here: the card that customers and accounts are made from. Does not belong here: which cards
look alike.
"""

from collections.abc import Callable
from random import Random
from typing import NamedTuple

from q2c_pipeline.sandbox.generate import names
from q2c_pipeline.sandbox.generate.names import Address, Person

#: Mail providers allow no hyphen before the sign, so that such an address belongs to nobody.
FREE_MAIL_HOST = "gmail.com"


class Card(NamedTuple):
    """``legal_name`` and ``certificate`` are empty where the record says none, as is ``phone``."""

    name: str
    address: Address
    phone: str
    person: Person
    host: str
    mailbox: str = "payables"
    legal_name: str = ""
    certificate: str = ""

    @property
    def stem(self) -> str:
        """The name without its last word, which mostly is the legal form."""
        return self.name.rpartition(" ")[0]

    @property
    def form(self) -> str:
        return self.name.rpartition(" ")[2]


class Draw:
    """A stream of chance, and names that no record has yet.

    ``positions`` (first, step) are those of company names that are free; ``repeats_names`` says
    that two records may have one name.
    """

    def __init__(
        self, random: Random, taken: set[str], positions: tuple[int, int], *, repeats_names: bool
    ) -> None:
        self.random = random
        self.repeats_names = repeats_names
        self._taken = {name.casefold() for name in taken}
        self._position, self._step = positions

    def is_free(self, name: str) -> bool:
        return name.casefold() not in self._taken

    def take(self, name: str) -> None:
        self._taken.add(name.casefold())

    def name(self, pattern: Callable[[str, str, str], str] = "{} {} {}".format) -> str:
        """A new name of two words and a legal form, put together by ``pattern``."""
        while True:
            words = names.company_words(self._position, foreign=False)
            self._position += self._step
            name = pattern(*words)
            if self.is_free(name):
                return name

    def person(self, family: str | None = None) -> Person:
        """Somebody, with a middle initial, whose full name is new."""
        while True:
            given, own = names.person(self.random)
            initial = self.random.choice("ABCDEFGHJKLMNPRSTVW")
            person = Person(f"{given} {initial}.", family or own)
            if self.is_free(" ".join(person)):
                return person

    def card(self, name: str, *, is_abroad: bool = False) -> Card:
        state = None if is_abroad else self.random.choice(names.STATES)
        return Card(
            name=name,
            address=names.address(self.random, state),
            phone=names.phone(self.random),
            person=names.person(self.random),
            host=names.mail_host(name),
        )
