"""Salesforce's wire form of the made-up CRM: which function writes which object.

Belongs here: the table; the modules hold one row of text for each record. Does not belong here:
what the records say.
"""

from collections.abc import Callable, Iterator

from q2c_pipeline.sandbox.generate.crm.deals import Crm
from q2c_pipeline.sandbox.generate.crm.wire.approvals import process_instances, process_steps
from q2c_pipeline.sandbox.generate.crm.wire.deals import opportunities, opportunity_histories
from q2c_pipeline.sandbox.generate.crm.wire.lines import (
    line_items,
    pricebook_entries,
    pricebooks,
    products,
    schedules,
)
from q2c_pipeline.sandbox.generate.crm.wire.people import accounts, contacts, record_types, users

SOBJECTS: dict[str, Callable[[Crm], Iterator[str]]] = {
    "User": users,
    "RecordType": record_types,
    "Account": accounts,
    "Contact": contacts,
    "Product2": products,
    "Pricebook2": pricebooks,
    "PricebookEntry": pricebook_entries,
    "Opportunity": opportunities,
    "OpportunityHistory": opportunity_histories,
    "OpportunityLineItem": line_items,
    "OpportunityLineItemSchedule": schedules,
    "ProcessInstance": process_instances,
    "ProcessInstanceStep": process_steps,
}
