"""The fast ways and the thorough ones come to the same: reading, writing, judging."""

from __future__ import annotations

import copy
import pickle
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

import qbxml
from qbxml import parsing, testing
from qbxml.characters import policy
from qbxml.checking import Writer
from qbxml.decode import Odd
from qbxml.encode import NOT_FAST, encoder
from qbxml.model import Record, Response
from qbxml.testing.generation import Generator, seeded
from tests.properties.judges import TRIED

NEWEST = qbxml.Schema("16.0")
anywhere = st.sampled_from(TRIED)


# -- writing ----------------------------------------------------------------------------------------------------


def written(content: Any, name: str, schema: qbxml.Schema) -> str:
    """What the thorough writer makes of a record."""
    writer = Writer(schema, policy("refuse"))
    text = writer.record(schema.record(name), content, name)
    assert writer.problems == []
    return text


@pytest.mark.parametrize("side", ["Rq", "Rs"])
def test_every_message_is_written_alike(side: str) -> None:
    fast = 0
    for name in NEWEST.messages:
        for seed in range(3):
            pick = seeded(("alike", name, side, seed))
            content = Generator(NEWEST, pick, size=80).content(NEWEST.record(name + side))
            try:
                text = encoder(NEWEST.record(name + side))(content)
            except NOT_FAST:
                continue
            assert text == written(content, name + side, NEWEST)
            fast += 1
    assert fast > 100


@given(st.data(), anywhere)
def test_a_request_is_written_alike(data: st.DataObject, where: tuple[str, str | None]) -> None:
    schema = qbxml.Schema(*where)
    ((name, content),) = data.draw(testing.requests(None, *where)).items()
    try:
        text = encoder(schema.record(name))(content)
    except NOT_FAST:
        return
    assert text == written(content, name, schema)


#: What callers may put where something else is wanted.
anything = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(10**15), 10**15),
    st.floats(),
    st.decimals(),
    st.text(max_size=50),
    st.dates(),
    st.datetimes(),
    st.timedeltas(),
    st.sampled_from(["1.5", "2024-02-29", "true", "PT1H", "0", "", "\ud800", "\x00", "\u20ac", "Active", b"x"]),
    st.builds(dict),
    st.lists(st.integers(), max_size=2),
)


@given(st.data())
def test_the_fast_writer_lets_nothing_pass_that_the_thorough_one_refuses(data: st.DataObject) -> None:
    ((name, content),) = data.draw(testing.requests()).items()
    for _ in range(data.draw(st.integers(1, 3))):
        holders = [content, *_dicts(content)]
        holder = holders[data.draw(st.integers(0, len(holders) - 1))]
        keys = [*holder, "Foreign"]
        key = keys[data.draw(st.integers(0, len(keys) - 1))]
        if data.draw(st.integers(0, 3)) == 3:
            holder.pop(key, None)
        else:
            holder[key] = data.draw(anything)
    writer = Writer(NEWEST, policy("refuse"))
    thorough = writer.record(NEWEST.record(name), content, name)
    try:
        fast = encoder(NEWEST.record(name))(content)
    except NOT_FAST:
        return
    assert writer.problems == []
    assert fast == thorough


