"""What contracts keep up to date about themselves: number, state, last day.

Belongs here: fields of a contract that follow from others. Does not belong here: other objects.
"""

from calendar import monthrange
from collections.abc import Mapping
from datetime import MAXYEAR, MINYEAR, date, timedelta

import msgspec

from q2c_pipeline.sandbox.salesforce.amounts import decimal
from q2c_pipeline.sandbox.salesforce.moments import is_date, stamp
from q2c_pipeline.sandbox.salesforce.organisation import Organisation, Record
from q2c_pipeline.sandbox.salesforce.rows import NULL, json_text, text_of

CONTRACT = "Contract"
DRAFT, ACTIVATED = "Draft", "Activated"
STATUS_CODES = {DRAFT: "Draft", "In Approval Process": "InApproval", ACTIVATED: "Activated"}
NUMBER_SETTING = "salesforce/last_contract_number"
NUMBER_DIGITS = 8
MONTHS_A_YEAR = 12


def derived(
    organisation: Organisation, before: Mapping[str, msgspec.Raw], values: Record
) -> Record:
    """The values to be written, with those that follow from them."""
    if not before:
        number = int(organisation.store.setting(NUMBER_SETTING) or 0) + 1
        organisation.store.set_setting(NUMBER_SETTING, str(number))
        values["ContractNumber"] = json_text(str(number).rjust(NUMBER_DIGITS, "0"))
        values.setdefault("Status", json_text(DRAFT))
    status = text_of(values.get("Status"))
    if status in STATUS_CODES:
        values["StatusCode"] = json_text(STATUS_CODES[status])
    if status == ACTIVATED and text_of(before.get("Status")) != ACTIVATED:
        values["ActivatedDate"] = json_text(stamp(organisation.now()))
    values["EndDate"] = _last_day({**before, **values})
    return values


def _last_day(contract: Mapping[str, msgspec.Raw]) -> msgspec.Raw:
    """The day before the term's months are over."""
    starts, months = text_of(contract.get("StartDate")), decimal(contract, "ContractTerm")
    if starts is None or not is_date(starts) or months is None:
        return NULL
    first = date.fromisoformat(starts)
    years, month = divmod(first.month - 1 + int(months), MONTHS_A_YEAR)
    year, month = first.year + years, month + 1
    if not MINYEAR <= year <= MAXYEAR:
        return NULL
    over = date(year, month, min(first.day, monthrange(year, month)[1]))
    return json_text((over - timedelta(days=1)).isoformat())
