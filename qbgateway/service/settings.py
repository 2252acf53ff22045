"""How a gateway behaves, and where it is reached. Times in seconds."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit

from ..errors import Unusable

#: The path of the Web Connector's endpoint, and that of the pages by which an end user connects.
ENDPOINT_PATH, FLOW_PATH = "/qbwc", "/qbd"


@dataclass(frozen=True, slots=True)
class Settings:
    """``public_url`` is the only source of every address that is given away: no header of a request changes one.

    Raises :class:`~qbgateway.errors.Unusable` for one that can't be an address.
    """

    public_url: str
    #: How often a Web Connector comes by itself, in minutes: what its ``.qwc`` file says. A minute is its least.
    schedule_minutes: int = 1
    #: A Web Connector that made no call for so long, with nothing in flight, is not there.
    silent_after: float = 180.0
    #: How long a caller waits for QuickBooks, unless told otherwise.
    timeout: float = 90.0
    #: A request whose caller was lost with its process is not handed out later than so long after its time.
    grace: float = 30.0
    #: How long requests and their answers are kept after they finish, and what was made under an Idempotency-Key.
    retention: float = 30 * 86400.0
    #: The time between two notes of when a key was last used.
    note_use_every: float = 60.0

    def __post_init__(self) -> None:
        parts = urlsplit(self.public_url)
        good = parts.scheme in ("http", "https") and parts.hostname and not (parts.query or parts.fragment)
        if not good or parts.username is not None:
            raise Unusable(f"the public address {self.public_url!r} is none; write one like https://books.example.com")
        object.__setattr__(self, "public_url", self.public_url.rstrip("/"))

    @property
    def app_url(self) -> str:
        """The address of the Web Connector's endpoint: the ``AppURL`` of every ``.qwc`` file."""
        return self.public_url + ENDPOINT_PATH

    def flow_url(self, client_secret: str, key: str) -> str:
        """The address of the page by which an end user connects."""
        return f"{self.public_url}{FLOW_PATH}/{client_secret}?key={key}"
