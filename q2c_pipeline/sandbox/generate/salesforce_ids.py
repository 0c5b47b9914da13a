"""Salesforce ids of the made-up organisation: 15 characters and the three that check them.

Belongs here: numbers turned into ids. Does not belong here: records.
"""

DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
CHECK_CHARACTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"
POD = "Hp00000"
NUMBER_LENGTH = 5


def salesforce_id(prefix: str, number: int) -> str:
    """The 18-character id; ``prefix`` is the object's three characters."""
    digits = ""
    for _ in range(NUMBER_LENGTH):
        number, digit = divmod(number, len(DIGITS))
        digits = DIGITS[digit] + digits
    short = f"{prefix}{POD}{digits}"
    return short + "".join(_check(short[at : at + 5]) for at in range(0, len(short), 5))


def _check(letters: str) -> str:
    """One character whose bits say which of five letters are capitals."""
    bits = sum(1 << position for position, letter in enumerate(letters) if letter.isupper())
    return CHECK_CHARACTERS[bits]


def account_id(number: int) -> str:
    return salesforce_id("001", number)


def contact_id(number: int) -> str:
    return salesforce_id("003", number)


def user_id(number: int) -> str:
    return salesforce_id("005", number)


def opportunity_id(number: int) -> str:
    return salesforce_id("006", number)


def opportunity_history_id(number: int) -> str:
    return salesforce_id("008", number)


def record_type_id(number: int) -> str:
    return salesforce_id("012", number)
