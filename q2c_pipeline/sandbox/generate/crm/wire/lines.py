"""Products, prices, and what deals sell, in Salesforce's wire form.

Belongs here: the price book, deal lines and instalments, with the fields that the vendor derives.
Does not belong here: deals themselves.
"""

from collections.abc import Iterator

from q2c_pipeline.sandbox.generate.crm.deal import Deal, DealLine, Instalment
from q2c_pipeline.sandbox.generate.crm.deals import Crm
from q2c_pipeline.sandbox.generate.crm.ids import (
    line_item_id,
    opportunity_id,
    pricebook_entry_id,
    pricebook_id,
    product_id,
    schedule_id,
)
from q2c_pipeline.sandbox.generate.crm.products import CURRENCIES, PRODUCTS, entry_number
from q2c_pipeline.sandbox.generate.crm.wire.fragments import (
    SET_UP,
    attributes,
    flag,
    stamps,
    text_or_null,
)
from q2c_pipeline.sandbox.generate.days import day_text
from q2c_pipeline.sandbox.generate.money import amount_text, rate_text
from q2c_pipeline.sandbox.generate.quickbooks.fragments import text

STANDARD_PRICEBOOK = 1
NAME_CHARACTERS_MAX = 376
#: A hundredth of a unit, in the millionths that exact text is made of.
MILLIONTHS_PER_HUNDREDTH = 10_000


def products(crm: Crm) -> Iterator[str]:
    for product in PRODUCTS:
        sku = f'"{product.code}"' if product.has_sku else "null"
        yield (
            f'{{{attributes("Product2", product_id(product.number))},"IsDeleted":false,'
            f'"Name":{text(product.name)},"ProductCode":"{product.code}","StockKeepingUnit":{sku},'
            f'"Family":"{product.family}","Description":{text(product.description)},'
            f'"IsActive":{flag(product.is_active)},"IsArchived":false,'
            f'"CurrencyIsoCode":"{CURRENCIES[0]}",{stamps(SET_UP, SET_UP, 0)}}}'
        )


def pricebooks(crm: Crm) -> Iterator[str]:
    yield (
        f'{{{attributes("Pricebook2", pricebook_id(STANDARD_PRICEBOOK))},"IsDeleted":false,'
        '"Name":"Standard Price Book","IsActive":true,"IsArchived":false,"IsStandard":true,'
        f"{stamps(SET_UP, SET_UP, 0)}}}"
    )


def pricebook_entries(crm: Crm) -> Iterator[str]:
    for product in PRODUCTS:
        for currency in CURRENCIES:
            id = pricebook_entry_id(entry_number(product, currency))
            yield (
                f'{{{attributes("PricebookEntry", id)},"IsDeleted":false,'
                f'"Name":{text(product.name)},"ProductCode":"{product.code}",'
                f'"Pricebook2Id":"{pricebook_id(STANDARD_PRICEBOOK)}",'
                f'"Product2Id":"{product_id(product.number)}",'
                f'"UnitPrice":{amount_text(product.price)},"IsActive":{flag(product.is_active)},'
                f'"UseStandardPrice":false,"IsArchived":false,"CurrencyIsoCode":"{currency}",'
                f"{stamps(SET_UP, SET_UP, 0)}}}"
            )


def line_items(crm: Crm) -> Iterator[str]:
    for number, position, deal, line in _numbered(crm):
        yield _line_item(number, position, deal, line)


def _numbered(crm: Crm) -> Iterator[tuple[int, int, Deal, DealLine]]:
    """Every line with its own number and its position on its deal."""
    number = 0
    for deal in crm.deals:
        for position, line in enumerate(deal.lines, start=1):
            number += 1
            yield number, position, deal, line


def _line_item(number: int, position: int, deal: Deal, line: DealLine) -> str:
    product = line.product
    entry = pricebook_entry_id(entry_number(product, deal.currency))
    discount = line.discount or "null"
    name = f"{deal.name} {product.name}"[:NAME_CHARACTERS_MAX]
    modified = max(line.modified, deal.deleted or 0)
    return (
        f"{{{attributes('OpportunityLineItem', line_item_id(number))},"
        f'"IsDeleted":{flag(deal.deleted is not None)},'
        f'"OpportunityId":"{opportunity_id(deal.number)}","PricebookEntryId":"{entry}",'
        f'"Product2Id":"{product_id(product.number)}","ProductCode":"{product.code}",'
        f'"Name":{text(name)},"Quantity":{_quantity(line.quantity)},'
        f'"UnitPrice":{amount_text(line.price)},"ListPrice":{amount_text(product.price)},'
        f'"Discount":{discount},"Subtotal":{amount_text(line.gross)},'
        f'"TotalPrice":{amount_text(line.amount)},"ServiceDate":null,'
        f'"SortOrder":{position},"Description":{text(line.description or product.description)},'
        f'"CurrencyIsoCode":"{deal.currency}",{stamps(line.created, modified, deal.owner)}}}'
    )


def schedules(crm: Crm) -> Iterator[str]:
    number = 0
    for of_line, _, deal, line in _numbered(crm):
        for instalment in line.instalments:
            number += 1
            yield _schedule(number, of_line, deal, line, instalment)


def _schedule(number: int, of_line: int, deal: Deal, line: DealLine, instalment: Instalment) -> str:
    return (
        f'{{{attributes("OpportunityLineItemSchedule", schedule_id(number))},"IsDeleted":false,'
        f'"OpportunityLineItemId":"{line_item_id(of_line)}","Type":"Both",'
        f'"ScheduleDate":"{day_text(instalment.day)}","Revenue":{amount_text(instalment.amount)},'
        f'"Quantity":{_quantity(instalment.quantity)},"Description":null,'
        f'"CurrencyIsoCode":"{deal.currency}",{stamps(line.created, line.modified, deal.owner)},'
        f'"Delivery_Status__c":{text_or_null(instalment.delivery)}}}'
    )


def _quantity(hundredths: int) -> str:
    return rate_text(hundredths * MILLIONTHS_PER_HUNDREDTH)
