"""What QuickBooks answers, once an address is known.

Belongs here: a request's parameters in, a body's text out, faults in the right shape. Does not
belong here: rules about records, which the modules beside it know.
"""

import logging
from collections.abc import Awaitable, Callable
from datetime import date
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from q2c_pipeline.sandbox.company import Sandbox
from q2c_pipeline.sandbox.quickbooks import cdc, faults, oauth
from q2c_pipeline.sandbox.quickbooks.books.bookkeeping import BOOKED_OBJECTS, Books
from q2c_pipeline.sandbox.quickbooks.entities import Entity, find_entity
from q2c_pipeline.sandbox.quickbooks.exchange_rates import queried_rates, rate_on
from q2c_pipeline.sandbox.quickbooks.query import Statement, parse_statement
from q2c_pipeline.sandbox.quickbooks.reports.catalogue import UnknownReport, render
from q2c_pipeline.sandbox.quickbooks.reports.context import InvalidParameter, ReportContext
from q2c_pipeline.sandbox.quickbooks.selection import Selection
from q2c_pipeline.sandbox.quickbooks.wire import DATA_CENTRE_ZONE, Payload, body_time, parse, write
from q2c_pipeline.sandbox.quickbooks.writing.operations import write_record
from q2c_pipeline.sandbox.quickbooks.writing.realm import Realm

REQUEST_ID_LENGTH_MAX = 50

Answer = Callable[[Request], Awaitable[str]]

log = logging.getLogger(__name__)


