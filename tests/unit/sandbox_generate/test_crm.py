"""The generated CRM: it knows the customers, and its deals stand behind the invoices."""

from collections import defaultdict
from datetime import datetime
from itertools import pairwise

import pytest

from q2c_pipeline.sandbox.generate.crm.ids import salesforce_id

from .company_folder import Folder


@pytest.mark.parametrize("number", [1, 10, 36, 61, 62, 5000])
def test_ids_differ_even_where_letter_case_is_ignored(number: int) -> None:
    assert len(salesforce_id("006", number)) == 18
    others = {salesforce_id("006", other).casefold() for other in range(6000) if other != number}
    assert salesforce_id("006", number).casefold() not in others


def test_accounts_name_their_customer_by_id_or_by_name(company: Folder) -> None:
    customers = {each["Id"]: each for each in company.books("Customer")}
    names = {each["PrintOnCheckName"] for each in customers.values()}
    accounts = company.crm("Account")
    linked = {each["QBO_Customer_Id__c"] for each in accounts} - {None}
    unlinked = {each["PrintOnCheckName"] for each in customers.values() if each["Id"] not in linked}
    by_name = {each["Name"] for each in accounts if not each["QBO_Customer_Id__c"]} & unlinked
    assert linked <= customers.keys()
    assert by_name
    first = company.first_customers()
    assert len(linked & first) + len(by_name) == len(first)
    assert len(accounts) > len(first)
    renamed = [
        each for each in accounts if each["QBO_Customer_Id__c"] and each["Name"] not in names
    ]
    assert renamed


def test_jobs_are_children_of_their_parents_account(company: Folder) -> None:
    accounts = {each["Id"]: each for each in company.crm("Account")}
    of_customer = {each["QBO_Customer_Id__c"]: each for each in accounts.values()}
    jobs = [each for each in company.books("Customer") if each["Job"]]
    linked = [each for each in jobs if each["Id"] in of_customer]
    assert linked
    for job in linked:
        parent = accounts[of_customer[job["Id"]]["ParentId"]]
        assert parent["QBO_Customer_Id__c"] in (None, job["ParentRef"]["value"])


def test_references_lead_somewhere(company: Folder) -> None:
    users = {each["Id"] for each in company.crm("User")}
    accounts = {each["Id"] for each in company.crm("Account")}
    kinds = {each["Id"] for each in company.crm("RecordType")}
    for deal in company.crm("Opportunity"):
        assert deal["AccountId"] in accounts
        assert deal["OwnerId"] in users
        assert deal["RecordTypeId"] in kinds
    for contact in company.crm("Contact"):
        assert contact["AccountId"] in accounts
    for account in company.crm("Account"):
        assert account["OwnerId"] in users
        assert account["ParentId"] is None or account["ParentId"] in accounts


def test_history_ends_in_the_present_state(company: Folder) -> None:
    history: dict[str, list[dict[str, object]]] = defaultdict(list)
    for row in company.crm("OpportunityHistory"):
        history[str(row["OpportunityId"])].append(row)
    deals = company.crm("Opportunity")
    assert history.keys() == {deal["Id"] for deal in deals}
    for deal in deals:
        rows = history[deal["Id"]]
        for field in ("StageName", "Amount", "CloseDate", "Probability", "ExpectedRevenue"):
            assert rows[-1][field] == deal[field]
        assert rows[0]["CreatedDate"] == deal["CreatedDate"]
        assert rows[-1]["CreatedDate"] <= deal["SystemModstamp"]
        moments = [datetime.fromisoformat(str(row["CreatedDate"])) for row in rows]
        assert moments == sorted(moments)
        for before, after in pairwise(rows):
            assert after["PrevAmount"] == before["Amount"]
            assert after["PrevCloseDate"] == before["CloseDate"]
