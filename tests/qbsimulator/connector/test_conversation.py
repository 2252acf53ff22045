"""The calls of an update: their order, their arguments, and what each answer leads to."""

from __future__ import annotations

import pytest

from qbsimulator import QuickBooksError
from qbsimulator.connector import Habits, Outcome
from tests.qbsimulator.connector.helpers import QUERY, Machine, Raw, Server, StandIn, envelope, machine

GREETING = ["serverVersion", "clientVersion"]
BUSY = QuickBooksError("0x80040414", "A modal dialog box is showing in the QuickBooks user interface.")


def test_an_update_in_its_order() -> None:
    one = machine()
    update = one.update()
    assert update.calls == [*GREETING, "authenticate", "sendRequestXML", "receiveResponseXML", "closeConnection"]
    assert (update.outcome, update.status, update.codes, update.ok) == (Outcome.COMPLETED, "Bye", [], True)
    assert one.company.asked == [QUERY]
    assert one.company.applications[-1] == "Books"


def test_what_the_calls_are_given() -> None:
    one = machine(receiveResponseXML=(50, 100))
    one.update()
    assert one.server.of("clientVersion") == [{"strVersion": "2.3.0.215"}]
    assert one.server.of("authenticate") == [{"strUserName": "annie", "strPassword": "reeds"}]
    first, second = one.server.of("sendRequestXML")
    assert first["strHCPResponse"].count("<HostQueryRs") == 1
    assert second["strHCPResponse"] == ""
    del first["strHCPResponse"]
    assert first == {
        "ticket": "T1",
        "strCompanyFileName": "C:\\Books\\larry.qbw",
        "qbXMLCountry": "US",
        "qbXMLMajorVers": "13",
        "qbXMLMinorVers": "0",
    }
    assert one.server.of("receiveResponseXML")[0]["response"].startswith('<?xml version="1.0" ?>')
    assert one.server.of("closeConnection") == [{"ticket": "T1"}]


def test_host_company_and_preferences_are_asked_as_one_document() -> None:
    seen: list[bytes] = []

    class Watched(StandIn):
        def process(self, data: bytes, /) -> bytes:
            seen.append(data)
            return super().process(data)

    Machine(company=Watched()).update()
    (asked,) = [one for one in seen if b"PreferencesQueryRq" in one]
    assert b'<HostQueryRq requestID="0"' in asked
    assert b'<CompanyQueryRq requestID="1"><OwnerID>{57F3B9B1-' in asked
    assert b'<PreferencesQueryRq requestID="2"' in asked


# -- greeting ----------------------------------------------------------------------------------------------------


def test_a_server_without_a_version_is_used_all_the_same() -> None:
    assert machine(serverVersion=Raw(b"", "500 Oops", "text/plain")).update().ok


@pytest.mark.parametrize("code", ["Client", "soap11env:Client.ResourceNotFound"])
def test_a_server_without_client_version_is_used_all_the_same(code: str) -> None:
    assert machine(clientVersion=fault(code)).update().ok


def fault(code: str, status: str = "500 Internal Server Error") -> Raw:
    inside = f"<faultcode>{code}</faultcode><faultstring>no\nluck</faultstring>"
    body = f'<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/"><e:Body><e:Fault>{inside}</e:Fault></e:Body></e:Envelope>'
    return Raw(body.encode(), status)


@pytest.mark.parametrize("result", ["", "<clientVersionResult/>"])
def test_an_empty_answer_to_client_version_is_good(result: str) -> None:
    assert machine(clientVersion=Raw(envelope("clientVersion", result))).update().ok


@pytest.mark.parametrize(
    ("answer", "outcome", "codes"),
    [
        ("E:Too old.", Outcome.REFUSED, ["QBWC1037"]),
        ("O:34.0", Outcome.REFUSED, []),
        ("W:Rather old.", Outcome.REFUSED, ["QBWC1037"]),
        ("OK", Outcome.FAILED, ["QBWC1046"]),
        (fault("Server"), Outcome.FAILED, ["QBWC1036"]),
    ],
)
def test_what_client_version_refuses(answer: str, outcome: Outcome, codes: list[str]) -> None:
    update = machine(clientVersion=answer).update()
    assert (update.outcome, update.codes, update.calls) == (outcome, codes, GREETING)


