"""spyne, imported so that it works on every Python we support, and held to what we want of it.

Nothing else in this package imports spyne.

spyne 2.14.0, its newest release, carries a copy of six whose importer Python 3.12 no longer understands, and
imports ``cgi``, which Python 3.13 no longer has. Of both it needs little on the way of a SOAP call: seven
module names under ``spyne.util.six.moves``, and ``cgi.parse_header``. :func:`load` puts the standard
library's own modules under those names before spyne is imported, and lends it a ``cgi`` while it is imported.

It cannot help where another part of the program has tried ``import spyne`` before: the failure comes from
there.

The import can shrink to plain ones as soon as a release of spyne imports on 3.13 by itself; the test
``test_spyne_alone_still_fails_on_new_pythons`` fails on that day and says so.

Of spyne we take what routes a call and what writes an answer. What it reads with is replaced (:func:`protocol`),
and what it logs while it answers a call of ours is dropped (:func:`silence`), for it quotes what was sent.
"""

from __future__ import annotations

import collections.abc
import email.message
import functools
import http.cookies
import importlib
import logging
import math
import sys
import types
import urllib.error
import urllib.parse
import urllib.request
import warnings
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
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

    From here on spyne no longer runs a full garbage collection after a call, in the whole process.
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
            constants = importlib.import_module("spyne.const")
    finally:
        # Others ask whether there is a `cgi`, and must not be given half of one.
        if lent is not None and sys.modules.get("cgi") is lent:
            del sys.modules["cgi"]

    # It would collect once a second, when it closes a call, to have file descriptors back which SOAP does not use.
    # All else stands still meanwhile, the longer the more calls are held open: with a thousand of them it makes the
    # slowest answers five times slower.
    constants.MIN_GC_INTERVAL = math.inf  # type: ignore[attr-defined]  # of a module that mypy does not know

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


def protocol(read: Callable[[Iterable[bytes]], tuple[str, dict[str, str]]]) -> Any:
    """SOAP 1.1 of spyne with another reader: ``read`` gets the body in pieces, and returns operation and arguments.

    The operation must be one that is served, as ``{namespace}name``; the arguments are by name, and those left out
    are given as ``""``. What ``read`` raises comes out of the WSGI application.

    spyne's own reader raises ``AttributeError``, ``KeyError`` or ``RecursionError`` on some envelopes, logs those it
    cannot read, resolves references between elements that the Web Connector does not write, reads attributes as
    arguments, and cuts a value where an element or a comment stands in it. It also keeps the document until the
    answer is sent, while this one keeps the arguments alone.
    """
    soap11 = load().Soap11

    class Reader(soap11):  # type: ignore[misc, valid-type]  # spyne ships no types
        def create_in_document(self, ctx: Any, charset: str | None = None) -> None:
            ctx.in_document = read(ctx.in_string)

        def decompose_incoming_envelope(self, ctx: Any, message: object = None) -> None:
            ctx.method_request_string, ctx.in_body_doc = ctx.in_document
            ctx.in_document = None

        def deserialize(self, ctx: Any, message: object) -> None:
            arguments = ctx.in_body_doc
            ctx.in_object = [arguments.get(name, "") for name in ctx.descriptor.in_message._type_info]
            # The context that was there before the method was found has it, too, and both outlive the call.
            arguments.clear()

    return Reader()


#: Whether a call of ours is being answered, here and now.
_answering: ContextVar[bool] = ContextVar("answering", default=False)


class _Silence(logging.Filter):
    """Drops what is logged while a call of ours is answered; other services of the process log as they did.

    A filter, since a disabled logger is enabled again by the next ``logging.config``.
    """

    def filter(self, record: logging.LogRecord) -> bool:
        return not _answering.get()


_SILENCE = _Silence()


def silence() -> None:
    """Have spyne's loggers keep quiet in :func:`answering`. They exist once a service was built."""
    for name in list(logging.root.manager.loggerDict):
        if name.partition(".")[0] == "spyne":
            logging.getLogger(name).addFilter(_SILENCE)


@contextmanager
def answering() -> Iterator[None]:
    """Within this, spyne logs nothing: of bodies, headers, exceptions and answers it logs the whole."""
    token = _answering.set(True)
    try:
        yield
    finally:
        _answering.reset(token)
