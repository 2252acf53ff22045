"""qbxml/modifying.py: from a record to the request that changes only what is asked."""

from __future__ import annotations

import copy
import pickle
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import qbxml
from qbxml import testing
from qbxml.checking import interleave
from qbxml.errors import InvalidRequest, UnknownName
from qbxml.model import Record
from qbxml.modifying import CannotModify, to_mod
from qbxml.requests import CustomerMod, InvoiceLineMod
from qbxml.schema import Schema

FIXTURES = Path(__file__).parents[2] / "fixtures" / "qbxml"
SCHEMA = Schema("13.0", "US")
#: A DataExtRet does not say whose it is: see data_extensions.
CHANGEABLE = [
    f"{name}Ret"
    for name, message in ((name.removesuffix("Mod"), message) for name, message in SCHEMA.messages.items())
    if message.name.endswith("Mod") and f"{name}Ret" in SCHEMA.record(message.response).fields and name != "DataExt"
]


def customer() -> Record:
    return qbxml.parse((FIXTURES / "CustomerQueryRs.xml").read_bytes()).records[0]


def invoice(**more: Any) -> Record:
    """An invoice of three lines and, between the first two, a group of two."""
    lines = [
        {"TxnLineID": "A", "Quantity": Decimal(1), "_at": 0},
        {"TxnLineID": "B", "_at": 2},
        {"TxnLineID": "C", "_at": 3},
    ]
    group = {"TxnLineID": "G", "InvoiceLineRet": [{"TxnLineID": "G1"}, {"TxnLineID": "G2"}], "_at": 1}
    fields = {"TxnID": "1-1", "EditSequence": "7", "InvoiceLineRet": lines, "InvoiceLineGroupRet": [group]}
    return Record("InvoiceRet", {**fields, **more})


def journal() -> Record:
    debits = [{"TxnLineID": "A", "_at": 0}, {"TxnLineID": "C", "_at": 2}]
    lines = {"JournalDebitLine": debits, "JournalCreditLine": [{"TxnLineID": "B", "_at": 1}]}
    return Record("JournalEntryRet", {"TxnID": "1-1", "EditSequence": "7", **lines})


def mod_of(ret: Record, changes: Any, **options: Any) -> dict[str, Any]:
    """The content of the ``...Mod``, which builds."""
    request, _ = to_mod(ret, changes, **options)
    qbxml.build(request)
    (content,) = request.values()
    (mod,) = content.values()
    found: dict[str, Any] = mod
    return found


def order(mod: dict[str, Any], *kinds: str) -> list[str]:
    """The lines as they stand in the document: their TxnLineID, with ``*`` where there is more."""
    lines = [line for _, _, line in interleave([(kind, mod[kind]) for kind in kinds if kind in mod])]
    return [line["TxnLineID"] + "*" * bool(line.keys() - {"TxnLineID", "_at", "JournalLineType"}) for line in lines]


def invoice_lines(changes: dict[str, Any]) -> list[str]:
    return order(mod_of(invoice(), changes), "InvoiceLineMod", "InvoiceLineGroupMod")


# -- fields -----------------------------------------------------------------------------------------------------


def test_only_the_identity_the_edit_sequence_and_the_changes_are_sent() -> None:
    ret = customer()
    request, not_carried = to_mod(ret, {"Phone": "555-0100", "Fax": None})
    mod = {"ListID": ret["ListID"], "EditSequence": ret["EditSequence"], "Phone": "555-0100", "Fax": None}
    assert request == {"CustomerModRq": {"CustomerMod": mod}}
    assert {"TimeCreated", "TimeModified", "Balance"} <= set(not_carried)
    assert not {"ListID", "EditSequence", "Name", "Phone", "IsActive"} & set(not_carried)
    assert b"<Fax></Fax>" in qbxml.build(request)


@pytest.mark.parametrize("name", CHANGEABLE)
def test_every_record_that_can_be_changed_makes_a_valid_request(name: str) -> None:
    ret = Record(name, testing.sample(name, "13.0", "US"))
    before = copy.deepcopy(ret)
    request, not_carried = to_mod(ret, {})
    qbxml.build(request)
    assert ret == before
    assert set(not_carried) <= set(ret)


