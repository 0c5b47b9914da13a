"""Tables keep rows of an earlier build only where the same files built them to the end."""

from pathlib import Path

from q2c_pipeline.orchestration.dbt_project import BUILT_WITH, note_built, was_built_with_this


def test_a_build_is_known_by_the_files_that_it_was_made_with(tmp_path: Path) -> None:
    assert not was_built_with_this(tmp_path)
    note_built(tmp_path)
    assert was_built_with_this(tmp_path)


def test_after_a_build_with_other_files_the_former_ones_have_built_nothing(tmp_path: Path) -> None:
    (tmp_path / BUILT_WITH).write_text("other files")

    assert not was_built_with_this(tmp_path)
    assert not (tmp_path / BUILT_WITH).exists()
