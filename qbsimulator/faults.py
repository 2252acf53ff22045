"""Faults on demand: what goes wrong between a server, its Web Connector and QuickBooks, by name and in a set order.

.. code-block:: python

    connector = WebConnector(faults=Faults(["lost-answer=receiveResponseXML", "quickbooks-dies=during@3"]), ...)

A fault is written ``NAME`` or ``NAME=VALUE``, with ``@3`` for the third occasion rather than the first, and with
``@3x2`` for two in a row from the third on. :data:`FAULTS` has all names. A plan may also be drawn: ``Faults(seed=7,
rate=0.1)`` does the same to the same conversation each time.
"""

from __future__ import annotations

import random
import re
import shutil
import tempfile
import weakref
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import qbxml
from qbxml.codes import hresults

from .answers import Answer
from .company import Company, Session
from .connector.desk import Desk, Opened, gone
from .connector.documents import names
from .connector.home import Application
from .connector.interference import ConnectorDied, Interference
from .connector.service import Exchange
from .connector.times import Time
from .connector.transport import PATIENCE, HTTPAnswer, TimedOut, TransportError
from .context import Context, Handler
from .errors import QuickBooksError, RequestError, SimulatorError

#: The methods of a server.
CALLS = (
    "serverVersion",
    "clientVersion",
    "authenticate",
    "connectionError",
    "sendRequestXML",
    "receiveResponseXML",
    "getLastError",
    "interactiveRejected",
    "closeConnection",
)

_MOMENTS = ("before", "during", "after")
_CLASSES = ("fix", "retry", "alert")


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of fault: where it strikes, what its value can be, and what it does."""

    place: str
    value: str
    meaning: str


#: All faults, by name.
FAULTS: Mapping[str, Kind] = {
    "lost-request": Kind("call", "[CALL]", "a call does not reach the server"),
    "lost-answer": Kind("call", "[CALL]", "the server does what a call says, and its answer is lost"),
    "twice": Kind("call", "[CALL]", "a call reaches the server twice"),
    "delay": Kind("call", "[CALL:]SECONDS", "an answer comes so much later; too late for the client's patience"),
    "connector-dies": Kind(
        "both",
        "before|during|after|CALL",
        "the Web Connector ends before, while or after QuickBooks processes a document (during: the whole machine"
        " does), or when that call was answered",
    ),
    "quickbooks-dies": Kind(
        "document",
        "before|during|after",
        "QuickBooks ends before, while or after it processes a document: 0x80010105",
    ),
    "hresult": Kind("document", "CODE|fix|retry|alert", "a document is refused with an HRESULT, or one of a class"),
    "open-hresult": Kind("opening", "CODE|fix|retry|alert", "the company file can't be opened, both times it is tried"),
    "locked": Kind("document", "3175|3176", "the changes in a document meet a record that somebody has open"),
    "expired-iterator": Kind("iterator", "", "the session, and so its iterators, has ended before a page is asked for"),
    "switched": Kind("update", "FILE", "another company file is open in QuickBooks for an update"),
    "restored-backup": Kind(
        "update",
        "[FILE]",
        "before an update the company file is put back to a copy; default: as it was when the first update began",
    ),
}

_WRITTEN = re.compile(r"(?P<name>[a-z-]+)(?:=(?P<value>.*?))?(?:@(?P<nth>[0-9]+)(?:x(?P<times>[0-9]+))?)?")


class UnknownFault(SimulatorError):
    """There is no such fault, or it can't have that value."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault of a plan: on its ``nth`` occasion, and on ``times`` occasions in a row."""

    name: str
    value: str = ""
    nth: int = 1
    times: int = 1

    def __post_init__(self) -> None:
        """Raises :class:`UnknownFault`."""
        if self.name not in FAULTS:
            raise UnknownFault(f"there is no fault {self.name!r}; there are {', '.join(FAULTS)}")
        if self.nth < 1 or self.times < 1:
            raise UnknownFault(f"{self}: occasions are counted from 1")
        if not _fits(self.name, self.value):
            raise UnknownFault(f"{self.name}={self.value}: its value is {FAULTS[self.name].value or 'not wanted'}")

    def __str__(self) -> str:
        value = f"={self.value}" if self.value else ""
        times = f"x{self.times}" if self.times > 1 else ""
        return f"{self.name}{value}@{self.nth}{times}"

    @classmethod
    def read(cls, text: str) -> Fault:
        """A fault as it is written: ``NAME[=VALUE][@NTH[xTIMES]]``. Raises :class:`UnknownFault`."""
        found = _WRITTEN.fullmatch(text.strip())
        if found is None:
            raise UnknownFault(f"{text!r} is not written NAME[=VALUE][@NTH[xTIMES]]")
        value = (found["value"] or "").strip()
        return cls(found["name"], value, int(found["nth"] or 1), int(found["times"] or 1))

    @property
    def call(self) -> str:
        """The call that it is about; ``""`` for any."""
        head = self.value.rpartition(":")[0] if self.name == "delay" else self.value
        return head if head in CALLS else ""


