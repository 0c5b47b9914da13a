"""Jobs of the Bulk API 2.0, kept for seven days in memory.

Belongs here: what all jobs have, their states and who may ask for them. Does not belong here:
what a job does (``bulk_query``). A restart ends jobs as their seven days do.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, TypeVar

from q2c_pipeline.sandbox.salesforce.bulk_csv import Dialect
from q2c_pipeline.sandbox.salesforce.faults import Refusal, resource_not_found
from q2c_pipeline.sandbox.salesforce.ids import INTEGRATION_USER_ID, normalised
from q2c_pipeline.sandbox.salesforce.moments import stamp

JOB_LIFETIME = timedelta(days=7)

OPEN, UPLOAD_COMPLETE, IN_PROGRESS = "Open", "UploadComplete", "InProgress"
JOB_COMPLETE, FAILED, ABORTED = "JobComplete", "Failed", "Aborted"
ENDED = (JOB_COMPLETE, FAILED, ABORTED)


@dataclass(kw_only=True)
class Job:
    """``version`` is that of the request which created the job."""

    id: str
    operation: str
    object: str
    version: str
    dialect: Dialect
    created_at: datetime
    state: str
    changed_at: datetime = field(init=False)

    def __post_init__(self) -> None:
        self.changed_at = self.created_at

    def enter(self, state: str, now: datetime) -> None:
        self.state = state
        self.changed_at = now

    def abort(self, now: datetime) -> None:
        """Raises ``Refusal`` once the job has ended."""
        if self.state in ENDED:
            raise invalid_state(f"Aborting already {self.state} Job not allowed")
        self.enter(ABORTED, now)

    def outline(self) -> dict[str, Any]:
        """What creating, changing and listing show."""
        return {
            "id": self.id,
            "operation": self.operation,
            "object": self.object,
            "createdById": INTEGRATION_USER_ID,
            "createdDate": stamp(self.created_at),
            "systemModstamp": stamp(self.changed_at),
            "state": self.state,
            "concurrencyMode": "Parallel",
            "contentType": "CSV",
            "apiVersion": float(self.version),
            "lineEnding": self.dialect.line_ending,
            "columnDelimiter": self.dialect.delimiter,
        }


AnyJob = TypeVar("AnyJob", bound=Job)


class Jobs:
    """All jobs, oldest first; each kind is asked for by its class."""

    def __init__(self) -> None:
        self._kept: dict[str, Job] = {}

    def keep(self, job: Job) -> None:
        self._kept[job.id] = job

    def all(self, kind: type[AnyJob], *, now: datetime) -> list[AnyJob]:
        self._forget_expired(now)
        return [job for job in self._kept.values() if isinstance(job, kind)]

    def created_since(self, moment: datetime) -> int:
        return sum(job.created_at > moment for job in self._kept.values())

    def job(self, kind: type[AnyJob], job_id: str, *, version: str, now: datetime) -> AnyJob:
        """The job, for a request in the version that created it.

        Raises ``Refusal`` for an unknown or expired one, and for another version.
        """
        self._forget_expired(now)
        job = self._kept.get(normalised(job_id))
        if not isinstance(job, kind):
            raise resource_not_found()
        if job.version != version:
            raise Refusal(
                "INVALIDVERSION",
                f"The job was created with API version {job.version}, and this request is made"
                f" with {version}. Use the same version for both.",
                status=409,
            )
        return job

    def remove(self, job: Job) -> None:
        """Raises ``Refusal`` while the job still runs."""
        if job.state not in ENDED:
            raise invalid_state(f"Deletion of {job.state} Job not allowed")
        del self._kept[job.id]

    def _forget_expired(self, now: datetime) -> None:
        for job in list(self._kept.values()):
            if job.created_at + JOB_LIFETIME <= now:
                del self._kept[job.id]


def invalid_state(message: str) -> Refusal:
    return Refusal("INVALIDJOBSTATE", message)
