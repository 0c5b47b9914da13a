"""Streams of chance, each named after what it decides.

Belongs here: the one place that makes a generator of random numbers. Does not belong here: any
decision. A stream depends on the seed and its name alone, so one more draw elsewhere changes
nothing here.
"""

from random import Random


def stream(seed: int, *name: str | int) -> Random:
    return Random(":".join(map(str, (seed, *name))))  # noqa: S311 (a made-up company, no secret)
