"""Records that look alike: one company entered twice, and different ones that a reader confuses.

Belongs here: how a second record differs from the first, on cards that both systems are filled
from. Does not belong here: customers (``books.twins``) and accounts (``crm.twins``).
"""
