"""The list of mutations, and the page that shows it.

Belongs here: reading ``mutations.yml`` and writing ``tests/mutations.md`` from it. Does not belong
here: running anything, which is ``proof.py``.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import yaml

FOLDER = Path(__file__).parent
DBT_PROJECT = FOLDER.parents[1] / "dbt_project"
PAGE = FOLDER.parent / "mutations.md"
HEADING = """\
# Mutations

Each rule of the models is broken on purpose, one at a time, and the test in the last column fails.
`make prove` shows it for all, `make test` for a sample. The list stands in
`mutations/mutations.yml`; this page is written from it.

`unit` is a dbt unit test beside the model, `scenario` a folder in `golden/`, `assert` a dbt test
that stops publishing, `nights` a test in `pipeline/test_incremental_ledger.py`.
"""


class Mutation(NamedTuple):
    """``text`` of the file becomes another; ``caught_by`` is a kind of test and its name."""

    file: str
    rule: str
    text: str
    becomes: str
    caught_by: str

    @property
    def model(self) -> str | None:
        """The model that changes, or nothing for a macro."""
        return Path(self.file).stem if self.file.startswith("models/") else None

    def apply(self, project: Path) -> None:
        path = project / self.file
        before = path.read_text()
        if before.count(self.text) != 1:
            raise ValueError(
                f"{self.file} holds {before.count(self.text)} times, not once: {self.text!r}."
                f" Renew the mutation of the rule {self.rule!r} in mutations.yml."
            )
        path.write_text(before.replace(self.text, self.becomes))


def all_mutations() -> list[Mutation]:
    return list(_read(FOLDER / "mutations.yml"))


def _read(path: Path) -> Iterator[Mutation]:
    for file, entries in yaml.safe_load(path.read_text()).items():
        for entry in entries:
            yield Mutation(file=file, **entry)


def page(mutations: list[Mutation]) -> str:
    rows = [
        f"| {mutation.rule} | {Path(mutation.file).stem} | {_code(mutation.text)} |"
        f" {_code(mutation.becomes)} | {mutation.caught_by} |"
        for mutation in mutations
    ]
    count = f"\n{len(mutations)} mutations.\n\n"
    return (
        HEADING
        + count
        + "\n".join(
            ["| Rule | Where | Text | Becomes | Caught by |", "|---|---|---|---|---|", *rows, ""]
        )
    )


def _code(text: str) -> str:
    shown = " ".join(text.split()).replace("|", "\\|")
    return f"`{shown}`" if shown else "nothing"


if __name__ == "__main__":
    PAGE.write_text(page(all_mutations()))
