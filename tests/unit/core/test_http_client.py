"""Retries by error class, and secrets that come out nowhere."""

import base64
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from urllib.parse import quote_plus

import httpx
import msgspec
import pytest

from q2c_pipeline.core.answers import FAULT_TEXT_CHARACTERS_MAX
from q2c_pipeline.core.errors import (
    AllowanceSpent,
    ContractBroken,
    NotAuthorised,
    Q2CError,
    RateLimited,
    RequestRejected,
    ServiceUnavailable,
    Unreachable,
)
from q2c_pipeline.core.http import ApiClient
from q2c_pipeline.core.pacing import Pacer
from q2c_pipeline.core.redaction import HIDDEN, redact
from q2c_pipeline.core.retries import FIRST_CONTACT_SECONDS, RetryPolicy
from q2c_pipeline.defs.accounting.quickbooks.faults import read_fault

CLIENT_SECRET = "s3cr3t-of-the-app"
ACCESS_TOKEN = "eyJhbGciOi.access.token-1"
REFRESH_TOKEN = "RT1-77-H0-refresh-token"
SECRETS = (CLIENT_SECRET, ACCESS_TOKEN, REFRESH_TOKEN)

Answers = Callable[[httpx.Request], httpx.Response]


class Answered(msgspec.Struct):
    value: int


class Clock:
    """Time that passes only while somebody sleeps."""

    def __init__(self) -> None:
        self.now = 0.0
        self.slept: list[float] = []

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds


class Grant:
    """Credentials that count how often they were renewed."""

    def __init__(self) -> None:
        self.renewals = 0

    def token(self) -> str:
        return ACCESS_TOKEN

    def renew(self, refused: str) -> str:
        self.renewals += 1
        return "renewed"

    def secrets(self) -> tuple[str, ...]:
        return SECRETS


def client(answers: Answers, clock: Clock | None = None, grant: Grant | None = None) -> ApiClient:
    clock = clock or Clock()
    return ApiClient(
        vendor="Vendor",
        base_url="http://127.0.0.1:1",
        read_fault=read_fault,
        credentials=grant or Grant(),
        pacer=Pacer(
            per_second=1000, per_minute=60_000, in_flight=8, clock=clock, sleep=clock.sleep
        ),
        retry=RetryPolicy(clock=clock, sleep=clock.sleep, jitter=lambda: 1.0),
        transport=httpx.MockTransport(answers),
    )


def in_turn(*responses: httpx.Response) -> Answers:
    left: Iterator[httpx.Response] = iter(responses)
    return lambda request: next(left)


def ask(api: ApiClient) -> int:
    return api.get("/thing", asked="the thing", answer=Answered).value


GOOD = {"value": 1}


@pytest.mark.parametrize(
    "bad",
    [
        httpx.Response(500),
        httpx.Response(503, text="<html>"),
        httpx.Response(429, json={"Fault": {"Error": [{"Message": "slow", "code": "3001"}]}}),
        httpx.Response(200, text='{"value": '),
        httpx.Response(200, text=""),
    ],
)
def test_what_may_pass_is_asked_again(bad: httpx.Response) -> None:
    clock = Clock()

    assert ask(client(in_turn(bad, httpx.Response(200, json=GOOD)), clock)) == 1
    assert len(clock.slept) == 1


def test_a_broken_connection_is_asked_again() -> None:
    calls = []

    def answers(request: httpx.Request) -> httpx.Response:
        calls.append(request)
        if len(calls) == 1:
            raise httpx.ReadError("gone", request=request)
        return httpx.Response(200, json=GOOD)

    assert ask(client(answers)) == 1


def test_the_wait_grows_and_ends_inside_its_budget() -> None:
    clock = Clock()

    with pytest.raises(ServiceUnavailable):
        ask(client(lambda request: httpx.Response(500), clock))

    assert clock.slept[:4] == [1, 2, 4, 8]
    assert clock.now <= RetryPolicy().budget_seconds


