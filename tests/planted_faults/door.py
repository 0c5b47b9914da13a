"""A door before the sandbox: requests pass one by one, and at a chosen one something happens.

Belongs here: passing on, and the moment. Does not belong here: what happens at that moment.

So a change can be made between two pages of one listing, in every run at the same place.
"""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import unquote_plus

import httpx

REQUEST_SECONDS_MAX = 30
NOT_PASSED_ON = frozenset(
    {"accept-encoding", "connection", "content-length", "keep-alive", "transfer-encoding"}
)


@dataclass
class Door:
    """``url`` stands for the sandbox's own. An order is obeyed once, right before or after the
    first request whose decoded address holds its text."""

    url: str
    before: dict[str, Callable[[], object]] = field(default_factory=dict)
    after: dict[str, Callable[[], object]] = field(default_factory=dict)
    failures: list[BaseException] = field(default_factory=list)

    def orders_left(self) -> list[str]:
        """Orders that no request has come for. Raises what went wrong while one was obeyed."""
        if self.failures:
            raise self.failures.pop()
        return [*self.before, *self.after]

    def obey(self, orders: dict[str, Callable[[], object]], address: str) -> None:
        for text in [text for text in orders if text in address]:
            try:
                orders.pop(text)()
            except BaseException as error:
                self.failures.append(error)


@contextmanager
def door_before(sandbox_url: str) -> Iterator[Door]:
    """The sandbox through a door that is open as long as the context."""
    one_by_one = threading.Lock()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = -1

        def do_GET(self) -> None:
            address = unquote_plus(self.path)
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            headers = {n: v for n, v in self.headers.items() if n.lower() not in NOT_PASSED_ON}
            with one_by_one:
                door.obey(door.before, address)
                answer = http.request(
                    self.command, sandbox_url + self.path, content=body, headers=headers
                )
                door.obey(door.after, address)
            self.send_response_only(answer.status_code)
            for name, value in answer.headers.items():
                if name not in NOT_PASSED_ON:
                    self.send_header(name, value)
            self.send_header("Content-Length", str(len(answer.content)))
            self.end_headers()
            self.wfile.write(answer.content)

        do_POST = do_PATCH = do_DELETE = do_GET

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    door = Door(f"http://127.0.0.1:{server.server_port}")
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        with httpx.Client(verify=False, timeout=REQUEST_SECONDS_MAX) as http:
            yield door
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
