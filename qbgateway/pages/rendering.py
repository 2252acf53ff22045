"""Pages from templates, with the headers that every page has.

Style and script stand in the page and are allowed by their hashes, so a page is one answer and nothing else is loaded.
"""

from __future__ import annotations

import base64
import hashlib
from functools import cache
from importlib.resources import files

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup
from werkzeug.wrappers import Response


def page(template: str, status: int = 200, /, **values: object) -> Response:
    """A page of ``templates/``. Every value is escaped."""
    style, script = _asset("flow.css"), _asset("flow.js")
    text = _environment().get_template(template).render(style=Markup(style), script=Markup(script), **values)
    response = Response(text, status, content_type="text/html; charset=utf-8")
    response.headers.update(_headers())
    return response


@cache
def _environment() -> Environment:
    return Environment(
        loader=PackageLoader(__package__ or "qbgateway.pages"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=False,
    )


@cache
def _asset(name: str) -> str:
    """A file of ``assets/``: ours, so it goes into a page as it is."""
    return files(__package__ or "qbgateway.pages").joinpath("assets", name).read_text("utf-8")


@cache
def _headers() -> dict[str, str]:
    policy = {
        "default-src": "'none'",
        "style-src": _hash("flow.css"),
        "script-src": _hash("flow.js"),
        "img-src": "data:",
        "connect-src": "'self'",
        "form-action": "'self'",
        "base-uri": "'none'",
        "frame-ancestors": "'none'",
    }
    return {
        "Content-Security-Policy": "; ".join(f"{name} {value}" for name, value in policy.items()),
        "X-Frame-Options": "DENY",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Permissions-Policy": "camera=(), geolocation=(), microphone=(), clipboard-write=(self)",
        "Referrer-Policy": "no-referrer",
        "Cache-Control": "no-store",
        "X-Content-Type-Options": "nosniff",
        "X-Robots-Tag": "noindex",
    }


def _hash(name: str) -> str:
    digest = hashlib.sha256(_asset(name).encode("utf-8")).digest()
    return f"'sha256-{base64.b64encode(digest).decode('ascii')}'"
