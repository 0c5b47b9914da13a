"""A made-up company with known answers: ``generate`` writes its folder.

Belongs here: inventing a firm's books and CRM so that every balance is known beforehand. Does not
belong here: serving them, which the rest of the sandbox does.
"""

from q2c_pipeline.sandbox.generate.company import generate

__all__ = ["generate"]
