"""A rule that is broken on purpose fails a test: for each, the one that the list names."""

from pathlib import Path

import pytest

from tests.mutations.mutations import DBT_PROJECT, PAGE, Mutation, all_mutations, page
from tests.mutations.proof import CAUGHT, prepare, prove

MUTATIONS = all_mutations()


@pytest.mark.parametrize("mutation", MUTATIONS, ids=lambda mutation: mutation.rule)
def test_a_mutation_still_finds_its_rule(mutation: Mutation) -> None:
    assert (DBT_PROJECT / mutation.file).read_text().count(mutation.text) == 1, (
        f"{mutation.file} no longer holds {mutation.text!r} once; renew it in mutations.yml"
    )


def test_the_page_shows_the_list() -> None:
    assert PAGE.read_text() == page(MUTATIONS), "write it: python -m tests.mutations.mutations"


@pytest.mark.prove
@pytest.mark.usefixtures("whole_proof")
def test_the_test_that_is_named_catches_the_mutation(tmp_path: Path) -> None:
    numbers = range(len(MUTATIONS))
    prepare(tmp_path / "base")
    outcomes = prove(tmp_path / "base", numbers)
    assert len(outcomes) == len(numbers)
    not_caught = [
        f"{MUTATIONS[number].rule}: {outcome}"
        for number, outcome in outcomes.items()
        if outcome != CAUGHT
    ]
    assert not not_caught, "\n".join(not_caught)
