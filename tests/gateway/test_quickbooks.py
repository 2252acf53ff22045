from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

import soap
from qbgateway.service import Given
from soap import State
from soap.queue.signals import work
from soap.testing.connector import ModelConnector
from soap.testing.quickbooks import ModelQuickBooks

from .helpers import Books, Caller, Computer, error_of

READ: dict[str, Any] = {"CustomerQueryRq": {"MaxReturned": 10}}
ADD: dict[str, Any] = {"CustomerAddRq": {"CustomerAdd": {"Name": "Annie's Alligators"}}}
INVALID = (400, "INVALID_REQUEST_ERROR", "PARAMETERS_INVALID")


@pytest.fixture
def computer(books: Books) -> Computer:
    made = books.connected(books.end_user())
    assert made.update()
    return made


def path_of(computer: Computer) -> str:
    return f"/v1/end-users/{computer.end_user.id}/request/quickbooks_desktop"


def only(books: Books, computer: Computer) -> Any:
    """The one request that the API put in, beside the greeting."""
    (found,) = [one for one in books.queue.find(computer.connection.id) if one.metadata != {"by": "flow"}]
    return found


# -- the way there and back --------------------------------------------------------------------------------------


def test_from_a_key_to_an_answer(books: Books) -> None:
    """Each step through the door that others use."""
    call = books.caller()
    end_user = call("POST", "/v1/end-users", {"companyName": "A", "sourceId": "s", "email": "a@b"}).get_json()
    given = {"publishableKey": books.keys.publishable_text, "endUserId": end_user["id"]}
    session = call("POST", "/v1/auth-sessions", given).get_json()
    link = session["authFlowUrl"].removeprefix("https://books.example.com")
    page, _, key = link.partition("?")
    anybody = Caller(books.application(), "")
    assert anybody("GET", link).get_json()["step"] == "opened"
    secrets = anybody("POST", f"{page}/password?{key}").get_json()
    answer = anybody("GET", f"{page}/file?{key}")
    assert answer.headers["Content-Disposition"] == "attachment; filename=A.qwc"
    file = soap.qwc.parse(answer.data)
    assert file.username == secrets["userName"]

    quickbooks = ModelQuickBooks(owner_id=f"{{{file.owner_id}}}".upper(), file_id=f"{{{file.file_id}}}".upper())
    endpoint = books.endpoint()
    connector = ModelConnector(lambda: endpoint, quickbooks, file.username, secrets["password"])
    assert connector.session()
    state = anybody("GET", link).get_json()
    assert (state["step"], state["quickbooksCompanyName"]) == ("finished", "Reed & Sons")
    assert error_of(anybody("POST", f"{page}/password?{key}"))[2] == "LINK_EXPIRED"

    path = f"/v1/end-users/{end_user['id']}/request/quickbooks_desktop"
    with ThreadPoolExecutor(1) as pool, books.queue.store.signals.watch(work(file.username)) as watch:
        answers = pool.submit(call, "POST", path, ADD)
        assert watch.wait(5.0)
        connector.session()
        body = answers.result(10.0).get_json()
    assert body["CustomerAddRs"]["CustomerRet"]["FullName"] == "Annie's Alligators"
    assert [one.name for one in quickbooks.executed] == ["CustomerAddRq"]


