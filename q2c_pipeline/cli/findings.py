"""What ``q2c doctor`` looks at, one finding a line.

Belongs here: looking. Does not belong here: mending.
"""

import platform
from collections.abc import Callable, Iterator, Mapping
from importlib.metadata import version
from typing import NamedTuple

from q2c_pipeline.core.errors import Q2CError
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
from q2c_pipeline.policy import POLICY_FILE, read_policy
from q2c_pipeline.settings import QuickBooksSettings, SalesforceSettings, Settings

FREE_MEGABYTES_WANTED = 500
PACKAGES = ("dagster", "dagster-dbt", "dbt-core", "dbt-duckdb", "duckdb")


class Finding(NamedTuple):
    """One line: what was looked at, whether it is well, and what was seen or must be mended."""

    subject: str
    is_well: bool
    told: str


def findings() -> Iterator[Finding]:
    """Every line in turn; one that fails stops none of the others."""
    yield Finding("versions", True, _versions())
    yield _looked_at("settings", lambda: f"home {Settings.read().home_folder}")
    yield _looked_at("policy", _policy)
    yield _looked_at("home", _home)
    yield _looked_at("disk", _disk)
    yield _looked_at("raw store", _raw_store)
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
    wanted = salesforce.custom_fields(read_policy())
    try:
        access = salesforce.access_of(settings)
    except Q2CError as error:
        yield Finding("Salesforce", False, str(error))
        return
    if access is None:
        return
    shown: dict[str, Mapping[str, str]] = {}

    def look() -> str:
        with SalesforceClient(access) as client:
            found = {spec.name: client.fields(spec.vendor_name) for spec in OBJECTS}
        shown.update({table: fields for table, fields in found.items() if fields is not None})
        return f"reached at {access.login_url}, {len(shown)} of {len(found)} objects readable"

    yield _looked_at("Salesforce", look)
    for table in wanted.keys() & shown.keys():
        for name in wanted[table]:
            told = "mapped" if name in shown[table] else "not shown: what uses it is not configured"
            yield Finding(f"  {table}.{name}", True, told)
