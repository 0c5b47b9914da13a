"""What QuickBooks changes when it is asked to: one record, several in a batch, a sent document.

Belongs here: a request's parameters in, a body's text out, each wish done once. Does not belong
here: rules about records, which ``writing`` knows.
"""

from collections.abc import Callable, Mapping

from starlette.requests import Request

from q2c_pipeline.sandbox.quickbooks import batch
from q2c_pipeline.sandbox.quickbooks.endpoint import enveloped
from q2c_pipeline.sandbox.quickbooks.entities import Entity
from q2c_pipeline.sandbox.quickbooks.realms import Realms
from q2c_pipeline.sandbox.quickbooks.requests import body_of, entity_of, realm_of, request_id_of
from q2c_pipeline.sandbox.quickbooks.wire import Payload, write
from q2c_pipeline.sandbox.quickbooks.writing.exchange_rates import write_rate
from q2c_pipeline.sandbox.quickbooks.writing.operations import write_record
from q2c_pipeline.sandbox.quickbooks.writing.sending import send
from q2c_pipeline.sandbox.quickbooks.writing.tax_service import create_tax_code


class Changing:
    """``query`` answers the statements that a batch holds."""

    def __init__(self, realms: Realms, query: Callable[[str, str], str]) -> None:
        self._realms = realms
        self._query = query

    async def write(self, request: Request) -> str:
        entity, body = entity_of(request), await body_of(request)
        realm_id, options = realm_of(request), dict(request.query_params)

        def act() -> str:
            written = write_record(self._realms.open(realm_id), entity, body, options)
            return enveloped(request, f'"{entity.name}":{write(written)}')

        return self._once(request, act)

    async def exchange_rate(self, request: Request) -> str:
        body = await body_of(request)

        def act() -> str:
            rate = write_rate(self._realms.open(realm_of(request)), body)
            return enveloped(request, f'"ExchangeRate":{write(rate)}')

        return self._once(request, act)

    async def tax_code(self, request: Request) -> str:
        body = await body_of(request)
        return self._once(
            request, lambda: write(create_tax_code(self._realms.open(realm_of(request)), body))
        )

    async def send(self, request: Request) -> str:
        entity, record_id = entity_of(request), request.path_params["id"]
        send_to = request.query_params.get("sendTo")

        def act() -> str:
            sent = send(self._realms.open(realm_of(request)), entity.name, record_id, send_to)
            return enveloped(request, f'"{entity.name}":{write(sent)}')

        return self._once(request, act)

    async def batch(self, request: Request) -> str:
        body, realm_id = await body_of(request), realm_of(request)

        def write_item(entity: Entity, record: Payload, options: Mapping[str, str]) -> Payload:
            with self._realms.store.savepoint():
                return write_record(self._realms.open(realm_id), entity, record, options)

        operations = batch.Operations(lambda text: self._query(realm_id, text), write_item)

        def act() -> str:
            answers = batch.run(body, request_id_of(request), operations)
            return enveloped(request, f'"BatchItemResponse":{answers}')

        return self._once(request, act)

    def _once(self, request: Request, act: Callable[[], str]) -> str:
        """Act in one transaction with the memory of it: a repeated request id is told what the
        first one was told, and nothing happens."""
        request_id = request_id_of(request)
        setting = f"quickbooks/{realm_of(request)}/request/{request_id}"
        answered = self._realms.store.setting(setting) if request_id else None
        if answered is not None:
            return answered
        with self._realms.sandbox.changes():
            answer = act()
            if request_id:
                self._realms.store.set_setting(setting, answer)
        return answer
