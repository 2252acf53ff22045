"""The ledger's part when an element of a list is merged into another: transactions name the other, and post to it."""

from __future__ import annotations

from collections.abc import Callable

import qbxml

from ..contents import used_by
from ..settings import Settings
from ..storage import Storage
from .engine import Transactions

#: The transactions that an element is in, by the header or a line or only by what they post.
_USERS = """
SELECT id FROM transactions WHERE kind || ' ' || id IN (SELECT user FROM uses WHERE used = ?)
UNION SELECT txn FROM postings WHERE ? IN (account, entity, item, class)
"""


def merge_hook(
    transactions: Transactions, storage: Storage, settings: Callable[[], Settings], now: Callable[[], float]
) -> Callable[[str, str], None]:
    """What :mod:`qbsimulator.merging` is to call: every transaction that has one key gets the other in its place."""

    def merged(old: str, new: str) -> None:
        ids = [row[0] for row in storage.sql.execute(_USERS, (old, old))]
        for id_ in ids:
            _rename(transactions, storage, id_, old, new)
        # Only then: what one posts may depend on what others have become.
        for id_ in ids:
            transactions.repost(id_, settings(), now())

    return merged


def _rename(transactions: Transactions, storage: Storage, id_: str, old: str, new: str) -> None:
    txn = transactions.store.txn(id_)
    assert txn is not None
    # A key is a text of its own wherever it stands, and nothing else looks like one.
    txn.body = txn.body.replace(f'"{old}"', f'"{new}"')
    txn.entity = new if txn.entity == old else txn.entity
    txn.account = new if txn.account == old else txn.account
    transactions.store.write(txn)
    storage.write_uses(txn.key, used_by(qbxml.from_json(txn.body)))