def test_a_warning_that_somebody_accepts() -> None:
    one = Machine(Server(clientVersion="W:Rather old."), habits=Habits(accepts_warnings=True))
    update = one.update()
    assert update.ok
    assert update.codes == ["QBWC1037"]


# -- authenticate ------------------------------------------------------------------------------------------------


def test_without_a_password_it_does_not_begin() -> None:
    update = Machine(password=None).update()
    assert (update.outcome, update.code, update.calls) == (Outcome.NOT_STARTED, "QBWC1030", [])


@pytest.mark.parametrize(
    ("word", "outcome", "codes"),
    [
        ("none", Outcome.NO_DATA, []),
        ("NONE", Outcome.NO_DATA, []),
        ("busy", Outcome.BUSY, []),
        ("nvu", Outcome.NOT_VALID, ["QBWC1040"]),
    ],
)
def test_the_words_of_authenticate_end_the_update_with_close_connection(
    word: str, outcome: Outcome, codes: list[str]
) -> None:
    one = machine(authenticate=["", word])
    update = one.update()
    assert (update.outcome, update.codes) == (outcome, codes)
    assert update.calls == [*GREETING, "authenticate", "closeConnection"]
    assert one.server.of("closeConnection") == [{"ticket": ""}]


def test_a_word_with_a_blank_is_a_path() -> None:
    one = machine(authenticate=["T1", "nvu "])
    update = one.update()
    assert update.outcome is Outcome.NOT_CONNECTED
    assert one.server.of("connectionError")[0]["hresult"] == "0x8004040A"


@pytest.mark.parametrize("path", ["", "C:\\Books\\larry.qbw", "c:/books/LARRY.QBW"])
def test_the_company_file_may_be_named(path: str) -> None:
    assert machine(authenticate=["T1", path]).update().ok


@pytest.mark.parametrize("short", [[], ["T1"]])
def test_an_array_that_is_too_short(short: list[str]) -> None:
    update = machine(authenticate=short).update()
    assert (update.outcome, update.code) == (Outcome.FAILED, "QBWC1012")
    assert "Index Out Of Range" in update.status


@pytest.mark.parametrize("more", [["", ""], ["", "", ""], ["", "", "9"]])
def test_more_members_that_say_nothing(more: list[str]) -> None:
    assert machine(authenticate=["T1", "", *more]).update().ok


def test_seconds_that_are_no_number() -> None:
    assert machine(authenticate=["T1", "", "soon"]).update().code == "QBWC1012"


# -- opening the company file --------------------------------------------------------------------------------------


def test_a_company_file_is_tried_twice_before_the_server_is_told() -> None:
    one = machine()
    tries = len(one.company.applications)
    one.company.fails["HostQueryRq"] = BUSY
    one.connector.desk.open_file = "C:\\other.qbw"
    assert one.update().outcome is Outcome.NOT_CONNECTED
    assert len(one.company.applications) == tries
    said = [line for line in one.connector.log.lines if "was not opened" in line]
    assert len(said) == 2


def test_connection_error_has_the_hresult_and_done_ends_it() -> None:
    one = machine(connectionError="DONE")
    one.connector.desk.open_file = ""
    update = one.update()
    assert (update.outcome, update.code) == (Outcome.NOT_CONNECTED, "QBWC1013")
    assert update.calls == [*GREETING, "authenticate", "connectionError"]
    (told,) = one.server.of("connectionError")
    assert (told["ticket"], told["hresult"]) == ("T1", "0x80040417")
    assert told["message"]


