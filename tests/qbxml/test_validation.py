"""``validate``: the verdict of the XSD, in the caller's terms."""

from __future__ import annotations

import io
import json
import re
from datetime import date
from decimal import Decimal

import pytest
from lxml import etree

import qbxml
from qbxml import checking
from qbxml._master import ENUMERATIONS
from qbxml.problems import Problem

HEAD = '<?xml version="1.0"?>\n<?qbxml version="13.0"?>\n<QBXML>\n<QBXMLMsgsRq onError="stopOnError">\n'
FOOT = "</QBXMLMsgsRq>\n</QBXML>\n"


def document(*messages: str) -> bytes:
    return (HEAD + "\n".join(messages) + FOOT).encode()


ADD = "<CustomerAddRq><CustomerAdd>{}</CustomerAdd></CustomerAddRq>"


@pytest.mark.parametrize(
    ("content", "path", "kind"),
    [
        ("<Name>x</Name><Nam>y</Nam>", "CustomerAddRq.CustomerAdd.Nam", "structure"),
        ("<Phone>1</Phone>", "CustomerAddRq.CustomerAdd.Name", "structure"),
        ("<Phone>1</Phone><Name>x</Name>", "CustomerAddRq.CustomerAdd.Name", "structure"),
        ("<Name>x</Name><Name>y</Name>", "CustomerAddRq.CustomerAdd.Name", "structure"),
        ("<Name>x</Name>stray", "CustomerAddRq.CustomerAdd", "structure"),
        ("<Name>x<b/></Name>", "CustomerAddRq.CustomerAdd.Name", "structure"),
        ("<Name a='1'>x</Name>", "CustomerAddRq.CustomerAdd.Name@a", "attribute"),
        ("<Name>" + "x" * 42 + "</Name>", "CustomerAddRq.CustomerAdd.Name", "length"),
        ("<Name>x</Name><IsActive>TRUE</IsActive>", "CustomerAddRq.CustomerAdd.IsActive", "value"),
        ("<Name>x</Name><JobStatus>Lost</JobStatus>", "CustomerAddRq.CustomerAdd.JobStatus", "enum"),
        (
            "<Name>x</Name><DataExt><OwnerID>0</OwnerID></DataExt>",
            "CustomerAddRq.CustomerAdd.DataExt",
            "structure",
        ),
    ],
)
def test_a_fault_is_named_by_path_and_kind(content: str, path: str, kind: str) -> None:
    data = document(ADD.format(content))
    assert not etree.XMLSchema(etree.fromstring(qbxml.xsd("13.0", "US").encode())).validate(etree.fromstring(data))
    found = qbxml.validate(data, "13.0", "US")
    assert (found[0].path, found[0].kind) == (path, kind)
    assert found[0].line == 5
    assert found[0].column


def test_a_good_document_has_no_problems() -> None:
    assert qbxml.validate(document(ADD.format("<Name>x</Name>")), "13.0", "US") == []


def test_all_problems_are_listed_with_their_places() -> None:
    data = document(ADD.format("<Name>x</Name>\n<Balance>1</Balance>"), "<VendorQueryRq iterator='Go' />")
    found = qbxml.validate(data, "13.0")
    assert [(one.path, one.line, one.column) for one in found] == [
        ("CustomerAddRq[0].CustomerAdd.Balance", 6, 1),
        ("VendorQueryRq[1]@iterator", 7, 1),
    ]


def test_indexes_count_from_zero_in_each_list() -> None:
    lines = "<InvoiceLineAdd><Desc>a</Desc></InvoiceLineAdd><InvoiceLineAdd><Quantity>x</Quantity></InvoiceLineAdd>"
    add = f"<InvoiceAddRq><InvoiceAdd><CustomerRef><ListID>1</ListID></CustomerRef>{lines}</InvoiceAdd></InvoiceAddRq>"
    found = qbxml.validate(document(add), "13.0", "US")
    assert [one.path for one in found] == ["InvoiceAddRq.InvoiceAdd.InvoiceLineAdd[1].Quantity"]


def test_the_documents_own_version_is_used_where_none_is_given() -> None:
    data = document(ADD.format("<Name>x</Name><JobTitle>y</JobTitle>"))
    assert qbxml.validate(data) == []
    found = qbxml.validate(data.replace(b'version="13.0"', b'version="11.0"'))
    assert [(one.kind, one.allowed_in) for one in found] == [("edition", "qbXML 12.0 and later")]


def test_two_branches_of_a_choice_exclude_each_other() -> None:
    data = document("<CustomerQueryRq><ListID>1</ListID><FullName>x</FullName></CustomerQueryRq>")
    found = qbxml.validate(data, "13.0", "US")
    assert [(one.path, one.message) for one in found] == [("CustomerQueryRq.FullName", "it excludes ListID")]


def test_a_missing_attribute_is_named() -> None:
    data = document().replace(b' onError="stopOnError"', b"")
    assert [one.path for one in qbxml.validate(data)] == ["QBXML.QBXMLMsgsRq@onError"]


