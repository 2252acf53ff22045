"""Journal entries: debits and credits as they are written, in their own order."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..errors import RequestError
from .accounts import may_post
from .books import Books, key_of
from .drafts import NEW_LINE, Draft, Line, LineList, TxnKind, stored_lines
from .money import cents, money, rounded
from .rows import Posting
from .sales import nothing_shown

_LINES = LineList("JournalDebitLine", also=("JournalCreditLine",))
_SIDES = {"Debit": "JournalDebitLine", "Credit": "JournalCreditLine"}
_SIGN = {"JournalDebitLine": 1, "JournalCreditLine": -1}


def _journal_entry(draft: Draft) -> None:
    draft.default("TxnDate", draft.books.today())
    draft.default("IsAdjustment", False)
    if draft.changed("IsHomeCurrencyAdjustment", "IsAmountsEnteredInHomeCurrency", "ExchangeRate"):
        raise RequestError(3250)
    lines = draft.lines(_LINES, given=_given(draft))
    for line in lines:
        _complete(draft, line)
    difference = sum(_SIGN[line.name] * cents(line.record.get("Amount")) for line in lines)
    if difference:
        _unbalanced(draft, difference)
    if not any(line.record.get("Amount") for line in lines):
        raise RequestError(3180, name=draft.kind.name, detail="The transaction is empty.")
    draft.put(_LINES, lines)


def _given(draft: Draft) -> list[tuple[str, Mapping[str, Any]]] | None:
    """The lines of a Mod, which have one name there and say of which side they are."""
    if draft.old is None or "JournalLineMod" not in draft.given:
        return None
    sides = {str(one["TxnLineID"]): name for name, one in stored_lines(draft.old, _LINES)}
    found: list[tuple[str, Mapping[str, Any]]] = []
    for one in draft.given["JournalLineMod"]:
        side, id_ = one.get("JournalLineType"), str(one["TxnLineID"])
        if side is None and id_ == NEW_LINE:
            raise RequestError(3150, field="JournalLineType")
        name = _SIDES[str(side)] if side is not None else sides.get(id_, "JournalDebitLine")
        found.append((name, {field: value for field, value in one.items() if field != "JournalLineType"}))
    return found


def _complete(draft: Draft, line: Line) -> None:
    record = line.record
    account, entity = key_of(record, "AccountRef"), key_of(record, "EntityRef")
    if record.get("Amount") is None:
        return  # a line with a memo alone
    record["Amount"] = rounded(record["Amount"])
    if account is None:
        raise RequestError(3150, field="AccountRef")
    may_post(draft.books, account, entity, "JournalEntry line")


def _unbalanced(draft: Draft, difference: int) -> None:
    """Raise for an entry whose debits and credits are not the same."""
    code = draft.settings.unbalanced_journal
    words = "The debits of the journal entry do not equal its credits."
    raise RequestError(code, name="JournalEntry", field="Amount", value=money(difference), detail=words)


def _postings(record: Mapping[str, Any], books: Books) -> list[Posting]:
    return [
        Posting(
            str(key_of(line, "AccountRef")),
            _SIGN[name] * cents(line["Amount"]),
            line=str(line["TxnLineID"]),
            entity=key_of(line, "EntityRef"),
            class_=key_of(line, "ClassRef"),
            memo=str(line.get("Memo") or ""),
        )
        for name, line in stored_lines(record, _LINES)
        if line.get("Amount")
    ]


KINDS = (
    TxnKind(
        *("JournalEntry", _journal_entry, _postings, nothing_shown),
        lines=(_LINES,),
        unseen=0,
        numbers_itself=True,
        numbered_by="numbers_journal_entries",
    ),
)
