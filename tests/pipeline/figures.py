"""Figures of a published home, asked as an analyst asks for them."""

from decimal import Decimal
from pathlib import Path

from tests.pipeline.conftest import run_q2c

RESIDUALS = """
    select entity, month, section
    from revenue.pipeline_to_cash_bridge
    group by all
    having sum(amount_home) filter (category not in ('closing', 'unexplained'))
        is distinct from sum(amount_home) filter (category = 'closing')
        or sum(amount_home) filter (category = 'unexplained') <> 0
"""


def figures(home: Path, sql: str) -> list[str]:
    answer = run_q2c(home, "query", sql, "--format", "csv")
    assert answer.returncode == 0, answer.stderr
    return answer.stdout.splitlines()[1:]


def by_month(home: Path, section: str, category: str) -> dict[str, Decimal]:
    """Amounts of a category by month, as 2017-03; months of nothing are left out."""
    rows = figures(
        home,
        "select strftime(month, '%Y-%m'), amount_home from revenue.pipeline_to_cash_bridge"
        f" where section = '{section}' and category = '{category}' and amount_home <> 0",
    )
    return {month: Decimal(amount) for month, amount in (row.split(",") for row in rows)}
