"""Who may sign in, kept in the queue's database: for an endpoint that has no other place for its users.

.. code-block:: python

    queue = soap.SQLQueue("sqlite:///openqbd.db")
    accounts = SQLAccounts(queue)
    account, password = accounts.add("swamp-and-sons", "annie")  # shown once: what is kept is its hash
    app = soap.application(queue=queue, authenticator=accounts, url="https://books.example.com/qbwc")

Any number of processes may work on one database: an account that one of them adds may sign in at the others at once.
What is counted of wrong passwords is counted in each process by itself.
"""

from __future__ import annotations

import unicodedata
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import (
    Boolean,
    Column,
    Connection,
    Double,
    Integer,
    MetaData,
    Row,
    Table,
    Text,
    delete,
    func,
    select,
    update,
)
from sqlalchemy.exc import DBAPIError, IntegrityError

from qbxml.characters import FORBIDDEN

from . import qwc
from .authentication import (
    MAX_LENGTH,
    Account,
    Refusal,
    StaticAuthenticator,
    Throttle,
    User,
    generate_password,
    hash_generated,
    hash_password,
    needs_rehash,
)
from .errors import InvalidAccount, StoreUnusable

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .queue import SQLQueue, SQLStore

__all__ = ["APP_NAME", "SQLAccount", "SQLAccounts"]

#: The application's name, unless another is given. QuickBooks asks for permission under it.
APP_NAME = "OpenQBD"

metadata = MetaData()

table = Table(
    "openqbd_accounts",
    metadata,
    Column("connection", Text, primary_key=True),
    Column("username", Text, nullable=False, unique=True),
    Column("password_hash", Text, nullable=False),
    Column("company_file", Text, nullable=False),
    Column("app_name", Text, nullable=False),
    Column("owner_id", Text, nullable=False),
    Column("file_id", Text, nullable=False),
    Column("any_company_file", Boolean, nullable=False),
    Column("minimum_run_every", Integer),
    Column("created_at", Double, nullable=False),
)

_a = table.c
#: How the hash of a password that somebody chose begins. To look for one costs a look at the table, which is small.
_SLOW = _a.password_hash.like("$argon2%")


@dataclass(frozen=True, slots=True, kw_only=True)
class SQLAccount(Account):
    """An account as the database has it: what :class:`~soap.authentication.Account` has, and more.

    ``owner_id`` and ``file_id`` are those of its ``.qwc`` file, and stay the same for ever. With ``any_company_file``
    the company file is not looked at for them.
    """

    username: str
    app_name: str = APP_NAME
    any_company_file: bool = False
    created_at: datetime

    @property
    def identifiers(self) -> tuple[uuid.UUID, uuid.UUID]:
        """``(owner_id, file_id)`` as :func:`soap.qwc.build` takes them."""
        return uuid.UUID(self.owner_id), uuid.UUID(self.file_id)


