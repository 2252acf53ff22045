from __future__ import annotations

from typing import Any

import pytest

from qbgateway.api.routes import ROUTES
from qbgateway.errors import CODES

from .helpers import Books, Caller, error_of

END_USER = {"companyName": "Big Construction Co.", "sourceId": "src-1", "email": "bob@bigco.example"}
INVALID = (400, "INVALID_REQUEST_ERROR", "PARAMETERS_INVALID")
MISSING = (404, "INVALID_REQUEST_ERROR", "RESOURCE_MISSING")


# -- objects -----------------------------------------------------------------------------------------------------


def test_an_end_user_from_beginning_to_end(books: Books) -> None:
    call = books.caller()
    made = call("POST", "/v1/end-users", END_USER)
    assert made.status_code == 200
    body = made.get_json()
    assert body == {
        "id": body["id"],
        "objectType": "end_user",
        "createdAt": "2023-11-14T22:13:20.000Z",
        "companyName": "Big Construction Co.",
        "name": "Big Construction Co.",
        "sourceId": "src-1",
        "email": "bob@bigco.example",
        "integrationConnections": [],
    }
    assert body["id"].startswith("end_usr_")
    assert call("GET", f"/v1/end-users/{body['id']}").get_json() == body
    assert call("GET", "/v1/end-users").get_json() == {"objectType": "list", "url": "/v1/end-users", "data": [body]}
    gone = call("DELETE", f"/v1/end-users/{body['id']}")
    assert gone.get_json() == {"id": body["id"], "objectType": "end_user", "deleted": True}
    assert error_of(call("GET", f"/v1/end-users/{body['id']}")) == MISSING


def test_an_auth_session_and_its_link(books: Books) -> None:
    call, end_user = books.caller(), books.end_user()
    given = {"publishableKey": books.keys.publishable_text, "endUserId": end_user.id}
    made = call("POST", "/v1/auth-sessions", {**given, "linkExpiryMins": 60, "redirectUrl": "https://example.com/done"})
    body = made.get_json()
    secret = body["clientSecret"]
    assert body == {
        "id": body["id"],
        "objectType": "auth_session",
        "createdAt": "2023-11-14T22:13:20.000Z",
        "endUserId": end_user.id,
        "clientSecret": secret,
        "authFlowUrl": f"https://books.example.com/qbd/{secret}?key={books.keys.publishable_text}",
        "expiresAt": "2023-11-14T23:13:20.000Z",
        "redirectUrl": "https://example.com/done",
        "returnUrl": "https://example.com/done",
    }
    assert body["id"].startswith("auth_sess_")
    assert secret.startswith("auth_sess_client_secret_")
    assert call("GET", f"/v1/auth-sessions/{body['id']}").get_json() == body
    plain = call("POST", "/v1/auth-sessions", given).get_json()
    assert (plain["expiresAt"], plain["redirectUrl"]) == ("2023-11-14T22:43:20.000Z", None)


def test_a_connection_and_how_it_stands(books: Books) -> None:
    call, end_user = books.caller(), books.end_user()
    assert call("GET", "/v1/integration-connections").get_json()["data"] == []
    computer = books.connected(end_user)
    (body,) = call("GET", "/v1/integration-connections").get_json()["data"]
    assert body == {
        "id": computer.connection.id,
        "objectType": "integration_connection",
        "createdAt": "2023-11-14T22:13:20.000Z",
        "endUserId": end_user.id,
        "integrationSlug": "quickbooks_desktop",
        "lastRequestAt": None,
    }
    assert body["id"].startswith("int_conn_")
    assert call("GET", f"/v1/integration-connections/{body['id']}").get_json() == body
    assert call("GET", f"/v1/end-users/{end_user.id}").get_json()["integrationConnections"] == [body]
    status = call("GET", f"/v1/integration-connections/{body['id']}/status").get_json()
    assert (status["status"], status["since"]) == ("not_set_up", "2023-11-14T22:13:20.000Z")
    assert "never called" in status["reason"]


