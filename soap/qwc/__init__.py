"""The ``.qwc`` file, which a user opens once to make an endpoint known to the Web Connector.

.. code-block:: python

    owner_id, file_id = soap.qwc.identifiers("Swamp and Sons", "annie")
    data = soap.qwc.build(
        app_name="Swamp and Sons", url="https://books.example.com/qbwc", username="annie",
        owner_id=owner_id, file_id=file_id, run_every_n_minutes=5,
    )

:func:`build` writes one and :func:`parse` reads one, :func:`problems` says what the Web Connector would refuse, and
:func:`identifiers` makes the two GUIDs that must never change. The elements and their rules are those of the Web
Connector's guide; what its guide leaves out, but its users met, is said with the rule. What an XML schema can say of
them stands in ``schemas/qwc.xsd``. There is no element for the password: the user types it into the Web Connector.
"""

from __future__ import annotations

import uuid
from dataclasses import KW_ONLY, dataclass, field, replace
from typing import TYPE_CHECKING

from lxml import etree

from qbxml.characters import FORBIDDEN

from ..errors import InvalidQwc
from .elements import (
    FIELDS,
    INTERVALS,
    MAX_BYTES,
    AuthFlags,
    PersonalData,
    Problem,
    QBType,
    Style,
    UnattendedMode,
    text_of,
)
from .reading import Reader
from .rules import check

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

__all__ = [
    "AuthFlags",
    "PersonalData",
    "Problem",
    "QBType",
    "QwcFile",
    "Style",
    "UnattendedMode",
    "build",
    "identifiers",
    "parse",
    "problems",
]

#: The namespace of :func:`identifiers`. To change it would change every GUID that was ever made, so it never is.
NAMESPACE = uuid.UUID("4e6c6de9-9bad-4548-8091-f66ca62d9a72")


@dataclass(frozen=True)
class QwcFile:
    """What a ``.qwc`` file says. The names, and what they mean, are those of :func:`build`'s arguments.

    Nothing is checked when one is made; :func:`problems` and :meth:`build` do. ``None`` stands for an element that is
    not there. ``unknown`` has the elements that this module does not know, each name with the XML of all elements of
    that name, as in ``{"Colour": "<Colour>green</Colour>"}``; they are written again as they are.
    """

    _: KW_ONLY
    app_name: str
    url: str
    username: str
    owner_id: uuid.UUID
    file_id: uuid.UUID
    description: str
    support_url: str
    app_id: str = ""
    qb_type: QBType = "QBFS"
    run_every_n_minutes: int | None = None
    run_every_n_seconds: int | None = None
    style: Style | None = "Document"
    auth_flags: AuthFlags | None = None
    is_read_only: bool | None = False
    unattended_mode: UnattendedMode | None = None
    personal_data: PersonalData | None = None
    notify: bool | None = None
    display_name: str | None = None
    unique_name: str | None = None
    certificate_url: str | None = None
    unknown: Mapping[str, str] = field(default_factory=dict, hash=False)

    def build(self) -> bytes:
        """The text of the file, in UTF-8. Raises :class:`~soap.errors.InvalidQwc` with all of its errors."""
        found = [problem for problem in check(self) if problem.severity == "error"]
        if found:
            raise _invalid(found)
        lines = ['<?xml version="1.0" encoding="utf-8"?>', "<QBWCXML>"]
        for name, value in _texts(self):
            lines.append(f"  {_element(name, value)}")
            if name == "QBType":
                lines += _scheduler(self)
        lines += [f"  {xml}" for xml in self.unknown.values()]
        data = "\n".join([*lines, "</QBWCXML>", ""]).encode("utf-8")
        if len(data) > MAX_BYTES:
            raise _invalid([Problem("", "", f"the .qwc file would have {len(data)} bytes, more than {MAX_BYTES}")])
        return data


