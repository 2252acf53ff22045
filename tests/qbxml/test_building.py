"""What ``build`` writes, and what it refuses."""

from __future__ import annotations

import enum
from collections import defaultdict
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from lxml import etree

import qbxml
from qbxml import requests as rq


def problems(requests: Any, **options: Any) -> list[qbxml.Problem]:
    with pytest.raises(qbxml.InvalidRequest) as caught:
        qbxml.build(requests, **options)
    found: list[qbxml.Problem] = caught.value.problems
    return found


def leaf(value: Any, **options: Any) -> str:
    """The memo of a check, as it is written."""
    data = qbxml.build({"CheckAddRq": {"CheckAdd": {"AccountRef": {"ListID": "1"}, "Memo": value}}}, **options)
    start, end = data.index(b"<Memo>") + 6, data.index(b"</Memo>")
    return data[start:end].decode("ascii")


def test_a_document_starts_at_byte_0_with_declaration_and_version() -> None:
    data = qbxml.build({"CustomerQueryRq": {}}, version="10.0")
    assert data.startswith(b'<?xml version="1.0" encoding="utf-8"?>\n<?qbxml version="10.0"?>\n<QBXML>')


def test_records_of_other_shapes_than_the_first_are_written_as_well() -> None:
    """What writes a record is made for the first that comes; the next may look different, deep inside, too."""
    first = {"ItemRef": {"ListID": "1"}, "Desc": "a", "Amount": Decimal("1.00")}
    others: list[Any] = [
        {"ItemRef": {"FullName": "R & D"}, "Desc": "b", "Amount": Decimal("2.00")},
        {"ItemRef": {"ListID": "1", "FullName": "<é>"}, "Quantity": 2},
        {"ItemRef": rq.ItemRef(ListID="2"), "Desc": "c & d", "Amount": 3},
        {"Desc": "text"},
        defaultdict(str, {"ItemRef": defaultdict(str, FullName="x"), "Desc": "d", "Quantity": "1"}),
    ]
    lines = [first, first, *others, first]
    invoices = [
        {"InvoiceAddRq": {"InvoiceAdd": {"CustomerRef": ref, "InvoiceLineAdd": lines[start:]}}}
        for start, ref in enumerate([{"ListID": "9"}, {"FullName": "A & B"}, {"FullName": "C", "ListID": "8"}])
    ]
    text = qbxml.build(invoices).decode()
    refs = ["<ListID>9</ListID>", "<FullName>A &amp; B</FullName>", "<ListID>8</ListID><FullName>C</FullName>"]
    inner = [
        "<ItemRef><ListID>1</ListID></ItemRef><Desc>a</Desc><Amount>1.00</Amount>",
        "<ItemRef><ListID>1</ListID></ItemRef><Desc>a</Desc><Amount>1.00</Amount>",
        "<ItemRef><FullName>R &amp; D</FullName></ItemRef><Desc>b</Desc><Amount>2.00</Amount>",
        "<ItemRef><ListID>1</ListID><FullName>&lt;&#233;&gt;</FullName></ItemRef><Quantity>2</Quantity>",
        "<ItemRef><ListID>2</ListID></ItemRef><Desc>c &amp; d</Desc><Amount>3.00</Amount>",
        "<Desc>text</Desc>",
        "<ItemRef><FullName>x</FullName></ItemRef><Desc>d</Desc><Quantity>1</Quantity>",
        "<ItemRef><ListID>1</ListID></ItemRef><Desc>a</Desc><Amount>1.00</Amount>",
    ]
    for start, ref in enumerate(refs):
        body = "".join(f"<InvoiceLineAdd>{line}</InvoiceLineAdd>" for line in inner[start:])
        assert f"<InvoiceAdd><CustomerRef>{ref}</CustomerRef>{body}</InvoiceAdd>" in text


def test_keys_may_come_in_any_order() -> None:
    one = {"CustomerAddRq": {"CustomerAdd": {"Phone": "1", "Name": "A", "BillAddress": {"City": "B", "Addr1": "C"}}}}
    two = {"CustomerAddRq": {"CustomerAdd": {"Name": "A", "BillAddress": {"Addr1": "C", "City": "B"}, "Phone": "1"}}}
    assert qbxml.build(one) == qbxml.build(two)


def test_requests_of_several_kinds_keep_their_order() -> None:
    data = qbxml.build([{"VendorQueryRq": {}}, rq.CustomerQueryRq(), {"AccountQueryRq": {}}])
    assert [one.name for one in qbxml.parse_request(data)] == ["VendorQueryRq", "CustomerQueryRq", "AccountQueryRq"]


