"""Ingest jobs: many records to be written, sent as CSV and answered row by row.

Belongs here: what a row means, and its result. Does not belong here: requests
(``bulk_ingest_handlers``) and what one write means (``writes``). A job moves on one state each
time it is asked about, as a query job does; that it is complete says nothing about its rows.
"""

import csv
import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

import msgspec

from q2c_pipeline.sandbox.salesforce import writes
from q2c_pipeline.sandbox.salesforce.bulk_csv import DELIMITERS
from q2c_pipeline.sandbox.salesforce.bulk_jobs import (
    ABORTED,
    ENDED,
    FAILED,
    IN_PROGRESS,
    JOB_COMPLETE,
    OPEN,
    UPLOAD_COMPLETE,
    Job,
    invalid_state,
)
from q2c_pipeline.sandbox.salesforce.faults import Refusal
from q2c_pipeline.sandbox.salesforce.organisation import Organisation, Record
from q2c_pipeline.sandbox.salesforce.rows import NULL, json_text
from q2c_pipeline.sandbox.salesforce.schema import NUMBER_TYPES, Field, SObject

INSERT, UPDATE, UPSERT, HARD_DELETE = "insert", "update", "upsert", "hardDelete"
CELL_CHARACTERS_MAX = 131_072
EMPTIED = "#N/A"
MANNERS = writes.Manners()

Row = dict[str, str]


class Outcome(NamedTuple):
    """``error`` is empty for a row that was written."""

    row: Row
    record_id: str
    is_created: bool = False
    error: str = ""


class Upload(NamedTuple):
    """What was sent; ``fault`` says why it cannot be read as CSV."""

    headings: list[str]
    rows: list[Row]
    fault: str = ""


