"""All kinds of transactions, by name. A new family is a module with ``KINDS`` of its own, and one more line here."""

from __future__ import annotations

import functools
from collections.abc import Mapping

from . import banking, billpayments, inventory, journal, purchases, receivables, sales, timetracking
from .drafts import TxnKind


@functools.cache
def txn_kinds() -> Mapping[str, TxnKind]:
    """The kinds that the ledger has rules for, by name."""
    families = (
        *(sales.KINDS, receivables.KINDS, purchases.KINDS, billpayments.KINDS),
        *(journal.KINDS, banking.KINDS, timetracking.KINDS, inventory.KINDS),
    )
    return {kind.name: kind for family in families for kind in family}
