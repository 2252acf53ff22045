"""Each fault by its name: that it strikes where and when it says, and that nothing is lost or doubled by it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import qbxml
from qbsimulator import Company, Settings
from qbsimulator.connector import Interference, Outcome
from qbsimulator.faults import FAULTS, Fault, Faults, UnknownFault
from tests.qbsimulator.connector.helpers import Machine, Server
from tests.qbsimulator.connector.together import Together, add

GREETING = ["serverVersion", "clientVersion", "authenticate"]


def faulty(*plan: str, **answers: object) -> Machine:
    return Machine(Server(**answers), faults=Faults(plan))


# -- how they are written ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("lost-answer", Fault("lost-answer")),
        ("lost-answer=sendRequestXML", Fault("lost-answer", "sendRequestXML")),
        ("locked=3175@4", Fault("locked", "3175", 4)),
        ("locked=3176@4x3", Fault("locked", "3176", 4, 3)),
        ("lost-requestx2", None),
        ("delay=sendRequestXML:30", Fault("delay", "sendRequestXML:30")),
        ("delay=0.5@1x2", Fault("delay", "0.5", 1, 2)),
        ("connector-dies=closeConnection", Fault("connector-dies", "closeConnection")),
        ("hresult=0x80040414", Fault("hresult", "0x80040414")),
        ("hresult=0x80040414@1x2", Fault("hresult", "0x80040414", 1, 2)),
        ("restored-backup@2", Fault("restored-backup", "", 2)),
        ("switched=/books/other.company@2", Fault("switched", "/books/other.company", 2)),
        ("no-such", None),
        ("lost-answer=nobody", None),
        ("delay", None),
        ("delay=sendRequestXML:", None),
        ("quickbooks-dies=sendRequestXML", None),
        ("quickbooks-dies", None),
        ("hresult=80040414", None),
        ("hresult=sometimes", None),
        ("locked=3170", None),
        ("expired-iterator=now", None),
        ("switched", None),
        ("locked=3175@0", None),
        ("locked=3175@1x0", None),
    ],
)
def test_how_a_fault_is_written(text: str, fault: Fault | None) -> None:
    if fault is None:
        with pytest.raises(UnknownFault):
            Fault.read(text)
    else:
        assert Fault.read(text) == fault
        assert Fault.read(str(fault)) == fault


def test_a_plan_in_a_file() -> None:
    plan = Faults.read("# first\nlost-answer=authenticate\n\nlocked=3175@2  # later\nseed=7\nrate=0.5\n")
    assert [str(one) for one in plan.plan] == ["lost-answer=authenticate@1", "locked=3175@2"]
    with pytest.raises(UnknownFault):
        Faults.read("seed=often")


def test_every_fault_has_a_test_here() -> None:
    text = Path(__file__).read_text("utf-8").partition("# -- calls")[2]
    assert {name for name in FAULTS if not re.search(rf'"{name}\b', text)} == set()


# -- calls ---------------------------------------------------------------------------------------------------------


def test_a_lost_request_never_reached_the_server() -> None:
    one = faulty("lost-request=receiveResponseXML")
    update = one.update()
    assert (update.outcome, update.codes, update.calls[-1]) == (Outcome.FAILED, ["QBWC1042"], "receiveResponseXML")
    assert one.server.of("receiveResponseXML") == []
    assert len(one.company.asked) == 1
    assert one.update().ok


def test_a_lost_answer_was_heard_by_the_server() -> None:
    one = faulty("lost-answer=receiveResponseXML@2", receiveResponseXML=(10, 20, 100))
    update = one.update()
    assert (update.outcome, update.codes, update.progress) == (Outcome.FAILED, ["QBWC1042"], [10])
    assert len(one.server.of("receiveResponseXML")) == 2


def test_a_fault_without_a_call_strikes_at_any() -> None:
    one = faulty("lost-answer@3")
    assert one.update().calls == GREETING


def test_some_occasions_in_a_row() -> None:
    one = faulty("lost-answer=authenticate@2x2")
    assert [one.update().ok for _ in range(4)] == [True, False, False, True]
    assert [str(fault) for fault in one.connector.faults.fired] == ["lost-answer=authenticate@2x2"] * 2  # type: ignore[attr-defined]  # they are ours


def test_a_call_that_comes_twice() -> None:
    one = faulty("twice=receiveResponseXML")
    assert one.update().ok
    assert len(one.server.of("receiveResponseXML")) == 2
    assert len(one.company.asked) == 1


@pytest.mark.parametrize(("seconds", "ok", "took"), [(30, True, 30), (100, True, 100), (101, False, 100)])
def test_a_delay_that_is_endured_or_not(seconds: int, ok: bool, took: float) -> None:
    one = faulty(f"delay=sendRequestXML:{seconds}")
    began = one.time()
    update = one.update()
    assert (update.ok, one.time() - began) == (ok, took)
    assert ("timed out" in update.status) is not ok
    assert len(one.server.of("sendRequestXML")) == 1


# -- deaths --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("moment", "asked"), [("before", 0), ("after", 1)])
def test_a_connector_that_dies_says_nothing_more(moment: str, asked: int) -> None:
    one = faulty(f"connector-dies={moment}")
    update = one.update()
    assert (update.outcome, update.calls[-1]) == (Outcome.DIED, "sendRequestXML")
    assert len(one.company.asked) == asked
    assert one.company.fields["AppLock"].startswith("LOCKED:")
    assert one.update().ok
    assert one.company.fields["AppLock"] == "UNLOCKED"


def test_a_connector_that_dies_after_a_call() -> None:
    one = faulty("connector-dies=closeConnection")
    assert one.update().outcome is Outcome.DIED
    assert len(one.server.of("closeConnection")) == 1


@pytest.mark.parametrize(
    ("fault", "outcome", "before"),
    [
        ("connector-dies=before", Outcome.DIED, []),
        ("connector-dies=during", Outcome.DIED, ["Annie"]),
        ("connector-dies=after", Outcome.DIED, ["Annie", "Bob"]),
        ("quickbooks-dies=before", Outcome.COMPLETED, []),
        ("quickbooks-dies=during", Outcome.COMPLETED, ["Annie"]),
        ("quickbooks-dies=after", Outcome.COMPLETED, ["Annie", "Bob"]),
    ],
)
def test_what_was_done_before_a_death(tmp_path: Path, fault: str, outcome: Outcome, before: list[str]) -> None:
    """One document with two writes, sent by a server by heart. During: the second was at work, and is not kept."""
    writes = qbxml.build([add("Annie"), add("Bob")]).decode()
    company = Company.create(tmp_path / "books.company")
    one = Machine(Server(sendRequestXML=writes), company=company, faults=Faults([fault]))
    update = one.update()
    assert update.outcome is outcome
    answer = qbxml.parse(company.process(qbxml.build({"CustomerQueryRq": {}})))
    assert [record["Name"] for record in answer[0].records] == before
    if fault.startswith("quickbooks"):
        (received,) = one.server.of("receiveResponseXML")
        assert (received["hresult"], received["response"]) == ("0x80010105", "")
        assert update.codes == ["QBWC1015"]


def test_quickbooks_that_died_answers_nothing_until_the_next_update() -> None:
    one = faulty("quickbooks-dies=before", receiveResponseXML=(50, 100))
    one.update()
    assert [received["hresult"] for received in one.server.of("receiveResponseXML")] == ["0x80010105"] * 2
    one.update()
    assert one.server.of("receiveResponseXML")[2]["hresult"] == ""


# -- QuickBooks ----------------------------------------------------------------------------------------------------


def test_a_document_is_refused_with_an_hresult() -> None:
    one = faulty("hresult=0x80040414")
    one.update()
    (received,) = one.server.of("receiveResponseXML")
    assert received["hresult"] == "0x80040414"
    assert received["message"]
    assert one.company.asked == []


@pytest.mark.parametrize("kind", ["fix", "retry", "alert"])
def test_hresults_by_class(kind: str) -> None:
    one = faulty(f"hresult={kind}@1x3", receiveResponseXML=(1, 2, 3, 100))
    one.update()
    codes = [received["hresult"] for received in one.server.of("receiveResponseXML")]
    assert [qbxml.hresult(code).kind for code in codes[:3]] == [kind] * 3
    assert codes[3] == ""


def test_a_company_file_that_can_not_be_opened() -> None:
    one = faulty("open-hresult=0x80040410")
    update = one.update()
    assert (update.outcome, update.codes) == (Outcome.NOT_CONNECTED, ["QBWC1013"])
    assert one.server.of("connectionError")[0]["hresult"] == "0x80040410"
    assert one.update().ok


@pytest.mark.parametrize("code", [3175, 3176])
def test_records_that_somebody_has_open(tmp_path: Path, code: int) -> None:
    company = Company.create(tmp_path / "books.company")
    requests = [{"HostQueryRq": {}}, add("Annie"), {"CustomerQueryRq": {}}]
    document = qbxml.build(requests, on_error="continueOnError").decode()
    one = Machine(Server(sendRequestXML=document), company=company, faults=Faults([f"locked={code}"]))
    one.update()
    answers = qbxml.parse(one.server.of("receiveResponseXML")[0]["response"])
    assert [answer.status_code for answer in answers] == [0, code, 1]
    assert answers[1].status_message.startswith("There was an error adding, modifying or deleting Annie because")
    assert one.update().ok
    answers = qbxml.parse(one.server.of("receiveResponseXML")[1]["response"])
    assert [answer.status_code for answer in answers] == [0, 0, 0]


def test_an_iterator_that_has_expired(tmp_path: Path) -> None:
    company = Company.create(tmp_path / "books.company")
    company.process(qbxml.build([add(f"Customer {number}") for number in range(5)]))

    def page(call: object) -> str:
        received = one.server.of("receiveResponseXML")
        if not received:
            return qbxml.build({"CustomerQueryRq": {"iterator": "Start", "MaxReturned": 2}}).decode()
        known = re.search(r'iteratorID="([^"]+)"', received[0]["response"])
        assert known is not None
        following = {"iterator": "Continue", "iteratorID": known[1], "MaxReturned": 2}
        return qbxml.build({"CustomerQueryRq": following}).decode()

    server = Server(sendRequestXML=page, receiveResponseXML=(30, 60, 100))
    one = Machine(server, company=company, faults=Faults(["expired-iterator@2"]))
    assert one.update().ok
    received = [qbxml.parse(each["response"])[0].status_code for each in server.of("receiveResponseXML")]
    assert received == [0, 0, 3391]


def test_another_company_file_is_open_for_one_update(tmp_path: Path) -> None:
    other = tmp_path / "other.company"
    Company.create(other).close()
    one = Together(tmp_path, faults=Faults([f"switched={other}@2"]))
    one.enqueue(add("Annie"))
    one.update()
    one.enqueue(add("Bob"))
    assert one.update().outcome is not Outcome.COMPLETED
    with Company.open(other) as opened:
        assert b'statusCode="1"' in opened.process(qbxml.build({"CustomerQueryRq": {}}))
    one.until_done()
    assert one.customers() == ["Annie", "Bob"]


def test_a_company_file_put_back_to_an_older_state(tmp_path: Path) -> None:
    one = Together(tmp_path, faults=Faults(["restored-backup@3"]))
    for name in ("Annie", "Bob"):
        one.enqueue(add(name))
        one.update()
    assert one.customers() == ["Annie", "Bob"]
    one.enqueue(add("Carol"))
    one.update()
    assert one.customers() == ["Carol"]


def test_a_company_file_put_back_to_a_copy(tmp_path: Path) -> None:
    one = Together(tmp_path)
    one.enqueue(add("Annie"))
    one.update()
    one.company.back_up(tmp_path / "copy.company")
    one.connector.faults = Faults([f"restored-backup={tmp_path / 'copy.company'}@2"])
    one.enqueue(add("Bob"))
    one.update()
    assert one.customers() == ["Annie", "Bob"]
    one.update()
    assert one.customers() == ["Annie"]


def test_a_stand_in_can_not_be_put_back() -> None:
    with pytest.raises(UnknownFault):
        faulty("restored-backup").update()


# -- drawn plans ---------------------------------------------------------------------------------------------------


def test_the_same_seed_draws_the_same_faults() -> None:
    def drawn(seed: int) -> list[str]:
        faults = Faults(seed=seed, rate=0.1)
        one = Machine(Server(receiveResponseXML=(10, 20, 100)), faults=faults)
        for _ in range(20):
            one.time.sleep(600)
            one.update()
        return [str(fault) for fault in faults.fired]

    assert drawn(7) == drawn(7)
    assert len(drawn(7)) > 3
    assert drawn(7) != drawn(8)


def test_without_a_seed_nothing_is_drawn() -> None:
    faults = Faults()
    Machine(faults=faults).update()
    assert faults.fired == []


_LOST = ("sendRequestXML", "receiveResponseXML", "closeConnection", "authenticate")
LOSSES = [
    *(f"{name}={call}" for name in ("lost-request", "lost-answer", "twice") for call in _LOST),
    "delay=receiveResponseXML:500",
    *(f"{who}-dies={moment}" for who in ("connector", "quickbooks") for moment in ("before", "during", "after")),
    "connector-dies=receiveResponseXML",
    "locked=3175",
    "open-hresult=retry",
]


@pytest.mark.parametrize("fault", LOSSES)
@pytest.mark.parametrize(("nth", "nothing"), [(1, 600), (1, 9002), (2, 9002)])
def test_nothing_is_lost_and_nothing_doubled(tmp_path: Path, fault: str, nth: int, nothing: int) -> None:
    """Against the endpoint, whatever is lost, repeated or killed: all that was asked for is done, and once."""
    settings = Settings(nothing_stored=nothing)
    one = Together(tmp_path, faults=Faults([f"{fault}@{nth}"]), settings=settings)
    entries = {name: one.enqueue(add(name))[0] for name in ("Annie", "Bob", "Carol")}
    one.until_done(40)
    assert sorted(one.customers()) == sorted(entries)
    assert [one.queue.result(entry).state.value for entry in entries.values()] == ["done"] * 3


@pytest.mark.parametrize("seed", range(10))
def test_nothing_is_lost_in_drawn_plans(tmp_path: Path, seed: int) -> None:
    faults = Faults(seed=seed, rate=0.1)
    one = Together(tmp_path, faults=faults)
    entries: dict[str, str] = {}
    for number in range(6):
        entries[f"Customer {number}"] = one.enqueue(add(f"Customer {number}"))[0]
        one.update()
    one.connector.faults = Interference()
    one.until_done(40)
    done = [name for name, entry in entries.items() if one.queue.result(entry).state.value == "done"]
    there = one.customers()
    assert len(there) == len(set(there))
    if all(fault.name != "restored-backup" for fault in faults.fired):
        assert sorted(there) == done
