"""Answers that break off or lie about their length, from a real socket."""

import gzip
import socket
import threading
from collections.abc import Callable, Iterator
from typing import Any

import msgspec
import pytest

from q2c_pipeline.core.errors import ServiceUnavailable
from q2c_pipeline.core.http import ApiClient
from q2c_pipeline.core.retries import RetryPolicy

SOCKET_SECONDS_MAX = 10
BODY = b'{"value": 1}'


class Answered(msgspec.Struct):
    value: int


def framed(
    body: bytes, *, length: int | None = None, status: str = "200 OK", more: str = ""
) -> bytes:
    length = len(body) if length is None else length
    head = f"HTTP/1.1 {status}\r\nConnection: close\r\nContent-Length: {length}\r\n{more}\r\n"
    return head.encode() + body


GOOD = framed(BODY)
BROKEN = {
    "longer than its body": framed(BODY, length=500),
    "shorter than its body": framed(BODY, length=5),
    "chunks without an end": b'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\n{"va',
    "no answer": b"",
    "not HTTP": b"\x16\x03\x01 what?",
    "half a gzip": framed(gzip.compress(BODY)[:-14], more="Content-Encoding: gzip\r\n"),
    "no gzip at all": framed(b"plain text", more="Content-Encoding: gzip\r\n"),
    "half a document": framed(BODY[:-4]),
    "an empty body": framed(b""),
    "a gateway's page": framed(b"<html>Bad Gateway</html>", status="502 Bad Gateway"),
}


@pytest.fixture
def speak() -> Iterator[Callable[[list[bytes]], str]]:
    """A server that gives each connection one of the answers in turn, and hangs up."""
    listener = socket.create_server(("127.0.0.1", 0))
    listener.settimeout(SOCKET_SECONDS_MAX)
    speakers: list[threading.Thread] = []

    def speak(answers: list[bytes]) -> str:
        def serve() -> None:
            for answer in answers:
                connection, _ = listener.accept()
                with connection:
                    connection.recv(65_536)
                    connection.sendall(answer)

        speakers.append(threading.Thread(target=serve, daemon=True))
        speakers[-1].start()
        return f"http://127.0.0.1:{listener.getsockname()[1]}"

    yield speak
    listener.close()
    for speaker in speakers:
        speaker.join(SOCKET_SECONDS_MAX)


def client(url: str, **policy: Any) -> ApiClient:
    return ApiClient(
        vendor="Vendor",
        base_url=url,
        read_fault=lambda response: None,
        retry=RetryPolicy(sleep=lambda seconds: None, **policy),
    )


@pytest.mark.parametrize("broken", BROKEN.values(), ids=BROKEN)
def test_a_broken_answer_is_asked_for_again(
    speak: Callable[[list[bytes]], str], broken: bytes
) -> None:
    with client(speak([broken, GOOD])) as api:
        assert api.get("/thing", asked="the thing", answer=Answered).value == 1
        assert (api.calls, api.metered_reads) == (2, 1)


@pytest.mark.parametrize("broken", BROKEN.values(), ids=BROKEN)
def test_an_answer_that_stays_broken_is_a_service_that_fails(
    speak: Callable[[list[bytes]], str], broken: bytes
) -> None:
    with (
        client(speak([broken]), attempts_max=1) as api,
        pytest.raises(ServiceUnavailable, match="asked for the thing"),
    ):
        api.get("/thing", asked="the thing", answer=Answered)
