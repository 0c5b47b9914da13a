"""Writes the made-up company: the books in wire form, the CRM, and the answers.

Belongs here: the order of the work and which file holds what. Does not belong here: the content
of any file.
"""

import json
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

from q2c_pipeline.core.errors import ConfigurationError
from q2c_pipeline.sandbox.garbage import collection_paused
from q2c_pipeline.sandbox.generate import profile
from q2c_pipeline.sandbox.generate.answers import write_answers
from q2c_pipeline.sandbox.generate.books.keeping import Books, keep_books
from q2c_pipeline.sandbox.generate.books.settlement import settle_books
from q2c_pipeline.sandbox.generate.crm.deals import Crm, make_crm
from q2c_pipeline.sandbox.generate.crm.wire import SOBJECTS
from q2c_pipeline.sandbox.generate.days import SECONDS_PER_DAY
from q2c_pipeline.sandbox.generate.folder import appearing_at_once, write_array
from q2c_pipeline.sandbox.generate.quickbooks.lists import LISTS
from q2c_pipeline.sandbox.generate.quickbooks.transactions import WRITERS, deleted_stub

Progress = Callable[[str, int, int], None]
#: The books themselves, every list, document and CRM file, company.json and the answers.
PARTS_TOTAL = 3 + len(LISTS) + len(WRITERS) + len(SOBJECTS)


def generate(
    out: Path, *, seed: int = 1, invoices: int = 3000, progress: Progress | None = None
) -> None:
    """Writes a company folder; the same seed and size always give the same bytes.

    ``progress`` hears the name of each part with how many of how many parts are done.

    Raises:
        ConfigurationError: the size is out of bounds, or ``out`` is in use or cannot be written.
    """
    if not profile.INVOICES_MIN <= invoices <= profile.INVOICES_MAX:
        raise ConfigurationError(
            f"A made-up company of {invoices} invoices is out of bounds. "
            f"Choose --invoices from {profile.INVOICES_MIN} to {profile.INVOICES_MAX}."
        )
    with appearing_at_once(Path(out)) as folder, collection_paused():
        tell = progress or _say_nothing
        tell("books", 0, PARTS_TOTAL)
        books = keep_books(seed, invoices)
        settle_books(books.documents, books.customers)
        for done, (name, write) in enumerate(_parts(folder, books, make_crm(books)), start=1):
            tell(name, done, PARTS_TOTAL)
            write()
    tell("done", PARTS_TOTAL, PARTS_TOTAL)


def _say_nothing(part: str, done: int, total: int) -> None:
    pass


def _parts(folder: Path, books: Books, crm: Crm) -> Iterator[tuple[str, Callable[[], object]]]:
    """Every file of the folder, by name, with what writes it."""
    yield "company.json", partial(_write_company, folder / "company.json")
    quickbooks = folder / "quickbooks"
    quickbooks.mkdir()
    for entity, rows in LISTS.items():
        path = quickbooks / f"{entity}.json"
        yield f"quickbooks/{entity}", partial(write_array, path, rows(books))
    for entity in WRITERS:
        path = quickbooks / f"{entity}.json"
        yield f"quickbooks/{entity}", partial(write_array, path, _written(books, entity))
    salesforce = folder / "salesforce"
    salesforce.mkdir()
    for sobject, sobject_rows in SOBJECTS.items():
        path = salesforce / f"{sobject}.json"
        yield f"salesforce/{sobject}", partial(write_array, path, sobject_rows(crm))
    yield "answers", partial(write_answers, folder / "answers", books, crm)


def _written(books: Books, entity: str) -> Iterator[str]:
    """Deleted documents leave a stub for as long as a change feed would show one."""
    write = WRITERS[entity]
    stubs_from = (profile.CLOCK_DAY - profile.DELETED_STUB_DAYS + 1) * SECONDS_PER_DAY
    for document in books.documents:
        if document.entity != entity:
            continue
        if not document.is_deleted:
            yield write(document)
        elif document.updated >= stubs_from:
            yield deleted_stub(document)


def _write_company(path: Path) -> None:
    company = {
        "name": profile.NAME,
        "clock": profile.CLOCK,
        "home_currency": profile.HOME_CURRENCY,
        "time_zone": profile.TIME_ZONE,
        "realm_id": profile.REALM_ID,
        "organisation_id": profile.ORGANISATION_ID,
    }
    path.write_text(json.dumps(company, indent=1) + "\n", encoding="utf-8")
