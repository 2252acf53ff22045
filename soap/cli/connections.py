"""The commands about connections: add, password, list, remove, pause, resume, and the ``.qwc`` file."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from qbxml.commandline import CommandError

from .. import qwc as qwc_files
from . import EXIT_GOOD, complain
from .common import database, known, say, say_json, say_table

if TYPE_CHECKING:
    import argparse

    from ..accounts import SQLAccount
    from ..queue import SQLQueue

#: So many message sets that wait are counted.
MOST_COUNTED = 1000


def add(options: argparse.Namespace) -> int:
    """``connection add``."""
    password = _password_of(options)
    more = {} if options.app_name is None else {"app_name": options.app_name}
    with database(options, make=True) as (_, accounts):
        try:
            account, generated = accounts.add(
                options.name,
                options.user,
                password,
                company_file=options.company_file,
                owner_id=options.owner_id,
                file_id=options.file_id,
                any_company_file=options.any_company_file,
                minimum_run_every=options.minimum_run_every,
                **more,
            )
        except ImportError as error:  # of what hashes chosen passwords
            raise CommandError(str(error)) from None
    _say_password(account.username, generated)
    return EXIT_GOOD


def password(options: argparse.Namespace) -> int:
    """``connection password``."""
    given = _password_of(options)
    with database(options) as (_, accounts):
        try:
            generated = accounts.set_password(options.name, given)
        except ImportError as error:  # of what hashes chosen passwords
            raise CommandError(str(error)) from None
    _say_password(options.name, generated)
    return EXIT_GOOD


def _say_password(whose: str, generated: str | None) -> None:
    if generated is not None:
        # By itself, so that a script can take it as it is.
        say(generated)
        if sys.stderr.isatty():
            complain(f"this is the password of {whose!r}; it is shown now and never again")


def _password_of(options: argparse.Namespace) -> str | None:
    """The password that was given, if one was. Raises :class:`CommandError`."""
    if not options.password_stdin:
        given: str | None = options.password
        return given
    if sys.stdin is None or sys.stdin.closed:
        raise CommandError("there is no standard input to read the password from")
    try:
        return sys.stdin.buffer.read(1 << 16).decode().removesuffix("\n").removesuffix("\r")
    except UnicodeDecodeError:
        raise CommandError("the password on standard input is not in UTF-8") from None


def list_all(options: argparse.Namespace) -> int:
    """``connection list``."""
    with database(options) as (queue, accounts):
        found = [_listed(queue, account) for account in accounts.list()]
    if options.json:
        say_json(found)
        return EXIT_GOOD
    rows = [
        [
            one["connection"],
            one["username"],
            "paused" if one["paused"] else "",
            str(one["waiting"]),
            (one["seen_at"] or "never")[:19],
            one["company_file"] or "the one that is open",
        ]
        for one in found
    ]
    say_table(["CONNECTION", "USER", "", "WAITING", "SEEN (UTC)", "COMPANY FILE"], rows)
    return EXIT_GOOD


def _listed(queue: SQLQueue, account: SQLAccount) -> dict[str, Any]:
    """What is told of a connection: everything but the password's hash."""
    from ..queue.intake import moment

    row = queue.connection(account.connection)
    seen = None if row is None else moment(row.seen_at)
    return {
        "connection": account.connection,
        "username": account.username,
        "company_file": account.company_file,
        "app_name": account.app_name,
        "owner_id": account.owner_id,
        "file_id": account.file_id,
        "any_company_file": account.any_company_file,
        "minimum_run_every": account.minimum_run_every,
        "created_at": account.created_at.isoformat(),
        "paused": row is not None and row.paused,
        # Also while it is paused: this is what would be handed out then.
        "waiting": queue.store.waiting(account.connection, MOST_COUNTED),
        "seen_at": None if seen is None else seen.isoformat(),
        "version": None if row is None else row.version,
        "edition": None if row is None else row.edition,
    }


def remove(options: argparse.Namespace) -> int:
    """``connection remove``."""
    with database(options) as (_, accounts):
        accounts.remove(options.name)
    return EXIT_GOOD


def pause(options: argparse.Namespace) -> int:
    """``connection pause``."""
    with database(options) as (queue, accounts):
        queue.pause(known(queue, accounts, options.name))
    return EXIT_GOOD


def resume(options: argparse.Namespace) -> int:
    """``connection resume``."""
    with database(options) as (queue, accounts):
        queue.resume(known(queue, accounts, options.name))
    return EXIT_GOOD


#: The options of ``qwc`` that are arguments of :func:`soap.qwc.build` of the same name.
_SAME = (
    "app_id",
    "description",
    "qb_type",
    "run_every_n_minutes",
    "run_every_n_seconds",
    "style",
    "auth_flags",
    "unattended_mode",
    "personal_data",
    "notify",
    "display_name",
    "unique_name",
    "certificate_url",
)


def qwc(options: argparse.Namespace) -> int:
    """``qwc``."""
    with database(options) as (_, accounts):
        account = accounts.get(options.name)
    if account is None:
        raise CommandError(f"there is no connection {options.name!r}; `connection add` makes one")
    owner_id, file_id = account.identifiers
    file = qwc_files.build(
        app_name=options.app_name or account.app_name,
        url=options.url,
        username=account.username,
        owner_id=owner_id,
        file_id=file_id,
        support_url=options.support_url or page_beside(options.url),
        **{name: getattr(options, name) for name in _SAME},
    )
    for problem in qwc_files.problems(file):
        complain(str(problem))  # only warnings are left
    if options.out is None:
        sys.stdout.flush()
        sys.stdout.buffer.write(file)
        return EXIT_GOOD
    try:
        Path(options.out).write_bytes(file)
    except OSError as error:
        raise CommandError(f"{options.out}: {error.strerror}") from None
    return EXIT_GOOD


def page_beside(url: str) -> str | None:
    """The support page of an endpoint that ``serve`` serves; ``None`` where the address is another's."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return None  # for `build` to complain of
    before, found, after = parts.path.rstrip("/").rpartition("/qbwc")
    return parts._replace(path=f"{before}/", query="", fragment="").geturl() if found and not after else None
