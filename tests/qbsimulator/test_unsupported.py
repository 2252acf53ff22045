"""Every request of the schema is answered by rules, or stands in the table of what has none."""

from __future__ import annotations

from pathlib import Path

import pytest

from qbsimulator.requests import handlers
from qbsimulator.unsupported import UNSUPPORTED, to_come, unsupported
from qbxml import Schema, testing
from tests.qbsimulator.helpers import Books, status

PAGE = Path(__file__).parents[2] / "docs" / "simulator.md"
MESSAGES = {name for name, one in Schema("16.0", None).messages.items() if one.message_set == "QBXMLMsgs"}


def test_every_request_is_answered_by_rules_or_stands_in_the_table() -> None:
    assert MESSAGES - set(handlers()) <= unsupported() | to_come()
    assert set(handlers()) <= MESSAGES


def test_the_table_has_only_requests_of_the_schema_without_rules() -> None:
    assert unsupported() <= MESSAGES
    assert not unsupported() & set(handlers())
    assert not unsupported() & to_come()


@pytest.mark.parametrize("name", sorted(unsupported() & set(Schema("16.0", "US").messages)))
def test_what_is_in_the_table_answers_1030(books: Books, name: str) -> None:
    content = testing.sample(f"{name}Rq", "16.0", "US", full=False)
    assert status(books.one(name, content)) == (1030, "This request is not supported by this implementation.")


def test_the_page_has_the_table() -> None:
    rows = [f"| {about} | {', '.join(f'`{name}Rq`' for name in names)} |" for about, names in UNSUPPORTED.items()]
    text = PAGE.read_text("utf-8")
    assert [row for row in rows if row not in text] == []
