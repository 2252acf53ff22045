"""Macros by themselves: what they stand for, and which of them are refused."""

from __future__ import annotations

from typing import Any

import pytest

from qbsimulator.answers import Answer
from qbsimulator.errors import RequestError
from qbsimulator.macros import DEFINED_TWICE, ITS_REQUEST_FAILED, MALFORMED, UNDEFINED, Macros
from qbxml import UseMacro
from tests.qbsimulator.helpers import Books

ADD: dict[str, Any] = {
    "InvoiceAdd": {
        "defMacro": "TxnID:invoice",
        "InvoiceLineAdd": [{"Desc": "one"}, {"defMacro": "TxnLineID:second", "Desc": "two"}],
    }
}
RECORD = {"TxnID": "5-17", "InvoiceLineRet": [{"TxnLineID": "7-17"}, {"TxnLineID": "8-17"}]}


def using(name: str) -> dict[str, Any]:
    return {"ReceivePaymentAdd": {"AppliedToTxnAdd": [{"TxnID": UseMacro(name), "PaymentAmount": "1.00"}]}}


def used(macros: Macros, name: str) -> str:
    id_ = macros.resolved(using(name))["ReceivePaymentAdd"]["AppliedToTxnAdd"][0]["TxnID"]
    assert isinstance(id_, str)
    return id_


def refused(macros: Macros, content: dict[str, Any]) -> int:
    with pytest.raises(RequestError) as raised:
        macros.resolved(content)
    return raised.value.code


def defined(record: dict[str, Any] = RECORD, code: int = 0) -> Macros:
    macros = Macros()
    macros.resolved(ADD)
    macros.define(ADD, Answer(code, content=[("InvoiceRet", record)]))
    return macros


def test_a_macro_stands_for_the_id_that_its_name_begins_with() -> None:
    assert used(defined(), "TxnID:invoice") == "5-17"


def test_a_line_has_a_macro_of_its_own() -> None:
    assert used(defined(), "TxnLineID:second") == "8-17"


def test_lines_that_came_from_elsewhere_stand_first() -> None:
    copied = {**RECORD, "InvoiceLineRet": [{"TxnLineID": "6-17"}, *RECORD["InvoiceLineRet"]]}
    assert used(defined(copied), "TxnLineID:second") == "8-17"


def test_what_is_no_macro_stays_as_it_is() -> None:
    content = {"InvoiceMod": {"TxnID": "5-17", "InvoiceLineMod": [{"TxnLineID": "-1", "Quantity": 2}]}}
    assert Macros().resolved(content) == content


def test_an_undefined_macro_is_refused() -> None:
    assert refused(defined(), using("TxnID:other")) == UNDEFINED


def test_a_macro_of_another_kind_of_id_is_another_macro() -> None:
    assert refused(defined(), using("TxnLineID:invoice")) == UNDEFINED


def test_a_macro_can_be_defined_once() -> None:
    assert refused(defined(), ADD) == DEFINED_TWICE


def test_nor_twice_in_one_request() -> None:
    twice = {"InvoiceAdd": {"defMacro": "TxnID:a", "InvoiceLineAdd": [{"defMacro": "TxnID:a"}]}}
    assert refused(Macros(), twice) == DEFINED_TWICE


def test_a_macro_whose_request_failed_stands_for_nothing() -> None:
    assert refused(defined(code=3140), using("TxnID:invoice")) == ITS_REQUEST_FAILED


def test_a_macro_of_a_record_without_that_id_stands_for_nothing() -> None:
    assert refused(defined({"CustomerRef": {}}), using("TxnID:invoice")) == ITS_REQUEST_FAILED


@pytest.mark.parametrize("name", ["", "invoice", "TxnID:", ":invoice"])
def test_a_name_has_two_parts(name: str) -> None:
    assert refused(Macros(), using(name)) == MALFORMED
    assert refused(Macros(), {"InvoiceAdd": {"defMacro": name}}) == MALFORMED


def test_a_message_set_knows_only_its_own_macros(books: Books) -> None:
    mod = {"ClearedStatusModRq": {"ClearedStatusMod": {"TxnID": UseMacro("TxnID:a"), "ClearedStatus": "Cleared"}}}
    answer = books.ask(mod)[0]
    assert (answer.status_code, answer.status_message) == (UNDEFINED, 'The macro "TxnID:a" is not defined.')
