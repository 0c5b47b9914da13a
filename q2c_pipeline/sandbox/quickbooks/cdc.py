"""Change data capture: everything of some entities that changed since a moment.

Belongs here: the look-back, the cap and the order of changes. Does not belong here: HTTP.
"""

from datetime import datetime, timedelta

from q2c_pipeline.sandbox.quickbooks.entities import find_entity
from q2c_pipeline.sandbox.quickbooks.faults import (
    bad_parameter,
    missing,
    out_of_range,
    query_invalid,
    unsupported,
)
from q2c_pipeline.sandbox.quickbooks.wire import instant
from q2c_pipeline.sandbox.store import Store, microseconds

LOOK_BACK = timedelta(days=30)
OBJECTS_MAX = 1000


def changes(
    store: Store, realm_id: str, *, entities: str, changed_since: str, now: datetime
) -> str:
    """The ``QueryResponse`` array: per entity its living objects, then deleted stubs, oldest first.

    Raises ``Fault`` for an unknown entity, one that is not captured, or too long a look-back.
    """
    if not entities:
        raise missing("entities")
    since = _moment(changed_since)
    if now - since > LOOK_BACK:
        raise out_of_range(
            "changedSince",
            f"changedSince may lie at most {LOOK_BACK.days} days back. Supplied value:"
            f"{changed_since}",
        )
    room = OBJECTS_MAX
    answers = []
    for name in entities.split(","):
        entity = find_entity(name.strip())
        if entity is None:
            raise query_invalid(f"invalid context declaration: {name.strip()}")
        if not entity.is_in_cdc:
            raise unsupported(f"cdc for {entity.name}")
        texts = _changed(store, realm_id, entity.name, since, room)
        room -= len(texts)
        answers.append(_answer(entity.name, texts))
    return f"[{','.join(answers)}]"


def _moment(changed_since: str) -> datetime:
    if not changed_since:
        raise missing("changedSince")
    try:
        return instant(changed_since)
    except ValueError as error:
        raise bad_parameter(
            "changedSince", f"changedSince is not a moment. Supplied value:{changed_since}"
        ) from error


def _changed(store: Store, realm_id: str, entity: str, since: datetime, room: int) -> list[str]:
    rows = store.connection.execute(
        "select payload from records where system = 'quickbooks' and tenant = ? and object = ?"
        " and is_deleted in (0, 1) and updated_at >= ?"
        " order by is_deleted, updated_at, length(record_id), record_id limit ?",
        (realm_id, entity, microseconds(since), room),
    )
    return [row[0] for row in rows]


def _answer(entity: str, texts: list[str]) -> str:
    if not texts:
        return "{}"
    return f'{{"{entity}":[{",".join(texts)}],"startPosition":1,"maxResults":{len(texts)}}}'