def test_an_element_may_name_its_own_type_and_no_other() -> None:
    namespace = 'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
    data = document(ADD.format("<Name>x</Name>")).replace(b"<QBXML>", f"<QBXML {namespace}>".encode())
    for element in ("QBXML", "QBXMLMsgsRq", "CustomerAddRq", "CustomerAdd"):
        for attribute, good in ((element, True), ("CustomerRet", False), ("xs:string", False)):
            typed = re.sub(rf"<{element}(?=[ >])", rf'\g<0> xsi:type="{attribute}"', data.decode(), count=1)
            assert (qbxml.validate(typed) == []) is good
    for nil in ("true", "false"):
        assert qbxml.validate(data.replace(b"<Name>", f'<Name xsi:nil="{nil}">'.encode())) != []


def test_a_problem_is_plain_data_whatever_was_given() -> None:
    class Odd:
        def __repr__(self) -> str:
            raise RuntimeError

    givens = [
        Decimal("1.5"),
        date(2024, 2, 29),
        {"a": [Decimal(1), None]},
        Odd(),
        b"x",
        float("nan"),
        7,
        "x",
        None,
        True,
    ]
    plain = [Problem("p", "value", "m", given=given).to_dict().get("given") for given in givens]
    assert json.loads(json.dumps(plain)) == plain
    assert plain == ["1.5", "2024-02-29", {"a": ["1", None]}, "<Odd>", "b'x'", "nan", 7, "x", None, True]
    assert Problem("p", "value", "m", given=Decimal(0)).to_dict()["given"] == "0"


def test_a_value_that_another_edition_has_is_said_to_be_its(monkeypatch: pytest.MonkeyPatch) -> None:
    """No enumeration of today differs by edition; the schema may say so, and the US edition is not asked alone."""
    field = qbxml.Schema("13.0", "US").record("CustomerAdd").fields["JobStatus"]
    values = f"{ENUMERATIONS[str(field.enum)]}\nLost\te=AU\ts=8.0"
    monkeypatch.setitem(ENUMERATIONS, str(field.enum), values)
    monkeypatch.setattr(checking, "_VALUE_HOMES", {})
    (found,) = qbxml.validate(document(ADD.format("<Name>x</Name><JobStatus>Lost</JobStatus>")), "13.0", "US")
    assert (found.kind, found.allowed_in) == ("enum", "qbXML 8.0 and later (AU)")


def test_requests_are_judged_as_build_would() -> None:
    assert qbxml.validate({"CustomerAddRq": {"CustomerAdd": {"Name": "x"}}}, "13.0", "US") == []
    found = qbxml.validate([{"CustomerAddRq": {"CustomerAdd": {"Name": 7}}}], "13.0", "US")
    assert [(one.path, one.given) for one in found] == [("CustomerAddRq.CustomerAdd.Name", 7)]


def test_the_same_problems_come_from_build() -> None:
    request = {"CustomerAddRq": {"CustomerAdd": {"Nam": "x", "Phone": "y" * 30}}}
    with pytest.raises(qbxml.InvalidRequest) as caught:
        qbxml.build(request)
    assert caught.value.problems == qbxml.validate(request, "13.0", "US")


def test_responses_are_judged_too() -> None:
    made = qbxml.Response([{"CustomerQueryRs": {"statusCode": 0, "statusSeverity": "Info"}}])
    assert qbxml.validate(made) == []
    made[0].content["CustomerRet"] = [{"Balance": "x"}]
    assert [one.path for one in qbxml.validate(made)] == ["CustomerQueryRs.CustomerRet[0].Balance"]


def test_another_root_is_a_problem_and_no_xml_is_an_error() -> None:
    assert [one.kind for one in qbxml.validate(b"<HTML/>")] == ["structure"]
    with pytest.raises(qbxml.ParseError):
        qbxml.validate(b"nothing")
    assert qbxml.validate(io.BytesIO(document())) == []


def test_a_problem_reads_well() -> None:
    found = qbxml.validate(document(ADD.format("<Nam>x</Nam>")), "13.0", "US")
    assert str(found[0]) == (
        "CustomerAddRq.CustomerAdd.Nam: CustomerAdd has no such element; given 'x';"
        " did you mean Name? (line 5, column 29)"
    )
    assert found[0].to_dict()["near"] == ["Name"]


def test_unknown_versions_and_editions_are_refused_with_what_is_known() -> None:
    with pytest.raises(qbxml.UnknownVersion, match=r"1\.0, 1\.1.*16\.0"):
        qbxml.validate(document(), "99.0")
    with pytest.raises(qbxml.UnknownEdition, match="UK from 6"):
        qbxml.validate(document(), "5.0", "UK")
    with pytest.raises(qbxml.UnknownEdition, match="AU from 7"):
        qbxml.Schema("13.0", "OE")
