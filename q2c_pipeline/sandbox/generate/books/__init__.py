"""What happened in the made-up firm, before any vendor writes it down.

Belongs here: customers, documents, payments, and what is open when. Does not belong here: JSON.
"""
