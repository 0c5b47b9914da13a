"""People and companies of the made-up CRM in Salesforce's wire form.

Belongs here: users, record types, accounts and contacts. Does not belong here: deals.
"""

import json
from collections.abc import Iterator

from q2c_pipeline.sandbox.generate.crm.accounts import EVERYBODY, CrmAccount
from q2c_pipeline.sandbox.generate.crm.deals import Crm
from q2c_pipeline.sandbox.generate.crm.ids import account_id, contact_id, record_type_id, user_id
from q2c_pipeline.sandbox.generate.crm.wire.fragments import (
    EXISTING_BUSINESS,
    NEW_BUSINESS,
    SET_UP,
    attributes,
    stamps,
    text_or_null,
)
from q2c_pipeline.sandbox.generate.days import utc_text
from q2c_pipeline.sandbox.generate.likeness.cards import FREE_MAIL_HOST
from q2c_pipeline.sandbox.generate.money import amount_text
from q2c_pipeline.sandbox.generate.quickbooks.fragments import mail_address, payables, text

#: What nobody has written yet: how the account stands with receivables.
WRITTEN_BACK = (
    '"AR_Standing__c":null,"AR_Balance__c":null,"AR_Overdue__c":null,"AR_Currency__c":null,'
    '"AR_As_Of__c":null'
)


def users(crm: Crm) -> Iterator[str]:
    for position, user in enumerate(EVERYBODY):
        mail = f"{user.given}.{user.family}@larkspurvale.example".lower()
        fields = {"Username": mail, "Email": mail, "FirstName": user.given}
        named = {"LastName": user.family, "Name": f"{user.given} {user.family}"}
        placed = {"Department": user.department, "Title": user.title}
        body = json.dumps({**fields, **named, **placed, "IsActive": user.is_active})
        yield (
            f"{{{attributes('User', user_id(position + 1))},{body[1:-1]},"
            f"{stamps(SET_UP, SET_UP, 0)}}}"
        )


def record_types(crm: Crm) -> Iterator[str]:
    kinds = ((NEW_BUSINESS, "New Business"), (EXISTING_BUSINESS, "Existing Business"))
    for number, name in kinds:
        yield (
            f'{{{attributes("RecordType", record_type_id(number))},"Name":"{name}",'
            f'"DeveloperName":"{name.replace(" ", "_")}","SobjectType":"Opportunity",'
            f'"IsActive":true,"SystemModstamp":"{utc_text(SET_UP)}"}}'
        )


def accounts(crm: Crm) -> Iterator[str]:
    for account in crm.accounts:
        yield _account(account)


def _account(account: CrmAccount) -> str:
    place = account.address
    parent = f'"{account_id(account.parent)}"' if account.parent else "null"
    linked = f'"{account.customer.id}"' if account.is_linked and account.customer else "null"
    limit = "null" if account.credit_limit is None else amount_text(account.credit_limit)
    kind = "Customer" if account.customer else "Prospect"
    return (
        f'{{{attributes("Account", account_id(account.number))},"IsDeleted":false,'
        f'"MasterRecordId":null,"Name":{text(account.name)},"Type":"{kind}","ParentId":{parent},'
        f'"AccountNumber":"A-{account.number:05d}","BillingStreet":{text(place.street)},'
        f'"BillingCity":{text(place.city)},"BillingState":{text(place.state)},'
        f'"BillingPostalCode":"{place.postal_code}","BillingCountry":{text(place.country)},'
        f'"Phone":{text_or_null(account.phone)},"Website":{text_or_null(_website(account))},'
        f'"Industry":"{account.industry}","OwnerId":"{user_id(account.owner + 1)}",'
        f'"CurrencyIsoCode":"{account.currency}",'
        f"{stamps(account.created, account.created + 900, account.owner)},"
        f'"QBO_Customer_Id__c":{linked},"Credit_Limit__c":{limit},'
        f'"Segment__c":"{account.segment}","Region__c":"{account.region}",'
        f"{_billing_profile(account)},{WRITTEN_BACK}}}"
    )


def _billing_profile(account: CrmAccount) -> str:
    profile = account.billing
    return (
        f'"Legal_Name__c":{text(profile.legal_name)},'
        f'"Billing_Email__c":{text_or_null(_billing_mail(account))},'
        f'"Payment_Terms__c":{text(profile.terms)},"Tax_Status__c":"{profile.tax_status}",'
        f'"Tax_Certificate__c":{text_or_null(profile.certificate)},'
        f'"Finance_Status__c":"{profile.finance_status}"'
    )


def _billing_mail(account: CrmAccount) -> str:
    if not account.billing.has_mail:
        return ""
    if account.mailbox:
        return f"{account.mailbox}@{account.host}"
    return mail_address(account.customer) if account.customer else payables(account.name)


def _own_mail(account: CrmAccount) -> str:
    """Of whoever has no host, the one address there is."""
    if account.mail_host == FREE_MAIL_HOST:
        return _billing_mail(account)
    given, family = account.person
    return f"{given}.{family}@{account.mail_host}".lower().replace("'", "").replace(" ", "")


def _website(account: CrmAccount) -> str:
    host = account.mail_host
    return "" if host == FREE_MAIL_HOST else f"https://www.{host}"


def contacts(crm: Crm) -> Iterator[str]:
    for account in crm.accounts:
        given, family = account.person
        shown = text_or_null(_own_mail(account) if account.billing.has_mail else "")
        yield (
            f'{{{attributes("Contact", contact_id(account.number))},"IsDeleted":false,'
            f'"MasterRecordId":null,"AccountId":"{account_id(account.number)}",'
            f'"FirstName":{text(given)},"LastName":{text(family)},"Email":{shown},'
            f'"Phone":{text_or_null(account.phone)},"OwnerId":"{user_id(account.owner + 1)}",'
            f"{stamps(account.created + 60, account.created + 60, account.owner)}}}"
        )
