"""What each vendor answers while it is failing.

Belongs here: status and body by vendor. Does not belong here: when it is answered (``faults``).
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from http import HTTPStatus

import msgspec
from starlette.responses import HTMLResponse, Response

from q2c_pipeline.sandbox.quickbooks import faults as quickbooks
from q2c_pipeline.sandbox.salesforce import faults as salesforce

Outage = Callable[[datetime], Response]


def _fault(fault: quickbooks.Fault) -> Outage:
    return lambda moment: Response(fault.body(moment), fault.status, media_type="application/json")


def _refusal(refusal: salesforce.Refusal) -> Outage:
    return lambda moment: Response(
        msgspec.json.encode(refusal.body()),
        refusal.status,
        media_type="application/json;charset=UTF-8",
    )


def _page(status: HTTPStatus) -> Outage:
    """What a gateway in front of the vendor shows to whoever asks, browser or not."""
    title = f"{status} {status.phrase}"
    body = f"<html><head><title>{title}</title></head><body><h1>{title}</h1></body></html>"
    return lambda moment: HTMLResponse(body, status)


def _nothing(status: int) -> Outage:
    return lambda moment: Response(status_code=status)


OUTAGES: Mapping[str, Mapping[str, Outage]] = {
    "quickbooks": {
        "429": _fault(quickbooks.throttled()),
        "500": _fault(quickbooks.system_failure()),
        "502": _page(HTTPStatus.BAD_GATEWAY),
        "503": _page(HTTPStatus.SERVICE_UNAVAILABLE),
        "504": _page(HTTPStatus.GATEWAY_TIMEOUT),
    },
    "salesforce": {
        "406": _nothing(406),
        "420": _nothing(420),
        "429": _nothing(429),
        "500": _refusal(salesforce.unknown_exception()),
        "502": _page(HTTPStatus.BAD_GATEWAY),
        "503": _refusal(salesforce.server_unavailable()),
        "504": _page(HTTPStatus.GATEWAY_TIMEOUT),
    },
}
