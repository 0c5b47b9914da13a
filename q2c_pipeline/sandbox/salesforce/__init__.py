"""The emulated Salesforce organisation.

What it does not do: formulas, triggers, validation rules, duplicate rules, sharing, field-level
security, picklist values, Bulk API 2.0, composite requests other than collections, sub-selects,
aggregates other than ``COUNT()``, date literals such as ``LAST_N_DAYS``, getDeleted/getUpdated,
conditional requests. Custom fields are those that the company's records bring along.
"""
