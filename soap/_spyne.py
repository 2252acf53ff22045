"""spyne, imported so that it works on every Python we support. Nothing else in this package imports spyne.

spyne 2.14.0, its newest release, carries a copy of six whose importer Python 3.12 no longer understands, and
imports ``cgi``, which Python 3.13 no longer has. Of both it needs little on the way of a SOAP call: seven
module names under ``spyne.util.six.moves``, and ``cgi.parse_header``. :func:`load` puts the standard
library's own modules under those names before spyne is imported, and lends it a ``cgi`` while it is imported.

It cannot help where another part of the program has tried ``import spyne`` before: the failure comes from
there.

This module can shrink to plain imports as soon as a release of spyne imports on 3.13 by itself; the test
``test_spyne_alone_still_fails_on_new_pythons`` fails on that day and says so.
"""

from __future__ import annotations

import collections.abc
import email.message
import functools
import http.cookies
import importlib
import sys
import types
import urllib.error
import urllib.parse
import urllib.request
import warnings
from dataclasses import dataclass
from typing import Any

_MOVES = "spyne.util.six.moves"

#: What spyne looks for below its copy of six, and where the standard library has it.
_STANDARD_MODULES: dict[str, types.ModuleType] = {
    f"{_MOVES}.collections_abc": collections.abc,
    f"{_MOVES}.http_cookies": http.cookies,
    f"{_MOVES}.urllib": urllib,
    f"{_MOVES}.urllib.error": urllib.error,
    f"{_MOVES}.urllib.parse": urllib.parse,
    f"{_MOVES}.urllib.request": urllib.request,
}


@dataclass(frozen=True, slots=True)
class Spyne:
    """The names of spyne that the transport uses. spyne ships no types, so they are ``Any``."""

    Application: Any
    ServiceBase: Any
    Soap11: Any
    WsgiApplication: Any
    rpc: Any
    Array: Any
    Integer32: Any
    Unicode: Any
    #: The applications made so far, by namespace and name: spyne keeps each for ever, and warns of a second.
    applications: dict[tuple[str, str], Any]


@functools.cache
def load() -> Spyne:
    """Import spyne, mended where this Python needs it.

    Warnings raised during the import (bad escapes and an old importer, both spyne's) are not shown, so that a
    program run with ``-W error`` can use this package. Raises ``ImportError`` when spyne is not installed.
    """
    moves = types.ModuleType(_MOVES)
    moves.__path__ = []
    sys.modules.setdefault(_MOVES, moves)
    for name, module in _STANDARD_MODULES.items():
        sys.modules.setdefault(name, module)

    lent = None
    if sys.version_info >= (3, 13) and "cgi" not in sys.modules:
        lent = types.ModuleType("cgi")
        lent.parse_header = parse_header  # type: ignore[attr-defined]  # the one function that spyne takes from it
        sys.modules["cgi"] = lent
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            # `spyne` first and as a whole: its parts import each other in one order only.
            root = importlib.import_module("spyne")
            soap11 = importlib.import_module("spyne.protocol.soap")
            wsgi = importlib.import_module("spyne.server.wsgi")
            registry = importlib.import_module("spyne.util.appreg")
    finally:
        # Others ask whether there is a `cgi`, and must not be given half of one.
        if lent is not None and sys.modules.get("cgi") is lent:
            del sys.modules["cgi"]

    return Spyne(
        Application=root.Application,
        ServiceBase=root.ServiceBase,
        Soap11=soap11.Soap11,
        WsgiApplication=wsgi.WsgiApplication,
        rpc=root.rpc,
        Array=root.Array,
        Integer32=root.Integer32,
        Unicode=root.Unicode,
        applications=registry.applications,
    )


def parse_header(line: str) -> tuple[str, dict[str, str]]:
    """Split ``text/xml; charset=utf-8`` into ``("text/xml", {"charset": "utf-8"})``, as ``cgi`` did."""
    message = email.message.Message()
    message["content-type"] = line
    first, *rest = message.get_params() or [("", "")]
    return first[0], dict(rest)