def test_reads_and_writes_are_answered_in_the_form_that_clients_unwrap(books: Books, computer: Computer) -> None:
    call = books.caller()
    empty = call.ask(computer, READ)
    assert (empty.status_code, empty.get_json()) == (200, {"CustomerQueryRs": {"CustomerRet": []}})
    added = call.ask(computer, ADD).get_json()["CustomerAddRs"]["CustomerRet"]
    assert added == {
        "ListID": added["ListID"],
        "EditSequence": "1",
        "Name": "Annie's Alligators",
        "FullName": "Annie's Alligators",
    }
    assert call.ask(computer, READ).get_json() == {"CustomerQueryRs": {"CustomerRet": [added]}}
    changed = {"CustomerMod": {"Name": "B", "EditSequence": "1", "ListID": added["ListID"]}}
    assert call.ask(computer, {"CustomerModRq": changed}).get_json()["CustomerModRs"]["CustomerRet"]["ListID"]
    stale = call.ask(computer, {"CustomerModRq": changed})
    assert error_of(stale) == (502, "INTEGRATION_ERROR", "QBD_REQUEST_ERROR")
    error = stale.get_json()["error"]
    assert error["integrationCode"] == "3200"
    assert error["message"].startswith("QBD Request Error (3200): The provided edit sequence")
    assert stale.headers["x-should-retry"] == "false"
    company = call.ask(computer, {"CompanyQueryRq": {}}).get_json()["CompanyQueryRs"]["CompanyRet"]
    assert [one["CompanyName"] for one in company] == ["Reed & Sons"]


def test_a_number_is_written_as_the_key_wants_it(books: Books, computer: Computer) -> None:
    keys = books.gateway.accounts.create_keys(books.account.id, numbers="inferred")
    call = Caller(books.application(), keys.secret_text)
    added = call.ask(computer, ADD).get_json()["CustomerAddRs"]["CustomerRet"]
    assert added["EditSequence"] == 1
    # And is taken as it was given.
    changed = {"CustomerModRq": {"CustomerMod": {**added, "Name": "B"}}}
    changed["CustomerModRq"]["CustomerMod"].pop("FullName")
    assert call.ask(computer, changed).status_code == 200


def test_a_ping_tells_how_long_it_takes(books: Books, computer: Computer) -> None:
    call = books.caller()
    path = f"/v1/end-users/{computer.end_user.id}/ping/quickbooks_desktop"
    with ThreadPoolExecutor(1) as pool, books.queue.store.signals.watch(work(computer.connection.id)) as watch:
        answer = pool.submit(call, "GET", path)
        assert watch.wait(5.0)
        computer.update()
        body = answer.result(10.0).get_json()
    assert list(body) == ["duration"]
    assert 0 <= body["duration"] < 10_000
    assert only(books, computer).name == "HostQueryRq"


def test_what_quickbooks_names_and_does_not_have_is_an_error(books: Books, computer: Computer) -> None:
    call = books.caller()
    call.ask(computer, ADD)
    for wanted in ({"ListID": "80000009-1"}, {"FullName": ["Nobody"]}):
        answer = call.ask(computer, {"CustomerQueryRq": wanted})
        assert error_of(answer) == (502, "INTEGRATION_ERROR", "QBD_REQUEST_ERROR")
        assert answer.get_json()["error"]["integrationCode"] == "500"


@pytest.mark.parametrize("code", [501, 510, 530, 531, 550, 560, 570])
def test_any_other_warning_means_that_it_was_done(books: Books, computer: Computer, code: int) -> None:
    def warn(request: Any, set_id: str | None) -> Any:
        result = add(request, set_id)
        return (code, "Done, \u00e4lmost.", *result[2:])

    add = computer.quickbooks._add
    computer.quickbooks._add = warn  # type: ignore[method-assign]
    answer = books.caller().ask(computer, ADD)
    assert answer.status_code == 200
    assert answer.headers["Conductor-Warning"] == f"{code} Done, \\xe4lmost."
    assert answer.get_json()["CustomerAddRs"]["CustomerRet"]["Name"] == "Annie's Alligators"


def test_quickbooks_that_takes_no_document_is_a_connection_error(books: Books, computer: Computer) -> None:
    computer.quickbooks.refused_names.add("Annie's Alligators")
    answer = books.caller().ask(computer, ADD)
    assert error_of(answer) == (502, "INTEGRATION_CONNECTION_ERROR", "QBD_CONNECTION_ERROR")
    error = answer.get_json()["error"]
    assert error["integrationCode"] == "0x80040400"
    assert error["message"].startswith("QBD Connection Error (0x80040400): ")


