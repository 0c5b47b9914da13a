"""Every error this project raises on purpose, in one tree.

    Q2CError
    ├── ConfigurationError       a setting is wrong or missing; mend it and start again
    ├── TransientError           the same request may succeed later; retried within limits
    │   ├── RateLimited          carries ``retry_after_seconds``
    │   └── ServiceUnavailable   time-out, lost connection, 5xx
    │       └── Unreachable      no connection came about, so nothing was asked
    ├── PermanentError           the same request will fail again; never retried
    │   ├── NotAuthorised
    │   │   └── GrantEnded       no token of the grant works; a person must authorise again
    │   ├── AllowanceSpent       our share of the customer's own limit is used up
    │   ├── RequestRejected      carries the vendor's ``code`` and ``field``
    │   ├── RecordNotFound
    │   └── StaleRecord          somebody changed it first; read again, decide again
    ├── ContractBroken           the vendor's data is not what its contract says
    ├── ChecksFailed             an identity that must hold does not; nothing is published
    ├── IncompleteRun            all that could be read was published, and something could not
    ├── DeliveryFailed           all that could be written was, and something could not
    ├── WritingStopped           somebody threw the switch; nothing more is sent
    └── StorageError             a file or database of ours cannot be read or written

Belongs here: classes. Does not belong here: what to do about them, which is the caller's choice.
A message says what was tried, on which record, what came back, and what to do next. It never
holds a secret.
"""


class Q2CError(Exception):
    """Base of all; its text is one clear sentence (or two) for the person at the terminal."""


class ConfigurationError(Q2CError):
    pass


class TransientError(Q2CError):
    pass


class RateLimited(TransientError):
    def __init__(self, message: str, *, retry_after_seconds: float) -> None:
        super().__init__(message)
        self.retry_after_seconds = retry_after_seconds


class ServiceUnavailable(TransientError):
    pass


class Unreachable(ServiceUnavailable):
    pass


class PermanentError(Q2CError):
    pass


class NotAuthorised(PermanentError):
    pass


class GrantEnded(NotAuthorised):
    pass


class AllowanceSpent(PermanentError):
    pass


class RequestRejected(PermanentError):
    def __init__(self, message: str, *, code: str | None = None, field: str | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.field = field


class RecordNotFound(PermanentError):
    pass


class StaleRecord(PermanentError):
    pass


class ContractBroken(Q2CError):
    pass


class ChecksFailed(Q2CError):
    pass


class IncompleteRun(Q2CError):
    pass


class DeliveryFailed(Q2CError):
    pass


class WritingStopped(Q2CError):
    pass


class StorageError(Q2CError):
    pass
