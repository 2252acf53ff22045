"""The check of the books finds what is wrong, wherever it is."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from qbsimulator import Company
from qbsimulator.cli import EXIT_UNSOUND, main
from tests.qbsimulator.ledger.shop import Shop, ref


@pytest.fixture
def books(tmp_path: Path) -> Iterator[Shop]:
    """Books with an invoice that is paid, the payment in a deposit, and a void one. The first has the id 1."""
    shop = Shop(tmp_path / "shop.company")
    made = shop.invoice("Ann", "100.00", Memo="kept")
    paid = [{"TxnID": made["TxnID"], "PaymentAmount": "60.00"}]
    payment = shop.txn("ReceivePayment", CustomerRef=ref("Ann"), TotalAmount="60.00", AppliedToTxnAdd=paid)
    shop.txn("Deposit", DepositToAccountRef=ref("Checking"), DepositLineAdd=[{"PaymentTxnID": payment["TxnID"]}])
    shop.void(shop.txn("Invoice", CustomerRef=ref("Taxed"), InvoiceLineAdd=[{"ItemRef": ref("Lamp")}]))
    assert shop.company.check() == []
    yield shop
    shop.close()


DAMAGES = {
    "a posting": "UPDATE postings SET cents = cents + 1 WHERE txn LIKE '1-%' AND place = 0",
    "a posting that is gone": "DELETE FROM postings WHERE txn LIKE '1-%' AND place = 0",
    "the day of a posting": "UPDATE postings SET date = '2000-01-01' WHERE txn LIKE '1-%' AND place = 0",
    "a posting of nothing": "INSERT INTO postings SELECT 'FF-1', place, line, account, cents, entity, item, class,"
    " quantity, memo, date FROM postings WHERE txn LIKE '1-%' AND place = 0",
    "an open part": "UPDATE parts SET open = open - 1 WHERE txn LIKE '1-%'",
    "a part": "DELETE FROM parts WHERE txn LIKE '1-%'",
    "a total": "UPDATE totals SET cents = cents + 1 WHERE key LIKE 'Customer %'",
    "the total of an account": "DELETE FROM totals WHERE key LIKE 'Account %'",
    "an amount that is applied": "UPDATE links SET cents = cents + 1 WHERE type = 'AMTTYPE'",
    "a link to another line": "UPDATE links SET target_line = 'FF-1' WHERE type = 'AMTTYPE'",
    "a link to nothing": "UPDATE links SET target = 'FF-1' WHERE type = 'AMTTYPE'",
    "a payment in two deposits": "INSERT INTO links (type, owner, target, target_line, source, source_line, cents,"
    " discount, quantity) SELECT type, owner, target, target_line, source, source_line, cents, discount, quantity"
    " FROM links WHERE type = 'DEPOSIT'",
    "an amount in a deposit": "UPDATE links SET cents = cents + 1 WHERE type = 'DEPOSIT'",
    "the day of a transaction": "UPDATE transactions SET date = '2000-01-01' WHERE id LIKE '1-%'",
    "the number of a transaction": "UPDATE transactions SET ref = 'X' WHERE id LIKE '1-%'",
    "the name of a transaction": "UPDATE transactions SET entity = NULL WHERE id LIKE '1-%'",
    "the account of a transaction": "UPDATE transactions SET account = NULL WHERE id LIKE '1-%'",
    "an amount in a record": "UPDATE transactions SET body = replace(body, '100.00', '99.00') WHERE id LIKE '1-%'",
    "what a transaction uses": "DELETE FROM uses WHERE user LIKE 'Invoice 1-%'",
    "what an element uses": "DELETE FROM uses WHERE user LIKE 'ItemService %'",
    "an item that is gone": "DELETE FROM elements WHERE kind = 'ItemService'",
}


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=list(DAMAGES))
def test_what_is_wrong_is_found(books: Shop, damage: str) -> None:
    with closing(sqlite3.connect(books.path)) as sql, sql:
        assert sql.execute(damage).rowcount > 0
    found = books.company.check()
    assert found
    assert all(found)


def test_the_command_says_what_is_wrong(books: Shop, capsys: pytest.CaptureFixture[str]) -> None:
    books.company.close()
    assert main(["check", str(books.path)]) == 0
    assert capsys.readouterr().out == ""
    with closing(sqlite3.connect(books.path)) as sql, sql:
        sql.execute(DAMAGES["a total"])
    assert main(["check", str(books.path)]) == EXIT_UNSOUND
    assert "its total is 4001 cents, and its postings come to 4000" in capsys.readouterr().out
    books.company = Company.open(books.path, clock=books.time)


def test_a_check_changes_nothing(books: Shop) -> None:
    before = list(books.company._storage.sql.iterdump())
    books.company.check()
    assert list(books.company._storage.sql.iterdump()) == before
