"""Iterators: pages, their end, and the sessions that they live in."""

from __future__ import annotations

import re
from typing import Any

import pytest

import qbxml
from qbsimulator import Session
from qbxml.model import MessageResponse
from tests.qbsimulator.helpers import Books, judge


@pytest.fixture
def five(books: Books) -> Books:
    """Five customers."""
    for name in "abcde":
        books.add("Customer", name)
    return books


def ask(session: Session, iterator: str, iterator_id: str | None = None, **content: Any) -> MessageResponse:
    given = {"iterator": iterator, **({"iteratorID": iterator_id} if iterator_id else {}), **content}
    answer = session.process(qbxml.build({"CustomerQueryRq": given}, version="16.0"))
    judge(answer)
    return qbxml.parse(answer)[0]


def names(answer: MessageResponse) -> str:
    return "".join(one["FullName"] for one in answer.records)


def test_section_12_pages_follow_each_other_to_the_last(five: Books) -> None:
    first = ask(five.session, "Start", MaxReturned=2)
    assert (names(first), first.iterator_remaining_count) == ("ab", 3)
    assert re.fullmatch(r"\{[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\}", first.iterator_id or "")
    second = ask(five.session, "Continue", first.iterator_id, MaxReturned=2)
    assert (names(second), second.iterator_remaining_count) == ("cd", 1)
    third = ask(five.session, "Continue", first.iterator_id, MaxReturned=2)
    assert (names(third), third.iterator_remaining_count) == ("e", 0)
    assert third.iterator_id == first.iterator_id, "it is told once more"


@pytest.mark.parametrize("how", ["Continue", "Stop"])
def test_section_12_after_the_last_page_the_iterator_is_gone(five: Books, how: str) -> None:
    first = ask(five.session, "Start", MaxReturned=5)
    assert (first.iterator_remaining_count, first.iterator_id is None) == (0, False)
    after = ask(five.session, how, first.iterator_id, MaxReturned=5)
    assert (after.status_code, after.status_message) == (3391, f'The iteratorID "{first.iterator_id}" is not valid.')
    assert after.records == []


def test_an_iterator_can_be_stopped(five: Books) -> None:
    first = ask(five.session, "Start", MaxReturned=2)
    assert ask(five.session, "Stop", first.iterator_id).status_code == 0
    assert ask(five.session, "Continue", first.iterator_id, MaxReturned=2).status_code == 3391


def test_section_12_an_iterator_is_of_the_session_that_started_it(five: Books) -> None:
    first = ask(five.session, "Start", MaxReturned=2)
    other = five.company.session()
    assert ask(other, "Continue", first.iterator_id, MaxReturned=2).status_code == 3391
    assert names(ask(five.session, "Continue", first.iterator_id, MaxReturned=2)) == "cd"


def test_several_iterators_run_beside_each_other(five: Books) -> None:
    one, two = ask(five.session, "Start", MaxReturned=1), ask(five.session, "Start", MaxReturned=3)
    assert one.iterator_id != two.iterator_id
    assert names(ask(five.session, "Continue", one.iterator_id, MaxReturned=9)) == "bcde"
    assert names(ask(five.session, "Continue", two.iterator_id, MaxReturned=9)) == "de"


def test_an_unknown_iterator_is_3391(five: Books) -> None:
    assert ask(five.session, "Continue", "{00000000-0000-0000-0000-000000000000}", MaxReturned=1).status_code == 3391


def test_an_iterator_of_another_query_is_3391(five: Books) -> None:
    first = ask(five.session, "Start", MaxReturned=1)
    given = {"iterator": "Continue", "iteratorID": first.iterator_id, "MaxReturned": 1}
    assert five.one("VendorQuery", given).status_code == 3391


def test_an_iterator_without_a_page_size_is_3390(five: Books) -> None:
    assert ask(five.session, "Start").status_code == 3390


def test_no_match_no_iterator(books: Books) -> None:
    answer = ask(books.session, "Start", MaxReturned=2)
    assert (answer.status_code, answer.iterator_id, answer.iterator_remaining_count) == (1, None, None)


def test_the_filters_are_those_of_the_start(five: Books) -> None:
    span = {"FromName": "b", "ToName": "d"}
    first = ask(five.session, "Start", MaxReturned=1, NameRangeFilter=span, IncludeRetElement=["FullName"])
    second = ask(five.session, "Continue", first.iterator_id, MaxReturned=9)
    assert names(first) + names(second) == "bcd"
    assert list(second.records[0]) == ["FullName"]


def test_what_changes_meanwhile(five: Books) -> None:
    first = ask(five.session, "Start", MaxReturned=1)
    five.add("Customer", "bb")
    five.modified(five.one("CustomerQuery", {"FullName": ["c"]}).records[0], Name="C2")
    five.delete(five.one("CustomerQuery", {"FullName": ["d"]}).records[0])
    rest = ask(five.session, "Continue", first.iterator_id, MaxReturned=9)
    assert [one["FullName"] for one in rest.records] == ["b", "C2", "e"]


def test_an_idle_iterator_goes_by_the_settings(five: Books) -> None:
    first = ask(five.session, "Start", MaxReturned=1)
    five.time.pass_(24 * 3600)
    assert ask(five.session, "Continue", first.iterator_id, MaxReturned=1).status_code == 0
    five.company.configure(iterator_idle=10)
    five.time.pass_(10)
    assert ask(five.session, "Continue", first.iterator_id, MaxReturned=1).status_code == 0
    five.time.pass_(11)
    assert ask(five.session, "Continue", first.iterator_id, MaxReturned=1).status_code == 3391


def test_items_and_entities_can_be_iterated_too(five: Books) -> None:
    five.add("Vendor", "ab")
    first = five.one("EntityQuery", {"iterator": "Start", "MaxReturned": 2})
    given = {"iterator": "Continue", "iteratorID": first.iterator_id, "MaxReturned": 1}
    assert [one.name for one in first.records + five.one("EntityQuery", given).records] == [
        *("CustomerRet", "VendorRet", "CustomerRet"),
    ]
