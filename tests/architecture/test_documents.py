"""What the documents say is what the code does."""

import re
import subprocess

from q2c_pipeline.settings import QuickBooksSettings, SalesforceSettings, Settings
from tests.conftest import PROJECT_ROOT

README = (PROJECT_ROOT / "README.md").read_text()
MAKEFILE = (PROJECT_ROOT / "Makefile").read_text()
ENV_EXAMPLE = (PROJECT_ROOT / ".env.example").read_text()


def variables_read() -> set[str]:
    return {
        str(field.validation_alias)
        for settings in (Settings, QuickBooksSettings, SalesforceSettings)
        for field in settings.model_fields.values()
    }


def tracked_files() -> list[str]:
    listed = subprocess.run(
        ["git", "ls-files"], cwd=PROJECT_ROOT, capture_output=True, text=True, check=True
    )
    return listed.stdout.splitlines()


def test_the_catalogue_names_every_mart_and_no_other() -> None:
    marts = {
        f"{path.parent.name}.{path.stem}"
        for path in (PROJECT_ROOT / "dbt_project" / "models" / "marts").glob("*/*.sql")
    }

    listed = README[README.index("| Mart |") : README.index("## Connect")]
    subjects = " ".join(re.findall(r"^\| (`.*?`) \|", listed, re.MULTILINE))

    assert set(re.findall(r"`(\w+\.\w+)", subjects)) == marts


def test_the_readme_names_every_verb_and_no_other() -> None:
    verbs = set(re.findall(r"^([a-z]+):.*## ", MAKEFILE, re.MULTILINE)) - {"help"}
    listed = README[README.index("## Verbs") : README.index("## Read on")]

    assert set(re.findall(r"`([a-z]+)`", listed)) == verbs


def test_the_example_environment_lists_what_the_code_reads() -> None:
    assert set(re.findall(r"^(\w+)=", ENV_EXAMPLE, re.MULTILINE)) == variables_read()


def test_the_readme_explains_what_the_code_reads() -> None:
    explained = set(re.findall(r"`((?:Q2C|QBO|SALESFORCE)_[A-Z_]+)`", README))

    assert explained == variables_read()


def test_links_in_documents_lead_somewhere() -> None:
    for document in [PROJECT_ROOT / "README.md", *(PROJECT_ROOT / "docs").glob("*.md")]:
        for target in re.findall(r"\]\(([^)#:]+)\)", document.read_text()):
            assert (document.parent / target).exists(), f"{document.name} links to {target}"


def test_no_file_names_a_package_index_or_a_folder_of_one_machine() -> None:
    forbidden = re.compile(r"index[-]url|https?://[^\s\"]*/(simple|packages)/|/home/\w|/root/")
    own_name = "tests/architecture/test_documents.py"
    for name in tracked_files():
        if name == own_name:
            continue
        text = (PROJECT_ROOT / name).read_text(errors="replace")
        found = forbidden.search(text)
        assert found is None, f"{name}: {found.group()}"


def test_constraints_pin_every_direct_dependency() -> None:
    project = (PROJECT_ROOT / "pyproject.toml").read_text()
    wanted = set(re.findall(r'^    "([A-Za-z0-9-]+)[=<>~]', project, re.MULTILINE))
    pinned = {
        line.split("==")[0].lower()
        for line in (PROJECT_ROOT / "constraints.txt").read_text().splitlines()
        if "==" in line
    }

    assert {name.lower() for name in wanted} <= pinned
