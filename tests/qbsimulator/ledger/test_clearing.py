"""What a bank's statement says of transactions, and what is told of deleted ones."""

from __future__ import annotations

from typing import Any

import pytest

from qbxml import Record
from tests.qbsimulator.ledger.shop import Shop, ref


@pytest.fixture
def entry(shop: Shop) -> Record:
    debit = {"AccountRef": ref("Rent"), "Amount": "5.00"}
    credit = {"AccountRef": ref("Checking"), "Amount": "5.00"}
    return shop.txn("JournalEntry", JournalDebitLine=[debit], JournalCreditLine=[credit])


def clear(shop: Shop, record: Record, status: str = "Cleared", **fields: Any) -> Any:
    given = {"TxnID": record["TxnID"], **fields, "ClearedStatus": status}
    return shop.one("ClearedStatusMod", {"ClearedStatusMod": given})


def cleared(shop: Shop) -> list[tuple[str, str, str]]:
    sql = shop.company._storage.sql
    return [tuple(row) for row in sql.execute("SELECT txn, line, status FROM cleared ORDER BY txn, line")]


def test_the_status_is_kept_and_is_not_in_the_record(shop: Shop, entry: Record) -> None:
    line = entry["JournalCreditLine"][0]["TxnLineID"]
    answer = clear(shop, entry, TxnLineID=line)
    assert (answer.status_code, answer.records) == (0, [])
    assert clear(shop, entry, "Pending").status_code == 0
    assert cleared(shop) == [(entry["TxnID"], "", "Pending"), (entry["TxnID"], line, "Cleared")]
    assert shop.now(entry) == entry
    shop.reopen()
    clear(shop, entry, "NotCleared", TxnLineID=line)
    assert (entry["TxnID"], line, "NotCleared") in cleared(shop)


def test_lines_of_groups_are_cleared_too(shop: Shop) -> None:
    groups = [{"ItemGroupRef": ref("Shelf")}]
    made = shop.txn("Invoice", CustomerRef=ref("Ann"), InvoiceLineGroupAdd=groups)
    group = made["InvoiceLineGroupRet"][0]
    assert clear(shop, made, TxnLineID=group["InvoiceLineRet"][1]["TxnLineID"]).status_code == 0


def test_what_is_not_there_is_not_cleared(shop: Shop, entry: Record) -> None:
    assert clear(shop, entry, TxnLineID="FFFF-1700000000").status_code == 3120
    shop.remove(entry)
    assert clear(shop, entry).status_code == 3120


def test_what_is_deleted_is_cleared_no_more(shop: Shop, entry: Record) -> None:
    clear(shop, entry)
    shop.remove(entry)
    assert cleared(shop) == []


# -- deleted transactions ----------------------------------------------------------------------------------------


def deleted(shop: Shop, *kinds: str, **filters: Any) -> list[str]:
    limits = {"DeletedDateRangeFilter": filters} if filters else {}
    answer = shop.one("TxnDeletedQuery", {"TxnDelType": list(kinds), **limits})
    assert answer.status_code == (0 if answer.records else 1)
    return [str(one["TxnID"]) for one in answer.records]


def test_deleted_transactions_are_told_by_when_they_were_deleted(shop: Shop, entry: Record) -> None:
    own = [{"AccountRef": ref("Capital"), "Amount": "1.00"}]
    other = shop.txn("Deposit", DepositToAccountRef=ref("Checking"), DepositLineAdd=own)
    shop.remove(entry)
    shop.time.pass_(86_400)
    shop.remove(other)
    assert deleted(shop, "JournalEntry", "Deposit") == [entry["TxnID"], other["TxnID"]]
    both = ("JournalEntry", "Deposit")
    assert deleted(shop, *both, FromDeletedDate="2023-11-15") == [other["TxnID"]]
    assert deleted(shop, *both, ToDeletedDate="2023-11-14") == [entry["TxnID"]]
    assert deleted(shop, *both, FromDeletedDate="2023-11-14T15:00:00", ToDeletedDate="2023-11-15") == [other["TxnID"]]
    assert deleted(shop, "Invoice") == []
    counted = shop.one("TxnDeletedQuery", {"TxnDelType": list(both), "metaData": "MetaDataOnly"})
    assert (counted.ret_count, counted.records) == (2, [])


def test_deleted_dates_the_wrong_way_round_are_refused(shop: Shop) -> None:
    limits = {"FromDeletedDate": "2023-11-15", "ToDeletedDate": "2023-11-14"}
    content = {"TxnDelType": ["Deposit"], "DeletedDateRangeFilter": limits}
    assert shop.one("TxnDeletedQuery", content).status_code == 3030


def test_a_void_one_is_not_deleted(shop: Shop, entry: Record) -> None:
    shop.void(entry)
    assert deleted(shop, "JournalEntry") == []
