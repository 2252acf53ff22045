"""Secrets out of log lines: keys, and the part of a link by which it is opened.

An access log has the addresses of calls in it, and a link's address is its secret. Nothing of the gateway's own writes
one; :class:`MaskedFormatter` is for what other parts of a server write.
"""

from __future__ import annotations

import logging
import re

from . import tokens

_BEGINNINGS = (tokens.CLIENT_SECRET, tokens.SECRET_KEY, tokens.PUBLISHABLE_KEY)
_SECRET = re.compile(f"({'|'.join(_BEGINNINGS)})[A-Za-z0-9]+")


def masked(text: str) -> str:
    """A text without the secrets in it: of each only what it begins with is left, and three stars."""
    return _SECRET.sub(r"\1***", text)


class MaskedFormatter(logging.Formatter):
    """A formatter that writes no secret, not in a traceback either. Arguments: those of ``logging.Formatter``."""

    def format(self, record: logging.LogRecord) -> str:
        """See :class:`logging.Formatter`."""
        return masked(super().format(record))
