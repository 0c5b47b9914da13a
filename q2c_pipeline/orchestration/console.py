"""What a person sees while a run works, and what only the log keeps.

Belongs here: the split of log records between terminal and file. Does not belong here: the words,
which the steps say themselves: ``tell`` for a milestone, ``tick`` for the progress of long work.
"""

import logging
import sys
import time
from io import TextIOBase
from logging.handlers import RotatingFileHandler
from pathlib import Path

import dagster as dg
from rich.console import Console
from rich.status import Status

from q2c_pipeline.core.home import Home
from q2c_pipeline.settings import Settings

LOG_BYTES_MAX = 20 * 1024 * 1024
LOG_FILES_KEPT = 5
TICK_INTERVAL_SECONDS = 5.0
FOR_PEOPLE = "for_people"
"""Attribute of a log record that holds what a person should read; others have none."""


def tell(log: dg.DagsterLogManager, message: str) -> None:
    """A milestone, for the person and the log."""
    log.info(message, extra={FOR_PEOPLE: message})


def tick(log: dg.DagsterLogManager, message: str) -> None:
    """How far long work has come."""
    log.debug(message, extra={FOR_PEOPLE: message})


class PeopleHandler(logging.Handler):
    """Milestones as lines; ticks as a live line on a terminal, now and then a plain one elsewhere.

    What the orchestrator and dbt say of themselves, and stack traces, never appear here.
    """

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self._console = Console(stderr=True, highlight=False, soft_wrap=True)
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


def log_to_file(path: Path) -> logging.Handler:
    """A handler that keeps everything, stack traces included, in a file of bounded size."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handler = RotatingFileHandler(path, maxBytes=LOG_BYTES_MAX, backupCount=LOG_FILES_KEPT)
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s %(message)s"))
    return handler


@dg.logger
def console_logger(context: dg.InitLoggerContext) -> logging.Logger:
    """Plain progress on the terminal, everything in the home's log."""
    logger = logging.Logger("q2c", level=logging.DEBUG)
    logger.addHandler(PeopleHandler())
    logger.addHandler(log_to_file(Home(Settings.read().home_folder).log))
    return logger


def say(message: str) -> None:
    """One line to the person at the terminal, outside a run."""
    print(message, file=sys.stderr, flush=True)


class TickStream(TextIOBase):
    """A standard output whose lines become ticks of the step that writes them."""

    def __init__(self, log: dg.DagsterLogManager) -> None:
        self._log = log
        self._rest = ""

    def writable(self) -> bool:
        return True

    def write(self, text: str) -> int:
        *lines, self._rest = (self._rest + text).split("\n")
        for line in lines:
            if line.strip():
                tick(self._log, line.strip())
        return len(text)
