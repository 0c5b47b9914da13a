"""Finding records by a text inside them, case aside, without reading them all.

Belongs here: the expression that is compared and the index over it, which is built when a field is
first looked up by. Does not belong here: which fields that are.
"""

from q2c_pipeline.sandbox.store import Store


def text_at(path: str) -> str:
    """The SQL expression for the text at a JSON path, as it is compared."""
    return f"folded(json_extract(payload, '{path}'))"


def index_over(store: Store, path: str) -> str:
    """The name of the index over QuickBooks records by the text at a path."""
    name = "quickbooks_by_" + path.removeprefix("$.").replace(".", "_")
    store.connection.execute(
        f"create index if not exists {name} on records"
        f" (tenant, object, {text_at(path)}) where system = 'quickbooks'"
    )
    return name
