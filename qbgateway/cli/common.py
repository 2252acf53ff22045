"""What the commands have in common: the gateway of the options, and what is written."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError

from qbxml.commandline import CommandError
from soap.queue import SQLQueue

from ..errors import Unusable
from ..service import Gateway, Settings
from ..tokens import instance_secret
from . import EXIT_CANNOT_SERVE

#: The database in the data folder.
DATABASE_FILE = "gateway.db"


def database_url(options: argparse.Namespace) -> URL:
    """The database of the options; the data folder is made where it is in it. Raises :class:`CommandError`."""
    if options.database:
        try:
            return make_url(options.database)
        except ArgumentError:
            # Without its text: whatever it is, there may be a password in it.
            wrong = "--database is no URL; write postgresql://USER@HOST/NAME or sqlite:///FILE"
            raise CommandError(wrong, EXIT_CANNOT_SERVE) from None
    try:
        options.data.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise Unusable(f"the data folder {options.data} can't be made: {error.strerror}") from None
    return URL.create("sqlite", database=str(options.data / DATABASE_FILE))


@contextmanager
def gateway(
    options: argparse.Namespace, settings: Settings | None = None, *, migrate: bool = False
) -> Iterator[Gateway]:
    """The gateway of the options, closed at the end.

    Raises :class:`CommandError`, :class:`~qbgateway.errors.Unusable`, :class:`soap.errors.StoreUnusable`.
    """
    url = database_url(options)
    instance = instance_secret(options.data)
    queue = SQLQueue(url)
    try:
        yield Gateway(queue, Settings("http://localhost"), instance, migrate=migrate)
    finally:
        queue.close()


def say(text: str) -> None:
    """Write a line to standard output."""
    sys.stdout.write(f"{text}\n")


def say_rows(options: argparse.Namespace, head: Sequence[str], rows: Sequence[Sequence[str | None]]) -> None:
    """Write rows as a table, or with ``--json`` as objects."""
    if options.json:
        say(json.dumps([dict(zip(head, row, strict=True)) for row in rows], ensure_ascii=False, indent=2))
        return
    shown = [[text or "-" for text in row] for row in rows]
    widths = [max(len(row[column]) for row in [head, *shown]) for column in range(len(head))]
    for row in [head, *shown] if shown else []:
        say("  ".join(text.ljust(width) for text, width in zip(row, widths, strict=True)).rstrip())


def say_values(options: argparse.Namespace, values: dict[str, Any]) -> None:
    """Write named values, one to a line, or with ``--json`` as an object."""
    if options.json:
        say(json.dumps(values, ensure_ascii=False, indent=2))
        return
    width = max(map(len, values))
    for name, value in values.items():
        say(f"{name.ljust(width)}  {value}")
