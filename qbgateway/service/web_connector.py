"""What the Web Connector's endpoint has of the gateway: who may sign in, and who is told what came of each call."""

from __future__ import annotations

import logging
import unicodedata

from sqlalchemy import exists, or_, select, update

import qbxml
from soap import Account, Refusal
from soap.endpoint import WRONG_FILE_SAID
from soap.observing import CallRecord
from soap.queue import RequestQueue

from ..store import Scope, Store
from ..store import tables as t
from . import by_secret
from .connections import WRONG_FILE
from .flow import greet
from .records import Connection

logger = logging.getLogger(__name__)

_c, _p = t.connections.c, t.passwords.c

#: Nobody's user name is longer.
_LONGEST = 64


class ConnectionAuthenticator:
    """An :class:`~soap.authentication.Authenticator`: the user name is a connection's id, the password one of its own.

    A password has 160 bits, so nobody is slowed down: there is nothing to guess, and a thousand Web Connectors that
    come back at once cost a look-up each.
    """

    def __init__(self, store: Store, queue: RequestQueue, *, note_every: float) -> None:
        self._store = store
        self._queue = queue
        self._note_every = note_every

    def authenticate(self, username: str, password: str, address: str | None) -> Account | Refusal:
        """See :class:`~soap.authentication.Authenticator`."""
        found = by_secret.password(self._store, unicodedata.normalize("NFC", password.strip()))
        name = username.strip()
        if found is None or found.connection.id != name:
            self._note_refusal(name)
            return Refusal.NOT_VALID_USER
        connection = found.connection
        scope = Scope(self._store, connection.account_id)
        now = self._store.now()
        with self._store.write() as sql:
            seen = scope.update(t.connections, _c.id == connection.id).values(seen_at=now, refused_at=None)
            if sql.execute(seen).rowcount == 0:  # the end user was deleted just now
                return Refusal.NOT_VALID_USER
            if found.accepted_at is None:
                # From now on this is the password; those before it are revoked. One that was made later is not.
                mine = _p.password_hash == found.password_hash
                made = select(_p.created_at).where(mine).scalar_subquery()
                before = (_p.connection_id == connection.id, ~mine, _p.created_at <= made)
                sql.execute(scope.update(t.passwords, mine).values(accepted_at=now))
                sql.execute(scope.delete(t.passwords, *before))
        if found.accepted_at is None:
            greet(self._queue, connection, found.password_hash)
        return Account(connection.id, owner_id=found.owner_id, file_id=connection.file_id)

    def _note_refusal(self, username: str) -> None:
        """Note that somebody calls with that name and another password: it is what most often goes wrong."""
        if not username.startswith("int_conn_") or len(username) > _LONGEST or "\x00" in username:
            return
        now = self._store.now()
        # Soon again only where a password was made since: its link tells whether that one is the wrong one, too.
        made_since = exists().where(_p.connection_id == _c.id, _p.created_at >= _c.refused_at)
        new = or_(_c.refused_at.is_(None), _c.refused_at < now - self._note_every, made_since)
        with self._store.write() as sql:
            sql.execute(update(t.connections).where(_c.id == username, new).values(refused_at=now))


class Watcher:
    """An observer of the endpoint's calls: notes whether the company file could be opened, and QuickBooks answered."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def __call__(self, record: CallRecord) -> None:
        """See :mod:`soap.observing`."""
        if not record.connection or record.failure:
            return
        arguments = record.arguments
        if record.call == "connectionError":
            code = str(arguments.get("hresult") or "").strip()
            if code:
                self._change(record.connection, trouble=qbxml.hresult(code).code[:32], trouble_at=self._store.now())
        elif record.call == "getLastError" and str(record.answer or "").startswith(WRONG_FILE_SAID):
            self._change(record.connection, trouble=WRONG_FILE, trouble_at=self._store.now())
        elif record.call == "receiveResponseXML" and _is_good(record):
            self._answered(record.connection)

    def _answered(self, id: str) -> None:
        """QuickBooks answered: what was wrong is over, and the link by which it was connected has done its work."""
        with self._store.read() as sql:
            row = sql.execute(t.connections.select().where(_c.id == id)).first()
            if row is None:
                return
            connection = Connection(**row._mapping)
            scope = Scope(self._store, connection.account_id)
            # Not those whose password nobody has used yet: the person at the computer is not done, though an earlier
            # Web Connector still calls.
            a = t.auth_sessions.c
            mine = exists().where(_p.connection_id == id, _p.created_at >= a.created_at, _p.accepted_at.is_not(None))
            begun = (a.end_user_id == connection.end_user_id, a.begun_at.is_not(None), a.finished_at.is_(None), mine)
            finishes = sql.execute(scope.select(t.auth_sessions, *begun).limit(1)).first() is not None
        if not finishes and connection.trouble is None and connection.answered_at is not None:
            return
        now = self._store.now()
        values = {"trouble": None, "trouble_at": None, "answered_at": connection.answered_at or now}
        with self._store.write() as sql:
            sql.execute(scope.update(t.connections, _c.id == id).values(values))
            if finishes:
                sql.execute(scope.update(t.auth_sessions, *begun).values(finished_at=now))

    def _change(self, id: str, **values: object) -> None:
        with self._store.write() as sql:
            sql.execute(update(t.connections).where(_c.id == id).values(values))


def _is_good(record: CallRecord) -> bool:
    """Whether an answer came in which there was something, and the update goes on or ends well."""
    arguments, answer = record.arguments, record.answer
    return bool(arguments.get("response")) and not arguments.get("hresult") and isinstance(answer, int) and answer >= 0
