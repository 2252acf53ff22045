"""Reading record by record comes to what reading the whole comes to, however the document is cut into pieces."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import qbxml
from qbxml import testing
from qbxml.model import ERROR_RECOVERY, MessageResponse, Record, Response
from qbxml.testing.generation import Generator, seeded
from qbxml.testing.markup import write
from tests.properties.judges import TRIED

NEWEST = qbxml.Schema("16.0")


def streamed(source: Any, **options: Any) -> list[tuple[MessageResponse, list[Record]]]:
    found: list[tuple[MessageResponse, list[Record]]] = []
    for message, record in qbxml.iterparse(source, **options):
        if record is None:
            found.append((message, []))
        else:
            assert message is found[-1][0]
            found[-1][1].append(record)
    return found


def compare(streamed_messages: list[tuple[MessageResponse, list[Record]]], whole: Response) -> None:
    assert [message.name for message, _ in streamed_messages] == [message.name for message in whole]
    for (message, records), wanted in zip(streamed_messages, whole, strict=True):
        found = [(record.name, unmarked(record)) for record in records]
        assert found == [(record.name, unmarked(record)) for record in wanted.records]
        rest = {
            name: value for name, value in wanted.content.items() if name == ERROR_RECOVERY or not holds_records(value)
        }
        assert message.content == rest


def holds_records(value: Any) -> bool:
    return isinstance(value, dict) or (isinstance(value, list) and bool(value) and isinstance(value[0], dict))


def unmarked(record: Record) -> dict[str, Any]:
    """A record without its place among others: who gets them one by one has their order."""
    return {name: value for name, value in record.items() if name != "_at"}


@pytest.mark.parametrize(("version", "edition"), TRIED[::2])
def test_every_message_is_streamed_as_it_is_read(version: str, edition: str | None) -> None:
    schema = qbxml.Schema(version, edition)
    for name in schema.messages:
        pick = seeded(("streamed", version, edition, name))
        document = write(Generator(schema, pick, size=60, beyond=True).document("Rs", [f"{name}Rs"]), pick)
        compare(streamed(document, schema=schema), qbxml.parse(document, schema=schema))


@given(testing.documents("Rs"), st.data())
def test_any_document_in_any_pieces(document: bytes, data: st.DataObject) -> None:
    whole = qbxml.parse(document, schema=NEWEST)
    if whole.events:
        return
    cuts = sorted(data.draw(st.lists(st.integers(0, len(document)), max_size=5)))
    pieces = [document[start:end] for start, end in zip([0, *cuts], [*cuts, len(document)], strict=True)]
    compare(streamed(pieces, schema=NEWEST), whole)


@given(testing.damaged("Rs"), st.integers(1, 400))
def test_a_damaged_document_is_reported_by_both_or_by_neither(document: bytes, step: int) -> None:
    pieces = [document[start : start + step] for start in range(0, len(document), step)]
    noted: list[Any] = []
    try:
        whole = qbxml.parse(document, schema=NEWEST, report=lambda _: None)
    except qbxml.ParseError:
        with pytest.raises(qbxml.ParseError):
            streamed(pieces, schema=NEWEST, report=noted.append)
        return
    try:
        streamed(pieces, schema=NEWEST, report=noted.append)
    except qbxml.ParseError as error:
        assert "read it with parse" in error.reason  # noqa: PT017
        return
    # What stands too often can't be known of what has been let go.
    known = [problem for problem in noted if problem.message != "it may stand only once"]
    wanted = [problem for problem in whole.problems if problem.message != "it may stand only once"]
    assert (known == []) == (wanted == []), (noted, whole.problems)
