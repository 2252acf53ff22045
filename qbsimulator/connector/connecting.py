"""What a person does at the computer with QuickBooks who was sent a link: the steps of a gateway's auth flow.

A link is an address with a key behind it. Asked for JSON, it says how far the person is; below it are the ``.qwc``
file and, for a POST alone, a password. Both go into the Web Connector. Nothing here knows the gateway but by HTTP.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol
from urllib.parse import urlsplit, urlunsplit

from .codes import ConnectorError
from .desk import CompanyFile
from .transport import HTTPAnswer, TransportError

if TYPE_CHECKING:
    from .connector import WebConnector
    from .home import Application

#: The step of a link by which QuickBooks has answered.
FINISHED = "finished"


class Pages(Protocol):
    """Reaches the pages of a server, as both transports do. Raises :class:`TransportError` where no answer comes."""

    def visit(self, method: str, url: str, fields: Sequence[tuple[str, str]] = (), body: bytes = b"") -> HTTPAnswer:
        """Send a request; ``fields`` are those of its head beside what every request has."""
        ...


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a link is. Texts are ``""`` where nothing is said."""

    #: Who asks, and for whose QuickBooks.
    account_name: str
    company_name: str
    #: ``opened``, ``password_made``, ``file_added``, ``password_accepted`` or ``finished``.
    step: str
    #: Whether the link hands out anything.
    is_valid: bool
    #: What QuickBooks said that the company is called.
    quickbooks_company_name: str
    #: What is the matter, in words.
    reason: str


class Link:
    """An ``authFlowUrl``. Each method asks the server; each raises :class:`ConnectorError` with what it said."""

    def __init__(self, url: str, pages: Pages) -> None:
        try:
            parts = urlsplit(url)
            good = parts.scheme in ("http", "https") and parts.hostname and parts.path.strip("/") and url.isascii()
        except ValueError:
            good = False
        if not good:
            # Without the address, which is as good as a password.
            raise ConnectorError(None, "that is no link: write the whole authFlowUrl, from https:// on")
        self._parts, self._pages = parts, pages

    def progress(self) -> Progress:
        """How far it is."""
        said = self._json("GET", "")
        return Progress(
            account_name=_text(said, "accountName"),
            company_name=_text(said, "companyName"),
            step=_text(said, "step"),
            is_valid=said.get("isValid") is True,
            quickbooks_company_name=_text(said, "quickbooksCompanyName"),
            reason=_text(said, "reason"),
        )

    def file(self) -> bytes:
        """The ``.qwc`` file."""
        return self._asked("GET", "/file", "*/*").body

    def password(self) -> str:
        """A new password for the Web Connector."""
        made = _text(self._json("POST", "/password"), "password")
        if not made:
            raise ConnectorError(None, "the link was asked for a password, and gave none")
        return made

    def _json(self, method: str, below: str) -> dict[str, Any]:
        said = _object(self._asked(method, below, "application/json").body)
        if said is None:
            raise ConnectorError(None, "the link's answer is no JSON object: is it the link of an auth flow?")
        return said

    def _asked(self, method: str, below: str, kind: str) -> HTTPAnswer:
        url = urlunsplit(self._parts._replace(path=self._parts.path.rstrip("/") + below, fragment=""))
        try:
            answer = self._pages.visit(method, url, [("Accept", kind)])
        except TransportError as error:
            raise ConnectorError(None, f"the link could not be opened: {error}") from error
        if answer.status != 200:
            raise ConnectorError(None, f"the link was answered with {answer.status}: {_complaint(answer)}")
        return answer


def connect(link: Link, connector: WebConnector, company: CompanyFile | str | Path) -> Application:
    """Take the steps of a link: its file and a new password go into ``connector``, for ``company``.

    What is left is an update, in which QuickBooks answers. Raises :class:`ConnectorError` for a link that hands out
    nothing, and as :meth:`~qbsimulator.WebConnector.add`.
    """
    progress = link.progress()
    if not progress.is_valid:
        done = progress.step == FINISHED
        raise ConnectorError(None, f"the link hands out nothing any more: it is {'done' if done else 'too old'}")
    # The file first: where it can't be added, no password was made in vain.
    file = link.file()
    return connector.add(file, company, link.password())


def _object(body: bytes) -> dict[str, Any] | None:
    try:
        said = json.loads(body)
    except (ValueError, RecursionError):
        return None
    return said if isinstance(said, dict) else None


def _text(said: dict[str, Any], name: str) -> str:
    found = said.get(name)
    return found if isinstance(found, str) else ""


def _complaint(answer: HTTPAnswer) -> str:
    """What an error says of itself."""
    error = (_object(answer.body) or {}).get("error")
    return (_text(error, "message") if isinstance(error, dict) else "") or answer.reason
