"""What the gateway does, without HTTP: accounts and keys, end users, connections, auth sessions, requests.

:class:`Gateway` is the whole of it, over one database; :class:`Tenant` is what one account sees of it.

==================  ================================================================================================
``accounts``        accounts and keys
``by_secret``       whose a key, a link or a password is
``end_users``       end users
``connections``     their QuickBooks, how each stands, and its ``.qwc`` file
``auth_sessions``   links; ``flow``: what is done with one
``requests``        requests to QuickBooks; ``outcomes``: what a caller is told of their end
``web_connector``   who may sign in at the endpoint, and what is noted of its calls
==================  ================================================================================================
"""

from __future__ import annotations

import threading
from dataclasses import dataclass

from soap.queue import RequestQueue, SQLQueue

from ..store import Scope, Store
from . import by_secret, idempotency
from .accounts import Accounts, KeyPair
from .auth_sessions import AuthSessions
from .connections import Connections, Diagnosis, Standing
from .end_users import EndUsers
from .flow import Flow, Step, Visit
from .outcomes import Outcome
from .records import Account, AuthSession, Connection, EndUser, Key
from .requests import Given, Requests
from .settings import Settings
from .web_connector import ConnectionAuthenticator, Watcher

__all__ = [
    "Account",
    "AuthSession",
    "Connection",
    "Diagnosis",
    "EndUser",
    "Gateway",
    "Given",
    "Key",
    "KeyPair",
    "Outcome",
    "Settings",
    "Standing",
    "Step",
    "Tenant",
    "Visit",
]


@dataclass(frozen=True, slots=True)
class Tenant:
    """What one account has: nothing here reaches what is another's."""

    account_id: str
    accounts: Accounts
    end_users: EndUsers
    connections: Connections
    auth_sessions: AuthSessions
    requests: Requests

    def account(self) -> Account:
        """The account itself."""
        return self.accounts.get(self.account_id)


class Gateway:
    """A gateway over the database of a queue. ``instance`` is the secret of :mod:`qbgateway.tokens`.

    Raises :class:`~qbgateway.errors.Unusable` where its tables are not up to date, and ``migrate`` is not given.
    """

    def __init__(self, queue: SQLQueue, settings: Settings, instance: bytes, *, migrate: bool = False) -> None:
        self.queue: RequestQueue = queue
        self.settings = settings
        self.store = Store(queue, migrate=migrate)
        #: Set where the process is to end: who waits is answered.
        self.stopping = threading.Event()
        self._instance = instance
        self.accounts = Accounts(self.store)
        self.flow = Flow(self.store, queue, settings)
        self.authenticator = ConnectionAuthenticator(self.store, queue, note_every=settings.note_use_every)
        self.watcher = Watcher(self.store)

    def tenant(self, account_id: str) -> Tenant:
        """What an account sees."""
        scope = Scope(self.store, account_id)
        return Tenant(
            account_id,
            self.accounts,
            EndUsers(scope, self.queue),
            Connections(scope, self.queue, self.settings),
            AuthSessions(scope, self._instance),
            Requests(scope, self.queue, self.settings, self.stopping),
        )

    def key(self, text: str) -> Key | None:
        """The secret key of that text; ``None`` where it is none, or was revoked."""
        return by_secret.key(self.store, text, "secret", note_use_every=self.settings.note_use_every)

    def tend(self) -> None:
        """Do what time brings: requests expire, silent sessions are given up, what is old is forgotten.

        To be called now and then, by any process; ``qbgateway serve`` does.
        """
        self.queue.tend()
        idempotency.forget(self.store, self.store.now() - self.settings.retention)

    def close(self) -> None:
        """Let go of the database."""
        self.queue.close()
