"""Names that several assets share, said once.

Belongs here: names of pools, groups, owners and layers. Does not belong here: anything a single
asset can say about itself.
"""

WAREHOUSE_POOL = "warehouse"
"""DuckDB has one writer, so everything that writes a database waits here; limit 1."""

DATA_OWNER = "team:finance-data"
CONTROLLER = "team:finance-controlling"
BILLING_OWNER = "team:finance-billing"

PUBLISHED = ("published", "marts")
"""Key of the published file, where a run ends."""

MART_LAYER = "marts"
"""The folder of dbt models that is published."""


def raw_schema(system: str) -> str:
    """Schema, asset key prefix and group of a system's raw objects."""
    return f"raw_{system}"


def writeback_schema(system: str) -> str:
    """Asset key prefix and group of what is written to a system."""
    return f"writeback_{system}"
