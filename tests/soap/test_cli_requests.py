"""``python -m soap``: what is queued, shown, cancelled and resolved, and with which exit codes."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from lxml import etree

import qbxml
from tests.commands import Ran, Run
from tests.soap.commands import CUSTOMER, CUSTOMERS, endpoint, update
from tests.soap.helpers import READ, WRITE

# -- enqueue -----------------------------------------------------------------------------------------------------

DOCUMENT = qbxml.build([READ, WRITE], version="13.0", on_error="continueOnError")


def names(ran: Ran) -> list[str]:
    return [one["name"] for one in ran.json]


def test_enqueue_prints_the_id_of_a_request(run: Run) -> None:
    ran = run("enqueue", "books", CUSTOMERS)
    assert (ran.code, ran.err) == (0, "")
    assert run("show", ran.line, "--json").json["request"] == READ


def test_enqueue_takes_json_and_documents_as_text_as_a_file_and_from_standard_input(run: Run, tmp_path: Path) -> None:
    (tmp_path / "request.json").write_text(f"\n {CUSTOMERS}")
    (tmp_path / "request.xml").write_bytes(qbxml.build(READ))
    (tmp_path / "-x").write_text(CUSTOMERS)
    for given, stdin in (
        (f" {CUSTOMERS}", b""),
        ("request.json", b""),
        ("request.xml", b""),
        (str(tmp_path / "-x"), b""),
        ("-", CUSTOMERS.encode()),
        ("-", qbxml.build(READ)),
        (qbxml.build(READ).decode(), b""),
    ):
        ran = run("enqueue", "books", given, stdin=stdin)
        assert ran.code == 0, given
        assert run("show", ran.line, "--json").json["name"] == "CustomerQueryRq"


def test_a_list_is_as_many_requests_and_a_document_is_one_message_set(run: Run) -> None:
    ids = run("enqueue", "books", f"[{CUSTOMERS}, {CUSTOMER}]").out.splitlines()
    assert len(ids) == 2
    more = run("enqueue", "books", "-", stdin=DOCUMENT).out.splitlines()
    assert len(more) == 2
    update()
    sent = [run("show", id_, "--json").json["sent"] for id_ in (*ids, *more)]
    assert [len(etree.fromstring(text.encode())[0]) for text in sent] == [1, 1, 2, 2]
    assert sent[2] == sent[3]
    assert 'onError="continueOnError"' in sent[2]


def test_the_form_in_which_documents_are_printed_is_a_document(run: Run) -> None:
    ids = run("enqueue", "books", qbxml.to_json(qbxml.parse_request(DOCUMENT))).out.splitlines()
    update()
    texts = {run("show", id_, "--json").json["sent"] for id_ in ids}
    assert len(ids) == 2
    assert len(texts) == 1


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ('{"CustomerQueryRq": {"Fooo": 1}}', "CustomerQueryRq.Fooo"),
        ('{"CustomerQueryRq"', "line 1"),
        ("[]", "there is no request in it"),
        ('{"CustomerRet": {"Name": "x"}}', "no requests"),
        ('{"CustomerQueryRs": {}}', "no requests"),
        ("<QBXML/>", "the request"),
        ("{}", "the request"),
        ("no-such-file.json", "no-such-file.json"),
        ("-", "standard input"),
        (qbxml.build(READ).decode().replace("stopOnError", "rollbackOnError"), "rollbackOnError"),
    ],
)
def test_enqueue_says_what_it_cannot_queue(run: Run, given: str, said: str) -> None:
    ran = run("enqueue", "books", given)
    assert (ran.code, ran.out) == (1, "")
    assert said in ran.err
    assert len(ran.err.splitlines()) == 1
    assert run("requests", "books", "--json").json == []


def test_enqueue_names_all_problems_on_lines_of_their_own(run: Run) -> None:
    ran = run("enqueue", "books", '{"CustomerAddRq": {"CustomerAdd": {"Nam": "Ada"}}}')
    assert ran.code == 1
    assert len(ran.err.splitlines()) == 2


def test_a_connection_that_nobody_knows_is_a_mistake_in_writing(run: Run) -> None:
    for command in (["enqueue", "bokos", CUSTOMERS], ["requests", "bokos"], ["connection", "pause", "bokos"]):
        ran = run(*command)
        assert (ran.code, ran.out) == (1, "")
        assert "there is no connection 'bokos'" in ran.err


def test_a_connection_of_a_program_with_users_of_its_own_is_known(run: Run) -> None:
    with endpoint() as served:
        served.queue.enqueue("theirs", READ)
    assert len(run("requests", "theirs", "--json").json) == 1
    assert run("enqueue", "theirs", CUSTOMERS).code == 0


def test_the_same_key_queues_once(run: Run) -> None:
    first, second = (run("enqueue", "books", CUSTOMERS, "--key", "k").line for _ in range(2))
    assert first == second
    assert len(run("requests", "books", "--json").json) == 1
    ran = run("enqueue", "books", CUSTOMER, "--key", "k")
    assert (ran.code, ran.out) == (1, "")
    assert "'k'" in ran.err


def test_priority_goes_first(run: Run) -> None:
    ids = [run("enqueue", "books", CUSTOMERS, *more).line for more in ([], ["--priority"], ["--priority", "2"])]
    update(answers=1)
    states = [run("show", id_, "--json").json["state"] for id_ in ids]
    # The second was handed out, and its answer was lost.
    assert states == ["queued", "queued", "done"]
    assert [run("show", id_, "--json").json["attempts"] for id_ in ids] == [0, 1, 1]


def test_enqueue_waits_for_the_answer_and_prints_it(run: Run) -> None:
    run("enqueue", "books", CUSTOMERS, "--key", "one")
    run("enqueue", "books", f"[{CUSTOMERS}, {CUSTOMER}]", "--key", "two")
    update()
    ran = run("enqueue", "books", CUSTOMERS, "--key", "one", "--wait", "5")
    assert (ran.code, ran.err) == (0, "")
    assert ran.json["CustomerQueryRs"]["statusCode"] == 0
    ran = run("enqueue", "books", f"[{CUSTOMERS}, {CUSTOMER}]", "--key", "two", "--wait", "5")
    assert [list(answer) for answer in ran.json] == [["CustomerQueryRs"], ["CustomerAddRs"]]


def test_to_wait_in_vain_is_exit_code_4(run: Run) -> None:
    ran = run("enqueue", "books", CUSTOMERS, "--wait", "0.05")
    assert (ran.code, ran.out) == (4, "")
    (id_,) = names_of_ids(ran.err)
    assert run("show", id_, "--json").json["state"] == "queued"


def names_of_ids(text: str) -> list[str]:
    return re.findall(r"request ([a-z2-7]{26})", text)


def test_a_request_that_failed_is_exit_code_5_and_its_answer_is_printed(run: Run) -> None:
    run("enqueue", "books", CUSTOMERS, "--key", "k")
    update(3180)
    ran = run("enqueue", "books", CUSTOMERS, "--key", "k", "--wait", "1")
    assert ran.code == 5
    assert ran.json["CustomerQueryRs"]["statusCode"] == 3180
    assert "3180" in ran.err
    assert len(ran.err.splitlines()) == 1


def test_a_request_of_which_nobody_knows_is_exit_code_5(run: Run) -> None:
    id_ = run("enqueue", "books", CUSTOMER, "--key", "k", "--on-lost", "ask").line
    update(answers=0)
    ran = run("enqueue", "books", CUSTOMER, "--key", "k", "--on-lost", "ask", "--wait", "0")
    assert (ran.code, ran.out) == (5, "")
    assert f"request {id_}" in ran.err
    assert "unknown" in ran.err


def test_the_worst_of_several_is_the_exit_code(run: Run) -> None:
    run("enqueue", "books", f"[{CUSTOMERS}, {CUSTOMERS}]", "--key", "k")
    update(3180, answers=1)
    ran = run("enqueue", "books", f"[{CUSTOMERS}, {CUSTOMERS}]", "--key", "k", "--wait", "0")
    assert ran.code == 5
    first, second = ran.json
    assert first["CustomerQueryRs"]["statusCode"] == 3180
    assert second is None
    assert len(ran.err.splitlines()) == 2


# -- requests, show, cancel, resolve -----------------------------------------------------------------------------


def test_requests_are_listed_newest_first(run: Run) -> None:
    ids = [run("enqueue", "books", CUSTOMERS).line for _ in range(3)]
    assert [one["id"] for one in run("requests", "books", "--json").json] == ids[::-1]
    assert [one["id"] for one in run("requests", "books", "--json", "--limit", "2").json] == [ids[2], ids[1]]
    shown = run("requests", "books").out.splitlines()
    assert [line.split()[0] for line in shown] == ["ID", *ids[::-1]]
    with endpoint() as served:
        assert run("requests", "books", "--json", "--limit", "1").json == [served.queue.result(ids[2]).to_dict()]


def test_requests_are_chosen_by_state(run: Run) -> None:
    run("enqueue", "books", CUSTOMERS)
    update()
    run("enqueue", "books", CUSTOMER)
    assert names(run("requests", "books", "--json", "--state", "done")) == ["CustomerQueryRq"]
    assert names(run("requests", "books", "--json", "--state", "queued")) == ["CustomerAddRq"]
    assert len(run("requests", "books", "--json", "--state", "done", "--state", "queued").json) == 2
    assert run("requests", "books", "--json", "--state", "failed").json == []
    assert run("requests", "books", "--state", "failed").out == ""


def test_requests_says_why_one_failed(run: Run) -> None:
    run("enqueue", "books", CUSTOMERS)
    update(3180)
    assert re.search(r"failed +said by the test", run("requests", "books").out)


def test_show_tells_what_happened_what_was_sent_and_what_came(run: Run) -> None:
    id_ = run("enqueue", "books", CUSTOMERS).line
    update()
    told = run("show", id_, "--json").json
    assert (told["id"], told["state"], told["status_code"], told["request"]) == (id_, "done", 0, READ)
    assert [event["state"] for event in told["history"]] == ["queued", "sent", "done"]
    assert f'requestID="{id_}"' in told["sent"]
    assert f'requestID="{id_}"' in told["received"]
    shown = run("show", id_)
    assert shown.code == 0
    assert told["sent"].strip() in shown.out
    assert told["received"].strip() in shown.out
    for event in told["history"]:
        assert re.search(rf"{event['at'][:19]} +{event['state']} +{event['reason']}", shown.out)


@pytest.mark.parametrize("command", [["show"], ["show", "--json"], ["cancel"]], ids=" ".join)
def test_an_unknown_id_is_exit_code_1(run: Run, command: list[str]) -> None:
    ran = run(*command, "nosuch")
    assert (ran.code, ran.out, ran.err) == (1, "", "soap: no request 'nosuch' in this queue\n")
    assert run("resolve", "nosuch", "done").code == 1


def test_cancel_withdraws_what_waits_and_says_when_it_is_too_late(run: Run) -> None:
    id_ = run("enqueue", "books", CUSTOMERS).line
    ran = run("cancel", id_)
    assert (ran.code, ran.out, ran.err) == (0, "cancelled\n", "")
    update()
    assert run("show", id_, "--json").json["state"] == "cancelled"
    late = run("enqueue", "books", CUSTOMERS).line
    update()
    ran = run("cancel", late)
    assert (ran.code, ran.out) == (1, "done\n")
    assert late in ran.err


@pytest.mark.parametrize("outcome", ["done", "failed", "queued"])
def test_resolve_settles_what_is_unknown(run: Run, outcome: str) -> None:
    id_ = run("enqueue", "books", CUSTOMER).line
    assert run("resolve", id_, outcome).code == 1
    update(answers=0)
    ran = run("resolve", id_, outcome, "--reason", "I looked")
    assert (ran.code, ran.out, ran.err) == (0, f"{outcome}\n", "")
    told = run("show", id_, "--json").json
    assert told["state"] == outcome
    assert told["history"][-1]["reason"].endswith(": I looked")
