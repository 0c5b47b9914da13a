"""The addresses of QuickBooks Online and Intuit's sign-in.

Belongs here: which path is answered by what. Does not belong here: the answers.
"""

from starlette.routing import Route

from q2c_pipeline.sandbox.company import Sandbox
from q2c_pipeline.sandbox.quickbooks.handlers import QuickBooks
from q2c_pipeline.sandbox.quickbooks.sign_in import sign_in_routes

COMPANY = "/v3/company/{realm_id}"


def routes(sandbox: Sandbox) -> list[Route]:
    quickbooks = QuickBooks(sandbox)
    answer = quickbooks.answering
    return [
        *sign_in_routes(sandbox),
        Route(f"{COMPANY}/query", answer(quickbooks.query), methods=["GET", "POST"]),
        Route(f"{COMPANY}/cdc", answer(quickbooks.changes), methods=["GET"]),
        Route(f"{COMPANY}/reports/{{name}}", answer(quickbooks.report), methods=["GET"]),
        Route(f"{COMPANY}/exchangerate", answer(quickbooks.exchange_rate), methods=["GET"]),
        Route(f"{COMPANY}/preferences", answer(quickbooks.preferences), methods=["GET"]),
        Route(f"{COMPANY}/companyinfo/{{id}}", answer(quickbooks.company_info), methods=["GET"]),
        Route(f"{COMPANY}/{{entity}}/{{id}}", answer(quickbooks.read), methods=["GET"]),
        Route(f"{COMPANY}/{{entity}}", answer(quickbooks.write), methods=["POST"]),
        Route(f"{COMPANY}/{{rest:path}}", answer(quickbooks.nothing_there)),
    ]
