"""Deals and their histories in Salesforce's wire form.

Belongs here: opportunities, with what they say of invoices. Does not belong here: their lines.
"""

from collections.abc import Iterator

from q2c_pipeline.sandbox.generate.crm.deal import Deal, Evidence, last_modified
from q2c_pipeline.sandbox.generate.crm.deals import Crm
from q2c_pipeline.sandbox.generate.crm.evidence import evidence_of
from q2c_pipeline.sandbox.generate.crm.ids import (
    account_id,
    opportunity_history_id,
    opportunity_id,
    pricebook_id,
    record_type_id,
    user_id,
)
from q2c_pipeline.sandbox.generate.crm.stages import Step
from q2c_pipeline.sandbox.generate.crm.wire.fragments import (
    EXISTING_BUSINESS,
    NEW_BUSINESS,
    amount_or_null,
    attributes,
    day_or_null,
    flag,
    stamps,
    text_or_null,
)
from q2c_pipeline.sandbox.generate.crm.wire.lines import STANDARD_PRICEBOOK
from q2c_pipeline.sandbox.generate.days import day_text, utc_text
from q2c_pipeline.sandbox.generate.money import amount_text, share
from q2c_pipeline.sandbox.generate.quickbooks.fragments import text

FORECAST_NAMES = {"BestCase": "Best Case", "Forecast": "Commit"}
#: What nobody has written yet: how the deal's invoices stand.
WRITTEN_BACK = (
    '"Invoice_Status__c":null,"Invoice_Link__c":null,"Invoiced_Amount__c":null,'
    '"Invoice_Balance__c":null,"Invoice_Paid_Date__c":null,"Invoice_Note__c":null'
)


def opportunities(crm: Crm) -> Iterator[str]:
    for deal in crm.deals:
        yield _opportunity(deal)


def _opportunity(deal: Deal) -> str:
    account, step = deal.account, deal.last_step
    record_type = EXISTING_BUSINESS if account.customer else NEW_BUSINESS
    forecast = step.stage.forecast
    pricebook = f'"{pricebook_id(STANDARD_PRICEBOOK)}"' if deal.lines else "null"
    return (
        f"{{{attributes('Opportunity', opportunity_id(deal.number))},"
        f'"IsDeleted":{flag(deal.deleted is not None)},'
        f'"AccountId":"{account_id(account.number)}","Name":{text(deal.name)},'
        f'"RecordTypeId":"{record_type_id(record_type)}","StageName":"{step.stage.name}",'
        f'"Amount":{amount_or_null(step.amount)},"Probability":{step.stage.probability},'
        f'"ExpectedRevenue":{_expected(step)},"CloseDate":"{day_text(step.close_day)}",'
        f'"Type":"{deal.kind.value}","LeadSource":"{deal.lead_source}",'
        f'"IsClosed":{flag(step.stage.is_closed)},"IsWon":{flag(deal.is_won)},'
        f'"ForecastCategory":"{forecast}",'
        f'"ForecastCategoryName":"{FORECAST_NAMES.get(forecast, forecast)}",'
        f'"HasOpportunityLineItem":{flag(bool(deal.lines))},"Pricebook2Id":{pricebook},'
        f'"OwnerId":"{user_id(deal.owner + 1)}","CurrencyIsoCode":"{deal.currency}",'
        f"{stamps(deal.created, last_modified(deal), deal.owner)},{_billing_fields(deal)}}}"
    )


def _billing_fields(deal: Deal) -> str:
    ids = _documents(deal, Evidence.STORED_ID, "id")
    numbers = _documents(deal, Evidence.DOCUMENT_NUMBER, "number")
    estimates = ";".join(
        str(billing.invoice.estimate.id)
        for billing in deal.billings
        if deal.evidence is Evidence.ESTIMATE and billing.invoice.estimate
    )
    return (
        f'"QBO_Invoice_Ids__c":{text_or_null(ids)},'
        f'"QBO_Invoice_Numbers__c":{text_or_null(numbers)},'
        f'"QBO_Estimate_Ids__c":{text_or_null(estimates)},'
        f'"PO_Number__c":{text_or_null(deal.purchase_order)},'
        f'"Billing_Status__c":{text_or_null(deal.billing_status)},'
        f'"Billing_Closed_Date__c":{day_or_null(deal.billing_closed)},'
        f'"Delivery_Status__c":{text_or_null(deal.delivery)},'
        f'"Payment_Terms__c":{text_or_null(deal.terms)},{WRITTEN_BACK}'
    )


def _documents(deal: Deal, evidence: Evidence, name: str) -> str:
    return ";".join(
        str(getattr(billing.invoice, name))
        for billing in deal.billings
        if evidence_of(deal, billing.invoice) is evidence
    )


def _expected(step: Step) -> str:
    if step.amount is None:
        return "null"
    return amount_text(share(step.amount, step.stage.probability, 100))


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
            f'"PrevAmount":{amount_or_null(before.amount)},'
            f'"PrevCloseDate":"{day_text(before.close_day)}"'
        )
    currency = deal.currency if step is deal.last_step else deal.currency_at_first or deal.currency
    return (
        f"{{{attributes('OpportunityHistory', opportunity_history_id(number))},"
        f'"IsDeleted":{flag(deal.deleted is not None)},'
        f'"OpportunityId":"{opportunity_id(deal.number)}",'
        f'"StageName":"{step.stage.name}","Amount":{amount_or_null(step.amount)},'
        f'"ExpectedRevenue":{_expected(step)},"CloseDate":"{day_text(step.close_day)}",'
        f'"Probability":{step.stage.probability},"ForecastCategory":"{step.stage.forecast}",'
        f'{previous},"CurrencyIsoCode":"{currency}","CreatedDate":"{utc_text(step.moment)}",'
        f'"CreatedById":"{user_id(deal.owner + 1)}",'
        f'"SystemModstamp":"{utc_text(step.moment)}"}}'
    )
