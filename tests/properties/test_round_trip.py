"""What is read, written and read again is the same; what is written is valid and always written the same way."""

from __future__ import annotations

import random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

import qbxml
from qbxml import testing
from qbxml.model import Request, Response
from qbxml.testing.generation import FULL, SPARSE, Generator, seeded
from qbxml.testing.markup import write
from tests.properties.judges import TRIED, complaint, libxml2, verdict

NEWEST = qbxml.Schema("16.0")


def read(side: str, document: bytes, schema: qbxml.Schema) -> Request | Response:
    function = qbxml.parse if side == "Rs" else qbxml.parse_request
    return function(document, schema=schema)


def check_round_trip(side: str, document: bytes, schema: qbxml.Schema) -> None:
    """A valid document reads without a report, and building what was read loses nothing and changes no more."""
    first = read(side, document, schema)
    assert first.problems == []
    written = qbxml.build(first, schema=schema, characters="reference")
    second = read(side, written, schema)
    assert second == first
    assert _types(second) == _types(first)
    assert qbxml.build(second, schema=schema, characters="reference") == written


def _types(document: Request | Response) -> Any:
    """The classes of all values, for ``==`` does not tell 1 from True."""

    def look(value: Any) -> Any:
        if isinstance(value, dict):
            return {name: look(item) for name, item in value.items()}
        if isinstance(value, list):
            return [look(item) for item in value]
        return type(value)

    return [look(message.content) for message in document]


@pytest.mark.parametrize("side", ["Rq", "Rs"])
@pytest.mark.parametrize("name", list(NEWEST.messages))
def test_every_message_full_and_minimal(name: str, side: str) -> None:
    judge = libxml2("16.0", None)
    for full, seed in ((True, 0), (True, 1), (True, 2), (False, 0)):
        content = testing.sample(name + side, full=full, seed=seed)
        message = {name + side: content}
        if side == "Rs":
            document = qbxml.build(Response([message]), schema=NEWEST)
        else:
            document = qbxml.build(message, schema=NEWEST)
            content = {"requestID": "1"} | content
        assert verdict(judge, document), complaint(judge)
        assert read(side, document, NEWEST)[0].content == content
        check_round_trip(side, document, NEWEST)


@pytest.mark.parametrize(("version", "edition"), TRIED)
def test_every_message_of_a_version_as_others_may_write_it(version: str, edition: str | None) -> None:
    schema = qbxml.Schema(version, edition)
    judge = libxml2(version, edition)
    for name in schema.messages:
        for side in ("Rq", "Rs"):
            pick = seeded(("written by others", version, edition, name, side))
            root = Generator(schema, pick, beyond=True).document(side, [name + side])
            document = write(root, pick, version=version)
            assert verdict(judge, document), f"{name}{side}: {complaint(judge)}"
            assert qbxml.validate(document, schema=schema) == []
            check_round_trip(side, document, schema)


@pytest.mark.parametrize(("version", "edition"), TRIED)
def test_every_message_of_a_version_built_from_values_is_valid(version: str, edition: str | None) -> None:
    schema = qbxml.Schema(version, edition)
    judge = libxml2(version, edition)
    for name in schema.messages:
        for side in ("Rq", "Rs"):
            pick = seeded(("built", version, edition, name, side))
            content = Generator(schema, pick).content(schema.record(name + side))
            message = {name + side: content}
            document = qbxml.build(Response([message]) if side == "Rs" else message, schema=schema)
            assert verdict(judge, document), f"{name}{side}: {complaint(judge)}"
            given = content if side == "Rs" else {"requestID": "1"} | content
            assert read(side, document, schema)[0].content == given, name
            check_round_trip(side, document, schema)


anywhere = st.sampled_from(TRIED)


@given(st.data(), anywhere, st.sampled_from(["Rq", "Rs"]))
def test_a_document_survives(data: st.DataObject, where: tuple[str, str | None], side: str) -> None:
    document = data.draw(testing.documents(side, *where))
    check_round_trip(side, document, qbxml.Schema(*where))


