"""The tax service: a tax code and its rates, made in one request of a form of its own.

Belongs here: that form. Does not belong here: what tax a document bears.
"""

from q2c_pipeline.sandbox.quickbooks import faults
from q2c_pipeline.sandbox.quickbooks.wire import Payload, entries
from q2c_pipeline.sandbox.quickbooks.writing import numbering
from q2c_pipeline.sandbox.quickbooks.writing.realm import Realm
from q2c_pipeline.sandbox.quickbooks.writing.transactions import required_number

LISTS = {"Sales": "SalesTaxRateList", "Purchase": "PurchaseTaxRateList"}


def create_tax_code(realm: Realm, body: Payload) -> Payload:
    """What the service answers: the request with the ids of what was made.

    Raises ``Fault`` for a missing or taken name, an unknown rate or agency.
    """
    name = body.get("TaxCode")
    if not isinstance(name, str) or not name:
        raise faults.missing("TaxCode")
    if any(realm.matching("TaxCode", "$.Name", name)):
        raise faults.duplicate_name()
    details = [_with_rate(realm, detail) for detail in entries(body, "TaxRateDetails")]
    if not details:
        raise faults.missing("TaxRateDetails")
    lists: dict[str, Payload] = {list_name: {"TaxRateDetail": []} for list_name in LISTS.values()}
    for detail in details:
        rates = lists[LISTS[detail["TaxApplicableOn"]]]["TaxRateDetail"]
        rates.append(
            {
                "TaxRateRef": {"value": detail["TaxRateId"], "name": detail["TaxRateName"]},
                "TaxTypeApplicable": "TaxOnAmount",
                "TaxOrder": 0,
            }
        )
    code = _kept(
        realm,
        "TaxCode",
        {"Name": name, "Description": name, "Active": True, "Taxable": True, "TaxGroup": True}
        | lists,
    )
    return {"TaxCode": name, "TaxCodeId": code["Id"], "TaxRateDetails": details}


def _with_rate(realm: Realm, detail: Payload) -> Payload:
    side = detail.get("TaxApplicableOn") or "Sales"
    if side not in LISTS:
        raise faults.bad_choice("TaxApplicableOn", side)
    if detail.get("TaxRateId"):
        held = realm.get("TaxRate", str(detail["TaxRateId"]))
        if held is None:
            raise faults.invalid_reference("TaxRateId", str(detail["TaxRateId"]))
        return detail | {
            "TaxApplicableOn": side,
            "TaxRateId": held["Id"],
            "TaxRateName": held.get("Name", ""),
        }
    if not detail.get("TaxRateName"):
        raise faults.missing("TaxRateName")
    required_number(detail, "RateValue")
    agency_id = str(detail.get("TaxAgencyId") or "")
    if realm.get("TaxAgency", agency_id) is None:
        raise faults.invalid_reference("TaxAgencyId", agency_id)
    if any(realm.matching("TaxRate", "$.Name", detail["TaxRateName"])):
        raise faults.duplicate_name()
    rate = _kept(
        realm,
        "TaxRate",
        {
            "Name": detail["TaxRateName"],
            "Active": True,
            "RateValue": detail["RateValue"],
            "AgencyRef": {"value": agency_id},
            "SpecialTaxType": "NONE",
        },
    )
    return detail | {"TaxApplicableOn": side, "TaxRateId": rate["Id"]}


def _kept(realm: Realm, entity: str, record: Payload) -> Payload:
    record |= {
        "Id": numbering.next_id(realm.store, realm.realm_id, entity),
        "SyncToken": "0",
    }
    realm.keep(entity, record)
    return record
