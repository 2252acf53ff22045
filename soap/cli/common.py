"""What the commands have in common: the database, the connections in it, and what is written."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from qbxml.commandline import CommandError

from . import EXIT_CANNOT_SERVE

if TYPE_CHECKING:
    import argparse

    from ..accounts import SQLAccounts
    from ..queue import SQLQueue


@contextmanager
def database(options: argparse.Namespace, *, make: bool = False) -> Iterator[tuple[SQLQueue, SQLAccounts]]:
    """The queue of ``--database`` and its accounts, closed at the end.

    ``make`` allows a file that is not there yet; without it a wrong folder would be told by an empty queue. Raises
    :class:`CommandError` and :class:`~soap.errors.StoreUnusable`.
    """
    try:
        from sqlalchemy import make_url
        from sqlalchemy.exc import ArgumentError, SQLAlchemyError
    except ImportError:
        missing = "the database needs SQLAlchemy: pip install 'openqbd[sql]'"
        raise CommandError(missing, EXIT_CANNOT_SERVE) from None
    from ..accounts import SQLAccounts
    from ..queue import SQLQueue

    try:
        url = make_url(options.database)
    except ArgumentError:
        # Without its text: whatever it is, there may be a password in it.
        wrong = "--database is no URL; write sqlite:///FILE or postgresql://USER@HOST/NAME"
        raise CommandError(wrong, EXIT_CANNOT_SERVE) from None
    if not make and url.get_backend_name() == "sqlite" and url.database and not Path(url.database).exists():
        where = Path(url.database).absolute()
        absent = f"there is no database {where}; `connection add` makes one, and --database names another"
        raise CommandError(absent, EXIT_CANNOT_SERVE)
    queue = SQLQueue(url)
    try:
        yield queue, SQLAccounts(queue)
    except SQLAlchemyError as error:
        reason = str(getattr(error, "orig", None) or error)
        raise CommandError(f"the database can't be used: {reason}", EXIT_CANNOT_SERVE) from None
    finally:
        queue.close()


def known(queue: SQLQueue, accounts: SQLAccounts, name: str) -> str:
    """A connection that is there, be it that a program signs in its user in a way of its own.

    Raises :class:`CommandError` for one that nobody knows: it is a mistake in writing, and a request to it would wait
    for ever.
    """
    if accounts.get(name) is None and queue.connection(name) is None and not queue.find(name, limit=1):
        raise CommandError(f"there is no connection {name!r}; `connection list` has those that are there")
    return name


def say(text: str) -> None:
    """Write a line to standard output."""
    sys.stdout.write(f"{text}\n")


def say_json(value: Any) -> None:
    """Write plain data as JSON to standard output."""
    say(json.dumps(value, ensure_ascii=False, indent=2))


def say_table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Write rows under a head, each column as wide as the widest in it but the last."""
    if not rows:
        return
    widths = [max(len(row[column]) for row in [head, *rows]) for column in range(len(head))]
    for row in [head, *rows]:
        say("  ".join(text.ljust(width) for text, width in zip(row, widths, strict=True)).rstrip())
