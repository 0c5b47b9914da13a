"""Seconds and memory of a command and all it starts, seen from outside.

Belongs here: sampling processes, and what they ran on. Does not belong here: which commands are
worth it.

Memory is resident memory summed over the processes, so what they share counts more than once.
"""

import os
import platform
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

import duckdb
import psutil

SAMPLE_SECONDS = 0.1
BYTES_PER_MEGABYTE = 1024 * 1024
VENDOR_ARGUMENTS = ("sandbox", "serve")


class Sample(NamedTuple):
    """Resident bytes at a moment, in seconds since 1970: the command's, and its sandbox's."""

    moment: float
    own: int
    vendor: int


class Measured(NamedTuple):
    """What a command, or a part of one, took."""

    seconds: float
    own_megabytes: int
    vendor_megabytes: int


class Measurement(NamedTuple):
    """A command that has ended, and what was seen of it meanwhile."""

    output: str
    start: float
    end: float
    samples: list[Sample]

    def between(self, start: float, end: float) -> Measured:
        seen = [sample for sample in self.samples if start <= sample.moment <= end]
        return Measured(
            seconds=end - start,
            own_megabytes=max((sample.own for sample in seen), default=0) // BYTES_PER_MEGABYTE,
            vendor_megabytes=max((sample.vendor for sample in seen), default=0)
            // BYTES_PER_MEGABYTE,
        )

    def whole(self) -> Measured:
        return self.between(self.start, self.end)


def measure(arguments: Sequence[str], environment: Mapping[str, str], folder: Path) -> Measurement:
    """Runs the command to its end; its progress goes to our stderr. Ends us if it fails."""
    samples: list[Sample] = []
    ended = threading.Event()
    start = time.time()
    with subprocess.Popen(
        arguments, env=environment, cwd=folder, stdout=subprocess.PIPE, text=True
    ) as command:
        process = psutil.Process(command.pid)

        def watch() -> None:
            while not ended.wait(SAMPLE_SECONDS):
                samples.append(_sample(process))

        watcher = threading.Thread(target=watch, daemon=True)
        watcher.start()
        try:
            output = command.stdout.read() if command.stdout else ""
            status = command.wait()
        finally:
            ended.set()
            watcher.join()
    end = time.time()
    if status != 0:
        sys.exit(f"{' '.join(arguments)} ended with status {status}; nothing is reported.")
    return Measurement(output, start, end, samples)


def machine() -> str:
    """Figures compare only with others from the same one."""
    memory = psutil.virtual_memory().total // BYTES_PER_MEGABYTE // 1024
    return (
        f"{os.cpu_count()} cores, {memory} GB, {platform.system()} on {platform.machine()};"
        f" Python {platform.python_version()}, DuckDB {duckdb.__version__}"
    )


def say(message: str) -> None:
    """To the person who waits; stdout is the table's."""
    print(message, file=sys.stderr, flush=True)


def _sample(process: psutil.Process) -> Sample:
    own = vendor = 0
    with suppress(psutil.Error):
        for each in (process, *process.children(recursive=True)):
            with suppress(psutil.Error):
                is_vendor = set(VENDOR_ARGUMENTS) <= set(each.cmdline())
                resident = each.memory_info().rss
                own += 0 if is_vendor else resident
                vendor += resident if is_vendor else 0
    return Sample(time.time(), own, vendor)