@pytest.mark.parametrize("edition", ["US", "CA", "UK", "AU"])
def test_the_request_is_that_of_the_version_and_edition_asked_for(edition: str) -> None:
    ret = Record(
        "ItemServiceRet", {"ListID": "1-1", "EditSequence": "7", "BarCodeValue": "x", "ClassRef": {"ListID": "2-2"}}
    )
    for version in ("7.0", "13.0"):
        request, not_carried = to_mod(ret, {"Name": "Raking"}, version=version, edition=edition)
        qbxml.build(request, version=version, edition=edition)
        assert ("ClassRef" in not_carried) == (version == "7.0")


def test_what_the_mod_must_have_besides_is_carried_as_a_copy() -> None:
    ret = Record("TimeTrackingRet", testing.sample("TimeTrackingRet", "13.0", "US"))
    mod = mod_of(ret, {"Notes": "late"})
    assert list(mod) == ["TxnID", "EditSequence", "EntityRef", "Duration", "Notes"]
    assert mod["EntityRef"] == ret["EntityRef"]
    assert mod["EntityRef"] is not ret["EntityRef"]
    assert mod_of(ret, {"EntityRef": {"FullName": "Ada"}})["EntityRef"] == {"FullName": "Ada"}


def test_a_change_that_only_the_record_has_is_named_first_and_not_sent() -> None:
    request, not_carried = to_mod(customer(), {"Balance": 0, "Phone": "1"})
    assert not_carried[0] == "Balance"
    assert "Balance" not in request["CustomerModRq"]["CustomerMod"]


def test_changes_may_be_typed() -> None:
    ret = customer()
    typed = CustomerMod(ListID=ret["ListID"], EditSequence=ret["EditSequence"], Phone="555-0100")
    assert mod_of(ret, typed)["Phone"] == "555-0100"
    mod = mod_of(invoice(), {"InvoiceLineMod": [InvoiceLineMod(TxnLineID="A", Quantity=2)]})
    assert mod["InvoiceLineMod"][0] == {"TxnLineID": "A", "Quantity": 2, "_at": 0}


def test_a_dict_is_changed_if_it_is_named() -> None:
    mod = mod_of(dict(customer()), {"Phone": "1"}, name="CustomerRet")  # type: ignore[arg-type]
    assert mod["Phone"] == "1"
    with pytest.raises(CannotModify, match="does not say what it is"):
        to_mod(dict(customer()), {})


def test_a_change_that_nothing_has_is_refused_with_similar_names() -> None:
    with pytest.raises(UnknownName) as caught:
        to_mod(customer(), {"Phnoe": "1"})
    assert "Phone" in caught.value.near
    with pytest.raises(UnknownName, match="did you mean InvoiceLineMod"):
        to_mod(invoice(), {"InvoiceLineRet": []})
    with pytest.raises(UnknownName, match="it exists in qbXML"):
        to_mod(customer(), {"AdditionalNotesMod": []}, version="6.0")
    with pytest.raises(UnknownName, match="_delete"):
        to_mod(customer(), {"_delete": True})


def test_another_identity_is_refused() -> None:
    ret = customer()
    assert mod_of(ret, {"ListID": ret["ListID"], "EditSequence": "8"})["EditSequence"] == "8"
    with pytest.raises(CannotModify, match="ListID says which record it is"):
        to_mod(ret, {"ListID": "1-1"})


@pytest.mark.parametrize("missing", ["ListID", "EditSequence"])
def test_a_record_read_in_part_is_refused_with_advice(missing: str) -> None:
    ret = customer()
    del ret[missing]
    with pytest.raises(CannotModify, match=f"CustomerRet: it has no {missing}") as caught:
        to_mod(ret, {})
    assert "IncludeRetElement" in caught.value.advice


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("BillPaymentCreditCardRet", "nor has any other version"),
        ("LeadRet", "qbXML 3.0 .US. has no LeadMod; qbXML .* has it"),
    ],
)
def test_a_record_that_can_not_be_changed_is_refused_clearly(name: str, said: str) -> None:
    with pytest.raises(CannotModify, match=said):
        to_mod(Record(name, {}), {}, version="3.0")


def test_an_unknown_record_is_refused_with_similar_names() -> None:
    for name in ("CustmerRet", "CustomerMod"):
        with pytest.raises(UnknownName) as caught:
            to_mod(Record(name, {}), {})
        assert "CustomerRet" in caught.value.near or name == "CustomerMod"


