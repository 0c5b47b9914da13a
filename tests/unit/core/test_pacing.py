"""Windows that never hold too many, and pauses that hold for all."""

import pytest

from q2c_pipeline.core.pacing import Pacer, shared_pacer


class Clock:
    """Time that passes only while somebody sleeps."""

    def __init__(self) -> None:
        self.now = 0.0
        self.pausing: Pacer | None = None

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds
        if self.pausing is not None:
            pacer, self.pausing = self.pausing, None
            pacer.pause(60)


@pytest.fixture
def clock() -> Clock:
    return Clock()


def pacer_of(clock: Clock) -> Pacer:
    return Pacer(
        per_second=5,
        per_minute=20,
        in_flight=2,
        batches_per_minute=4,
        clock=clock,
        sleep=clock.sleep,
    )


def starts(pacer: Pacer, clock: Clock, number: int, *, is_batch: bool = False) -> list[float]:
    started = []
    for _ in range(number):
        with pacer.turn(is_batch=is_batch):
            started.append(clock.now)
    return started


def densest(started: list[float], seconds: float) -> int:
    """The most starts that any window of such a length holds."""
    return max(sum(start <= other < start + seconds for other in started) for start in started)


def test_no_window_of_a_minute_or_a_second_holds_too_many_requests(clock: Clock) -> None:
    started = starts(pacer_of(clock), clock, 50)

    assert densest(started, 0.999) <= 5
    assert densest(started, 59.999) <= 20


def test_batches_have_a_limit_of_their_own(clock: Clock) -> None:
    pacer = pacer_of(clock)
    batches = starts(pacer, clock, 9, is_batch=True)

    assert densest(batches, 59.999) == 4


def test_requests_do_not_wait_for_the_minute_of_batches(clock: Clock) -> None:
    pacer = pacer_of(clock)
    starts(pacer, clock, 4, is_batch=True)

    assert starts(pacer, clock, 1)[0] < 2


def test_a_pause_holds_for_those_that_come_later(clock: Clock) -> None:
    pacer = pacer_of(clock)
    pacer.pause(60)
    pacer.pause(10)

    assert starts(pacer, clock, 2) == [60, 60.2]


def test_a_pause_holds_for_those_that_were_waiting_already(clock: Clock) -> None:
    pacer = pacer_of(clock)
    starts(pacer, clock, 1)
    clock.pausing = pacer

    assert starts(pacer, clock, 1)[0] >= 60


def test_all_that_name_one_holder_get_one_pacer(clock: Clock) -> None:
    first = shared_pacer("realm 1", lambda: pacer_of(clock))

    assert shared_pacer("realm 1", lambda: pacer_of(clock)) is first
    assert shared_pacer("realm 2", lambda: pacer_of(clock)) is not first
