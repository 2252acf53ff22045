"""Accounts and their keys: for the command line and the dashboard. Whose a key is, is found in ``by_secret``."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field

from sqlalchemy import select

from .. import tokens
from ..errors import missing
from ..store import Scope, Store, columns_of, record
from ..store import tables as t
from . import texts
from .records import Account, Key, Numbers


@dataclass(frozen=True, slots=True)
class KeyPair:
    """Two keys that were made together, and their texts: the secret one can't be had again."""

    secret: Key
    publishable: Key
    secret_text: str = field(repr=False)
    publishable_text: str = field(repr=False)


class Accounts:
    """All accounts of a gateway."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def create(self, name: str, redirect_hosts: Sequence[str] | None = None) -> Account:
        """Make an account. ``redirect_hosts`` are those that a ``redirectUrl`` may name; ``None``: any."""
        account = Account(
            id=tokens.new_id(tokens.ACCOUNT),
            name=texts.text("name", name),
            owner_id=new_guid(),
            redirect_hosts=None if redirect_hosts is None else "\n".join(host.lower() for host in redirect_hosts),
            created_at=self._store.now(),
        )
        with self._store.write() as sql:
            sql.execute(t.accounts.insert().values(columns_of(account)))
        return account

    def get(self, id: str) -> Account:
        """The account of that id. Raises :class:`~qbgateway.errors.Refused`."""
        with self._store.read() as sql:
            row = sql.execute(select(t.accounts).where(t.accounts.c.id == id)).first()
        if row is None:
            raise missing("account", id)
        return record(Account, row)

    def list(self) -> list[Account]:
        """All accounts, the oldest first."""
        wanted = select(t.accounts).order_by(t.accounts.c.created_at, t.accounts.c.id)
        with self._store.read() as sql:
            return [record(Account, row) for row in sql.execute(wanted)]

    # -- keys --------------------------------------------------------------------------------------------------------

    def create_keys(self, account_id: str, *, read_only: bool = False, numbers: Numbers = "schema") -> KeyPair:
        """Make a pair of keys. A ``read_only`` one sends queries alone; ``numbers`` is how its answers write them."""
        account = self.get(account_id)
        pair = tokens.new_id("pair_")
        made = []
        for kind, prefix in (("secret", tokens.SECRET_KEY), ("publishable", tokens.PUBLISHABLE_KEY)):
            text = tokens.new_key(prefix)
            key = Key(
                id=tokens.new_id(tokens.KEY),
                account_id=account.id,
                pair=pair,
                kind="secret" if kind == "secret" else "publishable",
                key_hash=tokens.digest(text),
                ending=text[-4:],
                public=text if kind == "publishable" else None,
                read_only=read_only,
                numbers=numbers,
                created_at=self._store.now(),
                last_used_at=None,
                revoked_at=None,
            )
            made.append((key, text))
        with self._store.write() as sql:
            for key, _ in made:
                sql.execute(t.keys.insert().values(columns_of(key)))
        (secret, secret_text), (publishable, publishable_text) = made
        return KeyPair(secret, publishable, secret_text, publishable_text)

    def keys(self, account_id: str) -> Sequence[Key]:
        """The keys of an account, the oldest first; those that were revoked, too."""
        return Scope(self._store, account_id).all(Key, t.keys)

    def revoke(self, account_id: str, key_id: str) -> Key:
        """Revoke a key, for ever: nothing is opened with it any more. Raises :class:`~qbgateway.errors.Refused`."""
        scope = Scope(self._store, account_id)
        scope.change(t.keys, t.keys.c.id == key_id, t.keys.c.revoked_at.is_(None), revoked_at=self._store.now())
        found = scope.first(Key, t.keys, t.keys.c.id == key_id)
        if found is None:
            raise missing("key", key_id)
        return found


def new_guid() -> str:
    """A GUID as ``.qwc`` files write it."""
    return f"{{{str(uuid.uuid4()).upper()}}}"
