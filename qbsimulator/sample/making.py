"""The making of the sample company: its script is processed as qbXML, request by request, each at its own second.

The file is made in a folder of its own beside its place, without waiting for the disk after each request, and put in
its place when it is whole and safe: it is there as a whole, or not at all.
"""

from __future__ import annotations

import dataclasses
import os
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import qbxml
from qbxml.model import Record
from qbxml.schema import Schema

from ..company import Company
from ..errors import SimulatorError, UnusableFile
from ..settings import Settings
from . import plan
from .history import steps
from .step import Of, Step, moment

#: The version of qbXML that the sample is written in.
VERSION = "16.0"
#: The sample's own present: the end of its last working day.
TODAY = moment("2023-12-15T17:00:00")


class NotMade(SimulatorError):
    """A request of the sample's script was not done. ``key`` names its step, ``request`` is its document."""

    def __init__(self, key: str, request: bytes, code: int, message: str) -> None:
        super().__init__(f"{key}: {code} {message}")
        self.key, self.request, self.code, self.message = key, request, code, message


class Making:
    """A company file in the making. ``time`` is what its clock shows: the time of the step at work."""

    def __init__(self, path: Path, settings: Settings) -> None:
        self.time = 0.0
        self.company = Company.create(path, clock=lambda: self.time, settings=settings)
        self.company._storage.hurry()
        self._session = self.company.session()
        self._schema = Schema(VERSION, settings.country)
        self._records: dict[str, Record] = {}

    def close(self) -> None:
        """Close the file."""
        self.company.close()

    def do(self, script: Iterable[Step]) -> None:
        """Do the steps of a script. Raises :class:`NotMade` for the first that fails."""
        for step in script:
            document = qbxml.build(step.request(self.known), schema=self._schema)
            self.time = float(step.at)
            answer = qbxml.parse(self._session.process(document))[0]
            if answer.status_code != 0:
                raise NotMade(step.key, document, answer.status_code, answer.status_message)
            if answer.records:
                self._records[step.key] = answer.records[0]

    def known(self, of: Of) -> Any:
        """A value from the record that an earlier answer held."""
        value: Any = self._records[of.key]
        for part in of.path:
            value = value[part]
        return value


def build(path: str | Path, *, settings: Settings | None = None) -> None:
    """Make the file of the sample company.

    ``settings`` are those that it has in the end: where they are the usual ones, it has its own. Raises
    :class:`~qbsimulator.errors.UnusableFile` where there is a file already or none can be made, and :class:`NotMade`
    for a request that is not done.
    """
    target = Path(path)
    if target.exists():
        raise UnusableFile(str(target), "there is such a file already")
    try:
        with tempfile.TemporaryDirectory(prefix=f".{target.name}.", dir=target.parent) as folder:
            made = Path(folder) / "company"
            making = Making(made, Settings(**plan.SETTINGS))
            try:
                making.do(steps())
                making.company.configure(**{**plan.AFTERWARDS, **_given(settings)})
            finally:
                making.close()
            _to_disk(made)
            os.replace(made, target)
            _to_disk(target.parent)
    except OSError as error:
        raise UnusableFile(str(target), f"it can't be made: {error}") from None


def _given(settings: Settings | None) -> dict[str, Any]:
    """The settings that are not the usual ones."""
    if settings is None:
        return {}
    given, usual = dataclasses.asdict(settings), dataclasses.asdict(Settings())
    return {name: value for name, value in given.items() if value != usual[name]}


def _to_disk(path: Path) -> None:
    """Wait until a file or a folder is on the disk."""
    if path.is_dir() and os.name == "nt":
        return  # Windows has no such thing for folders
    handle = os.open(path, os.O_RDONLY if path.is_dir() else os.O_RDWR)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
