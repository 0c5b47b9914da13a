"""The emulated Salesforce organisation.

Belongs here: sign-in, SOQL, describe, single records and collections. Custom fields are those that
the company's records bring along. ``docs/sandbox.md`` says what is missing.
"""
