"""The verdict on a document is that of the XSD: on good ones and on damaged ones, in every version and edition."""

from __future__ import annotations

import os

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

import qbxml
from qbxml import testing
from qbxml.document import read
from qbxml.testing.damage import damage
from qbxml.testing.generation import Generator, seeded
from qbxml.testing.markup import write
from qbxml.testing.values import BEYOND_TEXTS, REFUSED, SPELLINGS, TEXTS, VALUES
from qbxml.validation import accepts
from tests.properties.judges import TRIED, complaint, independent, libxml2, libxml2_records, verdict

#: More rounds of damages: ROUNDS=50 pytest -m slow tests/properties
ROUNDS = int(os.environ.get("ROUNDS", "3"))

anywhere = st.sampled_from(TRIED)
sides = st.sampled_from(["Rq", "Rs"])


@pytest.mark.parametrize("side", ["Rq", "Rs"])
def test_an_element_that_names_its_own_type_is_valid_and_with_another_it_is_not(side: str) -> None:
    namespace = "http://www.w3.org/2001/XMLSchema-instance"
    for name in ("CustomerAdd", "CheckAdd", "GeneralSummaryReportQuery", "HostQuery"):
        schema = qbxml.Schema("16.0")
        node = Generator(schema, seeded(("own type", name, side)), size=60).document(side, [name + side])
        root = etree.fromstring(write(node, None))
        for element in root.iter():
            for key, value in (("type", element.tag), ("type", "QBXML"), ("nil", "false")):
                element.set(f"{{{namespace}}}{key}", str(value))
                if len(element) or key == "nil":  # the names of simple types are the XSD's own
                    document = etree.tostring(root)
                    wanted = verdict(libxml2("16.0", None), document)
                    assert (qbxml.validate(document, schema=schema) == []) == wanted, document
                del element.attrib[f"{{{namespace}}}{key}"]


def agreed(document: bytes, version: str, edition: str | None) -> bool:
    """The verdict on a document, once everybody who has one has been found to agree."""
    judge = libxml2(version, edition)
    schema = qbxml.Schema(version, edition)
    try:
        wanted = verdict(judge, document)
    except etree.XMLSyntaxError:  # two damages to one name can leave no name at all
        with pytest.raises(qbxml.ParseError):
            qbxml.validate(document, schema=schema)
        return False
    problems = qbxml.validate(document, schema=schema)
    assert (problems == []) == wanted, f"libxml2: {complaint(judge)}; validate: {problems}\n{document!r}"
    assert wanted or not accepts(read(document), schema)
    assert all(problem.line is not None and problem.column is not None for problem in problems)
    # Reading is lenient, but never blind: what it reports is wrong, and strict reading is as strict as the XSD.
    for function in (qbxml.parse, qbxml.parse_request):
        try:
            lenient = function(document, schema=schema, report=lambda _: None)
        except qbxml.ParseError:
            continue  # of the other side
        if wanted:
            assert lenient.problems == []
            function(document, schema=schema, strict=True)
        else:
            with pytest.raises(qbxml.InvalidDocument) as caught:
                function(document, schema=schema, strict=True)
            assert caught.value.problems == problems
    return wanted


def damaged_document(version: str, edition: str | None, name: str, side: str, turn: int) -> bytes:
    pick = seeded(("damaged", version, edition, name, side, turn))
    root = Generator(qbxml.Schema(version, edition), pick, size=40, beyond=True).document(side, [name + side])
    return write(damage(root, pick, 1 + pick(3)), pick, version=version)


@pytest.mark.parametrize(("version", "edition"), TRIED)
def test_some_damaged_documents_of_every_version(version: str, edition: str | None) -> None:
    names = list(qbxml.Schema(version, edition).messages)
    verdicts = [
        agreed(damaged_document(version, edition, name, side, 0), version, edition)
        for name in names[len(version + str(edition)) % 3 :: 3]
        for side in ("Rq", "Rs")
    ]
    # Most damages do harm, and some do not: else this would prove little.
    assert 0.1 < sum(verdicts) / len(verdicts) < 0.6


@pytest.mark.slow
@pytest.mark.parametrize("turn", range(1, 1 + ROUNDS))
@pytest.mark.parametrize(("version", "edition"), TRIED)
def test_every_message_of_every_version_damaged(version: str, edition: str | None, turn: int) -> None:
    for name in qbxml.Schema(version, edition).messages:
        for side in ("Rq", "Rs"):
            agreed(damaged_document(version, edition, name, side, turn), version, edition)