def test_missing_request_ids_are_given_and_unique() -> None:
    data = qbxml.build([{"VendorQueryRq": {}}, {"VendorQueryRq": {"requestID": "1"}}, rq.VendorQueryRq()])
    ids = [one.request_id for one in qbxml.parse_request(data)]
    assert ids[1] == "1"
    assert len(set(ids)) == 3


def test_a_request_id_given_twice_is_refused() -> None:
    found = problems([{"VendorQueryRq": {"requestID": "7"}}, {"AccountQueryRq": {"requestID": "7"}}])
    assert [one.path for one in found] == ["AccountQueryRq@requestID"]


@pytest.mark.parametrize(("name", "most"), [("requestID", 50), ("newMessageSetID", 24)])
def test_ids_that_quickbooks_would_refuse_are_refused(name: str, most: int) -> None:
    if name == "requestID":
        assert qbxml.build({"VendorQueryRq": {"requestID": "x" * most}})
        found = problems({"VendorQueryRq": {"requestID": "x" * (most + 1)}})
    else:
        assert qbxml.build({"VendorQueryRq": {}}, new_message_set_id="x" * most)
        found = problems({"VendorQueryRq": {}}, new_message_set_id="x" * (most + 1))
    assert [one.kind for one in found] == ["length"]


def test_the_message_set_says_what_was_asked_of_it() -> None:
    data = qbxml.build(
        {"CustomerQueryRq": {}},
        on_error="continueOnError",
        response_data="includeNone",
        new_message_set_id="B",
        old_message_set_id="A",
    )
    read = qbxml.parse_request(data)
    assert (read.on_error, read.response_data) == ("continueOnError", "includeNone")
    assert (read.new_message_set_id, read.old_message_set_id) == ("B", "A")


def test_an_unknown_on_error_is_refused() -> None:
    assert [one.kind for one in problems({"CustomerQueryRq": {}}, on_error="ignore")] == ["enum"]


def test_nothing_to_send_is_refused() -> None:
    assert problems([])[0].kind == "structure"
    assert problems("CustomerQueryRq")[0].kind == "structure"
    assert problems(7)[0].kind == "structure"


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (Decimal("100.00"), "100.00"),
        (Decimal("5"), "5.00"),
        (Decimal("1E+2"), "100.00"),
        (Decimal("5.500"), "5.50"),
        (Decimal("-0.5"), "-0.50"),
        (7, "7.00"),
        ("7.5", "7.50"),
        (0.1, "0.10"),
    ],
)
def test_amounts_are_padded_to_two_decimals(value: object, written: str) -> None:
    data = qbxml.build({"TransferAddRq": {"TransferAdd": _transfer(value)}})
    assert f"<Amount>{written}</Amount>".encode() in data


@pytest.mark.parametrize(
    "value",
    [Decimal("0.005"), 0.1 + 0.2, True, "1,000.00", "abc", Decimal("NaN"), float("inf"), 10**13, b"1", object()],
)
def test_amounts_are_never_rounded_or_guessed(value: object) -> None:
    found = problems({"TransferAddRq": {"TransferAdd": _transfer(value)}})
    assert [(one.path, one.kind) for one in found] == [("TransferAddRq.TransferAdd.Amount", "value")]


def _transfer(amount: object) -> dict[str, object]:
    return {
        "TransferFromAccountRef": {"FullName": "Checking"},
        "TransferToAccountRef": {"FullName": "Savings"},
        "Amount": amount,
    }


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (date(2024, 2, 3), "2024-02-03"),
        (datetime(2024, 2, 3, 4, 5, 6), "2024-02-03T04:05:06"),
        (datetime(2024, 2, 3, 4, 5, 6, tzinfo=timezone(timedelta(hours=-8))), "2024-02-03T04:05:06-08:00"),
        (datetime(2024, 2, 3, 4, 5, 6, tzinfo=UTC), "2024-02-03T04:05:06+00:00"),
        ("2024-2-3", "2024-2-3"),
    ],
)
def test_times_keep_the_offset_they_have(value: object, written: str) -> None:
    data = qbxml.build({"CustomerQueryRq": {"FromModifiedDate": value}})
    assert f"<FromModifiedDate>{written}</FromModifiedDate>".encode() in data


def test_fractions_of_a_second_are_refused_not_cut() -> None:
    found = problems({"CustomerQueryRq": {"FromModifiedDate": datetime(2024, 2, 3, 4, 5, 6, 7)}})
    assert "microsecond=0" in found[0].message


