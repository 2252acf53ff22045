"""What the command lines of all packages have in common: exit codes, errors as one line each, and streams.

What a command does, its options and its own exit codes stand with each package.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from typing import Any

#: What a shell reports of a program that was ended by an interrupt, or by a pipe that nobody reads.
EXIT_INTERRUPTED = 130
EXIT_BROKEN_PIPE = 141


class CommandError(Exception):
    """A command can't do what was asked; the text is for the user, ``code`` is the exit code."""

    def __init__(self, text: str, code: int = 1) -> None:
        super().__init__(text)
        self.code = code


def complain(program: str, text: str) -> None:
    """Write one line to standard error."""
    sys.stderr.write(f"{program}: {' '.join(text.splitlines())}\n")


def run(
    program: str,
    parser: Callable[[], argparse.ArgumentParser],
    arguments: Sequence[str] | None,
    told: Callable[[Exception, argparse.Namespace], tuple[Sequence[object], int] | None],
) -> int:
    """Run the command whose function is ``options.run``, and return its exit code.

    ``told`` makes lines and an exit code of an exception, or ``None`` of one that is no business of the user's: that is
    raised. Raises ``SystemExit`` for ``--help`` and a wrong command line.
    """
    for stream in (sys.stdout, sys.stderr):
        _prepare(stream)
    options = parser().parse_args(arguments)
    try:
        code: int = options.run(options)
        sys.stdout.flush()
    except BrokenPipeError:
        # Whoever read our output has gone, as `head` does. Python would complain once more at its end.
        with contextlib.suppress(OSError, ValueError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return EXIT_BROKEN_PIPE
    except KeyboardInterrupt:
        return EXIT_INTERRUPTED
    except Exception as error:
        said = ([error], error.code) if isinstance(error, CommandError) else told(error, options)
        if said is None:
            raise
        lines, code = said
        for line in lines:
            complain(program, str(line))
    return code


def top_parser(
    program: str, name: str, description: str, exit_codes: Mapping[int, str], more: str
) -> argparse.ArgumentParser:
    """A parser without commands yet. ``--help`` ends with the exit codes and ``more``, ``--version`` shows ``name``."""
    from . import __version__

    codes = "\n".join(f"  {code}  {meaning}" for code, meaning in exit_codes.items())
    top = argparse.ArgumentParser(
        prog=program,
        description=description,
        epilog=f"exit codes:\n{codes}\n\n{more}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    top.add_argument("--version", action="version", version=f"{name} {__version__} (OpenQBD)")
    return top


def commands_of(top: argparse.ArgumentParser) -> Any:
    """Where the commands of a parser are added. One has to be given."""
    return top.add_subparsers(required=True, metavar="COMMAND", title="commands")


def _prepare(stream: Any) -> None:
    """Let any text be written: output that is no terminal's is UTF-8, and what can't be encoded is escaped."""
    try:
        if stream.isatty() or stream is sys.stderr:
            stream.reconfigure(errors="backslashreplace")
        else:
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")
    except (AttributeError, ValueError):
        pass  # a stream of the caller's own, or none