def test_changes_that_are_no_dict_are_refused() -> None:
    with pytest.raises(CannotModify, match="the changes are a list"):
        to_mod(customer(), [1])
    with pytest.raises(CannotModify, match=r"InvoiceLineMod\[0\] is a int"):
        to_mod(invoice(), {"InvoiceLineMod": [1]})


def test_the_error_can_be_pickled() -> None:
    error = CannotModify("CustomerRet", "why", "what to do")
    again = pickle.loads(pickle.dumps(error))
    assert (str(again), again.name, again.reason, again.advice) == (
        "CustomerRet: why",
        "CustomerRet",
        "why",
        "what to do",
    )


def test_a_custom_field_alone_does_not_say_whose_it_is() -> None:
    ret = Record("DataExtRet", testing.sample("DataExtRet", "13.0", "US"))
    request, _ = to_mod(ret, {"DataExtValue": "red"})
    with pytest.raises(InvalidRequest, match="alternatives is missing"):
        qbxml.build(request)
    qbxml.build(to_mod(ret, {"OtherDataExtType": "Company"})[0])


# -- lines ------------------------------------------------------------------------------------------------------


def test_lines_that_do_not_change_are_left_out() -> None:
    assert mod_of(invoice(), {"Memo": "x"}) == {"TxnID": "1-1", "EditSequence": "7", "Memo": "x"}


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"InvoiceLineMod": [{"TxnLineID": "B", "Quantity": 2}]}, ["A", "G", "B*", "C"]),
        ({"InvoiceLineMod": {"TxnLineID": "B", "Quantity": 2}}, ["A", "G", "B*", "C"]),
        ({"InvoiceLineMod": [{"TxnLineID": "C", "Desc": None}, {"TxnLineID": "A", "Rate": 1}]}, ["A*", "G", "B", "C*"]),
        ({"InvoiceLineMod": [{"TxnLineID": "B", "_delete": True}]}, ["A", "G", "C"]),
        ({"InvoiceLineMod": [{"TxnLineID": "B", "_delete": False, "Desc": "x"}]}, ["A", "G", "B*", "C"]),
        ({"InvoiceLineMod": [{"Desc": "new"}]}, ["A", "G", "B", "C", "-1*"]),
        ({"InvoiceLineMod": [{"TxnLineID": "-1", "Desc": "new", "_after": "A"}]}, ["A", "-1*", "G", "B", "C"]),
        ({"InvoiceLineMod": [{"Desc": "new", "_after": None}]}, ["-1*", "A", "G", "B", "C"]),
        ({"InvoiceLineGroupMod": [{"TxnLineID": "G", "_delete": True}]}, ["A", "B", "C"]),
        ({"InvoiceLineGroupMod": [{"ItemGroupRef": {"FullName": "Set"}}]}, ["A", "G", "B", "C", "-1*"]),
        ({"InvoiceLineGroupMod": [{"TxnLineID": "G", "Quantity": 2}]}, ["A", "G*", "B", "C"]),
        ({"InvoiceLineMod": []}, ["A", "G", "B", "C"]),
        ({"InvoiceLineMod": None}, ["A", "G", "B", "C"]),
    ],
)
def test_if_a_line_changes_all_are_listed_in_the_order_of_the_document(
    changes: dict[str, Any], expected: list[str]
) -> None:
    assert invoice_lines(changes) == expected


def test_several_new_lines_behind_the_same_line_keep_their_order() -> None:
    new = [{"Desc": "1", "_after": "B"}, {"Desc": "2"}, {"Desc": "3", "_after": "B"}, {"Desc": "4"}]
    mod = mod_of(invoice(), {"InvoiceLineMod": new})
    lines = interleave([(kind, mod[kind]) for kind in ("InvoiceLineMod", "InvoiceLineGroupMod")])
    assert [line.get("Desc", line["TxnLineID"]) for _, _, line in lines] == ["A", "G", "B", "1", "3", "C", "2", "4"]
    assert not any("_after" in line or "_delete" in line for _, _, line in lines)


def test_the_members_of_a_group_are_named_only_if_one_of_them_changes() -> None:
    members = [{"TxnLineID": "G2", "Quantity": 5}, {"Desc": "new"}]
    mod = mod_of(invoice(), {"InvoiceLineGroupMod": [{"TxnLineID": "G", "InvoiceLineMod": members}]})
    (group,) = mod["InvoiceLineGroupMod"]
    assert order(group, "InvoiceLineMod") == ["G1", "G2*", "-1*"]


