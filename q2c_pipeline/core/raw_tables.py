"""The tables of the raw database, and the names they go by.

Belongs here: the one shape of every raw table. Does not belong here: reading and writing them.
"""

import re

from q2c_pipeline.core.errors import ConfigurationError

_NAME = re.compile(r"[a-z][a-z0-9_]*")

SYSTEM_TABLES = """
create schema if not exists raw_{system};
create table if not exists raw_{system}.rejects (
    entity varchar not null,
    object varchar not null,
    record_id varchar,
    field varchar not null,
    reason varchar not null,
    mend varchar not null,
    payload varchar not null,
    payload_hash varchar not null,
    extracted_at timestamptz not null,
    run_id varchar not null
);
create table if not exists raw_{system}.cursors (
    entity varchar not null,
    object varchar not null,
    changed_since timestamptz not null,
    selection varchar not null,
    extracted_at timestamptz not null,
    run_id varchar not null,
    primary key (entity, object)
);
alter table raw_{system}.cursors add column if not exists listed_at timestamptz;
create table if not exists raw_{system}.extractions (
    entity varchar not null,
    run_id varchar not null,
    extracted_at timestamptz not null,
    as_of_date date not null,
    extraction_date date not null,
    time_zone varchar not null,
    home_currency varchar,
    primary key (entity, run_id)
);
alter table raw_{system}.extractions add column if not exists calls integer;
alter table raw_{system}.extractions add column if not exists metered_reads integer;
create table if not exists raw_{system}.counts (
    entity varchar not null,
    object varchar not null,
    run_id varchar not null,
    ours bigint not null,
    theirs bigint not null,
    counted_at timestamptz not null,
    primary key (entity, object, run_id)
);
create table if not exists raw_{system}.failures (
    entity varchar not null,
    run_id varchar not null,
    reason varchar not null,
    last_read_at timestamptz,
    failed_at timestamptz not null,
    primary key (entity, run_id)
);
create table if not exists raw_{system}.report_states (
    entity varchar not null,
    report varchar not null,
    report_date date not null,
    version integer not null,
    is_current boolean not null,
    changed_at timestamptz not null,
    run_id varchar not null
);
"""

FORMER_REPORT_STATES = "report_dates"
"""What held only the present state of each report; an older raw database may have it."""

TAKE_OVER_REPORT_STATES = """
begin;
insert into raw_{system}.report_states
with newest_readings as (
    select
        entity,
        max(extracted_at) as extracted_at,
        arg_max(run_id, extracted_at) as run_id
    from raw_{system}.extractions
    group by entity
)
select
    former.entity,
    former.report,
    former.report_date,
    1,
    former.is_current,
    coalesce(if(former.is_current, null, readings.extracted_at), former.read_at),
    coalesce(if(former.is_current, null, readings.run_id), former.run_id)
from raw_{system}.{former} as former
left join newest_readings as readings using (entity);
drop table raw_{system}.{former};
commit;
"""

OBJECT_TABLE = """
create table if not exists {table} (
    entity varchar not null,
    record_id varchar not null,
    version integer not null,
    source_updated_at timestamptz,
    is_deleted boolean not null,
    payload json not null,
    payload_hash varchar not null,
    extracted_at timestamptz not null,
    run_id varchar not null
);
"""

LEDGER_SCHEMA = "raw_ledger"

LEDGER_TABLES = f"""
create schema if not exists {LEDGER_SCHEMA};
create table if not exists {LEDGER_SCHEMA}.events (
    sequence bigint not null,
    happened_at timestamptz not null,
    target_system varchar not null,
    entity varchar not null,
    object varchar not null,
    key varchar not null,
    operation varchar not null,
    generation integer not null,
    attempt integer not null,
    state varchar not null,
    before varchar,
    marker varchar not null,
    request_id varchar not null,
    position integer not null,
    payload varchar not null,
    payload_hash varchar not null,
    content_fingerprint varchar,
    preconditions_hash varchar,
    remote_id varchar,
    vendor_at timestamptz,
    detail varchar not null,
    actor varchar not null,
    run_id varchar not null,
    previous_hash varchar not null,
    hash varchar not null,
    extracted_at timestamptz not null
);
create table if not exists {LEDGER_SCHEMA}.readings (
    run_id varchar not null,
    event_count bigint not null,
    head_hash varchar not null,
    read_at timestamptz not null
);
"""
"""A copy of the ledger's events, and what its head was whenever it was read.

The moments of reading are this machine's, for the ledger has no vendor.
"""


def system_tables(system: str) -> str:
    """The statements that make what every system has."""
    return SYSTEM_TABLES.format(system=plain_name(system))


def take_over_report_states(system: str) -> str:
    """The statements that move the former present states into the log of states.

    When a report ceased to hold was not kept; it is dated to the newest reading.
    """
    return TAKE_OVER_REPORT_STATES.format(system=plain_name(system), former=FORMER_REPORT_STATES)


def object_table(system: str, object: str) -> str:
    """The statement that makes one object's table."""
    return OBJECT_TABLE.format(table=table_of(system, object))


def table_of(system: str, object: str) -> str:
    """The table's full name, safe to put into a statement."""
    return f"raw_{plain_name(system)}.{plain_name(object)}"


def plain_name(name: str) -> str:
    """The name itself. Raises: ConfigurationError when it is not a plain lower-case word."""
    if not _NAME.fullmatch(name):
        raise ConfigurationError(
            f"{name!r} cannot name a raw table: use lower-case letters, digits and underscores"
        )
    return name
