"""The ledger of a company: its transactions, what they post, what of them is open, and what is linked with what.

``engine`` does what all transactions have in common. What is particular to a kind stands in the module of its family,
such as ``sales``, and is put into :func:`~qbsimulator.ledger.registry.txn_kinds`. The ledger has one owner:
a kind's ``postings`` is the only source of what it does to accounts.
"""