def _dicts(value: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    for item in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        found += [item, *_dicts(item)] if isinstance(item, dict) else _dicts(item)
    return found


@given(st.data())
def test_whatever_it_is_given_build_builds_it_or_says_what_is_wrong(data: st.DataObject) -> None:
    ((name, content),) = data.draw(testing.requests()).items()
    holders = [content, *_dicts(content)]
    holder = holders[data.draw(st.integers(0, len(holders) - 1))]
    keys = [*holder, "Foreign"]
    holder[keys[data.draw(st.integers(0, len(keys) - 1))]] = data.draw(anything)
    problems = qbxml.validate({name: content}, schema=NEWEST)
    assert all(problem.path.startswith((name, "requests")) for problem in problems)
    if not problems:
        assert qbxml.validate(qbxml.build({name: content}, schema=NEWEST), schema=NEWEST) == []
        return
    with pytest.raises(qbxml.InvalidRequest) as caught:
        qbxml.build({name: content}, schema=NEWEST)
    # By their texts: a number that was given may not equal itself.
    assert list(map(str, caught.value.problems)) == list(map(str, problems))


# -- reading ----------------------------------------------------------------------------------------------------


def exactly(document: bytes, schema: qbxml.Schema, monkeypatch: pytest.MonkeyPatch) -> Response:
    """What the thorough reader makes of a document that the fast one could read."""

    def refuse(*_: Any) -> None:
        raise Odd

    with monkeypatch.context() as patched:
        patched.setattr(parsing._Reading, "quickly", refuse)
        return qbxml.parse(document, schema=schema, report=lambda _: None)


@pytest.mark.parametrize(("version", "edition"), TRIED)
def test_documents_are_read_alike(version: str, edition: str | None, monkeypatch: pytest.MonkeyPatch) -> None:
    from qbxml.testing.markup import write

    schema = qbxml.Schema(version, edition)
    for name in schema.messages:
        pick = seeded(("read alike", version, edition, name))
        document = write(Generator(schema, pick, size=60, beyond=True).document("Rs", [f"{name}Rs"]), pick)
        fast = qbxml.parse(document, schema=schema)
        thorough = exactly(document, schema, monkeypatch)
        assert thorough == fast
        assert thorough.problems == fast.problems == []
        assert _kinds(thorough) == _kinds(fast)


def _kinds(response: Response) -> list[Any]:
    """The classes and the order of all there is, which ``==`` does not look at."""

    def look(value: Any) -> Any:
        if isinstance(value, dict):
            name = value.name if isinstance(value, Record) else ""
            return name, [(key, look(item)) for key, item in value.items()]
        return [look(item) for item in value] if isinstance(value, list) else (type(value), str(value))

    return [look(message.content) for message in response]


@given(st.data(), anywhere)
def test_a_damaged_document_keeps_all_its_texts(data: st.DataObject, where: tuple[str, str | None]) -> None:
    document = data.draw(testing.damaged("Rs", *where))
    try:
        response = qbxml.parse(document, version=where[0], edition=where[1], report=lambda _: None)
    except qbxml.ParseError:
        return
    kept = _texts([response.sets, [one.content for one in response], response.events])
    kept |= _texts([problem.given for problem in response.problems])
    root = etree.fromstring(document, etree.XMLParser(remove_comments=True, remove_pis=True))
    for node in root.iter():
        texts = [node.text] if len(node) == 0 else []
        for text in filter(None, texts):
            assert text.strip(" \t\r\n") in kept or _read_as_value(text), text


def _texts(value: Any) -> set[str]:
    if isinstance(value, dict):
        return set().union(*map(_texts, value.values())) if value else set()
    if isinstance(value, (list, tuple)):
        return set().union(*map(_texts, value)) if value else set()
    return {str(value).strip(" \t\r\n")}


def _read_as_value(text: str) -> bool:
    """Whether a text may have become a number, a date or the like, whose spelling is not kept."""
    return text.strip()[:1] in set("0123456789+-.Ptf") or not text.strip(" \t\r\n")


# -- lines of several kinds ---------------------------------------------------------------------------------------

INTERLEAVED = b"""<QBXML><QBXMLMsgsRs><JournalEntryQueryRs statusCode="0" statusSeverity="Info"><JournalEntryRet>
<JournalDebitLine><TxnLineID>1</TxnLineID></JournalDebitLine>
<JournalCreditLine><TxnLineID>2</TxnLineID></JournalCreditLine>
<JournalDebitLine><TxnLineID>3</TxnLineID></JournalDebitLine>
<JournalCreditLine><TxnLineID>4</TxnLineID></JournalCreditLine>
<JournalCreditLine><TxnLineID>5</TxnLineID></JournalCreditLine>
<JournalDebitLine><TxnLineID>6</TxnLineID></JournalDebitLine>
</JournalEntryRet></JournalEntryQueryRs></QBXMLMsgsRs></QBXML>"""


def order(response: Response) -> str:
    tree = etree.fromstring(qbxml.build(response, schema=NEWEST))
    return "".join(str(node.text) for node in tree.iter("TxnLineID"))


@pytest.fixture
def journal() -> tuple[Response, dict[str, Any]]:
    response = qbxml.parse(INTERLEAVED, schema=NEWEST)
    return response, response[0].records[0]


def test_lines_of_two_kinds_keep_their_order(journal: tuple[Response, dict[str, Any]]) -> None:
    response, record = journal
    assert order(response) == "123456"
    assert [line["_at"] for line in record["JournalCreditLine"]] == [1, 3, 4]


def test_their_order_survives_a_copy_a_pickle_and_other_keys(journal: tuple[Response, dict[str, Any]]) -> None:
    response, record = journal
    assert order(copy.deepcopy(response)) == "123456"
    assert order(pickle.loads(pickle.dumps(response))) == "123456"
    record["JournalDebitLine"] = record.pop("JournalDebitLine")
    record["JournalCreditLine"] = [dict(reversed(line.items())) for line in record["JournalCreditLine"]]
    assert order(response) == "123456"


def test_their_order_survives_a_line_taken_out(journal: tuple[Response, dict[str, Any]]) -> None:
    response, record = journal
    del record["JournalDebitLine"][1]
    assert order(response) == "12456"
    del record["JournalCreditLine"][0]
    assert order(response) == "1456"


def test_a_new_line_follows_its_predecessor(journal: tuple[Response, dict[str, Any]]) -> None:
    response, record = journal
    record["JournalCreditLine"].insert(1, {"TxnLineID": "9"})
    assert order(response) == "1293456"
    record["JournalDebitLine"].append({"TxnLineID": "8"})
    assert order(response) == "12934568"


def test_lines_that_do_not_mix_carry_no_mark() -> None:
    document = INTERLEAVED.replace(b"Credit", b"Debit")
    record = qbxml.parse(document, schema=NEWEST)[0].records[0]
    assert all("_at" not in line for line in record["JournalDebitLine"])


@given(st.data(), st.integers(0, 5))
def test_any_line_taken_out_leaves_the_others_in_order(data: st.DataObject, which: int) -> None:
    kinds = data.draw(st.lists(st.sampled_from(["JournalDebitLine", "JournalCreditLine"]), min_size=2, max_size=8))
    lines = "".join(f"<{kind}><TxnLineID>{place}</TxnLineID></{kind}>" for place, kind in enumerate(kinds))
    start, end = INTERLEAVED.decode().split("<JournalDebitLine>", 1)[0], INTERLEAVED.decode().rsplit("Line>", 1)[1]
    response = qbxml.parse(start + lines + end, schema=NEWEST)
    assert order(response) == "".join(map(str, range(len(kinds))))
    which %= len(kinds)
    for kind, items in response[0].records[0].items():
        response[0].records[0][kind] = [item for item in items if item["TxnLineID"] != str(which)]
        if not response[0].records[0][kind]:
            del response[0].records[0][kind]
            break
    assert order(response) == "".join(str(place) for place in range(len(kinds)) if place != which)