def test_a_guid_may_be_a_uuid() -> None:
    data = qbxml.build({"CustomerQueryRq": {"OwnerID": [UUID("57f3b9b1-86f1-4fcc-b1ee-566de1813d20"), "0"]}})
    assert b"<OwnerID>{57f3b9b1-86f1-4fcc-b1ee-566de1813d20}</OwnerID><OwnerID>0</OwnerID>" in data


@pytest.mark.parametrize("empty", ["", None])
def test_an_empty_value_clears_the_field(empty: object) -> None:
    mod = {"ListID": "1", "EditSequence": "2", "Phone": empty, "CreditLimit": empty, "BillAddress": empty}
    data = qbxml.build({"CustomerModRq": {"CustomerMod": mod}})
    for name in (b"Phone", b"CreditLimit", b"BillAddress"):
        assert b"<%s></%s>" % (name, name) in data


def test_what_cant_be_empty_is_refused_empty() -> None:
    found = problems({"CustomerQueryRq": {"MaxReturned": None, "OwnerID": [""]}})
    assert [one.path for one in found] == ["CustomerQueryRq.MaxReturned", "CustomerQueryRq.OwnerID[0]"]


def test_every_problem_of_every_request_is_named_at_once() -> None:
    found = problems(
        [
            {"CustomerAddRq": {"CustomerAdd": {"Nam": "x", "Phone": "1" * 22, "JobStatus": "Awarded!"}}},
            {"InvoiceAddRq": {"InvoiceAdd": {"InvoiceLineAdd": [{"Quantity": "x"}, {"Rate": 1, "RatePercent": 2}]}}},
            {"CustomerQueryR": {}},
        ]
    )
    assert [(one.path, one.kind) for one in found] == [
        ("CustomerAddRq[0].CustomerAdd.Nam", "structure"),
        ("CustomerAddRq[0].CustomerAdd.Name", "structure"),
        ("CustomerAddRq[0].CustomerAdd.Phone", "length"),
        ("CustomerAddRq[0].CustomerAdd.JobStatus", "enum"),
        ("InvoiceAddRq[1].InvoiceAdd.CustomerRef", "structure"),
        ("InvoiceAddRq[1].InvoiceAdd.InvoiceLineAdd[0].Quantity", "value"),
        ("InvoiceAddRq[1].InvoiceAdd.InvoiceLineAdd[1].RatePercent", "structure"),
        ("CustomerQueryR[2]", "structure"),
    ]
    assert found[0].near == ("Name",)
    assert found[3].near[0] == "Awarded"
    assert found[7].near[0] == "CustomerQueryRq"


def test_an_element_of_a_later_version_names_that_version() -> None:
    found = problems({"CustomerAddRq": {"CustomerAdd": {"Name": "x", "JobTitle": "y"}}}, version="11.0")
    assert (found[0].kind, found[0].allowed_in) == ("edition", "qbXML 12.0 and later")


def test_a_message_of_a_later_version_names_that_version() -> None:
    found = problems({"TransferQueryRq": {}}, version="10.0")
    assert (found[0].kind, found[0].allowed_in) == ("edition", "qbXML 12.0 and later")


def test_lengths_are_those_of_the_edition() -> None:
    add = {"SalesTaxCodeAddRq": {"SalesTaxCodeAdd": {"Name": "ABCDEF", "IsTaxable": True}}}
    assert [one.kind for one in problems(add, edition="US")] == ["length"]
    assert qbxml.build(add, edition="AU")


def test_truncating_shortens_and_reports() -> None:
    notes: list[qbxml.Problem] = []
    data = qbxml.build({"CustomerAddRq": {"CustomerAdd": {"Name": "x" * 50}}}, truncate=True, report=notes.append)
    assert b"<Name>" + b"x" * 41 + b"</Name>" in data
    assert [(one.path, one.kind) for one in notes] == [("CustomerAddRq.CustomerAdd.Name", "length")]


def test_the_output_is_ascii_with_numeric_references() -> None:
    assert leaf("Zürich ½ \x85") == "Z&#252;rich &#189; &#133;"
    assert leaf("a < b & c > d \"e\" 'f'") == "a &lt; b &amp; c &gt; d \"e\" 'f'"
    assert leaf("one\ntwo\tthree\rfour") == "one\ntwo\tthree&#13;four"


def test_characters_beyond_latin_1_are_refused_with_what_would_be_sent() -> None:
    found = problems({"CheckAddRq": {"CheckAdd": {"AccountRef": {"ListID": "1"}, "Memo": "Annie’s"}}})
    assert found[0].kind == "character"
    assert "U+2019" in found[0].message
    assert '"\'"' in found[0].message


