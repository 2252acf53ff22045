"""What a second reader looked for: odd calls, calls of one moment, and what may be said of a request that was sent."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import URL, func, select
from werkzeug.utils import import_string

from qbgateway import messages
from qbgateway.errors import Refused
from qbgateway.service import Step
from qbgateway.store import tables as t
from qbgateway.tokens import new_key
from soap import State
from soap.queue.signals import work

from .helpers import Books, Computer, error_of

READ: dict[str, Any] = {"CustomerQueryRq": {"MaxReturned": 10}}
ADD: dict[str, Any] = {"CustomerAddRq": {"CustomerAdd": {"Name": "Annie's Alligators"}}}
INVALID = (400, "INVALID_REQUEST_ERROR", "PARAMETERS_INVALID")
LATE = (504, "INTEGRATION_CONNECTION_ERROR", "QBD_REQUEST_TIMEOUT")


@pytest.fixture
def computer(books: Books) -> Computer:
    made = books.connected(books.end_user())
    assert made.update()
    return made


def path_of(computer: Computer) -> str:
    return f"/v1/end-users/{computer.end_user.id}/request/quickbooks_desktop"


# -- odd calls ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("number", ["1e999999999", "-1E+9999999", "1e-999999999", "0.1e5000", "1e99999999999999999999"])
def test_a_short_number_is_never_written_out_to_a_long_one(books: Books, computer: Computer, number: str) -> None:
    """A dozen bytes that would become a thousand million digits of text."""
    body = b'{"CustomerAddRq":{"CustomerAdd":{"Name":%s}}}' % number.encode()
    answer = books.caller()("POST", path_of(computer), body)
    assert error_of(answer) == INVALID
    assert len(answer.data) < 1000


def test_a_number_that_a_text_can_be_goes_with_all_its_digits(books: Books, computer: Computer) -> None:
    body = b'{"CustomerAddRq":{"CustomerAdd":{"Name":12345678901234567890.50}}}'
    added = books.caller().ask(computer, body)
    assert added.get_json()["CustomerAddRs"]["CustomerRet"]["Name"] == "12345678901234567890.50"


def test_a_version_of_a_client_that_no_client_has(books: Books) -> None:
    answer = books.caller(**{"User-Agent": f"conductor-node/{'9' * 5000}.1"})("GET", "/v1/end_users")
    assert answer.status_code == 200
    assert answer.get_json()["objectType"] == "list"


@pytest.mark.parametrize("query", ["{key}", "{key}=1", "a=1&a={key}", "a={key}"])
def test_a_secret_key_in_an_address_is_refused_and_not_repeated(books: Books, query: str) -> None:
    key = new_key("sk_live_")
    answer = books.caller()("GET", f"/v1/end-users?{query.format(key=key)}")
    assert error_of(answer) == INVALID
    assert "Revoke" in answer.get_json()["error"]["message"]
    assert key.encode() not in answer.data


def test_a_body_full_of_unknown_names_has_a_short_answer(books: Books) -> None:
    body = json.dumps({f"unknown{number}": 1 for number in range(20_000)}).encode()
    answer = books.caller()("POST", "/v1/end-users", body)
    assert error_of(answer) == INVALID
    assert len(answer.data) < 10_000
    assert "more" in answer.get_json()["error"]["message"]


@pytest.mark.parametrize(
    "content", [{"CustomerAdd": {f"X{n}": 1 for n in range(5000)}}, {f"X{n}": 1 for n in range(5000)}]
)
def test_a_request_full_of_unknown_names_has_a_short_answer(books: Books, computer: Computer, content: Any) -> None:
    answer = books.caller()("POST", path_of(computer), {"CustomerAddRq": content})
    assert error_of(answer) == INVALID
    assert len(answer.data) < 30_000


def test_an_iterator_goes_on_where_its_id_was_inferred_to_be_a_number() -> None:
    name, content = messages.request({"CustomerQueryRq": {"MaxReturned": 2}, "IteratorID": 12345})
    assert (name, content["iterator"], content["iteratorID"]) == ("CustomerQueryRq", "Continue", "12345")
    wrong: Any
    for wrong in (True, [], {}):
        assert refused(messages.request, {"CustomerQueryRq": {}, "IteratorID": wrong}) == "PARAMETERS_INVALID"


@pytest.mark.parametrize("host", ["evil%2Ecom", "good.com%2F.evil.com", "a%40b.com", ".", "a..b", ":443", "a,b", "a;b"])
def test_a_link_leads_to_a_host_that_is_written_as_it_is(books: Books, host: str) -> None:
    body = {
        "publishableKey": books.keys.publishable_text,
        "endUserId": books.end_user().id,
        "redirectUrl": f"https://{host}/done",
    }
    answer = books.caller()("POST", "/v1/auth-sessions", body)
    assert error_of(answer) == INVALID
    assert answer.get_json()["error"]["message"].startswith("redirectUrl")


# -- what was deleted, or done, at the same moment -----------------------------------------------------------------


@pytest.fixture(params=["sqlite", "postgresql"])
def both(request: pytest.FixtureRequest, tmp_path: Path, postgresql: Callable[[], URL]) -> Iterator[Books]:
    where = postgresql() if request.param == "postgresql" else f"sqlite:///{tmp_path / 'gateway.db'}"
    made = Books(where, migrate=True)
    yield made
    made.close()


def rows(books: Books, table: Any) -> int:
    with books.gateway.store.read() as sql:
        return int(sql.execute(select(func.count()).select_from(table)).scalar_one())


def after(monkeypatch: pytest.MonkeyPatch, where: str, then: Callable[[], object]) -> None:
    """Let something happen once, right after a function was called for the first time."""
    module, _, name = where.rpartition(".")
    owner = import_string(module)
    before, left = getattr(owner, name), [then]

    def called(*arguments: Any, **more: Any) -> Any:
        made = before(*arguments, **more)
        while left:
            left.pop()()
        return made

    monkeypatch.setattr(owner, name, called)


def refused(call: Any, *arguments: Any, **more: Any) -> str:
    with pytest.raises(Refused) as caught:
        call(*arguments, **more)
    return caught.value.code


def test_a_link_of_a_deleted_end_user_makes_no_connection(both: Books) -> None:
    end_user, sessions = both.end_user(), both.tenant.auth_sessions
    key = both.keys.publishable_text
    session = sessions.create(both.account, publishable_key=key, end_user_id=end_user.id)
    visit = both.gateway.flow.open(sessions.client_secret(session), key)
    both.tenant.end_users.delete(end_user.id)
    for hand_out in (both.gateway.flow.begin, both.gateway.flow.password, both.gateway.flow.qwc):
        assert refused(hand_out, visit) == "RESOURCE_MISSING"
    assert rows(both, t.connections) == rows(both, t.passwords) == 0


def test_a_link_of_a_deleted_end_user_makes_no_password(both: Books, monkeypatch: pytest.MonkeyPatch) -> None:
    computer = both.connected(both.end_user())
    delete = partial(both.tenant.end_users.delete, computer.end_user.id)
    visit = computer.visit()
    after(monkeypatch, "qbgateway.service.flow.generate_password", delete)
    assert refused(both.gateway.flow.password, visit) == "LINK_EXPIRED"
    assert rows(both, t.passwords) == 0


def test_a_deleted_end_user_gets_no_link(both: Books, monkeypatch: pytest.MonkeyPatch) -> None:
    end_user = both.end_user()
    after(monkeypatch, "qbgateway.service.idempotency.earlier", partial(both.tenant.end_users.delete, end_user.id))
    body = {"publishableKey": both.keys.publishable_text, "endUserId": end_user.id}
    assert error_of(both.caller()("POST", "/v1/auth-sessions", body))[2] == "RESOURCE_MISSING"
    assert rows(both, t.auth_sessions) == 0


def test_a_link_that_did_its_work_while_a_page_was_open_makes_no_password(books: Books) -> None:
    computer = books.connected(books.end_user())
    visit = computer.visit()
    assert computer.update()
    assert computer.visit().step is Step.FINISHED
    assert refused(books.gateway.flow.password, visit) == "LINK_EXPIRED"
    assert rows(books, t.passwords) == 1


def test_a_deleted_end_user_is_not_let_in_at_the_last_moment(both: Books, monkeypatch: pytest.MonkeyPatch) -> None:
    computer = both.connected(both.end_user())
    delete = partial(both.tenant.end_users.delete, computer.end_user.id)
    after(monkeypatch, "qbgateway.service.by_secret.password", delete)
    assert not computer.update()
    assert both.queue.find(computer.connection.id) == []


def test_nothing_is_queued_for_an_end_user_who_was_deleted_meanwhile(
    both: Books, monkeypatch: pytest.MonkeyPatch
) -> None:
    computer = both.connected(both.end_user())
    assert computer.update()
    delete = partial(both.tenant.end_users.delete, computer.end_user.id)
    after(monkeypatch, "qbgateway.service.connections.Connections.note_request", delete)
    answer = both.caller()("POST", path_of(computer), ADD, Prefer="respond-async")
    assert error_of(answer) == (404, "INVALID_REQUEST_ERROR", "RESOURCE_MISSING")
    assert both.queue.find(computer.connection.id) == []


@pytest.mark.parametrize(
    ("method", "what", "body"),
    [("GET", "", None), ("POST", "/cancel", None), ("POST", "/resolve", {"outcome": "done"})],
)
def test_a_request_that_is_deleted_while_it_is_looked_at_is_missing(
    books: Books, computer: Computer, monkeypatch: pytest.MonkeyPatch, method: str, what: str, body: Any
) -> None:
    call = books.caller()
    where = call("POST", path_of(computer), ADD, Prefer="respond-async").headers["Location"]
    purge = partial(books.queue.purge, computer.connection.id)
    after(monkeypatch, "qbgateway.service.requests.Requests.get", purge)
    assert error_of(call(method, where + what, body)) == (404, "INVALID_REQUEST_ERROR", "RESOURCE_MISSING")


# -- what may be said of a request that was withdrawn --------------------------------------------------------------


def test_a_read_that_was_sent_and_lost_is_not_said_to_be_never_sent(books: Books, computer: Computer) -> None:
    endpoint, call = books.endpoint(), books.caller()
    with ThreadPoolExecutor(1) as pool, books.queue.store.signals.watch(work(computer.connection.id)) as watch:
        waits = pool.submit(call, "POST", path_of(computer), READ, Conductor_Timeout_Seconds="2")
        assert watch.wait(5.0)
        ticket = endpoint.authenticate(computer.connection.id, computer.password)[0]
        assert endpoint.send_request_xml(ticket, computer.quickbooks.describe(), "", "US", 16, 0)
        endpoint.close_connection(ticket)  # the answer is lost, so it waits again
        answer = waits.result(10.0)
    assert error_of(answer) == LATE
    message = answer.get_json()["error"]["message"]
    assert "not sent" not in message
    assert "did not fetch" not in message
    assert "was sent to QuickBooks before" in message
    assert "safe to try again" in message


def test_who_asked_for_the_same_a_little_later_is_told_that_it_is_safe_to_try_again(
    books: Books, computer: Computer
) -> None:
    """The first caller's time is over first; nobody cancelled the second one's request."""
    signals = books.queue.store.signals
    with ThreadPoolExecutor(2) as pool, signals.watch(work(computer.connection.id)) as watch:
        first = pool.submit(
            books.caller(), "POST", path_of(computer), ADD, Idempotency_Key="k", Conductor_Timeout_Seconds="1"
        )
        assert watch.wait(5.0)
        second = pool.submit(books.caller(), "POST", path_of(computer), ADD, Idempotency_Key="k")
        answers = [first.result(10.0), second.result(10.0)]
    for answer in answers:
        assert error_of(answer) == LATE
        assert "not sent" in answer.get_json()["error"]["message"]
        assert "x-should-retry" not in answer.headers


def test_what_a_person_cancelled_is_told_to_be_cancelled(books: Books, computer: Computer) -> None:
    signals = books.queue.store.signals
    with ThreadPoolExecutor(1) as pool, signals.watch(work(computer.connection.id)) as watch:
        waits = pool.submit(books.caller(), "POST", path_of(computer), ADD)
        assert watch.wait(5.0)
        (queued,) = books.queue.find(computer.connection.id, states=[State.QUEUED])
        assert books.caller()("POST", f"/v1/requests/{queued.id}/cancel").status_code == 200
        answer = waits.result(10.0)
    assert error_of(answer) == (409, "INVALID_REQUEST_ERROR", "REQUEST_CANCELLED")
    assert "not sent" in answer.get_json()["error"]["message"]


def test_signing_in_and_making_a_password_and_deleting_at_once_wait_for_nobody_for_ever(both: Books) -> None:
    """What they change they lock in one order, so that no database has to end one of them."""

    def tried(call: Callable[[], object]) -> None:
        with suppress(Refused):  # the end user was deleted before; anything else is a mistake
            call()

    for number in range(8):
        computer = both.connected(both.end_user(f"src-{number}"))
        visit, name, password = computer.visit(), computer.connection.id, computer.password
        calls = [
            partial(both.gateway.authenticator.authenticate, name, password, None),
            partial(both.gateway.flow.password, visit),
            partial(both.tenant.end_users.delete, computer.end_user.id),
            partial(both.gateway.flow.password, visit),
        ]
        with ThreadPoolExecutor(len(calls)) as pool:
            list(pool.map(tried, calls))
    assert [rows(both, table) for table in (t.end_users, t.connections, t.passwords, t.auth_sessions)] == [0] * 4
