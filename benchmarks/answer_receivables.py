"""One way to say what is open at some dates, in a process of its own.

``hand`` is a query straight on the payloads; ``function`` asks the published function, for one
date; ``mart`` reads what the build stated. The answer is kept beside the database, for its time
only counts if all ways say the same.

Called as ``answer_receivables.py <way> <home> <date> ...``.
"""

import sys
from pathlib import Path

import duckdb
from stopwatch import timed

COLUMNS = "as_of_date, document_type, document_id, open_amount"
QUERIES = {
    "hand": Path(__file__).with_name("receivables_by_hand.sql").read_text(),
    "function": f"select {COLUMNS} from finance.ar_open_items_as_of($dates[1])",
    "mart": f"select {COLUMNS} from finance.ar_open_items where list_contains($dates, as_of_date)",
}


def main() -> None:
    way, folder, *dates = sys.argv[1:]
    home = Path(folder)
    query = QUERIES[way].replace("$dates", f"({dates}::date[])")
    with duckdb.connect() as connection:
        connection.execute(f"attach '{home / 'raw.duckdb'}' as raw (read_only)")
        connection.execute(f"attach '{home / 'warehouse.duckdb'}' as warehouse (read_only)")
        connection.execute("use warehouse")
        with timed(way):
            connection.execute(f"create temp table answer as {query}")
        answer = home / f"{way}.parquet"
        connection.execute(f"copy (from answer order by all) to '{answer}' (format parquet)")


if __name__ == "__main__":
    main()