def _fits(name: str, value: str) -> bool:
    if name in ("lost-request", "lost-answer", "twice"):
        return not value or value in CALLS
    if name == "delay":
        call, _, seconds = value.rpartition(":")
        return (not call or call in CALLS) and re.fullmatch(r"[0-9]+(\.[0-9]+)?", seconds) is not None
    if name in ("connector-dies", "quickbooks-dies"):
        return value in _MOMENTS or (name == "connector-dies" and value in CALLS)
    if name in ("hresult", "open-hresult"):
        return value in _CLASSES or re.fullmatch(r"0[xX][0-9A-Fa-f]{8}", value) is not None
    if name == "locked":
        return value in ("3175", "3176")
    return bool(value) if name == "switched" else name == "restored-backup" or not value


#: What a drawn plan may do, by the place: those that need no file to be named.
_DRAWN: Mapping[str, tuple[str, ...]] = {
    "call": ("lost-request", "lost-answer", "twice", "delay=5", "delay=500"),
    "document": (
        *(f"connector-dies={moment}" for moment in _MOMENTS),
        *(f"quickbooks-dies={moment}" for moment in _MOMENTS),
        *("hresult=retry", "locked=3175", "locked=3176"),
    ),
    "iterator": ("expired-iterator",),
    "opening": ("open-hresult=retry", "open-hresult=alert"),
    "update": ("restored-backup",),
}


class Faults(Interference):
    """A plan of faults for a Web Connector: written out, drawn, or both. :attr:`fired` has those that came.

    ``plan`` has faults, or texts as :meth:`Fault.read` takes them. With a ``seed`` each occasion has a fault with the
    probability ``rate``. ``patience`` is that of the client, in seconds. Raises :class:`UnknownFault`.
    """

    def __init__(
        self,
        plan: Iterable[Fault | str] = (),
        *,
        seed: int | None = None,
        rate: float = 0.05,
        patience: float = PATIENCE,
    ) -> None:
        self.plan = [one if isinstance(one, Fault) else Fault.read(one) for one in plan]
        self.fired: list[Fault] = []
        self.patience = patience
        self._seen = [0] * len(self.plan)
        self._draw = None if seed is None else random.Random(seed)
        self._rate = rate
        self._clock: Time | None = None
        self._copies: dict[str, Path] = {}
        self._opening: QuickBooksError | None = None
        self._folder: Path | None = None
        self._switched: str | None = None

    @classmethod
    def read(cls, text: str, **options: Any) -> Faults:
        """A plan in a text: one fault to a line, with ``seed=N`` and ``rate=R`` among them; ``#`` begins a comment."""
        return cls.of(cls.lines(text), **options)

    @staticmethod
    def lines(text: str) -> list[str]:
        """The faults in a text, each as it is written."""
        lines = (line.partition("#")[0].strip() for line in text.splitlines())
        return [line for line in lines if line]

    @classmethod
    def of(cls, written: Iterable[str], **options: Any) -> Faults:
        """A plan from texts, of which ``seed=N`` and ``rate=R`` are no faults. Raises :class:`UnknownFault`."""
        plan = []
        for text in written:
            name, _, value = text.partition("=")
            if name not in ("seed", "rate"):
                plan.append(text)
                continue
            try:
                options[name] = int(value) if name == "seed" else float(value)
            except ValueError:
                raise UnknownFault(f"{text}: it is no number") from None
        return cls(plan, **options)

    # -- which of them it is ---------------------------------------------------------------------------------------

    def _due(
        self, place: str, fits: Callable[[Fault], bool] = lambda fault: True, *, inside: bool = True
    ) -> Fault | None:
        """The fault that strikes on this occasion. One strikes at a time; each has its own count of occasions."""
        found = None
        for index, fault in enumerate(self.plan):
            if _place(fault) != place or not fits(fault):
                continue
            self._seen[index] += 1
            if found is None and fault.nth <= self._seen[index] < fault.nth + fault.times:
                found = fault
        if found is None and self._draw is not None and self._draw.random() < self._rate:
            found = Fault.read(self._draw.choice([one for one in _DRAWN[place] if inside or not _is_inside(one)]))
        if found is not None:
            self.fired.append(found)
        return found

    def _code(self, value: str) -> QuickBooksError:
        """An HRESULT that is named, or one of a class: which one depends on how many came before."""
        if value in _CLASSES:
            of_class = [one.code for one in hresults() if one.kind == value and one.code.startswith("0x800404")]
            value = of_class[(len(self.fired) - 1) % len(of_class)]
        known = qbxml.hresult(value)
        return QuickBooksError(known.code, known.pattern or known.meaning)

    # -- the places ------------------------------------------------------------------------------------------------

    def beginning(self, desk: Desk, application: Application) -> None:
        """An update begins: perhaps with another company file, or with an old one."""
        self._clock = desk.clock
        if any(fault.name == "restored-backup" and not fault.value for fault in self.plan) or self._draw is not None:
            self._keep_copy(desk, application.company_file)
        if self._switched is not None and desk.open_file == self._switched:
            desk.open_file = None
        self._switched = None
        fault = self._due("update")
        if fault is None:
            return
        if fault.name == "switched":
            self._switched = desk.open_file = fault.value
        elif fault.value or application.company_file in self._copies:
            copy = Path(fault.value) if fault.value else self._copies[application.company_file]
            _restore(desk, application.company_file, copy)

    def _keep_copy(self, desk: Desk, path: str) -> None:
        if path in self._copies:
            return
        if self._folder is None:
            self._folder = Path(tempfile.mkdtemp(prefix="qbsimulator-"))
            weakref.finalize(self, shutil.rmtree, self._folder, ignore_errors=True)
        copy = self._folder / f"{len(self._copies)}.company"
        with desk.lent(path) as company:
            if not isinstance(company, Company):
                if self._draw is not None:
                    return  # then it is not drawn
                raise UnknownFault(f"restored-backup: {path} is no company file that can be copied")
            company.back_up(copy)
        self._copies[path] = copy

    def link(self, method: str, exchange: Exchange) -> HTTPAnswer:
        """A call goes to the server, or does not."""
        fault = self._due("call", lambda fault: fault.call in ("", method))
        name = "" if fault is None else fault.name
        if name == "lost-request":
            raise TransportError("The underlying connection was closed: the request was not sent.")
        if name == "twice":
            exchange()
        answer = exchange()
        if name == "lost-answer":
            raise TransportError("The underlying connection was closed: the answer was not received.")
        if name == "connector-dies":
            raise ConnectorDied
        if fault is not None and name == "delay":
            self._wait(float(fault.value.rpartition(":")[2]))
        return answer

    def _wait(self, seconds: float) -> None:
        if self._clock is not None:
            self._clock.sleep(min(seconds, self.patience))
        if seconds > self.patience:
            raise TimedOut

    def opening(self, attempt: int) -> None:
        """A company file is opened, or is not: what fails at first fails again."""
        if attempt == 1:
            fault = self._due("opening")
            self._opening = None if fault is None else self._code(fault.value)
        if self._opening is not None:
            raise self._opening

    def execute(self, opened: Opened, text: str) -> str:
        """A document is processed, or is not."""
        if 'iterator="Continue"' in text and self._due("iterator") is not None:
            opened.renew()
        fault = self._due("document", inside=isinstance(opened.session, Session))
        if fault is None:
            return opened.process(text)
        if fault.name == "hresult":
            raise self._code(fault.value)
        if fault.name == "locked":
            return _within(opened, text, _locked(int(fault.value)))
        return self._dying(fault, opened, text)

    def _dying(self, fault: Fault, opened: Opened, text: str) -> str:
        if fault.value == "during":
            try:
                _within(opened, text, _dies_at(len(names(text))))
            except QuickBooksError:
                pass
        elif fault.value == "after":
            try:
                opened.process(text)
            except QuickBooksError:
                pass  # nobody will hear of it
        if fault.name == "connector-dies":
            raise ConnectorDied
        opened.dead = True
        raise gone()


