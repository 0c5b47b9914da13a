"""Salesforce ids of the made-up organisation: 15 characters and the three that check them.

Belongs here: numbers turned into ids. Does not belong here: records.
"""

from functools import lru_cache

DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
CHECK_CHARACTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"
POD = "Hp00000"
NUMBER_LENGTH = 5
#: The ids of one deal, its account and its owner recur within a few records.
RECENT_IDS_MAX = 4_096


@lru_cache(maxsize=RECENT_IDS_MAX)
def salesforce_id(prefix: str, number: int) -> str:
    """The 18-character id; ``prefix`` is the object's three characters."""
    digits = ""
    for _ in range(NUMBER_LENGTH):
        number, digit = divmod(number, len(DIGITS))
        digits = DIGITS[digit] + digits
    head = f"{prefix}{POD}"
    return f"{head}{digits}{_check(head[:5])}{_check(head[5:])}{_check(digits)}"


@lru_cache(maxsize=RECENT_IDS_MAX)
def _check(letters: str) -> str:
    """One character whose bits say which of five letters are capitals."""
    bits = 0
    for position, letter in enumerate(letters):
        bits |= letter.isupper() << position
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


def line_item_id(number: int) -> str:
    return salesforce_id("00k", number)


def schedule_id(number: int) -> str:
    return salesforce_id("00o", number)


def product_id(number: int) -> str:
    return salesforce_id("01t", number)


def pricebook_id(number: int) -> str:
    return salesforce_id("01s", number)


def pricebook_entry_id(number: int) -> str:
    return salesforce_id("01u", number)


def process_definition_id(number: int) -> str:
    return salesforce_id("04a", number)


def process_node_id(number: int) -> str:
    return salesforce_id("04b", number)


def process_instance_id(number: int) -> str:
    return salesforce_id("04g", number)


def process_step_id(number: int) -> str:
    return salesforce_id("04h", number)
