"""The planted cases: what happens to an invoice that is not simply paid.

Belongs here: one function for each case; each settles its invoice wholly, falling back on the
customer's habit for what it leaves. Does not belong here: which invoices are chosen.
"""