# -- who is not there --------------------------------------------------------------------------------------------


def test_a_quickbooks_that_was_never_connected(books: Books) -> None:
    call, end_user = books.caller(), books.end_user()
    path = f"/v1/end-users/{end_user.id}/request/quickbooks_desktop"
    not_set_up = (409, "INTEGRATION_CONNECTION_ERROR", "INTEGRATION_CONNECTION_NOT_SET_UP")
    assert error_of(call("POST", path, READ)) == not_set_up
    computer = books.connected(end_user)
    answer = call("POST", path, READ)
    assert error_of(answer) == not_set_up
    assert answer.headers["x-should-retry"] == "false"
    assert books.queue.find(computer.connection.id) == []


def test_a_web_connector_that_went_silent(books: Books, computer: Computer) -> None:
    call = books.caller()
    done = call.ask(computer, ADD, Idempotency_Key="k")
    books.clock.advance(181.0)
    answer = call("POST", path_of(computer), READ)
    assert error_of(answer) == (409, "INTEGRATION_CONNECTION_ERROR", "INTEGRATION_CONNECTION_NOT_ACTIVE")
    assert "2023-11-14T22:13:20.000Z" in answer.get_json()["error"]["message"]
    assert error_of(call("POST", path_of(computer), READ, Prefer="respond-async"))[0] == 409
    # What was asked before has its answer all the same.
    assert call("POST", path_of(computer), ADD, Idempotency_Key="k").get_json() == done.get_json()
    status = call("GET", f"/v1/integration-connections/{computer.connection.id}/status").get_json()
    assert (status["status"], status["since"]) == ("not_active", "2023-11-14T22:13:20.000Z")


# -- waiting -----------------------------------------------------------------------------------------------------


def test_what_was_not_fetched_in_time_is_withdrawn(books: Books, computer: Computer) -> None:
    call = books.caller()
    answer = call("POST", path_of(computer), ADD, Conductor_Timeout_Seconds="1")
    assert error_of(answer) == (504, "INTEGRATION_CONNECTION_ERROR", "QBD_REQUEST_TIMEOUT")
    assert "not sent" in answer.get_json()["error"]["message"]
    assert "x-should-retry" not in answer.headers
    assert only(books, computer).state is State.CANCELLED
    computer.update()
    assert computer.quickbooks.executed == []


def test_it_is_done_when_it_is_asked_for_again_with_the_same_key(books: Books, computer: Computer) -> None:
    """Which is what 'safe to try again' promises."""
    call = books.caller()
    assert call("POST", path_of(computer), ADD, Idempotency_Key="k", Conductor_Timeout_Seconds="1").status_code == 504
    done = call.ask(computer, ADD, Idempotency_Key="k")
    assert done.status_code == 200
    assert call("POST", path_of(computer), ADD, Idempotency_Key="k").get_json() == done.get_json()
    assert len(computer.quickbooks.executed) == 1
    other = call("POST", path_of(computer), READ, Idempotency_Key="k")
    assert error_of(other) == (409, "INVALID_REQUEST_ERROR", "IDEMPOTENCY_KEY_REUSED")


def hand_out(books: Books, computer: Computer, call: Caller, request: Any, **headers: str) -> tuple[str, Any]:
    """Let a request be handed out, and its time run out; the ticket of the session, and the answer."""
    endpoint = books.endpoint()
    with ThreadPoolExecutor(1) as pool, books.queue.store.signals.watch(work(computer.connection.id)) as watch:
        answer = pool.submit(call, "POST", path_of(computer), request, Conductor_Timeout_Seconds="1", **headers)
        assert watch.wait(5.0)
        ticket = endpoint.authenticate(computer.connection.id, computer.password)[0]
        text = endpoint.send_request_xml(ticket, computer.quickbooks.describe(), "", "US", 16, 0)
        assert text
        result = answer.result(10.0)
    computer.text = text  # type: ignore[attr-defined]
    return ticket, result


