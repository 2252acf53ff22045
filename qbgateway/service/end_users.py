"""End users: the customers of an account, each with a QuickBooks that is connected or is to be."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy.exc import IntegrityError

from soap.queue import RequestQueue

from .. import tokens
from ..errors import Refused, missing
from ..store import Scope, Taken, columns_of
from ..store import tables as t
from . import idempotency, texts
from .records import Connection, EndUser

_u, _c = t.end_users.c, t.connections.c


class EndUsers:
    """The end users of one account."""

    def __init__(self, scope: Scope, queue: RequestQueue) -> None:
        self._scope = scope
        self._queue = queue

    def create(self, *, company_name: str, source_id: str, email: str, idempotency_key: str | None = None) -> EndUser:
        """Make an end user. ``source_id`` is the account's own id of it, and no two have the same.

        With an ``idempotency_key`` that was used before the end user of that time is given back. Raises
        :class:`~qbgateway.errors.Refused`.
        """
        made = EndUser(
            id=tokens.new_id(tokens.END_USER),
            account_id=self._scope.account_id,
            company_name=texts.text("companyName", company_name),
            source_id=texts.text("sourceId", source_id),
            email=texts.email("email", email),
            created_at=self._scope.store.now(),
        )
        note = idempotency.note(idempotency_key, "end_user", [made.company_name, made.source_id, made.email])
        earlier = idempotency.earlier(self._scope, note)
        if earlier is not None:
            return self.get(earlier)
        try:
            with self._scope.store.write() as sql:
                try:
                    sql.execute(t.end_users.insert().values(columns_of(made)))
                    idempotency.keep(self._scope, sql, note, made.id)
                except IntegrityError as error:
                    raise Taken from error
        except Taken:
            earlier = idempotency.earlier(self._scope, note)
            if earlier is not None:  # made by a call of the same moment
                return self.get(earlier)
            raise Refused(
                "SOURCE_ID_TAKEN", f"There is an end user with the sourceId {made.source_id!r} already."
            ) from None
        return made

    def get(self, id: str) -> EndUser:
        """The end user of that id. Raises :class:`~qbgateway.errors.Refused`."""
        found = self._scope.first(EndUser, t.end_users, _u.id == id)
        if found is None:
            raise missing("end user", id)
        return found

    def list(self) -> list[EndUser]:
        """All end users, the oldest first."""
        return self._scope.all(EndUser, t.end_users)

    def delete(self, id: str) -> None:
        """Delete an end user: its password and links are good for nothing from now on, and its ``sourceId`` is free.

        What waits for its QuickBooks is cancelled, and all requests and answers are deleted. Raises
        :class:`~qbgateway.errors.Refused`.
        """
        self.get(id)
        for connection in self._connections_of(id):
            self._queue.purge(connection)
        with self._scope.store.write() as sql:
            # Locked first, as everybody does who changes more than that: else two could wait for one another.
            theirs = self._scope.select(t.connections, _c.end_user_id == id).with_only_columns(_c.id).with_for_update()
            connections = sql.execute(theirs).scalars().all()
            sql.execute(self._scope.delete(t.passwords, t.passwords.c.connection_id.in_(connections)))
            sql.execute(self._scope.delete(t.auth_sessions, t.auth_sessions.c.end_user_id == id))
            sql.execute(self._scope.delete(t.connections, _c.end_user_id == id))
            sql.execute(self._scope.delete(t.idempotency, t.idempotency.c.object_id == id))
            sql.execute(self._scope.delete(t.end_users, _u.id == id))
        for connection in connections:
            # What came in between, before the password was revoked.
            self._queue.purge(connection)

    def _connections_of(self, id: str) -> Sequence[str]:
        return [one.id for one in self._scope.all(Connection, t.connections, _c.end_user_id == id)]
