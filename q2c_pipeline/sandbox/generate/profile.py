"""Who the made-up company is and when its books begin and end.

Belongs here: names, days and sizes that the whole company shares. Does not belong here: anything
that depends on the seed. A day is a proleptic ordinal (``date.toordinal``), because the
simulation adds and compares millions of them.
"""

from datetime import date

NAME = "Larkspur & Vale Advisory"
LEGAL_NAME = "Larkspur & Vale Advisory, LLC"
CLOCK = "2026-07-02T09:00:00-04:00"
TIME_ZONE = "America/New_York"
HOME_CURRENCY = "USD"
FOREIGN_CURRENCY = "EUR"
CURRENCY_NAMES = {"USD": "United States Dollar", "EUR": "Euro"}
REALM_ID = "9130357412486620417"
ORGANISATION_ID = "00DHp00000LvA7eMAF"

BOOKS_BEGIN = date(2024, 1, 1).toordinal()
CLOCK_DAY = date(2026, 7, 2).toordinal()
#: The last day on which anything was entered; the clock starts before office hours of the next.
LAST_DAY = CLOCK_DAY - 1
#: Change data capture still shows deletions of this many days.
DELETED_STUB_DAYS = 30

INVOICES_MIN = 300
INVOICES_MAX = 1_000_000
