"""The company that clients written elsewhere work on, and how they are pointed at it.

Belongs here: its folder and the clients' own settings. Does not belong here: expectations.
"""

from pathlib import Path

import pytest
from intuitlib.client import AuthClient
from quickbooks import QuickBooks

from tests.contract.conftest import ServedSandbox
from tests.contract.quickbooks_world import record, write_company

REDIRECT_URI = "https://app.example/connected"
PLAIN_HTTP_VARIABLE = "OAUTHLIB_INSECURE_TRANSPORT"
"""What a client's OAuth library asks for before it speaks to an address without encryption."""

ACCOUNTS = {
    "1": ("Checking", "Bank"),
    "2": ("Accounts Receivable (A/R)", "Accounts Receivable"),
    "3": ("Sales", "Income"),
    "4": ("Undeposited Funds", "Other Current Asset"),
    "5": ("Postage", "Expense"),
}


def write_foreign_company(folder: Path) -> Path:
    rate = {"TaxRateRef": {"value": "1"}, "TaxTypeApplicable": "TaxOnAmount", "TaxOrder": 0}
    return write_company(
        folder,
        {
            "quickbooks/Account": [
                record(account_id, Name=name, FullyQualifiedName=name, AccountType=kind)
                for account_id, (name, kind) in ACCOUNTS.items()
            ],
            "quickbooks/Customer": [record("1", DisplayName="Brakken", Active=True, Balance=0)],
            "quickbooks/Item": [
                record(
                    "1",
                    Name="Mowing",
                    FullyQualifiedName="Mowing",
                    Type="Service",
                    Active=True,
                    Sku="MOW-1",
                    IncomeAccountRef={"value": "3"},
                )
            ],
            "quickbooks/TaxAgency": [record("1", DisplayName="Board of Equalization")],
            "quickbooks/TaxRate": [
                record("1", Name="California", RateValue=8, AgencyRef={"value": "1"}, Active=True)
            ],
            "quickbooks/TaxCode": [
                record(
                    "2",
                    Name="California",
                    Active=True,
                    Taxable=True,
                    SalesTaxRateList={"TaxRateDetail": [rate]},
                )
            ],
            "quickbooks/CompanyCurrency": [
                record("1", Code="EUR", Name="Euro", Active=True),
            ],
            "quickbooks/ExchangeRate": [
                {
                    "SourceCurrencyCode": "EUR",
                    "TargetCurrencyCode": "USD",
                    "Rate": 1.08,
                    "AsOfDate": "2026-03-01",
                }
            ],
        },
    )


def sign_in(sandbox: ServedSandbox) -> AuthClient:
    """Intuit's own OAuth client; where it signs in, it reads from the discovery document."""
    settings = sandbox.settings
    return AuthClient(
        settings["QBO_CLIENT_ID"],
        settings["QBO_CLIENT_SECRET"],
        REDIRECT_URI,
        environment=f"{sandbox.url}/.well-known/openid_configuration/",
        refresh_token=settings["QBO_REFRESH_TOKEN"],
        realm_id=settings["QBO_REALM_ID"],
    )


def connect(
    sandbox: ServedSandbox, auth: AuthClient, monkeypatch: pytest.MonkeyPatch
) -> QuickBooks:
    """python-quickbooks, told where the company is by its address attribute and nothing else."""
    monkeypatch.setenv(PLAIN_HTTP_VARIABLE, "1")
    monkeypatch.setattr(QuickBooks, "api_url_v3", f"{sandbox.url}/v3")
    return QuickBooks(
        auth_client=auth,
        refresh_token=auth.refresh_token,
        company_id=auth.realm_id,
        minorversion=75,
    )
