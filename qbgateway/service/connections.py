"""Connections: an end user's QuickBooks, what its Web Connector was seen to do, and its ``.qwc`` file."""

from __future__ import annotations

import re
import unicodedata
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import Enum

from sqlalchemy.exc import IntegrityError

import qbxml
import soap
from soap.queue import RequestQueue, State

from .. import tokens
from ..errors import missing
from ..store import Scope, Taken, columns_of
from ..store import tables as t
from .accounts import new_guid
from .records import QUICKBOOKS_DESKTOP, Account, Connection, EndUser
from .settings import Settings

_c = t.connections.c

#: What is noted in place of an HRESULT where QuickBooks has somebody else's company file open.
WRONG_FILE = "WRONG_FILE"


class Standing(Enum):
    """Whether a request to a connection can be answered."""

    NOT_SET_UP = "not_set_up"  #: nobody ever signed in
    NOT_ACTIVE = "not_active"  #: its Web Connector went silent
    ACTIVE = "active"  #: its Web Connector is there, or due


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """How a connection stands, since when (``None``: always), and why, in words for a person."""

    standing: Standing
    since: float | None
    reason: str


class Connections:
    """The connections of one account."""

    def __init__(self, scope: Scope, queue: RequestQueue, settings: Settings) -> None:
        self._scope = scope
        self._queue = queue
        self._settings = settings

    def get(self, id: str) -> Connection:
        """The connection of that id. Raises :class:`~qbgateway.errors.Refused`."""
        found = self._scope.first(Connection, t.connections, _c.id == id)
        if found is None:
            raise missing("integration connection", id)
        return found

    def list(self) -> list[Connection]:
        """All connections, the oldest first."""
        return self._scope.all(Connection, t.connections)

    def of(self, end_user_id: str) -> Connection | None:
        """The connection of an end user; ``None`` where the end user has begun none yet."""
        return self._scope.first(
            Connection, t.connections, _c.end_user_id == end_user_id, _c.kind == QUICKBOOKS_DESKTOP
        )

    def ensure(self, end_user_id: str) -> Connection:
        """The connection of an end user, made if there is none: with a FileID that stays for ever."""
        found = self.of(end_user_id)
        if found is not None:
            return found
        made = Connection(
            id=tokens.new_id(tokens.CONNECTION),
            account_id=self._scope.account_id,
            end_user_id=end_user_id,
            kind=QUICKBOOKS_DESKTOP,
            file_id=new_guid(),
            created_at=self._scope.store.now(),
            seen_at=None,
            refused_at=None,
            answered_at=None,
            last_request_at=None,
            trouble=None,
            trouble_at=None,
        )
        try:
            with self._scope.store.write() as sql:
                try:
                    sql.execute(t.connections.insert().values(columns_of(made)))
                except IntegrityError as error:
                    raise Taken from error
        except Taken:  # made at the same moment by another; or the end user was deleted
            found = self.of(end_user_id)
            if found is None:
                raise missing("end user", end_user_id) from None
            return found
        return made

    def note_request(self, connection: Connection) -> None:
        """Note that a request is made of it: to the minute, for it would else be a write more for each."""
        now, last = self._scope.store.now(), connection.last_request_at
        if last is None or now - last >= self._settings.note_use_every:
            self._scope.change(t.connections, _c.id == connection.id, last_request_at=now)

    # -- how it stands -----------------------------------------------------------------------------------------------

    def diagnose(self, connection: Connection | None) -> Diagnosis:
        """How a connection stands, as far as the endpoint saw."""
        if connection is None or connection.seen_at is None:
            return self._never(connection)
        last = self._last_call(connection)
        silent = self._scope.store.now() - last
        if silent > self._silent_after and not self._in_flight(connection):
            return Diagnosis(
                Standing.NOT_ACTIVE,
                last,
                f"The Web Connector made its last call at {moment(last)}. It is closed, its computer is off, or the "
                f"application is not ticked in it.{_trouble(connection)}",
            )
        return Diagnosis(Standing.ACTIVE, last, f"The Web Connector is there.{_trouble(connection)}")

    def _never(self, connection: Connection | None) -> Diagnosis:
        if connection is None:
            reason = "Nobody has begun to connect this end user's QuickBooks; make an auth session, and open its link."
        elif connection.refused_at is not None:
            reason = f"The Web Connector has a wrong password since {moment(connection.refused_at)} or before."
        else:
            reason = "The Web Connector has never called: the .qwc file was not added, or no update was run."
        return Diagnosis(Standing.NOT_SET_UP, None if connection is None else connection.created_at, reason)

    @property
    def _silent_after(self) -> float:
        return max(self._settings.silent_after, (self._settings.schedule_minutes + 1) * 60.0)

    def _last_call(self, connection: Connection) -> float:
        row = self._queue.store.connection(connection.id)
        session = None if row is None or row.session is None else self._queue.store.session(row.session)
        return max(connection.seen_at or 0.0, 0.0 if session is None else session.last_call_at)

    def _in_flight(self, connection: Connection) -> bool:
        return bool(self._queue.find(connection.id, states=[State.SENT], limit=1))

    # -- the file ----------------------------------------------------------------------------------------------------

    def qwc(self, connection: Connection, account: Account, end_user: EndUser) -> tuple[str, bytes]:
        """The ``.qwc`` file of a connection: a file name, and the content. There is no secret in it."""
        content = soap.qwc.build(
            app_name=application_name(account, end_user),
            description=f"{account.name} exchanges data with QuickBooks"[:80],
            url=self._settings.app_url,
            username=connection.id,
            owner_id=uuid.UUID(account.owner_id),
            file_id=uuid.UUID(connection.file_id),
            run_every_n_minutes=self._settings.schedule_minutes,
        )
        return f"{_file_name(end_user.company_name)}.qwc", content


def application_name(account: Account, end_user: EndUser) -> str:
    """What the Web Connector lists it as: distinct where one person looks after the QuickBooks of many."""
    return f"{account.name} – {end_user.company_name}"


def moment(when: float) -> str:
    """A time as the API writes it: ``2024-01-01T12:34:56.789Z``."""
    return datetime.fromtimestamp(when, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _trouble(connection: Connection) -> str:
    if connection.trouble is None or connection.trouble_at is None:
        return ""
    if connection.trouble == WRONG_FILE:
        return f" QuickBooks had another company file open at {moment(connection.trouble_at)}; nothing was sent to it."
    meaning = qbxml.hresult(connection.trouble)
    said = f"{meaning.meaning.rstrip('.')} ({meaning.code}), at {moment(connection.trouble_at)}"
    return f" The company file could not be opened: {said}. {meaning.advice}".rstrip()


def _file_name(company: str) -> str:
    """A name of a file that any system takes, as like the company's as it can be."""
    plain = unicodedata.normalize("NFKD", company).encode("ascii", "ignore").decode("ascii")
    return re.sub(r"[^A-Za-z0-9]+", "-", plain).strip("-")[:60] or "quickbooks"
