"""Asks one Salesforce organisation: which fields it shows, how many rows, and pages of them.

Belongs here: paths and the shape of answers. Does not belong here: what to ask for, which is
``soql.py``, bulk jobs (``bulk.py``), and any request that writes to the CRM.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import NamedTuple, Self

import httpx
import msgspec

from q2c_pipeline.core.errors import ContractBroken, RecordNotFound, RequestRejected
from q2c_pipeline.core.http import ApiClient
from q2c_pipeline.core.pacing import Pacer, shared_pacer
from q2c_pipeline.core.retries import RetryPolicy
from q2c_pipeline.defs.crm.salesforce.daily_calls import DailyCalls
from q2c_pipeline.defs.crm.salesforce.faults import read_fault
from q2c_pipeline.defs.crm.salesforce.sign_in import SalesforceAccess, SalesforceCredentials

REQUESTS_PER_SECOND = 50.0
REQUESTS_PER_MINUTE = 1_500
REQUESTS_IN_FLIGHT_MAX = 4


class Page(NamedTuple):
    """Some rows of a query, and how many it finds in all."""

    total: int
    rows: list[msgspec.Raw]


class _QueryAnswer(msgspec.Struct):
    totalSize: int
    done: bool
    records: list[msgspec.Raw]
    nextRecordsUrl: str | None = None


class _Field(msgspec.Struct):
    name: str
    type: str
    updateable: bool = False


class _Describe(msgspec.Struct):
    fields: list[_Field]


class SalesforceClient:
    """Reads one organisation; signs in when it is made."""

    def __init__(
        self,
        access: SalesforceAccess,
        *,
        retry: RetryPolicy | None = None,
        pacer: Pacer | None = None,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        self.root = f"/services/data/v{access.api_version}"
        self.retry = retry or RetryPolicy()
        self._credentials = SalesforceCredentials(access, retry=retry, transport=transport)
        session = self._credentials.session()
        self.organisation = session.organisation
        self.address = session.instance_url
        self.api = ApiClient(
            vendor=f"Salesforce organisation {session.organisation}",
            base_url=session.instance_url,
            read_fault=read_fault,
            credentials=self._credentials,
            allowance=DailyCalls(session.organisation, percent_max=access.daily_calls_percent),
            pacer=pacer or shared_pacer(f"{session.instance_url} {session.organisation}", _pacer),
            retry=retry,
            transport=transport,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._credentials.endpoint.close()
        self.api.close()

    @property
    def calls(self) -> int:
        """Requests sent, sign-ins included."""
        return self.api.calls + self._credentials.endpoint.calls

    def vendor_now(self) -> datetime:
        """The vendor's clock as last seen, at the sign-in at the earliest."""
        now = self.api.vendor_now or self._credentials.endpoint.vendor_now
        if now is None:
            raise ContractBroken("Salesforce sends no Date header, so its clock is unknown")
        return now

    def fields(self, object: str) -> Mapping[str, str] | None:
        """Types by name of the fields that the integration user may see; None without the object.

        An object is absent when the feature is off, and as absent when the user may not read it.
        """
        shown = self._described(object)
        return None if shown is None else {field.name: field.type for field in shown}

    def editable_fields(self, object: str) -> frozenset[str]:
        """Those of an object's fields that the integration user may change."""
        shown = self._described(object) or []
        return frozenset(field.name for field in shown if field.updateable)

    def _described(self, object: str) -> list[_Field] | None:
        try:
            found = self.api.get(
                f"{self.root}/sobjects/{object}/describe",
                asked=f"the fields of {object}",
                answer=_Describe,
            )
        except RecordNotFound:
            return None
        except RequestRejected as error:
            if error.code == "INVALID_TYPE":
                return None
            raise
        return found.fields

    def count(self, object: str) -> int:
        """How many live rows there are; the recycle bin does not count."""
        found = self.api.get(
            f"{self.root}/query",
            params={"q": f"SELECT COUNT() FROM {object}"},
            asked=f"the number of {object} rows",
            answer=_QueryAnswer,
        )
        return found.totalSize

    def pages(self, soql: str, *, asked: str) -> Iterator[Page]:
        """Pages of rows in the query's order, those in the recycle bin included.

        Raises: RequestRejected with INVALID_QUERY_LOCATOR when the vendor has lost its place.
        """
        page = self.api.get(
            f"{self.root}/queryAll", params={"q": soql}, asked=asked, answer=_QueryAnswer
        )
        yield Page(page.totalSize, page.records)
        while not page.done:
            if page.nextRecordsUrl is None:
                raise ContractBroken(
                    f"Salesforce: asked for {asked}; a page is not the last and names no next one"
                )
            page = self.api.get(page.nextRecordsUrl, asked=f"more {asked}", answer=_QueryAnswer)
            yield Page(page.totalSize, page.records)


def _pacer() -> Pacer:
    return Pacer(
        per_second=REQUESTS_PER_SECOND,
        per_minute=REQUESTS_PER_MINUTE,
        in_flight=REQUESTS_IN_FLIGHT_MAX,
    )
