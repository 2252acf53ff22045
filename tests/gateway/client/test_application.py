"""The client against the real application, with the simulated QuickBooks or a model of it at the other end."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import httpx
import pytest

from qbgateway.client import (
    AuthenticationError,
    Client,
    IntegrationConnectionError,
    IntegrationError,
    InvalidRequestError,
    IteratorLost,
)
from qbxml import requests as rq
from tests.gateway.helpers import PUBLIC_URL, Books, Computer
from tests.gateway.test_simulator import Desk

from .computers import async_client, busy, client


@pytest.fixture
def computer(books: Books) -> Iterator[Computer]:
    made = books.connected(books.end_user())
    assert made.update()
    with busy(made):
        yield made


def test_the_quickstart(books: Books, computer: Computer) -> None:
    with client(books) as calling:
        user = calling.end_users.create(company_name="Reed", source_id="7", email="ann@reed.example")
        link = calling.auth_sessions.create(
            publishable_key=books.keys.publishable_text, end_user_id=user.id, link_expiry_mins=60
        )
        assert link.auth_flow_url.startswith(f"{PUBLIC_URL}/qbd/")
        assert calling.auth_sessions.retrieve(link.id) == link
        assert {one.id for one in calling.end_users.list()} == {computer.end_user.id, user.id}
        (connection,) = calling.end_users.retrieve(computer.end_user.id).integration_connections
        assert connection in calling.integration_connections.list()
        assert calling.integration_connections.retrieve(connection.id) == connection
        assert calling.integration_connections.status(connection.id).status == "active"
        added = calling.qbd.customer.add(computer.end_user.id, rq.CustomerAdd(Name="Annie's <&> Alligators"))
        assert added["FullName"] == "Annie's <&> Alligators"
        assert calling.qbd.customer.query(computer.end_user.id) == [added]
        assert calling.end_users.ping(computer.end_user.id).duration.total_seconds() >= 0
        assert calling.end_users.delete(user.id).deleted


def test_each_error_has_its_class(books: Books, computer: Computer) -> None:
    id_ = computer.end_user.id
    with client(books) as calling:
        calling.qbd.customer.add(id_, Name="Annie")
        with pytest.raises(IntegrationError) as twice:
            calling.qbd.customer.add(id_, Name="Annie")
        assert (twice.value.code, twice.value.integration_code, twice.value.status) == (
            "QBD_REQUEST_ERROR",
            "3100",
            502,
        )
        with pytest.raises(InvalidRequestError, match="Nmae"):
            calling.qbd.customer.add(id_, {"Nmae": "Annie"})
        with pytest.raises(InvalidRequestError, match="Conductor-Timeout-Seconds"):
            calling.qbd.customer.query(id_, timeout=0)
        with pytest.raises(InvalidRequestError) as missing:
            calling.end_users.retrieve("end_usr_x")
        assert (missing.value.code, missing.value.status) == ("RESOURCE_MISSING", 404)
        nobody = calling.end_users.create(company_name="Reed", source_id="7", email="ann@reed.example")
        with pytest.raises(IntegrationConnectionError) as unset:
            calling.qbd.customer.query(nobody.id)
        assert unset.value.code == "INTEGRATION_CONNECTION_NOT_SET_UP"
    wrong = Client("sk_live_wrong", base_url=PUBLIC_URL, transport=httpx.WSGITransport(books.application()))
    with wrong, pytest.raises(AuthenticationError):
        wrong.end_users.list()


class Losing(httpx.BaseTransport):
    """Passes calls on, and loses the first answers."""

    def __init__(self, inner: httpx.BaseTransport, times: int) -> None:
        self.inner, self.times = inner, times

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        answer = self.inner.handle_request(request)
        answer.read()
        if self.times > 0:
            self.times -= 1
            raise httpx.ReadError("the answer is lost", request=request)
        return answer


def test_a_write_whose_answer_was_lost_is_done_once(
    books: Books, computer: Computer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("qbgateway.client.clients.time.sleep", lambda _: None)
    computer.quickbooks.unique_names = False
    lossy = Losing(httpx.WSGITransport(books.application()), 2)
    with Client(books.keys.secret_text, base_url=PUBLIC_URL, transport=lossy) as calling:
        added = calling.qbd.customer.add(computer.end_user.id, Name="Annie")
        assert calling.qbd.customer.query(computer.end_user.id) == [added]
        lossy.times = 2
        first = calling.end_users.create(company_name="Reed", source_id="7", email="ann@reed.example")
        assert first.id in [one.id for one in calling.end_users.list()]
    assert len(computer.quickbooks.executed) == 1


def test_what_is_submitted_can_be_looked_at_withdrawn_and_waited_for(books: Books) -> None:
    computer = books.connected(books.end_user())
    assert computer.update()
    with client(books) as calling:
        id_ = computer.end_user.id
        kept = calling.qbd.submit(id_, rq.CustomerAddRq(CustomerAdd=rq.CustomerAdd(Name="Annie")))
        gone = calling.qbd.submit(id_, {"CustomerAddRq": {"CustomerAdd": {"Name": "Bea"}}})
        assert (kept.state, kept.answer, kept.is_final) == ("queued", None, False)
        withdrawn = calling.requests.cancel(gone.id)
        assert withdrawn.state == "cancelled"
        assert isinstance(withdrawn.error, InvalidRequestError)
        assert computer.update()
        done = calling.requests.retrieve(kept.id, wait=5)
        assert done.answer is not None
        assert done.answer["CustomerAddRs"]["CustomerRet"]["FullName"] == "Annie"
        with pytest.raises(InvalidRequestError) as settled:
            calling.requests.resolve(kept.id, outcome="done")
        assert settled.value.code == "REQUEST_NOT_UNKNOWN"


def test_the_async_client_too(books: Books, computer: Computer) -> None:
    async def use() -> None:
        async with async_client(books) as calling:
            added = await calling.qbd.customer.add(computer.end_user.id, Name="Annie")
            assert [one async for one in calling.qbd.customer.iterate(computer.end_user.id)] == [added]
            with pytest.raises(IntegrationError):
                await calling.qbd.customer.add(computer.end_user.id, Name="Annie")

    asyncio.run(use())


def test_pages_are_read_while_the_session_lasts_and_lost_with_it(books: Books, tmp_path: Path) -> None:
    desk = Desk(books, tmp_path, hold=1.0)
    id_ = desk.end_user["id"]
    transport = httpx.WSGITransport(desk.call.client.application)
    with Client(books.keys.secret_text, base_url=PUBLIC_URL, transport=transport, timeout=20) as calling:
        with desk.updating():
            for _ in range(1000):
                if desk.anybody("GET", desk.link).get_json()["step"] == "finished":
                    break
            for name in ("A", "B", "C"):
                assert calling.qbd.customer.add(id_, Name=name)["Balance"] == Decimal(0)
            assert [one["Name"] for one in calling.qbd.customer.iterate(id_, MaxReturned=2)] == ["A", "B", "C"]
            cut_short = calling.qbd.customer.iterate(id_, MaxReturned=2)
            assert next(cut_short)["Name"] == "A"
        # The session was idle, and is over.
        assert next(cut_short)["Name"] == "B"
        with desk.updating(), pytest.raises(IteratorLost) as lost:
            next(cut_short)
    assert lost.value.fetched == 2
    desk.company.close()


def test_loading_it_needs_httpx_and_the_codec_alone() -> None:
    script = (
        "import sys\n"
        "import qbgateway.client\n"
        "assert 'httpx' not in sys.modules and 'qbxml.schema' not in sys.modules\n"
        "from qbgateway.client import Client\n"
        "Client('sk_live_x').qbd.invoice.query\n"
        "print(*sorted({'httpx', 'lxml', 'qbxml', 'soap', 'spyne', 'sqlalchemy', 'werkzeug'} & set(sys.modules)))\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert set(done.stdout.split()) <= {"httpx", "lxml", "qbxml"}
