from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select, text

import soap
from qbgateway.errors import Refused
from qbgateway.service import Standing, Step
from qbgateway.store import tables
from qbgateway.tokens import digest

from .helpers import Books


def refused(call: Any, *arguments: Any, **more: Any) -> Refused:
    with pytest.raises(Refused) as caught:
        call(*arguments, **more)
    return caught.value


def everything_stored(books: Books) -> str:
    """All that the gateway's tables have in them, as one text."""
    with books.gateway.store.read() as sql:
        rows = [list(sql.execute(select(table))) for table in tables.metadata.sorted_tables]
    return repr(rows)


# -- keys --------------------------------------------------------------------------------------------------------


def test_a_secret_key_opens_its_account_until_it_is_revoked(books: Books) -> None:
    key = books.gateway.key(books.keys.secret_text)
    assert key is not None
    assert (key.account_id, key.kind, key.read_only, key.numbers) == (books.account.id, "secret", False, "schema")
    books.gateway.accounts.revoke(books.account.id, key.id)
    assert books.gateway.key(books.keys.secret_text) is None


def test_nothing_else_is_a_secret_key(books: Books) -> None:
    for given in ("", "sk_live_", books.keys.publishable_text, books.keys.secret_text[:-1], books.keys.secret.key_hash):
        assert books.gateway.key(given) is None


def test_the_use_of_a_key_is_noted_now_and_then(books: Books) -> None:
    assert {key.last_used_at for key in books.gateway.accounts.keys(books.account.id)} == {None}
    books.gateway.key(books.keys.secret_text)
    secret = books.keys.secret.id
    begun = books.clock.now

    def noted() -> float | None:
        return next(key.last_used_at for key in books.gateway.accounts.keys(books.account.id) if key.id == secret)

    assert noted() == begun
    books.clock.advance(59.0)
    books.gateway.key(books.keys.secret_text)
    assert noted() == begun
    books.clock.advance(1.0)
    books.gateway.key(books.keys.secret_text)
    assert noted() == begun + 60.0


def test_no_secret_is_stored_but_the_publishable_key(books: Books) -> None:
    computer = books.connected(books.end_user())
    stored = everything_stored(books)
    for secret in (books.keys.secret_text, computer.password, computer.secret):
        assert secret not in stored
        assert digest(secret) in stored
    assert books.keys.publishable_text in stored


# -- end users ---------------------------------------------------------------------------------------------------


def test_an_account_has_its_own_end_users_and_no_others(books: Books) -> None:
    mine = books.end_user()
    other = books.gateway.accounts.create("Reed & Co.")
    theirs = books.gateway.tenant(other.id)
    assert theirs.end_users.list() == []
    assert refused(theirs.end_users.get, mine.id).code == "RESOURCE_MISSING"
    assert refused(theirs.end_users.delete, mine.id).code == "RESOURCE_MISSING"
    assert books.tenant.end_users.list() == [mine]
    # The same sourceId is no matter of another account's.
    assert theirs.end_users.create(company_name="B", source_id="src-1", email="a@b").source_id == "src-1"


def test_no_two_end_users_have_one_source_id(books: Books) -> None:
    books.end_user("one")
    assert refused(books.end_user, "one").code == "SOURCE_ID_TAKEN"
    assert len(books.tenant.end_users.list()) == 1


def test_an_idempotency_key_makes_one_end_user_of_two_calls(books: Books) -> None:
    create, same = books.tenant.end_users.create, {"company_name": "A", "source_id": "s", "email": "a@b"}
    first = create(**same, idempotency_key="k")
    assert create(**same, idempotency_key="k") == first
    assert refused(create, **{**same, "email": "c@d"}, idempotency_key="k").code == "IDEMPOTENCY_KEY_REUSED"
    for wrong in ("", "x" * 256, "ä", "a\nb"):
        assert refused(create, **same, idempotency_key=wrong).code == "PARAMETERS_INVALID"


