"""Several requests in one: composite, whose parts may name what earlier ones answered, and batch.

Belongs here: references, halting and rolling back, the form of both answers. Does not belong here:
what a part answers, which the same resources know that answer it alone. Composite counts as one
call, batch as one for each part.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal
from urllib.parse import unquote

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message

from q2c_pipeline.sandbox.salesforce.exchange import answer, decoded
from q2c_pipeline.sandbox.salesforce.faults import Refusal
from q2c_pipeline.sandbox.salesforce.organisation import Organisation

PARTS_MAX = 25
QUERY_PARTS_MAX = 5
QUERY_FORM = re.compile(r"/v[\d.]+/(?:query|queryAll|composite/sobjects)\b")
SHOWN_HEADERS = ("ETag", "Last-Modified", "Location")
REFERENCE_FORM = re.compile(r"@\{(\w+)((?:\.\w+|\[\d+\])*)\}")
WHOLE_REFERENCE_FORM = re.compile(rf'"{REFERENCE_FORM.pattern}"')
STEP_FORM = re.compile(r"\.(\w+)|\[(\d+)\]")
ROOT = "/services/data/"


Method = Literal["DELETE", "GET", "PATCH", "POST", "PUT"]


class Part(msgspec.Struct, rename="camel"):
    method: Method
    url: str
    reference_id: str = ""
    body: msgspec.Raw = msgspec.Raw(b"")
    http_headers: dict[str, str] = {}


class BatchPart(msgspec.Struct, rename="camel"):
    method: Method
    url: str
    rich_input: msgspec.Raw = msgspec.Raw(b"")


class CompositeBody(msgspec.Struct, rename="camel"):
    composite_request: list[Part]
    all_or_none: bool = False


class BatchBody(msgspec.Struct, rename="camel"):
    batch_requests: list[BatchPart]
    halt_on_error: bool = False


COMPOSITE_BODY = msgspec.json.Decoder(CompositeBody)
BATCH_BODY = msgspec.json.Decoder(BatchBody)


@dataclass
class Answer:
    """What a part was answered; ``body`` is the exact JSON, or empty."""

    status: int
    headers: Mapping[str, str]
    body: bytes = b""

    @classmethod
    def refused(cls, refusal: Refusal) -> "Answer":
        return cls(refusal.status, {}, msgspec.json.encode(refusal.body()))

    @property
    def is_error(self) -> bool:
        return self.status >= 400

    @property
    def content(self) -> msgspec.Raw:
        return msgspec.Raw(self.body or b"null")


class _RolledBack(Exception):
    """Carries the answers out of the transaction that it undoes."""

    def __init__(self, answers: list[Answer]) -> None:
        self.answers = answers


class Subrequests:
    """``resources`` answers each part; it neither counts calls nor asks for a session."""

    def __init__(self, resources: ASGIApp) -> None:
        self._resources = resources

    async def composite(self, organisation: Organisation, request: Request) -> Response:
        asked = await decoded(request, COMPOSITE_BODY)
        parts = asked.composite_request
        _check_size(len(parts), [part.url for part in parts])
        if not asked.all_or_none:
            answers = await self._in_turn(request, parts, stops_at_error=False)
        else:
            try:
                with organisation.changes():
                    answers = await self._in_turn(request, parts, stops_at_error=True)
                    if any(done.is_error for done in answers):
                        raise _RolledBack(answers)
            except _RolledBack as undone:
                answers = [done if done.is_error else _HALTED for done in undone.answers]
                answers += [_HALTED] * (len(parts) - len(answers))
        return answer(
            {
                "compositeResponse": [
                    {
                        "body": done.content,
                        "httpHeaders": done.headers,
                        "httpStatusCode": done.status,
                        "referenceId": part.reference_id,
                    }
                    for part, done in zip(parts, answers, strict=True)
                ]
            }
        )

    async def batch(self, organisation: Organisation, request: Request) -> Response:
        asked = await decoded(request, BATCH_BODY)
        parts = asked.batch_requests
        _check_size(len(parts))
        organisation.usage.count(organisation.now(), max(len(parts) - 1, 0))
        results: list[Answer] = []
        for part in parts:
            if asked.halt_on_error and any(done.is_error for done in results):
                results.append(_BATCH_HALTED)
                continue
            url = part.url if part.url.startswith("/") else ROOT + part.url
            results.append(
                await self._answer(request, part.method, url, {}, bytes(part.rich_input))
            )
        return answer(
            {
                "hasErrors": any(done.is_error for done in results),
                "results": [
                    {"statusCode": done.status, "result": done.content} for done in results
                ],
            }
        )

    async def _in_turn(
        self, request: Request, parts: Sequence[Part], *, stops_at_error: bool
    ) -> list[Answer]:
        answers: list[Answer] = []
        known: dict[str, Answer] = {}
        for part in parts:
            try:
                url = _filled(part.url, known)
                body = _filled(bytes(part.body).decode(), known, is_json=True).encode()
                done = await self._answer(request, part.method, url, part.http_headers, body)
            except Refusal as refusal:
                done = Answer.refused(refusal)
            known[part.reference_id] = done
            answers.append(done)
            if stops_at_error and done.is_error:
                break
        return answers

    async def _answer(
        self, outer: Request, method: str, url: str, headers: Mapping[str, str], body: bytes
    ) -> Answer:
        """One part's answer. Nothing here waits for the network, so no other request comes in
        between."""
        path, _, query = url.partition("?")
        scope = {
            "type": "http",
            "asgi": outer.scope["asgi"],
            "http_version": "1.1",
            "method": method,
            "scheme": outer.scope["scheme"],
            "server": outer.scope["server"],
            "root_path": "",
            "path": "/" + unquote(path).lstrip("/"),
            "query_string": query.encode(),
            "headers": [(k.lower().encode(), v.encode()) for k, v in headers.items()],
        }
        sent: list[Message] = []

        async def receive() -> Message:
            return {"type": "http.request", "body": body, "more_body": False}

        async def send(message: Message) -> None:
            sent.append(message)

        await self._resources(scope, receive, send)
        start, *chunks = sent
        given = {name.decode(): value.decode() for name, value in start["headers"]}
        shown = {name: given[name.lower()] for name in SHOWN_HEADERS if name.lower() in given}
        return Answer(start["status"], shown, b"".join(chunk["body"] for chunk in chunks))


def _check_size(count: int, urls: Sequence[str] = ()) -> None:
    if count > PARTS_MAX:
        raise Refusal("LIMIT_EXCEEDED", f"The number of subrequests exceeds the limit: {PARTS_MAX}")
    if sum(QUERY_FORM.search(url) is not None for url in urls) > QUERY_PARTS_MAX:
        raise Refusal(
            "LIMIT_EXCEEDED",
            f"No more than {QUERY_PARTS_MAX} subrequests may be queries or collections",
        )


def _filled(text: str, known: Mapping[str, Answer], *, is_json: bool = False) -> str:
    """The text with each ``@{reference.field}`` replaced by what was answered there.

    Raises ``Refusal`` for a reference without a value.
    """
    if is_json:
        text = WHOLE_REFERENCE_FORM.sub(
            lambda match: msgspec.json.encode(_referred(match, known)).decode(), text
        )
    return REFERENCE_FORM.sub(lambda match: _plain(_referred(match, known), is_json=is_json), text)


def _plain(value: Any, *, is_json: bool) -> str:
    if not isinstance(value, str):
        return msgspec.json.encode(value).decode()
    return msgspec.json.encode(value).decode()[1:-1] if is_json else value


def _referred(match: re.Match[str], known: Mapping[str, Answer]) -> Any:
    reference, path = match.groups()
    try:
        value = msgspec.json.decode(known[reference].content)
        for name, index in STEP_FORM.findall(path):
            value = value[name] if name else value[int(index)]
    except (KeyError, IndexError, TypeError) as error:
        raise Refusal(
            "PROCESSING_HALTED",
            f"Invalid reference specified. No value for {reference}{path} found in {reference}",
        ) from error
    return value


_HALTED = Answer.refused(
    Refusal(
        "PROCESSING_HALTED",
        "The transaction was rolled back since another operation in the same transaction failed.",
    )
)
_BATCH_HALTED = Answer.refused(
    Refusal("BATCH_PROCESSING_HALTED", "Batch processing halted per request", status=412)
)
