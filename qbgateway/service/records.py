"""What the service hands out: frozen records, named as the columns they come from. Times are seconds since 1970, UTC.

``account_id`` is there only where whoever found a record by a secret has to learn whose it is.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal, TypeAlias

#: How answers write numbers: as the schema's types say, or inferred from their text, as the first quickstart shows.
Numbers: TypeAlias = Literal["schema", "inferred"]

#: The one kind of connection that there is.
QUICKBOOKS_DESKTOP = "quickbooks_desktop"


@dataclass(frozen=True, slots=True)
class Account:
    """Somebody who uses the gateway: their keys, end users and connections are theirs alone."""

    id: str
    name: str
    owner_id: str
    #: The hosts that a ``redirectUrl`` may name, one to a line; ``None``: any.
    redirect_hosts: str | None
    created_at: float


@dataclass(frozen=True, slots=True)
class Key:
    """A key of an account. Its text is not kept, unless it is a publishable one (``public``)."""

    id: str
    account_id: str
    pair: str
    kind: Literal["secret", "publishable"]
    key_hash: str = field(repr=False)
    ending: str
    public: str | None
    read_only: bool
    numbers: Numbers
    created_at: float
    last_used_at: float | None
    revoked_at: float | None


@dataclass(frozen=True, slots=True)
class EndUser:
    """One customer of an account: a company that has a QuickBooks. ``source_id`` is the account's own id of it."""

    id: str
    account_id: str
    company_name: str
    source_id: str
    email: str
    created_at: float


@dataclass(frozen=True, slots=True)
class Connection:
    """An end user's QuickBooks. Its ``id`` is also the queue's name for it, and the user name in its ``.qwc`` file."""

    id: str
    account_id: str
    end_user_id: str
    kind: str
    file_id: str
    created_at: float
    #: When its Web Connector last signed in, and when it was last refused for its password.
    seen_at: float | None
    refused_at: float | None
    #: When its QuickBooks first answered a request, and when a request was last made of it.
    answered_at: float | None
    last_request_at: float | None
    #: The HRESULT with which its company file could not be opened, and when; ``None`` since it last could.
    trouble: str | None
    trouble_at: float | None


@dataclass(frozen=True, slots=True)
class AuthSession:
    """A link by which an end user connects a QuickBooks. Its ``clientSecret`` is computed, and kept nowhere."""

    id: str
    account_id: str
    end_user_id: str
    key_id: str
    secret_hash: str = field(repr=False)
    redirect_url: str | None
    created_at: float
    expires_at: float
    begun_at: float | None
    finished_at: float | None