def refused(request: httpx.Request) -> httpx.Response:
    raise httpx.ConnectError("[Errno 111] Connection refused", request=request)


def test_a_host_that_never_answered_is_given_up_before_a_person_does() -> None:
    clock = Clock()

    with pytest.raises(Unreachable, match=r"Check the network and the address http://127"):
        ask(client(refused, clock))

    assert clock.slept == [1, 2, 4]
    assert clock.now <= FIRST_CONTACT_SECONDS


def test_a_sign_in_that_cannot_be_reached_is_not_waited_out_twice_in_full() -> None:
    clock = Clock()
    sign_in = client(refused, clock)

    class SignIn(Grant):
        def token(self) -> str:
            return str(ask(sign_in))

    with pytest.raises(Unreachable):
        ask(client(in_turn(httpx.Response(200, json=GOOD)), clock, SignIn()))

    assert clock.now <= 2 * FIRST_CONTACT_SECONDS


def test_a_host_that_answered_before_is_waited_for() -> None:
    clock = Clock()
    is_down = False

    def answers(request: httpx.Request) -> httpx.Response:
        return refused(request) if is_down else httpx.Response(200, json=GOOD)

    api = client(answers, clock)
    ask(api)
    is_down = True

    with pytest.raises(Unreachable):
        ask(api)
    assert clock.now > 10 * FIRST_CONTACT_SECONDS


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"Retry-After": "30"}, 30),
        (
            {
                "Date": "Tue, 05 May 2026 09:00:00 GMT",
                "Retry-After": "Tue, 05 May 2026 09:00:45 GMT",
            },
            45,
        ),
        ({}, 60),
        ({"Retry-After": "soon"}, 60),
    ],
)
def test_a_vendor_that_throttles_is_left_alone_as_long_as_it_asks_or_a_minute(
    headers: dict[str, str], seconds: float
) -> None:
    clock = Clock()
    throttled = httpx.Response(429, headers=headers)

    ask(client(in_turn(throttled, httpx.Response(200, json=GOOD)), clock))

    assert clock.slept == [seconds]


def test_the_budget_lives_through_three_minutes_of_throttling() -> None:
    clock = Clock()
    throttled = [httpx.Response(429)] * 3

    assert ask(client(in_turn(*throttled, httpx.Response(200, json=GOOD)), clock)) == 1
    assert clock.now == 180


def test_all_that_share_a_limit_rest_when_one_is_throttled() -> None:
    clock = Clock()
    sent: list[float] = []
    answers = in_turn(httpx.Response(429), *[httpx.Response(200, json=GOOD)] * 2)
    pacer = Pacer(per_second=10, per_minute=600, in_flight=8, clock=clock, sleep=clock.sleep)

    def noted(request: httpx.Request) -> httpx.Response:
        sent.append(clock.now)
        return answers(request)

    impatient, other = (
        ApiClient(
            vendor="Vendor",
            base_url="http://127.0.0.1:1",
            read_fault=read_fault,
            pacer=pacer,
            retry=RetryPolicy(clock=clock, sleep=clock.sleep, attempts_max=1),
            transport=httpx.MockTransport(noted),
        )
        for _ in range(2)
    )
    with pytest.raises(RateLimited):
        ask(impatient)
    ask(other)

    assert sent == [0, 60]


class Spent:
    """An allowance that ends with the first answer."""

    def __init__(self) -> None:
        self.noted: list[str] = []

    def check(self) -> None:
        if self.noted:
            raise AllowanceSpent("used up")

    def note(self, headers: Mapping[str, str]) -> None:
        self.noted.append(headers["Sforce-Limit-Info"])


