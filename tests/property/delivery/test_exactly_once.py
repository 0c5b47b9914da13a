"""However deliveries die and vendors fail, each approved unit has one live invoice in the end."""

from collections import Counter
from pathlib import Path
from random import Random

import pytest

from tests.property.delivery import memory_side, served_books
from tests.property.delivery.bad_network import WRITE_FAULTS
from tests.property.delivery.chaos import Chaos, Clock
from tests.property.delivery.memory_side import MemorySide
from tests.property.delivery.memory_vendor import FAULTS, MemoryVendor
from tests.property.delivery.simulation import Simulation

SEEDS, SAMPLE = 10_000, 150
SERVED_SEEDS, SERVED_SAMPLE = 10_000, 15
ENDS = {"billed", "not to be billed", "refused"}


def simulated(seed: int) -> Simulation:
    random, clock = Random(seed), Clock()
    chaos = Chaos(random)
    vendor = MemoryVendor(clock, chaos, batch_items_max=random.choice((1, 2, 4)))
    simulation = Simulation(
        random=random,
        clock=clock,
        chaos=chaos,
        side=MemorySide(vendor),
        prefix="006",
        payload=memory_side.payload,
        customer_payload=memory_side.customer_payload,
    )
    simulation.run()
    return simulation


def simulated_over_http(seed: int, company: Path, tokens: Path) -> Simulation:
    random, clock = Random(seed), Clock()
    chaos = Chaos(random)
    with served_books.served_books(company, clock, chaos, tokens) as books:
        simulation = Simulation(
            random=random,
            clock=clock,
            chaos=chaos,
            side=books,
            prefix="006",
            payload=served_books.payload,
            customer_payload=served_books.customer_payload,
        )
        simulation.run()
    return simulation


@pytest.mark.prove
def test_every_unit_is_billed_once_or_says_why_not(is_whole_proof: bool) -> None:
    ended: Counter[str] = Counter()
    met: Counter[str] = Counter()
    deaths = losses = 0
    for seed in range(SEEDS if is_whole_proof else SAMPLE):
        simulation = simulated(seed)
        ended += simulation.ended
        met += simulation.side.vendor.met
        deaths += simulation.deaths
        losses += simulation.losses
    assert ended.keys() == ENDS
    assert met.keys() == set(FAULTS)
    assert deaths
    assert losses


@pytest.mark.prove
def test_every_unit_is_billed_once_in_books_over_http(is_whole_proof: bool, tmp_path: Path) -> None:
    company = served_books.write_books(tmp_path / "company")
    ended: Counter[str] = Counter()
    met: Counter[str] = Counter()
    deaths = 0
    for seed in range(SERVED_SEEDS if is_whole_proof else SERVED_SAMPLE):
        simulation = simulated_over_http(seed, company, tmp_path / f"tokens-{seed}")
        ended += simulation.ended
        met += simulation.side.network.met
        deaths += simulation.deaths
    assert ended.keys() == ENDS
    assert met.keys() >= set(WRITE_FAULTS)
    assert deaths
