"""What is planted on deals: one small function for each case, and the table of them.

Belongs here: deals that were not billed as booked or not booked as expected. Does not belong here:
ordinary deals, and how a bridge would be computed from them: each case knows what it makes.
"""