def test_any_other_answer_to_connection_error_is_another_path() -> None:
    one = machine(authenticate=["T1", "C:\\wrong.qbw"], connectionError=("C:\\wrong, too.qbw", ""))
    assert one.update().ok
    assert len(one.server.of("connectionError")) == 2


def test_a_server_that_never_gives_up_is_left_at_last() -> None:
    one = Machine(Server(connectionError="C:\\wrong.qbw"), habits=Habits(most_calls=50))
    one.connector.desk.open_file = ""
    update = one.update()
    assert update.outcome is Outcome.BROKEN_OFF
    assert 50 <= len(update.calls) <= 51


def test_quickbooks_that_does_not_run_wants_a_path() -> None:
    one = machine()
    one.connector.desk.running = False
    one.update()
    assert one.server.of("connectionError")[0]["hresult"] == "0x80040416"
    one.server.answers["authenticate"] = [["T1", "C:\\Books\\larry.qbw"]]
    assert one.update().ok


def test_queries_that_fail_are_a_connection_that_fails() -> None:
    one = machine()
    one.company.fails["PreferencesQueryRq"] = BUSY
    update = one.update()
    assert (update.outcome, update.code) == (Outcome.NOT_CONNECTED, "QBWC1014")
    assert one.server.of("connectionError")[0]["hresult"] == BUSY.hresult
    assert one.company.fields["AppLock"].startswith("LOCKED")


def test_an_edition_that_the_application_is_not_for() -> None:
    one = Machine(AuthFlags="0x8")
    one.update()
    assert one.server.of("connectionError")[0]["hresult"] == "0x8004041F"
    assert Machine(AuthFlags="0xA").update().ok


@pytest.mark.parametrize(("closes", "last"), [(False, "connectionError"), (True, "closeConnection")])
def test_whether_done_is_followed_by_close_connection_is_a_habit(closes: bool, last: str) -> None:
    one = Machine(habits=Habits(closes_after_done=closes))
    one.connector.desk.open_file = ""
    assert one.update().calls[-1] == last


# -- requests and answers ------------------------------------------------------------------------------------------


def test_progress_goes_on_below_100() -> None:
    one = machine(receiveResponseXML=(0, 33, 99, 100))
    update = one.update()
    assert update.progress == [0, 33, 99, 100]
    assert len(update.documents) == 4


def test_more_than_100_is_taken_for_100() -> None:
    one = machine(receiveResponseXML=101)
    assert one.update().ok
    assert "receiveResponseXML answered 101" in one.connector.log


def test_a_document_that_quickbooks_refuses_comes_back_with_its_hresult() -> None:
    one = machine(sendRequestXML=f"\n{QUERY}")
    one.update()
    (received,) = one.server.of("receiveResponseXML")
    assert (received["response"], received["hresult"]) == ("", "0x80040400")
    assert "parsing" in received["message"]
    assert one.company.asked == []


@pytest.mark.parametrize(("character", "taken"), [("é", True), ("€", False), ("&#8364;", True)])
def test_characters_beyond_latin_1_only_as_references(character: str, taken: bool) -> None:
    text = QUERY.replace("<QBXMLMsgsRq ", f"<!-- {character} --><QBXMLMsgsRq ")
    one = machine(sendRequestXML=text)
    one.update()
    (received,) = one.server.of("receiveResponseXML")
    assert received["hresult"] == ("" if taken else "0x80040400")


def test_a_negative_answer_asks_for_the_error_and_ends() -> None:
    one = machine(receiveResponseXML=-101)
    update = one.update()
    assert (update.outcome, update.status, update.codes) == (Outcome.SERVER_ERROR, "It went wrong.", [])
    assert update.calls[-3:] == ["receiveResponseXML", "getLastError", "closeConnection"]


def test_nothing_to_send_asks_for_the_error_and_ends() -> None:
    update = machine(sendRequestXML="").update()
    assert (update.outcome, update.status) == (Outcome.SERVER_ERROR, "It went wrong.")
    assert update.calls[-3:] == ["sendRequestXML", "getLastError", "closeConnection"]


