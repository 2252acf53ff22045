"""The pages of a link: the steps, with the password where one was just made; the end; and that it can't be used."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import quote, urlsplit

from werkzeug.wrappers import Response

from ..service import Settings, Standing, Step, Visit
from ..service.connections import application_name, moment
from ..service.settings import FLOW_PATH
from .progress import checks, problem
from .rendering import page

#: The field of the form that proves that it was one of our pages which sent it.
FORM_TOKEN = "token"

#: Seconds for which the last page is shown before it leads on.
SHOWN_FOR = 10

_TEXTS = {
    404: (
        "This link can’t be used",
        "It is not complete, or its time is over. Open it as it was sent to you, or ask whoever sent it for a new one.",
    ),
    410: ("This link hands out nothing more", "Ask whoever sent it to you for a new one."),
    405: ("This page can’t be opened like that", "Open the link once more as it was sent to you."),
    503: ("Too much is going on", "Wait a moment, then load this page again."),
}
_OTHERWISE = ("Something went wrong here", "It is not your fault. Try again in a moment.")


@dataclass(frozen=True, slots=True)
class Addresses:
    """The addresses of a link's pages. They begin with a slash: the host is that by which the page was reached."""

    page: str
    stay: str
    password: str
    file: str

    @classmethod
    def of(cls, settings: Settings, client_secret: str, key: str) -> Addresses:
        """Those of the link with that secret and key."""
        base = f"{urlsplit(settings.public_url).path}{FLOW_PATH}/{quote(client_secret, safe='')}"
        query = f"?key={quote(key, safe='')}"
        return cls(base + query, f"{base}{query}&stay=1", f"{base}/password{query}", f"{base}/file{query}")


def form_token(client_secret: str) -> str:
    """What the form of a link's page has in it. Whoever does not know the link can't know it."""
    return hmac.new(client_secret.encode("utf-8", "surrogatepass"), b"form of the flow", hashlib.sha256).hexdigest()


def flow_page(
    visit: Visit,
    addresses: Addresses,
    token: str,
    standing: Standing,
    *,
    password: str | None = None,
    notice: str | None = None,
    stays: bool = False,
    status: int = 200,
) -> Response:
    """The page of a link as it stands.

    ``standing`` is that of its connection. ``password`` is one that was made by this very call; ``notice`` says why a
    call was not followed. ``stays``: the last page does not lead on by itself.
    """
    redirect = visit.session.redirect_url
    host = None if redirect is None else urlsplit(redirect).hostname
    common = {"visit": visit, "addresses": addresses, "host": host}
    if visit.step is Step.FINISHED:
        return page("finished.html", status, redirect=redirect, stays=stays, seconds=SHOWN_FOR, **common)
    expires = visit.session.expires_at
    return page(
        "flow.html",
        status,
        application=application_name(visit.account, visit.end_user),
        checks=checks(visit),
        problem=problem(visit, standing),
        token=token,
        password=password,
        notice=notice,
        expires=moment(expires),
        expires_text=datetime.fromtimestamp(expires, UTC).strftime("%d %b %Y, %H:%M UTC"),
        **common,
    )


def failed(status: int, request_id: str | None) -> Response:
    """The page of an error."""
    title, text = _TEXTS.get(status, _OTHERWISE)
    return page("failed.html", status, title=title, text=text, request_id=request_id if status >= 500 else None)
