"""A gateway with a clock that tests move, an account in it, and the QuickBooks at the other end."""

from __future__ import annotations

import json
from typing import Any

from soap import Endpoint, Options, SQLQueue
from soap.observing import observed
from soap.testing.connector import ModelConnector
from soap.testing.quickbooks import ModelQuickBooks
from sqlalchemy import URL

from qbgateway.service import EndUser, Gateway, Settings, Tenant

INSTANCE = b"of the tests, and long enough to be taken for one"
PUBLIC_URL = "https://books.example.com"


class Clock:
    """A clock that a test moves."""

    def __init__(self, now: float = 1_700_000_000.0) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now

    def advance(self, seconds: float) -> None:
        self.now += seconds


class Books:
    """A gateway, its first account with a pair of keys, and an end user."""

    def __init__(self, database: str | URL, *, migrate: bool = False, **settings: Any) -> None:
        self.clock = Clock()
        self.queue = SQLQueue(database, clock=self.clock)
        self.gateway = Gateway(self.queue, Settings(PUBLIC_URL, **settings), INSTANCE, migrate=migrate)
        self.account = self.gateway.accounts.create("Swamp & Sons")
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

    def close(self) -> None:
        self.gateway.close()


class Computer:
    """A computer with QuickBooks and a Web Connector that knows the gateway."""

    def __init__(self, books: Books, end_user: EndUser, **model: Any) -> None:
        self.books = books
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


def plain(text: bytes) -> Any:
    return json.loads(text)