def test_an_error_of_a_scheduled_update_has_a_number() -> None:
    assert machine(sendRequestXML="").update(scheduled=True).codes == ["QBWC1031"]


@pytest.mark.parametrize("word", ["", "NoOp"])
def test_noop_pauses_for_five_seconds(word: str) -> None:
    one = machine(sendRequestXML=(word, word, QUERY), getLastError="NoOp")
    began = one.time()
    update = one.update()
    assert update.ok
    assert one.time() - began == 10
    assert [call["strHCPResponse"] != "" for call in one.server.of("sendRequestXML")] == [True, False, False]


@pytest.mark.parametrize("word", ["noop", "NoOp ", "interactive mode"])
def test_noop_is_spelled_one_way(word: str) -> None:
    update = machine(sendRequestXML="", getLastError=word).update()
    assert (update.outcome, update.status) == (Outcome.SERVER_ERROR, word)


@pytest.mark.parametrize(("pauses", "outcome"), [(False, Outcome.SERVER_ERROR), (True, Outcome.COMPLETED)])
def test_noop_after_a_negative_answer_is_a_habit(pauses: bool, outcome: Outcome) -> None:
    server = Server(receiveResponseXML=(-1, 100), getLastError="NoOp")
    assert Machine(server, habits=Habits(noop_after_negative=pauses)).update().outcome is outcome


def test_nobody_is_there_for_the_interactive_mode() -> None:
    one = machine(sendRequestXML="", getLastError="Interactive mode")
    began = one.time()
    update = one.update()
    assert update.calls[-3:] == ["getLastError", "interactiveRejected", "closeConnection"]
    assert (update.status, one.time() - began) == ("Then not.", 60)
    (told,) = one.server.of("interactiveRejected")
    assert told["wcTicket"] == "T1"


def test_a_closing_that_fails_has_a_number_and_the_update_is_done() -> None:
    update = machine(closeConnection=Raw(b"", "500 Oops", "text/plain")).update()
    assert (update.outcome, update.codes) == (Outcome.COMPLETED, ["QBWC1044"])


@pytest.mark.parametrize(
    ("method", "code", "more"),
    [
        ("authenticate", "QBWC1012", {}),
        ("sendRequestXML", "QBWC1041", {}),
        ("receiveResponseXML", "QBWC1042", {}),
        ("getLastError", "QBWC1043", {"sendRequestXML": ""}),
        ("connectionError", "QBWC1045", {"authenticate": ["T1", "C:\\wrong.qbw"]}),
    ],
)
def test_an_exception_ends_the_update_with_its_number(method: str, code: str, more: dict[str, object]) -> None:
    codes = ["QBWC1013", code] if method == "connectionError" else [code]
    update = machine(**{**more, method: fault("Server")}).update()
    assert (update.outcome, update.codes, update.calls[-1]) == (Outcome.FAILED, codes, method)
    assert update.status == "no\nluck"


def test_an_exception_may_be_followed_by_close_connection() -> None:
    one = Machine(Server(sendRequestXML=fault("Server")), habits=Habits(closes_after_exception=True))
    assert one.update().calls[-1] == "closeConnection"


def test_the_session_with_quickbooks_ends_before_the_connection() -> None:
    company = StandIn()
    one = Machine(Server(closeConnection=lambda call: company.fields["AppLock"]), company=company)
    assert one.update().status == "UNLOCKED"


def test_an_interrupt_tells_the_server() -> None:
    def interrupted(call: object) -> str:
        raise KeyboardInterrupt

    one = machine(sendRequestXML=interrupted)
    with pytest.raises(KeyboardInterrupt):
        one.update()
    assert one.server.calls[-1].method == "closeConnection"
    assert one.company.fields["AppLock"] == "UNLOCKED"
    one.server.answers["sendRequestXML"] = [QUERY]
    assert one.update().ok
