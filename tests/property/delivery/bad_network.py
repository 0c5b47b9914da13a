"""A network that loses, delays, doubles and refuses requests on their way to a real server.

Belongs here: what happens to one request. Does not belong here: what the server makes of it.
"""

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import httpx

from tests.property.delivery.chaos import Chaos, Clock

WORKS_SECONDS_MAX = 119
WRITE_FAULTS = (
    "no connection",
    "lost on its way",
    "answer lost",
    "answer cut",
    "doubled",
    "late",
    "bad gateway",
    "gateway time-out",
    "throttled",
    "token refused",
)
READ_FAULTS = ("no connection", "answer lost", "bad gateway", "throttled")
THROTTLED = {
    "Fault": {
        "Error": [
            {
                "Message": "message=ThrottleExceeded; errorCode=003001; statusCode=429",
                "code": "003001",
            }
        ],
        "type": "ServiceFault",
    }
}
TOKEN_REFUSED = {
    "fault": {
        "error": [{"message": "message=AuthenticationFailed", "code": "3200"}],
        "type": "AUTHENTICATION",
    }
}


@dataclass
class BadNetwork(httpx.BaseTransport):
    """``share`` of the requests to the books go wrong; ``headers`` go along with each."""

    clock: Clock
    chaos: Chaos
    headers: dict[str, str]
    share: float = 0.0
    met: Counter[str] = field(default_factory=Counter)
    late: list[tuple[datetime, httpx.Request]] = field(default_factory=list)
    inner: httpx.HTTPTransport = field(default_factory=lambda: httpx.HTTPTransport(verify=False))

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        is_of_books = "/v3/company/" in request.url.path
        if not is_of_books:
            return self._passed(request)
        self.work()
        self.chaos.point()
        try:
            return self._through(request)
        finally:
            self.chaos.point()

    def work(self) -> None:
        """Lets what is late arrive, if it is time."""
        for due in sorted(self.late, key=lambda one: one[0]):
            if due[0] <= self.clock.now():
                self.late.remove(due)
                now, self.clock.moment = self.clock.moment, due[0]
                self._passed(due[1])
                self.clock.moment = now

    def close(self) -> None:
        self.inner.close()

    def _through(self, request: httpx.Request) -> httpx.Response:
        fault = self._fault(WRITE_FAULTS if request.method == "POST" else READ_FAULTS)
        match fault:
            case "no connection":
                raise httpx.ConnectError("refused")
            case "lost on its way":
                raise httpx.ReadError("reset")
            case "bad gateway":
                return httpx.Response(502, html="<html>502</html>")
            case "throttled":
                return httpx.Response(429, json=THROTTLED)
            case "token refused":
                return httpx.Response(401, json=TOKEN_REFUSED)
            case "late":
                seconds = self.chaos.random.randint(1, WORKS_SECONDS_MAX)
                self.late.append((self.clock.now() + timedelta(seconds=seconds), request))
                raise httpx.ReadTimeout("time-out")
        # A second request of the same id waits for the first.
        for due in [one for one in self.late if one[1].url == request.url]:
            self.late.remove(due)
            self._passed(due[1])
        if fault == "doubled":
            self._passed(request)
        response = self._passed(request)
        if fault == "answer lost":
            raise httpx.ReadError("reset")
        if fault == "gateway time-out":
            return httpx.Response(504, html="<html>504</html>")
        if fault == "answer cut":
            return httpx.Response(response.status_code, content=response.content[:-2])
        return response

    def _passed(self, request: httpx.Request) -> httpx.Response:
        request.headers.update(self.headers)
        response = self.inner.handle_request(request)
        content = response.read()
        response.close()
        headers = {
            name: value
            for name, value in response.headers.items()
            if name.casefold() not in ("content-encoding", "transfer-encoding")
        }
        return httpx.Response(response.status_code, headers=headers, content=content)

    def _fault(self, kinds: tuple[str, ...]) -> str | None:
        if self.chaos.random.random() >= self.share:
            return None
        kind = self.chaos.random.choice(kinds)
        self.met[kind] += 1
        return kind
