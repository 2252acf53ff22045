"""Recovery of message sets: what is done once is told again, and not done again."""

from __future__ import annotations

from typing import Any

import qbxml
from qbsimulator import Session
from qbxml import Response
from tests.qbsimulator.helpers import Books, document, judge

CLEAR = "ClearAllMessageSets"


def send(session: Session, names: str, new: str | None, old: str | None = None, version: str = "16.0") -> Response:
    """Add customers of one letter each, in a message set."""
    adds = [{"CustomerAddRq": {"CustomerAdd": {"Name": one}}} for one in names]
    ids: dict[str, Any] = {"new_message_set_id": new, "old_message_set_id": old}
    if adds:
        data = qbxml.build(adds, version=version, **ids)
    else:
        given = "".join(f' {name}="{id_}"' for name, id_ in (("newMessageSetID", new), ("oldMessageSetID", old)) if id_)
        data = document("", version=version, attributes=f'onError="stopOnError"{given}')
    answer = session.process(data)
    judge(answer, version)
    return qbxml.parse(answer)


def test_a_set_is_run_and_told_with_its_id(books: Books) -> None:
    answer = send(books.session, "ab", "M1")
    assert (answer.new_message_set_id, answer.message_set_status_code) == ("M1", 0)
    assert [one.status_code for one in answer] == [0, 0]
    assert answer[0].records[0]["FullName"] == "a"


def test_section_12_the_same_set_again_gives_the_outcome_and_runs_nothing(books: Books) -> None:
    first = send(books.session, "ab", "M1")
    books.time.pass_(60)
    again = send(books.session, "ab", "M1")
    assert again.message_set_status_code == 0
    assert [one.status_code for one in again] == [0, 0]
    for before, after in zip(first, again, strict=True):
        record = before.records[0]
        assert after.records == [], "no record"
        assert after.error_recovery == {"ListID": record["ListID"], "EditSequence": record["EditSequence"]}
    assert books.names("Customer") == ["a", "b"]


def test_before_version_11_the_outcome_is_the_status_alone(books: Books) -> None:
    send(books.session, "a", "M1", version="10.0")
    again = send(books.session, "a", "M1", version="10.0")
    assert (again[0].status_code, again[0].error_recovery) == (0, None)


def test_an_outcome_can_be_asked_for_by_an_empty_set(books: Books) -> None:
    send(books.session, "ab", "M1")
    answer = send(books.session, "", "M1", "M1")
    assert answer.message_set_status_code == 0
    assert [one.status_code for one in answer] == [0, 0]


def test_an_outcome_can_be_asked_for_by_any_set(books: Books) -> None:
    send(books.session, "a", "M1")
    assert [one.status_code for one in send(books.session, "z", "M1", "M1")] == [0]
    assert books.names("Customer") == ["a"]


def test_other_content_under_the_same_id_is_9001(books: Books) -> None:
    send(books.session, "a", "M1")
    answer = send(books.session, "b", "M1")
    assert (answer.message_set_status_code, len(answer)) == (9001, 0)
    assert books.names("Customer") == ["a"]


def test_an_outcome_that_nobody_kept_is_told_as_the_settings_say(books: Books) -> None:
    assert send(books.session, "a", "M1", "M1").message_set_status_code == 9002
    books.company.configure(nothing_stored=600)
    answer = send(books.session, "a", "M1", "M1")
    assert (answer.message_set_status_code, len(answer)) == (600, 0)
    assert books.one("CustomerQuery").status_code == 1, "nothing was run"


def test_an_id_of_more_than_24_characters_is_9004(books: Books) -> None:
    assert send(books.session, "a", "M" * 24).message_set_status_code == 0
    answer = books.raw(
        "<CustomerAddRq><CustomerAdd><Name>b</Name></CustomerAdd></CustomerAddRq>",
        attributes=f'newMessageSetID="{"M" * 25}" onError="stopOnError"',
    )
    assert qbxml.parse(answer).message_set_status_code == 9004
    assert books.names("Customer") == ["a"]


def test_an_outcome_can_be_forgotten(books: Books) -> None:
    send(books.session, "a", "M1")
    assert send(books.session, "", None, "M1").message_set_status_code == 0
    assert send(books.session, "", None, "M1").message_set_status_code == 600
    assert [one.status_code for one in send(books.session, "a", "M1")] == [3100], "it is run again"


def test_a_new_set_may_forget_the_one_before(books: Books) -> None:
    send(books.session, "a", "M1")
    answer = send(books.session, "b", "M2", "M1")
    assert (answer.message_set_status_code, answer[0].status_code) == (0, 0)
    assert send(books.session, "", "M1", "M1").message_set_status_code == 9002
    assert send(books.session, "", "M2", "M2")[0].status_code == 0


def test_all_outcomes_can_be_forgotten(books: Books) -> None:
    for name in "ab":
        send(books.session, name, name)
    assert send(books.session, "", None, CLEAR).message_set_status_code == 0
    for name in "ab":
        assert send(books.session, "", name, name).message_set_status_code == 9002


def test_outcomes_are_kept_for_each_application_by_itself(books: Books) -> None:
    one, two = books.company.session("one"), books.company.session("two")
    send(one, "a", "M1")
    assert [answer.status_code for answer in send(two, "b", "M1")] == [0]
    send(two, "", None, CLEAR)
    assert send(books.company.session("one"), "", "M1", "M1")[0].error_recovery is not None


def test_what_failed_is_told_again_and_what_was_left_out_stays_out(books: Books) -> None:
    assert [one.status_code for one in send(books.session, "aab", "M1")] == [0, 3100, 3231]
    again = send(books.session, "aab", "M1")
    assert [one.status_code for one in again] == [0, 3100, 3231]
    assert again[1].status_message == 'The name "a" of the list element is already in use.'
    assert [one.error_recovery is None for one in again] == [False, True, True]


def test_a_stale_change_is_told_again_without_a_sign_of_success(books: Books) -> None:
    customer = books.add("Customer", "a")
    stale = {"ListID": customer["ListID"], "EditSequence": "1", "Phone": "1"}
    for _ in range(2):
        answer = books.ask({"CustomerModRq": {"CustomerMod": stale}}, new_message_set_id="M1")[0]
        assert (answer.status_code, answer.error_recovery) == (3200, None)


def test_outcomes_outlive_the_process(books: Books) -> None:
    send(books.session, "a", "M1")
    books.reopen()
    assert send(books.session, "a", "M1")[0].error_recovery is not None
    assert books.names("Customer") == ["a"]


def test_section_12_codes_from_9001_are_of_the_set_and_not_of_a_request(books: Books) -> None:
    send(books.session, "a", "M1")
    answer = books.raw(
        "<CustomerAddRq><CustomerAdd><Name>b</Name></CustomerAdd></CustomerAddRq>",
        attributes='newMessageSetID="M1" onError="stopOnError"',
    ).decode()
    assert '<QBXMLMsgsRs newMessageSetID="M1" messageSetStatusCode="9001" />' in answer.splitlines()
    assert "statusCode" not in answer.replace("messageSetStatusCode", "")