@pytest.mark.parametrize(
    "wrong",
    [
        {"company_name": " "},
        {"company_name": "x" * 256},
        {"company_name": "a\nb"},
        {"company_name": "a\x00b"},
        {"source_id": "a\ud800b"},
        {"email": "nobody"},
        {"email": "a b@c"},
    ],
)
def test_what_can_not_be_kept_is_refused_by_name(books: Books, wrong: dict[str, str]) -> None:
    error = refused(books.tenant.end_users.create, **{"company_name": "A", "source_id": "s", "email": "a@b", **wrong})
    assert error.code == "PARAMETERS_INVALID"
    (name,) = wrong
    assert error.message.startswith({"company_name": "companyName", "source_id": "sourceId", "email": "email"}[name])


def test_a_deleted_end_user_leaves_nothing_and_is_not_let_in(books: Books) -> None:
    end_user = books.end_user()
    computer = books.connected(end_user)
    assert computer.update()
    id_ = books.queue.enqueue(computer.connection.id, {"CustomerQueryRq": {}})
    books.tenant.end_users.delete(end_user.id)
    with pytest.raises(soap.UnknownRequest):
        books.queue.result(id_)
    assert books.queue.connection(computer.connection.id) is None
    assert not computer.update(), "nvu"
    assert refused(computer.visit).code == "RESOURCE_MISSING"
    stored = everything_stored(books)
    for gone in (end_user.id, end_user.company_name, computer.connection.id, computer.session.id):
        assert gone not in stored
    again = books.end_user(end_user.source_id)
    assert again.id != end_user.id


# -- links -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("minutes", [14, 10081, 0, -1])
def test_a_link_is_valid_for_a_quarter_of_an_hour_to_a_week(books: Books, minutes: int) -> None:
    end_user, create = books.end_user(), books.tenant.auth_sessions.create
    error = refused(
        create,
        books.account,
        publishable_key=books.keys.publishable_text,
        end_user_id=end_user.id,
        link_expiry_mins=minutes,
    )
    assert (error.code, error.message[:14]) == ("PARAMETERS_INVALID", "linkExpiryMins")


@pytest.mark.parametrize(
    ("url", "good"),
    [
        ("https://example.com/done?x=1#y", True),
        ("http://localhost:3000/done", True),
        ("http://127.0.0.1/", True),
        ("https://" + "a" * 2040, True),
        ("https://" + "a" * 2041, False),
        ("http://example.com/", False),
        ("javascript:alert(1)", False),
        ("//example.com/", False),
        ("/done", False),
        ("https:/example.com", False),
        ("https://", False),
        ("https://a@example.com/", False),
        ("https://example.com:x/", False),
        ("https://example.com/\r\nSet-Cookie: a", False),
        ("https://example.com/a b", False),
        ("https://ex\u00e4mple.com/", False),
        ("https://example.com\\@evil.example/", False),
        ("", False),
    ],
)
def test_where_a_link_may_lead(books: Books, url: str, good: bool) -> None:
    end_user, create = books.end_user(), books.tenant.auth_sessions.create
    given: Any = {"publishable_key": books.keys.publishable_text, "end_user_id": end_user.id, "redirect_url": url}
    if good:
        assert create(books.account, **given).redirect_url == url
    else:
        error = refused(create, books.account, **given)
        assert (error.code, error.message[:11]) == ("PARAMETERS_INVALID", "redirectUrl")


def test_an_account_may_say_to_which_hosts(books: Books) -> None:
    account = books.gateway.accounts.create("Careful", ["Example.com"])
    tenant, keys = books.gateway.tenant(account.id), books.gateway.accounts.create_keys(account.id)
    end_user = tenant.end_users.create(company_name="A", source_id="s", email="a@b")
    given: Any = {"publishable_key": keys.publishable_text, "end_user_id": end_user.id}
    made = tenant.auth_sessions.create(account, **given, redirect_url="https://example.com/x")
    assert made.redirect_url == "https://example.com/x"
    error = refused(tenant.auth_sessions.create, account, **given, redirect_url="https://example.org/x")
    assert "example.org" in error.message


