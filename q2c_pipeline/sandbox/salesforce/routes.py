"""Salesforce's paths, and what holds on each of them: a session, the call count, refusals.

Belongs here: which resource lies where. Does not belong here: what it answers (the handlers).
A path with a trailing slash is the same path, since well-known clients send one.
"""

import re
from collections.abc import Awaitable, Callable, Iterator, Mapping
from typing import TypeAlias
from urllib.parse import parse_qsl

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route, Router

from q2c_pipeline.sandbox.company import Sandbox
from q2c_pipeline.sandbox.salesforce import (
    bulk_ingest_handlers,
    bulk_query_handlers,
    collection_handlers,
    handlers,
    row_handlers,
)
from q2c_pipeline.sandbox.salesforce.exchange import answer
from q2c_pipeline.sandbox.salesforce.faults import (
    Refusal,
    method_not_allowed,
    resource_not_found,
    url_too_long,
)
from q2c_pipeline.sandbox.salesforce.oauth import SignInRefused
from q2c_pipeline.sandbox.salesforce.organisation import Organisation
from q2c_pipeline.sandbox.salesforce.rules import read_rules
from q2c_pipeline.sandbox.salesforce.subrequests import Subrequests

CURRENT_VERSION = "66.0"
VERSION_FORM = re.compile(r"[1-9]\d\.0", re.ASCII)
URL_CHARACTERS_MAX = 16_384
ANYWHERE = "/{rest:path}"
METHODS = ("DELETE", "GET", "PATCH", "POST", "PUT")

Handler: TypeAlias = Callable[[Organisation, Request], Awaitable[Response]]
Methods: TypeAlias = Mapping[str, Handler]

RESOURCES: Mapping[str, Methods] = {
    "": {"GET": handlers.root},
    "/limits": {"GET": handlers.limits},
    "/jobs/query": {
        "GET": bulk_query_handlers.list_queries,
        "POST": bulk_query_handlers.create_query,
    },
    "/jobs/query/{job_id}": {
        "GET": bulk_query_handlers.show_query,
        "PATCH": bulk_query_handlers.abort_query,
        "DELETE": bulk_query_handlers.delete_query,
    },
    "/jobs/query/{job_id}/results": {"GET": bulk_query_handlers.query_results},
    "/jobs/ingest": {"GET": bulk_ingest_handlers.list_all, "POST": bulk_ingest_handlers.create},
    "/jobs/ingest/{job_id}": {
        "GET": bulk_ingest_handlers.show,
        "PATCH": bulk_ingest_handlers.change_state,
        "DELETE": bulk_ingest_handlers.delete,
    },
    "/jobs/ingest/{job_id}/batches": {"PUT": bulk_ingest_handlers.upload},
    "/jobs/ingest/{job_id}/successfulResults": {"GET": bulk_ingest_handlers.successful},
    "/jobs/ingest/{job_id}/failedResults": {"GET": bulk_ingest_handlers.failed},
    "/jobs/ingest/{job_id}/unprocessedrecords": {"GET": bulk_ingest_handlers.unprocessed},
    "/jobs/ingest/{job_id}/unprocessedRecords": {"GET": bulk_ingest_handlers.unprocessed},
    "/query": {"GET": handlers.query},
    "/query/{locator}": {"GET": handlers.query_more},
    "/queryAll": {"GET": handlers.query_all},
    "/queryAll/{locator}": {"GET": handlers.query_more},
    "/sobjects": {"GET": handlers.list_objects},
    "/sobjects/{object}": {"GET": handlers.object_outline, "POST": row_handlers.create},
    "/sobjects/{object}/describe": {"GET": handlers.object_description},
    "/sobjects/{object}/deleted": {"GET": handlers.deleted},
    "/sobjects/{object}/updated": {"GET": handlers.updated},
    "/sobjects/{object}/{record_id}": {
        "GET": row_handlers.read,
        "PATCH": row_handlers.update,
        "DELETE": row_handlers.delete,
    },
    "/sobjects/{object}/{field}/{value:path}": {
        "GET": row_handlers.read_by_key,
        "PATCH": row_handlers.upsert,
        "DELETE": row_handlers.delete_by_key,
    },
    "/composite/sobjects": {
        "POST": collection_handlers.create_all,
        "PATCH": collection_handlers.update_all,
        "DELETE": collection_handlers.delete_all,
    },
    "/composite/sobjects/{object}": {"POST": collection_handlers.read_many},
    "/composite/sobjects/{object}/{field}": {"PATCH": collection_handlers.upsert_all},
}


