"""What every command does before it works: the home, its owner, Dagster's storage.

Belongs here: steps common to ``run`` and ``dev``. Does not belong here: running.
"""

import os
import shutil

from q2c_pipeline.core.home import Claim, Home, writing_to
from q2c_pipeline.orchestration.ledger import begin_unread
from q2c_pipeline.settings import PROJECT_ROOT, QuickBooksSettings, SalesforceSettings, Settings


def prepared_home() -> Home:
    """The home with its folders, and Dagster pointed at its storage there.

    Raises StorageError when the home cannot be written.
    """
    home = Home(Settings.read().home_folder)
    home.create()
    with writing_to(home.dagster):
        shutil.copyfile(PROJECT_ROOT / "dagster.yaml", home.dagster / "dagster.yaml")
    os.environ["Q2C_HOME"] = str(home.folder)
    os.environ["DAGSTER_HOME"] = str(home.dagster)
    return home


def claim_home(home: Home, *, is_made_up: bool) -> None:
    """Make sure that the systems in the environment belong to this home, and open their ledger.

    The CRM's organisation is known only after signing in; its login URL stands for it, except
    where a sandbox serves it from a port that changes.
    """
    quickbooks, salesforce = QuickBooksSettings.read(), SalesforceSettings.read()
    home.claim(
        Claim(
            realm_ids=tuple(sorted(quickbooks.realm_ids)),
            crm_organisation=None if is_made_up else salesforce.login_url,
            is_made_up=is_made_up,
        )
    )
    begin_unread(home, "quickbooks", quickbooks.realm_ids)
