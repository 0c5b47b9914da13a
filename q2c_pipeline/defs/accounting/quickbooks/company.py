"""What of a company's own settings steers a reading: its zone, its currencies.

Belongs here: company info and preferences as last read. Does not belong here: reading them.
"""

from typing import NamedTuple, TypeVar

import msgspec

from q2c_pipeline.core.errors import ConfigurationError
from q2c_pipeline.core.extraction import zone_of
from q2c_pipeline.core.warehouse import RawStore
from q2c_pipeline.defs.accounting.quickbooks.objects import (
    COMPANY_CURRENCIES,
    COMPANY_INFO,
    PREFERENCES,
    SYSTEM,
    QuickBooksObject,
)

TIME_ZONE_DEFAULT = "America/Los_Angeles"
"""The vendor's own, for a company whose info does not say."""

Shape = TypeVar("Shape")


class _CurrencyRef(msgspec.Struct):
    value: str


class _CurrencyPrefs(msgspec.Struct):
    MultiCurrencyEnabled: bool = False
    HomeCurrency: _CurrencyRef | None = None


class _Preferences(msgspec.Struct):
    CurrencyPrefs: _CurrencyPrefs | None = None


class _CompanyInfo(msgspec.Struct):
    DefaultTimeZone: str | None = None


class _CompanyCurrency(msgspec.Struct):
    Code: str
    Active: bool = True


class Company(NamedTuple):
    """``is_multicurrency`` is whether the company may use other currencies than its own."""

    time_zone: str
    home_currency: str | None
    is_multicurrency: bool


def company_of(store: RawStore, realm: str, *, time_zone: str | None) -> Company:
    """From the settings last read. Raises: ConfigurationError when zones contradict each other."""
    info = next(iter(_latest(store, COMPANY_INFO, realm, _CompanyInfo)), _CompanyInfo())
    preferences = next(iter(_latest(store, PREFERENCES, realm, _Preferences)), _Preferences())
    stated = info.DefaultTimeZone
    if stated and time_zone and stated != time_zone:
        raise ConfigurationError(
            f"Q2C_TIME_ZONE is {time_zone}, and QuickBooks realm {realm} says {stated}. Set"
            f" Q2C_TIME_ZONE={stated}, or correct the time zone in the company's settings"
        )
    zone = stated or time_zone or TIME_ZONE_DEFAULT
    zone_of(zone)
    currencies = preferences.CurrencyPrefs or _CurrencyPrefs()
    home = currencies.HomeCurrency.value if currencies.HomeCurrency else None
    return Company(zone, home, currencies.MultiCurrencyEnabled)


def foreign_currencies(store: RawStore, realm: str, company: Company) -> list[str]:
    """The codes of the currencies in use besides the company's own, as last read."""
    currencies = _latest(store, COMPANY_CURRENCIES, realm, _CompanyCurrency)
    active = {currency.Code for currency in currencies if currency.Active}
    return sorted(active - {company.home_currency})


def _latest(store: RawStore, spec: QuickBooksObject, realm: str, shape: type[Shape]) -> list[Shape]:
    payloads = store.latest_payloads(SYSTEM, spec.name, realm).values()
    return [msgspec.json.decode(payload, type=shape) for payload in payloads]
