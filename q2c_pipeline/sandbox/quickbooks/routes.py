"""The addresses of QuickBooks Online and Intuit's sign-in.

Belongs here: which path is answered by what. Does not belong here: the answers.
"""

from starlette.routing import Route

from q2c_pipeline.sandbox.company import Sandbox
from q2c_pipeline.sandbox.quickbooks.changing import Changing
from q2c_pipeline.sandbox.quickbooks.endpoint import Answer, answering
from q2c_pipeline.sandbox.quickbooks.reading import Reading
from q2c_pipeline.sandbox.quickbooks.realms import Realms
from q2c_pipeline.sandbox.quickbooks.sign_in import sign_in_routes

COMPANY = "/v3/company/{realm_id}"


def routes(sandbox: Sandbox) -> list[Route]:
    realms = Realms(sandbox)
    reading = Reading(realms)
    changing = Changing(realms, reading.queried)
    # The first that fits answers, so the named ones come before those of any entity.
    table: tuple[tuple[str, str, Answer], ...] = (
        ("GET", "/query", reading.query),
        ("POST", "/query", reading.query),
        ("GET", "/cdc", reading.changes),
        ("POST", "/batch", changing.batch),
        ("GET", "/reports/{name}", reading.report),
        ("GET", "/exchangerate", reading.exchange_rate),
        ("POST", "/exchangerate", changing.exchange_rate),
        ("GET", "/preferences", reading.preferences),
        ("GET", "/companyinfo/{id}", reading.company_info),
        ("POST", "/taxservice/taxcode", changing.tax_code),
        ("GET", "/{entity}/{id}/pdf", reading.pdf),
        ("POST", "/{entity}/{id}/send", changing.send),
        ("GET", "/{entity}/{id}", reading.record),
        ("POST", "/{entity}", changing.write),
    )
    return [
        *sign_in_routes(sandbox),
        *(
            Route(f"{COMPANY}{path}", answering(sandbox, answer), methods=[method])
            for method, path, answer in table
        ),
        Route(f"{COMPANY}/{{rest:path}}", answering(sandbox, reading.nothing_there)),
    ]
