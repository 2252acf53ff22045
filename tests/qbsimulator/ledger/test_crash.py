"""A process that is killed in the middle of its work leaves books that are whole."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.qbsimulator.ledger.invariants import check
from tests.qbsimulator.ledger.shop import Shop, ref

#: Adds without end, several in a document, and says after each document that it is done.
WORK = """
import sys
from pathlib import Path
from tests.qbsimulator.ledger.shop import Shop, ref

shop = Shop.of_file(Path(sys.argv[1]))
lines = [{"ItemRef": ref("Work")}, {"ItemRef": ref("Lamp"), "Quantity": "2"}]
sides = {
    "JournalDebitLine": [{"AccountRef": ref("Rent"), "Amount": "5.00"}],
    "JournalCreditLine": [{"AccountRef": ref("Checking"), "Amount": "5.00"}],
}
own = [{"AccountRef": ref("Capital"), "Amount": "7.00"}]
while True:
    answers = shop.ask(
        {"InvoiceAddRq": {"InvoiceAdd": {"CustomerRef": ref("Taxed"), "InvoiceLineAdd": lines}}},
        {"JournalEntryAddRq": {"JournalEntryAdd": sides}},
        {"DepositAddRq": {"DepositAdd": {"DepositToAccountRef": ref("Checking"), "DepositLineAdd": own}}},
        {"ReceivePaymentAddRq": {"ReceivePaymentAdd": {
            "CustomerRef": ref("Taxed"), "TotalAmount": "60.00", "IsAutoApply": True}}},
    )
    assert [one.status_code for one in answers] == [0, 0, 0, 0]
    print("done", flush=True)
"""


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="there is no SIGKILL here")
@pytest.mark.parametrize("documents", [1, 2, 5])
def test_killed_books_are_whole(tmp_path: Path, documents: int) -> None:
    path = tmp_path / "shop.company"
    Shop(path).close()
    child = subprocess.Popen([sys.executable, "-c", WORK, str(path)], stdout=subprocess.PIPE)
    assert child.stdout is not None
    for _ in range(documents):
        assert child.stdout.readline() == b"done\n"
    child.kill()  # somewhere in the next document
    child.wait()
    told = documents + child.stdout.read().count(b"done")
    child.stdout.close()

    shop = Shop.of_file(path)
    check(shop)
    made = [one.kind for one in shop.company.transactions.store.all()]
    order = ("Invoice", "JournalEntry", "Deposit", "ReceivePayment")
    assert made == [order[number % 4] for number in range(len(made))]  # what was begun is done as a whole or not at all
    assert 4 * told <= len(made) <= 4 * (told + 1)  # what was told is kept
    # And they go on.
    numbers = [one.number for one in shop.company.transactions.store.all()]
    assert shop.invoice()["TxnNumber"] == max(numbers) + 1
    assert shop.txn(
        "Transfer", TransferFromAccountRef=ref("Checking"), TransferToAccountRef=ref("Savings"), Amount="1.00"
    )
    check(shop)
    shop.close()
