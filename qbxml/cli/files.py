"""What commands read and write: files, standard input, standard output."""

from __future__ import annotations

import contextlib
import sys

from ..commandline import CommandError
from . import EXIT_UNREADABLE

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator
    from typing import Any, BinaryIO

#: Marks that may stand before the first character of a file: those of UTF-8 and both UTF-16.
_MARKS = b"\xef\xbb\xbf\xff\xfe\x00"


@contextlib.contextmanager
def opened(options: argparse.Namespace, name: str) -> Iterator[BinaryIO]:
    """A file, or standard input for ``-``, to read bytes from. Raises :class:`CommandError`.

    The name is kept in ``options.current`` for errors about what is in it.
    """
    options.current = "standard input" if name == "-" else name
    try:
        if name == "-":
            if sys.stdin is None or sys.stdin.closed:
                raise CommandError("there is no standard input", EXIT_UNREADABLE)
            yield sys.stdin.buffer
        else:
            with open(name, "rb") as file:
                yield file
    except BrokenPipeError:
        raise
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise CommandError(f"{options.current}: {reason}", EXIT_UNREADABLE) from None


def read(options: argparse.Namespace, name: str) -> bytes:
    """All that is in a file or comes from standard input. Raises :class:`CommandError`."""
    with opened(options, name) as file:
        return file.read()


def is_json(data: bytes) -> bool:
    """Whether data begins as JSON does; all else is taken for a document."""
    return data[:4096].lstrip(_MARKS + b" \t\r\n")[:1] in (b"{", b"[")


@contextlib.contextmanager
def output(options: argparse.Namespace) -> Iterator[BinaryIO]:
    """The file of ``--output``, or standard output, to write bytes to. Raises :class:`CommandError`."""
    name = getattr(options, "output", "-")
    if name == "-":
        # Bytes as they are: no other encoding, and no other line ends on Windows.
        sys.stdout.flush()
        yield sys.stdout.buffer
        return
    try:
        with open(name, "wb") as file:
            yield file
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise CommandError(f"{name}: {reason}", EXIT_UNREADABLE) from None


def write(options: argparse.Namespace, data: bytes | str) -> None:
    """Write to ``--output``, or to standard output. Raises :class:`CommandError`."""
    if isinstance(data, str) and getattr(options, "output", "-") == "-":
        sys.stdout.write(data)
        return
    with output(options) as file:
        file.write(encoded(data) if isinstance(data, str) else data)


def encoded(text: str) -> bytes:
    """Text in UTF-8; what is no character is escaped."""
    return text.encode("utf-8", "backslashreplace")


def write_json(options: argparse.Namespace, value: Any, *, compact: bool = False) -> None:
    """Write plain data as JSON. What has no JSON form is written as its text."""
    import json

    text = json.dumps(value, ensure_ascii=False, indent=None if compact else 2, default=str)
    write(options, f"{text}\n")