def _place(fault: Fault) -> str:
    place = FAULTS[fault.name].place
    return place if place != "both" else "document" if fault.value in _MOMENTS else "call"


def _is_inside(written: str) -> bool:
    """Whether a fault strikes within QuickBooks, so that a stand-in for it does not do."""
    return written.startswith("locked") or written.endswith("during")


# -- within QuickBooks -------------------------------------------------------------------------------------------


def _within(opened: Opened, text: str, around: Callable[[Context, Mapping[str, Any], Handler], Answer]) -> str:
    """Have a document processed with something around each of its requests."""
    session = opened.session
    if not isinstance(session, Session):
        raise UnknownFault("what happens within QuickBooks needs a company of the simulator's")
    session.around = around
    try:
        return opened.process(text)
    finally:
        session.around = None


def _locked(code: int) -> Callable[[Context, Mapping[str, Any], Handler], Answer]:
    def around(context: Context, content: Mapping[str, Any], handler: Handler) -> Answer:
        if not context.name.endswith("Query"):
            raise RequestError(code, value=_named(content) or context.name)
        return handler(context, content)

    return around


def _named(content: Mapping[str, Any]) -> str:
    """What a change is about: an id, or a name."""
    for value in (content, *content.values()):
        if isinstance(value, Mapping):
            for field in ("ListID", "TxnID", "Name", "RefNumber"):
                if value.get(field):
                    return str(value[field])
    return ""


def _dies_at(last: int) -> Callable[[Context, Mapping[str, Any], Handler], Answer]:
    """QuickBooks ends in the last request, whose work is done and not kept."""
    begun = 0

    def around(context: Context, content: Mapping[str, Any], handler: Handler) -> Answer:
        nonlocal begun
        begun += 1
        answer = handler(context, content)
        if begun >= last:
            raise gone()
        return answer

    return around


def _restore(desk: Desk, path: str, copy: Path) -> None:
    """Put a company file back to a copy of it."""
    with desk.lent(path) as company:
        if not isinstance(company, Company):
            raise UnknownFault(f"restored-backup: {path} is no company file that can be put back")
        company.restore(copy)
