"""Describe answers: the objects there are, and each object's fields with their traits.

Belongs here: how describe spells what the schema knows. Does not belong here: the schema.
"""

from collections.abc import Sequence
from typing import Any

from q2c_pipeline.sandbox.salesforce.ids import key_prefix
from q2c_pipeline.sandbox.salesforce.schema import ID_TYPES, NUMBER_TYPES, Field, SObject

ID_CHARACTERS = 18
CURRENCY_PRECISION, CURRENCY_SCALE = 18, 2
INT_DIGITS = 8
BYTES_A_CHARACTER = 3
ALWAYS_SET = frozenset(
    {
        "CreatedById",
        "CreatedDate",
        "LastModifiedById",
        "LastModifiedDate",
        "OwnerId",
        "SystemModstamp",
    }
)
UNSORTABLE_TYPES = frozenset({"address", "anyType"})
UNGROUPABLE_TYPES = UNSORTABLE_TYPES | {"currency", "datetime", "double", "percent"}
SOAP_TYPES = {
    "id": "tns:ID",
    "reference": "tns:ID",
    "boolean": "xsd:boolean",
    "int": "xsd:int",
    "double": "xsd:double",
    "currency": "xsd:double",
    "percent": "xsd:double",
    "date": "xsd:date",
    "datetime": "xsd:dateTime",
    "address": "urn:address",
    "anyType": "xsd:anyType",
}
OBJECT_TRAITS: dict[str, Any] = {
    "actionOverrides": [],
    "activateable": False,
    "associateEntityType": None,
    "associateParentEntity": None,
    "childRelationships": [],
    "compactLayoutable": False,
    "customSetting": False,
    "deepCloneable": False,
    "defaultImplementation": None,
    "extendedBy": None,
    "extendsInterfaces": None,
    "feedEnabled": False,
    "hasSubtypes": False,
    "implementedBy": None,
    "implementsInterfaces": None,
    "isInterface": False,
    "isSubtype": False,
    "layoutable": False,
    "listviewable": None,
    "lookupLayoutable": None,
    "mergeable": False,
    "mruEnabled": False,
    "namedLayoutInfos": [],
    "networkScopeFieldName": None,
    "recordTypeInfos": [],
    "searchLayoutable": False,
    "searchable": False,
    "sobjectDescribeOption": "FULL",
    "supportedScopes": [],
    "triggerable": False,
    "undeletable": False,
}
"""Traits that every object of the sandbox shares: it has no layouts, feeds, search or triggers."""

FIELD_TRAITS: dict[str, Any] = {
    "aiPredictionField": False,
    "autoNumber": False,
    "calculated": False,
    "calculatedFormula": None,
    "cascadeDelete": False,
    "caseSensitive": False,
    "controllerName": None,
    "defaultValueFormula": None,
    "dependentPicklist": False,
    "deprecatedAndHidden": False,
    "displayLocationInDecimal": False,
    "encrypted": False,
    "extraTypeInfo": None,
    "filteredLookupInfo": None,
    "formulaTreatNullNumberAsZero": False,
    "highScaleNumber": False,
    "htmlFormatted": False,
    "inlineHelpText": None,
    "mask": None,
    "maskType": None,
    "namePointing": False,
    "polymorphicForeignKey": False,
    "referenceTargetField": None,
    "relationshipOrder": None,
    "restrictedDelete": False,
    "searchPrefilterable": False,
    "unique": False,
    "writeRequiresMasterRead": False,
}
"""Traits that every field of the sandbox shares."""


def object_summary(sobject: SObject, root: str) -> dict[str, Any]:
    """An object's line in the list of objects; ``root`` is the versioned path."""
    is_writable = any(field.is_createable for field in sobject.fields.values())
    base = f"{root}/sobjects/{sobject.name}"
    return {
        "name": sobject.name,
        "label": sobject.name.removesuffix("__c"),
        "labelPlural": sobject.name.removesuffix("__c") + "s",
        "keyPrefix": key_prefix(sobject.name),
        "custom": sobject.is_custom,
        "queryable": True,
        "retrieveable": True,
        "createable": is_writable,
        "updateable": is_writable,
        "deletable": is_writable and "isdeleted" in sobject.fields,
        "replicateable": "systemmodstamp" in sobject.fields,
        "deprecatedAndHidden": False,
        "urls": {
            "sobject": base,
            "describe": f"{base}/describe",
            "rowTemplate": f"{base}/{{ID}}",
        },
    }


def object_description(sobject: SObject, root: str) -> dict[str, Any]:
    """The whole describe of one object."""
    compounds = [field.name for field in sobject.fields.values() if field.type == "address"]
    fields = [field_description(field, compounds) for field in sobject.fields.values()]
    return OBJECT_TRAITS | object_summary(sobject, root) | {"fields": fields}


def field_description(field: Field, compounds: Sequence[str] = ()) -> dict[str, Any]:
    """A field's traits; ``compounds`` are the object's fields that are made up of others."""
    kind = "string" if field.type == "unknown" else field.type
    length = ID_CHARACTERS if kind in ID_TYPES else field.length
    is_kept_by_the_system = field.name in ALWAYS_SET or kind in ("id", "boolean")
    has_decimals = kind in NUMBER_TYPES - {"int"}
    return FIELD_TRAITS | {
        "name": field.name,
        "label": field.name.removesuffix("__c").replace("_", " "),
        "type": kind,
        "soapType": SOAP_TYPES.get(kind, "xsd:string"),
        "length": length,
        "byteLength": length if kind in ID_TYPES else length * BYTES_A_CHARACTER,
        "digits": INT_DIGITS if kind == "int" else 0,
        "precision": CURRENCY_PRECISION if has_decimals else 0,
        "scale": CURRENCY_SCALE if has_decimals else 0,
        "nillable": not field.is_required and not is_kept_by_the_system,
        "defaultValue": False if kind == "boolean" else None,
        "defaultedOnCreate": is_kept_by_the_system,
        "custom": field.is_custom,
        "createable": field.is_createable,
        "updateable": field.is_updateable,
        "permissionable": not field.is_required and not is_kept_by_the_system,
        "nameField": field.name == "Name",
        "externalId": field.is_external_id,
        "idLookup": kind == "id" or field.is_external_id,
        "aggregatable": kind not in UNSORTABLE_TYPES | {"boolean"} and field.is_filterable,
        "filterable": field.is_filterable,
        "groupable": field.is_filterable and kind not in UNGROUPABLE_TYPES,
        "sortable": field.is_filterable and kind not in UNSORTABLE_TYPES,
        "queryByDistance": kind == "address",
        "referenceTo": [field.reference_to] if field.reference_to else [],
        "relationshipName": field.relationship_name or None,
        "compoundFieldName": _compound(field, compounds),
        "restrictedPicklist": bool(field.values),
        "picklistValues": [_picklist_value(value) for value in field.values],
    }


def _picklist_value(value: str) -> dict[str, Any]:
    return {
        "active": True,
        "defaultValue": False,
        "label": value,
        "validFor": None,
        "value": value,
    }


def _compound(field: Field, compounds: Sequence[str]) -> str | None:
    """The field that shows this one as a part of it."""
    for compound in compounds:
        if field.name != compound and field.name.startswith(compound.removesuffix("Address")):
            return compound
    return None