@pytest.mark.parametrize(
    ("policy", "written"),
    [
        ("transliterate", "Annie's Zloty - 5 EUR ??"),
        ("replace", "Annie?s Z?oty ? 5 ? ??"),
        ("reference", "Annie&#8217;s Z&#322;oty &#8211; 5 &#8364; &#26085;&#26412;"),
    ],
)
def test_characters_beyond_latin_1_follow_the_policy(policy: str, written: str) -> None:
    assert leaf("Annie’s Złoty – 5 € 日本", characters=policy) == written


def test_what_xml_forbids_is_refused_or_removed() -> None:
    for policy in ("refuse", "reference"):
        found = problems(
            {"CheckAddRq": {"CheckAdd": {"AccountRef": {"ListID": "1"}, "Memo": "a\x00b"}}}, characters=policy
        )
        assert found[0].kind == "character"
    assert leaf("a\x00b\ud800c", characters="transliterate") == "abc"
    assert leaf("a\x00b\ufffec", characters="replace") == "abc"


def test_an_unknown_policy_is_refused_by_name() -> None:
    with pytest.raises(qbxml.QbxmlError, match="transliterate"):
        qbxml.build({"CustomerQueryRq": {}}, characters="drop")


def test_lines_of_several_kinds_keep_their_places() -> None:
    group = {"ItemGroupRef": {"FullName": "Kit"}, "_at": 1}
    lines = [{"Desc": "first", "_at": 0}, {"Desc": "third", "_at": 2}, {"Desc": "fourth"}]
    add = {"CustomerRef": {"ListID": "1"}, "InvoiceLineAdd": lines, "InvoiceLineGroupAdd": [group]}
    root = etree.fromstring(qbxml.build({"InvoiceAddRq": {"InvoiceAdd": add}}))
    kinds = [node.tag for node in root.iter("InvoiceLineAdd", "InvoiceLineGroupAdd")]
    assert kinds == ["InvoiceLineAdd", "InvoiceLineGroupAdd", "InvoiceLineAdd", "InvoiceLineAdd"]


def test_typed_lines_keep_their_places_as_dicts_do() -> None:
    typed = rq.InvoiceAddRq(
        InvoiceAdd=rq.InvoiceAdd(
            CustomerRef=rq.CustomerRef(ListID="1"),
            InvoiceLineAdd=[rq.InvoiceLineAdd(Desc="b", _at=1)],
            InvoiceLineGroupAdd=[rq.InvoiceLineGroupAdd(ItemGroupRef=rq.ItemGroupRef(ListID="2"), _at=0)],
        )
    )
    data = qbxml.build(typed)
    assert data.index(b"InvoiceLineGroupAdd") < data.index(b"InvoiceLineAdd>")
    assert data == qbxml.build({"InvoiceAddRq": typed.to_dict()})


def test_a_typed_record_of_another_kind_is_refused() -> None:
    wrong: Any = rq.VendorRef(ListID="1")
    found = problems(rq.InvoiceAddRq(InvoiceAdd=rq.InvoiceAdd(CustomerRef=wrong)))
    assert "VendorRef" in found[0].message


def test_a_macro_is_defined_and_used() -> None:
    data = qbxml.build(
        [
            {"InvoiceAddRq": {"InvoiceAdd": {"defMacro": "TxnID:One", "CustomerRef": {"ListID": "1"}}}},
            {
                "ReceivePaymentAddRq": {
                    "ReceivePaymentAdd": {
                        "CustomerRef": {"ListID": "1"},
                        "AppliedToTxnAdd": [{"TxnID": qbxml.UseMacro("TxnID:One")}],
                    }
                }
            },
        ]
    )
    assert b'<TxnID useMacro="TxnID:One"></TxnID>' in data
    read = qbxml.parse_request(data)
    applied = read[1].content["ReceivePaymentAdd"]["AppliedToTxnAdd"][0]
    assert applied["TxnID"] == qbxml.UseMacro("TxnID:One")
    assert qbxml.build(read) == data


def test_a_document_that_was_read_builds_again_as_it_was() -> None:
    data = (
        b'<?qbxml version="13.0"?><QBXML><QBXMLMsgsRq newMessageSetID="A" onError="continueOnError">'
        b"<HostQueryRq/><HostQueryRq/></QBXMLMsgsRq></QBXML>"
    )
    read = qbxml.parse_request(data)
    again = qbxml.parse_request(qbxml.build(read))
    assert again == read
    assert [one.request_id for one in again] == [None, None]


