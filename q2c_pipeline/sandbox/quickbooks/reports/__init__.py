"""The vendor's reports over the books.

Belongs here: parameters, figures and layout of each report. Does not belong here: bookkeeping.
"""