def test_a_member_addressed_outside_its_group_is_refused_with_the_group() -> None:
    with pytest.raises(CannotModify, match="it is a line of the group 'G'"):
        to_mod(invoice(), {"InvoiceLineMod": [{"TxnLineID": "G1", "Quantity": 5}]})


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"InvoiceLineMod": [{"TxnLineID": "X"}]}, r"InvoiceLineMod\[0\]: there is no line 'X' here$"),
        ({"InvoiceLineMod": [{"TxnLineID": 7}]}, "there is no line 7"),
        ({"InvoiceLineMod": [{"_delete": True}]}, "there is no line None"),
        ({"InvoiceLineMod": [{"TxnLineID": "G"}]}, "the line 'G' is no InvoiceLineMod but InvoiceLineGroupMod"),
        ({"InvoiceLineMod": [{"TxnLineID": "A"}, {"TxnLineID": "A"}]}, "the line 'A' is changed twice"),
        ({"InvoiceLineMod": [{"Desc": "x", "_after": "X"}]}, "no line 'X' for a new one to stand behind"),
        (
            {
                "InvoiceLineMod": [{"TxnLineID": name, "_delete": True} for name in "ABC"],
                "InvoiceLineGroupMod": [{"TxnLineID": "G", "_delete": True}],
            },
            "leaves no line",
        ),
    ],
)
def test_lines_that_can_not_be_changed_so_are_refused(changes: dict[str, Any], said: str) -> None:
    with pytest.raises(CannotModify, match=said):
        to_mod(invoice(), changes)


def test_an_unknown_field_of_a_line_is_refused_and_a_read_only_one_named() -> None:
    with pytest.raises(UnknownName) as caught:
        to_mod(invoice(), {"InvoiceLineMod": [{"TxnLineID": "A", "Quantty": 1}]})
    assert "Quantity" in caught.value.near
    changes = {"InvoiceLineMod": [{"Desc": "x"}, {"TxnLineID": "A", "DataExtRet": []}]}
    assert to_mod(invoice(), changes)[1][0] == "InvoiceLineMod[1].DataExtRet"
    changes = {"InvoiceLineGroupMod": [{"TxnLineID": "G", "InvoiceLineMod": [{"TxnLineID": "G1", "DataExtRet": []}]}]}
    assert to_mod(invoice(), changes)[1][0] == "InvoiceLineGroupMod[0].InvoiceLineMod[0].DataExtRet"


def test_lines_of_a_transaction_read_without_them_are_not_guessed() -> None:
    ret = Record("InvoiceRet", {"TxnID": "1-1", "EditSequence": "7"})
    with pytest.raises(CannotModify, match="read without its lines") as caught:
        to_mod(ret, {"InvoiceLineMod": [{"Desc": "new"}]})
    assert "IncludeLineItems" in caught.value.advice
    with pytest.raises(CannotModify, match=r"InvoiceLineRet\[0\] has no TxnLineID"):
        to_mod(invoice(InvoiceLineRet=[{"Desc": "x"}]), {"InvoiceLineMod": []})


def bill(**more: Any) -> Record:
    expenses = [{"TxnLineID": "E1"}, {"TxnLineID": "E2"}]
    fields = {"TxnID": "1-1", "EditSequence": "7", "ExpenseLineRet": expenses, "ItemLineRet": [{"TxnLineID": "I1"}]}
    return Record("BillRet", {**fields, **more})


def test_expense_and_item_lines_of_a_bill_are_two_lists() -> None:
    mod = mod_of(bill(), {"ExpenseLineMod": [{"TxnLineID": "E2", "Amount": 5}]})
    assert order(mod, "ExpenseLineMod") == ["E1", "E2*"]
    assert "ItemLineMod" not in mod
    group = {"TxnLineID": "G1", "_at": 0}
    both = bill(ItemLineRet=[{"TxnLineID": "I1", "_at": 1}], ItemGroupLineRet=[group])
    mod = mod_of(both, {"ItemLineMod": [{"Quantity": 1, "_after": None}]})
    assert order(mod, "ItemLineMod", "ItemGroupLineMod") == ["-1*", "G1", "I1"]