def test_a_link_needs_a_key_and_an_end_user_of_its_own_account(books: Books) -> None:
    other = books.gateway.accounts.create("Reed & Co.")
    keys = books.gateway.accounts.create_keys(other.id)
    mine, create = books.end_user(), books.gateway.tenant(other.id).auth_sessions.create
    for key, end_user in (
        (books.keys.publishable_text, mine.id),
        (keys.publishable_text, mine.id),
        (keys.secret_text, mine.id),
    ):
        error = refused(create, other, publishable_key=key, end_user_id=end_user)
        assert error.code == "RESOURCE_MISSING"
    computer = books.connected(mine)
    open_ = books.gateway.flow.open
    for secret, key in (
        (computer.secret, keys.publishable_text),
        (computer.secret, books.keys.secret_text),
        (computer.secret[:-1], books.keys.publishable_text),
        (computer.session.id, books.keys.publishable_text),
    ):
        assert refused(open_, secret, key).code == "RESOURCE_MISSING"


def test_the_way_from_a_link_to_the_first_answer(books: Books) -> None:
    end_user = books.end_user()
    computer = books.connected(end_user, company="Big Construction Co., Inc.")
    assert computer.visit().step is Step.PASSWORD_MADE
    assert not books.endpoint().authenticate(computer.connection.id, "a wrong one")[0]
    assert computer.visit().step is Step.FILE_ADDED
    diagnosis = books.tenant.connections.diagnose(books.tenant.connections.of(end_user.id))
    assert diagnosis.standing is Standing.NOT_SET_UP
    assert "wrong password" in diagnosis.reason
    books.clock.advance(1.0)
    assert computer.update()
    visit = computer.visit()
    assert (visit.step, visit.company) == (Step.FINISHED, "Big Construction Co., Inc.")
    assert not visit.is_valid
    for hand_out in (books.gateway.flow.password, books.gateway.flow.qwc, books.gateway.flow.begin):
        assert refused(hand_out, visit).code == "LINK_EXPIRED"


def test_a_link_whose_time_is_over_hands_out_nothing_and_what_it_did_stays_good(books: Books) -> None:
    computer = books.connected(books.end_user())
    books.clock.advance(30 * 60)
    visit = computer.visit()
    assert not visit.is_valid
    assert refused(books.gateway.flow.password, visit).code == "LINK_EXPIRED"
    assert computer.update()
    assert computer.visit().step is Step.FINISHED, "an open page still shows what happens"
    books.clock.advance(3601)
    assert refused(computer.visit).code == "RESOURCE_MISSING"


def test_a_new_password_joins_the_old_until_it_is_used(books: Books) -> None:
    end_user = books.end_user()
    computer = books.connected(end_user)
    assert computer.update()
    books.clock.advance(1.0)
    repair = books.connected(end_user)
    assert repair.connection.id == computer.connection.id
    assert repair.connection.file_id == computer.connection.file_id
    endpoint, id_ = books.endpoint(hold=1.0), computer.connection.id
    assert endpoint.authenticate(id_, computer.password)[0]
    assert repair.visit().step is not Step.FINISHED, "the old one's answers do not finish the new link"
    assert endpoint.authenticate(id_, repair.password)[0]
    assert endpoint.authenticate(id_, computer.password)[1] == "nvu"
    assert endpoint.authenticate(id_, f" {repair.password}\n")[0]
    assert len(books.tenant.connections.list()) == 1


def test_the_file_names_the_account_and_the_company_and_has_no_secret(books: Books) -> None:
    end_user = books.end_user("s", 'B & "B" <Söhne>')
    computer = books.connected(end_user)
    name, content = books.gateway.flow.qwc(computer.visit())
    file = soap.qwc.parse(content)
    assert name == "B-B-Sohne.qwc"
    assert file.app_name == 'Swamp & Sons – B & "B" <Söhne>'
    assert (file.url, file.support_url) == ("https://books.example.com/qbwc", "https://books.example.com/qbwc")
    assert (file.username, file.run_every_n_minutes) == (computer.connection.id, 1)
    assert [str(one).upper() for one in (file.owner_id, file.file_id)] == [
        books.account.owner_id.strip("{}"),
        computer.connection.file_id.strip("{}"),
    ]
    assert not [problem for problem in soap.qwc.problems(content) if problem.severity == "error"]
    assert computer.password.encode() not in content


def test_one_application_per_account_and_one_file_per_connection(books: Books) -> None:
    first, second = (books.connected(books.end_user(name)) for name in ("a", "b"))
    files = [soap.qwc.parse(books.gateway.flow.qwc(one.visit())[1]) for one in (first, second)]
    assert files[0].owner_id == files[1].owner_id
    assert files[0].file_id != files[1].file_id


