"""The same invoices through dlt's ``rest_api`` source, as its manual advises for speed, or as is.

Tuned means eight resources that share one table and read a range of pages each in parallel,
nested lists kept as JSON instead of tables of their own, Parquet files of 50,000 rows for loading,
and one process a core that normalises them.

Called as ``land_dlt.py <address> <folder> <invoices> <tuned or defaults>``.
"""

import os
import sys
from collections.abc import Mapping
from typing import Any

SHARES = 8
PAGE_ROWS = 1_000
TUNING: Mapping[str, str] = {
    "EXTRACT__WORKERS": str(SHARES),
    "EXTRACT__MAX_PARALLEL_ITEMS": str(4 * SHARES),
    "EXTRACT__DATA_WRITER__BUFFER_MAX_ITEMS": "10000",
    "EXTRACT__DATA_WRITER__FILE_MAX_ITEMS": "50000",
    "NORMALIZE__WORKERS": str(os.cpu_count()),
    "NORMALIZE__DATA_WRITER__BUFFER_MAX_ITEMS": "10000",
    "NORMALIZE__DATA_WRITER__FILE_MAX_ITEMS": "50000",
    "LOAD__WORKERS": str(os.cpu_count()),
}


def main() -> None:
    address, folder, invoices, way = sys.argv[1:]
    os.environ |= {"RUNTIME__DLTHUB_TELEMETRY": "false", "DLT_DATA_DIR": folder}
    if way == "tuned":
        os.environ |= TUNING
    load(address, folder, int(invoices), is_tuned=way == "tuned")


def load(address: str, folder: str, invoices: int, *, is_tuned: bool) -> None:
    import dlt  # here, for it reads the settings above when it is imported
    from dlt.sources.helpers.rest_client.paginators import BasePaginator
    from dlt.sources.rest_api import rest_api_source
    from requests import Request, Response
    from stopwatch import timed

    class QueryPages(BasePaginator):
        """QuickBooks takes the position inside of the query's text."""

        def __init__(self, first: int, last: int) -> None:
            super().__init__()
            self._position, self._last = first, last

        def init_request(self, request: Request) -> None:
            self.update_request(request)

        def update_state(self, response: Response, data: list[Any] | None = None) -> None:
            self._position += PAGE_ROWS
            self._has_next_page = self._position <= self._last

        def update_request(self, request: Request) -> None:
            request.params = {
                "query": f"SELECT * FROM Invoice STARTPOSITION {self._position}"
                f" MAXRESULTS {min(PAGE_ROWS, self._last - self._position + 1)}"
            }

    shares = SHARES if is_tuned else 1
    share_rows = -(-invoices // (shares * PAGE_ROWS)) * PAGE_ROWS
    resources = [
        {
            "name": f"invoices_{first}",
            "table_name": "invoices",
            "endpoint": {
                "path": f"v3/company/{invoices}/query",
                "data_selector": "QueryResponse.Invoice",
                "paginator": QueryPages(first, min(first + share_rows - 1, invoices)),
            },
            **({"parallelized": True, "max_table_nesting": 0} if is_tuned else {}),
        }
        for first in range(1, invoices + 1, share_rows)
    ]
    with timed("dlt"):
        pipeline = dlt.pipeline(
            "benchmark",
            pipelines_dir=f"{folder}/pipelines",
            destination=dlt.destinations.duckdb(f"{folder}/dlt.duckdb"),
            dataset_name="raw",
        )
        source = rest_api_source({"client": {"base_url": address}, "resources": resources})
        pipeline.run(source, loader_file_format="parquet" if is_tuned else None)


if __name__ == "__main__":
    main()