@dataclass(kw_only=True)
class IngestJob(Job):
    """``key`` is the field by which an upsert finds its records."""

    sobject: SObject
    key: Field | None = None
    sent: Upload | None = None
    outcomes: list[Outcome] = field(default_factory=list)
    error_message: str = ""

    def take(self, content: str) -> None:
        """Raises ``Refusal`` once the upload is over, or for a second one."""
        if self.state != OPEN or self.sent is not None:
            raise invalid_state(f"A job that is {self.state} takes no further upload")
        self.sent = _read(content, DELIMITERS[self.dialect.delimiter])

    def close(self, now: datetime) -> None:
        """Raises ``Refusal`` unless the job is open."""
        if self.state != OPEN:
            raise invalid_state(f"Closing already {self.state} Job not allowed")
        self.enter(UPLOAD_COMPLETE, now)

    def move_on(self, organisation: Organisation) -> None:
        if self.state == UPLOAD_COMPLETE:
            self.enter(IN_PROGRESS, organisation.now())
        elif self.state == IN_PROGRESS:
            self.error_message = self._run(organisation)
            self.enter(FAILED if self.error_message else JOB_COMPLETE, organisation.now())

    def description(self) -> dict[str, Any]:
        key = {"externalIdFieldName": self.key.name} if self.key else {}
        failure = {"errorMessage": self.error_message} if self.error_message else {}
        return (
            self.outline()
            | key
            | failure
            | {
                "jobType": "V2Ingest",
                "numberRecordsProcessed": len(self.outcomes),
                "numberRecordsFailed": sum(bool(outcome.error) for outcome in self.outcomes),
                "retries": 0,
                "totalProcessingTime": (self.changed_at - self.created_at).seconds * 1000,
            }
        )

    def successful(self) -> str:
        return self._listed(
            ["sf__Id", "sf__Created"],
            (
                ([outcome.record_id, str(outcome.is_created).lower()], outcome.row)
                for outcome in self.outcomes
                if not outcome.error
            ),
        )

    def failed(self) -> str:
        return self._listed(
            ["sf__Id", "sf__Error"],
            (
                ([outcome.record_id, outcome.error], outcome.row)
                for outcome in self.outcomes
                if outcome.error
            ),
        )

    def unprocessed(self) -> str:
        """What was sent and never looked at: all of it, if the job failed or was aborted."""
        rows = self._upload.rows if self.state in (ABORTED, FAILED) else []
        return self._listed([], (([], row) for row in rows))

    @property
    def _upload(self) -> Upload:
        return self.sent or Upload([], [])

    def _listed(self, told: list[str], rows: Iterator[tuple[list[str], Row]]) -> str:
        """Raises ``Refusal`` before the job has ended."""
        if self.state not in ENDED:
            raise invalid_state(f"Results are not available: the job is {self.state}")
        lines = ([*cells, *row.values()] for cells, row in rows)
        return self.dialect.text([[*told, *self._upload.headings], *lines])

    def _run(self, organisation: Organisation) -> str:
        """Write the rows; why none could be, or nothing."""
        headings, rows, fault = self._upload
        unknown = [name for name in headings if name.lower() not in self.sobject.fields]
        if fault or unknown:
            return f"InvalidBatch : {fault or f'Field name not found : {unknown[0]}'}"
        with organisation.changes():
            self.outcomes = [self._outcome(organisation, row) for row in rows]
        return ""

    def _outcome(self, organisation: Organisation, row: Row) -> Outcome:
        try:
            with organisation.changes():
                return self._written(organisation, row)
        except Refusal as refusal:
            error = refusal.item_error()
            told = f"{error['statusCode']}:{error['message']}:{','.join(error['fields'])} --"
            return Outcome(row, _cell(row, "Id"), error=told)

    def _written(self, organisation: Organisation, row: Row) -> Outcome:
        sobject, key_name = self.sobject, self.key.name if self.key else "Id"
        if self.operation == INSERT:
            record_id = writes.create(organisation, sobject, self._body(row), MANNERS)
            return Outcome(row, record_id, is_created=True)
        value, body = _cell(row, key_name), self._body(row, but=key_name)
        if not value:
            raise Refusal("MISSING_ARGUMENT", f"{key_name} not specified", fields=(key_name,))
        if self.key is not None:
            return Outcome(
                row, *writes.upsert(organisation, sobject, self.key, value, body, MANNERS)
            )
        if self.operation == UPDATE:
            writes.update(organisation, sobject, value, body, MANNERS)
        else:
            writes.delete(organisation, sobject, value)
        if self.operation == HARD_DELETE:
            organisation.remove(sobject, value)
        return Outcome(row, value)

    def _body(self, row: Mapping[str, str], *, but: str = "") -> Record:
        """An empty cell leaves a field as it is; a word of the vendor's empties it."""
        return {
            name: _value(self.sobject.fields[name.lower()], text)
            for name, text in row.items()
            if text and name.lower() != but.lower()
        }


def _read(content: str, delimiter: str) -> Upload:
    reader = csv.DictReader(io.StringIO(content, newline=""), delimiter=delimiter, restval="")
    try:
        headings, rows = list(reader.fieldnames or []), list(reader)
    except csv.Error as error:
        return Upload([], [], str(error))
    if len(set(headings)) < len(headings):
        return Upload([], [], "a field is named twice")
    if any(None in row for row in rows):
        return Upload(headings, [], "a row has too many cells")
    if any(len(text) > CELL_CHARACTERS_MAX for row in rows for text in row.values()):
        return Upload(headings, [], "a cell is too long")
    return Upload(headings, rows)


def _cell(row: Mapping[str, str], name: str) -> str:
    return next((text for heading, text in row.items() if heading.lower() == name.lower()), "")


def _value(wanted: Field, text: str) -> msgspec.Raw:
    """The JSON value that a cell stands for; text that stands for none is refused as such."""
    if text == EMPTIED:
        return NULL
    if wanted.type == "boolean" and text.lower() in ("true", "false"):
        return msgspec.Raw(text.lower().encode())
    if wanted.type in NUMBER_TYPES:
        try:
            msgspec.json.decode(text, type=float)
        except msgspec.MsgspecError:
            return json_text(text)
        return msgspec.Raw(text.encode())
    return json_text(text)