@pytest.mark.parametrize(
    ("agent", "path", "bare"),
    [
        ("conductor-node/11.2.4 (Node.js v18.0.0; linux x64)", "/v1/end_users", True),
        ("conductor-node/11.5.5 (x)", "/v1/end_users", True),
        ("conductor-node/11.6.1 (x)", "/v1/end_users", False),
        ("conductor-node/11.6.14 (x)", "/v1/end_users", False),
        ("conductor-node/11.6.15 (x)", "/v1/end-users", False),
        ("conductor-node/11.2.4 (x)", "/v1/end-users", False),
        ("curl/8", "/v1/end_users", False),
        ("", "/v1/end_users", False),
    ],
)
def test_lists_have_the_shape_that_the_client_knows(books: Books, agent: str, path: str, bare: bool) -> None:
    end_user = books.end_user()
    found = books.caller(User_Agent=agent)("GET", path, User_Agent=agent).get_json()
    data = found if bare else found["data"]
    assert [one["id"] for one in data] == [end_user.id]
    assert bare or found["url"] == path


def test_older_names_of_fields_and_paths_go_as_well(books: Books) -> None:
    call = books.caller()
    old = {"name": "A", "sourceId": "s", "email": "a@b"}
    end_user = call("POST", "/v1/end_users", old).get_json()
    assert end_user["companyName"] == "A"
    given = {"publishableKey": books.keys.publishable_text, "endUserId": end_user["id"], "returnUrl": "https://e.com/"}
    session = call("POST", "/v1/auth_sessions", given).get_json()
    assert (session["redirectUrl"], session["returnUrl"]) == ("https://e.com/", "https://e.com/")
    assert call("GET", f"/v1/auth_sessions/{session['id']}").get_json() == session
    assert call("GET", f"/v1/end_users/{end_user['id']}").get_json() == end_user
    assert call("GET", "/v1/integration_connections").get_json()["data"] == []
    twice = call("POST", "/v1/end-users", {**END_USER, "name": "B"})
    assert error_of(twice) == INVALID


def test_an_idempotency_key_gives_the_same_object(books: Books) -> None:
    call = books.caller()
    first = call("POST", "/v1/end-users", END_USER, Idempotency_Key="k")
    assert call("POST", "/v1/end-users", END_USER, Idempotency_Key="k").get_json() == first.get_json()
    other = call("POST", "/v1/end-users", {**END_USER, "sourceId": "other"}, Idempotency_Key="k")
    assert error_of(other) == (409, "INVALID_REQUEST_ERROR", "IDEMPOTENCY_KEY_REUSED")
    given = {"publishableKey": books.keys.publishable_text, "endUserId": first.get_json()["id"]}
    session = call("POST", "/v1/auth-sessions", given, Idempotency_Key="s")
    assert call("POST", "/v1/auth-sessions", given, Idempotency_Key="s").get_json() == session.get_json()
    assert error_of(call("POST", "/v1/end-users", END_USER))[2] == "SOURCE_ID_TAKEN"


# -- whose ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: f"{route.method} {route.path}")
def test_another_accounts_key_finds_nothing(books: Books, route: Any) -> None:
    """Whatever the route, the answer is that of a thing that never was."""
    computer = books.connected(books.end_user())
    assert computer.update()
    other = books.gateway.accounts.create("Reed & Co.")
    theirs = Caller(books.application(), books.gateway.accounts.create_keys(other.id).secret_text)
    request = books.queue.enqueue(computer.connection.id, {"CustomerQueryRq": {}})
    ids = {
        "end-users": computer.end_user.id,
        "auth-sessions": computer.session.id,
        "integration-connections": computer.connection.id,
        "requests": request,
    }
    bodies: dict[str, Any] = {
        "end-users": END_USER,
        "auth-sessions": {"publishableKey": books.keys.publishable_text, "endUserId": computer.end_user.id},
    }
    kind = route.path.split("/")[2]
    body: Any = None
    if route.method == "POST":
        body = {"outcome": "done"} if route.path.endswith("/resolve") else bodies.get(kind)
        body = {"CustomerQueryRq": {}} if route.fields is None else {} if route.path.endswith("/cancel") else body

    def path(id_: str) -> str:
        filled: str = route.path.replace("<id>", id_).replace("<slug>", "quickbooks_desktop")
        return filled

    answer = theirs(route.method, path(ids[kind]), body)
    if "<id>" in route.path:
        assert error_of(answer) == MISSING
        never = ids[kind][:-3] + "xyz"
        without = [one.get_json()["error"]["message"] for one in (answer, theirs(route.method, path(never), body))]
        assert without[0].replace(ids[kind], "") == without[1].replace(never, "")
    elif route.method == "GET":
        assert answer.get_json()["data"] == []
    elif kind == "auth-sessions":
        assert error_of(answer) == MISSING
    else:
        assert answer.status_code == 200, "their own"
        assert [one["id"] for one in theirs("GET", "/v1/end-users").get_json()["data"]] == [answer.get_json()["id"]]
    # Nothing of it was done to the first account.
    assert books.queue.result(request).state.value == "queued"
    assert [one.id for one in books.tenant.end_users.list()] == [computer.end_user.id]
    assert computer.visit().session == books.tenant.auth_sessions.get(computer.session.id)


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: f"{route.method} {route.path}")
@pytest.mark.parametrize("header", ["", "Bearer", "Bearer sk_live_wrong", "Basic abc", "PUBLISHABLE", "REVOKED"])
def test_without_a_good_key_nothing_is_answered(books: Books, route: Any, header: str) -> None:
    spare = books.gateway.accounts.create_keys(books.account.id)
    books.gateway.accounts.revoke(books.account.id, spare.secret.id)
    given = {"PUBLISHABLE": f"Bearer {books.keys.publishable_text}", "REVOKED": f"Bearer {spare.secret_text}"}
    path = route.path.replace("<id>", "x").replace("<slug>", "y")
    answer = books.caller()(route.method, path, {}, Authorization=given.get(header, header))
    assert error_of(answer) == (401, "AUTHENTICATION_ERROR", "API_KEY_INVALID")
    assert answer.headers["WWW-Authenticate"] == "Bearer"


