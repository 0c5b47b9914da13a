"""Which control reports a run needs: the as-of date's, and the month-ends a change can reach.

Belongs here: dates, and the question to the raw store what has changed since. Does not belong here:
asking for the reports, and comparing them with anything.

An application counts from the latest of the dates of its source, its target and the linking
payment, so a changed document reaches no month-end before its own date, old or new.
"""

from datetime import date, timedelta
from typing import NamedTuple

from q2c_pipeline.core.warehouse import ExtractionRecord, RawStore
from q2c_pipeline.defs.accounting.quickbooks.objects import (
    AGED_RECEIVABLE_DETAILS,
    AGED_RECEIVABLES,
    BALANCE_SHEETS,
    SYSTEM,
    ReportSpec,
)

MONTH_ENDS_MAX = 36

_HEADER_FIELDS = (
    "'$.TxnDate', '$.DueDate', '$.CustomerRef.value', '$.CurrencyRef.value', '$.ExchangeRate',"
    " '$.TotalAmt', '$.Deposit'"
)
_LINES = "json_extract(payload, '$.Line[*]')"
_HEADER = f"json_extract(payload, [{_HEADER_FIELDS}])::varchar"
_PAYMENT_EFFECT = (
    f"{_HEADER} || list_transform({_LINES}, lambda line:"
    " [json_extract(line, 'Amount'), json_extract(line, 'LinkedTxn')])::varchar"
)


def _posting_effect(detail: str) -> str:
    account = f"json_extract_string(line, '$.{detail}.AccountRef.value')"
    lines = f"list_filter({_LINES}, lambda line: list_contains(receivable_accounts, {account}))"
    return f"case when len({lines}) > 0 then {_HEADER} || ({lines})::varchar end"


_EFFECTS = {
    "invoices": _HEADER,
    "credit_memos": _HEADER,
    "payments": _PAYMENT_EFFECT,
    "journal_entries": _posting_effect("JournalEntryLineDetail"),
    "deposits": _posting_effect("DepositLineDetail"),
    "purchases": _posting_effect("AccountBasedExpenseLineDetail"),
}
"""What of a document moves receivables, as text; null where it moves none."""

_ACCOUNTS = """
select list(distinct record_id) as receivable_accounts
from raw_quickbooks.accounts
where entity = $entity and (payload ->> '$.AccountType') = 'Accounts Receivable'
"""

_CHANGED = """
with accounts as ({accounts}),
versions as (
    select
        record_id,
        version,
        is_deleted,
        extracted_at > $since or (extracted_at = $since and run_id <> $since_run) as is_new,
        payload,
    from raw_quickbooks.{table}
    where entity = $entity
),
effects as (
    select
        record_id,
        version,
        is_new,
        is_deleted and version = 1 as is_unknown,
        try_cast(payload ->> '$.TxnDate' as date) as txn_date,
        case when not is_deleted then {effect} end as effect,
    from versions
    cross join accounts
    where record_id in (select record_id from versions where is_new)
),
compared as (
    select
        *,
        lag(effect) over (partition by record_id order by version) as effect_before,
        lag(txn_date) over (partition by record_id order by version) as txn_date_before,
    from effects
)
select
    min(least(txn_date, txn_date_before)) filter (effect is distinct from effect_before),
    coalesce(bool_or(is_unknown), false),
from compared
where is_new
"""

_FIRST = """
with accounts as ({accounts})
select min(try_cast(payload ->> '$.TxnDate' as date))
from raw_quickbooks.{table}
cross join accounts
where entity = $entity and not is_deleted and {effect} is not null
"""


class ReportDates(NamedTuple):
    """One report, and the dates to read it for."""

    spec: ReportSpec
    dates: list[date]


def reports_to_read(
    store: RawStore,
    realm: str,
    as_of: date,
    *,
    last: ExtractionRecord | None,
    has_details: bool,
) -> list[ReportDates]:
    """The as-of date always; month-ends not read yet, or that a change since ``last`` reaches.

    The detail, where the company has several currencies, is read for the as-of date only if a
    change since ``last`` can have moved it, so that an idle run stays at two reports.
    """
    reached_from = date.min if last is None else _reached_from(store, realm, last)
    month_ends = month_ends_before(as_of, first=_first_date(store, realm))

    def due(spec: ReportSpec) -> list[date]:
        known = store.latest_ids(SYSTEM, spec.name, realm)
        return [day for day in month_ends if day >= reached_from or day.isoformat() not in known]

    wanted = [
        ReportDates(AGED_RECEIVABLES, [as_of, *due(AGED_RECEIVABLES)]),
        ReportDates(BALANCE_SHEETS, [as_of, *due(BALANCE_SHEETS)]),
    ]
    if has_details:
        known = store.latest_ids(SYSTEM, AGED_RECEIVABLE_DETAILS.name, realm)
        is_moved = not known or reached_from < date.max
        dates = due(AGED_RECEIVABLE_DETAILS)
        wanted.append(ReportDates(AGED_RECEIVABLE_DETAILS, [as_of, *dates] if is_moved else dates))
    return wanted


def month_ends_before(as_of: date, *, first: date | None) -> list[date]:
    """Newest first: the month-ends before ``as_of`` back to the month of ``first``."""
    if first is None:
        return []
    found: list[date] = []
    day = as_of.replace(day=1) - timedelta(days=1)
    while day >= first and len(found) < MONTH_ENDS_MAX:
        found.append(day)
        day = day.replace(day=1) - timedelta(days=1)
    return found


def _reached_from(store: RawStore, realm: str, last: ExtractionRecord) -> date:
    """The earliest date that a change since ``last`` reaches; ``date.max`` if nothing changed."""
    reached_from = date.max
    for table, effect in _EFFECTS.items():
        found = store.connection.execute(
            _CHANGED.format(accounts=_ACCOUNTS, table=table, effect=effect),
            {"entity": realm, "since": last.extracted_at, "since_run": last.run_id},
        ).fetchone()
        earliest, is_unknown = found or (None, False)
        if is_unknown:
            return date.min
        reached_from = min(reached_from, earliest or date.max)
    return reached_from


def _first_date(store: RawStore, realm: str) -> date | None:
    firsts = []
    for table, effect in _EFFECTS.items():
        effect = effect if "receivable_accounts" in effect else "true"
        found = store.connection.execute(
            _FIRST.format(accounts=_ACCOUNTS, table=table, effect=effect),
            {"entity": realm},
        ).fetchone()
        firsts.append(found[0] if found else None)
    return min((first for first in firsts if first is not None), default=None)
