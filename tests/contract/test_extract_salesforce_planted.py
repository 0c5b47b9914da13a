"""Whatever people and Salesforce do to its records, the next run's live records are those shown.

Faults are planted by chance from a seed, several at once, and then time passes: an hour, or longer
than the week, the recycle bin or a month. An edit without a stamp is planted only where a week
passes, for nothing but reading everything can show it.
"""

from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

import httpx
import msgspec
import pytest

from tests.contract.salesforce_organisation import (
    DAY_SECONDS,
    STAMP,
    account,
    company,
    last_counts,
    looked_up,
    people,
    run,
)

SEEDS, ROUNDS = 12, 4
SAMPLED_SEEDS, SAMPLED_ROUNDS = 1, 2
FAULTS_A_ROUND = 12
ACCOUNTS, OPPORTUNITIES = 240, 120
WEEK_SECONDS = 7 * DAY_SECONDS
BIN_SECONDS = 14 * DAY_SECONDS
PAUSES_SECONDS = (3_600, 8 * DAY_SECONDS, 16 * DAY_SECONDS, 31 * DAY_SECONDS)
FIELDS = {
    "Account": "Id, Name, ParentId, Phone, IsDeleted, MasterRecordId, SystemModstamp",
    "Opportunity": "Id, Name, AccountId, StageName, CloseDate, IsDeleted, SystemModstamp",
}
TABLES = {"Account": "accounts", "Opportunity": "opportunities"}


@dataclass
class People:
    """Those who change the organisation; they know what is live and what is in the bin."""

    sandbox: Any
    chance: Random
    live: dict[str, list[str]]
    binned: list[tuple[str, str]] = field(default_factory=list)
    deleted_at: dict[str, int] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)
    now: int = 0

    def wait(self, seconds: int) -> None:
        """Meanwhile Salesforce empties the bin of what has lain there for its time."""
        self.sandbox.advance(seconds)
        self.now += seconds
        self.binned = [
            row for row in self.binned if self.deleted_at[row[1]] + BIN_SECONDS > self.now
        ]

    def sign_in(self) -> None:
        """Sessions do not outlive the pauses."""
        settings = self.sandbox.settings
        token = self.sandbox.post(
            "/services/oauth2/token",
            data={"grant_type": "client_credentials"},
            auth=(settings["SALESFORCE_CLIENT_ID"], settings["SALESFORCE_CLIENT_SECRET"]),
        ).json()
        self.headers["Authorization"] = f"Bearer {token['access_token']}"

    def call(self, method: str, path: str, **request: Any) -> httpx.Response:
        url = f"{self.sandbox.url}/services/data/v66.0{path}"
        answer = self.sandbox.client.request(method, url, headers=self.headers, **request)
        assert answer.is_success, answer.text
        return answer

    def rows(self, object: str) -> dict[str, dict[str, Any]]:
        """The live rows, as a plain query shows them."""
        soql = f"SELECT {FIELDS[object]} FROM {object}"
        page = self.call("GET", "/query", params={"q": soql}).json()
        assert page["done"]
        return {row["Id"]: row for row in page["records"] if row.pop("attributes")}

    def one(self) -> tuple[str, str]:
        object = self.chance.choice(list(self.live))
        return object, self.chance.choice(self.live[object])

    def gone(self) -> tuple[str, str]:
        """One that is live no more."""
        object, record_id = self.one()
        self.live[object].remove(record_id)
        return object, record_id

    def edit(self) -> None:
        object, record_id = self.one()
        name = f"Edited {self.chance.random()}"
        self.call("PATCH", f"/sobjects/{object}/{record_id}", json={"Name": name})

    def create(self) -> None:
        body = {"Name": f"New {self.chance.random()}"}
        answer = self.call("POST", "/sobjects/Account", json=body)
        self.live["Account"].append(answer.json()["id"])

    def delete(self) -> None:
        object, record_id = self.gone()
        self.call("DELETE", f"/sobjects/{object}/{record_id}")
        self.binned.append((object, record_id))
        self.deleted_at[record_id] = self.now

    def undelete(self) -> None:
        if not self.binned:
            self.delete()
        object, record_id = self.binned.pop()
        people(self.sandbox, "undelete", object=object, id=record_id)
        self.live[object].append(record_id)

    def purge(self) -> None:
        object, record_id = self.gone()
        people(self.sandbox, "purge", object=object, id=record_id)

    def empty_bin(self) -> None:
        if not self.binned:
            self.delete()
        object, record_id = self.binned.pop()
        people(self.sandbox, "purge", object=object, id=record_id)

    def pass_unseen(self) -> None:
        """A record that comes and goes between two runs."""
        self.create()
        people(self.sandbox, "purge", object="Account", id=self.live["Account"].pop())

    def merge(self) -> None:
        loser, winner = self.chance.sample(self.live["Account"], 2)
        self.live["Account"].remove(loser)
        people(self.sandbox, "merge_accounts", loser=loser, winner=winner)

    def edit_unstamped(self) -> None:
        object, record_id = self.one()
        fields = {"Name": f"Computed {self.chance.random()}"}
        people(self.sandbox, "edit_unstamped", object=object, id=record_id, fields=fields)

    def plant(self, pause_seconds: int) -> str:
        acts = [
            self.create, self.delete, self.edit, self.empty_bin, self.merge, self.pass_unseen,
            self.purge, self.undelete, *[self.edit_unstamped] * (pause_seconds >= WEEK_SECONDS),
        ]  # fmt: skip
        act = self.chance.choice(acts)
        act()
        return act.__name__


