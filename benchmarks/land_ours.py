"""Lists invoices into a raw store as a run does: checked, hashed, versioned, with their cursor.

Called as ``land_ours.py <address> <folder> <invoices> <pace>``, where pace is ``vendor`` for the
limits that a run keeps to, or ``none``.
"""

import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import pandas  # noqa: F401  -- landing needs it; no way counts what it imports
from stopwatch import timed

from q2c_pipeline.core.pacing import Pacer
from q2c_pipeline.core.tokens import TokenStore
from q2c_pipeline.core.warehouse import RawStore
from q2c_pipeline.defs.accounting.quickbooks.client import (
    REQUESTS_IN_FLIGHT_MAX,
    QuickBooksClient,
)
from q2c_pipeline.defs.accounting.quickbooks.listing import PAGES_AHEAD
from q2c_pipeline.defs.accounting.quickbooks.objects import CHANGING, SYSTEM
from q2c_pipeline.defs.accounting.quickbooks.reading import Reading
from q2c_pipeline.defs.accounting.quickbooks.sign_in import QuickBooksAccess

(INVOICES,) = (spec for spec in CHANGING if spec.vendor_name == "Invoice")


def main() -> None:
    address, folder, invoices, pace = sys.argv[1:]
    access = QuickBooksAccess(
        base_url=address,
        token_url=f"{address}/oauth2/v1/tokens/bearer",
        realm=invoices,
        client_id="client",
        client_secret="secret",
        refresh_token="refresh",
    )
    unpaced = Pacer(per_second=1e6, per_minute=1_000_000, in_flight=REQUESTS_IN_FLIGHT_MAX)
    with (
        timed("q2c"),
        RawStore(Path(folder) / "raw.duckdb") as store,
        QuickBooksClient(
            access,
            TokenStore(Path(folder) / "tokens"),
            pacer=None if pace == "vendor" else unpaced,
        ) as client,
        ThreadPoolExecutor(PAGES_AHEAD) as pool,
    ):
        store.prepare({SYSTEM: [INVOICES.name]})
        reading = Reading(
            store=store,
            client=client,
            run_id="benchmark",
            extracted_at=datetime.now(UTC),
            progress=lambda _: None,
            pool=pool,
        )
        reading.land_listing(INVOICES)


if __name__ == "__main__":
    main()
