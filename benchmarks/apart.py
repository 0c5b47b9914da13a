"""A function in a process of its own, and what that took.

Belongs here: starting that process and asking it. Does not belong here: which functions.

Imports come before the clock starts. Memory is the peak that the operating system kept of the
process or, if larger, of one it started; who calls must itself stay small, for a new process begins
with the peak of the one that started it.
"""

import resource
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from typing import TypeVar

from building import Taken

T = TypeVar("T")
KILOBYTES_PER_MEGABYTE = 1024


def apart(function: Callable[..., T], *arguments: object) -> tuple[T, Taken]:
    """What the function returned, and what it took; both it and its arguments are pickled."""
    with ProcessPoolExecutor(max_workers=1, mp_context=get_context("spawn")) as processes:
        return processes.submit(_timed, function, arguments).result()


def _timed(function: Callable[..., T], arguments: tuple[object, ...]) -> tuple[T, Taken]:
    started, used = time.monotonic(), _processor_seconds()
    result = function(*arguments)
    seconds, processor_seconds = time.monotonic() - started, _processor_seconds() - used
    peak = max(usage.ru_maxrss for usage in _usages()) // KILOBYTES_PER_MEGABYTE
    return result, Taken(seconds, processor_seconds, peak)


def _processor_seconds() -> float:
    return sum(usage.ru_utime + usage.ru_stime for usage in _usages())


def _usages() -> list[resource.struct_rusage]:
    return [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
