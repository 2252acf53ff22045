"""What a Web Connector remembers: its applications, their passwords, when they ran; and that one update runs at a time.

With a folder all of it is in ``applications.json``, which only its owner may read, for the passwords are in it.
"""

from __future__ import annotations

import json
import os
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from . import qwc
from .codes import ConnectorError
from .qwc import Qwc

_FILE_NAME = "applications.json"
_LOCK_NAME = "update.lock"


@dataclass(slots=True)
class Application:
    """An application that was added. Times are seconds since 1970."""

    qwc: Qwc
    #: The path of the company file as the server is told it.
    company_file: str
    password: str | None = None
    #: Seconds between updates, the user's *Every_Min*; ``None``: it runs by no schedule.
    every: float | None = None
    #: Whether it runs by its schedule at all.
    auto_run: bool = True
    last_run: float | None = None
    #: When it is to run next; ``None``: as soon as may be.
    next_run: float | None = None
    #: What the window shows of the last update.
    status: str = ""

    @property
    def name(self) -> str:
        """AppName, by which it is known here and in QuickBooks."""
        return self.qwc.app_name


class Home:
    """Where the applications are kept: a folder, or for ``None`` memory only."""

    def __init__(self, folder: Path | None) -> None:
        self.folder = folder
        self._running = threading.Lock()
        self.applications: dict[str, Application] = {}
        if folder is not None:
            folder.mkdir(parents=True, exist_ok=True)
            self.load()

    def load(self) -> None:
        """Read the applications anew. Raises :class:`ConnectorError` for a file that is not ours."""
        if self.folder is not None:
            self.applications = self._kept(self.folder / _FILE_NAME)

    def keep(self, application: Application, *, new: bool = False) -> None:
        """Write what became of an application. One that another process has removed stays so, unless it is ``new``."""
        if new:
            self.applications[application.name] = application
        if self.folder is None:
            return
        there = self._kept(self.folder / _FILE_NAME)
        if new or application.name in there:
            self._write(self.folder / _FILE_NAME, {**there, application.name: application})

    def forget(self, name: str) -> None:
        """Remove an application."""
        del self.applications[name]
        if self.folder is not None:
            there = self._kept(self.folder / _FILE_NAME)
            there.pop(name, None)
            self._write(self.folder / _FILE_NAME, there)

    def _kept(self, path: Path) -> dict[str, Application]:
        if not path.exists():
            return {}
        try:
            kept = json.loads(path.read_text("utf-8"))
            found = [_application(one) for one in kept["applications"]]
        except (ValueError, KeyError, TypeError) as error:
            raise ConnectorError(None, f"{path}: it can't be read: {error}") from None
        return {one.name: one for one in found}

    def _write(self, path: Path, applications: dict[str, Application]) -> None:
        """Write all of them, or nothing."""
        plain = {"applications": [_plain(one) for one in applications.values()]}
        begun = path.with_suffix(f".{os.getpid()}")
        with open(os.open(begun, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
            json.dump(plain, file, indent=1)
            file.flush()
            os.fsync(file.fileno())
        os.replace(begun, path)

    @contextmanager
    def updating(self) -> Iterator[bool]:
        """Hold the right to update, in this process and among all that have this folder. ``False``: somebody has it."""
        if not self._running.acquire(blocking=False):
            yield False
            return
        try:
            if self.folder is None:
                yield True
                return
            # A lock in the operating system, which goes with the process that holds it.
            with closing(sqlite3.connect(self.folder / _LOCK_NAME, timeout=0, isolation_level=None)) as lock:
                try:
                    lock.execute("BEGIN EXCLUSIVE")
                except sqlite3.OperationalError:
                    yield False
                    return
                yield True
        finally:
            self._running.release()


def _plain(one: Application) -> dict[str, Any]:
    fields = ("company_file", "password", "every", "auto_run", "last_run", "next_run", "status")
    return {"qwc": one.qwc.text, **{name: getattr(one, name) for name in fields}}


def _application(plain: dict[str, Any]) -> Application:
    return Application(**{**plain, "qwc": qwc.read(plain["qwc"])})
