"""What was delivered to other people's systems, and the protocol that delivers it once.

Belongs here: events, their chain, intents and the order in which things are done. Does not belong
here: a vendor's requests (``defs/<domain>/<system>/writeback.py``), what should be written, which
is SQL, and DuckDB: the warehouse may be rebuilt, the ledger may not.
"""