def test_nothing_is_sent_once_the_allowance_is_spent() -> None:
    allowance = Spent()
    api = ApiClient(
        vendor="Vendor",
        base_url="http://127.0.0.1:1",
        read_fault=read_fault,
        allowance=allowance,
        transport=httpx.MockTransport(
            lambda request: httpx.Response(200, json=GOOD, headers={"Sforce-Limit-Info": "4/5"})
        ),
    )
    ask(api)

    with pytest.raises(AllowanceSpent):
        ask(api)
    assert (api.calls, allowance.noted) == (1, ["4/5"])


@pytest.mark.parametrize("status", [200, 400, 500])
def test_a_failure_of_the_vendors_own_is_no_refusal(status: int) -> None:
    failed = httpx.Response(status, json={"Fault": {"Error": [{"code": "10000"}]}})

    with pytest.raises(ServiceUnavailable):
        ask(client(lambda request: failed, Clock()))


@pytest.mark.parametrize(
    ("response", "error"),
    [
        (httpx.Response(400, json={"Fault": {"Error": [{"code": "4001"}]}}), RequestRejected),
        (httpx.Response(403), NotAuthorised),
        (httpx.Response(302, headers={"Location": "http://elsewhere"}), RequestRejected),
        (httpx.Response(200, json={"value": "text"}), ContractBroken),
        (httpx.Response(200, json={"Fault": {"Error": [{"code": "6190"}]}}), NotAuthorised),
        (httpx.Response(200, json={"error": "invalid_grant"}), NotAuthorised),
    ],
)
def test_what_will_fail_again_fails_at_once(
    response: httpx.Response, error: type[Q2CError]
) -> None:
    clock = Clock()

    with pytest.raises(error):
        ask(client(in_turn(response), clock))
    assert clock.slept == []


def test_a_refused_token_is_renewed_once() -> None:
    grant = Grant()

    with pytest.raises(NotAuthorised):
        ask(client(lambda request: httpx.Response(401), grant=grant))
    assert grant.renewals == 1


def test_a_message_says_what_was_asked_and_what_came_back() -> None:
    fault = {"Fault": {"Error": [{"Message": "Bad", "Detail": "Custmoer", "code": "4001"}]}}

    with pytest.raises(RequestRejected) as raised:
        ask(client(in_turn(httpx.Response(400, json=fault))))

    for part in ("Vendor", "the thing", "400", "4001", "Custmoer"):
        assert part in str(raised.value)
    assert raised.value.code == "4001"


BASIC = base64.b64encode(f"app:{CLIENT_SECRET}".encode()).decode()
ECHO = (
    f"token={ACCESS_TOKEN} refresh_token={REFRESH_TOKEN} client_secret={CLIENT_SECRET}"
    f" Authorization: Bearer {ACCESS_TOKEN} Basic {BASIC}"
)


@pytest.mark.parametrize("status", [302, 400, 401, 403, 404, 418, 429, 500, 503])
@pytest.mark.parametrize(
    "body",
    [
        ECHO,
        msgspec.json.encode({"Fault": {"Error": [{"Message": ECHO, "Detail": ECHO}]}}).decode(),
        msgspec.json.encode(
            {"fault": {"error": [{"message": "no", "detail": f"Token expired: {ECHO}"}]}}
        ).decode(),
        msgspec.json.encode({"error": "invalid_grant", "error_description": ECHO}).decode(),
    ],
)
def test_no_error_path_shows_a_secret(status: int, body: str) -> None:
    with pytest.raises(Q2CError) as raised:
        ask(client(lambda request: httpx.Response(status, text=body)))

    for secret in (*SECRETS, BASIC):
        assert secret not in str(raised.value)
    assert raised.value.__cause__ is None


