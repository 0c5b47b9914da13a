"""A company folder that appears whole or not at all.

Belongs here: checking where it goes, writing arrays record by record, and the final rename. Does
not belong here: what the records say.
"""

import os
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil

from q2c_pipeline.core.errors import ConfigurationError

#: Records joined for one write call; large enough that the call itself costs nothing.
RECORDS_PER_WRITE = 512
GROWING = ".growing"


@contextmanager
def appearing_at_once(out: Path) -> Iterator[Path]:
    """A folder beside ``out`` to write into; it takes the name ``out`` when all went well.

    Raises:
        ConfigurationError: ``out`` has something in it already, or cannot be written.
    """
    out = out.resolve()
    growing = out.with_name(f".{out.name}.{os.getpid()}{GROWING}")
    try:
        _refuse_what_is_there(out)
        _clear_what_the_dead_left(out)
        growing.mkdir(parents=True)
        yield growing
        if out.exists():
            out.rmdir()
        growing.rename(out)
    except OSError as error:
        raise ConfigurationError(
            f"The made-up company cannot be written to {out}: {error.strerror or error}. "
            "Choose another --out folder, or make its parent writable with enough free space."
        ) from error
    finally:
        shutil.rmtree(growing, ignore_errors=True)


def _refuse_what_is_there(out: Path) -> None:
    if out.exists() and not out.is_dir():
        raise ConfigurationError(f"{out} is a file. Choose another name for the --out folder.")
    if out.is_dir() and any(out.iterdir()):
        raise ConfigurationError(
            f"{out} is not empty, and nothing in it will be overwritten. "
            "Choose another --out folder, or remove this one first."
        )


def _clear_what_the_dead_left(out: Path) -> None:
    """A killed process could not take its unfinished folder away."""
    for unfinished in out.parent.glob(f".{out.name}.*{GROWING}"):
        process = unfinished.name.removesuffix(GROWING).rpartition(".")[2]
        if process.isdecimal() and not psutil.pid_exists(int(process)):
            shutil.rmtree(unfinished, ignore_errors=True)


def write_array(path: Path, records: Iterable[str]) -> int:
    """One JSON array with a record on each line; returns how many."""
    count = 0
    with path.open("w", encoding="utf-8", newline="\n") as file:
        file.write("[")
        for chunk in _chunks(records):
            file.write((",\n" if count else "\n") + ",\n".join(chunk))
            count += len(chunk)
        file.write("\n]\n")
    return count


def _chunks(records: Iterable[str]) -> Iterator[list[str]]:
    chunk: list[str] = []
    for record in records:
        chunk.append(record)
        if len(chunk) == RECORDS_PER_WRITE:
            yield chunk
            chunk = []
    if chunk:
        yield chunk