class SQLAccounts:
    """The accounts in the database of a queue, and an :class:`~soap.authentication.Authenticator` over them.

    ``where`` is the queue or its store. The table, ``openqbd_accounts``, is made where it is not there. ``throttle`` is
    as for :class:`~soap.authentication.StaticAuthenticator`. All methods may be called from any thread. Raises
    :class:`~soap.errors.StoreUnusable` where the database does not let the table be made.
    """

    def __init__(self, where: SQLQueue | SQLStore, *, throttle: Throttle | None = None) -> None:
        store: Any = getattr(where, "store", where)
        self._store: SQLStore = store
        self._throttle = throttle or Throttle()
        with self._store.database.write() as sql:
            try:
                if sql.dialect.name == "postgresql":
                    # Of two processes that begin at once, one makes the table.
                    sql.execute(select(func.pg_advisory_xact_lock(7253102)))
                metadata.create_all(sql)
            except DBAPIError as error:
                reason = f"the table of accounts can't be made: {error.orig}"
                raise StoreUnusable(reason, "Let the database's user create tables.") from None

    # -- keeping them ------------------------------------------------------------------------------------------------

    def add(
        self,
        connection: str,
        username: str,
        password: str | None = None,
        *,
        company_file: str = "",
        app_name: str = APP_NAME,
        owner_id: uuid.UUID | None = None,
        file_id: uuid.UUID | None = None,
        any_company_file: bool = False,
        minimum_run_every: int | None = None,
    ) -> tuple[SQLAccount, str | None]:
        """Add an account; it, and the password where one was generated: it can't be had again.

        Without a ``password`` one is generated, and kept as SHA-256; one that is given is taken for chosen by a person,
        and kept as Argon2id. ``owner_id`` and ``file_id`` are for an application that is known to the Web Connector
        already; by default they are made from the names of the application and the connection, so that a connection
        that was removed and is added again has the same. The rest is as in :class:`SQLAccount`.

        Raises :class:`~soap.errors.InvalidAccount` for a value that can't be meant, and a connection or a user name
        that is there already; ``ImportError`` where a password was given and argon2-cffi is not installed.
        """
        made = qwc.identifiers(_text("app_name", app_name), _text("connection", connection))
        account = SQLAccount(
            connection=connection,
            username=_username(username),
            company_file=company_file,
            app_name=app_name,
            owner_id=_braced(owner_id or made[0]),
            file_id=_braced(file_id or made[1]),
            any_company_file=any_company_file,
            minimum_run_every=minimum_run_every,
            created_at=datetime.fromtimestamp(self._store.now(), UTC),
        )
        hashed, generated = _hashed(password)
        values = {name: getattr(account, name) for name in _NAMES}
        values |= {"password_hash": hashed, "created_at": account.created_at.timestamp()}
        try:
            with self._store.database.write() as sql:
                try:
                    sql.execute(table.insert().values(values))
                except IntegrityError as error:
                    # As nothing that the database layer would take for its own trouble; the transaction is undone.
                    raise _Taken from error
        except _Taken:
            if self.get(connection) is not None:
                raise InvalidAccount("connection", f"{connection!r} is there already; remove it first") from None
            raise InvalidAccount("username", f"{username!r} is the user of another connection") from None
        return account, generated

    def get(self, connection: str) -> SQLAccount | None:
        """The account of a connection; ``None`` where there is none."""
        with self._store.database.read() as sql:
            found = sql.execute(select(table).where(_a.connection == connection)).first()
        return None if found is None else _account(found)

    def list(self) -> list[SQLAccount]:
        """All accounts, by the names of their connections."""
        with self._store.database.read() as sql:
            return [_account(row) for row in sql.execute(select(table).order_by(_a.connection))]

    def set_password(self, connection: str, password: str | None = None) -> str | None:
        """Give an account another password, as with :meth:`add`; the password where one was generated.

        An update that is under way goes on. Raises :class:`~soap.errors.InvalidAccount` where there is no such account,
        or for a password that can't be used.
        """
        hashed, generated = _hashed(password)
        with self._store.database.write() as sql:
            changed = sql.execute(update(table).where(_a.connection == connection).values(password_hash=hashed))
        self._existed(connection, changed.rowcount)
        return generated

    def remove(self, connection: str) -> None:
        """Remove an account: nobody signs in with it any more. An update that is under way goes on.

        The requests of the connection stay where they are. Raises :class:`~soap.errors.InvalidAccount` where there is
        no such account.
        """
        with self._store.database.write() as sql:
            changed = sql.execute(delete(table).where(_a.connection == connection))
        self._existed(connection, changed.rowcount)

    @staticmethod
    def _existed(connection: str, changed: int) -> None:
        if not changed:
            raise InvalidAccount("connection", f"there is no {connection!r}")

    # -- signing in --------------------------------------------------------------------------------------------------

    def authenticate(self, username: str, password: str, address: str | None) -> Account | Refusal:
        """See :class:`~soap.authentication.Authenticator`. Raises what the database raises when it can't be asked."""
        name = unicodedata.normalize("NFC", username[: MAX_LENGTH + 1])
        with self._store.database.read() as sql:
            # A name with half a surrogate pair, or with what a database has no way to keep, is nobody's.
            found = None if FORBIDDEN.search(name) else _row_of(sql, name)
            slow = sql.execute(select(_a.username, _a.password_hash).where(_SLOW).limit(1)).first()
        users: dict[str, User] = {}
        if slow is not None:
            # Whoever signs in goes through a slow hash where anybody has one, so that the time tells nothing.
            users[slow.username] = User(slow.password_hash, Account("nobody's"))
        if found is not None:
            account = _account(found)
            shown: Account = account
            if account.any_company_file:
                shown = Account(account.connection, account.company_file, minimum_run_every=account.minimum_run_every)
            users[name] = User(found.password_hash, shown)
        elif name in users:
            # Added between the two questions: the next attempt finds it.
            del users[name]
        answer = StaticAuthenticator(users, throttle=self._throttle).authenticate(username, password, address)
        if found is not None and isinstance(answer, Account) and needs_rehash(found.password_hash):
            self._rehash(found, password)
        return answer

    def _rehash(self, found: Row[Any], password: str) -> None:
        """Keep a password, whose hash is of a weaker kind than today's, as today."""
        # Unless it was changed meanwhile.
        same = (_a.connection == found.connection) & (_a.password_hash == found.password_hash)
        hashed = hash_password(password)
        with self._store.database.write() as sql:
            sql.execute(update(table).where(same).values(password_hash=hashed))


class _Taken(Exception):
    """A connection or a user name is there already."""


#: The columns that an account has as they are.
_NAMES = tuple(column.name for column in table.columns if column.name not in ("password_hash", "created_at"))


def _row_of(sql: Connection, username: str) -> Row[Any] | None:
    return sql.execute(select(table).where(_a.username == username)).first()


def _account(row: Row[Any]) -> SQLAccount:
    values: Mapping[str, Any] = {name: getattr(row, name) for name in _NAMES}
    return SQLAccount(**values, created_at=datetime.fromtimestamp(row.created_at, UTC))


def _hashed(password: str | None) -> tuple[str, str | None]:
    """The hash to keep, and the password if it was made here."""
    if password is not None:
        return hash_password(password), None
    generated = generate_password()
    return hash_generated(generated), generated


def _text(name: str, value: str) -> str:
    """A name that QuickBooks and the database can hold: a line of text."""
    if not value or len(value) > MAX_LENGTH or FORBIDDEN.search(value) or len(value.splitlines()) != 1:
        raise InvalidAccount(name, f"{value[:80]!r} is empty, too long, or no line of text")
    return value


def _username(username: str) -> str:
    return unicodedata.normalize("NFC", _text("username", username))


def _braced(guid: uuid.UUID) -> str:
    return f"{{{str(guid).upper()}}}"
