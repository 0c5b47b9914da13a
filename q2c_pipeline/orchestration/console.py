"""What a person sees while a run works, and what only the log keeps.

Belongs here: the split of log records between terminal and file. Does not belong here: the words,
which the steps say themselves: ``tell`` for a milestone, ``tick`` for the progress of long work.
"""

import logging
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stderr
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


class LogFile(RotatingFileHandler):
    """Keeps everything, stack traces included, in a file of bounded size.

    A log that cannot be written, on a full disk say, stops nobody and says nothing.
    """

    def handleError(self, record: logging.LogRecord) -> None:
        return


def log_to_file(path: Path) -> logging.Handler:
    """The handler of the home's log.

    Raises OSError when the file cannot be opened.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    handler = LogFile(path, maxBytes=LOG_BYTES_MAX, backupCount=LOG_FILES_KEPT)
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
    print(message, file=sys.__stderr__, flush=True)


class LineStream(TextIOBase):
    """A standard stream whose lines go to a function instead of the terminal."""

    def __init__(self, take_line: Callable[[str], None]) -> None:
        self._take_line = take_line
        self._rest = ""

    def writable(self) -> bool:
        return True

    def write(self, text: str) -> int:
        *lines, self._rest = (self._rest + text).split("\n")
        for line in lines:
            if line.strip():
                self._take_line(line.rstrip())
        return len(text)


@contextmanager
def everything_else_in_the_log(path: Path) -> Iterator[logging.Logger]:
    """Send what any library writes to stderr to the log; people read milestones, not traces.

    Yields the logger of that file.
    """
    handler = log_to_file(path)
    logger = logging.Logger("q2c")
    logger.addHandler(handler)
    try:
        with redirect_stderr(LineStream(logger.info)):
            yield logger
    finally:
        handler.close()