def build(
    *,
    app_name: str,
    url: str,
    username: str,
    owner_id: uuid.UUID,
    file_id: uuid.UUID,
    app_id: str = "",
    description: str | None = None,
    support_url: str | None = None,
    qb_type: QBType = "QBFS",
    run_every_n_minutes: int | None = None,
    run_every_n_seconds: int | None = None,
    style: Style | None = "Document",
    auth_flags: AuthFlags | None = None,
    is_read_only: bool | None = False,
    unattended_mode: UnattendedMode | None = None,
    personal_data: PersonalData | None = None,
    notify: bool | None = None,
    display_name: str | None = None,
    unique_name: str | None = None,
    certificate_url: str | None = None,
    unknown: Mapping[str, str] | None = None,
) -> bytes:
    """The text of a ``.qwc`` file, in UTF-8.

    An argument that is ``None`` leaves its element out, where nothing else is said. Raises
    :class:`~soap.errors.InvalidQwc` with all that the Web Connector would refuse.

    - ``app_name`` (AppName): shown to the user; QuickBooks asks for permission under it. On a machine with several
      company files each needs another.
    - ``url`` (AppURL): the endpoint's address. ``https``, or ``http`` on ``localhost``; a name, not an IP address.
    - ``username`` (UserName): what ``authenticate`` is called with.
    - ``owner_id`` (OwnerID), ``file_id`` (FileID): one per application, and one per company file and user. The Web
      Connector marks the company file with them and refuses a file that comes again with others, so keep them, or use
      :func:`identifiers`.
    - ``app_id`` (AppID): any text of one line, or none.
    - ``description`` (AppDescription): one line of at most 80 characters; ``None`` is ``app_name``.
    - ``support_url`` (AppSupport): a page on the host of ``url`` that answers 200 when the file is opened; ``None`` is
      ``url`` itself, which answers a GET.
    - ``qb_type`` (QBType): ``"QBFS"`` is QuickBooks.
    - ``run_every_n_minutes``, ``run_every_n_seconds`` (Scheduler): one of them or none, 1 or more. Without it the
      user says when to run. The user can change it, so it is neither a promise nor a limit; ``authenticate`` sets one.
    - ``style`` (Style): ``"Document"`` is what this package answers; ``"RPC"`` is refused.
    - ``auth_flags`` (AuthFlags): the products that may be used, with QBFS alone. ``None``: all.
    - ``is_read_only`` (IsReadOnly): ``True`` is refused. Read-only is for the server to see to: send queries only.
    - ``unattended_mode`` (UnattendedModePref), ``personal_data`` (PersonalDataPref): what to ask the user to allow.
    - ``notify`` (Notify): whether updates show a message beside the clock.
    - ``display_name`` (AppDisplayName): a name for the Web Connector's window alone.
    - ``unique_name`` (AppUniqueName): with it a second import replaces the first without a question.
    - ``certificate_url`` (CertURL): another ``https`` address, open without a login, whose certificate is checked.
    - ``unknown``: further elements, as in :class:`QwcFile`.
    """
    return QwcFile(
        app_name=app_name,
        url=url,
        username=username,
        owner_id=owner_id,
        file_id=file_id,
        app_id=app_id,
        description=app_name if description is None else description,
        support_url=url if support_url is None else support_url,
        qb_type=qb_type,
        run_every_n_minutes=run_every_n_minutes,
        run_every_n_seconds=run_every_n_seconds,
        style=style,
        auth_flags=auth_flags,
        is_read_only=is_read_only,
        unattended_mode=unattended_mode,
        personal_data=personal_data,
        notify=notify,
        display_name=display_name,
        unique_name=unique_name,
        certificate_url=certificate_url,
        unknown={} if unknown is None else unknown,
    ).build()


def parse(data: bytes | str) -> QwcFile:
    """What a ``.qwc`` file says; it may break the Web Connector's rules, which is for :func:`problems` to say.

    Nothing but comments and processing instructions is passed over. Raises :class:`~soap.errors.InvalidQwc` with the
    lines where it is not well-formed XML, has a DOCTYPE, is longer than 64 KiB, lacks an element that is required, has
    one twice, or has something in it that its type cannot hold.
    """
    reader = Reader(data)
    if reader.fatal:
        raise _invalid([problem for problem in reader.problems if problem.severity == "error"])
    return _file(reader)


def problems(source: QwcFile | bytes | str) -> list[Problem]:
    """Everything to say about a file: what the Web Connector would refuse, and what is unwise (a ``"warning"``).

    Of a text that cannot be read, only why. Never raises.
    """
    if isinstance(source, QwcFile):
        return check(source)
    reader = Reader(source)
    if reader.fatal:
        return reader.problems
    return reader.problems + [replace(one, line=reader.lines.get(one.name)) for one in check(_file(reader))]


def identifiers(application: str, connection: str) -> tuple[uuid.UUID, uuid.UUID]:
    """``(owner_id, file_id)`` for an application and one of its connections: for the same names the same, for ever.

    ``owner_id`` depends on ``application`` alone. Names that differ in anything, be it a capital or a blank, have other
    GUIDs, so choose names that last: the application's, and a key of the connection in your database rather than a
    name that somebody may change. Raises :class:`~soap.errors.InvalidQwc` for a name that is empty or has a character
    that XML forbids.
    """
    for name, value in (("OwnerID", application), ("FileID", connection)):
        if not value:
            raise _invalid([Problem(name, value, "cannot be made from an empty name")])
        if FORBIDDEN.search(value):
            raise _invalid([Problem(name, value, "cannot be made from a name with a character that XML forbids")])
    owner_id = uuid.uuid5(NAMESPACE, application)
    return owner_id, uuid.uuid5(owner_id, connection)


def _file(reader: Reader) -> QwcFile:
    return QwcFile(**reader.values, unknown=reader.unknown)


def _invalid(found: list[Problem]) -> InvalidQwc:
    first = found[0]
    return InvalidQwc(first.name, first.value, first.reason, code=first.code, line=first.line, problems=found)


def _texts(file: QwcFile) -> Iterator[tuple[str, str]]:
    """The elements that are there, with their texts. Scheduler is not among them."""
    for name, attribute in FIELDS.items():
        value = getattr(file, attribute)
        if value is not None:
            yield name, text_of(name, value)


def _element(name: str, text: str) -> str:
    element = etree.Element(name)
    element.text = text
    return etree.tostring(element, encoding="unicode")


def _scheduler(file: QwcFile) -> Iterator[str]:
    for name, attribute in INTERVALS.items():
        value = getattr(file, attribute)
        if value is not None:
            yield from ("  <Scheduler>", f"    {_element(name, str(value))}", "  </Scheduler>")
