"""The terminal is for people, the log for everything else.

Belongs here: one line to a person, the log file, keeping other streams off the terminal. Does not
belong here: which words.
"""

import logging
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stderr
from io import TextIOBase
from logging.handlers import RotatingFileHandler
from pathlib import Path

LOG_BYTES_MAX = 20 * 1024 * 1024
LOG_FILES_KEPT = 5


def say(message: str) -> None:
    """One line to the person at the terminal, now."""
    print(message, file=sys.__stderr__, flush=True)


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
