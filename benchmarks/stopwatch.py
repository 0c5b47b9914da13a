"""Wall and processor seconds of a stretch of work, those of child processes included.

Belongs here: what a contender says about itself. Does not belong here: memory, which is seen from
outside.
"""

import json
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def timed(contender: str) -> Iterator[None]:
    """Prints one line of JSON when the work is done."""
    started, used = time.time(), _processor_seconds()
    yield
    ended = time.time()
    print(
        json.dumps(
            {
                "contender": contender,
                "start": started,
                "end": ended,
                "processor_seconds": _processor_seconds() - used,
            }
        )
    )


def _processor_seconds() -> float:
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system
