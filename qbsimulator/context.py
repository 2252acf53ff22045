"""What one request is worked on with."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from qbxml.schema import Schema

from .answers import Answer

if TYPE_CHECKING:
    from .company import Company, Session
    from .settings import Settings


@dataclass(frozen=True, slots=True)
class Context:
    """Where a request is at work: the company, the session it came in, and the message set it is part of."""

    company: Company
    session: Session
    #: That of the document's version, with what the company's country has of it.
    schema: Schema
    #: The request's name without ``Rq``.
    name: str

    @property
    def settings(self) -> Settings:
        """The company's settings."""
        return self.company.settings

    @property
    def application(self) -> str:
        """The name of the application that asks."""
        return self.session.application


#: Answers a request. Raises :class:`~qbsimulator.errors.RequestError`, and nothing of what it did is kept.
Handler = Callable[[Context, Mapping[str, Any]], Answer]
#: Answers a request in place of its handler, which it may call.
Around = Callable[[Context, Mapping[str, Any], Handler], Answer]


def wanted(content: Mapping[str, Any]) -> tuple[str, ...]:
    """The names that a request's ``IncludeRetElement`` asks for; none: all."""
    return tuple(content.get("IncludeRetElement") or ())
