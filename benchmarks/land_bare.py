"""The upper bound: pages fetched by plain httpx, written as text, read by DuckDB into one table.

It checks nothing, keeps no versions and no cursor, and stops half-way if anything fails.

Called as ``land_bare.py <address> <folder> <invoices>``.
"""

import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import duckdb
import httpx
from stopwatch import timed

PAGE_ROWS = 1_000
IN_FLIGHT = 8
LARGEST_PAGE_BYTES = 16_000_000


def main() -> None:
    address, folder, invoices = sys.argv[1:]
    pages = Path(folder) / "pages"
    pages.mkdir()
    with timed("bare"), httpx.Client(base_url=address) as client:

        def fetch(start: int) -> None:
            statement = f"SELECT * FROM Invoice STARTPOSITION {start} MAXRESULTS {PAGE_ROWS}"
            answer = client.get(f"/v3/company/{invoices}/query", params={"query": statement})
            (pages / f"{start}.json").write_bytes(answer.raise_for_status().content)

        with ThreadPoolExecutor(IN_FLIGHT) as pool:
            list(pool.map(fetch, range(1, int(invoices) + 1, PAGE_ROWS)))
        with duckdb.connect(str(Path(folder) / "bare.duckdb")) as connection:
            connection.execute(
                "create table invoices as select unnest(QueryResponse.Invoice) as payload"
                " from read_json($pages, format = 'unstructured',"
                " columns = {QueryResponse: 'struct(Invoice json[])'},"
                " maximum_object_size = $largest)",
                {"pages": str(pages / "*.json"), "largest": LARGEST_PAGE_BYTES},
            )


if __name__ == "__main__":
    main()
