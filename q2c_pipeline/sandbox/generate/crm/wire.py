"""Salesforce's wire form of the made-up CRM.

Belongs here: one row of text for each record. Does not belong here: what the records say.
"""

import json
from collections.abc import Callable, Iterator

from q2c_pipeline.sandbox.generate import names, profile
from q2c_pipeline.sandbox.generate.crm.accounts import USERS, CrmAccount
from q2c_pipeline.sandbox.generate.crm.deals import Crm, Deal, Step
from q2c_pipeline.sandbox.generate.crm.ids import (
    account_id,
    contact_id,
    opportunity_history_id,
    opportunity_id,
    record_type_id,
    user_id,
)
from q2c_pipeline.sandbox.generate.days import SECONDS_PER_DAY, day_text, utc_text
from q2c_pipeline.sandbox.generate.money import amount_text, share
from q2c_pipeline.sandbox.generate.quickbooks.fragments import text

API_VERSION = "66.0"
SET_UP = (profile.BOOKS_BEGIN - 200) * SECONDS_PER_DAY + 9 * 3600
NEW_BUSINESS, EXISTING_BUSINESS = 1, 2
FORECAST_NAMES = {"BestCase": "Best Case", "Forecast": "Commit"}


def _attributes(sobject: str, id: str) -> str:
    url = f"/services/data/v{API_VERSION}/sobjects/{sobject}/{id}"
    return f'"attributes":{{"type":"{sobject}","url":"{url}"}},"Id":"{id}"'


def _stamps(created: int, modified: int, owner: int) -> str:
    by = user_id(owner + 1)
    return (
        f'"CreatedDate":"{utc_text(created)}","CreatedById":"{by}",'
        f'"LastModifiedDate":"{utc_text(modified)}","LastModifiedById":"{by}",'
        f'"SystemModstamp":"{utc_text(modified)}"'
    )


def users(crm: Crm) -> Iterator[str]:
    for position, (given, family, is_active) in enumerate(USERS):
        mail = f"{given}.{family}@larkspurvale.example".lower()
        fields = {"Username": mail, "Email": mail, "FirstName": given, "LastName": family}
        body = json.dumps({**fields, "Name": f"{given} {family}", "IsActive": is_active})
        yield (
            f"{{{_attributes('User', user_id(position + 1))},{body[1:-1]},"
            f"{_stamps(SET_UP, SET_UP, 0)}}}"
        )


def record_types(crm: Crm) -> Iterator[str]:
    kinds = ((NEW_BUSINESS, "New Business"), (EXISTING_BUSINESS, "Existing Business"))
    for number, name in kinds:
        yield (
            f'{{{_attributes("RecordType", record_type_id(number))},"Name":"{name}",'
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
        f'{{{_attributes("Account", account_id(account.number))},"IsDeleted":false,'
        f'"MasterRecordId":null,"Name":{text(account.name)},"Type":"{kind}","ParentId":{parent},'
        f'"AccountNumber":"A-{account.number:05d}","BillingStreet":{text(place.street)},'
        f'"BillingCity":{text(place.city)},"BillingState":{text(place.state)},'
        f'"BillingPostalCode":"{place.postal_code}","BillingCountry":{text(place.country)},'
        f'"Phone":"{account.phone}","Website":"https://www.{names.mail_host(account.name)}",'
        f'"Industry":"{account.industry}","OwnerId":"{user_id(account.owner + 1)}",'
        f'"CurrencyIsoCode":"{account.currency}",'
        f"{_stamps(account.created, account.created + 900, account.owner)},"
        f'"QBO_Customer_Id__c":{linked},"Credit_Limit__c":{limit},'
        f'"Segment__c":"{account.segment}"}}'
    )


def contacts(crm: Crm) -> Iterator[str]:
    for account in crm.accounts:
        given, family = account.person
        mail = f"{given}.{family}@{names.mail_host(account.name)}".lower().replace("'", "")
        yield (
            f'{{{_attributes("Contact", contact_id(account.number))},"IsDeleted":false,'
            f'"MasterRecordId":null,"AccountId":"{account_id(account.number)}",'
            f'"FirstName":{text(given)},"LastName":{text(family)},"Email":"{mail}",'
            f'"Phone":"{account.phone}","OwnerId":"{user_id(account.owner + 1)}",'
            f"{_stamps(account.created + 60, account.created + 60, account.owner)}}}"
        )


def opportunities(crm: Crm) -> Iterator[str]:
    for deal in crm.deals:
        yield _opportunity(deal)


def _opportunity(deal: Deal) -> str:
    account, stage = deal.account, deal.stage
    record_type = EXISTING_BUSINESS if account.customer else NEW_BUSINESS
    created, modified = deal.steps[0].moment, deal.steps[-1].moment
    return (
        f'{{{_attributes("Opportunity", opportunity_id(deal.number))},"IsDeleted":false,'
        f'"AccountId":"{account_id(account.number)}","Name":{text(deal.name)},'
        f'"RecordTypeId":"{record_type_id(record_type)}","StageName":"{stage.name}",'
        f'"Amount":{amount_text(deal.amount)},"Probability":{stage.probability},'
        f'"ExpectedRevenue":{_expected(deal.steps[-1])},"CloseDate":"{day_text(deal.close_day)}",'
        f'"Type":"{"Existing Customer" if account.customer else "New Customer"}",'
        f'"IsClosed":{_flag(deal.status != "open")},"IsWon":{_flag(deal.status == "won")},'
        f'"ForecastCategory":"{stage.forecast}",'
        f'"ForecastCategoryName":"{FORECAST_NAMES.get(stage.forecast, stage.forecast)}",'
        f'"HasOpportunityLineItem":false,"OwnerId":"{user_id(account.owner + 1)}",'
        f'"CurrencyIsoCode":"{deal.currency}",{_stamps(created, modified, account.owner)}}}'
    )


def _expected(step: Step) -> str:
    return amount_text(share(step.amount, step.stage.probability, 100))


def _flag(value: bool) -> str:
    return "true" if value else "false"


def opportunity_histories(crm: Crm) -> Iterator[str]:
    number = 0
    for deal in crm.deals:
        before: Step | None = None
        for step in deal.steps:
            number += 1
            yield _history(number, deal, step, before)
            before = step


def _history(number: int, deal: Deal, step: Step, before: Step | None) -> str:
    previous = '"PrevAmount":null,"PrevCloseDate":null'
    if before is not None:
        previous = (
            f'"PrevAmount":{amount_text(before.amount)},'
            f'"PrevCloseDate":"{day_text(before.close_day)}"'
        )
    return (
        f"{{{_attributes('OpportunityHistory', opportunity_history_id(number))},"
        f'"IsDeleted":false,"OpportunityId":"{opportunity_id(deal.number)}",'
        f'"StageName":"{step.stage.name}","Amount":{amount_text(step.amount)},'
        f'"ExpectedRevenue":{_expected(step)},"CloseDate":"{day_text(step.close_day)}",'
        f'"Probability":{step.stage.probability},"ForecastCategory":"{step.stage.forecast}",'
        f'{previous},"CurrencyIsoCode":"{deal.currency}","CreatedDate":"{utc_text(step.moment)}",'
        f'"CreatedById":"{user_id(deal.account.owner + 1)}",'
        f'"SystemModstamp":"{utc_text(step.moment)}"}}'
    )


SOBJECTS: dict[str, Callable[[Crm], Iterator[str]]] = {
    "User": users,
    "RecordType": record_types,
    "Account": accounts,
    "Contact": contacts,
    "Opportunity": opportunities,
    "OpportunityHistory": opportunity_histories,
}
