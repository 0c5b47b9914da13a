"""Describe answers: the objects there are, and each object's fields with their traits.

Belongs here: how describe spells what the schema knows. Does not belong here: the schema.
"""

from typing import Any

from q2c_pipeline.sandbox.salesforce.ids import key_prefix
from q2c_pipeline.sandbox.salesforce.schema import ID_TYPES, NUMBER_TYPES, Field, SObject

ID_CHARACTERS = 18
CURRENCY_PRECISION, CURRENCY_SCALE = 18, 2
UNSORTABLE_TYPES = frozenset({"address", "anyType"})
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
    fields = [field_description(field) for field in sobject.fields.values()]
    return object_summary(sobject, root) | {"fields": fields}


def field_description(field: Field) -> dict[str, Any]:
    kind = "string" if field.type == "unknown" else field.type
    is_nillable = not field.is_required and kind not in ("id", "boolean")
    return {
        "name": field.name,
        "label": field.name.removesuffix("__c").replace("_", " "),
        "type": kind,
        "soapType": SOAP_TYPES.get(kind, "xsd:string"),
        "length": ID_CHARACTERS if kind in ID_TYPES else field.length,
        "precision": CURRENCY_PRECISION if kind in NUMBER_TYPES - {"int"} else 0,
        "scale": CURRENCY_SCALE if kind in NUMBER_TYPES - {"int"} else 0,
        "nillable": is_nillable and not field.name.startswith("System"),
        "calculated": False,
        "custom": field.is_custom,
        "createable": field.is_createable,
        "updateable": field.is_updateable,
        "externalId": field.is_external_id,
        "idLookup": kind == "id" or field.is_external_id,
        "unique": False,
        "caseSensitive": kind in ID_TYPES,
        "filterable": field.is_filterable,
        "sortable": field.is_filterable and kind not in UNSORTABLE_TYPES,
        "referenceTo": [field.reference_to] if field.reference_to else [],
        "relationshipName": field.relationship_name or None,
        "compoundFieldName": None,
        "picklistValues": [],
        "restrictedPicklist": False,
        "deprecatedAndHidden": False,
        "defaultedOnCreate": kind == "boolean",
    }
