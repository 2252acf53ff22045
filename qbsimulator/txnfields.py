"""Custom fields of transactions and their lines: set with a line that is added, told by queries, gone with the line."""

from __future__ import annotations

import functools
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import qbxml

from .answers import Answer
from .context import Context, Handler
from .customfields import CustomFields, txn_holder, txn_key
from .ledger.engine import Transactions
from .macros import lines_of


def line_records(record: Any) -> Iterator[dict[str, Any]]:
    """The lines within a transaction's record, those of groups among them."""
    if isinstance(record, list):
        for one in record:
            yield from line_records(one)
    elif isinstance(record, dict):
        if "TxnLineID" in record:
            yield record
        for value in list(record.values()):
            yield from line_records(value)


class TxnFields:
    """What custom fields need to know of transactions."""

    def __init__(self, transactions: Transactions) -> None:
        self._transactions = transactions

    def has(self, kind: str, txn_id: str, line_id: str | None) -> bool:
        """Whether there is such a transaction, with such a line."""
        txn = self._transactions.store.txn(txn_id)
        if txn is None or txn.kind != kind:
            return False
        return line_id is None or any(one["TxnLineID"] == line_id for one in line_records(qbxml.from_json(txn.body)))

    def touch(self, txn_id: str, now: float, edit_sequence: str | None) -> None:
        """Move a transaction's TimeModified, and its EditSequence where one is given."""
        txn = self._transactions.store.txn(txn_id)
        assert txn is not None
        txn.modified, txn.edit_sequence = now, edit_sequence or txn.edit_sequence
        self._transactions.store.write(txn)


def show(fields: CustomFields, record: dict[str, Any], kind: str, owners: Sequence[str]) -> None:
    """Put the custom fields of some owners into a transaction's record and its lines."""
    if not owners:
        return
    for line in line_records([value for value in record.values() if isinstance(value, list)]):
        fields.show(line, txn_key(kind, record["TxnID"], line["TxnLineID"]), owners)
    fields.show(record, txn_key(kind, record["TxnID"]), owners)


def with_fields(handlers: Mapping[str, Handler]) -> dict[str, Handler]:
    """The ledger's handlers, by the name of the request without ``Rq``, made to see to custom fields, too."""
    return {
        name: functools.partial(_deleting if name == "TxnDel" else _writing, handler)
        if name == "TxnDel" or name.endswith(("Add", "Mod"))
        else handler
        for name, handler in handlers.items()
    }


def _deleting(handler: Handler, context: Context, content: Mapping[str, Any]) -> Answer:
    answer = handler(context, content)
    context.company.custom_fields.forget(txn_key(str(content["TxnDelType"]), str(content["TxnID"])))
    return answer


def _writing(handler: Handler, context: Context, content: Mapping[str, Any]) -> Answer:
    """Keep the ``DataExt`` of lines that are added, and forget those of lines that a Mod left out."""
    answer = handler(context, content)
    record = next((value for _, value in answer.content if isinstance(value, Mapping) and "TxnID" in value), None)
    if record is None:
        return answer
    fields, kind = context.company.custom_fields, context.name[:-3]
    if context.name.endswith("Mod"):
        fields.keep_lines(txn_key(kind, record["TxnID"]), {one["TxnLineID"] for one in line_records(record)})
    for element, value in content.get(context.name, content).items():
        given = value if isinstance(value, list) else [value]
        made = lines_of(record, element)
        for place, line in enumerate(given):
            at = len(made) - len(given) + place
            if isinstance(line, Mapping) and line.get("DataExt") and 0 <= at < len(made):
                fields.fill(txn_holder(kind, record["TxnID"], made[at]["TxnLineID"]), line["DataExt"])
    return answer
