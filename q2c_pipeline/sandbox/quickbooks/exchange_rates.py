"""Exchange rates as QuickBooks tells them: the one in force on a day.

Belongs here: choosing the rate of a currency and a day. Does not belong here: converting amounts.
"""

from decimal import Decimal

from q2c_pipeline.sandbox.quickbooks.faults import not_found, query_invalid
from q2c_pipeline.sandbox.quickbooks.query import Statement
from q2c_pipeline.sandbox.quickbooks.wire import Payload, parse
from q2c_pipeline.sandbox.store import Store


def rate_on(store: Store, realm_id: str, *, currency: str, home_currency: str, day: str) -> Payload:
    """The rate of a currency on a day (ISO text): the newest one told on or before it.

    Raises ``Fault`` 610 if none was told by then.
    """
    if currency == home_currency:
        return {
            "SourceCurrencyCode": currency,
            "TargetCurrencyCode": home_currency,
            "Rate": Decimal(1),
            "AsOfDate": day,
        }
    rates = [
        rate
        for rate in (
            parse(record.payload)
            for record in store.records("quickbooks", realm_id, ["ExchangeRate"])
        )
        if rate.get("SourceCurrencyCode") == currency and str(rate.get("AsOfDate", "")) <= day
    ]
    if not rates:
        raise not_found()
    newest: Payload = max(rates, key=lambda rate: str(rate.get("AsOfDate", "")))
    return newest | {"AsOfDate": day}


def queried_rates(
    store: Store, realm_id: str, statement: Statement, *, home_currency: str, today: str
) -> list[Payload]:
    """The rates of a statement that names currencies and, if it likes, a day.

    Raises ``Fault`` for any other condition.
    """
    currencies: tuple[str, ...] = ()
    day = today
    for condition in statement.conditions:
        match (condition.field.casefold(), condition.operator):
            case ("sourcecurrencycode", "=" | "in"):
                currencies = condition.values
            case ("asofdate", "="):
                day = condition.values[0]
            case _:
                raise query_invalid(f"Property {condition.field} not found for Entity ExchangeRate")
    if not currencies:
        raise query_invalid("sourcecurrencycode is needed")
    return [
        rate_on(store, realm_id, currency=currency.upper(), home_currency=home_currency, day=day)
        for currency in currencies
    ]
