"""QuickBooks on the machine of the Web Connector: company files, which of them is open, and sessions with it."""

from __future__ import annotations

import codecs
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from ..company import Company
from ..errors import QuickBooksError, SimulatorError, parse_error
from .times import Time


class CompanySession(Protocol):
    """A session with a company."""

    def process(self, data: bytes, /) -> bytes:
        """Answer a document. Raises :class:`~qbsimulator.errors.QuickBooksError`."""
        ...


class CompanyFile(Protocol):
    """A company: :class:`~qbsimulator.Company`, or whatever stands in for it."""

    def session(self, application: str, /) -> CompanySession:
        """Begin a session for an application."""
        ...


@dataclass(slots=True)
class Opened:
    """A company file that is open for one application, and the session with it."""

    path: str
    company: CompanyFile
    begin: Callable[[], CompanySession]
    #: Closes the file, where it was opened for this session.
    end: Callable[[], None]
    #: QuickBooks is gone: nothing answers any more.
    dead: bool = False
    session: CompanySession = field(init=False)

    def __post_init__(self) -> None:
        """Begin the session."""
        self.renew()

    def process(self, text: str) -> str:
        """Answer a document that came as text. Raises :class:`~qbsimulator.errors.QuickBooksError`."""
        if self.dead:
            raise gone()
        return self.session.process(encoded(text)).decode("utf-8")

    def renew(self) -> None:
        """Begin another session in place of this one, whose iterators are gone."""
        self.session = self.begin()


def gone() -> QuickBooksError:
    """QuickBooks ended while it was being talked to."""
    return QuickBooksError("0x80010105", "The server threw an exception.")


class Desk:
    """The company files of a machine. An application finds its own open, unless :attr:`open_file` says which is.

    ``running`` tells whether QuickBooks runs: if it does not, it starts for who names a file.
    """

    def __init__(self, clock: Time) -> None:
        self.clock = clock
        self._companies: dict[str, CompanyFile] = {}
        self.open_file: str | None = None
        self.running = True

    def put(self, path: str, company: CompanyFile) -> None:
        """Have a company at a path, without looking for a file there."""
        self._companies[_key(path)] = company

    def begin(self, asked: str, own: str, application: str, *, personal_data: bool | None = None) -> Opened:
        """Open a company file and begin a session. ``asked`` ``""`` is the one that is open.

        ``personal_data``: whether the application may see such; ``None``: as the company says.
        Raises :class:`~qbsimulator.errors.QuickBooksError`.
        """
        open_file = own if self.open_file is None else self.open_file
        if not asked and not self.running:
            text = "If QuickBooks is not running, a call must name the company file."
            raise QuickBooksError("0x80040416", text)
        if not asked and not open_file:
            raise QuickBooksError("0x80040417", "No company file is open, and the call names none.")
        if asked and self.running and open_file and _key(asked) != _key(open_file):
            text = "A QuickBooks company data file is already open and it is different from the one requested."
            raise QuickBooksError("0x8004040A", text)
        return self._opened(asked or open_file, application, personal_data)

    @contextmanager
    def lent(self, path: str) -> Iterator[CompanyFile]:
        """The company at a path. Raises :class:`~qbsimulator.errors.QuickBooksError`."""
        opened = self._opened(path, "", None)
        try:
            yield opened.company
        finally:
            opened.end()

    def _opened(self, path: str, application: str, personal_data: bool | None) -> Opened:
        known = self._companies.get(_key(path))
        if known is not None:
            return Opened(path, known, _beginning(known, application, personal_data), lambda: None)
        try:
            company = Company.open(Path(path), clock=self.clock)
        except SimulatorError as error:
            raise QuickBooksError("0x80040403", f"Unable to open the specified company file: {error}") from error
        return Opened(path, company, _beginning(company, application, personal_data), company.close)


def _beginning(company: CompanyFile, application: str, personal_data: bool | None) -> Callable[[], CompanySession]:
    if isinstance(company, Company):
        return lambda: company.session(application, personal_data=personal_data)
    return lambda: company.session(application)


def _key(path: str) -> str:
    """What two ways of writing one path have in common on Windows."""
    return path.replace("\\", "/").casefold()


_DECLARED = re.compile(r"<\?xml\s[^>]*?\bencoding\s*=\s*[\"']([A-Za-z0-9._-]+)[\"']")


def encoded(text: str) -> bytes:
    """A document as bytes of the encoding that it declares.

    Raises :class:`~qbsimulator.errors.QuickBooksError` for what QuickBooks does not begin to read: anything before the
    first declaration, and characters beyond those of Latin-1.
    """
    if not text.startswith(("<?xml", "<?qbxml")):
        raise parse_error()
    declared = _DECLARED.match(text)
    try:
        text.encode("latin-1")
        codec = codecs.lookup(declared[1] if declared else "utf-8")
        return text.encode(codec.name)
    except (UnicodeEncodeError, LookupError):
        raise parse_error() from None
