"""How far long work has come: a live line on a terminal, now and then a plain one elsewhere.

Belongs here: showing. Does not belong here: the words, which whoever works says.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console

from q2c_pipeline.core.terminal import say

PLAIN_LINE_SECONDS = 5.0


@contextmanager
def live_line() -> Iterator[Callable[[str], None]]:
    """Takes one line after another; each takes the place of the one before."""
    console = Console(stderr=True, highlight=False)
    last_told_at = time.monotonic()

    def tell_now_and_then(line: str) -> None:
        nonlocal last_told_at
        if time.monotonic() - last_told_at >= PLAIN_LINE_SECONDS:
            say(line)
            last_told_at = time.monotonic()

    if console.is_terminal:
        with console.status("") as status:
            yield status.update
    else:
        yield tell_now_and_then
