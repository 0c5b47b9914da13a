"""Whatever a vendor says, no secret comes out: not printed, not logged, not stored but in tokens/.

A vendor of our own repeats every secret it was ever sent, in all places that an answer has. Then
each file of the home is searched, and each text of its databases, which files may hold compressed.
"""

import base64
import json
import sqlite3
import stat
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import product
from pathlib import Path
from typing import Any
from urllib.parse import quote

import duckdb
import pytest

from tests.pipeline.conftest import PublishedHome, give_models, run_q2c, serving

STOP_SECONDS_MAX = 10
REALM = "4620816365000000001"
SAMPLE = 1
PIECE_CHARACTERS = 16
DATABASES = ("raw.duckdb", "warehouse.duckdb", "marts.duckdb")

GIVEN = {
    "QBO_CLIENT_SECRET": "q7Vb2ZkLw9XtR4mNc8PdY3sHf6JgK1aE5uTiOoQx",
    "QBO_REFRESH_TOKEN": "RT1-204-H0-1764892800pkm3xzv8s7wq2c9dyn4t",
    "SALESFORCE_CLIENT_SECRET": "8D41F7C2A9B35E60D81C4F92AB73E5D06C1F84B29A",
}
"""What a person puts into the environment."""
ISSUED = {
    "QuickBooks access": "eyJlbmMiOiJBMTI4Q0JDLUhTMjU2IiwiYWxnIjoiZGlyIn0..Zp4Wn8Rk2Yt6Vb",
    "QuickBooks refresh": "RT1-119-H0-1764979200w5j8rq1zt6ybx3hv0mfa",
    "Salesforce access": "00D000000000001!AQEAQMz7pX2vK9wR4tY8sLb3Nc6Hd1Jf5Gk0",
}
"""What the vendor of our own gives out."""
QUICKBOOKS = (
    GIVEN["QBO_CLIENT_SECRET"],
    GIVEN["QBO_REFRESH_TOKEN"],
    ISSUED["QuickBooks access"],
    ISSUED["QuickBooks refresh"],
)
SALESFORCE = (GIVEN["SALESFORCE_CLIENT_SECRET"], ISSUED["Salesforce access"])

Body = str | dict[str, Any] | list[Any]


def echo(secrets: tuple[str, ...]) -> str:
    """What a vendor that was sent these may say."""
    basic = base64.b64encode(f"app:{secrets[0]}".encode()).decode()
    return " ".join(("you sent", *secrets, *map(quote, secrets), f"Basic {basic}"))


def cut_off(secrets: tuple[str, ...]) -> str:
    return " ".join(f"{secret[:24]}... ...{secret[-24:]}" for secret in secrets)


def fault(text: str) -> Body:
    return {"Fault": {"Error": [{"Message": text, "Detail": text, "code": "4001"}]}}


def gateway(text: str) -> Body:
    error = {"message": "AuthenticationFailed", "detail": f"Token expired: {text}", "code": "3200"}
    return {"fault": {"error": [error]}}


def refusal(text: str) -> Body:
    return [{"message": text, "errorCode": "MALFORMED_QUERY"}]


def refused(error: str, secrets: tuple[str, ...]) -> Body:
    return {"error": error, "error_description": echo(secrets)}


BOOKS, CRM = echo(QUICKBOOKS), echo(SALESFORCE)
ANSWERS: dict[str, dict[str, tuple[int, Body]]] = {
    "faults": {"/v3": (400, fault(BOOKS)), "/services/data": (400, refusal(CRM))},
    "refresh token refused": {"/oauth2": (400, refused("invalid_grant", QUICKBOOKS[:2]))},
    "client secret refused": {
        "/oauth2": (401, refused("invalid_client", QUICKBOOKS[:2])),
        "/services/oauth2": (400, refused("invalid_client", SALESFORCE[:1])),
    },
    "tokens refused": {"/v3": (401, gateway(BOOKS)), "/services/data": (401, refusal(CRM))},
    "faults in success": {"/v3": (200, fault(BOOKS)), "/services/data": (200, refusal(CRM))},
    "cut off": {
        "/v3": (400, fault(cut_off(QUICKBOOKS))),
        "/services/data": (403, refusal(cut_off(SALESFORCE))),
    },
    "plain words": {"/v3": (403, BOOKS), "/services/data": (404, CRM)},
    "plain sign-in": {
        "/oauth2": (403, echo(QUICKBOOKS[:2])),
        "/services/oauth2": (403, echo(SALESFORCE[:1])),
    },
    "another shape": {
        "/v3": (200, {"QueryResponse": BOOKS, "CompanyInfo": [BOOKS]}),
        "/services/data": (200, {"records": CRM, "fields": CRM}),
    },
    "sign-in of another shape": {
        "/oauth2": (200, {"access_token": list(QUICKBOOKS), BOOKS: BOOKS}),
        "/services/oauth2": (200, {"access_token": SALESFORCE[1], "instance_url": CRM}),
    },
}
"""What is said, by the beginning of the path; whatever is not listed goes well."""


