"""Customer records of which it is known who is who, as the matching takes them.

Belongs here: reading labelled sets and making up others, into a database of their own. Does not
belong here: what a made-up record says, which is ``duplicate_records.sql`` and
``hostile_records.sql``.

The records become ``intermediate.int_duplicates__records`` of ``warehouse.duckdb``, where no
customer is linked with an account; the truth stands apart from it in ``truth.parquet``, where no
contender looks.
"""

from collections.abc import Callable, Mapping
from pathlib import Path

import duckdb
from raw_versions import make_tables

HOSTILE_RECORDS = 10_000
SEED = 20_260_701
LABELLED = Path(__file__).resolve().parent.parent.parent / "shared" / "data" / "duplicates"
RECORDS = Path(__file__).with_name("duplicate_records.sql")
HOSTILE = Path(__file__).with_name("hostile_records.sql")

_CHILDCARE = """
    select
        "True Id" as truth, 'quickbooks' as system, 'one' as entity, Id as record_id,
        trim("Site name") as name, null as legal_name, trim(Address) as street, null as city,
        null as region, Zip as postal_code, null as country, Phone as phone,
        "Email Address" as email, Website as website, null as tax_id, null as parent,
        timestamptz '2024-01-01 00:00:00+00' as created_at
    from read_csv('{folder}/childcare_sites.csv', header = true, all_varchar = true)
"""

_FEBRL = """
    select
        regexp_extract(rec_id, '^rec-([0-9]+)-', 1) as truth, 'quickbooks' as system,
        'one' as entity, rec_id as record_id,
        concat_ws(' ', trim(given_name), trim(surname)) as name, null as legal_name,
        concat_ws(' ', trim(street_number), trim(address_1), trim(address_2)) as street,
        trim(suburb) as city, trim(state) as region, trim(postcode) as postal_code,
        null as country, null as phone, null as email, null as website,
        trim(soc_sec_id) as tax_id, null as parent,
        timestamptz '2024-01-01 00:00:00+00' as created_at
    from read_csv('{folder}/febrl1.csv', header = true, all_varchar = true, normalize_names = true)
"""

_OF_RECORDS = """
    select
        truth, concat_ws(':', system, entity, record_id) as record_key,
        {texts},
        parent.record_key as parent_key, true as is_active, created_at,
        null::varchar as created_by
    from labelled
    left join (
        select record_id as parent, concat_ws(':', system, entity, record_id) as record_key
        from labelled
    ) as parent on labelled.parent::varchar = parent.parent
"""
KNOWN_LINKS = """int_matching__customer_accounts (
    entity varchar, customer_id varchar, crm_system varchar, crm_entity varchar,
    crm_account_id varchar, link_kind varchar
)"""
TEXTS = (
    *("system", "entity", "record_id", "name", "legal_name", "street", "city", "region"),
    *("postal_code", "country", "phone", "email", "website", "tax_id"),
)


def childcare(home: Path) -> int:
    """Sites of child care in Chicago, which several offices listed; how many records."""
    return _keep(home, duckdb.connect(), _CHILDCARE.format(folder=LABELLED))


def persons(home: Path) -> int:
    """Made-up Australians of the Febrl project, each twice, once of them with errors."""
    return _keep(home, duckdb.connect(), _FEBRL.format(folder=LABELLED))


def companies(home: Path, records: int) -> int:
    """``records`` customers, a tenth of them duplicates, a tenth subsidiaries, a tenth branches."""
    return _keep(home, made_up(records), "select * exclude (kind) from made_records")


def hostile(home: Path) -> int:
    """Records that leave little to go by, and whoever trusts that little goes wrong."""
    connection = made_up(2 * HOSTILE_RECORDS)
    connection.execute(HOSTILE.read_text())
    return _keep(home, connection, "select * exclude (kind) from hostile_records")


def made_up(records: int) -> duckdb.DuckDBPyConnection:
    """A database that holds so many customers as ``made_records``, always the same ones."""
    connection = duckdb.connect()
    connection.execute("set enable_progress_bar = false")
    connection.execute("set timezone = 'UTC'")
    connection.execute(f"set variable seed = {SEED}")
    connection.execute(f"set variable records = {records}")
    connection.execute(RECORDS.read_text())
    return connection


def _keep(home: Path, connection: duckdb.DuckDBPyConnection, query: str) -> int:
    make_tables(home / "raw.duckdb")
    texts = ", ".join(f"nullif({name}::varchar, '') as {name}" for name in TEXTS)
    connection.execute(f"create temp table labelled as {query}")
    connection.execute(f"create temp table keyed as {_OF_RECORDS.format(texts=texts)}")
    connection.execute(f"attach '{home / 'warehouse.duckdb'}' as warehouse")
    connection.execute("create schema warehouse.intermediate")
    connection.execute(
        "create table warehouse.intermediate.int_duplicates__records as"
        " select * exclude (truth) from keyed order by record_key"
    )
    connection.execute(f"create table warehouse.intermediate.{KNOWN_LINKS}")
    connection.execute(
        f"copy (select record_key, truth::varchar as truth from keyed order by record_key)"
        f" to '{home / 'truth.parquet'}' (format parquet)"
    )
    (count,) = connection.execute("select count(*) from keyed").fetchall()[0]
    connection.close()
    return int(count)


SETS: Mapping[str, Callable[[Path], int]] = {
    "childcare_sites": childcare,
    "febrl1": persons,
    "hostile": hostile,
}
"""By name; the first two need ``LABELLED``."""