@given(st.data(), anywhere)
def test_a_request_in_any_order_of_keys_builds_the_same(data: st.DataObject, where: tuple[str, str | None]) -> None:
    schema = qbxml.Schema(*where)
    request = data.draw(testing.requests(None, *where))
    document = qbxml.build(request, schema=schema)
    shuffled = _shuffled(request, random.Random(data.draw(st.integers(0, 1000))))
    assert qbxml.build(shuffled, schema=schema) == document


@given(testing.responses(), st.integers(0, 1000))
def test_a_response_in_any_order_of_keys_builds_the_same(response: Response, seed: int) -> None:
    shuffle = random.Random(seed)
    mixed = Response(
        [Response.message_class(one.name, _shuffled(one.content, shuffle)) for one in response], sets=response.sets
    )
    assert qbxml.build(mixed, schema=NEWEST) == qbxml.build(response, schema=NEWEST)


def _shuffled(value: Any, shuffle: random.Random) -> Any:
    if isinstance(value, list):
        return [_shuffled(item, shuffle) for item in value]
    if type(value) is not dict:
        return value
    names = list(value)
    shuffle.shuffle(names)
    return {name: _shuffled(value[name], shuffle) for name in names}


@given(testing.requests())
def test_what_build_writes_is_canonically_what_was_read(request: dict[str, Any]) -> None:
    document = qbxml.build(request, schema=NEWEST)
    # The same document, laid out by a stranger.
    tree = etree.fromstring(document)
    etree.indent(tree, "\t")
    foreign = etree.tostring(tree, encoding="utf-16", xml_declaration=True)
    again = qbxml.build(qbxml.parse_request(foreign, schema=NEWEST), schema=NEWEST)
    assert _canonical(again) == _canonical(document)


def _canonical(document: bytes) -> bytes:
    return etree.tostring(etree.fromstring(document, etree.XMLParser(remove_blank_text=True)), method="c14n")


def test_every_element_and_attribute_is_in_some_sample() -> None:
    """The generator leaves nothing out: every branch of every choice comes up."""
    seen: set[tuple[str, str]] = set()
    for message in NEWEST.messages.values():
        for start in (message.request, message.response):
            wanted = _everything(start)
            for seed in range(200):
                generator = Generator(NEWEST, seeded((start, seed)), density=FULL, size=1 << 30)
                _note(start, generator.content(NEWEST.record(start)), seen)
                if seen >= wanted:
                    break
            assert wanted - seen == set(), start


def _everything(start: str) -> set[tuple[str, str]]:
    found: set[tuple[str, str]] = set()
    waiting, known = [start], {start}
    while waiting:
        record = NEWEST.record(waiting.pop())
        for field in (*record.fields.values(), *record.attributes.values()):
            found.add((record.name, field.name))
            if field.is_record and field.type not in known:
                known.add(field.type)
                waiting.append(field.type)
    return found


def _note(record: str, content: dict[str, Any], seen: set[tuple[str, str]]) -> None:
    fields = NEWEST.record(record).fields
    for name, value in content.items():
        seen.add((record, name))
        for item in value if isinstance(value, list) else [value]:
            if isinstance(item, dict):
                _note(fields[name].type, item, seen)


def test_minimal_content_has_nothing_that_could_be_left_out() -> None:
    judge = libxml2("16.0", None)
    for name in NEWEST.messages:
        content = Generator(NEWEST, seeded(name), density=SPARSE).content(NEWEST.record(f"{name}Rq"))
        for key in content:
            fewer = {other: value for other, value in content.items() if other != key}
            assert qbxml.validate({f"{name}Rq": fewer}, "16.0") != [], f"{name}Rq.{key}"
        assert verdict(judge, qbxml.build({f"{name}Rq": content}, schema=NEWEST)), complaint(judge)
