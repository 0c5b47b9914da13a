"""What a person sees while a run works, and what only the log keeps.

Belongs here: the split of a run's log records between terminal and file. Does not belong here: the
words, which the steps say themselves: ``tell`` for a milestone, ``tick`` for progress.
"""

import logging
import sys
import time

import dagster as dg
from rich.console import Console
from rich.status import Status

from q2c_pipeline.core.home import Home
from q2c_pipeline.core.terminal import log_to_file
from q2c_pipeline.settings import Settings

TICK_INTERVAL_SECONDS = 5.0
RECORD_INTERVAL_SECONDS = 0.5
"""Dagster stores every record, which costs more than what most ticks tell of."""

FOR_PEOPLE = "for_people"
"""Attribute of a log record that holds what a person should read; others have none."""


def tell(log: dg.DagsterLogManager, message: str) -> None:
    """A milestone, for the person and the log."""
    log.info(message, extra={FOR_PEOPLE: message})


class _Ticks:
    """Lets a tick through when the one before is long enough ago."""

    def __init__(self) -> None:
        self._last_at = float("-inf")

    def __call__(self, log: dg.DagsterLogManager, message: str) -> None:
        """How far long work has come."""
        now = time.monotonic()
        if now - self._last_at >= RECORD_INTERVAL_SECONDS:
            self._last_at = now
            log.debug(message, extra={FOR_PEOPLE: message})


tick = _Ticks()


class PeopleHandler(logging.Handler):
    """Milestones as lines; ticks as a live line on a terminal, now and then a plain one elsewhere.

    What the orchestrator and dbt say of themselves, and stack traces, never appear here.
    """

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self._console = Console(file=sys.__stderr__, highlight=False, soft_wrap=True)
        self._status: Status | None = None
        self._started_at = self._last_tick_at = time.monotonic()

    def emit(self, record: logging.LogRecord) -> None:
        message = getattr(record, FOR_PEOPLE, None)
        if message is None:
            return
        if record.levelno == logging.DEBUG:
            self._tick(message)
        else:
            self._line(message)

    def close(self) -> None:
        if self._status is not None:
            self._status.stop()
            self._status = None
        super().close()

    def _line(self, message: str) -> None:
        elapsed = time.monotonic() - self._started_at
        self._console.print(f"{elapsed:6.1f} s  {message}", markup=False)
        self._last_tick_at = time.monotonic()

    def _tick(self, message: str) -> None:
        if self._console.is_terminal:
            if self._status is None:
                self._status = self._console.status(message)
                self._status.start()
            self._status.update(message)
        elif time.monotonic() - self._last_tick_at >= TICK_INTERVAL_SECONDS:
            self._line(message)


@dg.logger
def console_logger(context: dg.InitLoggerContext) -> logging.Logger:
    """Plain progress on the terminal, everything in the home's log."""
    logger = logging.Logger("q2c", level=logging.DEBUG)
    logger.addHandler(PeopleHandler())
    logger.addHandler(log_to_file(Home(Settings.read().home_folder).log))
    return logger