@pytest.fixture
def echoing() -> Iterator[Callable[[dict[str, tuple[int, Body]]], str]]:
    """A vendor that signs everybody in and then says what it is told to say; its address."""
    said: dict[str, tuple[int, Body]] = {}

    class Vendor(BaseHTTPRequestHandler):
        def answer(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
            url = f"http://{self.headers['Host']}"
            signed_in = {
                "access_token": ISSUED["QuickBooks access"],
                "refresh_token": ISSUED["QuickBooks refresh"],
            }
            if self.path.startswith("/services"):
                signed_in = {
                    "access_token": ISSUED["Salesforce access"],
                    "instance_url": url,
                    "id": f"{url}/id/00D000000000001EAA/005000000000001AAA",
                }
            status, body = next(
                (answer for path, answer in said.items() if self.path.startswith(path)),
                (200, signed_in),
            )
            content = (body if isinstance(body, str) else json.dumps(body)).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            self.send_header("intuit_tid", ISSUED["QuickBooks access"])
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_POST = answer

        def log_message(self, *_: object) -> None:
            """The test itself says what went wrong."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Vendor)
    answering = threading.Thread(target=server.serve_forever, daemon=True)
    answering.start()

    def say(answers: dict[str, tuple[int, Body]]) -> str:
        said.clear()
        said.update(answers)
        return f"http://127.0.0.1:{server.server_port}"

    yield say
    server.shutdown()
    server.server_close()
    answering.join(STOP_SECONDS_MAX)


def settings(url: str) -> dict[str, str]:
    return {
        **GIVEN,
        "QBO_BASE_URL": url,
        "QBO_TOKEN_URL": f"{url}/oauth2/v1/tokens/bearer",
        "QBO_REALM_ID": REALM,
        "QBO_CLIENT_ID": "app-of-intuit",
        "SALESFORCE_LOGIN_URL": url,
        "SALESFORCE_CLIENT_ID": "app-of-salesforce",
    }


@pytest.mark.prove
def test_a_vendor_that_repeats_what_it_is_sent_gives_nothing_away(
    echoing: Callable[[dict[str, tuple[int, Body]]], str],
    published_home: PublishedHome,
    tmp_path: Path,
    is_whole_proof: bool,
) -> None:
    for what, answers in [*ANSWERS.items()][: None if is_whole_proof else SAMPLE]:
        home = give_models(tmp_path / what, published_home)
        run = run_q2c(home, "run", **settings(echoing(answers)))

        assert run.returncode != 0, what
        assert "QuickBooks" in run.stderr, what
        assert "SALESFORCE" in run.stderr.upper(), what
        assert leaks(home, run, (*GIVEN.values(), *ISSUED.values())) == [], what


@pytest.mark.prove
def test_commands_show_neither_the_right_secret_nor_a_wrong_one(
    small_company: Path, tmp_path: Path, is_whole_proof: bool
) -> None:
    with serving(small_company, tmp_path / "settings.env") as served:
        right = {name: served[name] for name in GIVEN}
        scenarios = [
            *product(("doctor", "run"), ({name: GIVEN[name]} for name in GIVEN)),
            ("run", right),
        ]
        for number, (command, given) in enumerate(scenarios[: None if is_whole_proof else SAMPLE]):
            home = tmp_path / f"home-{number}"
            run = run_q2c(home, command, **{**served, **given})

            assert (run.returncode == 0) == (given == right), run.stderr
            secrets = (*right.values(), *given.values(), *kept_in(home))
            assert leaks(home, run, secrets) == [], (command, *given)


def test_a_run_that_goes_well_keeps_its_tokens_to_itself(published_home: PublishedHome) -> None:
    home = published_home.folder
    run = subprocess.CompletedProcess([], 0, published_home.printed, "")

    assert len(kept_in(home)) >= 2
    assert leaks(home, run, kept_in(home)) == []


def kept_in(home: Path) -> tuple[str, ...]:
    """The tokens in the token files."""
    chains = [json.loads(path.read_text()) for path in (home / "tokens").glob("*.json")]
    return tuple(
        text for chain in chains for name, text in chain.items() if text and "_tok" in name
    )


def leaks(
    home: Path, run: "subprocess.CompletedProcess[str]", secrets: tuple[str, ...]
) -> list[str]:
    """Where a secret or a piece of one stands, other than in the owner's token files.

    The sandbox's folder is the vendor's.
    """
    pieces = [piece.encode() for secret in secrets for piece in pieces_of(secret)]
    texts = {"printed": run.stdout.encode() + run.stderr.encode()}
    for path in home.rglob("*"):
        if path.is_relative_to(home / "sandbox"):
            continue
        if path.parent == home / "tokens":
            assert stat.S_IMODE(path.stat().st_mode) == 0o600, path
            assert not any(secret in path.read_text() for secret in GIVEN.values()), path
            continue
        if path.is_file():
            texts[str(path.relative_to(home))] = path.read_bytes()
            texts[f"texts of {path.relative_to(home)}"] = "\n".join(texts_of(path)).encode()
    return [where for where, text in texts.items() if any(piece in text for piece in pieces)]


def pieces_of(secret: str) -> Iterator[str]:
    """The secret's both ends and its middle, as they are and as a Basic header holds them."""
    middle = (len(secret) - PIECE_CHARACTERS) // 2
    yield from (secret[:PIECE_CHARACTERS], secret[-PIECE_CHARACTERS:])
    yield secret[middle : middle + PIECE_CHARACTERS]
    for shift in range(3):
        yield base64.b64encode(b"x" * shift + secret.encode()).decode()[4:-4]


def texts_of(path: Path) -> Iterator[str]:
    """Every text of a database; nothing of any other file."""
    if path.name in DATABASES:
        with duckdb.connect(str(path), read_only=True) as connection:
            columns = connection.execute(
                "select schema_name || '.' || table_name, column_name from duckdb_columns()"
                " join duckdb_tables() using (schema_name, table_name)"
                " where data_type like 'VARCHAR%'"
            ).fetchall()
            for table, column in columns:
                query = f'select distinct "{column}"::varchar from {table}'
                found = connection.execute(query).fetchall()
                yield from (text for (text,) in found if text)
    elif path.suffix == ".db":
        with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as connection:
            tables = connection.execute("select name from sqlite_master where type = 'table'")
            for (table,) in tables.fetchall():
                for row in connection.execute(f'select * from "{table}"'):
                    yield from (str(value) for value in row if value is not None)
