"""Which control reports a run needs: the as-of date's, and the month-ends a change can reach.

Belongs here: dates, and the question to the raw store what has changed since. Does not belong here:
asking for the reports, and comparing them with anything.

An application counts from the latest of the dates of its source, its target and the linking
payment, so a changed document reaches no month-end before its own date, old or new. A report that a
change has reached is not current, and not compared, until it is read again.
"""

from datetime import date, datetime, timedelta
from typing import NamedTuple

from q2c_pipeline.core.raw_tables import table_of
from q2c_pipeline.core.warehouse import ExtractionRecord, RawStore
from q2c_pipeline.defs.accounting.quickbooks.objects import (
    AGED_RECEIVABLE_DETAILS,
    REPORTS,
    REPORTS_IN_ONE_CURRENCY,
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

IS_NEW = """
extracted_at >= $since
and run_id not in (select run_id from raw_quickbooks.extractions where entity = $entity)
"""
"""Landed by a run that has not completed since the last that did; clocks tell whole seconds."""

_ANY_NEW = """
select count(*) from raw_quickbooks.{table} where entity = $entity and {is_new}
"""
"""Asked first, for it leaves the payloads alone."""

_CHANGED = """
with accounts as ({accounts}),
changed as (
    select distinct record_id from raw_quickbooks.{table} where entity = $entity and {is_new}
),
effects as (
    select
        record_id,
        version,
        {is_new} as is_new,
        is_deleted and version = 1 as is_unknown,
        try_cast(payload ->> '$.TxnDate' as date) as txn_date,
        case when not is_deleted then {effect} end as effect,
    from raw_quickbooks.{table}
    semi join changed using (record_id)
    cross join accounts
    where entity = $entity
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


_STATES = """
select report_date, max(version) as version, arg_max(is_current, version) as is_current
from raw_quickbooks.report_states
where entity = $entity and report = $report
group by report_date
"""

_RETIRE = """
insert into raw_quickbooks.report_states
with states as ({states}),
newest_change as (
    select extracted_at, run_id from ({changes}) where entity = $entity
    order by extracted_at desc limit 1
),
reached as (
    select distinct record_id::date as report_date from {table}
    where entity = $entity and record_id::date >= $reached_from
)
select
    $entity, $report, report_date, coalesce(version, 0) + 1, false, extracted_at, run_id,
from reached
left join states using (report_date)
cross join newest_change
where coalesce(is_current, true)
"""
"""A state is dated to the change that made it: whoever does not know of one has no word of the
other."""

_CONFIRM = """
insert into raw_quickbooks.report_states
with states as ({states}),
read as (select unnest($dates::date[]) as report_date)
select $entity, $report, report_date, coalesce(version, 0) + 1, true, $read_at, $run_id
from read
left join states using (report_date)
where not coalesce(is_current, false)
"""

_REACHED = "select report_date::varchar from ({states}) where not is_current"


class ReportDates(NamedTuple):
    """One report, and the dates to read it for."""

    spec: ReportSpec
    dates: list[date]


class DatedReport(NamedTuple):
    spec: ReportSpec
    on: date


def retire_reached(store: RawStore, realm: str, *, last: ExtractionRecord | None) -> date:
    """Marks the reports that a change since ``last`` reaches; they no longer hold.

    Gives the earliest date that was reached; ``date.max`` if nothing has changed.
    """
    reached_from = date.min if last is None else _reached_from(store, realm, last)
    if reached_from < date.max:
        changes = " union all ".join(f"from {table_of(SYSTEM, table)}" for table in _EFFECTS)
        for spec in REPORTS:
            store.connection.execute(
                _RETIRE.format(states=_STATES, changes=changes, table=table_of(SYSTEM, spec.name)),
                {"entity": realm, "report": spec.name, "reached_from": reached_from},
            )
    return reached_from


def confirm_read(
    store: RawStore, realm: str, report: ReportDates, *, read_at: datetime, run_id: str
) -> None:
    """What was read for these dates holds until a change reaches them."""
    store.connection.execute(
        _CONFIRM.format(states=_STATES),
        {
            "entity": realm,
            "report": report.spec.name,
            "dates": report.dates,
            "read_at": read_at,
            "run_id": run_id,
        },
    )


def reports_of_the_day(
    store: RawStore, realm: str, *, is_moved: bool, has_details: bool
) -> tuple[ReportSpec, ...]:
    """The detail, where the company has several currencies, only if receivables have moved."""
    is_detail_known = bool(store.latest_ids(SYSTEM, AGED_RECEIVABLE_DETAILS.name, realm))
    is_detailed = has_details and (is_moved or not is_detail_known)
    return REPORTS if is_detailed else REPORTS_IN_ONE_CURRENCY


def month_ends_due(
    store: RawStore, realm: str, as_of: date, *, has_details: bool
) -> list[DatedReport]:
    """What is not read yet or no longer holds, the newest month-end first."""
    specs = REPORTS if has_details else REPORTS_IN_ONE_CURRENCY
    current = {spec: _current_dates(store, realm, spec) for spec in specs}
    return [
        DatedReport(spec, day)
        for day in month_ends_before(as_of, first=_first_date(store, realm))
        for spec in specs
        if day.isoformat() not in current[spec]
    ]


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


def _current_dates(store: RawStore, realm: str, spec: ReportSpec) -> set[str]:
    reached = store.connection.execute(
        _REACHED.format(states=_STATES), {"entity": realm, "report": spec.name}
    ).fetchall()
    return store.latest_ids(SYSTEM, spec.name, realm) - {day for (day,) in reached}


def _reached_from(store: RawStore, realm: str, last: ExtractionRecord) -> date:
    """The earliest date that a change since ``last`` reaches; ``date.max`` if nothing changed."""
    reached_from = date.max
    known = {"entity": realm, "since": last.extracted_at}
    for table, effect in _EFFECTS.items():
        any_new = _ANY_NEW.format(table=table, is_new=IS_NEW)
        if store.connection.execute(any_new, known).fetchall() == [(0,)]:
            continue
        changed = _CHANGED.format(accounts=_ACCOUNTS, table=table, is_new=IS_NEW, effect=effect)
        [(earliest, is_unknown)] = store.connection.execute(changed, known).fetchall()
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
