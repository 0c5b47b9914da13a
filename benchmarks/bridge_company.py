"""A company of many deals and their books, straight into the raw store, and a night of changes.

Belongs here: which records there are and what a night does to them. Does not belong here: what a
record looks like, which is ``bridge_company.sql``, nor what is measured on them.
"""

from datetime import date, timedelta
from pathlib import Path

import duckdb
from raw_versions import NEW_VERSIONS, add_versions, make_tables

from q2c_pipeline.defs.accounting.quickbooks import objects as quickbooks
from q2c_pipeline.defs.crm.salesforce import objects as salesforce

REALM, ORGANISATION = "9341454816381446", "00D000000000001EAA"
AS_OF_DATE = date(2026, 4, 30)
MACROS = Path(__file__).with_suffix(".sql")

_HISTORY = {
    salesforce.SYSTEM: """
        insert into new_versions select object, record_id, false, payload from crm_lists_made();
        insert into new_versions
        select 'opportunities', record_id, false, payload from opportunities_made(0, null)
        where n <= getvariable('deals');
        insert into new_versions
        select object, record_id, false, payload from deal_records_made()
        where n <= getvariable('deals');
    """,
    quickbooks.SYSTEM: """
        insert into new_versions select object, record_id, false, payload from book_lists_made();
        insert into new_versions
        select 'invoices', record_id, false, payload from invoices_made(0)
        where n <= getvariable('deals');
        insert into new_versions
        select object, record_id, false, payload from receipts_made()
        where n <= getvariable('deals') and received_on <= getvariable('as_of_date');
    """,
}
"""By system; every record at its first version."""

_NIGHT = {
    salesforce.SYSTEM: """
        insert into new_versions
        select 'opportunities', record_id, false, payload from opportunities_made(0, null)
        where n > getvariable('deals');
        insert into new_versions
        select object, record_id, false, payload from deal_records_made()
        where n > getvariable('deals');
        insert into new_versions
        select 'opportunities', record_id, n % 1000 = 313, payload
        from opportunities_made(3, getvariable('as_of_date') + 1)
        where n <= getvariable('deals') and (n % 200 = 7 or n % 1000 = 313);
    """,
    quickbooks.SYSTEM: """
        insert into new_versions
        select 'invoices', record_id, false, payload from invoices_made(0)
        where n > getvariable('deals');
        insert into new_versions
        select 'invoices', record_id, false, payload from invoices_made(3)
        where n <= getvariable('deals') and n % 200 = 27;
        insert into new_versions
        select object, record_id, false, payload from receipts_made()
        where n > getvariable('deals') and received_on <= getvariable('as_of_date') + 1
            or received_on = getvariable('as_of_date') + 1;
    """,
}
"""Half a per cent more deals with all that follows from them, and as many old ones edited."""


def make_history(raw: Path, deals: int) -> None:
    """A raw database with ``deals`` deals, ten times as many invoice lines, and their cash."""
    make_tables(raw)
    _add(raw, _HISTORY, deals, AS_OF_DATE, run_id="history")


def add_night(raw: Path, deals: int) -> int:
    """New records, and edits of old ones all over the history; how many versions that were."""
    return _add(raw, _NIGHT, deals, AS_OF_DATE + timedelta(days=1), run_id="night")


def _add(raw: Path, statements: dict[str, str], deals: int, day: date, run_id: str) -> int:
    count = 0
    with duckdb.connect(str(raw)) as connection:
        connection.execute("set preserve_insertion_order = true")
        connection.execute(f"set variable deals = {deals}")
        connection.execute(f"set variable last_deal = {deals + deals // 200}")
        connection.execute(f"set variable as_of_date = date '{AS_OF_DATE}'")
        connection.execute(MACROS.read_text())
        for system, entity in ((salesforce.SYSTEM, ORGANISATION), (quickbooks.SYSTEM, REALM)):
            connection.execute(NEW_VERSIONS)
            connection.execute(statements[system])
            count += add_versions(connection, system, entity, day, run_id)
    return count
