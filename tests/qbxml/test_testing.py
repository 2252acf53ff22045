"""qbxml.testing, which users test with."""

from __future__ import annotations

import datetime
import subprocess
import sys
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import find, given, settings
from hypothesis import strategies as st
from lxml import etree

import qbxml
from qbxml import testing
from qbxml.testing.damage import DAMAGES, damage
from qbxml.testing.generation import FULL, Generator, Node, seeded
from qbxml.testing.markup import write

# -- samples ------------------------------------------------------------------------------------------------------


def test_a_sample_is_always_the_same() -> None:
    assert testing.sample("InvoiceAddRq") == testing.sample("InvoiceAddRq")
    assert testing.sample("InvoiceAddRq", seed=7) == testing.sample("InvoiceAddRq", seed=7)
    assert testing.sample("InvoiceAddRq", seed=7) != testing.sample("InvoiceAddRq", seed=8)
    program = "from qbxml.testing import sample; print(sample('InvoiceAddRq', seed=7))"
    other = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True, text=True)
    assert other.stdout.strip() == repr(testing.sample("InvoiceAddRq", seed=7))


def test_a_sample_reads_well() -> None:
    assert testing.sample("CustomerAddRq", full=False) == {"CustomerAdd": {"Name": "Name"}}
    customer = testing.sample("CustomerAdd", "13.0", "US")
    assert customer["FirstName"] == "FirstName"
    assert customer["MiddleName"] == "Middl"  # at most five characters
    assert customer["OpenBalance"] == Decimal("125.50")
    assert customer["OpenBalanceDate"] == datetime.date(2024, 2, 29)
    answer = testing.sample("CustomerQueryRs")
    assert (answer["statusCode"], answer["statusMessage"]) == (0, "Status OK")
    assert list(answer["CustomerRet"][0])[:2] == ["ListID", "TimeCreated"]


def test_a_sample_of_a_record_is_valid_where_it_belongs() -> None:
    for version, edition in (("1.0", None), ("8.0", "UK"), ("16.0", "US")):
        for full in (True, False):
            request = {"InvoiceAddRq": {"InvoiceAdd": testing.sample("InvoiceAdd", version, edition, full=full)}}
            assert qbxml.validate(request, version, edition) == []


@pytest.mark.parametrize(
    ("name", "version", "edition", "message"),
    [
        ("LeadAddRq", "12.0", "US", "it exists in qbXML 13.0 and later"),
        ("LeadAdd", "12.0", "US", "unknown record of qbXML 12.0"),
        ("CustomerAdRq", "16.0", None, "did you mean CustomerAdd"),
        ("CustomerAd", "16.0", None, "did you mean CustomerAdd"),
        ("", "16.0", None, "unknown record"),
    ],
)
def test_there_is_no_sample_of_what_there_is_not(name: str, version: str, edition: str | None, message: str) -> None:
    with pytest.raises(qbxml.UnknownName, match=message):
        testing.sample(name, version, edition)


def test_no_sample_of_an_unknown_version() -> None:
    with pytest.raises(qbxml.UnknownVersion):
        testing.sample("HostQueryRq", "99.0")
    with pytest.raises(qbxml.UnknownEdition):
        testing.sample("HostQueryRq", "5.0", "UK")


# -- without hypothesis ---------------------------------------------------------------------------------------------


