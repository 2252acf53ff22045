"""Auth sessions: links by which an end user connects a QuickBooks."""

from __future__ import annotations

from sqlalchemy.exc import IntegrityError

from .. import tokens
from ..errors import Refused, missing
from ..store import Scope, Taken, columns_of
from ..store import tables as t
from . import idempotency, texts
from .records import Account, AuthSession, EndUser, Key

#: Minutes for which a link can be valid: by default, at least, and at most (seven days).
DEFAULT_EXPIRY, SHORTEST_EXPIRY, LONGEST_EXPIRY = 30, 15, 10080


class AuthSessions:
    """The auth sessions of one account. ``instance`` is the secret that client secrets are computed with."""

    def __init__(self, scope: Scope, instance: bytes) -> None:
        self._scope = scope
        self._instance = instance

    def create(
        self,
        account: Account,
        *,
        publishable_key: str,
        end_user_id: str,
        link_expiry_mins: int = DEFAULT_EXPIRY,
        redirect_url: str | None = None,
        idempotency_key: str | None = None,
    ) -> AuthSession:
        """Make a session. Key and end user must be the account's own. Raises :class:`~qbgateway.errors.Refused`."""
        if not SHORTEST_EXPIRY <= link_expiry_mins <= LONGEST_EXPIRY:
            reason = f"must be {SHORTEST_EXPIRY} to {LONGEST_EXPIRY} minutes, and is {link_expiry_mins}"
            raise texts.invalid("linkExpiryMins", reason)
        if redirect_url is not None:
            redirect_url = texts.redirect_url("redirectUrl", redirect_url, account.redirect_hosts)
        key = self._key(publishable_key)
        if self._scope.first(EndUser, t.end_users, t.end_users.c.id == end_user_id) is None:
            raise missing("end user", end_user_id)
        note = idempotency.note(idempotency_key, "auth_session", [key.id, end_user_id, link_expiry_mins, redirect_url])
        earlier = idempotency.earlier(self._scope, note)
        if earlier is not None:
            return self.get(earlier)
        made = self._made(key, end_user_id, link_expiry_mins, redirect_url)
        try:
            with self._scope.store.write() as sql:
                try:
                    sql.execute(t.auth_sessions.insert().values(columns_of(made)))
                    idempotency.keep(self._scope, sql, note, made.id)
                except IntegrityError as error:
                    raise Taken from error
        except Taken:
            earlier = idempotency.earlier(self._scope, note)
            if earlier is None:  # the end user was deleted meanwhile
                raise missing("end user", end_user_id) from None
            return self.get(earlier)
        return made

    def _made(self, key: Key, end_user_id: str, minutes: int, redirect_url: str | None) -> AuthSession:
        id_, now = tokens.new_id(tokens.AUTH_SESSION), self._scope.store.now()
        return AuthSession(
            id=id_,
            account_id=self._scope.account_id,
            end_user_id=end_user_id,
            key_id=key.id,
            secret_hash=tokens.digest(tokens.client_secret(self._instance, id_)),
            redirect_url=redirect_url,
            created_at=now,
            expires_at=now + minutes * 60.0,
            begun_at=None,
            finished_at=None,
        )

    def _key(self, text: str) -> Key:
        """The account's own publishable key of that text."""
        k = t.keys.c
        same = (k.key_hash == tokens.digest(text), k.kind == "publishable", k.revoked_at.is_(None))
        found = self._scope.first(Key, t.keys, *same)
        if found is None:
            raise Refused("RESOURCE_MISSING", "There is no such publishableKey in this account, or it was revoked.")
        return found

    def get(self, id: str) -> AuthSession:
        """The session of that id. Raises :class:`~qbgateway.errors.Refused`."""
        found = self._scope.first(AuthSession, t.auth_sessions, t.auth_sessions.c.id == id)
        if found is None:
            raise missing("auth session", id)
        return found

    def client_secret(self, session: AuthSession) -> str:
        """The ``clientSecret`` of a session."""
        return tokens.client_secret(self._instance, session.id)

    def publishable_key(self, session: AuthSession) -> str:
        """The key that its link has in it."""
        found = self._scope.first(Key, t.keys, t.keys.c.id == session.key_id)
        return "" if found is None or found.public is None else found.public
