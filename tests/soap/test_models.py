"""The models of QuickBooks and of the Web Connector: what the campaign takes for the other end is like the real one."""

from __future__ import annotations

from random import Random

import pytest

import qbxml
from qbxml.model import Response
from soap.testing import Clock, Crash, Mishap, ModelConnector, ModelQuickBooks
from soap.testing.connector import CALLS, SeededPlan, Step
from soap.testing.quickbooks import Refused
from tests.soap.helpers import PASSWORD, READ, USERNAME, WRITE, Server

MOD = {"CustomerModRq": {"CustomerMod": {"ListID": "80000000-1700000000", "EditSequence": "1", "Name": "Bo"}}}


def ask(
    books: ModelQuickBooks,
    *requests: object,
    new: str | None = None,
    old: str | None = None,
    version: str = "13.0",
    on_error: str = "stopOnError",
) -> Response:
    given = [
        {name: {"requestID": str(index), **content}}
        for index, request in enumerate(requests)
        for name, content in request.items()  # type: ignore[attr-defined]
    ]
    text = qbxml.build(given, version=version, new_message_set_id=new, old_message_set_id=old, on_error=on_error)
    return qbxml.parse(books.process(text.decode()))


def question(books: ModelQuickBooks, id_: str) -> Response:
    text = f'<?xml version="1.0"?><?qbxml version="13.0"?><QBXML><QBXMLMsgsRq newMessageSetID="{id_}"'
    return qbxml.parse(books.process(f'{text} oldMessageSetID="{id_}" onError="stopOnError"></QBXMLMsgsRq></QBXML>'))


@pytest.fixture
def books() -> ModelQuickBooks:
    return ModelQuickBooks()


def test_a_set_that_comes_twice_is_done_once_and_its_outcome_comes_without_the_record(books: ModelQuickBooks) -> None:
    first, second = ask(books, WRITE, new="A"), ask(books, WRITE, new="A")
    assert len(books.executed) == 1
    assert [record.name for record in first[0].records] == ["CustomerRet"]
    assert list(second[0].records) == []
    assert second[0].content["ErrorRecovery"]["ListID"] == first[0].records[0]["ListID"]
    assert (second.new_message_set_id, second.message_set_status_code) == ("A", 0)


def test_before_qbxml_11_a_recovered_answer_names_nothing(books: ModelQuickBooks) -> None:
    ask(books, WRITE, new="A", version="10.0")
    assert "ErrorRecovery" not in ask(books, WRITE, new="A", version="10.0")[0].content


def test_the_status_of_a_set_can_be_asked_for(books: ModelQuickBooks) -> None:
    unknown = question(books, "A")
    assert (len(unknown), unknown.message_set_status_code) == (0, 9002)
    ask(books, WRITE, new="A")
    known = question(books, "A")
    assert ([message.status_code for message in known], known.message_set_status_code) == ([0], 0)
    assert len(books.executed) == 1


def test_an_id_with_other_content_an_id_that_is_too_long_and_one_to_forget_that_is_not_there(
    books: ModelQuickBooks,
) -> None:
    ask(books, WRITE, new="A")
    assert ask(books, MOD, new="A").message_set_status_code == 9001
    assert question(books, "A" * 25).message_set_status_code == 9004
    assert len(books.executed) == 1
    answer = ask(books, MOD, new="B", old="no such id")
    assert (answer.message_set_status_code, answer[0].status_code) == (600, 0)


def test_what_is_released_is_forgotten_and_would_be_done_again(books: ModelQuickBooks) -> None:
    books.unique_names = False
    ask(books, WRITE, new="A")
    ask(books, MOD, new="B", old="A")
    assert books.remembered == {"B"}
    ask(books, WRITE, new="A")
    assert len(books.executed) == 3
    ask(books, READ, old="ClearAllMessageSets")
    assert not books.remembered


def test_without_an_id_nothing_is_remembered(books: ModelQuickBooks) -> None:
    ask(books, WRITE)
    assert not books.remembered
    assert ask(books, WRITE)[0].status_code == 3100


def test_requests_behind_a_failed_one_are_not_run_unless_the_set_goes_on(books: ModelQuickBooks) -> None:
    other = {"CustomerAddRq": {"CustomerAdd": {"Name": "Bo"}}}
    stopped = ask(books, WRITE, WRITE, other)
    assert [message.status_code for message in stopped] == [0, 3100, 3231]
    assert [message.status_code for message in ask(books, WRITE, other, on_error="continueOnError")] == [3100, 0]


def test_a_stale_edit_sequence_comes_with_the_record_and_a_record_in_use_is_free_later(books: ModelQuickBooks) -> None:
    books.locked["Annie's Alligators"] = 1
    assert [ask(books, WRITE)[0].status_code for _ in range(2)] == [3175, 0]
    assert ask(books, MOD)[0].status_code == 0
    stale = ask(books, MOD)[0]
    assert (stale.status_code, stale.records[0]["EditSequence"]) == (3200, "2")
    wrong = {"CustomerModRq": {"CustomerMod": {"ListID": "1-1", "EditSequence": "1"}}}
    assert ask(books, wrong)[0].status_code == 3120


