"""The made-up books as QuickBooks would write them.

Belongs here: wire form. Does not belong here: what the books say.
"""