def test_deleting_the_last_line_of_a_list_that_can_be_empty_clears_it() -> None:
    mod = mod_of(bill(), {"ItemLineMod": [{"TxnLineID": "I1", "_delete": True}]})
    assert mod == {"TxnID": "1-1", "EditSequence": "7", "ClearItemLines": True}
    mod = mod_of(bill(), {"ExpenseLineMod": [{"TxnLineID": name, "_delete": True} for name in ("E1", "E2")]})
    assert mod["ClearExpenseLines"] is True
    mod = mod_of(bill(ItemLineRet=[]), {"ItemLineMod": [{"Quantity": 1}]})
    assert order(mod, "ItemLineMod") == ["-1*"]


def test_a_journal_entry_always_lists_its_lines_and_which_of_both_they_are() -> None:
    mod = mod_of(journal(), {"TxnDate": "2024-01-31"})
    assert mod["JournalLineMod"] == [
        {"TxnLineID": "A", "JournalLineType": "Debit"},
        {"TxnLineID": "B", "JournalLineType": "Credit"},
        {"TxnLineID": "C", "JournalLineType": "Debit"},
    ]
    changes = [{"TxnLineID": "B", "Amount": 5}, {"TxnLineID": "C", "JournalLineType": "Credit"}]
    new = {"JournalLineType": "Debit", "Amount": 1}
    mod = mod_of(journal(), {"JournalLineMod": [*changes, new]})
    assert mod["JournalLineMod"][1:] == [
        {"TxnLineID": "B", "JournalLineType": "Credit", "Amount": 5},
        {"TxnLineID": "C", "JournalLineType": "Credit"},
        {"TxnLineID": "-1", "JournalLineType": "Debit", "Amount": 1},
    ]
    with pytest.raises(CannotModify, match="read without its lines"):
        to_mod(Record("JournalEntryRet", {"TxnID": "1-1", "EditSequence": "7"}), {})


def test_lists_without_line_ids_are_sent_as_given() -> None:
    ret = Record("ReceivePaymentRet", {"TxnID": "1-1", "EditSequence": "7", "AppliedToTxnRet": [{"TxnID": "2-2"}]})
    applied = [{"TxnID": "3-3", "PaymentAmount": 5}]
    assert mod_of(ret, {"AppliedToTxnMod": applied})["AppliedToTxnMod"] == applied


@given(st.data())
def test_whatever_changes_the_kept_lines_stand_in_their_order_and_none_is_lost(data: st.DataObject) -> None:
    ids = [f"L{number}" for number in range(data.draw(st.integers(1, 8)))]
    kinds = {line_id: data.draw(st.sampled_from(["InvoiceLine", "InvoiceLineGroup"])) for line_id in ids}
    fields: dict[str, Any] = {"TxnID": "1-1", "EditSequence": "7"}
    for place, (line_id, kind) in enumerate(kinds.items()):
        line = {"TxnLineID": line_id, "_at": place}
        if kind == "InvoiceLineGroup":
            line |= {"ItemGroupRef": {}, "IsPrintItemsInGroup": True, "TotalAmount": Decimal(0)}
        fields.setdefault(f"{kind}Ret", []).append(line)
    changed = data.draw(st.lists(st.sampled_from(ids), unique=True))
    deleted = set(data.draw(st.lists(st.sampled_from(ids[1:]), unique=True))) - set(changed) if ids[1:] else set()
    changes: dict[str, Any] = {"InvoiceLineMod": [{"Desc": "new"}]}
    for line_id in data.draw(st.permutations([*changed, *sorted(deleted)])):
        change = {"_delete": True} if line_id in deleted else {"Quantity": 2}
        changes.setdefault(f"{kinds[line_id]}Mod", []).append({"TxnLineID": line_id, **change})
    mod = mod_of(Record("InvoiceRet", fields), changes)
    expected = [line_id + "*" * (line_id in changed) for line_id in ids if line_id not in deleted]
    assert order(mod, "InvoiceLineMod", "InvoiceLineGroupMod") == [*expected, "-1*"]
    again = qbxml.parse_request(qbxml.build({"InvoiceModRq": {"InvoiceMod": mod}}))[0].content["InvoiceMod"]
    assert order(again, "InvoiceLineMod", "InvoiceLineGroupMod") == [*expected, "-1*"]