# -- how a connection stands -------------------------------------------------------------------------------------


def test_how_a_connection_stands(books: Books) -> None:
    end_user = books.end_user()
    connections = books.tenant.connections

    def standing() -> Standing:
        return connections.diagnose(connections.of(end_user.id)).standing

    assert standing() is Standing.NOT_SET_UP
    computer = books.connected(end_user)
    assert standing() is Standing.NOT_SET_UP
    assert computer.update()
    assert standing() is Standing.ACTIVE
    books.clock.advance(180.0)
    assert standing() is Standing.ACTIVE
    books.clock.advance(1.0)
    assert standing() is Standing.NOT_ACTIVE
    # A poll with nothing to do is a call as well.
    assert books.endpoint().authenticate(computer.connection.id, computer.password)[1] == "none"
    assert standing() is Standing.ACTIVE
    # So is one that got a request, for as long as QuickBooks works on it.
    books.queue.enqueue(computer.connection.id, {"CustomerQueryRq": {}})
    endpoint = books.endpoint()
    ticket = endpoint.authenticate(computer.connection.id, computer.password)[0]
    assert endpoint.send_request_xml(ticket, computer.quickbooks.describe(), "", "US", 16, 0)
    books.clock.advance(1800.0)
    assert standing() is Standing.ACTIVE


def test_a_company_file_that_can_not_be_opened_is_noted_until_it_can(books: Books) -> None:
    end_user = books.end_user()
    computer = books.connected(end_user)
    assert computer.update()
    books.queue.enqueue(computer.connection.id, {"CustomerQueryRq": {}})
    endpoint = books.endpoint()
    ticket = endpoint.authenticate(computer.connection.id, computer.password)[0]
    assert endpoint.connection_error(ticket, "0x80040408", "Could not start QuickBooks.") == "done"
    diagnosis = books.tenant.connections.diagnose(books.tenant.connections.of(end_user.id))
    assert "0x80040408" in diagnosis.reason
    assert computer.update()
    diagnosis = books.tenant.connections.diagnose(books.tenant.connections.of(end_user.id))
    assert "0x80040408" not in diagnosis.reason


def test_every_statement_on_what_an_account_has_names_the_account(books: Books) -> None:
    """But for those that find whose a secret is, and what the endpoint notes of a connection that signed in."""
    from sqlalchemy import event

    seen: list[str] = []
    event.listen(books.queue.store.database.engine, "before_cursor_execute", lambda *a: seen.append(a[2]))  # type: ignore[attr-defined]
    end_user = books.end_user()
    tenant = books.tenant
    tenant.end_users.list()
    computer = books.connected(end_user)
    tenant.connections.list()
    tenant.auth_sessions.get(computer.session.id)
    books.gateway.accounts.keys(books.account.id)
    books.gateway.accounts.revoke(books.account.id, books.keys.secret.id)
    tenant.end_users.delete(end_user.id)
    ours = [one for one in seen if "qbgateway_" in one and "qbgateway_accounts" not in one]
    assert len(ours) > 15
    by_secret = ("key_hash = ?", "password_hash = ?")
    without = [one for one in ours if "account_id = ?" not in one and not one.startswith("INSERT")]
    assert [one for one in without if not any(secret in one for secret in by_secret)] == []


def test_the_database_keeps_one_connection_to_an_end_user(books: Books) -> None:
    end_user = books.end_user()
    first = books.tenant.connections.ensure(end_user.id)
    assert books.tenant.connections.ensure(end_user.id) == first
    with books.gateway.store.read() as sql:
        assert sql.execute(text("SELECT count(*) FROM qbgateway_connections")).scalar() == 1


def test_what_is_old_is_forgotten(books: Books) -> None:
    create = books.tenant.end_users.create
    create(company_name="A", source_id="s", email="a@b", idempotency_key="k")
    books.clock.advance(books.gateway.settings.retention - 1.0)
    books.gateway.tend()
    assert refused(create, company_name="B", source_id="t", email="a@b", idempotency_key="k").code[:11] == "IDEMPOTENCY"
    books.clock.advance(2.0)
    books.gateway.tend()
    assert create(company_name="B", source_id="t", email="a@b", idempotency_key="k").company_name == "B"
