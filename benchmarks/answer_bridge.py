"""One way to say what was booked, billed and received in each month, in a process of its own.

``hand`` is a query straight on the payloads; ``mart`` reads what the build stated. The answer is
kept beside the database, for a time only counts if both say the same.

Called as ``answer_bridge.py <way> <home> <as-of date>``.
"""

import sys
from pathlib import Path

import duckdb
from stopwatch import timed

QUERIES = {
    "hand": Path(__file__).with_name("bridge_by_hand.sql").read_text(),
    "mart": """
        select month, section, amount_home
        from revenue.pipeline_to_cash_bridge
        where category = 'closing' and amount_home <> 0
    """,
}


def main() -> None:
    way, folder, as_of_date = sys.argv[1:]
    home = Path(folder)
    query = QUERIES[way].replace("$as_of_date", f"date '{as_of_date}'")
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
