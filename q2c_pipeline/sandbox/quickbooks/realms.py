"""What every answer draws on: the realms of one sandbox, their settings and the vendor's date.

Belongs here: what a realm's own records say of it. Does not belong here: requests.
"""

from datetime import date

from q2c_pipeline.sandbox.company import Sandbox
from q2c_pipeline.sandbox.quickbooks.wire import DATA_CENTRE_ZONE, Payload, parse
from q2c_pipeline.sandbox.quickbooks.writing.realm import Realm


class Realms:
    def __init__(self, sandbox: Sandbox) -> None:
        self.sandbox = sandbox
        self.store = sandbox.store

    def today(self) -> date:
        """The vendor's own date: its servers stand in the Pacific zone, wherever the company is."""
        return self.sandbox.clock.now().astimezone(DATA_CENTRE_ZONE).date()

    def preferences(self, realm_id: str) -> Payload:
        record = next(self.store.records("quickbooks", realm_id, ["Preferences"]), None)
        found: Payload = parse(record.payload) if record else {}
        return found

    def home_currency(self, realm_id: str) -> str:
        currency = self.preferences(realm_id).get("CurrencyPrefs", {}).get("HomeCurrency", {})
        return str(currency.get("value") or self.sandbox.company.home_currency)

    def open(self, realm_id: str) -> Realm:
        """The realm as a write sees it at this moment."""
        return Realm(
            store=self.store,
            realm_id=realm_id,
            home_currency=self.home_currency(realm_id),
            preferences=self.preferences(realm_id),
            now=self.sandbox.clock.now(),
            today=self.today(),
        )
