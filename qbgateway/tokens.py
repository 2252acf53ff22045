"""Ids, keys, and the other secrets that the gateway makes.

What it makes has 160 bits or more, so its SHA-256 is enough to keep and to find it by: nobody can guess it, and to look
one up costs nothing. Only a session's ``clientSecret`` has to be shown again: it is computed from the session's id with
a secret of the whole instance, and kept nowhere.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
import secrets
import string
from pathlib import Path

from .errors import Unusable

#: The variable that has the instance's secret, where it is not in the data folder.
SECRET_VARIABLE = "QBGATEWAY_SECRET"
#: The file of the data folder that has it else.
SECRET_FILE = "secret"
#: Characters of it, at least: 32 hexadecimal digits would be 128 bits.
SHORTEST_SECRET = 40

_LETTERS = string.ascii_letters + string.digits

#: What ids begin with, by what they name.
ACCOUNT, KEY, REQUEST = "acct_", "key_", "req_"
END_USER, CONNECTION, AUTH_SESSION = "end_usr_", "int_conn_", "auth_sess_"
SECRET_KEY, PUBLISHABLE_KEY = "sk_live_", "pk_live_"
CLIENT_SECRET = "auth_sess_client_secret_"


def new_id(prefix: str) -> str:
    """An id that nobody has yet: the prefix and 20 letters and digits (119 bits)."""
    return prefix + _random(20)


def new_key(prefix: str) -> str:
    """A key: the prefix and 32 letters and digits (190 bits)."""
    return prefix + _random(32)


def digest(secret: str) -> str:
    """What is kept of a secret, and what it is found by: its SHA-256 in hexadecimal digits. Takes any text."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


def client_secret(instance: bytes, session_id: str) -> str:
    """The ``clientSecret`` of an auth session: always the same for the same instance and session."""
    mac = hmac.new(instance, f"client-secret:{session_id}".encode(), hashlib.sha256).digest()
    return CLIENT_SECRET + base64.b32encode(mac).decode("ascii").rstrip("=").lower()


def instance_secret(folder: Path) -> bytes:
    """The secret of this instance: of the environment, or of a file in the data folder that is made if it is not there.

    Raises :class:`~qbgateway.errors.Unusable` for one that is too short, and for a file that others may read.
    """
    given = os.environ.get(SECRET_VARIABLE)
    if given is not None:
        return _checked(given, f"the variable {SECRET_VARIABLE}")
    path = folder / SECRET_FILE
    try:
        _make(path)
        if os.name == "posix" and path.stat().st_mode & 0o077:
            raise Unusable(f"{path} may be read by others than its owner; `chmod 600 {path}`, if nobody has")
        return _checked(path.read_text("ascii"), str(path))
    except (OSError, UnicodeDecodeError) as error:
        raise Unusable(f"the instance's secret {path} can't be read or made: {error}") from None


def _make(path: Path) -> None:
    """Make the file, unless it is there. It appears whole, or not at all: several processes may begin at once."""
    if path.exists():
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f"{path.name}.{secrets.token_hex(8)}")
    with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii") as file:
        file.write(secrets.token_urlsafe(48) + "\n")
    try:
        os.link(draft, path)
    except FileExistsError:
        pass  # of another process, and as good
    finally:
        draft.unlink()


def _checked(text: str, where: str) -> bytes:
    secret = text.strip()
    if len(secret) < SHORTEST_SECRET:
        raise Unusable(f"{where} has fewer than {SHORTEST_SECRET} characters; take more, made at random")
    return secret.encode()


def _random(length: int) -> str:
    return "".join(secrets.choice(_LETTERS) for _ in range(length))