def test_a_read_only_key_reads(books: Books) -> None:
    keys = books.gateway.accounts.create_keys(books.account.id, read_only=True)
    call, end_user = Caller(books.application(), keys.secret_text), books.end_user()
    denied = (403, "PERMISSION_ERROR", "API_KEY_READ_ONLY")
    assert call("GET", f"/v1/end-users/{end_user.id}").status_code == 200
    assert error_of(call("POST", "/v1/end-users", END_USER)) == denied
    assert error_of(call("DELETE", f"/v1/end-users/{end_user.id}")) == denied
    path = f"/v1/end-users/{end_user.id}/request/quickbooks_desktop"
    assert error_of(call("POST", path, {"CustomerAddRq": {"CustomerAdd": {"Name": "A"}}})) == denied
    assert error_of(call("POST", path, {"CustomerQueryRq": {}}))[2] == "INTEGRATION_CONNECTION_NOT_SET_UP"


# -- what can't be meant -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "named"),
    [
        ({}, ["companyName is missing", "sourceId is missing", "email is missing"]),
        ({**END_USER, "nickname": "B", "age": 3}, ["'nickname' is unknown", "'age' is unknown"]),
        ({**END_USER, "email": 3}, ["email must be text"]),
        ({**END_USER, "email": None}, ["email is missing"]),
        ({**END_USER, "sourceId": True}, ["sourceId must be text"]),
        ({**END_USER, "sourceId": "a\ud800"}, ["sourceId has a character"]),
        ([], ["must be a JSON object"]),
        (b"{", ["no JSON"]),
        (b'{"email":"a@b","email":"c@d"}', ["stands twice"]),
        (b'{"email":NaN}', ["NaN"]),
        (b"\xff\xfe{", ["no JSON"]),
        (b"[" * 100_000, ["no JSON"]),
        (b"9" * 5000, ["no JSON"]),
    ],
)
def test_an_unusable_body_is_refused_with_all_that_is_wrong(books: Books, body: Any, named: list[str]) -> None:
    answer = books.caller()("POST", "/v1/end-users", body)
    assert error_of(answer) == INVALID
    for one in named:
        assert one in answer.get_json()["error"]["message"]
    assert books.tenant.end_users.list() == []


@pytest.mark.parametrize("minutes", [14, 10081, "60", 15.5, True])
def test_the_time_of_a_link_is_checked(books: Books, minutes: Any) -> None:
    given = {"publishableKey": books.keys.publishable_text, "endUserId": books.end_user().id}
    answer = books.caller()("POST", "/v1/auth-sessions", {**given, "linkExpiryMins": minutes})
    assert error_of(answer) == INVALID
    assert "linkExpiryMins" in answer.get_json()["error"]["message"]


