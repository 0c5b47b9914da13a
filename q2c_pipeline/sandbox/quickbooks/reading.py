"""What QuickBooks tells without changing anything: statements, changes, records, reports, print.

Belongs here: a request's parameters in, a body's text out. Does not belong here: rules about
records, which the modules beside it know.
"""

from starlette.requests import Request

from q2c_pipeline.sandbox.quickbooks import cdc, faults
from q2c_pipeline.sandbox.quickbooks.books.bookkeeping import BOOKED_OBJECTS, Books
from q2c_pipeline.sandbox.quickbooks.endpoint import enveloped
from q2c_pipeline.sandbox.quickbooks.entities import Entity
from q2c_pipeline.sandbox.quickbooks.exchange_rates import queried_rates, rate_on
from q2c_pipeline.sandbox.quickbooks.invoice_links import linked
from q2c_pipeline.sandbox.quickbooks.printing import PRINTABLE, printed
from q2c_pipeline.sandbox.quickbooks.query import Statement, parse_statement
from q2c_pipeline.sandbox.quickbooks.realms import Realms
from q2c_pipeline.sandbox.quickbooks.reports.catalogue import UnknownReport, render
from q2c_pipeline.sandbox.quickbooks.reports.context import InvalidParameter, ReportContext
from q2c_pipeline.sandbox.quickbooks.requests import entity_of, included, realm_of
from q2c_pipeline.sandbox.quickbooks.selection import Selection
from q2c_pipeline.sandbox.quickbooks.wire import parse, write


class Reading:
    def __init__(self, realms: Realms) -> None:
        self._realms = realms
        self._store = realms.store
        self._selection = Selection(realms.store, realms.today)
        self._books: dict[str, tuple[int, Books]] = {}

    async def query(self, request: Request) -> str:
        text = request.query_params.get("query", "")
        if request.method == "POST":
            text = (await request.body()).decode(errors="replace")
        found = self.queried(realm_of(request), text, included(request))
        return enveloped(request, f'"QueryResponse":{found}')

    def queried(self, realm_id: str, text: str, extras: frozenset[str] = frozenset()) -> str:
        """The ``QueryResponse`` of a statement; ``extras`` are what ``include`` asks for."""
        statement = parse_statement(text)
        name = statement.entity.name
        if statement.is_count:
            return f'{{"totalCount":{self._count(realm_id, statement)}}}'
        if name == "ExchangeRate":
            records = self._queried_rates(realm_id, statement)
        else:
            records = self._selection.page(realm_id, statement)
        if not records:
            return "{}"
        records = [linked(realm_id, name, record, extras) for record in records]
        listed = f'"{name}":[{",".join(records)}]'
        if not statement.entity.is_paged:
            return f'{{{listed},"maxResults":{len(records)}}}'
        return (
            f'{{{listed},"startPosition":{statement.start_position},"maxResults":{len(records)}}}'
        )

    async def changes(self, request: Request) -> str:
        answer = cdc.changes(
            self._store,
            realm_of(request),
            entities=request.query_params.get("entities", ""),
            changed_since=request.query_params.get("changedSince", ""),
            now=self._realms.sandbox.clock.now(),
        )
        return enveloped(request, f'"CDCResponse":[{{"QueryResponse":{answer}}}]')

    async def record(self, request: Request) -> str:
        entity = entity_of(request)
        payload = self._living(request, entity)
        shown = linked(realm_of(request), entity.name, payload, included(request))
        return enveloped(request, f'"{entity.name}":{shown}')

    async def pdf(self, request: Request) -> bytes:
        entity = entity_of(request)
        if entity.name not in PRINTABLE:
            raise faults.unsupported(f"pdf of {entity.name}")
        return printed(entity.name, parse(self._living(request, entity)))

    async def report(self, request: Request) -> str:
        realm_id = realm_of(request)
        name = request.path_params["name"]
        company = self._realms.sandbox.company
        context = ReportContext(
            now=self._realms.sandbox.clock.now(),
            time_zone=company.time_zone.key,
            home_currency=self._realms.home_currency(realm_id),
            is_multicurrency=self._realms.open(realm_id).is_multicurrency,
            company_name=company.name,
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
        realm_id = realm_of(request)
        rate = rate_on(
            self._store,
            realm_id,
            currency=currency,
            home_currency=self._realms.home_currency(realm_id),
            day=request.query_params.get("asofdate") or self._realms.today().isoformat(),
        )
        return enveloped(request, f'"ExchangeRate":{write(rate)}')

    async def preferences(self, request: Request) -> str:
        preferences = self._realms.preferences(realm_of(request))
        return enveloped(request, f'"Preferences":{write(preferences)}')

    async def company_info(self, request: Request) -> str:
        info = next(self._store.records("quickbooks", realm_of(request), ["CompanyInfo"]), None)
        if info is None:
            raise faults.not_found()
        return enveloped(request, f'"CompanyInfo":{info.payload}')

    async def nothing_there(self, request: Request) -> str:
        raise faults.unsupported(
            f"Could not find resource for relative : {request.url.path} of full path:"
            f" {request.url.replace(query='')}"
        )

    def _living(self, request: Request, entity: Entity) -> str:
        """The text of the record that the path names. Raises ``Fault`` 2030 or 610."""
        record_id = request.path_params["id"]
        found = self._store.get("quickbooks", realm_of(request), entity.name, record_id)
        if found is None and not record_id.isdigit():
            raise faults.invalid_id(record_id)
        if found is None or found.is_deleted:
            raise faults.not_found()
        return found.payload

    def _count(self, realm_id: str, statement: Statement) -> int:
        if statement.entity.name == "ExchangeRate" and statement.conditions:
            return len(self._queried_rates(realm_id, statement))
        return self._selection.count(realm_id, statement)

    def _queried_rates(self, realm_id: str, statement: Statement) -> list[str]:
        rates = queried_rates(
            self._store,
            realm_id,
            statement,
            home_currency=self._realms.home_currency(realm_id),
            today=self._realms.today().isoformat(),
        )
        return [write(rate) for rate in rates]

    def _all_books(self, realm_id: str) -> Books:
        revision, books = self._books.get(realm_id, (None, None))
        if books is None or revision != self._store.revision:
            records = self._store.records("quickbooks", realm_id, BOOKED_OBJECTS)
            books = Books(
                ((record.object, parse(record.payload)) for record in records),
                self._realms.home_currency(realm_id),
            )
            self._books[realm_id] = self._store.revision, books
        return books