def test_what_was_handed_out_stays_and_may_have_been_done(books: Books, computer: Computer) -> None:
    call = books.caller()
    ticket, answer = hand_out(books, computer, call, ADD)
    assert error_of(answer) == (504, "INTEGRATION_CONNECTION_ERROR", "QBD_REQUEST_TIMEOUT")
    where = answer.headers["Location"]
    assert where in answer.get_json()["error"]["message"]
    assert "may have been done" in answer.get_json()["error"]["message"]
    assert answer.headers["x-should-retry"] == "false"
    waits = call("GET", where).get_json()
    assert (waits["state"], waits["isFinal"], "answer" in waits) == ("sent", False, False)
    response = computer.quickbooks.process(computer.text)  # type: ignore[attr-defined]
    books.endpoint().receive_response_xml(ticket, response, "", "")
    done = call("GET", where).get_json()
    assert (done["state"], done["isFinal"], done["warning"]) == ("done", True, None)
    assert done["answer"]["CustomerAddRs"]["CustomerRet"]["Name"] == "Annie's Alligators"
    assert [one["state"] for one in done["timeline"]] == ["queued", "sent", "done"]


def test_a_lost_write_is_unknown_until_somebody_says_what_became_of_it(books: Books, computer: Computer) -> None:
    call = books.caller()
    ticket, answer = hand_out(books, computer, call, ADD, Idempotency_Key="k")
    where = answer.headers["Location"]
    assert error_of(call("POST", f"{where}/resolve", {"outcome": "done"}))[2] == "REQUEST_NOT_UNKNOWN"
    books.endpoint().close_connection(ticket)
    assert call("GET", where).get_json()["state"] == "unknown"
    assert error_of(call("POST", f"{where}/resolve", {"outcome": "perhaps"})) == INVALID
    assert call("POST", f"{where}/resolve", {"outcome": "done"}).get_json()["state"] == "done"
    assert call("POST", path_of(computer), ADD, Idempotency_Key="k").get_json() == {"CustomerAddRs": {}}


def test_why_the_web_connector_did_not_fetch_it_is_told(books: Books, computer: Computer) -> None:
    call, endpoint = books.caller(), books.endpoint()
    with ThreadPoolExecutor(1) as pool, books.queue.store.signals.watch(work(computer.connection.id)) as watch:
        pending = pool.submit(call, "POST", path_of(computer), ADD, Conductor_Timeout_Seconds="1")
        assert watch.wait(5.0)
        books.clock.advance(1.0)
        ticket = endpoint.authenticate(computer.connection.id, computer.password)[0]
        assert endpoint.connection_error(ticket, "0x80040420", "Not allowed.") == "done"
        answer = pending.result(10.0)
    assert error_of(answer) == (502, "INTEGRATION_CONNECTION_ERROR", "QBD_CONNECTION_ERROR")
    assert answer.get_json()["error"]["integrationCode"] == "0x80040420"
    assert only(books, computer).state is State.CANCELLED


@pytest.mark.parametrize("seconds", ["0", "241", "-1", "1.5", "x", "", "9999999999"])
def test_a_wait_has_its_bounds(books: Books, computer: Computer, seconds: str) -> None:
    answer = books.caller()("POST", path_of(computer), READ, Conductor_Timeout_Seconds=seconds)
    assert error_of(answer) == INVALID


def test_a_caller_may_not_want_to_wait(books: Books, computer: Computer) -> None:
    call = books.caller()
    answer = call("POST", path_of(computer), ADD, Prefer="respond-async")
    assert answer.status_code == 202
    where = answer.headers["Location"]
    assert answer.headers["Preference-Applied"] == "respond-async"
    body = answer.get_json()
    assert (body["state"], body["name"], body["endUserId"]) == ("queued", "CustomerAddRq", computer.end_user.id)
    assert where == f"/v1/requests/{body['id']}"
    with ThreadPoolExecutor(1) as pool:
        poll = pool.submit(call, "GET", where, Prefer="wait=10")
        computer.update()
        done = poll.result(10.0).get_json()
    assert done["answer"]["CustomerAddRs"]["CustomerRet"]["Name"] == "Annie's Alligators"
    failed = call("POST", path_of(computer), ADD, Prefer="respond-async").headers["Location"]
    computer.update()
    body = call("GET", failed).get_json()
    assert (body["state"], body["error"]["integrationCode"]) == ("failed", "3100")