def test_addresses_that_there_are_not(books: Books) -> None:
    call = books.caller()
    for path in (
        "/",
        "/v1",
        "/v1/",
        "/v1/end-users/",
        "/v1/nothing",
        "/v1//end-users",
        "/v2/end-users",
        "/v1/End-Users",
    ):
        assert error_of(call("GET", path)) == MISSING, path
    for id_ in ("%00", "a b", "a%2Fb", "\u00e4", "x" * 81, "%ff"):
        assert error_of(call("GET", f"/v1/end-users/{id_}")) == MISSING, id_
    end_user = books.end_user()
    for path in (f"/v1/end-users/{end_user.id}/ping/other", f"/v1/end-users/{end_user.id}/ping"):
        assert error_of(call("GET", path)) == MISSING
    answer = call("PUT", "/v1/end-users")
    assert error_of(answer) == (405, "INVALID_REQUEST_ERROR", "METHOD_NOT_ALLOWED")
    assert answer.headers["Allow"] == "GET, HEAD, POST"


def test_an_address_has_no_parameters_and_no_key_in_it(books: Books) -> None:
    call = books.caller()
    answer = call("GET", "/v1/end-users?limit=3")
    assert error_of(answer) == INVALID
    assert "'limit' is unknown" in answer.get_json()["error"]["message"]
    for path in (f"/v1/end-users?key={books.keys.secret_text}", f"/v1/end-users/{books.keys.secret_text}"):
        answer = call("GET", path)
        assert error_of(answer) == INVALID
        assert "Revoke it" in answer.get_json()["error"]["message"]
        assert books.keys.secret_text not in answer.get_data(as_text=True)


def test_bodies_have_a_stated_length_and_a_bound(books: Books) -> None:
    call = books.caller()
    assert error_of(call("POST", "/v1/end-users", b"{" + b" " * (4 * 1024 * 1024)))[2] == "BODY_TOO_LARGE"
    assert call("DELETE", f"/v1/end-users/{books.end_user().id}", b"").status_code == 200


def test_a_mistake_of_the_server_is_told_without_its_words(
    books: Books, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    secret = "".join(["hunter", "2"])  # the lines of this file are in the traceback

    def fail(*_: object) -> None:
        raise KeyError(secret)

    monkeypatch.setattr(type(books.tenant.end_users), "list", fail)
    answer = books.caller()("GET", "/v1/end-users")
    assert error_of(answer) == (500, "INTERNAL_ERROR", "INTERNAL_ERROR")
    assert secret not in answer.get_data(as_text=True) + caplog.text
    assert answer.headers["Conductor-Request-Id"] in caplog.text
    assert "KeyError" in caplog.text


def test_a_database_that_is_away_is_told_as_such(books: Books, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        from soap import StoreUnusable

        raise StoreUnusable("the database failed: it is away", "See what it says.")

    monkeypatch.setattr(type(books.tenant.end_users), "list", fail)
    answer = books.caller()("GET", "/v1/end-users")
    assert error_of(answer) == (503, "INTERNAL_ERROR", "SERVER_BUSY")
    assert answer.headers["Retry-After"] == "1"


def test_every_code_has_a_type_that_clients_know() -> None:
    known = {
        "INTEGRATION_ERROR",
        "INTEGRATION_CONNECTION_ERROR",
        "INVALID_REQUEST_ERROR",
        "AUTHENTICATION_ERROR",
        "PERMISSION_ERROR",
        "INTERNAL_ERROR",
    }
    assert {row.type for row in CODES.values()} == known


# -- beside the API ----------------------------------------------------------------------------------------------


def test_health(books: Books, monkeypatch: pytest.MonkeyPatch) -> None:
    call = books.caller()
    assert call("GET", "/health").get_json() == {"status": "ok"}
    assert call("GET", "/ready").get_json() == {"status": "ok"}
    assert call("HEAD", "/ready").data == b""


def test_no_header_changes_an_address(books: Books) -> None:
    given = {"publishableKey": books.keys.publishable_text, "endUserId": books.end_user().id}
    headers = {"Host": "evil.example", "X_Forwarded_Host": "evil.example", "X_Forwarded_Proto": "http"}
    made = books.caller()("POST", "/v1/auth-sessions", given, **headers).get_json()
    assert made["authFlowUrl"].startswith("https://books.example.com/qbd/")
    wsdl = books.caller()("GET", "/qbwc?wsdl", **headers).get_data(as_text=True)
    assert "https://books.example.com/qbwc" in wsdl
    assert "evil.example" not in wsdl