@given(st.data(), anywhere, sides)
def test_any_damaged_document(data: st.DataObject, where: tuple[str, str | None], side: str) -> None:
    agreed(data.draw(testing.damaged(side, *where)), *where)


@given(st.data(), anywhere, sides)
def test_any_good_document(data: st.DataObject, where: tuple[str, str | None], side: str) -> None:
    assert agreed(data.draw(testing.documents(side, *where)), *where)


@given(st.data(), anywhere, anywhere, sides)
def test_a_document_of_one_version_in_another(
    data: st.DataObject, one: tuple[str, str | None], other: tuple[str, str | None], side: str
) -> None:
    agreed(data.draw(testing.documents(side, *one)), *other)


# -- the second judge -------------------------------------------------------------------------------------------

#: Texts that xmlschema takes and libxml2 refuses, by simple type. It is Python that reads them there: Python's blanks
#: and digits are more than XML's, it lets 1_000 pass for a number, and takes the blank out of "1 2" before it looks.
XMLSCHEMA_TAKES: tuple[tuple[str, str], ...] = (
    ("FLOATTYPE", "1 2"),
    ("FLOATTYPE", "- 1"),
    ("FLOATTYPE", "\xa01"),
    ("INTTYPE", "1_000"),
    ("INTTYPE", "\u0661"),
    *((kind, "\xa0") for kind in ("FLOATTYPE", "BOOLTYPE", "DATETYPE", "DATETIMETYPE", "TIMEINTERVALTYPE")),
    *((kind, "\u2028") for kind in ("FLOATTYPE", "BOOLTYPE", "DATETYPE", "DATETIMETYPE", "TIMEINTERVALTYPE")),
    ("INTTYPE", "\xa01"),
    ("BOOLTYPE", "\xa0true"),
    ("BOOLTYPE", "\xa01"),
    ("DATETYPE", "2024-02-29\xa0"),
)
#: Texts with numbers so large that xmlschema raises OverflowError instead of judging. libxml2 takes the last two.
XMLSCHEMA_OVERFLOWS: tuple[tuple[str, str], ...] = (
    ("TIMEINTERVALTYPE", "PT99999999999999999999H"),
    ("DATETYPE", "9223372036854775808-01-01"),
    ("DATETYPE", "-9223372036854775808-01-01"),
    ("DATETYPE", "9223372036854775807-12-31"),
    ("DATETYPE", "-9223372036854775807-01-01"),
)


def judged_by_python(document: bytes) -> bool:
    """Whether a document holds something of which xmlschema may think otherwise than libxml2: see above."""
    root = etree.fromstring(document)
    texts = [str(text) for text in root.xpath("//text() | //@*")]
    return any(
        text in [text for _, text in XMLSCHEMA_TAKES]
        or any(one not in " \t\r\n" and (one.isspace() or (one.isdecimal() and not one.isascii())) for one in text)
        for text in texts
    )


@pytest.mark.slow
def test_where_the_second_judge_differs_on_values() -> None:
    """The list is exact: of all texts we know for a type, it names those that the two judges see differently."""
    judge, second = libxml2_records("13.0", None), independent("13.0", None)
    found, overflowing = set(), set()
    for kind in VALUES:
        for text in {one for texts in (*SPELLINGS.values(), *REFUSED.values(), TEXTS, BEYOND_TEXTS) for one in texts}:
            element = etree.Element(kind)
            element.text = text
            wanted = judge.validate(element)
            try:
                theirs = second.types[kind].is_valid(text)
            except OverflowError:
                overflowing.add((kind, text))
                continue
            if theirs != wanted:
                assert theirs
                found.add((kind, text))
    assert found == set(XMLSCHEMA_TAKES)
    assert overflowing == set(XMLSCHEMA_OVERFLOWS)


@pytest.mark.slow
@pytest.mark.parametrize(("version", "edition"), [("1.0", None), ("8.0", "UK"), ("16.0", None)])
def test_the_second_judge_agrees(version: str, edition: str | None) -> None:
    schema, judge = qbxml.Schema(version, edition), independent(version, edition)
    for turn, name in enumerate(schema.messages):
        for side in ("Rq", "Rs"):
            pick = seeded(("second judge", version, edition, name, side))
            root = Generator(schema, pick, size=40).document(side, [name + side])
            for document in (write(root), write(damage(root, pick, 1 + turn % 2))):
                ours = qbxml.validate(document, schema=schema) == []
                try:
                    theirs = judge.is_valid(document)
                except OverflowError:
                    continue
                assert theirs == ours or (theirs and judged_by_python(document)), document
