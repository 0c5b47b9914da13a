"""Money of the made-up company: whole cents inside, exact text outside.

Belongs here: rounding and printing. Does not belong here: currencies, which documents carry. A
rate is a whole number of millionths of a home unit for one unit of the document's currency.
"""

RATE_UNIT = 1_000_000


def amount_text(cents: int) -> str:
    sign = "-" if cents < 0 else ""
    cents = abs(cents)
    return f"{sign}{cents // 100}.{cents % 100:02d}"


def rate_text(rate: int) -> str:
    whole, millionths = divmod(rate, RATE_UNIT)
    return f"{whole}.{millionths:06d}".rstrip("0").rstrip(".")


def share(cents: int, parts: int, whole: int) -> int:
    """``cents × parts ÷ whole``, halves away from zero."""
    product = abs(cents) * parts
    rounded = (2 * product + whole) // (2 * whole)
    return -rounded if cents < 0 else rounded


def home_cents(cents: int, rate: int) -> int:
    return cents if rate == RATE_UNIT else share(cents, rate, RATE_UNIT)
