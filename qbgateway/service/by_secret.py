"""Whose a secret is: the only questions that are asked before the account is known.

Each finds a row by the SHA-256 of a secret of 160 bits or more, and by nothing else.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import select, update

from .. import tokens
from ..store import Store, record
from ..store import tables as t
from .records import AuthSession, Connection, Key


@dataclass(frozen=True, slots=True)
class Password:
    """A password of a ``.qwc`` file that was found, and the connection and OwnerID it is for."""

    connection: Connection
    owner_id: str
    password_hash: str
    accepted_at: float | None


def key(store: Store, text: str, kind: str, *, note_use_every: float) -> Key | None:
    """The key of that text, unless it is of another kind or revoked. Its use is noted now and then."""
    k = t.keys.c
    with store.read() as sql:
        row = sql.execute(select(t.keys).where(k.key_hash == tokens.digest(text))).first()
    if row is None or row.kind != kind or row.revoked_at is not None:
        return None
    now = store.now()
    if row.last_used_at is None or now - row.last_used_at >= note_use_every:
        with store.write() as sql:
            sql.execute(update(t.keys).where(k.id == row.id, k.account_id == row.account_id).values(last_used_at=now))
    return record(Key, row)


def auth_session(store: Store, client_secret: str, key: Key) -> AuthSession | None:
    """The session of a ``clientSecret``, if it belongs to the account of ``key``."""
    a = t.auth_sessions.c
    with store.read() as sql:
        row = sql.execute(
            select(t.auth_sessions).where(a.secret_hash == tokens.digest(client_secret), a.account_id == key.account_id)
        ).first()
    return None if row is None else record(AuthSession, row)


def password(store: Store, text: str) -> Password | None:
    """The password of that text, with its connection."""
    p, c = t.passwords.c, t.connections.c
    joined = (
        select(t.connections, p.password_hash, p.accepted_at, t.accounts.c.owner_id)
        .join(t.connections, (c.id == p.connection_id) & (c.account_id == p.account_id))
        .join(t.accounts, t.accounts.c.id == p.account_id)
        .where(p.password_hash == tokens.digest(text))
    )
    with store.read() as sql:
        row = sql.execute(joined).first()
    if row is None:
        return None
    found: dict[str, Any] = dict(row._mapping)
    owner_id, hashed, accepted_at = found.pop("owner_id"), found.pop("password_hash"), found.pop("accepted_at")
    return Password(Connection(**found), owner_id, hashed, accepted_at)
