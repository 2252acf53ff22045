"""Records that another session has open."""

from __future__ import annotations

import gc
from typing import Any

import qbxml
from qbsimulator import Session
from tests.qbsimulator.ledger.shop import Shop, ref


def asked(session: Session, name: str, content: dict[str, Any]) -> tuple[int, str]:
    (answer,) = qbxml.parse(session.process(qbxml.build([{f"{name}Rq": content}], version="16.0")))
    return answer.status_code, answer.status_message


def test_what_another_has_open_is_not_changed(shop: Shop) -> None:
    invoice = shop.invoice()
    other = shop.company.session("another")
    assert other.lock("Invoice", invoice["TxnID"])
    assert not shop.session.lock("Invoice", invoice["TxnID"])
    answer = shop.change(invoice, Memo="mine")
    assert (answer.status_code, answer.status_message) == (
        3175,
        f"There was an error adding, modifying or deleting {invoice['TxnID']} because it is already in use.  "
        "QuickBooks error message: The transaction could not be locked.  It is in use by another user.",
    )
    assert shop.remove(invoice).status_code == 3175
    assert shop.void(invoice).status_code == 3175
    assert shop.now(invoice).get("Memo") is None  # reading is no matter
    mod = {"TxnID": invoice["TxnID"], "EditSequence": invoice["EditSequence"], "Memo": "theirs"}
    assert asked(other, "InvoiceMod", {"InvoiceMod": mod}) == (0, "Status OK")


def test_what_refers_to_it_waits_too(shop: Shop) -> None:
    ann = shop.one("CustomerQuery", {"FullName": ["Ann"]}).records[0]
    other = shop.company.session("another")
    other.lock("Customer", ann["ListID"])
    lines = [{"ItemRef": ref("Advice")}]
    for reference in (ref("ann"), {"ListID": ann["ListID"]}):
        answer = shop.try_txn("Invoice", CustomerRef=reference, InvoiceLineAdd=lines)
        assert answer.status_code == 3176
        assert answer.status_message.endswith("The application failed to acquire the lock.")
    shop.invoice("Bob")
    other.unlock("Customer", ann["ListID"])
    shop.invoice("Ann")


def test_a_session_that_ends_lets_go(shop: Shop) -> None:
    ann = shop.one("CustomerQuery", {"FullName": ["Ann"]}).records[0]
    other = shop.company.session("another")
    other.lock("Customer", ann["ListID"])
    other.close()
    assert shop.mod(ann, Phone="1").status_code == 0
    other = shop.company.session("another")
    other.lock("Customer", ann["ListID"])
    del other
    gc.collect()
    assert shop.session.lock("Customer", ann["ListID"])
