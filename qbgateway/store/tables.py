"""The tables of the gateway. All but the accounts belong to one, and each row says to which.

The migrations make them; what stands here is what they come to, and a test holds the two together. Times are seconds
since 1970, UTC. A ``..._hash`` is the SHA-256 of a secret, which itself is kept nowhere.
"""

from __future__ import annotations

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    Double,
    ForeignKeyConstraint,
    Index,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
)

metadata = MetaData()

accounts = Table(
    "qbgateway_accounts",
    metadata,
    Column("id", Text, primary_key=True),
    Column("name", Text, nullable=False),
    #: The OwnerID of every .qwc file of this account, for ever.
    Column("owner_id", Text, nullable=False),
    #: The hosts that a redirectUrl may name, one to a line; NULL: any.
    Column("redirect_hosts", Text),
    Column("created_at", Double, nullable=False),
)


def _owned() -> ForeignKeyConstraint:
    return ForeignKeyConstraint(["account_id"], ["qbgateway_accounts.id"], ondelete="CASCADE")


keys = Table(
    "qbgateway_keys",
    metadata,
    Column("id", Text, primary_key=True),
    Column("account_id", Text, nullable=False),
    #: The two keys that were made together.
    Column("pair", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("key_hash", Text, nullable=False, unique=True),
    #: The end of the key, to tell it from others.
    Column("ending", Text, nullable=False),
    #: The key itself, of a publishable one alone: links have it in them.
    Column("public", Text),
    Column("read_only", Boolean, nullable=False),
    #: How answers write numbers: by the schema's types, or inferred from their text.
    Column("numbers", Text, nullable=False),
    Column("created_at", Double, nullable=False),
    Column("last_used_at", Double),
    Column("revoked_at", Double),
    _owned(),
    UniqueConstraint("account_id", "id"),
    CheckConstraint("kind IN ('secret', 'publishable')", name="qbgateway_keys_kind"),
    CheckConstraint("kind = 'publishable' OR public IS NULL", name="qbgateway_keys_no_secret"),
    CheckConstraint("numbers IN ('schema', 'inferred')", name="qbgateway_keys_numbers"),
)

end_users = Table(
    "qbgateway_end_users",
    metadata,
    Column("id", Text, primary_key=True),
    Column("account_id", Text, nullable=False),
    Column("company_name", Text, nullable=False),
    Column("source_id", Text, nullable=False),
    Column("email", Text, nullable=False),
    Column("created_at", Double, nullable=False),
    _owned(),
    UniqueConstraint("account_id", "id"),
    UniqueConstraint("account_id", "source_id"),
    Index("qbgateway_end_users_listed", "account_id", "created_at", "id"),
)

connections = Table(
    "qbgateway_connections",
    metadata,
    #: Also the name of the queue's connection, and the user name in the .qwc file.
    Column("id", Text, primary_key=True),
    Column("account_id", Text, nullable=False),
    Column("end_user_id", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("file_id", Text, nullable=False),
    Column("created_at", Double, nullable=False),
    #: When its Web Connector last signed in, and when a password of it was last refused.
    Column("seen_at", Double),
    Column("refused_at", Double),
    #: When QuickBooks first answered, and when a request was last made of it, or answered well.
    Column("answered_at", Double),
    Column("last_request_at", Double),
    #: What the Web Connector last said was wrong: an HRESULT, and when. NULL once an update went well.
    Column("trouble", Text),
    Column("trouble_at", Double),
    ForeignKeyConstraint(
        ["account_id", "end_user_id"], ["qbgateway_end_users.account_id", "qbgateway_end_users.id"], ondelete="CASCADE"
    ),
    UniqueConstraint("account_id", "id"),
    # One live connection of a kind.
    UniqueConstraint("end_user_id", "kind"),
)

passwords = Table(
    "qbgateway_passwords",
    metadata,
    Column("password_hash", Text, primary_key=True),
    Column("account_id", Text, nullable=False),
    Column("connection_id", Text, nullable=False),
    Column("created_at", Double, nullable=False),
    Column("accepted_at", Double),
    ForeignKeyConstraint(
        ["account_id", "connection_id"],
        ["qbgateway_connections.account_id", "qbgateway_connections.id"],
        ondelete="CASCADE",
    ),
    Index("qbgateway_passwords_of", "account_id", "connection_id"),
)

auth_sessions = Table(
    "qbgateway_auth_sessions",
    metadata,
    Column("id", Text, primary_key=True),
    Column("account_id", Text, nullable=False),
    Column("end_user_id", Text, nullable=False),
    Column("key_id", Text, nullable=False),
    Column("secret_hash", Text, nullable=False, unique=True),
    Column("redirect_url", Text),
    Column("created_at", Double, nullable=False),
    Column("expires_at", Double, nullable=False),
    #: When the first password was made by it, and when QuickBooks answered: after that it hands out nothing more.
    Column("begun_at", Double),
    Column("finished_at", Double),
    ForeignKeyConstraint(
        ["account_id", "end_user_id"], ["qbgateway_end_users.account_id", "qbgateway_end_users.id"], ondelete="CASCADE"
    ),
    ForeignKeyConstraint(
        ["account_id", "key_id"], ["qbgateway_keys.account_id", "qbgateway_keys.id"], ondelete="CASCADE"
    ),
    Index("qbgateway_auth_sessions_of", "account_id", "end_user_id"),
)

#: What was made under an Idempotency-Key; requests to QuickBooks have theirs in the queue.
idempotency = Table(
    "qbgateway_idempotency",
    metadata,
    Column("account_id", Text, primary_key=True),
    Column("key", Text, primary_key=True),
    #: Of the route and its body.
    Column("digest", Text, nullable=False),
    Column("object_id", Text, nullable=False),
    Column("created_at", Double, nullable=False),
    _owned(),
    Index("qbgateway_idempotency_old", "created_at"),
)

#: The one row that says which migration the tables are at.
version = Table("qbgateway_version", MetaData(), Column("version_num", Text, primary_key=True))
