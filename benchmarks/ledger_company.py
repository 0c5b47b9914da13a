"""A company with a long history, written straight into the raw store, and a night of changes to it.

Belongs here: which records there are and what a night does to them. Does not belong here: what a
record looks like, which is ``ledger_company.sql``, nor what is measured on them.
"""

from datetime import date, timedelta
from pathlib import Path

import duckdb
from raw_versions import NEW_VERSIONS, add_versions, make_tables

from q2c_pipeline.defs.accounting.quickbooks import objects as quickbooks

ENTITY = "9341454816381446"
AS_OF_DATE = date(2026, 4, 30)
MACROS = Path(__file__).with_suffix(".sql")
CHANGED_PER_THOUSAND = 10

_HISTORY = """
insert into new_versions select object, record_id, false, payload from lists_made();
insert into new_versions
select 'invoices', record_id, false, payload from invoices_made(0, 0) where n <= $invoices;
insert into new_versions
select 'payments', record_id, false, payload from payments_made(0)
where n <= $invoices and paid_on <= $as_of_date;
insert into new_versions
select object, record_id, false, payload from credits_made() where credited_on <= $as_of_date;
insert into new_versions
select 'journal_entries', record_id, false, payload from journal_entries_made();
"""

_NIGHT = """
insert into new_versions
select 'invoices', record_id, false, payload from invoices_made(0, 0) where n > $invoices;
insert into new_versions
select 'payments', record_id, false, payload from payments_made(0)
where paid_on > $as_of_date and paid_on <= $as_of_date + 4 and n % 400 <> 31;
insert into new_versions
select 'invoices', record_id, false, payload from invoices_made(1, 0)
where n % 400 = 11 and n <= $invoices;
insert into new_versions
select 'invoices', record_id, false, payload from invoices_made(0, -3)
where n % 800 = 21 and n <= $invoices;
insert into new_versions
select 'payments', record_id, false, payload from payments_made(5)
where n % 400 = 31 and paid_on <= $as_of_date;
insert into new_versions
select 'payments', record_id, true, payload from payments_made(0)
where n % 2000 = 41 and paid_on <= $as_of_date;
"""


def make_history(raw: Path, invoices: int) -> None:
    """A raw database with every record at its first version."""
    make_tables(raw)
    _add(raw, _HISTORY, invoices, AS_OF_DATE, run_id="history")


def add_night(raw: Path, invoices: int) -> int:
    """New records, and edits of old ones all over the history; how many versions that were."""
    return _add(raw, _NIGHT, invoices, AS_OF_DATE + timedelta(days=1), run_id="night")


def _add(raw: Path, statements: str, invoices: int, as_of_date: date, run_id: str) -> int:
    with duckdb.connect(str(raw)) as connection:
        connection.execute("set preserve_insertion_order = true")
        connection.execute(f"set variable invoices = {invoices}")
        connection.execute(f"set variable last_invoice = {invoices + invoices // 250}")
        connection.execute(MACROS.read_text())
        connection.execute(NEW_VERSIONS)
        given = {"invoices": invoices, "as_of_date": AS_OF_DATE}
        for statement in statements.split(";\n"):
            if statement.strip():
                used = {name: value for name, value in given.items() if f"${name}" in statement}
                connection.execute(statement, used)
        return add_versions(connection, quickbooks.SYSTEM, ENTITY, as_of_date, run_id)
