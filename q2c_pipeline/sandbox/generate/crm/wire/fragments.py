"""Pieces of JSON text that every Salesforce record is put together from.

Belongs here: identity, stamps, and values that may be missing. Does not belong here: whole records.
"""

from q2c_pipeline.sandbox.generate import profile
from q2c_pipeline.sandbox.generate.crm.ids import user_id
from q2c_pipeline.sandbox.generate.days import SECONDS_PER_DAY, day_text, utc_text
from q2c_pipeline.sandbox.generate.money import amount_text
from q2c_pipeline.sandbox.generate.quickbooks.fragments import text

API_VERSION = "66.0"
SET_UP = (profile.BOOKS_BEGIN - 200) * SECONDS_PER_DAY + 9 * 3600
NEW_BUSINESS, EXISTING_BUSINESS = 1, 2


def attributes(sobject: str, id: str) -> str:
    url = f"/services/data/v{API_VERSION}/sobjects/{sobject}/{id}"
    return f'"attributes":{{"type":"{sobject}","url":"{url}"}},"Id":"{id}"'


def stamps(created: int, modified: int, owner: int) -> str:
    by = user_id(owner + 1)
    return (
        f'"CreatedDate":"{utc_text(created)}","CreatedById":"{by}",'
        f'"LastModifiedDate":"{utc_text(modified)}","LastModifiedById":"{by}",'
        f'"SystemModstamp":"{utc_text(modified)}"'
    )


def flag(value: bool) -> str:
    return "true" if value else "false"


def amount_or_null(cents: int | None) -> str:
    return "null" if cents is None else amount_text(cents)


def day_or_null(day: int | None) -> str:
    return "null" if day is None else f'"{day_text(day)}"'


def text_or_null(value: str) -> str:
    return text(value) if value else "null"