class QuickBooks:
    """The accounting API of every realm of one sandbox."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox
        self._store = sandbox.store
        self._selection = Selection(sandbox.store, self._today)
        self._books: dict[str, tuple[int, Books]] = {}

    def answering(self, answer: Answer) -> Callable[[Request], Awaitable[Response]]:
        """The answer as an HTTP endpoint: signed in, with faults and their statuses."""

        async def endpoint(request: Request) -> Response:
            moment = self._sandbox.clock.now()
            headers = {"intuit_tid": f"1-{self._sandbox.random_text()[:32]}"}
            status = 200
            try:
                self._sign_in(request)
                text = await answer(request)
            except faults.Fault as fault:
                status, text = fault.status, fault.body(moment)
            except (faults.NotAuthenticated, faults.NotAllowed) as refusal:
                status, text = refusal.status, refusal.body(moment)
                if status == 401:
                    headers["WWW-Authenticate"] = faults.NotAuthenticated.challenge
            except Exception:
                log.exception("%s %s failed", request.method, request.url.path)
                failure = faults.system_failure()
                status, text = failure.status, failure.body(moment)
            return Response(text, status, headers, media_type="application/json")

        return endpoint

    async def query(self, request: Request) -> str:
        text = request.query_params.get("query", "")
        if request.method == "POST":
            text = (await request.body()).decode(errors="replace")
        return self._enveloped(f'"QueryResponse":{self._queried(_realm_id(request), text)}')

    async def changes(self, request: Request) -> str:
        answer = cdc.changes(
            self._store,
            _realm_id(request),
            entities=request.query_params.get("entities", ""),
            changed_since=request.query_params.get("changedSince", ""),
            now=self._sandbox.clock.now(),
        )
        return self._enveloped(f'"CDCResponse":[{{"QueryResponse":{answer}}}]')

    async def read(self, request: Request) -> str:
        entity = _entity(request)
        record_id = request.path_params["id"]
        found = self._store.get("quickbooks", _realm_id(request), entity.name, record_id)
        if found is None and not record_id.isdigit():
            raise faults.invalid_id(record_id)
        if found is None or found.is_deleted:
            raise faults.not_found()
        return self._enveloped(f'"{entity.name}":{found.payload}')

    async def write(self, request: Request) -> str:
        entity = _entity(request)
        body = _object(await request.body())
        realm_id = _realm_id(request)
        options = dict(request.query_params)
        request_id = options.get("requestid", "")
        if len(request_id) > REQUEST_ID_LENGTH_MAX:
            raise faults.too_long("requestid", REQUEST_ID_LENGTH_MAX)
        setting = f"quickbooks/{realm_id}/request/{request_id}"
        if request_id and (answered := self._store.setting(setting)) is not None:
            return answered
        with self._sandbox.changes():
            written = write_record(self._realm(realm_id), entity, body, options)
            answer = self._enveloped(f'"{entity.name}":{write(written)}')
            if request_id:
                self._store.set_setting(setting, answer)
        return answer

    async def report(self, request: Request) -> str:
        realm_id = _realm_id(request)
        name = request.path_params["name"]
        context = ReportContext(
            now=self._sandbox.clock.now(),
            time_zone=self._sandbox.company.time_zone.key,
            home_currency=self._home_currency(realm_id),
            is_multicurrency=_is_multicurrency(self._preferences(realm_id)),
            company_name=self._sandbox.company.name,
        )
        try:
            return write(
                render(name, dict(request.query_params), self._all_books(realm_id), context)
            )
        except UnknownReport as error:
            raise faults.unsupported(f"report {name}") from error
        except InvalidParameter as error:
            raise faults.bad_parameter(error.field or "", str(error)) from error

    async def exchange_rate(self, request: Request) -> str:
        currency = request.query_params.get("sourcecurrencycode", "")
        if not currency:
            raise faults.missing("sourcecurrencycode")
        realm_id = _realm_id(request)
        rate = rate_on(
            self._store,
            realm_id,
            currency=currency,
            home_currency=self._home_currency(realm_id),
            day=request.query_params.get("asofdate") or self._today().isoformat(),
        )
        return self._enveloped(f'"ExchangeRate":{write(rate)}')

    async def preferences(self, request: Request) -> str:
        return self._enveloped(f'"Preferences":{write(self._preferences(_realm_id(request)))}')

    async def company_info(self, request: Request) -> str:
        info = next(self._store.records("quickbooks", _realm_id(request), ["CompanyInfo"]), None)
        if info is None:
            raise faults.not_found()
        return self._enveloped(f'"CompanyInfo":{info.payload}')

    async def nothing_there(self, request: Request) -> str:
        raise faults.unsupported(
            f"Could not find resource for relative : {request.url.path} of full path:"
            f" {request.url.replace(query='')}"
        )

    def _sign_in(self, request: Request) -> None:
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        if scheme.casefold() != "bearer" or not token:
            raise faults.NotAuthenticated("Header Authorization has no bearer token")
        realm_id = oauth.authorised_realm(self._sandbox, token)
        if realm_id is None:
            # The vendor echoes part of the token here; clients must mask it, so there is one.
            raise faults.NotAuthenticated(f"Token expired: {token}")
        if realm_id != _realm_id(request):
            raise faults.NotAllowed

    def _queried(self, realm_id: str, text: str) -> str:
        statement = parse_statement(text)
        name = statement.entity.name
        if statement.is_count:
            return f'{{"totalCount":{self._selection.count(realm_id, statement)}}}'
        if name == "ExchangeRate":
            records = self._queried_rates(realm_id, statement)
        else:
            records = self._selection.page(realm_id, statement)
        if not records:
            return "{}"
        listed = f'"{name}":[{",".join(records)}]'
        if not statement.entity.is_paged:
            return f'{{{listed},"maxResults":{len(records)}}}'
        return (
            f'{{{listed},"startPosition":{statement.start_position},"maxResults":{len(records)}}}'
        )

    def _queried_rates(self, realm_id: str, statement: Statement) -> list[str]:
        rates = queried_rates(
            self._store,
            realm_id,
            statement,
            home_currency=self._home_currency(realm_id),
            today=self._today().isoformat(),
        )
        return [write(rate) for rate in rates]

    def _all_books(self, realm_id: str) -> Books:
        revision, books = self._books.get(realm_id, (None, None))
        if books is None or revision != self._store.revision:
            records = self._store.records("quickbooks", realm_id, BOOKED_OBJECTS)
            books = Books(
                ((record.object, parse(record.payload)) for record in records),
                self._home_currency(realm_id),
            )
            self._books[realm_id] = self._store.revision, books
        return books

    def _realm(self, realm_id: str) -> Realm:
        return Realm(
            store=self._store,
            realm_id=realm_id,
            home_currency=self._home_currency(realm_id),
            preferences=self._preferences(realm_id),
            now=self._sandbox.clock.now(),
            today=self._today(),
        )

    def _preferences(self, realm_id: str) -> Payload:
        record = next(self._store.records("quickbooks", realm_id, ["Preferences"]), None)
        found: Payload = parse(record.payload) if record else {}
        return found

    def _home_currency(self, realm_id: str) -> str:
        currency = self._preferences(realm_id).get("CurrencyPrefs", {}).get("HomeCurrency", {})
        return str(currency.get("value") or self._sandbox.company.home_currency)

    def _today(self) -> date:
        """The vendor's own date: its servers stand in the Pacific zone, wherever the company is."""
        return self._sandbox.clock.now().astimezone(DATA_CENTRE_ZONE).date()

    def _enveloped(self, content: str) -> str:
        return f'{{{content},"time":"{body_time(self._sandbox.clock.now())}"}}'


def _realm_id(request: Request) -> str:
    return str(request.path_params["realm_id"])


def _entity(request: Request) -> Entity:
    entity = find_entity(request.path_params["entity"])
    if entity is None:
        raise faults.unsupported(request.path_params["entity"])
    return entity


def _object(body: bytes) -> Payload:
    try:
        content = parse(body)
    except ValueError as error:
        raise faults.not_json() from error
    if not isinstance(content, dict):
        raise faults.not_json()
    return content


def _is_multicurrency(preferences: dict[str, Any]) -> bool:
    return preferences.get("CurrencyPrefs", {}).get("MultiCurrencyEnabled") is True