def test_samples_need_no_hypothesis_and_strategies_say_that_they_do() -> None:
    program = """
import sys
sys.modules["hypothesis"] = None
from qbxml import testing
assert testing.sample("HostQueryRs")["statusCode"] == 0
try:
    testing.requests()
except ModuleNotFoundError as error:
    print(error)
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True, text=True)
    assert "pip install hypothesis" in done.stdout


def test_hypothesis_is_loaded_by_the_strategies_only() -> None:
    program = "import sys; from qbxml.testing import sample; sample('HostQueryRs'); print('hypothesis' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True, text=True)
    assert done.stdout.strip() == "False"


def test_public_names() -> None:
    assert testing.__all__ == ["damaged", "documents", "requests", "responses", "sample"]
    assert set(testing.__all__) <= set(dir(testing))
    with pytest.raises(AttributeError, match="has no attribute 'sampel'"):
        testing.sampel  # noqa: B018


# -- strategies -----------------------------------------------------------------------------------------------------


@given(testing.requests("InvoiceAddRq", "13.0", "US"))
def test_requests_of_one_kind(request: dict[str, Any]) -> None:
    assert list(request) == ["InvoiceAddRq"]
    assert qbxml.validate(request, "13.0", "US") == []
    assert qbxml.parse_request(qbxml.build(request))[0].name == "InvoiceAddRq"


@given(testing.responses("ItemQueryRs", "7.0", "AU"))
def test_responses_of_one_kind(response: qbxml.Response) -> None:
    assert [message.name for message in response] == ["ItemQueryRs"]
    assert qbxml.validate(response, "7.0", "AU") == []


@given(testing.responses())
def test_responses_of_any_kind_can_be_built_and_read(response: qbxml.Response) -> None:
    document = qbxml.build(response, version="16.0", edition=None)
    assert qbxml.parse(document) == response


@given(testing.documents("Rq", "2.0", name="CustomerAddRq"))
def test_documents_of_one_kind(document: bytes) -> None:
    assert qbxml.validate(document, "2.0") == []
    assert [message.name for message in qbxml.parse_request(document, version="2.0")] == ["CustomerAddRq"]


@given(testing.damaged("Rs"))
def test_damaged_documents_are_well_formed(document: bytes) -> None:
    assert etree.fromstring(document) is not None


def quickly(strategy: st.SearchStrategy[Any], condition: Any) -> Any:
    return find(
        strategy, condition, settings=settings(max_examples=1000, database=None, deadline=None, derandomize=True)
    )


@pytest.mark.slow
def test_examples_that_fail_become_small() -> None:
    ((_, content),) = quickly(testing.requests(), lambda _: True).items()
    assert len(content) <= 1
    document = quickly(testing.documents("Rs", name="CustomerQueryRs"), lambda one: b"CustomerRet" in one)
    assert len(document) < 600


def test_documents_are_written_in_many_ways() -> None:
    pick = seeded("many ways")
    schema = qbxml.Schema("16.0")
    documents = []
    for _ in range(300):
        root = Generator(schema, pick, size=40, beyond=True).document("Rs")
        documents.append(write(root, pick))
    for mark in (b"<![CDATA[", b"<!--", b"\r\n", b"/>", b"='", b"&#x", b"standalone", b"\xfe\xff", b"\xff\xfe"):
        assert any(mark in document for document in documents), mark
    assert any(b"encoding='iso-8859-1'" in one or b'encoding="iso-8859-1"' in one for one in documents)
    assert all(qbxml.validate(document, "16.0") == [] for document in documents)


# -- damages --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("function", dict.fromkeys(DAMAGES), ids=lambda function: str(function.__name__))
def test_every_damage_does_harm(function: Any) -> None:
    schema = qbxml.Schema("16.0")
    verdicts = []
    for seed in range(60):
        pick = seeded((function.__name__, seed))
        root = Generator(schema, pick, density=FULL).document("Rs", ["CustomerQueryRs"])
        nodes = list(root.walk())
        function(root, nodes[pick(len(nodes))], pick)
        verdicts.append(qbxml.validate(write(root), "16.0") == [])
    assert not all(verdicts)


def test_damage_leaves_the_original_alone() -> None:
    pick = seeded("original")
    root = Generator(qbxml.Schema("16.0"), pick).document("Rs", ["InvoiceQueryRs"])
    before = write(root)
    for _ in range(50):
        damage(root, pick, 3)
    assert write(root) == before


def test_a_plain_document() -> None:
    root = Node("QBXML", [Node("A", ["x & y"], {"b": "c"}), Node("D")])
    assert write(root, version="13.0") == (
        b'<?xml version="1.0" ?>\n<?qbxml version="13.0"?>\n<QBXML>\n<A b="c">x &amp; y</A>\n<D></D>\n</QBXML>\n'
    )