def routes(sandbox: Sandbox) -> list[Route]:
    """All of Salesforce's routes for one running sandbox."""
    organisation = Organisation(sandbox, read_rules(sandbox.company.folder))
    parts = Router(
        [
            *(_route(path, _part(organisation, methods)) for path, methods in _placed(RESOURCES)),
            _route(ANYWHERE, _part(organisation, {})),
        ]
    )
    several = Subrequests(parts)
    resources = {
        "/composite": {"POST": several.composite},
        "/composite/batch": {"POST": several.batch},
        **RESOURCES,
    }
    placed = [
        _route(path, _resource(organisation, methods)) for path, methods in _placed(resources)
    ]
    versions = [_route(path, _list_versions) for path in _spellings("/services/data")]
    sign_in = _route("/services/oauth2/token", _sign_in(organisation))
    elsewhere = _route("/services/data" + ANYWHERE, _resource(organisation, {}))
    return [sign_in, *versions, *placed, elsewhere]


def _placed(resources: Mapping[str, Methods]) -> Iterator[tuple[str, Methods]]:
    """Each resource under every spelling of its versioned path."""
    for resource, methods in resources.items():
        for path in _spellings("/services/data/v{version}" + resource):
            yield path, methods


def _part(organisation: Organisation, methods: Methods) -> Callable[[Request], Awaitable[Response]]:
    """Answers a part of a larger request, which has a session and is counted."""

    async def endpoint(request: Request) -> Response:
        return await _answered(organisation, methods, request)

    return endpoint


def _spellings(path: str) -> list[str]:
    return [path] if path.endswith(":path}") else [path, path + "/"]


def _route(path: str, endpoint: Callable[[Request], Awaitable[Response]]) -> Route:
    return Route(path, endpoint, methods=METHODS)


def _resource(
    organisation: Organisation, methods: Methods
) -> Callable[[Request], Awaitable[Response]]:
    """Answers to whoever has a session, and counts the calls."""

    async def endpoint(request: Request) -> Response:
        now, usage = organisation.now(), organisation.usage
        try:
            usage.count(now)
            organisation.sessions.check(request.headers.get("Authorization"))
            organisation.empty_the_bin()
        except Refusal as refusal:
            response = answer(refusal.body(), status=refusal.status)
        else:
            response = await _answered(organisation, methods, request)
        response.headers["Sforce-Limit-Info"] = f"api-usage={usage.used(now)}/{usage.calls_max}"
        return response

    return endpoint


async def _answered(organisation: Organisation, methods: Methods, request: Request) -> Response:
    try:
        return await _handler(methods, request)(organisation, request)
    except Refusal as refusal:
        return answer(refusal.body(), status=refusal.status)


def _handler(methods: Methods, request: Request) -> Handler:
    if len(str(request.url)) > URL_CHARACTERS_MAX:
        raise url_too_long()
    version = request.path_params.get("version", "")
    if not methods or not VERSION_FORM.fullmatch(version):
        raise resource_not_found()
    method = "GET" if request.method == "HEAD" else request.method
    if method not in methods:
        raise method_not_allowed(request.method, sorted(methods))
    return methods[method]


async def _list_versions(request: Request) -> Response:
    """Open to anyone, as clients ask for it before they sign in."""
    url = f"/services/data/v{CURRENT_VERSION}"
    return answer([{"label": "Spring '26", "url": url, "version": CURRENT_VERSION}])


def _sign_in(organisation: Organisation) -> Callable[[Request], Awaitable[Response]]:
    async def endpoint(request: Request) -> Response:
        # Undecodable bytes are somebody's wrong secret, which is refused as one.
        form = dict(parse_qsl((await request.body()).decode(errors="replace")))
        instance_url = f"{request.url.scheme}://{request.url.netloc}"
        try:
            return answer(
                organisation.sessions.sign_in(
                    form, request.headers.get("Authorization"), instance_url
                )
            )
        except SignInRefused as refused:
            return answer(refused.body, status=400)

    return endpoint