def opportunity(number: int) -> dict[str, Any]:
    return {
        "Id": f"006{number:012d}AAA",
        "Name": f"Deal {number}",
        "AccountId": account(number)["Id"],
        "StageName": "Prospecting",
        "CloseDate": "2026-04-01",
        "Amount": 100,
        "IsClosed": False,
        "IsWon": False,
        "IsDeleted": False,
        "SystemModstamp": STAMP,
    }


def held(raw: Path, object: str) -> dict[str, dict[str, Any]]:
    """The latest payloads of the live records, in the fields that are compared."""
    names = FIELDS[object].split(", ")
    rows = looked_up(
        raw,
        f"select record_id, arg_max(payload::varchar, version) from raw_salesforce.{TABLES[object]}"
        " group by record_id having not arg_max(is_deleted, version)",
    )
    payloads = {record_id: msgspec.json.decode(payload) for record_id, payload in rows}
    return {id: {name: says[name] for name in names} for id, says in payloads.items()}


@pytest.mark.prove
def test_no_planted_fault_is_missed(serve: Any, tmp_path: Path, is_whole_proof: bool) -> None:
    seeds, rounds = (SEEDS, ROUNDS) if is_whole_proof else (SAMPLED_SEEDS, SAMPLED_ROUNDS)
    planted: list[str] = []
    for seed in range(seeds):
        accounts = [account(number) for number in range(ACCOUNTS)]
        deals = [opportunity(number) for number in range(OPPORTUNITIES)]
        sandbox = serve(company(tmp_path / f"company {seed}", accounts, Opportunity=deals))
        raw = tmp_path / f"raw {seed}.duckdb"
        run(sandbox, raw, "before")
        live = {"Account": [row["Id"] for row in accounts], "Opportunity": [d["Id"] for d in deals]}
        crowd = People(sandbox, Random(seed), live)
        for round in range(rounds):
            pause_seconds = crowd.chance.choice(PAUSES_SECONDS)
            crowd.sign_in()
            crowd.wait(3_600)
            planted += [crowd.plant(pause_seconds) for _ in range(FAULTS_A_ROUND)]
            crowd.wait(pause_seconds)
            run(sandbox, raw, f"round {round}")
            crowd.sign_in()
            for object, table in TABLES.items():
                shown = crowd.rows(object)
                assert held(raw, object) == shown, f"seed {seed}, round {round}, {planted}"
                assert last_counts(raw, table) == (len(shown), len(shown))
        sandbox.stop()
    assert len(planted) == seeds * rounds * FAULTS_A_ROUND
