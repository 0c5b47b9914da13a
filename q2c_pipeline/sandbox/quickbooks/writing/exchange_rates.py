"""Setting the exchange rate of a currency on a day.

Belongs here: what such a rate must hold. Does not belong here: which rate is in force.
"""

from q2c_pipeline.sandbox.quickbooks import faults
from q2c_pipeline.sandbox.quickbooks.wire import Payload, record_time, write
from q2c_pipeline.sandbox.quickbooks.writing.realm import Realm
from q2c_pipeline.sandbox.quickbooks.writing.transactions import day_of, required_number


def write_rate(realm: Realm, body: Payload) -> Payload:
    """The rate as it is kept; it replaces the one of the same currency and day.

    Raises ``Fault`` for a company with one currency, or a rate that is none.
    """
    if not realm.is_multicurrency:
        raise faults.business("Multicurrency is not enabled for this company")
    currency = str(body.get("SourceCurrencyCode") or "").upper()
    if not currency:
        raise faults.missing("SourceCurrencyCode")
    if str(body.get("TargetCurrencyCode") or realm.home_currency) != realm.home_currency:
        raise faults.bad_choice("TargetCurrencyCode", body["TargetCurrencyCode"])
    if required_number(body, "Rate") <= 0:
        raise faults.out_of_range("Rate", "Rate must be above zero")
    rate = {
        "SourceCurrencyCode": currency,
        "TargetCurrencyCode": realm.home_currency,
        "Rate": body["Rate"],
        "AsOfDate": (day_of(body, "AsOfDate") or realm.today).isoformat(),
        "MetaData": {"LastUpdatedTime": record_time(realm.now)},
    }
    realm.store.put(
        "quickbooks",
        realm.realm_id,
        "ExchangeRate",
        f"{currency}/{rate['AsOfDate']}",
        write(rate),
        realm.now,
    )
    return rate
