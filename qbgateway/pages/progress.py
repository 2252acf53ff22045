"""How far somebody is who connects a QuickBooks, and what is wrong, in words for that person.

The same goes out as JSON and stands on the page. What stands here knows the HRESULTs that a person at the computer can
do something about; the others are told as the codec's table has them.
"""

from __future__ import annotations

from dataclasses import dataclass

import qbxml

from ..service import Standing, Step, Visit
from ..service.connections import WRONG_FILE


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that has to happen: a name for programs, a text for people, and whether it has."""

    name: str
    text: str
    is_done: bool


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong and what to do. ``code`` is a name for programs; ``detail`` is QuickBooks' own code, or ``""``."""

    code: str
    title: str
    advice: str
    detail: str = ""


_WRONG_PASSWORD = Problem(
    "wrong_password",
    "The password does not match",
    "The Web Connector called with another password than the newest one made here. Click on the password in the Web "
    "Connector, paste the one shown on this page, press Enter, and update again. If you no longer have it, make a new "
    "one.",
)
_FILE = Problem(
    "wrong_file",
    "Another company file is open",
    "The company file that is open in QuickBooks is not the one that this connection was added for. Open the right "
    "one, and press Update Selected again. Nothing was sent to the other file.",
)
_NO_FILE = Problem(
    "no_file",
    "No company file is open",
    "Open the company file in QuickBooks, and press Update Selected again.",
)
_ADMINISTRATOR = Problem(
    "not_administrator",
    "The administrator has to allow it first",
    "Sign in to the company file in QuickBooks as Admin, in single-user mode, and press Update Selected again. When "
    "QuickBooks asks, choose “Yes, always; allow access even if QuickBooks is not running”.",
)
_DENIED = Problem(
    "access_denied",
    "QuickBooks was told to refuse access",
    "As Admin, open Edit ▸ Preferences ▸ Integrated Applications ▸ Company Preferences in QuickBooks, tick the "
    "application in the list, and press Update Selected again.",
)
_LOGIN = Problem(
    "no_automatic_login",
    "QuickBooks is closed, and access is allowed only while it is open",
    "Open the company file in QuickBooks. To have it work while QuickBooks is closed, too: as Admin, open Edit ▸ "
    "Preferences ▸ Integrated Applications ▸ Company Preferences, choose the application, then Properties, and tick "
    "“Allow this application to login automatically”.",
)
_DIALOG = Problem(
    "dialog_open",
    "A window in QuickBooks waits for an answer",
    "QuickBooks accepts nothing while a message or a dialog is open. Look for it, also behind other windows, answer or "
    "close it, and press Update Selected again.",
)
_MODE = Problem(
    "other_mode",
    "The company file is in use in another mode",
    "Somebody has the company file open in single-user mode. Switch it to multi-user mode (File ▸ Switch to "
    "Multi-user Mode), or have it closed there, and press Update Selected again.",
)
_NOT_RUNNING = Problem(
    "quickbooks_not_running",
    "QuickBooks could not be started",
    "Open QuickBooks and the company file by hand, wait until it is ready, and press Update Selected again.",
)

_SILENT = Problem(
    "web_connector_silent",
    "The Web Connector is not heard of any more",
    "It signed in once and has not called since. Leave it open, tick the application and Auto-Run in it, and press "
    "Update Selected again.",
)

#: What is told of what the Web Connector reports when a company file can't be opened.
_TROUBLES = {
    WRONG_FILE: _FILE,
    "0x8004040A": _FILE,
    "0x80040416": _NO_FILE,
    "0x80040417": _NO_FILE,
    "0x80040418": _ADMINISTRATOR,
    "0x8004041A": _DENIED,
    "0x80040420": _DENIED,
    "0x8004041D": _LOGIN,
    "0x80040414": _DIALOG,
    "0x80040410": _MODE,
    "0x80040422": _MODE,
    "0x80040401": _NOT_RUNNING,
    "0x80040408": _NOT_RUNNING,
    "0x80040424": _NOT_RUNNING,
}

_ACCEPTED = (Step.PASSWORD_ACCEPTED, Step.FINISHED)


def checks(visit: Visit) -> tuple[Check, ...]:
    """What has to happen, in order."""
    accepted, called = visit.step in _ACCEPTED, visit.step is Step.FILE_ADDED or _called(visit) is not None
    return (
        Check("file_added", "The file was added to the Web Connector", accepted or called),
        Check("password_accepted", "The password was accepted", accepted),
        Check("quickbooks_answered", "QuickBooks answered", visit.step is Step.FINISHED),
    )


def problem(visit: Visit, standing: Standing) -> Problem | None:
    """What is wrong since the link was made; ``None`` where nothing is known to be. ``standing``: its connection's."""
    connection, session = visit.connection, visit.session
    if connection is None or visit.step is Step.FINISHED:
        return None
    refused, trouble = connection.refused_at, connection.trouble_at
    if trouble is not None and trouble >= session.created_at and trouble >= (refused or 0.0):
        return _of_trouble(connection.trouble or "")
    # A password that was made since is another matter.
    if refused is not None and refused >= (session.begun_at or session.created_at):
        return _WRONG_PASSWORD
    return _SILENT if visit.step is Step.PASSWORD_ACCEPTED and standing is Standing.NOT_ACTIVE else None


def _of_trouble(code: str) -> Problem:
    known = _TROUBLES.get(code)
    if known is not None:
        detail = "" if code == WRONG_FILE else code
        return Problem(known.code, known.title, known.advice, detail)
    row = qbxml.hresult(code)
    advice = f"{row.meaning} {row.advice}".strip()
    return Problem("quickbooks_unavailable", "QuickBooks could not be reached", advice, row.code)


def _called(visit: Visit) -> float | None:
    """When a Web Connector last called with this connection's name, since the link was made."""
    connection = visit.connection
    if connection is None:
        return None
    last = max(connection.seen_at or 0.0, connection.refused_at or 0.0)
    return last if last >= visit.session.created_at else None
