"""Whatever company is made up, each document is open as the company was made to have it.

The truth is the generator's own ledger, kept while it made the books; the models see only the
vendor's records of them.
"""

import json
from pathlib import Path

import duckdb
import pytest

from q2c_pipeline.sandbox.generate import generate
from tests.golden.models import build_models
from tests.golden.raw_company import QUICKBOOKS_OBJECTS, Company, write_raw

SEEDS = (7, 11)
INVOICES = 300
AS_OF_DATE = "2026-07-02"
MONTH_ENDS_MIN = 24


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Models built from several made-up companies, side by side; the seed is the entity."""
    home = tmp_path_factory.mktemp("made_up")
    for seed in SEEDS:
        generate(home / str(seed), seed=seed, invoices=INVOICES)
    companies = [
        Company(
            str(seed),
            {
                vendor_object: json.loads(path.read_text())
                for vendor_object in QUICKBOOKS_OBJECTS
                if (path := home / str(seed) / "quickbooks" / f"{vendor_object}.json").exists()
            },
        )
        for seed in SEEDS
    ]
    write_raw(home / "raw.duckdb", companies, as_of_date=AS_OF_DATE)
    build_models(home, "+ar_aging", as_of_date=AS_OF_DATE)
    return home


@pytest.mark.parametrize("seed", SEEDS)
def test_every_document_is_open_as_it_was_made_at_every_date(seed: int, home: Path) -> None:
    truth = str(home / str(seed) / "answers" / "open_items.csv")
    with duckdb.connect(str(home / "warehouse.duckdb"), read_only=True) as connection:
        connection.execute(
            f"""
            create temp view truth as
            select
                cast(as_of_date as date) as as_of_date, document_type, document_id, customer_id,
                currency, cast(open_amount as decimal(18, 2)) as open_amount
            from read_csv('{truth}', all_varchar = true)
            """
        )
        connection.execute(
            f"""
            create temp view ours as
            select
                as_of_date,
                case
                    when document_type in ('check', 'expense', 'credit_card_credit')
                        then 'purchase'
                    else document_type
                end as document_type,
                document_id, customer_id, currency, open_amount
            from finance.ar_open_items
            where entity = '{seed}'
                and as_of_date in (select as_of_date from truth)
            """
        )
        only_true = connection.execute("from truth except from ours").fetchall()
        only_ours = connection.execute("from ours except from truth").fetchall()
        dates = connection.execute("select count(distinct as_of_date) from truth").fetchall()
    assert (only_true, only_ours) == ([], [])
    assert dates[0][0] >= MONTH_ENDS_MIN
