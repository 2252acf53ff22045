"""A gateway with a clock that tests move, an account in it, and the QuickBooks at the other end."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from time import time
from typing import TYPE_CHECKING, Any

from sqlalchemy import URL
from werkzeug.test import Client, TestResponse

from qbgateway.service import EndUser, Gateway, Settings, Tenant
from qbgateway.wsgi import Application
from soap import Endpoint, Options, SQLQueue
from soap.observing import observed
from soap.queue.signals import work
from soap.testing import Clock
from soap.testing.connector import ModelConnector
from soap.testing.quickbooks import ModelQuickBooks

if TYPE_CHECKING:
    from wsgiref.types import WSGIApplication

INSTANCE = b"of the tests, and long enough to be taken for one"
PUBLIC_URL = "https://books.example.com"


class Books:
    """A gateway over a database, and an account in it with a pair of keys: a new one, or one by its id."""

    def __init__(
        self, database: str | URL, *, migrate: bool = False, account_id: str | None = None, **settings: Any
    ) -> None:
        self.clock = Clock(1_700_000_000.0 if account_id is None else time())
        self.queue = SQLQueue(database, clock=self.clock)
        self.gateway = Gateway(self.queue, Settings(PUBLIC_URL, **settings), INSTANCE, migrate=migrate)
        accounts = self.gateway.accounts
        self.account = accounts.create("Swamp & Sons") if account_id is None else accounts.get(account_id)
        self.keys = self.gateway.accounts.create_keys(self.account.id)

    @property
    def tenant(self) -> Tenant:
        return self.gateway.tenant(self.account.id)

    def end_user(self, source_id: str = "src-1", company: str = "Big Construction Co.") -> EndUser:
        return self.tenant.end_users.create(company_name=company, source_id=source_id, email="bob@bigco.example")

    def endpoint(self, **options: Any) -> Endpoint:
        """The endpoint of the Web Connector, with what the gateway notes of its calls."""
        made = Endpoint(self.queue, self.gateway.authenticator, Options(**options))
        return observed(made, [self.gateway.watcher])

    def connected(self, end_user: EndUser, **model: Any) -> Computer:
        """An end user's computer, set up by a link as a person would do it; no update was run yet."""
        return Computer(self, end_user, **model)

    def application(self, **more: Any) -> Application:
        return Application(self.gateway, **more)

    def caller(self, **headers: str) -> Caller:
        """Somebody who calls the API with the first account's key."""
        return Caller(self.application(), self.keys.secret_text, **headers)

    def close(self) -> None:
        self.gateway.close()


class Computer:
    """A computer with QuickBooks and a Web Connector that knows the gateway."""

    def __init__(self, books: Books, end_user: EndUser, **model: Any) -> None:
        self.books, self.end_user = books, end_user
        sessions = books.tenant.auth_sessions
        self.session = sessions.create(
            books.account, publishable_key=books.keys.publishable_text, end_user_id=end_user.id
        )
        self.secret = sessions.client_secret(self.session)
        connection, password = books.gateway.flow.password(self.visit())
        self.connection, self.password = connection, password
        self.quickbooks = ModelQuickBooks(owner_id=books.account.owner_id, file_id=connection.file_id, **model)
        endpoint = books.endpoint()
        self.connector = ModelConnector(lambda: endpoint, self.quickbooks, connection.id, password)

    def visit(self) -> Any:
        return self.books.gateway.flow.open(self.secret, self.books.keys.publishable_text)

    def update(self) -> bool:
        """Run an update, as the schedule does; whether there was a session."""
        return self.connector.session()


class Caller:
    """Calls the API with a key, as a client does."""

    def __init__(self, application: WSGIApplication, key: str, **headers: str) -> None:
        self.client = Client(application)
        self.headers = {"Authorization": f"Bearer {key}", **headers}

    def __call__(self, method: str, path: str, body: Any = None, /, **headers: str) -> TestResponse:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        data = None if body is None else body if isinstance(body, bytes) else json.dumps(body)
        kind = {"Content-Type": "application/json"}
        return self.client.open(path, method=method, data=data, headers={**kind, **self.headers, **named})

    def ask(self, computer: Computer, request: Any, /, **headers: str) -> TestResponse:
        """Send a request to QuickBooks and wait, while the computer runs an update as soon as there is work."""
        path = f"/v1/end-users/{computer.end_user.id}/request/quickbooks_desktop"
        with (
            ThreadPoolExecutor(1) as pool,
            computer.books.queue.store.signals.watch(work(computer.connection.id)) as watch,
        ):
            answer = pool.submit(self, "POST", path, request, **headers)
            while not answer.done() and watch.wait(5.0):
                computer.update()
            return answer.result(10.0)


def error_of(answer: TestResponse) -> tuple[int, str, str]:
    """Status, type and code of an error, whose form is checked."""
    body = answer.get_json()
    assert set(body) == {"error"}
    error = body["error"]
    wanted = {"message", "userFacingMessage", "type", "code", "httpStatusCode", "requestId"}
    assert set(error) - {"integrationCode"} == wanted
    assert error["message"]
    assert error["userFacingMessage"]
    assert error["httpStatusCode"] == answer.status_code
    assert error["requestId"] == answer.headers["Conductor-Request-Id"] == answer.headers["Request-Id"]
    assert error["requestId"].startswith("req_")
    return answer.status_code, error["type"], error["code"]
