"""Calls that are made twice by mistake make one object. Requests to QuickBooks have the same from their queue.

What is kept under a key is what was asked for, as a digest, and the id of the object: never an answer, which may have a
secret in it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, delete, select

from ..errors import Refused
from ..store import Scope, Store
from ..store import tables as t
from . import texts

_i = t.idempotency.c


@dataclass(frozen=True, slots=True)
class Note:
    """A key, and the digest of what was asked for with it."""

    key: str
    digest: str


def note(key: str | None, kind: str, values: Sequence[Any]) -> Note | None:
    """What to keep of a call; ``None`` where it has no key. Raises :class:`~qbgateway.errors.Refused`."""
    if key is None:
        return None
    text = json.dumps([kind, *values])
    return Note(texts.idempotency_key(key), hashlib.sha256(text.encode()).hexdigest())


def earlier(scope: Scope, made: Note | None) -> str | None:
    """The id of what was made by an earlier call with that key; ``None`` where there was none.

    Raises :class:`~qbgateway.errors.Refused` where it asked for something else.
    """
    if made is None:
        return None
    wanted = select(_i.digest, _i.object_id).where(_i.account_id == scope.account_id, _i.key == made.key)
    with scope.store.read() as sql:
        row = sql.execute(wanted).first()
    if row is None:
        return None
    if row.digest != made.digest:
        reason = f"The Idempotency-Key {made.key!r} was used before, with another body."
        raise Refused("IDEMPOTENCY_KEY_REUSED", reason)
    id_: str = row.object_id
    return id_


def keep(scope: Scope, sql: Connection, made: Note | None, object_id: str) -> None:
    """Keep it, in the transaction that makes the object. Raises ``IntegrityError`` where another one just did."""
    if made is not None:
        sql.execute(
            t.idempotency.insert().values(
                account_id=scope.account_id,
                key=made.key,
                digest=made.digest,
                object_id=object_id,
                created_at=scope.store.now(),
            )
        )


def forget(store: Store, made_before: float) -> None:
    """Forget the keys of all accounts that were used before that."""
    with store.read() as sql:
        if sql.execute(select(_i.key).where(_i.created_at < made_before).limit(1)).first() is None:
            return
    with store.write() as sql:
        sql.execute(delete(t.idempotency).where(_i.created_at < made_before))
