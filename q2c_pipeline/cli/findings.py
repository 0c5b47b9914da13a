"""What ``q2c doctor`` looks at, one finding a line.

Belongs here: looking. Does not belong here: mending.
"""

import platform
from collections.abc import Callable, Iterator, Mapping
from importlib.metadata import version
from typing import NamedTuple

from q2c_pipeline.core.errors import Q2CError, StorageError
from q2c_pipeline.core.home import Home, free_megabytes
from q2c_pipeline.core.tokens import TokenStore
from q2c_pipeline.core.warehouse import RawStore
from q2c_pipeline.defs.accounting.quickbooks import ingest as quickbooks
from q2c_pipeline.defs.accounting.quickbooks.client import QuickBooksClient
from q2c_pipeline.defs.accounting.quickbooks.objects import SETTINGS
from q2c_pipeline.defs.accounting.quickbooks.sign_in import QuickBooksAccess
from q2c_pipeline.defs.crm.salesforce import ingest as salesforce
from q2c_pipeline.defs.crm.salesforce.client import SalesforceClient
from q2c_pipeline.defs.crm.salesforce.objects import OBJECTS
from q2c_pipeline.defs.crm.salesforce.writeback import written_fields
from q2c_pipeline.ledger.chain import verify
from q2c_pipeline.orchestration.ledger import heads_outside, is_begun, ledger_of_home
from q2c_pipeline.policy import POLICY_FILE, read_policy
from q2c_pipeline.settings import QuickBooksSettings, SalesforceSettings, Settings

FREE_MEGABYTES_WANTED = 500
APPROVAL_TABLES = ("process_instances", "process_instance_steps")
PACKAGES = ("dagster", "dagster-dbt", "dbt-core", "dbt-duckdb", "duckdb")


class Finding(NamedTuple):
    """One line: what was looked at, whether it is well, and what was seen or must be mended."""

    subject: str
    is_well: bool
    told: str


def findings() -> Iterator[Finding]:
    """Every line in turn; one that fails stops none of the others."""
    yield Finding("versions", True, _versions())
    yield (settings := _looked_at("settings", lambda: f"home {Settings.read().home_folder}"))
    yield _looked_at("policy", _policy)
    if settings.is_well:
        yield _looked_at("home", _home)
        yield _looked_at("disk", _disk)
        yield _looked_at("raw store", _raw_store)
        yield _looked_at("ledger", _ledger)
    books, crm = QuickBooksSettings.read(), SalesforceSettings.read()
    if not books.is_configured and not crm.is_configured:
        yield Finding("systems", True, "no credentials set: a made-up company is served and read")
    if books.is_configured:
        yield from _quickbooks(books)
    if crm.is_configured:
        yield from _salesforce(crm)


def _looked_at(subject: str, look: Callable[[], str]) -> Finding:
    try:
        return Finding(subject, True, look())
    except Q2CError as error:
        return Finding(subject, False, str(error))


def _versions() -> str:
    packages = ", ".join(f"{name} {version(name)}" for name in PACKAGES)
    return f"Python {platform.python_version()}, {packages}"


def _policy() -> str:
    policy = read_policy()
    return (
        f"{POLICY_FILE.name}: on hold after {policy.receivables.hold_after_days} days,"
        f" {len(policy.waivers)} waivers"
    )


def _home() -> str:
    home = Home(Settings.read().home_folder)
    home.create()
    claim = home.claimed()
    if claim is None:
        return f"{home.folder} is writable and belongs to no company yet"
    kind = "a made-up company" if claim.is_made_up else "a real company"
    return f"{home.folder} belongs to {kind}, realm {', '.join(claim.realm_ids) or 'none'}"


def _disk() -> str:
    free = free_megabytes(Settings.read().home_folder)
    if free < FREE_MEGABYTES_WANTED:
        raise Q2CError(
            f"only {free:,} MB free, less than {FREE_MEGABYTES_WANTED}: free some, or set"
            " Q2C_HOME to a folder on a larger disk"
        )
    return f"{free:,} MB free"


def _raw_store() -> str:
    home = Home(Settings.read().home_folder)
    if not home.raw.exists():
        return "empty: the first run makes it"
    with RawStore(home.raw, wait_seconds=0) as store:
        size = home.raw.stat().st_size // (1024 * 1024)
        (tables,) = store.connection.execute("select count(*) from duckdb_tables()").fetchall()[0]
    return f"{tables} tables, {size:,} MB; back it up, vendors give no old versions"


def _ledger() -> str:
    home = Home(Settings.read().home_folder)
    if not is_begun(home):
        return "empty: the first run makes it"
    with ledger_of_home("doctor") as ledger:
        if sentences := verify(ledger, heads_outside(home)):
            raise StorageError(f"{ledger.name}: {' '.join(sentences)} See `q2c ledger verify`")
        head = ledger.head()
    return f"{ledger.name}: {head.count:,} events, chained and as seen before, {head.hash[:12]}"


def _quickbooks(settings: QuickBooksSettings) -> Iterator[Finding]:
    try:
        accesses = quickbooks.accesses(settings)
    except Q2CError as error:
        yield Finding("QuickBooks", False, str(error))
        return
    tokens = TokenStore(Home(Settings.read().home_folder).tokens)
    for access in accesses:

        def look(access: QuickBooksAccess = access) -> str:
            with QuickBooksClient(access, tokens) as client:
                for spec in SETTINGS:
                    client.setting(spec)
                return f"reached at {access.base_url}, company info and preferences readable"

        yield _looked_at(f"QuickBooks {access.realm}", look)


def _salesforce(settings: SalesforceSettings) -> Iterator[Finding]:
    policy = read_policy()
    wanted, written = salesforce.custom_fields(policy), written_fields(policy)
    try:
        access = salesforce.access_of(settings)
    except Q2CError as error:
        yield Finding("Salesforce", False, str(error))
        return
    if access is None:
        return
    shown: dict[str, Mapping[str, str]] = {}
    editable: dict[str, frozenset[str]] = {}

    def look() -> str:
        with SalesforceClient(access) as client:
            found = {spec.name: client.fields(spec.vendor_name) for spec in OBJECTS}
            names = {spec.name: spec.vendor_name for spec in OBJECTS}
            editable.update({table: client.editable_fields(names[table]) for table in written})
        shown.update({table: fields for table, fields in found.items() if fields is not None})
        return f"reached at {access.login_url}, {len(shown)} of {len(found)} objects readable"

    yield _looked_at("Salesforce", look)
    if not shown:
        return
    yield _approvals(shown)
    for table in sorted(wanted.keys() & shown.keys()):
        for name in wanted[table]:
            is_shown = name in shown[table]
            if is_shown and name in written.get(table, ()):
                yield _written(f"  {table}.{name}", is_editable=name in editable[table])
            else:
                told = "mapped" if is_shown else "not shown: what uses it is not configured"
                yield Finding(f"  {table}.{name}", True, told)


def _approvals(shown: Mapping[str, object]) -> Finding:
    hidden = [name for name in APPROVAL_TABLES if name not in shown]
    if not hidden:
        return Finding("  approvals", True, "readable")
    return Finding(
        "  approvals",
        False,
        f"{' and '.join(hidden)} not readable, so nothing counts as approved and nothing is billed:"
        " give the integration user read access to deals and their approval history",
    )


def _written(subject: str, *, is_editable: bool) -> Finding:
    if is_editable:
        return Finding(subject, True, "mapped, and may be written")
    return Finding(
        subject,
        False,
        "shown, and may not be written: let the integration user edit the field, or set it to null"
        " in the policy",
    )
