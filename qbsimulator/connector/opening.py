"""Between ``authenticate`` and the first ``sendRequestXML``: the company file is opened, locked, and asked."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from ..errors import QuickBooksError
from .desk import Desk, Opened
from .documents import LOCK, Fields, Host, about, host
from .habits import Habits
from .home import Application
from .interference import Interference

#: Ticks of .NET, of which a second has so many, begin with the year 1.
_TICKS = 10_000_000
_TICKS_AT_1970 = 621_355_968_000_000_000

_T = TypeVar("_T")

Say = Callable[[str], object]


@dataclass(slots=True)
class Connection:
    """QuickBooks with a company file open. ``hcp`` answers the queries for host, company and preferences."""

    opened: Opened
    host: Host
    hcp: str
    _fields: Fields
    _locked: bool
    _say: Say

    def release(self) -> bool:
        """Give the lock back and close the company file; whether that went well."""
        good = True
        try:
            if self._locked:
                status = self._fields.write(LOCK, "UNLOCKED", known=True)
                good = status.code == 0
        except QuickBooksError as error:
            self._say(f"{LOCK} was not given back: {error}")
            good = False
        finally:
            self.opened.end()
        return good


class Unanswered(QuickBooksError):
    """The company file is open, and the queries for host, company and preferences failed."""


def connect(
    desk: Desk,
    application: Application,
    asked: str,
    *,
    now: float,
    habits: Habits,
    interference: Interference,
    say: Say,
) -> Connection:
    """Open a company file for an application. Raises :class:`~qbsimulator.errors.QuickBooksError`."""
    opened = _opened(desk, application, asked, habits, interference, say)
    try:
        said = _asked(lambda: host(opened.process))
        flags = application.qwc.auth_flags & 0xF
        if flags and said.edition_flag and not flags & said.edition_flag:
            raise QuickBooksError("0x8004041F", "This edition of QuickBooks is not among those of the application.")
        fields = Fields(opened.process, said.version, application.qwc.owner_id)
        locked = _lock(fields, now, habits, say)
        hcp = _asked(lambda: opened.process(about(said.version, application.qwc.owner_id)))
    except BaseException:
        opened.end()
        raise
    return Connection(opened, said, hcp, fields, locked, say)


def _opened(
    desk: Desk, application: Application, asked: str, habits: Habits, interference: Interference, say: Say
) -> Opened:
    attempt = 0
    while True:
        attempt += 1
        try:
            interference.opening(attempt)
            personal_data = False if application.qwc.personal_data == "pdpNotNeeded" else None
            return desk.begin(asked, application.company_file, application.name, personal_data=personal_data)
        except QuickBooksError as error:
            say(f"The company file {asked or '(the open one)'} was not opened: {error}")
            if attempt >= habits.opening_tries:
                raise


def _asked(ask: Callable[[], _T]) -> _T:
    try:
        return ask()
    except QuickBooksError as error:
        raise Unanswered(error.hresult, error.message) from error


def _lock(fields: Fields, now: float, habits: Habits, say: Say) -> bool:
    """Take the lock, a private field of the company. One that can't be written is noted, and does without.

    Raises :class:`~qbsimulator.errors.QuickBooksError` where another machine has it.
    """
    held = fields.read()
    holder, taken = _holder(held.get(LOCK, ""))
    if holder and holder != habits.machine and now - taken < habits.lock_expires:
        raise QuickBooksError("0x8004041B", f"The lock {LOCK} is held by the machine {holder}.")
    if holder:
        say(f"{LOCK} was left behind by {holder}; it is taken over")
    ticks = int(now * _TICKS) + _TICKS_AT_1970
    status = fields.write(LOCK, f"LOCKED:{habits.machine}:{ticks}", known=LOCK in held)
    if status.code:
        say(f"{LOCK} could not be written, status {status.code}: {status.message}")
    return status.code == 0


def _holder(value: str) -> tuple[str, float]:
    """Who has the lock, and since when."""
    state, _, rest = value.partition(":")
    machine, _, ticks = rest.rpartition(":")
    if state != "LOCKED" or not ticks.isdecimal():
        return "", 0.0
    return machine, (int(ticks) - _TICKS_AT_1970) / _TICKS
