"""What people and the vendors do to records that no API call does.

Belongs here: whom an act is for. Does not belong here: what it does, which ``in_quickbooks`` and
``in_salesforce`` know.
"""

from q2c_pipeline.sandbox.company import Sandbox
from q2c_pipeline.sandbox.people.acts import Act, Refused
from q2c_pipeline.sandbox.people.in_quickbooks import perform_in_quickbooks
from q2c_pipeline.sandbox.people.in_salesforce import perform_in_salesforce

__all__ = ["Act", "Refused", "perform"]

PERFORM = {"quickbooks": perform_in_quickbooks, "salesforce": perform_in_salesforce}


def perform(sandbox: Sandbox, act: Act) -> None:
    """Do what is ordered, all or nothing.

    Raises ``Refused``.
    """
    if act.system not in PERFORM:
        raise Refused(f"{act.system!r} is no system; there are {', '.join(PERFORM)}")
    with sandbox.changes():
        PERFORM[act.system](sandbox, act)
