"""What other simulators of QuickBooks get wrong, one test to each mistake. This part is about lists and documents."""

from __future__ import annotations

import re
from typing import Any

import pytest

import qbxml
from qbsimulator import QuickBooksError
from qbxml import Schema, UseMacro
from tests.qbsimulator.helpers import Books, document, status

CUSTOMER = "<CustomerAddRq><CustomerAdd>{}</CustomerAdd></CustomerAddRq>"


def test_a_stale_edit_sequence_is_3200_and_the_record_as_it_is_now(books: Books) -> None:
    old = books.add("Customer", "A")
    books.time.pass_(60)
    now = books.modified(old, Phone="555-0100")
    answer = books.mod(old, Phone="555-0199")
    assert status(answer) == (3200, f'The provided edit sequence "{old["EditSequence"]}" is out-of-date. ')
    assert answer.records == [now]


def test_a_missing_target_is_3120_and_a_missing_answer_to_a_query_500(books: Books) -> None:
    ids = {"ListID": "8000FFFF-1700000000", "EditSequence": "1"}
    assert books.one("CustomerMod", {"CustomerMod": {**ids, "Phone": "1"}}).status_code == 3120
    assert books.one("ListDel", {"ListDelType": "Customer", "ListID": ids["ListID"]}).status_code == 3120
    assert books.one("CustomerQuery", {"ListID": [ids["ListID"]]}).status_code == 500


def test_3030_is_a_range_of_dates_the_wrong_way_round(books: Books) -> None:
    span = {"FromModifiedDate": "2023-12-31", "ToModifiedDate": "2023-01-01"}
    answer = books.one("CustomerQuery", span)
    assert status(answer) == (3030, "Invalid date range: From date is greater than To date.")


def test_a_missing_field_is_3150(books: Books) -> None:
    assert books.refused("Employee", {"Phone": "555-0100"})[0] == 3150


def test_an_unknown_value_of_an_enumeration_is_3110(books: Books) -> None:
    answer = books.raw(CUSTOMER.format("<Name>A</Name><JobStatus>Dreaming</JobStatus>"))
    assert b'statusCode="3110"' in answer


@pytest.mark.parametrize(
    "messages",
    [
        CUSTOMER.format("<Phone>1</Phone><Name>A</Name>"),
        CUSTOMER.format("<Name>A</Name><Mood>sunny</Mood>"),
        CUSTOMER.format("<Phone>1</Phone>"),
        "<CustomerPaintRq></CustomerPaintRq>",
        "<CustomerQueryRq><ListID>1-1</ListID><FullName>A</FullName></CustomerQueryRq>",
        "<AttachableQueryRq></AttachableQueryRq>",
    ],
    ids=["order", "element", "required", "request", "choice", "attachment"],
)
def test_what_is_no_qbxml_is_refused_with_its_whole_document(books: Books, messages: str) -> None:
    good = CUSTOMER.format("<Name>Before</Name>")
    with pytest.raises(QuickBooksError) as raised:
        books.session.process(document(good + messages))
    assert raised.value.hresult == "0x80040400"
    assert books.one("CustomerQuery").status_code == 1


def test_a_request_that_is_known_and_not_supported_is_1030(books: Books) -> None:
    assert books.one("WorkersCompCodeQuery").status_code == 1030


def test_a_name_that_is_not_there_is_a_warning_and_not_the_status_of_an_empty_list(books: Books) -> None:
    answer = books.one("CustomerQuery", {"FullName": ["Nobody"]})
    assert (answer.status_code, answer.status_severity, answer.records) == (500, "Warn", [])
    assert books.one("CustomerQuery").status_code == 1


def test_46_requests_have_iterators_and_the_others_none(books: Books) -> None:
    schema = Schema("13.0", "US")
    queries = [one for one in schema.records() if one.endswith("QueryRq")]
    assert sum("iterator" in schema.record(one).attributes for one in queries) == 46
    for name in ("Account", "Class", "Terms", "DataExtDef"):
        with pytest.raises(QuickBooksError):
            books.session.process(document(f'<{name}QueryRq iterator="Start"></{name}QueryRq>'))


def test_an_iterator_goes_through_all_pages_and_belongs_to_its_session(books: Books) -> None:
    for name in "abcde":
        books.add("Customer", name)
    answer = books.one("CustomerQuery", {"iterator": "Start", "MaxReturned": 2})
    names, left = [one["Name"] for one in answer.records], [answer.iterator_remaining_count]
    while answer.iterator_remaining_count:
        going_on = {"iterator": "Continue", "iteratorID": answer.iterator_id, "MaxReturned": 2}
        answer = books.one("CustomerQuery", going_on)
        names += [one["Name"] for one in answer.records]
        left.append(answer.iterator_remaining_count)
    assert (names, left) == (list("abcde"), [3, 1, 0])
    assert books.one("CustomerQuery", going_on).status_code == 3391
    start = books.one("CustomerQuery", {"iterator": "Start", "MaxReturned": 2})
    other = books.company.session()
    request = {"CustomerQueryRq": {"iterator": "Continue", "iteratorID": start.iterator_id, "MaxReturned": 2}}
    assert qbxml.parse(other.process(qbxml.build(request)))[0].status_code == 3391


