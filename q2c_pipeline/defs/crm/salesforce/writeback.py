"""Everything that is written to Salesforce: fields of ours on its records, in collections.

Belongs here: the request and what its answer means row by row. Does not belong here: what should be
written, which is SQL, and what is asked again, which is ``ledger/updates.py``.

The vendor says 200 also when every row failed, and answers in the order of the request.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

import msgspec

from q2c_pipeline.core.errors import ContractBroken
from q2c_pipeline.defs.crm.salesforce.client import SalesforceClient
from q2c_pipeline.defs.crm.salesforce.objects import SYSTEM
from q2c_pipeline.ledger.intents import Ledger
from q2c_pipeline.ledger.report import Report
from q2c_pipeline.ledger.target import Done, Item, NotDone, Outcome, Refusal, Wanted
from q2c_pipeline.ledger.updates import update
from q2c_pipeline.policy import Policy

RECORDS_PER_REQUEST_MAX = 200
LOCKED = "UNABLE_TO_LOCK_ROW"

WRITTEN: Mapping[str, tuple[str, ...]] = {
    "accounts": (
        "quickbooks_customer_id",
        "receivables_standing",
        "receivables_balance",
        "receivables_overdue",
        "receivables_currency",
        "receivables_as_of",
    ),
    "opportunities": (
        "quickbooks_invoice_ids",
        "quickbooks_invoice_numbers",
        "invoice_status",
        "invoice_link",
        "invoiced_amount",
        "invoice_balance",
        "invoice_paid_date",
        "invoice_note",
    ),
}
"""By raw table, the policy's fields that the outbox may name."""

_raw_fields = msgspec.json.Decoder(dict[str, msgspec.Raw])


class _Child(msgspec.Struct):
    AccountId: str = ""


_evaluated = msgspec.json.Decoder(dict[str, list[_Child]])


class _Error(msgspec.Struct):
    statusCode: str | None = None
    message: str = ""
    fields: list[str] = []


class _Result(msgspec.Struct):
    success: bool
    id: str | None = None
    errors: list[_Error] = []


class SalesforceFields:
    """The fields of one organisation's records."""

    batch_items_max = RECORDS_PER_REQUEST_MAX

    def __init__(self, client: SalesforceClient) -> None:
        self._client = client

    def vendor_now(self) -> datetime:
        return self._client.vendor_now()

    def send(self, request_id: str, items: Sequence[Item]) -> Mapping[str, Outcome]:
        """Sets the fields that each payload names; a row that fails stops no other."""
        results = self._client.api.patch_json_once(
            f"{self._client.root}/composite/sobjects",
            {"allOrNone": False, "records": [_record(item) for item in items]},
            asked=f"{len(items)} records to be changed ({items[0].object} {items[0].remote_id} …)",
            answer=list[_Result],
            # Our fields make no account a duplicate of another: a rule that only warns shall not
            # stop them.
            headers={"Sforce-Duplicate-Rule-Header": "allowSave=true"},
        )
        if len(results) != len(items):
            raise ContractBroken(
                f"Salesforce answered {len(results)} results to {len(items)} records, so nobody"
                " knows which is whose. The next run sets them again"
            )
        now = self.vendor_now()
        return {
            item.id: _outcome(item, result, now)
            for item, result in zip(items, results, strict=True)
        }


def written_fields(policy: Policy) -> dict[str, list[str]]:
    """The custom fields that are written, by raw table."""
    fields = policy.crm_fields
    by_table = {"accounts": fields.account, "opportunities": fields.opportunity}
    return {
        table: [name for each in WRITTEN[table] if (name := getattr(names, each))]
        for table, names in by_table.items()
    }


def write_back(
    ledger: Ledger,
    client: SalesforceClient,
    wanted: Sequence[Wanted],
    *,
    read_at: datetime,
    stop: Callable[[], None],
    tell: Callable[[str], None],
) -> Report:
    """Sets what is wanted in the organisation, object by object, account by account.

    Rows of one account lock each other, and the vendor works through one object at a time.
    """
    return update(
        ledger,
        SalesforceFields(client),
        sorted(wanted, key=_place),
        target_system=SYSTEM,
        entity=client.organisation,
        read_at=read_at,
        stop=stop,
        tell=tell,
        retry=client.retry,
    )


def _place(wish: Wanted) -> tuple[str, str, str]:
    return wish.object, _account_of(wish), wish.key


def _account_of(wish: Wanted) -> str:
    """The account that is locked with the record, where the evaluation names it."""
    records = _evaluated.decode(wish.evaluated or "{}").get(wish.object, [])
    return next((record.AccountId for record in records), "")


def _record(item: Item) -> dict[str, object]:
    """The record as it goes out; amounts keep the payload's own digits."""
    fields = _raw_fields.decode(item.payload)
    return {"attributes": {"type": item.object}, "Id": item.remote_id, **fields}


def _outcome(item: Item, result: _Result, now: datetime) -> Outcome:
    if result.success:
        return Done(result.id or item.remote_id or "", None, None, None, now)
    error = result.errors[0] if result.errors else _Error(message="no reason was given")
    if error.statusCode == LOCKED:
        return NotDone(f"somebody else holds the record ({LOCKED}: {error.message})")
    return Refusal(error.statusCode, error.message, ", ".join(error.fields) or None, now)
