"""Serves invoices by QuickBooks' query pages, fast enough that it is nobody's bottleneck.

Belongs here: answers to the queries that the benchmark's contenders send. Does not belong here:
what a real vendor refuses, meters or gets wrong, which the sandbox emulates.

Called as ``page_server.py <invoices> <latency in milliseconds>``; prints its address once it
listens, and ends with its standard input. A realm is a number of invoices, the first of them all.
"""

import re
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

from invoices import invoices

_REALM = re.compile(r"/v3/company/(?P<invoices>\d+)/")
_WINDOW = re.compile(r"STARTPOSITION (?P<start>\d+) MAXRESULTS (?P<rows>\d+)")
_TOKENS = b'{"access_token":"access","refresh_token":"refresh","expires_in":3600}'
_TIME = b'"time":"2026-05-05T02:06:31.000-07:00"'


class PageServer(ThreadingHTTPServer):
    """Holds every row's text; a page is put together when it is asked for."""

    request_queue_size = 64
    daemon_threads = True

    def __init__(self, count: int, latency_seconds: float) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.rows = list(invoices(count))
        self.latency_seconds = latency_seconds

    def answer(self, invoices: int, query: str) -> bytes:
        window = _WINDOW.search(query)
        if window is None:
            return b'{"QueryResponse":{"totalCount":%d},%b}' % (invoices, _TIME)
        start, rows = int(window["start"]), int(window["rows"])
        page = self.rows[start - 1 : min(start - 1 + rows, invoices)]
        if not page:
            return b'{"QueryResponse":{},%b}' % _TIME
        return b'{"QueryResponse":{"Invoice":[%b],"startPosition":%d,"maxResults":%d},%b}' % (
            b",".join(page),
            start,
            len(page),
            _TIME,
        )


class _Handler(BaseHTTPRequestHandler):
    server: PageServer
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def do_GET(self) -> None:
        time.sleep(self.server.latency_seconds)
        realm = _REALM.search(self.path)
        query = parse_qs(urlsplit(self.path).query).get("query")
        if realm is None or query is None:
            self.send_error(404)
        else:
            self._send(self.server.answer(int(realm["invoices"]), query[0]))

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self._send(_TOKENS)

    def log_message(self, format: str, *args: object) -> None:
        """Says nothing: a line for each request would be measured too."""

    def _send(self, body: bytes) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "application/json;charset=UTF-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


def main() -> None:
    count, latency_milliseconds = sys.argv[1:]
    server = PageServer(int(count), float(latency_milliseconds) / 1000)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    print(f"http://127.0.0.1:{server.server_port}", flush=True)
    sys.stdin.read()


if __name__ == "__main__":
    main()
