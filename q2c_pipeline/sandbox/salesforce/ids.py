"""Record ids: 15 characters in which case matters, and three more that keep it.

Belongs here: the form of an id and the next free one. Does not belong here: who has which id.
"""

import re
import string

from q2c_pipeline.sandbox.store import Store

SUFFIX_ALPHABET = string.ascii_uppercase + "012345"
COUNTER_ALPHABET = string.digits + string.ascii_uppercase + string.ascii_lowercase
COUNTER_WIDTH_CHARACTERS = 12
COUNTER_START = 62**6
"""Leaves the low numbers to ids that people make up by hand."""

ID_FORM = re.compile(r"[0-9A-Za-z]{15}(?:[0-9A-Za-z]{3})?")

KEY_PREFIXES = {
    "Account": "001",
    "Contact": "003",
    "User": "005",
    "Opportunity": "006",
    "OpportunityHistory": "008",
    "OpportunityLineItemSchedule": "00o",
    "Profile": "00e",
    "RecordType": "012",
    "OpportunityFieldHistory": "017",
    "OpportunityLineItem": "00k",
    "Product2": "01t",
    "Pricebook2": "01s",
    "PricebookEntry": "01u",
    "CurrencyType": "01L",
    "ProcessInstance": "04g",
    "ProcessInstanceStep": "04h",
    "ProcessInstanceWorkitem": "04i",
    "Contract": "800",
    "ContractStatus": "811",
    "BulkJob": "750",
}
KEY_PREFIX_OF_CUSTOM_OBJECTS = "a00"


def with_suffix(id_15: str) -> str:
    """The 18-character form: each suffix character tells which of five letters are capital."""
    suffix = ""
    for start in (0, 5, 10):
        bits = sum(
            1 << place for place, char in enumerate(id_15[start : start + 5]) if char.isupper()
        )
        suffix += SUFFIX_ALPHABET[bits]
    return id_15 + suffix


def has_id_form(text: str) -> bool:
    return ID_FORM.fullmatch(text) is not None


def normalised(text: str) -> str:
    """The 18-character form of a 15-character id; any other text as it is."""
    return with_suffix(text) if len(text) == 15 and has_id_form(text) else text


def key_prefix(object_name: str) -> str:
    return KEY_PREFIXES.get(object_name, KEY_PREFIX_OF_CUSTOM_OBJECTS)


def next_id(store: Store, object_name: str) -> str:
    """An id nobody had before; the same company and requests give the same ids.

    Call within a transaction, so that a rolled back insert gives its id back.
    """
    setting = f"salesforce/last_id/{key_prefix(object_name)}"
    number = int(store.setting(setting) or COUNTER_START) + 1
    store.set_setting(setting, str(number))
    return with_suffix(key_prefix(object_name) + _counter_text(number))


def _counter_text(number: int) -> str:
    text = ""
    while number:
        number, digit = divmod(number, len(COUNTER_ALPHABET))
        text = COUNTER_ALPHABET[digit] + text
    return text.rjust(COUNTER_WIDTH_CHARACTERS, "0")


INTEGRATION_USER_ID = with_suffix("005000000zzzzzz")
"""The user as whom every API client acts."""
