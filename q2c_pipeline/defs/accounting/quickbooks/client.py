"""Signs in to QuickBooks Online and reads from it.

Belongs here: paths, query text, the shape of answers. Does not belong here: tokens, which are
``sign_in.py``, faults, which are ``faults.py``, what to read when, which is ``extract.py``, and any
request that writes to the books.
"""

from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime
from functools import cache
from typing import NamedTuple, Self, cast

import httpx
import msgspec

from q2c_pipeline.core.errors import ContractBroken
from q2c_pipeline.core.http import Allowance, ApiClient
from q2c_pipeline.core.pacing import Pacer, shared_pacer
from q2c_pipeline.core.retries import RetryPolicy
from q2c_pipeline.core.tokens import TokenStore
from q2c_pipeline.defs.accounting.quickbooks.faults import read_fault
from q2c_pipeline.defs.accounting.quickbooks.objects import (
    QuickBooksObject,
    ReportSpec,
)
from q2c_pipeline.defs.accounting.quickbooks.sign_in import QuickBooksAccess, QuickBooksCredentials

MINOR_VERSION = "75"
PAGE_ROWS_MAX = 1000
CAPTURED_CHANGES_MAX = 1000
REQUESTS_PER_SECOND = 9.5
"""The vendor takes ten. At this pace eleven starts span 1.05 seconds: 50 ms are left for delays."""
REQUESTS_PER_MINUTE = 480
BATCHES_PER_MINUTE = 110
REQUESTS_IN_FLIGHT_MAX = 8
_BEFORE_ALL_BOOKS = datetime(1970, 1, 1, tzinfo=UTC)


class _QueryResponse(msgspec.Struct):
    rows: list[msgspec.Raw]
    totalCount: int | None = None


class _QueryAnswer(msgspec.Struct):
    QueryResponse: _QueryResponse
    time: datetime | None = None


@cache
def _answer_about(vendor_name: str) -> type[_QueryAnswer]:
    """Rows stand under the object's name; so declared, they are cut out as the page is read."""
    rows: list[msgspec.Raw] = msgspec.field(name=vendor_name, default_factory=list)
    response = msgspec.defstruct(
        "Response", [("rows", list[msgspec.Raw], rows)], bases=(_QueryResponse,)
    )
    answer = msgspec.defstruct("Answer", [("QueryResponse", response)], bases=(_QueryAnswer,))
    return cast(type[_QueryAnswer], answer)


class _Capture(msgspec.Struct):
    QueryResponse: list[dict[str, msgspec.Raw]]


class _CaptureAnswer(msgspec.Struct):
    CDCResponse: list[_Capture]
    time: datetime | None = None


class _ReportHeader(msgspec.Struct):
    ReportName: str


class _ReportFrame(msgspec.Struct):
    Header: _ReportHeader
    Rows: msgspec.Raw


class Page(NamedTuple):
    """Rows as the vendor's text, and the vendor's time when the request came in."""

    rows: list[msgspec.Raw]
    asked_at: datetime


class Changes(NamedTuple):
    """Changed rows by vendor name, deleted stubs included; ``is_capped``: there may be more."""

    rows: dict[str, list[msgspec.Raw]]
    asked_at: datetime
    is_capped: bool


