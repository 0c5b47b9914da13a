"""From pipeline to cash, in one direction.

Vendors are read into raw versions (``defs/<domain>/<system>``, ``core``), dbt turns those into
staging, a conformed layer and marts (``dbt_project``, ``defs/finance``), and the marts that pass
their checks are published as one file. ``cli`` is the command that people type; ``sandbox`` plays
the vendors over HTTP for everybody who has no account.
"""
