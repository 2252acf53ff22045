"""A QuickBooks company: a file, and the request processor that works on it.

``company.process(document)`` is what QuickBooks does with a document of qbXML: an answer, or a
:class:`~qbsimulator.errors.QuickBooksError` where it gives none. A request and the record of its outcome are committed
together, so a company that is killed at any moment is as if it had done a request or not begun it.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Any, Literal

from .acceptance import accept
from .clock import Clock
from .context import Around
from .customfields import CustomFields
from .elements import Elements
from .errors import UnknownSetting, UnusableFile
from .iterators import Iterators
from .ledger.check import faults
from .ledger.engine import Transactions
from .ledger.merging import merge_hook
from .locks import Locks
from .messageset import MessageSet
from .queries import Queries
from .settings import Settings
from .storage import Storage
from .txnfields import TxnFields


class Company:
    """An open company file. Made by :meth:`create` and :meth:`open`; any thread may use it, one request at a time."""

    def __init__(self, storage: Storage, clock: Callable[[], float] | None) -> None:
        self._storage = storage
        self._source = clock
        self._lock = threading.RLock()
        self.locks = Locks()
        try:
            self._use(Settings.from_json(storage.settings() or "{}"))
        except UnknownSetting:
            storage.close()
            raise

    @classmethod
    def create(
        cls,
        path: str | Path,
        *,
        template: Literal["empty", "sample"] = "empty",
        clock: Callable[[], float] | None = None,
        timezone: str | None = None,
        settings: Settings | None = None,
    ) -> Company:
        """Make a company file: with nothing in it but the settings, or the sample company.

        ``clock`` gives seconds since 1970 (default: the system's), ``timezone`` is the name of that of the Windows
        machine (default: that of the settings). Raises :class:`~qbsimulator.errors.UnusableFile` where there is a file
        already, and :class:`~qbsimulator.errors.UnknownSetting` for a time zone that this system does not know.
        """
        if timezone is not None:
            settings = (settings or Settings()).changed(timezone=timezone)
        if template == "sample":
            from .sample import build  # it is made with this very class

            build(path, settings=settings)
            return cls.open(path, clock=clock)
        storage = Storage(Path(path), new=True)
        storage.write_settings((settings or Settings()).to_json())
        return cls(storage, clock)

    @classmethod
    def open(cls, path: str | Path, *, clock: Callable[[], float] | None = None) -> Company:
        """Open a company file. Raises :class:`~qbsimulator.errors.UnusableFile` for what is none.

        Raises :class:`~qbsimulator.errors.UnknownSetting` where this system or release has no such thing as it is set
        to, such as its time zone.
        """
        storage = Storage(Path(path), new=False)
        if storage.settings() is None:
            storage.close()
            raise UnusableFile(str(path), "its making was broken off")
        return cls(storage, clock)

    def close(self) -> None:
        """Close the file."""
        self._storage.close()

    def __enter__(self) -> Company:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def path(self) -> Path:
        """The file."""
        return self._storage.path

    @property
    def settings(self) -> Settings:
        """The settings; :meth:`configure` changes them."""
        return self._settings

    def configure(self, **values: Any) -> Settings:
        """Change settings, in the file, too. Raises :class:`~qbsimulator.errors.UnknownSetting`."""
        with self._lock:
            changed = self._settings.changed(**values)
            self._storage.write_settings(changed.to_json())
            self._use(changed)
            return changed

    def _use(self, settings: Settings) -> None:
        self._settings = settings
        offset = settings.standard_offset_only
        self.clock = Clock(self._source, settings.timezone, standard_offset_only=offset)
        self.elements = Elements(self._storage, self.clock)
        self.custom_fields = CustomFields(self._storage, self.clock)
        #: Called with two keys, where an element is merged into another, for what is kept beside the lists.
        self.merge_hooks: list[Callable[[str, str], None]] = []
        self.transactions = Transactions(self._storage, self.elements, self.clock)
        self.custom_fields.transactions = TxnFields(self.transactions)
        self.merge_hooks.append(merge_hook(self.transactions, self._storage, lambda: self._settings, self.clock.now))
        self.queries = Queries(self._storage, self.elements, self.custom_fields, self.clock)

    def check(self) -> list[str]:
        """What is wrong with the books, in words: all is computed anew from the records; nothing where all is well."""
        with self._lock:
            return list(faults(self.transactions.books(self._settings), self.transactions.store))

    def back_up(self, path: str | Path) -> None:
        """Write a copy of the file as it is now. Raises :class:`~qbsimulator.errors.UnusableFile`."""
        with self._lock:
            self._storage.back_up(Path(path))

    def restore(self, path: str | Path) -> None:
        """Put the file back to a copy of it: what was done since has not been.

        Raises :class:`~qbsimulator.errors.UnusableFile`.
        """
        with self._lock:
            self._storage.restore(Path(path))
            self._use(Settings.from_json(self._storage.settings() or "{}"))

    def session(self, application: str = "", *, personal_data: bool | None = None) -> Session:
        """Begin a session for an application: its iterators live as long, its message sets are its own.

        ``personal_data`` says whether it may see and change personal data; ``None``: as the settings say.
        """
        return Session(self, application, personal_data)

    def process(self, data: bytes, application: str = "") -> bytes:
        """Process a document in a session of its own. Raises :class:`~qbsimulator.errors.QuickBooksError`."""
        return self.session(application).process(data)


class Session:
    """A session of one application with a company."""

    def __init__(self, company: Company, application: str, personal_data: bool | None = None) -> None:
        self.company = company
        self.application = application
        self._personal_data = personal_data
        self.iterators = Iterators()
        #: Does each request in place of its handler, which it is given. For faults.
        self.around: Around | None = None

    def lock(self, kind: str, id_: str) -> bool:
        """Have a record open, so that no other session changes it; whether it could be opened.

        ``kind`` is its kind, such as ``Customer`` or ``Invoice``, ``id_`` its ListID or TxnID. It stays open until
        :meth:`unlock`, :meth:`close`, or until nobody has this session any more.
        """
        with self.company._lock:
            return self.company.locks.take(f"{kind} {id_}", self)

    def unlock(self, kind: str = "", id_: str = "") -> None:
        """Let go of a record that this session has open, or of all."""
        with self.company._lock:
            self.company.locks.release(self, f"{kind} {id_}" if kind else None)

    def close(self) -> None:
        """End the session: its iterators are gone, and what it had open is free."""
        self.unlock()
        self.iterators = Iterators()

    @property
    def personal_data(self) -> bool:
        """Whether the application may see and change personal data."""
        return self.company.settings.personal_data if self._personal_data is None else self._personal_data

    def process(self, data: bytes) -> bytes:
        """Process a document. Raises :class:`~qbsimulator.errors.QuickBooksError`."""
        with self.company._lock:
            settings = self.company.settings
            accepted = accept(data, settings.qbxml_version, settings.country)
            attributes = accepted.request.sets.get("QBXMLMsgs", {})
            return MessageSet(self, accepted, data, attributes).answer()
