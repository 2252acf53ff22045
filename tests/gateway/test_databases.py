"""What depends on the database: the whole way on PostgreSQL, several processes on one, and calls of one moment."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import URL, func, select

from qbgateway.service import Gateway, Settings
from qbgateway.store import tables as t
from qbgateway.wsgi import Application
from soap import SQLQueue

from .helpers import INSTANCE, PUBLIC_URL, Books, Caller, error_of

ADD: dict[str, Any] = {"CustomerAddRq": {"CustomerAdd": {"Name": "Annie"}}}


@pytest.fixture(params=["sqlite", "postgresql"])
def where(request: pytest.FixtureRequest, tmp_path: Path, postgresql: Callable[[], URL]) -> str | URL:
    return postgresql() if request.param == "postgresql" else f"sqlite:///{tmp_path / 'gateway.db'}"


@pytest.fixture
def both(where: str | URL) -> Iterator[Books]:
    made = Books(where, migrate=True)
    yield made
    made.close()


def test_the_whole_way(both: Books) -> None:
    call, end_user = both.caller(), both.end_user()
    computer = both.connected(end_user)
    assert computer.update()
    added = call.ask(computer, ADD)
    assert added.get_json()["CustomerAddRs"]["CustomerRet"]["Name"] == "Annie"
    assert call("DELETE", f"/v1/end-users/{end_user.id}").status_code == 200
    with both.gateway.store.read() as sql:
        for table in (t.end_users, t.connections, t.passwords, t.auth_sessions):
            assert sql.execute(select(func.count()).select_from(table)).scalar() == 0, table.name


def test_another_process_answers_as_well(both: Books, where: str | URL) -> None:
    """A caller waits in one, the Web Connector comes to the other."""
    computer = both.connected(both.end_user())
    assert computer.update()
    queue = SQLQueue(where, clock=both.clock)
    other = Gateway(queue, Settings(PUBLIC_URL), INSTANCE)
    call = Caller(Application(other), both.keys.secret_text)
    added = call.ask(computer, ADD)
    assert added.status_code == 200
    session = computer.session
    shown = call("GET", f"/v1/auth-sessions/{session.id}").get_json()
    assert shown["clientSecret"] == computer.secret, "with the same secret of the instance"
    # A key that one of them revokes opens nothing at the other.
    both.gateway.accounts.revoke(both.account.id, both.keys.secret.id)
    assert error_of(call("GET", "/v1/end-users"))[2] == "API_KEY_INVALID"
    other.close()


@pytest.mark.parametrize("key", [None, "k"])
def test_of_calls_at_once_one_makes_the_end_user(both: Books, key: str | None) -> None:
    body = {"companyName": "A", "sourceId": "s", "email": "a@b"}
    headers = {} if key is None else {"Idempotency_Key": key}
    application = both.application()
    with ThreadPoolExecutor(8) as pool:
        calls = [
            pool.submit(Caller(application, both.keys.secret_text), "POST", "/v1/end-users", body, **headers)
            for _ in range(8)
        ]
        answers = [one.result(30.0) for one in calls]
    assert len(both.tenant.end_users.list()) == 1
    good = [one for one in answers if one.status_code == 200]
    assert len(good) == (1 if key is None else 8)
    assert len({one.get_json()["id"] for one in good}) == 1
    assert {error_of(one)[2] for one in answers if one not in good} <= {"SOURCE_ID_TAKEN"}


def test_of_visits_at_once_one_makes_the_connection(both: Books) -> None:
    end_user = both.end_user()
    with ThreadPoolExecutor(8) as pool:
        made = [
            one.result(30.0) for one in [pool.submit(both.tenant.connections.ensure, end_user.id) for _ in range(8)]
        ]
    assert len({one.id for one in made}) == 1
    assert len(both.tenant.connections.list()) == 1


def test_texts_of_every_alphabet_come_back(both: Books) -> None:
    name = "Söhne & 商店 🐊 \u200f<\"'>%s"
    end_user = both.end_user(source_id="ключ", company=name)
    assert both.tenant.end_users.get(end_user.id).company_name == name
    assert both.caller()("GET", f"/v1/end-users/{end_user.id}").get_json()["companyName"] == name
