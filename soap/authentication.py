"""Who may sign in: what ``authenticate`` asks, and a ready answer for users that the program knows when it starts.

.. code-block:: python

    authenticator = soap.authentication.StaticAuthenticator({
        "annie": User(hash_password(chosen), Account("annie")),
        "carl": User(hash_generated(secret), Account("carl"), allowed_addresses=["192.0.2.0/24"]),
    })

The address of an endpoint is public, and its only guard is the password that a user types into the Web Connector. So a
password is stored as a hash, a wrong one takes as long as a right one, as does a user that there is not, and who
guesses is slowed down. Users in a database of yours need an :class:`Authenticator` of yours; :func:`verify`,
:class:`Throttle` and the rest are there for it. Nothing here logs, and no ``repr`` shows a secret.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
import secrets
import time
import unicodedata
from collections import OrderedDict, deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from ipaddress import IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from threading import Lock
from typing import TYPE_CHECKING, Protocol

from qbxml.characters import FORBIDDEN

from .errors import InvalidAccount

if TYPE_CHECKING:
    from argon2 import PasswordHasher

__all__ = [
    "Account",
    "Authenticator",
    "Refusal",
    "StaticAuthenticator",
    "Throttle",
    "User",
    "generate_password",
    "hash_generated",
    "hash_password",
    "hash_ticket",
    "needs_rehash",
    "new_ticket",
    "single_user",
    "verify",
]

#: The longest user name or password looked at, in characters: what is longer is wrong, and is never hashed.
MAX_LENGTH = 1024
#: How many characters of the least rich alphabet in use, base 64, hold 160 bits.
MIN_GENERATED = 27

_GUID = re.compile(r"(\{)?[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}(?(1)\})")
_ARGON2 = re.compile(r"\$argon2(id|i|d)\$v=[0-9]+\$m=[0-9]+,t=[0-9]+,p=[0-9]+\$[A-Za-z0-9+/]+\$[A-Za-z0-9+/]+")
_SHA256 = re.compile(r"sha256\$[0-9a-f]{64}")
#: What ``authenticate`` answers in the place of the company file to say something else.
_RESERVED = ("none", "nvu", "busy")


# -- who, and whether --------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Account:
    """Who signed in.

    - ``connection``: the queue's name for one company file of one user.
    - ``company_file``: the path of the file to open, as the Windows machine has it; ``""`` for the one that is open.
    - ``file_id``, ``owner_id``: the GUIDs of the ``.qwc`` file, in braces or without, in capitals or not. The Web
      Connector marks the company file with them, so that a wrong file can be told before anything is written into it.
      ``""``: not checked.
    - ``minimum_run_every``: the least time between two updates, in seconds; the Web Connector raises a user's own
      setting to it. ``None``: as the user likes.

    Raises :class:`~soap.errors.InvalidAccount` for a value that cannot be meant.
    """

    connection: str
    company_file: str = ""
    file_id: str = ""
    owner_id: str = ""
    minimum_run_every: int | None = None

    def __post_init__(self) -> None:
        if not self.connection:
            raise InvalidAccount("connection", "must not be empty")
        if self.company_file.strip().lower() in _RESERVED:
            raise InvalidAccount("company_file", f"{self.company_file!r} means something else to the Web Connector")
        if FORBIDDEN.search(self.company_file):
            raise InvalidAccount("company_file", "has a character that XML does not allow")
        for name, value in (("file_id", self.file_id), ("owner_id", self.owner_id)):
            if value and not _GUID.fullmatch(value):
                raise InvalidAccount(name, f"{value!r} is no GUID like {{57F3B9B1-86F1-4FCC-B1EE-566DE1813D20}}")
        if self.file_id and not self.owner_id:
            raise InvalidAccount("owner_id", "must be given with file_id: the mark stands under it")
        if self.minimum_run_every is not None and self.minimum_run_every < 1:
            raise InvalidAccount("minimum_run_every", f"{self.minimum_run_every!r} must be 1 second or more")


class Refusal(Enum):
    """Why somebody may not sign in. The Web Connector is told ``nvu`` for each; logs and counters tell them apart."""

    #: No such user, or another password.
    NOT_VALID_USER = "not valid user"
    #: Too many failures; the password was not looked at.
    THROTTLED = "throttled"
    #: The password is right, and the address is not among those of the user.
    ADDRESS_REFUSED = "address refused"


class Authenticator(Protocol):
    """What an endpoint asks when the Web Connector signs in."""

    def authenticate(self, username: str, password: str, address: str | None) -> Account | Refusal:
        """Whose user name and password these are, or why they are refused.

        ``address`` is the caller's IP address as text, ``None`` where it is not known. It is called from many threads
        at once, with whatever was sent. It must not tell by the time it takes whether a user exists.
        """
        ...


@dataclass(frozen=True, slots=True)
class User:
    """One who may sign in: the hash of the password, the account, and from where (``()``: from everywhere).

    ``password_hash`` is what :func:`hash_password` or :func:`hash_generated` made. ``allowed_addresses`` are addresses
    and networks, as text or as :mod:`ipaddress` has them; an IPv4 address that came through IPv6 counts as IPv4. Behind
    a proxy they are of use only if the endpoint is told the address of the caller and not that of the proxy. Raises
    :class:`~soap.errors.InvalidAccount`.
    """

    password_hash: str = field(repr=False)
    account: Account
    allowed_addresses: Sequence[str | IPv4Network | IPv6Network] = ()

    def __post_init__(self) -> None:
        _is_argon2(self.password_hash)
        if isinstance(self.allowed_addresses, str):
            raise InvalidAccount("allowed_addresses", "must be a list of networks, not one text")
        try:
            networks = tuple(ip_network(one) for one in self.allowed_addresses)
        except ValueError as error:
            raise InvalidAccount("allowed_addresses", str(error)) from None
        object.__setattr__(self, "allowed_addresses", networks)

    def allows(self, address: str | None) -> bool:
        """Whether the user may sign in from there. With a list of networks an unknown address is none of them."""
        if not self.allowed_addresses:
            return True
        try:
            found = ip_address(address or "")
        except ValueError:
            return False
        if isinstance(found, IPv6Address) and found.ipv4_mapped:
            found = found.ipv4_mapped
        return any(found in network for network in self.allowed_addresses if not isinstance(network, str))


# -- passwords ---------------------------------------------------------------------------------------------------


def hash_password(password: str) -> str:
    """The hash of a password that a person chose, to be stored: Argon2id, ``"$argon2id$..."``, with a salt of its own.

    It takes some 50 ms and 64 MiB, on purpose. A text that can be written in two ways in Unicode is one password.
    Raises :class:`~soap.errors.InvalidAccount` for an empty password or one of more than 1024 characters, and
    ``ImportError`` where argon2-cffi is not installed.
    """
    return _hasher().hash(_usable(password))


def hash_generated(secret: str) -> str:
    """The hash of a secret that a machine made, to be stored: SHA-256, ``"sha256$..."``. It takes no time.

    That is enough where nobody can guess: a secret needs 160 bits, as :func:`generate_password` has them. Raises
    :class:`~soap.errors.InvalidAccount` for one that is too short for that (27 characters), empty or too long; whether
    it was made at random is for the caller to know.
    """
    if len(secret) < MIN_GENERATED:
        raise InvalidAccount(
            "secret", f"has {len(secret)} characters, too few for 160 bits: use generate_password() or hash_password()"
        )
    return _sha256(_usable(secret))


def generate_password() -> str:
    """A new password of 160 bits, for a person to type: small letters and 2 to 7, in four groups of eight."""
    letters = base64.b32encode(secrets.token_bytes(20)).decode("ascii").lower()
    return "-".join(letters[start : start + 8] for start in range(0, 32, 8))


def verify(password_hash: str, password: str) -> bool:
    """Whether it is the password of that hash. How long it takes depends on the kind of hash alone.

    Raises :class:`~soap.errors.InvalidAccount` for a hash of another make, and ``ImportError`` for one of Argon2 where
    argon2-cffi is not installed.
    """
    try:
        given, usable = _usable(password), True
    except InvalidAccount:
        given, usable = "", False
    if not _is_argon2(password_hash):
        return hmac.compare_digest(password_hash.encode(), _sha256(given).encode()) and usable
    hasher = _hasher()
    from argon2.exceptions import InvalidHashError, VerificationError, VerifyMismatchError

    try:
        return hasher.verify(password_hash, given) and usable
    except VerifyMismatchError:
        return False
    except (InvalidHashError, VerificationError) as error:
        raise InvalidAccount("password_hash", f"cannot be verified: {error}") from None


def needs_rehash(password_hash: str) -> bool:
    """Whether a password had better be hashed anew when it is next typed: the hash is weaker than today's.

    Raises as :func:`verify` does.
    """
    return _is_argon2(password_hash) and _hasher().check_needs_rehash(password_hash)


def _usable(password: str) -> str:
    """The password in the form that is hashed. Raises :class:`InvalidAccount`, without quoting it."""
    if not password:
        raise InvalidAccount("password", "must not be empty")
    if len(password) > MAX_LENGTH:
        raise InvalidAccount("password", f"has {len(password)} characters, more than {MAX_LENGTH}")
    if FORBIDDEN.search(password):
        raise InvalidAccount("password", "has a character that XML does not allow, so it could never be sent")
    return unicodedata.normalize("NFC", password)


def _sha256(secret: str) -> str:
    return f"sha256${hashlib.sha256(secret.encode()).hexdigest()}"


def _is_argon2(password_hash: str) -> bool:
    """Of which kind a hash is. Raises for one of neither, without quoting it: it may be a password."""
    if _ARGON2.fullmatch(password_hash):
        return True
    if _SHA256.fullmatch(password_hash):
        return False
    raise InvalidAccount("password_hash", "is none that hash_password() or hash_generated() made")


def _hasher() -> PasswordHasher:
    try:
        from argon2 import PasswordHasher
    except ImportError as error:
        raise ImportError(
            "passwords that people choose need argon2-cffi: pip install 'openqbd[soap]'; for generated ones there is"
            " hash_generated()"
        ) from error
    return PasswordHasher()


def _like(password_hash: str) -> str:
    """A hash of the same kind and cost that no password has: its last part is random."""
    start, separator, digest = password_hash.rpartition("$")
    if not _is_argon2(password_hash):
        return f"{start}{separator}{secrets.token_hex(32)}"
    size = len(digest) * 3 // 4
    return f"{start}{separator}{base64.b64encode(secrets.token_bytes(size)).decode().rstrip('=')}"


# -- tickets -----------------------------------------------------------------------------------------------------


def new_ticket() -> str:
    """A ticket: 32 characters of URL-safe base 64, 192 bits. It is the only credential of a session."""
    return secrets.token_urlsafe(24)


def hash_ticket(ticket: str) -> str:
    """What to store of a ticket, and to look it up by: its SHA-256 in 64 hexadecimal digits. Takes any text."""
    return hashlib.sha256(ticket.encode("utf-8", "surrogatepass")).hexdigest()


# -- slowing down ------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Failures:
    """When the latest attempts were that did not succeed, and how often they were too many."""

    times: deque[float]
    blocks: int = 0


class Throttle:
    """Counts failures to sign in, and says when there were too many.

    After ``failures`` of one user from one address within ``window`` seconds, every further attempt is refused until
    ``back_off`` seconds have passed since the last that was counted; it doubles each time, up to ``longest``. Refused
    attempts do not count, so a Web Connector that keeps trying gets its turn. A success forgets them.

    Since an attacker may have many addresses, ``user_failures`` from all addresses together are too many as well. That
    alone would let anybody lock a user out, so an address from which the user has signed in is exempt from it. (An IPv6
    address counts by its first 64 bits, all of which one machine has.)

    What is kept is bounded: of ``capacity`` users, and of as many pairs, those longest unused are forgotten. Names are
    kept as hashes. It is the same for users that do not exist. One of these serves one process and any number of
    threads. ``clock`` gives seconds that never go back.
    """

    def __init__(
        self,
        *,
        failures: int = 5,
        window: float = 300,
        back_off: float = 60,
        longest: float = 900,
        user_failures: int = 50,
        capacity: int = 10_000,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        if failures < 1 or user_failures < failures or capacity < 1:
            raise InvalidAccount(
                "throttle", "failures and capacity must be 1 or more, user_failures not below failures"
            )
        self._failures, self._user_failures = failures, user_failures
        self._window, self._back_off, self._longest = window, back_off, longest
        self._capacity = capacity
        self._clock = clock
        self._pairs: OrderedDict[bytes, _Failures] = OrderedDict()
        self._users: OrderedDict[bytes, _Failures] = OrderedDict()
        #: The pairs that have signed in.
        self._known: OrderedDict[bytes, None] = OrderedDict()
        self._lock = Lock()

    def attempt(self, username: str, address: str | None) -> bool:
        """Whether the password may be looked at. If so, it counts as a failure until :meth:`succeeded` is called.

        That it counts beforehand is what stops many attempts at the same moment.
        """
        user, pair = _key(username), _key(username, _place(address))
        with self._lock:
            now = self._clock()
            of_pair = self._entry(self._pairs, pair, self._failures)
            if self._blocked(of_pair, now):
                return False
            if pair in self._known:
                self._known.move_to_end(pair)
            else:
                of_user = self._entry(self._users, user, self._user_failures)
                if self._blocked(of_user, now):
                    return False
                of_user.times.append(now)
            of_pair.times.append(now)
            return True

    def succeeded(self, username: str, address: str | None) -> None:
        """Say that the last attempt was a success: the failures of that user from that address are forgotten.

        Those from other addresses are not, or else a Web Connector that signs in each minute would give an attacker a
        new start each minute.
        """
        user, pair = _key(username), _key(username, _place(address))
        with self._lock:
            self._pairs.pop(pair, None)
            if pair not in self._known and user in self._users and self._users[user].times:
                self._users[user].times.pop()
            self._known[pair] = None
            self._known.move_to_end(pair)
            _shorten(self._known, self._capacity)

    def _entry(self, entries: OrderedDict[bytes, _Failures], key: bytes, most: int) -> _Failures:
        if key not in entries:
            entries[key] = _Failures(deque(maxlen=most))
        entries.move_to_end(key)
        _shorten(entries, self._capacity)
        return entries[key]

    def _blocked(self, failures: _Failures, now: float) -> bool:
        """Whether there are too many. When the back-off has passed the count begins anew, with a longer one."""
        times = failures.times
        if times and now - times[-1] > max(self._window, self._longest):
            times.clear()
            failures.blocks = 0
        if len(times) < (times.maxlen or 0) or times[-1] - times[0] > self._window:
            return False
        # No more doublings than reach any longest time: a float has an end.
        if now - times[-1] < min(self._back_off * 2 ** min(failures.blocks, 30), self._longest):
            return True
        times.clear()
        failures.blocks += 1
        return False


def _shorten(entries: OrderedDict[bytes, _Failures] | OrderedDict[bytes, None], most: int) -> None:
    while len(entries) > most:
        entries.popitem(last=False)


def _key(*parts: str) -> bytes:
    digest = hashlib.blake2b(digest_size=16)
    for part in parts:
        data = part.encode("utf-8", "surrogatepass")
        digest.update(len(data).to_bytes(8) + data)
    return digest.digest()


def _place(address: str | None) -> str:
    """Where an address counts: itself, or for IPv6 its network of 64 bits."""
    try:
        found = ip_address(address or "")
    except ValueError:
        return address or ""
    if isinstance(found, IPv6Address):
        if found.ipv4_mapped:
            return str(found.ipv4_mapped)
        return str(IPv6Network((int(found), 64), strict=False))
    return str(found)


# -- ready ones --------------------------------------------------------------------------------------------------


class StaticAuthenticator:
    """An :class:`Authenticator` for users that are known when it is made, by their names.

    Names are as they are written, capitals and all; only what can be written in two ways in Unicode is one name. Each
    attempt is checked for its number first (``throttle``; by default one of its own, with its defaults), then for the
    password, then for the address, so that nothing is learnt about a user without the password. One that fails for its
    address counts as a failure, too. Raises :class:`~soap.errors.InvalidAccount` for an unusable name.
    """

    def __init__(self, users: Mapping[str, User], *, throttle: Throttle | None = None) -> None:
        self._users: dict[str, User] = {}
        for username, user in users.items():
            if not username or len(username) > MAX_LENGTH or FORBIDDEN.search(username):
                raise InvalidAccount("username", f"{username[:80]!r} is empty, too long, or not for XML")
            name = unicodedata.normalize("NFC", username)
            if name in self._users:
                raise InvalidAccount("username", f"{username!r} stands there twice, written differently")
            self._users[name] = user
        self._throttle = throttle or Throttle()
        hashes = [user.password_hash for user in self._users.values()]
        slow = [one for one in hashes if _is_argon2(one)]
        #: What a wrong name is verified against. Also who has a quick hash goes through it where others have a slow
        #: one, else it would show by the time who they are.
        self._dummy = _like((slow or hashes or [_sha256("")])[0])

    def authenticate(self, username: str, password: str, address: str | None) -> Account | Refusal:
        """See :class:`Authenticator`. Raises ``ImportError`` for a hash of Argon2 without argon2-cffi."""
        # What is longer than any name is no name, and is not looked at further than that.
        name = unicodedata.normalize("NFC", username[: MAX_LENGTH + 1])
        if not self._throttle.attempt(name, address):
            return Refusal.THROTTLED
        user = self._users.get(name)
        right = verify(user.password_hash if user else self._dummy, password)
        if user and _is_argon2(self._dummy) and not _is_argon2(user.password_hash):
            verify(self._dummy, password)
        if user is None or not right:
            return Refusal.NOT_VALID_USER
        if not user.allows(address):
            return Refusal.ADDRESS_REFUSED
        self._throttle.succeeded(name, address)
        return user.account


def single_user(
    username: str, password: str, account: Account | None = None, *, throttle: Throttle | None = None
) -> StaticAuthenticator:
    """An authenticator for one user, whose connection is named like the user unless an account is given.

    It is for a password that the program has in plain text anyway, from its environment say: it is kept as SHA-256, in
    memory alone, and needs no argon2-cffi. Raises :class:`~soap.errors.InvalidAccount` for an empty user name or
    password.
    """
    if not username:
        raise InvalidAccount("username", "must not be empty")
    user = User(_sha256(_usable(password)), account or Account(username))
    return StaticAuthenticator({username: user}, throttle=throttle)
