"""The company's books by double entry, derived from its documents and from nothing stored.

Belongs here: what each document posts, what settles what, what is open when. Does not belong here:
HTTP, storage, the layout of a report.
"""
