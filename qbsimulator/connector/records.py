"""What an update leaves behind: its steps, its documents, how it ended."""

from __future__ import annotations

import enum
from dataclasses import dataclass, field
from typing import Any


class Outcome(enum.Enum):
    """How an update ended."""

    COMPLETED = "the server said that all is done"
    NO_DATA = "the server had nothing to do"
    BUSY = "the server was busy"
    POSTPONED = "the server wants it later"
    NOT_VALID = "the server knows no such user, or another password"
    REFUSED = "the server does not want this Web Connector"
    NOT_CONNECTED = "no company file could be opened, and the server gave up"
    SERVER_ERROR = "the server told of an error"
    FAILED = "a call went wrong"
    NOT_STARTED = "it could not begin"
    BROKEN_OFF = "it was broken off on this side"
    DIED = "the Web Connector died in the middle of it"


@dataclass(frozen=True, slots=True)
class Step:
    """One call to the server. ``error`` is the text of an exception, in whose case there is no answer."""

    when: float
    call: str
    #: Without the password.
    arguments: dict[str, Any]
    answer: Any = None
    error: str = ""
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Exchange:
    """A document for QuickBooks and what came of it: an answer, or an HRESULT and a message."""

    request: str
    response: str = ""
    hresult: str = ""
    message: str = ""


@dataclass(slots=True)
class Update:
    """One update of one application. Times are seconds since 1970."""

    application: str
    scheduled: bool
    began: float
    ended: float = 0.0
    outcome: Outcome = Outcome.BROKEN_OFF
    #: What the window of the Web Connector shows.
    status: str = ""
    #: What was reported under a number, in its order: ``QBWC1041`` and the like.
    codes: list[str] = field(default_factory=list)
    steps: list[Step] = field(default_factory=list)
    documents: list[Exchange] = field(default_factory=list)
    #: Per cent done, as the server told after each document.
    progress: list[int] = field(default_factory=list)
    #: Seconds after which the server wants it again, and the least between two updates; ``None``: it did not say.
    postponed: int | None = None
    run_every: int | None = None

    @property
    def code(self) -> str:
        """The first code reported; ``""`` where all went well."""
        return self.codes[0] if self.codes else ""

    @property
    def ok(self) -> bool:
        """Whether nothing was left undone by mistake: all done, or nothing to do."""
        return self.outcome in (Outcome.COMPLETED, Outcome.NO_DATA)

    @property
    def calls(self) -> list[str]:
        """The names of the calls, in their order."""
        return [step.call for step in self.steps]