def test_a_broken_connection_shows_no_secret() -> None:
    def answers(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError(f"could not send {ECHO}", request=request)

    with pytest.raises(ServiceUnavailable) as raised:
        ask(client(answers))
    for secret in (*SECRETS, BASIC):
        assert secret not in str(raised.value)


@pytest.mark.parametrize(
    "text",
    [
        '{"access_token":"abcdef123456","x":1}',
        "Authorization: Bearer abcdef123456",
        "refresh_token=abcdef123456&grant_type=refresh_token",
        "Token expired: abcdef123456",
    ],
)
def test_an_unknown_secret_is_known_by_its_shape(text: str) -> None:
    assert "abcdef123456" not in redact(text)


LONG = "Zm9v/YmFy+cXV4=LmJhei5xdXV4LmNvcmdlLmdyYXVsdA"


@pytest.mark.parametrize(
    "text",
    [
        f"the token {LONG} is old",
        f"the token {LONG[:30]}... is old",
        f"the token ...{LONG[-30:]} is old",
        f"grant={quote_plus(LONG)}&x=1",
    ],
)
def test_a_known_secret_is_known_cut_off_and_escaped_too(text: str) -> None:
    shown = redact(text, [LONG])

    assert HIDDEN in shown
    assert not any(LONG[i : i + 8] in shown for i in range(len(LONG) - 8))


def test_a_secret_that_the_length_of_a_message_cuts_in_two_is_not_half_shown() -> None:
    text = "x" * (FAULT_TEXT_CHARACTERS_MAX - 8) + f" {CLIENT_SECRET}"
    api = client(lambda request: httpx.Response(418, text=text))

    with pytest.raises(RequestRejected) as raised:
        ask(api)
    assert CLIENT_SECRET[:6] not in str(raised.value)


def test_what_a_token_endpoint_was_sent_is_kept_out_of_its_messages() -> None:
    def answers(request: httpx.Request) -> httpx.Response:
        basic = request.headers["Authorization"].removeprefix("Basic ")
        return httpx.Response(400, text=f"no: {request.content.decode()} of {basic}")

    with pytest.raises(RequestRejected) as raised:
        client(answers).post_form(
            "/token",
            {"grant_type": "other", "code": "plain words"},
            asked="a token",
            answer=Answered,
            auth=("app", "unheard-of"),
        )

    for secret in ("plain+words", "unheard-of", base64.b64encode(b"app:unheard-of").decode()):
        assert secret not in str(raised.value)


def test_what_a_token_endpoint_issued_is_a_secret_before_it_is_used() -> None:
    api = client(lambda request: httpx.Response(200, json={**GOOD, "access_token": "brand-new"}))

    api.post_form("/token", {"grant_type": "other"}, asked="a token", answer=Answered)

    assert api.redacted("it points to brand-new") == f"it points to {HIDDEN}"


def test_a_token_that_was_replaced_is_still_a_secret() -> None:
    class Renewing(Grant):
        def token(self) -> str:
            return "the-first-token"

        def secrets(self) -> tuple[str, ...]:
            return ()

    with pytest.raises(NotAuthorised) as raised:
        ask(client(lambda request: httpx.Response(401, text="the-first-token"), grant=Renewing()))
    assert "the-first-token" not in str(raised.value)


def test_a_page_that_points_to_another_host_is_not_followed() -> None:
    sent: list[httpx.Request] = []

    def answers(request: httpx.Request) -> httpx.Response:
        sent.append(request)
        return httpx.Response(200, json=GOOD)

    for path in ("http://elsewhere/thing", "//elsewhere/thing"):
        with pytest.raises(ContractBroken):
            client(answers).get(path, asked="more", answer=Answered)
    assert sent == []


def test_reads_are_counted_when_they_succeed() -> None:
    api = client(in_turn(httpx.Response(500), httpx.Response(200, json=GOOD)))

    ask(api)

    assert (api.calls, api.metered_reads) == (2, 1)


def test_a_throttled_request_says_when_to_come_back() -> None:
    with pytest.raises(RateLimited) as raised:
        ask(client(lambda request: httpx.Response(429, headers={"Retry-After": "600"})))
    assert raised.value.retry_after_seconds == 600


def test_an_order_is_sent_as_json_and_its_answer_read() -> None:
    sent: list[httpx.Request] = []

    def answers(request: httpx.Request) -> httpx.Response:
        sent.append(request)
        return httpx.Response(200, json=GOOD)

    found = client(answers).post_json(
        "/jobs", {"query": "SELECT Id FROM Account"}, asked="a job", answer=Answered
    )

    assert found.value == 1
    assert sent[0].method == "POST"
    assert sent[0].headers["Content-Type"] == "application/json"
    assert msgspec.json.decode(sent[0].content) == {"query": "SELECT Id FROM Account"}


UNCLEAR = httpx.Response(503)
NOTHING_DONE = httpx.Response(429, headers={"Retry-After": "1"})


@pytest.mark.parametrize(
    ("bad", "is_repeatable", "sent"),
    [(UNCLEAR, False, 1), (UNCLEAR, True, 2), (NOTHING_DONE, False, 2), (NOTHING_DONE, True, 2)],
)
def test_an_order_is_repeated_if_that_does_no_harm_or_nothing_was_done(
    bad: httpx.Response, is_repeatable: bool, sent: int
) -> None:
    api = client(in_turn(bad, httpx.Response(200, json=GOOD)))

    with suppress(ServiceUnavailable):
        api.post_json("/jobs", {}, asked="a job", answer=Answered, is_repeatable=is_repeatable)

    assert api.calls == sent


def test_an_order_that_never_left_is_repeated() -> None:
    calls = []

    def answers(request: httpx.Request) -> httpx.Response:
        calls.append(request)
        return refused(request) if len(calls) == 1 else httpx.Response(200, json=GOOD)

    client(answers).post_json("/jobs", {}, asked="a job", answer=Answered)

    assert len(calls) == 2


def test_an_order_with_a_refused_token_is_sent_again_with_the_new_one() -> None:
    api = client(in_turn(httpx.Response(401), httpx.Response(200, json=GOOD)))

    assert api.post_json("/jobs", {}, asked="a job", answer=Answered).value == 1


@pytest.mark.parametrize("status", [204, 404])
def test_what_is_deleted_is_gone_even_if_it_was_gone_before(status: int) -> None:
    sent: list[str] = []

    def answers(request: httpx.Request) -> httpx.Response:
        sent.append(request.method)
        return httpx.Response(status)

    client(answers).delete("/jobs/1", asked="the end of a job")

    assert sent == ["DELETE"]


def test_a_deletion_that_is_refused_says_so() -> None:
    with pytest.raises(NotAuthorised, match="the end of a job"):
        client(lambda request: httpx.Response(403)).delete("/jobs/1", asked="the end of a job")


def test_a_file_comes_to_the_letter_with_its_headers() -> None:
    answer = httpx.Response(
        200,
        content=b"Id\n1\n",
        headers={"Content-Type": "text/csv; charset=UTF-8", "Sforce-Locator": "next"},
    )

    file = client(in_turn(answer)).get_bytes("/results", asked="results", media_type="text/csv")

    assert (file.content, file.headers["sforce-locator"]) == (b"Id\n1\n", "next")


def test_a_web_page_is_not_taken_for_a_file() -> None:
    page = httpx.Response(200, html="<html>One moment</html>")
    file = httpx.Response(200, content=b"Id\n", headers={"Content-Type": "text/csv"})
    api = client(in_turn(page, file))

    found = api.get_bytes("/results", asked="results", media_type="text/csv")

    assert (found.content, api.calls, api.metered_reads) == (b"Id\n", 2, 1)


def test_a_failing_gateways_web_page_stays_out_of_the_message() -> None:
    with pytest.raises(ServiceUnavailable, match=r"502: a web page\."):
        ask(client(lambda request: httpx.Response(502, html="<html><b>Bad Gateway</b></html>")))


def test_a_date_that_is_none_is_passed_over() -> None:
    api = client(in_turn(httpx.Response(200, json=GOOD, headers={"Date": "soon"})))

    assert ask(api) == 1
    assert api.vendor_now is None
