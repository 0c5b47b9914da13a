"""The emulated QuickBooks Online.

Belongs here: Intuit's sign-in, queries, change data capture, the records themselves; below it
``writing`` them, the ``books`` they make and the ``reports`` on those. Nothing here is shared with
the pipeline that it checks.
"""