class QuickBooksClient:
    """Reads one realm. ``now`` is this machine's clock, used only to judge a stored token's age."""

    def __init__(
        self,
        access: QuickBooksAccess,
        tokens: TokenStore,
        *,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        retry: RetryPolicy | None = None,
        pacer: Pacer | None = None,
        allowance: Allowance | None = None,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        self.realm = access.realm
        self.credentials = QuickBooksCredentials(
            access, tokens, now=now, retry=retry, transport=transport
        )
        self.api = ApiClient(
            vendor=f"QuickBooks realm {access.realm}",
            base_url=access.base_url,
            read_fault=read_fault,
            credentials=self.credentials,
            pacer=pacer or shared_pacer(f"{access.base_url} {access.realm}", _pacer),
            allowance=allowance,
            retry=retry,
            transport=transport,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.credentials.close()
        self.api.close()

    @property
    def calls(self) -> int:
        """Requests sent, sign-ins included."""
        return self.api.calls + self.credentials.calls

    @property
    def metered_reads(self) -> int:
        return self.api.metered_reads

    def page(
        self, spec: QuickBooksObject, *, start: int, changed_since: datetime | None = None
    ) -> Page:
        """Up to ``PAGE_ROWS_MAX`` rows in the order of their Ids; the first row is number 1."""
        statement = (
            f"SELECT {', '.join(spec.fields) or '*'} FROM {spec.vendor_name}"
            f"{_where(spec, changed_since)}"
            f" ORDERBY Id STARTPOSITION {start} MAXRESULTS {PAGE_ROWS_MAX}"
        )
        return self._queried(spec, statement, f"{spec.vendor_name} rows from {start}")

    def count(self, spec: QuickBooksObject, *, changed_since: datetime | None = None) -> int:
        """How many rows there are (changed since then); what is no record is not counted."""
        if spec.pseudo_ids:
            # They carry no stamp, so asking for one leaves them out.
            changed_since = changed_since or _BEFORE_ALL_BOOKS
        statement = f"SELECT COUNT(*) FROM {spec.vendor_name}{_where(spec, changed_since)}"
        found = self._query(spec, statement, f"the number of {spec.vendor_name} rows")
        total = found.QueryResponse.totalCount
        if total is None:
            raise ContractBroken(
                f"QuickBooks realm {self.realm}: asked for the number of {spec.vendor_name} rows;"
                " the answer has no totalCount. Nothing was taken from it"
            )
        return total

    def exchange_rates(self, spec: QuickBooksObject, currencies: Sequence[str], on: date) -> Page:
        """What each currency was worth at home on that day."""
        codes = ", ".join(f"'{currency}'" for currency in currencies)
        statement = (
            f"SELECT * FROM {spec.vendor_name}"
            f" WHERE SourceCurrencyCode IN ({codes}) AND AsOfDate = '{on}'"
        )
        return self._queried(spec, statement, f"exchange rates of {on}")

    def changes(self, specs: Sequence[QuickBooksObject], *, changed_since: datetime) -> Changes:
        """What changed since then, deletions included, at most ``CAPTURED_CHANGES_MAX`` rows."""
        names = ",".join(spec.vendor_name for spec in specs)
        found = self.api.get(
            f"/v3/company/{self.realm}/cdc",
            params={
                "entities": names,
                "changedSince": _moment(changed_since),
                "minorversion": MINOR_VERSION,
            },
            asked=f"changes of {names} since {_moment(changed_since)}",
            answer=_CaptureAnswer,
        )
        rows: dict[str, list[msgspec.Raw]] = {spec.vendor_name: [] for spec in specs}
        for capture in found.CDCResponse:
            for part in capture.QueryResponse:
                if "Fault" in part:
                    raise ContractBroken(
                        self.api.redacted(
                            f"QuickBooks realm {self.realm}: a part of the changes of {names} is a"
                            f" fault: {bytes(part['Fault']).decode(errors='replace')[:400]}"
                        )
                    )
                for name in part.keys() & rows.keys():
                    rows[name].extend(_rows(part[name]))
        is_capped = sum(map(len, rows.values())) >= CAPTURED_CHANGES_MAX
        return Changes(rows, self._asked_at(found.time), is_capped)

    def setting(self, spec: QuickBooksObject) -> Page:
        """The one record of a kind that cannot be paged: company info, preferences."""
        paths = {"CompanyInfo": f"companyinfo/{self.realm}", "Preferences": "preferences"}
        found = self.api.get(
            f"/v3/company/{self.realm}/{paths[spec.vendor_name]}",
            params={"minorversion": MINOR_VERSION},
            asked=spec.vendor_name,
            answer=dict[str, msgspec.Raw],
        )
        if spec.vendor_name not in found:
            raise ContractBroken(
                f"QuickBooks realm {self.realm}: asked for {spec.vendor_name}; the answer holds"
                f" {', '.join(sorted(found)) or 'nothing'}"
            )
        time = msgspec.json.decode(found["time"], type=datetime) if "time" in found else None
        return Page([found[spec.vendor_name]], self._asked_at(time))

    def report(self, spec: ReportSpec, on: date) -> bytes:
        """The report's whole text."""
        return self.api.get_text(
            f"/v3/company/{self.realm}/reports/{spec.vendor_name}",
            params={
                **dict(spec.parameters),
                spec.date_parameter: on.isoformat(),
                "minorversion": MINOR_VERSION,
            },
            asked=f"{spec.vendor_name} of {on}",
            answer=_ReportFrame,
        )

    def vendor_now(self) -> datetime:
        """The vendor's clock as last seen."""
        if self.api.vendor_now is None:
            raise ContractBroken(
                f"QuickBooks realm {self.realm} sends no Date header, so the as-of date is unknown"
            )
        return self.api.vendor_now

    def _queried(self, spec: QuickBooksObject, statement: str, asked: str) -> Page:
        found = self._query(spec, statement, asked)
        return Page(found.QueryResponse.rows, self._asked_at(found.time))

    def _query(self, spec: QuickBooksObject, statement: str, asked: str) -> _QueryAnswer:
        return self.api.get(
            f"/v3/company/{self.realm}/query",
            params={"query": statement, "minorversion": MINOR_VERSION},
            asked=asked,
            answer=_answer_about(spec.vendor_name),
        )

    def _asked_at(self, time: datetime | None) -> datetime:
        return time if time is not None else self.vendor_now()


def _pacer() -> Pacer:
    return Pacer(
        per_second=REQUESTS_PER_SECOND,
        per_minute=REQUESTS_PER_MINUTE,
        in_flight=REQUESTS_IN_FLIGHT_MAX,
        batches_per_minute=BATCHES_PER_MINUTE,
    )


def _rows(rows: msgspec.Raw) -> list[msgspec.Raw]:
    return msgspec.json.decode(rows, type=list[msgspec.Raw])


def _where(spec: QuickBooksObject, changed_since: datetime | None) -> str:
    conditions = []
    if changed_since is not None:
        conditions.append(f"MetaData.LastUpdatedTime >= '{_moment(changed_since)}'")
    if spec.hides_inactive:
        conditions.append("Active IN (true, false)")
    return f" WHERE {' AND '.join(conditions)}" if conditions else ""


def _moment(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="seconds")