def test_queries_find_what_is_there(books: ModelQuickBooks) -> None:
    assert ask(books, READ)[0].status_code == 1
    ask(books, WRITE)
    assert [record["Name"] for record in ask(books, READ)[0].records] == ["Annie's Alligators"]
    assert ask(books, {"CustomerQueryRq": {"FullName": ["Bo"]}})[0].status_code == 500
    page = {"CustomerQueryRq": {"iterator": "Continue", "iteratorID": "{A}", "MaxReturned": 1}}
    assert ask(books, page)[0].status_code == 3391
    assert ask(books, {"HostQueryRq": {}})[0].records[0].name == "HostRet"
    assert ask(books, {"CompanyQueryRq": {}})[0].records[0].name == "CompanyRet"
    assert ask(books, {"VendorQueryRq": {}})[0].status_code == 1030


@pytest.mark.parametrize(
    ("text", "hresult"),
    [
        ("", "0x80040400"),
        ("<QBXML>", "0x80040400"),
        ("<QBXML><QBXMLMsgsRq/></QBXML>", "0x80040400"),
        ('<QBXML><QBXMLMsgsRq onError="stopOnError"/></QBXML>', "0x80040400"),
        ('<?qbxml version="13.0"?><QBXML><QBXMLMsgsRq onError="rollbackOnError"/></QBXML>', "0x80040400"),
        ('<?qbxml version="13.0"?><QBXML><QBXMLMsgsRq onError="stopOnError">é</QBXMLMsgsRq></QBXML>', "0x80040400"),
        ('<?qbxml version="17.0"?><QBXML><QBXMLMsgsRq onError="stopOnError"/></QBXML>', "0x80040423"),
    ],
)
def test_what_is_no_document_for_this_quickbooks_is_refused_as_a_whole(
    books: ModelQuickBooks, text: str, hresult: str
) -> None:
    with pytest.raises(Refused) as caught:
        books.process(text)
    assert caught.value.hresult == hresult


def test_a_name_can_be_refused(books: ModelQuickBooks) -> None:
    books.refused_names.add("Annie's Alligators")
    with pytest.raises(Refused):
        ask(books, WRITE)
    assert books.refused == {"0"}
    assert books.executed == []


@pytest.mark.parametrize(("moment", "executed"), [("before", 0), ("after", 1)])
def test_it_goes_down_once_before_or_after_its_work_and_remembers(
    books: ModelQuickBooks, moment: str, executed: int
) -> None:
    books.crash = moment
    with pytest.raises(Crash):
        ask(books, WRITE, new="A")
    assert len(books.executed) == executed
    assert ask(books, WRITE, new="A")[0].status_code == 0
    assert len(books.executed) == 1


@pytest.mark.parametrize(("names", "codes"), [("a", [3231]), ("ab", [0, 3231]), ("abc", [0, 3231, 3231])])
def test_it_goes_down_once_in_the_middle_and_does_not_do_the_rest_when_the_set_comes_again(
    books: ModelQuickBooks, names: str, codes: list[int]
) -> None:
    adds = [{"CustomerAddRq": {"CustomerAdd": {"Name": name}}} for name in names]
    books.crash = "during"
    with pytest.raises(Crash):
        ask(books, *adds, new="A")
    assert len(books.executed) == codes.count(0)
    assert [message.status_code for message in ask(books, *adds, new="A")] == codes
    assert [message.status_code for message in question(books, "A")] == codes
    assert len(books.executed) == codes.count(0)


# --- the connector


def connector(server: Server, rate: float = 0.0, seed: int = 0) -> ModelConnector:
    plan = SeededPlan(Random(seed), rate)
    return ModelConnector(lambda: server.endpoint, ModelQuickBooks(), USERNAME, PASSWORD, plan, clock=Clock())


def test_a_session_makes_its_calls_in_order() -> None:
    server = Server()
    entries = server.enqueue(READ, WRITE)
    one = connector(server)
    walked = [one.step() for _ in range(8)]
    one_set = [Step.SEND, Step.RUN, Step.RECEIVE]
    assert walked == [Step.AUTHENTICATE, *one_set, *one_set, Step.CLOSE]
    assert server.states(entries) == ["done", "done"]
    assert one.is_idle
    assert not one.session()
    assert one.mishaps == {}


@pytest.mark.parametrize("mishap", Mishap)
def test_every_mishap_happens_and_is_got_over(mishap: Mishap) -> None:
    class Once:
        given = False

        def next(self, possible: tuple[Mishap, ...]) -> Mishap:
            if self.given or mishap not in possible:
                return Mishap.NONE
            self.given = True
            return mishap

    server = Server()
    entries = server.enqueue(WRITE)
    one = connector(server)
    one.plan = Once()
    for _ in range(5):
        one.session()
        for late in one.post:
            late()
        one.post.clear()
    assert server.states(entries) == ["done"]
    assert one.mishaps == ({} if mishap is Mishap.NONE else {mishap: 1})


def test_a_seeded_plan_is_the_same_each_time_and_keeps_its_rate() -> None:
    plans = [SeededPlan(Random(7), 0.3) for _ in range(2)]
    first, second = [[plan.next(CALLS) for _ in range(1000)] for plan in plans]
    assert first == second
    assert 200 < sum(mishap is not Mishap.NONE for mishap in first) < 400
    assert set(first) == {Mishap.NONE, *CALLS}
