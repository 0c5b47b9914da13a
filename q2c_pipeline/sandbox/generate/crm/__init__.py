"""The made-up firm's sales side: accounts and deals, and Salesforce's wire form of them.

Belongs here: what sales knows about customers and prospects. Does not belong here: the books.
"""
