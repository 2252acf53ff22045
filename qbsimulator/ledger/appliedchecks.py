"""What a check is applied to: its lines on receivables or payables settle what stands there on the other side.

A line on payables pays bills of its vendor, one on receivables gives a customer's credits back.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

from ..contents import check_id
from ..errors import NO_SUCH_RECORD, RequestError
from .drafts import Draft
from .money import cents, money
from .purchaselines import line_postings
from .rows import Link, Part

_TOO_MUCH = "You cannot pay more than the amount due."


def apply_check(draft: Draft) -> None:
    """Settle what ApplyCheckToTxnAdd or ApplyCheckToTxnMod names. A Mod without any leaves it as it is.

    Raises :class:`~qbsimulator.errors.RequestError`: 3120 for what is not there, settled, or with somebody that no line
    is with; 3210 for more than is due, or than such lines have.
    """
    name = "ApplyCheckToTxnAdd" if draft.old is None else "ApplyCheckToTxnMod"
    own = _own(draft)
    if name not in draft.given:
        lines = {part.line for part in own}
        draft.links += [one for one in draft.owned if one.type == "AMTTYPE" and one.source_line in lines]
        return
    left: Counter[tuple[str, str]] = Counter({(part.txn, part.line): part.open for part in own})
    for one in draft.given[name]:
        _settle(draft, name, one, own, left)


def _own(draft: Draft) -> list[Part]:
    """The draft's own lines on receivables and payables, as far as they can settle something."""
    return [
        Part(draft.id, one.line, one.account, one.entity, one.cents, one.cents)
        for one in line_postings(draft.record, 1)
        if one.cents > 0 and draft.books.is_open_account(one.account)
    ]


def _settle(draft: Draft, name: str, given: Mapping[str, Any], own: list[Part], left: Counter[tuple[str, str]]) -> None:
    """Settle one transaction with lines of the same account and name; ``left`` is what is left of either's parts."""
    check_id(given["TxnID"], "TxnID")
    id_ = str(given["TxnID"])
    target = draft.books.store.txn(id_)
    places = {(part.account, part.entity) for part in own}
    parts = [one for one in draft.books.store.parts(id_) if one.open < 0 and (one.account, one.entity) in places]
    for part in parts:
        left.setdefault((part.txn, part.line), -part.open)
    due = sum(left[part.txn, part.line] for part in parts)
    if target is None or target.kind == "ItemReceipt" or not due:
        raise RequestError(3120, value=id_, detail=NO_SUCH_RECORD)
    pairs = [
        (part, mine) for part in parts for mine in own if (part.account, part.entity) == (mine.account, mine.entity)
    ]
    has = sum(left[one.txn, one.line] for one in {mine for _, mine in pairs})
    amount = min(due, has) if given.get("Amount") is None else cents(given["Amount"])
    if not 0 < amount <= min(due, has):
        raise RequestError(3210, field=f"{name} amount", value=money(amount), detail=_TOO_MUCH)
    for part, mine in pairs:
        piece = min(amount, left[part.txn, part.line], left[mine.txn, mine.line])
        if piece:
            draft.links.append(Link("AMTTYPE", draft.id, part.txn, draft.id, piece, part.line, mine.line))
            left[part.txn, part.line] -= piece
            left[mine.txn, mine.line] -= piece
            amount -= piece