def test_what_waits_can_be_called_back(books: Books, computer: Computer) -> None:
    call = books.caller()
    where = call("POST", path_of(computer), ADD, Prefer="respond-async").headers["Location"]
    body = call("POST", f"{where}/cancel").get_json()
    assert (body["state"], body["error"]["code"]) == ("cancelled", "REQUEST_CANCELLED")
    computer.update()
    assert computer.quickbooks.executed == []


def test_a_request_whose_caller_was_lost_with_the_server_is_not_done_later(books: Books, computer: Computer) -> None:
    """It waits no longer than its caller would have, and a moment."""
    key = books.gateway.key(books.keys.secret_text)
    assert key is not None
    (name, content), *_ = ADD.items()
    id_ = books.tenant.requests.submit(computer.end_user.id, Given(name, content, key, timeout=90.0))
    books.clock.advance(121.0)
    computer.update()
    assert books.queue.result(id_).state is State.EXPIRED
    assert computer.quickbooks.executed == []


def test_only_so_many_wait_where_each_takes_a_thread(books: Books, computer: Computer) -> None:
    application = books.application(most_waiting=1)
    call = Caller(application, books.keys.secret_text)
    with ThreadPoolExecutor(1) as pool, books.queue.store.signals.watch(work(computer.connection.id)) as watch:
        waits = pool.submit(call, "POST", path_of(computer), ADD)
        assert watch.wait(5.0)
        busy = Caller(application, books.keys.secret_text)("POST", path_of(computer), READ)
        assert error_of(busy) == (503, "INTERNAL_ERROR", "SERVER_BUSY")
        assert (busy.headers["Retry-After"], busy.headers["x-should-retry"]) == ("1", "true")
        # What does not wait is answered.
        assert Caller(application, books.keys.secret_text)("GET", "/v1/end-users").status_code == 200
        computer.update()
        assert waits.result(10.0).status_code == 200
    assert application.api.waiting.taken == 0


