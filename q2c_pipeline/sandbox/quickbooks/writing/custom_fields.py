"""The custom fields of sales documents.

Belongs here: the slots that a company's preferences define. Does not belong here: what is in them.
"""

from q2c_pipeline.sandbox.quickbooks.wire import Payload, entries
from q2c_pipeline.sandbox.quickbooks.writing.realm import Realm

CUSTOM_FIELD_SLOTS = ("1", "2", "3")


def finish_custom_fields(realm: Realm, record: Payload) -> None:
    """Every field that the preferences define is there, filled or not."""
    held = {field.get("DefinitionId"): field for field in entries(record, "CustomField")}
    names = _custom_field_names(realm)
    for definition_id, name in names.items():
        field = held.setdefault(definition_id, {"DefinitionId": definition_id})
        field |= {"Name": field.get("Name") or name, "Type": field.get("Type") or "StringType"}
    record["CustomField"] = list(held.values())


def _custom_field_names(realm: Realm) -> dict[str, str]:
    """The names of the switched-on slots by slot number."""
    groups = realm.preference("SalesFormsPrefs", "CustomField")
    told = {
        str(entry.get("Name", "")).rpartition(".")[2]: entry
        for group in groups or []
        if isinstance(group, dict)
        for entry in entries(group, "CustomField")
    }
    return {
        slot: str(told.get(f"SalesCustomName{slot}", {}).get("StringValue", ""))
        for slot in CUSTOM_FIELD_SLOTS
        if told.get(f"UseSalesCustom{slot}", {}).get("BooleanValue") is True
    }
