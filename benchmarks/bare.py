"""The lower bound: ``bare.sql`` on a company folder, and nothing else.

Called as ``bare.py <folder with Invoice.json> <as-of date>``; prints one line of JSON.
"""

import json
import sys
from pathlib import Path

import duckdb


def main() -> None:
    folder, as_of = sys.argv[1:]
    query = (Path(__file__).parent / "bare.sql").read_text(encoding="utf-8")
    with duckdb.connect() as connection:
        rows = connection.execute(query, {"folder": folder, "as_of": as_of}).fetchall()
    print(json.dumps([[customer, currency, str(amount)] for customer, currency, amount in rows]))


if __name__ == "__main__":
    main()
