"""The emulated Salesforce organisation.

Belongs here: sign-in, SOQL, describe, records one by one, in collections and in bulk. Custom fields
are those that the company's records bring along. ``docs/sandbox.md`` says what is missing.
"""