def test_signon_and_subscription_sets_are_written_where_they_belong() -> None:
    data = qbxml.build([{"SubscriptionDelRq": {"SubscriberID": "0", "SubscriptionType": "Data"}}])
    assert b"<QBXMLSubscriptionMsgsRq>" in data
    mixed = [{"SubscriptionDelRq": {"SubscriberID": "0", "SubscriptionType": "Data"}}, {"HostQueryRq": {}}]
    assert "both" in problems(mixed)[0].message


def test_a_response_is_made_by_hand_and_built() -> None:
    made = qbxml.Response(
        [{"CustomerQueryRs": {"requestID": "1", "statusCode": 0, "statusSeverity": "Info", "CustomerRet": [{}]}}]
    )
    data = qbxml.build(made)
    assert data.startswith(b'<?xml version="1.0" ?>')
    assert qbxml.parse(data) == made


def test_functions_of_a_schema_do_the_same() -> None:
    schema = qbxml.Schema("8.0", "UK")
    request = {"CustomerAddRq": {"CustomerAdd": {"Name": "x"}}}
    data = schema.build(request)
    assert data == qbxml.build(request, version="8.0", edition="UK")
    assert schema.parse_request(data) == qbxml.parse_request(data, version="8.0", edition="UK")
    assert schema.validate(data) == []
    assert schema.xsd() == qbxml.xsd("8.0", "UK")


def test_a_key_is_never_more_than_a_name() -> None:
    class Odd(str):
        __slots__ = ()

        def __repr__(self) -> str:
            return "'Name'] and 'ODD' + d['Name'"

    assert b"<Name>Ann</Name>" in qbxml.build({"CustomerAddRq": {"CustomerAdd": {Odd("Name"): "Ann"}}})
    assert b"<Name>Bob</Name>" in qbxml.build({"CustomerAddRq": {"CustomerAdd": {"Name": "Bob"}}})


class Word(str, enum.Enum):  # noqa: UP042 - an enumeration as they were written before StrEnum
    NAME = "Ann"
    AWARDED = "Awarded"


def test_a_text_is_its_characters_whatever_its_class() -> None:
    for more in ({}, {"Phone": None}):
        add = {"CustomerAdd": {"Name": Word.NAME, "JobStatus": Word.AWARDED, **more}}
        data = qbxml.build({"CustomerAddRq": add})
        assert b"<Name>Ann</Name>" in data
        assert b"<JobStatus>Awarded</JobStatus>" in data


@pytest.mark.parametrize(
    "content",
    [
        {"MaxReturned": Decimal("NaN")},
        {"(": 1},
        {"@requestID": "1"},
        {5: 6},
        {"MaxReturned": object()},
        {"FullName": [["x"]]},
        {"NameFilter": 7},
    ],
)
def test_nonsense_is_a_problem_and_no_accident(content: Any) -> None:
    assert problems({"CustomerQueryRq": content})


def test_a_list_in_a_list_is_a_problem() -> None:
    endless: list[Any] = []
    endless.append(endless)
    assert problems(endless)


def test_a_long_list_of_problems_is_told_in_short() -> None:
    with pytest.raises(qbxml.InvalidRequest) as caught:
        qbxml.build([{"Nothing": {}} for _ in range(1000)])
    assert len(caught.value.problems) == 1000
    assert str(caught.value).count("\n") < 30


def test_a_response_given_as_a_request_is_told_apart() -> None:
    assert "Response" in problems({"CustomerQueryRs": {}})[0].message


def test_a_document_that_was_read_keeps_its_version_unless_told() -> None:
    data = b'<?qbxml version="16.0"?><QBXML><QBXMLMsgsRq onError="stopOnError"><HostQueryRq/></QBXMLMsgsRq></QBXML>'
    read = qbxml.parse_request(data)
    assert b'<?qbxml version="16.0"?>' in qbxml.build(read)
    assert b'<?qbxml version="8.0"?>' in qbxml.build(read, version="8.0")
    assert b'onError="continueOnError"' in qbxml.build(read, on_error="continueOnError")


def test_a_request_made_by_hand_gets_its_ids() -> None:
    made = qbxml.Request([{"CustomerQueryRq": {}, "VendorQueryRq": {}}, rq.AccountQueryRq()])
    assert [one.request_id for one in qbxml.parse_request(qbxml.build(made))] == ["1", "2", "3"]


def test_truncating_never_makes_another_id() -> None:
    with pytest.raises(qbxml.InvalidRequest):
        qbxml.build({"CustomerQueryRq": {"ListID": ["x" * 40]}}, truncate=True)
