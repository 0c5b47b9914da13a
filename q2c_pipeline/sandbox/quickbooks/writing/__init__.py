"""What a client's write does to a company's records.

Belongs here: checks, defaults, numbers, and what follows from a write elsewhere. Does not belong
here: HTTP, and the books themselves.
"""