def test_times_have_the_machines_offset_and_ids_a_counter_and_a_time(books: Books) -> None:
    answer = books.raw(CUSTOMER.format("<Name>A</Name>")).decode()
    assert re.search("<TimeCreated>2023-11-14T14:13:20-08:00</TimeCreated>", answer)
    assert "<ListID>80000001-1700000000</ListID>" in answer
    assert books.add("Vendor", "B")["ListID"] == "80000002-1700000000"


def test_side_effects_move_time_modified_and_not_the_edit_sequence(books: Books) -> None:
    customer = books.add("Customer", "A")
    field = {"OwnerID": "0", "DataExtName": "Colour", "DataExtType": "STR255TYPE", "AssignToObject": ["Customer"]}
    books.one("DataExtDefAdd", {"DataExtDefAdd": field})
    books.time.pass_(60)
    value: dict[str, Any] = {"OwnerID": "0", "DataExtName": "Colour", "ListDataExtType": "Customer"}
    value |= {"ListObjRef": {"FullName": "A"}, "DataExtValue": "red"}
    assert books.one("DataExtAdd", {"DataExtAdd": value}).status_code == 0
    after = books.again(customer)
    assert after["TimeModified"] > customer["TimeModified"]
    assert after["EditSequence"] == customer["EditSequence"]


def test_9001_is_a_message_set_that_comes_again_with_other_content(books: Books) -> None:
    first = {"CustomerAddRq": {"CustomerAdd": {"Name": "A"}}}
    other = {"CustomerAddRq": {"CustomerAdd": {"Name": "B"}}}
    assert books.ask(first, new_message_set_id="M1").message_set_status_code == 0
    again = books.ask(other, new_message_set_id="M1")
    assert (again.message_set_status_code, again.messages) == (9001, [])


def test_the_file_is_kept(books: Books) -> None:
    added = books.add("Customer", "A")
    books.reopen()
    assert books.again(added) == added


# -- what they leave out -----------------------------------------------------------------------------------------


def test_there_is_a_log_of_what_was_deleted(books: Books) -> None:
    added = books.add("Customer", "A")
    books.time.pass_(60)
    books.delete(added)
    (told,) = books.one("ListDeletedQuery", {"ListDelType": ["Customer"]}).records
    assert (told["ListID"], told["FullName"]) == (added["ListID"], "A")
    assert (told["TimeDeleted"] - told["TimeCreated"]).total_seconds() == 60


def test_elements_are_merged(books: Books) -> None:
    old, new = books.add("Vendor", "Old"), books.add("Vendor", "New")
    ends = {
        name: {"ListID": one["ListID"], "EditSequence": one["EditSequence"]}
        for name, one in (("MergeFrom", old), ("MergeTo", new))
    }
    assert books.one("ListMerge", {"ListMergeType": "Vendor", **ends}).status_code == 0
    assert books.names("Vendor") == ["New"]


def test_a_set_that_comes_again_is_not_run_again(books: Books) -> None:
    add = {"CustomerAddRq": {"CustomerAdd": {"Name": "A"}}}
    first = books.ask(add, new_message_set_id="M1")[0]
    again = books.ask(add, new_message_set_id="M1")[0]
    assert (again.status_code, again.records) == (0, [])
    recovered = again.error_recovery
    assert recovered is not None
    assert recovered["ListID"] == first.records[0]["ListID"]
    assert books.names("Customer") == ["A"]


def test_macros_are_known(books: Books) -> None:
    mod = {"ClearedStatusModRq": {"ClearedStatusMod": {"TxnID": UseMacro("TxnID:a"), "ClearedStatus": "Cleared"}}}
    assert 9100 <= books.ask(mod)[0].status_code < 9200


def test_custom_fields_have_definitions(books: Books) -> None:
    field = {"OwnerID": "0", "DataExtName": "Colour", "DataExtType": "STR255TYPE", "AssignToObject": ["Customer"]}
    assert books.one("DataExtDefAdd", {"DataExtDefAdd": field}).status_code == 0
    assert books.one("DataExtDefQuery", {"OwnerID": ["0"]}).records[0]["DataExtName"] == "Colour"


def test_meta_data_counts(books: Books) -> None:
    for name in "abc":
        books.add("Customer", name)
    answer = books.one("CustomerQuery", {"metaData": "MetaDataOnly"})
    assert (answer.ret_count, answer.records) == (3, [])


def test_include_ret_element_leaves_out_the_rest(books: Books) -> None:
    books.add("Customer", "A")
    (told,) = books.one("CustomerQuery", {"IncludeRetElement": ["EditSequence", "Name", "Nothing"]}).records
    assert list(told) == ["EditSequence", "Name"]


def test_preferences_decide_what_there_is(books: Books) -> None:
    books.company.configure(uses_classes=False)
    assert books.one("ClassAdd", {"ClassAdd": {"Name": "c"}}).status_code == 3250
