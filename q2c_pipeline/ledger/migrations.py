"""The steps that bring a ledger of any release to the tables of this one.

Belongs here: numbered statements, each for ever as it was released. Does not belong here: what the
tables mean now, which is ``tables``.

A step is added at the end and never edited: ledgers outlive releases.
"""

from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import Connection, inspect, text


class Step(NamedTuple):
    """One change: statements for every database, then those for one kind of it."""

    common: Sequence[str]
    sqlite: Sequence[str]
    postgresql: Sequence[str]


_EVENTS = """
create table events (
    sequence integer primary key,
    happened_at text not null,
    target_system text not null,
    entity text not null,
    object text not null,
    key text not null,
    operation text not null,
    generation integer not null,
    attempt integer not null,
    state text not null,
    before text,
    marker text not null,
    request_id text not null,
    position integer not null,
    payload text not null,
    payload_hash text not null,
    content_fingerprint text,
    preconditions_hash text,
    remote_id text,
    vendor_at text,
    detail text not null,
    actor text not null,
    run_id text not null,
    previous_hash text not null,
    hash text not null unique
)
"""

_BY_KEY = "create index events_by_key on events (target_system, entity, object, key, sequence)"

_CURRENT = """
create view current_events as
select events.*
from events
inner join (
    select max(sequence) as sequence from events group by target_system, entity, object, key
) as newest on events.sequence = newest.sequence
"""

_VERSION = """
create table if not exists schema_version (version integer primary key, applied_at text not null)
"""

_APPEND_ONLY = "events of the ledger are only ever appended"
_OUT_OF_TURN = "an event of the ledger has the next number and the hash of the one before it"

_SQLITE_GUARDS = (
    *(
        f"create trigger events_no_{act} before {act} on events"
        f" begin select raise(abort, '{_APPEND_ONLY}'); end"
        for act in ("update", "delete")
    ),
    f"""
    create trigger events_in_turn before insert on events
    when
        new.sequence is not (select coalesce(max(sequence), 0) + 1 from events)
        or new.previous_hash is not coalesce(
            (select hash from events order by sequence desc limit 1), '{"0" * 64}'
        )
    begin select raise(abort, '{_OUT_OF_TURN}'); end
    """,
)

_POSTGRESQL_GUARDS = (
    f"""
    create function events_refuse() returns trigger language plpgsql as $$
    begin
        raise exception '{_APPEND_ONLY}';
    end $$
    """,
    "create trigger events_append_only before update or delete or truncate on events"
    " for each statement execute function events_refuse()",
    f"""
    create function events_check_turn() returns trigger language plpgsql as $$
    begin
        if new.sequence is distinct from (select coalesce(max(sequence), 0) + 1 from events)
            or new.previous_hash is distinct from coalesce(
                (select hash from events order by sequence desc limit 1), '{"0" * 64}'
            )
        then
            raise exception '{_OUT_OF_TURN}';
        end if;
        return new;
    end $$
    """,
    "create trigger events_in_turn before insert on events"
    " for each row execute function events_check_turn()",
)

STEPS = (Step((_EVENTS, _BY_KEY, _CURRENT), _SQLITE_GUARDS, _POSTGRESQL_GUARDS),)
"""Step n makes version n of version n - 1."""


def version_of(connection: Connection) -> int:
    """The version of the ledger's tables; 0 where there are none yet."""
    if not inspect(connection).has_table("schema_version"):
        return 0
    found = connection.execute(text("select coalesce(max(version), 0) from schema_version"))
    return int(found.scalar_one())


def migrate(connection: Connection, applied_at: str) -> None:
    """Takes the steps that are still to be taken; the caller's transaction holds them together."""
    connection.execute(text(_VERSION))
    for number in range(version_of(connection) + 1, len(STEPS) + 1):
        step = STEPS[number - 1]
        own = step.sqlite if connection.dialect.name == "sqlite" else step.postgresql
        for statement in (*step.common, *own):
            connection.exec_driver_sql(statement)
        connection.execute(
            text("insert into schema_version values (:version, :applied_at)"),
            {"version": number, "applied_at": applied_at},
        )
