"""The way by which an end user connects a QuickBooks, from the link to the first answer.

A link hands out a password and a ``.qwc`` file while it is valid, and nothing more once QuickBooks has answered. That
its time is over stops handing out, not what was handed out: a password that was shown stays good.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from sqlalchemy.exc import IntegrityError

from soap.authentication import generate_password
from soap.queue import RequestQueue, State

from .. import tokens
from ..errors import Refused
from ..store import Scope, Store, Taken
from ..store import tables as t
from . import by_secret
from .accounts import Accounts
from .connections import Connections
from .end_users import EndUsers
from .records import Account, AuthSession, Connection, EndUser
from .settings import Settings

#: How long after its end an open page still shows what happens.
STILL_SHOWN = 3600.0


class Step(Enum):
    """How far an end user has come."""

    OPENED = "opened"  #: nothing was handed out yet
    PASSWORD_MADE = "password_made"  #: the Web Connector has not called since
    FILE_ADDED = "file_added"  #: it has, with another password
    PASSWORD_ACCEPTED = "password_accepted"  #: it signed in
    FINISHED = "finished"  #: QuickBooks answered


@dataclass(frozen=True, slots=True)
class Visit:
    """A link that was opened with its key."""

    session: AuthSession
    account: Account
    end_user: EndUser
    connection: Connection | None
    step: Step
    is_valid: bool
    #: What QuickBooks said the company is called, once it has.
    company: str | None


class Flow:
    """All links of a gateway. What they are opened with is the key and the client secret, and nothing else."""

    def __init__(self, store: Store, queue: RequestQueue, settings: Settings) -> None:
        self._store, self._queue, self._settings = store, queue, settings

    def open(self, client_secret: str, publishable_key: str) -> Visit:
        """Look at a link; nothing is made or handed out. Raises :class:`~qbgateway.errors.Refused`.

        A key that is wrong, revoked or another account's is as a link that there is not.
        """
        note_every = self._settings.note_use_every
        key = by_secret.key(self._store, publishable_key, "publishable", note_use_every=note_every)
        session = None if key is None else by_secret.auth_session(self._store, client_secret, key)
        # Another key of the same account is not the one that the link was made with, but opens what is its own.
        if session is None or self._store.now() > session.expires_at + STILL_SHOWN:
            raise Refused("RESOURCE_MISSING", "There is no such link, or it is no longer valid.")
        scope = Scope(self._store, session.account_id)
        end_user = EndUsers(scope, self._queue).get(session.end_user_id)
        connection = Connections(scope, self._queue, self._settings).of(end_user.id)
        return Visit(
            session=session,
            account=Accounts(self._store).get(session.account_id),
            end_user=end_user,
            connection=connection,
            step=_step(session, connection, self._is_accepted(scope, session, connection)),
            is_valid=session.finished_at is None and self._store.now() < session.expires_at,
            company=None if connection is None else self._company(connection, session),
        )

    def begin(self, visit: Visit) -> Connection:
        """Begin to connect: the connection that the file and the password are for, made if there is none.

        Raises :class:`~qbgateway.errors.Refused` where the link hands out nothing any more.
        """
        scope = self._handing_out(visit)
        return Connections(scope, self._queue, self._settings).ensure(visit.end_user.id)

    def password(self, visit: Visit) -> tuple[Connection, str]:
        """Make a password, which is shown once; it joins those before it, until it is used. Raises as :meth:`begin`."""
        connection = self.begin(visit)
        scope = Scope(self._store, visit.session.account_id)
        made, now = generate_password(), self._store.now()
        values = {"account_id": scope.account_id, "connection_id": connection.id, "created_at": now}
        a = t.auth_sessions.c
        handing_out = (a.id == visit.session.id, a.finished_at.is_(None), a.expires_at > now)
        try:
            with self._store.write() as sql:
                try:
                    hashed = tokens.digest(made)
                    sql.execute(t.passwords.insert().values(password_hash=hashed, accepted_at=None, **values))
                except IntegrityError as error:
                    raise Taken from error
                # As the link stands now: it may have done its work since it was looked at.
                if sql.execute(scope.update(t.auth_sessions, *handing_out).values(begun_at=now)).rowcount == 0:
                    raise Taken
        except Taken:
            raise _handed_out() from None
        return connection, made

    def qwc(self, visit: Visit) -> tuple[str, bytes]:
        """The ``.qwc`` file, with its name. Raises as :meth:`begin`."""
        connection = self.begin(visit)
        scope = Scope(self._store, visit.session.account_id)
        return Connections(scope, self._queue, self._settings).qwc(connection, visit.account, visit.end_user)

    def _handing_out(self, visit: Visit) -> Scope:
        if not visit.is_valid:
            raise _handed_out(visit.session.finished_at is not None)
        return Scope(self._store, visit.session.account_id)

    @staticmethod
    def _is_accepted(scope: Scope, session: AuthSession, connection: Connection | None) -> bool:
        """Whether somebody signed in with a password that was made since the link was."""
        if connection is None:
            return False
        p = t.passwords.c
        mine = (p.connection_id == connection.id, p.created_at >= session.created_at, p.accepted_at.is_not(None))
        with scope.store.read() as sql:
            return sql.execute(scope.select(t.passwords, *mine).limit(1)).first() is not None

    def _company(self, connection: Connection, session: AuthSession) -> str | None:
        if session.finished_at is None:
            return None
        answered = self._queue.find(
            connection.id, states=[State.DONE], names=["CompanyQueryRq"], limit=1, newest_first=True
        )
        for result in answered:
            for record in result.records:
                name = record.get("CompanyName")
                return name if isinstance(name, str) else None
        return None


def _handed_out(is_finished: bool = False) -> Refused:
    """A link that hands out nothing any more."""
    reason = "QuickBooks is connected already." if is_finished else "This link is no longer valid; ask for a new one."
    return Refused("LINK_EXPIRED", reason, user_facing=reason)


def greet(queue: RequestQueue, connection: Connection, password_hash: str) -> None:
    """Ask a QuickBooks for its company, once for each password that was accepted: there is an answer at once then."""
    key = f"greeting:{password_hash[:32]}"
    queue.enqueue(connection.id, {"CompanyQueryRq": {}}, idempotency_key=key, metadata={"by": "flow"})


def _step(session: AuthSession, connection: Connection | None, accepted: bool) -> Step:
    if session.finished_at is not None:
        return Step.FINISHED
    if session.begun_at is None or connection is None:
        return Step.OPENED
    # An earlier password stays good until one of this link is used, and its Web Connector goes on calling.
    if accepted:
        return Step.PASSWORD_ACCEPTED
    called = max(connection.seen_at or 0.0, connection.refused_at or 0.0)
    return Step.FILE_ADDED if called >= session.created_at else Step.PASSWORD_MADE