def test_who_waits_is_answered_when_the_server_is_to_end(
    books: Books, computer: Computer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("qbgateway.service.requests.LOOK", 0.1)
    application = books.application()
    call = Caller(application, books.keys.secret_text)
    with ThreadPoolExecutor(1) as pool, books.queue.store.signals.watch(work(computer.connection.id)) as watch:
        waits = pool.submit(call, "POST", path_of(computer), ADD)
        assert watch.wait(5.0)
        application.drain()
        answer = waits.result(10.0)
    assert error_of(answer)[2] == "QBD_REQUEST_TIMEOUT"
    assert "not sent" in answer.get_json()["error"]["message"]
    assert only(books, computer).state is State.CANCELLED


def test_who_waits_for_a_deleted_end_user_is_told(books: Books, computer: Computer) -> None:
    call = books.caller()
    with ThreadPoolExecutor(1) as pool, books.queue.store.signals.watch(work(computer.connection.id)) as watch:
        waits = pool.submit(call, "POST", path_of(computer), ADD)
        assert watch.wait(5.0)
        assert call("DELETE", f"/v1/end-users/{computer.end_user.id}").status_code == 200
        answer = waits.result(10.0)
    assert error_of(answer) == (409, "INVALID_REQUEST_ERROR", "REQUEST_CANCELLED")


def test_two_callers_with_one_key_get_one_answer(books: Books, computer: Computer) -> None:
    with ThreadPoolExecutor(2) as pool, books.queue.store.signals.watch(work(computer.connection.id)) as watch:
        waits = [pool.submit(books.caller(), "POST", path_of(computer), ADD, Idempotency_Key="k") for _ in range(2)]
        assert watch.wait(5.0)
        computer.update()
        answers = [one.result(10.0) for one in waits]
    assert answers[0].get_json() == answers[1].get_json()
    assert len(computer.quickbooks.executed) == 1
    assert only(books, computer).state is State.DONE


@pytest.mark.parametrize(("key", "again"), [(None, "false"), ("k", "true")])
def test_a_failure_while_it_is_queued_is_repeated_only_where_that_is_safe(
    books: Books, computer: Computer, monkeypatch: pytest.MonkeyPatch, key: str | None, again: str
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise soap.StoreUnusable("the database failed: the line was cut", "Look.")

    monkeypatch.setattr(books.queue, "enqueue", fail)
    headers = {} if key is None else {"Idempotency_Key": key}
    for more in ({}, {"Prefer": "respond-async"}):
        answer = books.caller()("POST", path_of(computer), ADD, **headers, **more)
        assert error_of(answer)[::2] == (503, "SERVER_BUSY")
        assert answer.headers["x-should-retry"] == again


@pytest.mark.parametrize("error", [soap.StoreUnusable("the database failed", "Look."), KeyError("x")])
def test_a_failure_after_it_was_queued_is_not_repeated(
    books: Books, computer: Computer, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    def fail(*_: object) -> None:
        raise error

    monkeypatch.setattr(books.queue, "result", fail)
    answer = books.caller()("POST", path_of(computer), ADD)
    assert error_of(answer)[::2] == (500, "INTERNAL_ERROR")
    assert answer.headers["x-should-retry"] == "false"
    monkeypatch.undo()
    assert answer.headers["Location"] == f"/v1/requests/{only(books, computer).id}"


# -- what can't be sent ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({}, "one request"),
        ({"CustomerQueryRq": {}, "InvoiceQueryRq": {}}, "one request"),
        ({"CustomerQuery": {}}, "one request"),
        ({"CustomerQwertyRq": {}}, "CustomerQwertyRq"),
        ({"CustomerQueryRq": []}, "must be an object"),
        ({"CustomerQueryRq": {"MaxReturned": "many"}}, "MaxReturned"),
        ({"CustomerQueryRq": {"Colour": "green"}}, "Colour"),
        ({"CustomerAddRq": {"CustomerAdd": {"Name": "x" * 42}}}, "Name"),
        ({"CustomerAddRq": {"CustomerAdd": {}}}, "Name"),
        ({"CustomerAddRq": {"CustomerAdd": {"Name": "a\ud800"}}}, "Name"),
        ({"CustomerAddRq": {"CustomerAdd": {"Name": "a\u0000"}}}, "Name"),
        ({"SignonDesktopRq": {}}, "SignonDesktopRq"),
        ({"CustomerAddRq": {}, "IteratorID": "{x}"}, "has no pages"),
        ({"CustomerQueryRq": {}, "IteratorID": ["{x}"]}, "IteratorID"),
        ({"CustomerQueryRq": {"metaData": "NoMetaData", "MetaData": "NoMetaData"}}, "twice"),
    ],
)
def test_what_no_quickbooks_would_take_is_refused_by_name(
    books: Books, computer: Computer, body: Any, said: str
) -> None:
    answer = books.caller()("POST", path_of(computer), body)
    assert error_of(answer) == INVALID
    assert said in answer.get_json()["error"]["message"]
    assert [one for one in books.queue.find(computer.connection.id) if one.metadata != {"by": "flow"}] == []


def test_a_lost_page_says_that_it_is_lost(books: Books, computer: Computer) -> None:
    call = books.caller()
    answer = call.ask(computer, {"CustomerQueryRq": {"MaxReturned": 2}, "IteratorID": "{gone}"})
    assert error_of(answer) == (502, "INTEGRATION_ERROR", "QBD_REQUEST_ERROR")
    assert "iteratorID" in answer.get_json()["error"]["message"]
