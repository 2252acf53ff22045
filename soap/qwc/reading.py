"""Reads a ``.qwc`` file: from text to the values of its elements, with nothing dropped and nothing believed."""

from __future__ import annotations

import re
import uuid
from typing import Any, Literal

from lxml import etree

from qbxml import document
from qbxml.errors import ParseError

from .elements import CHOICES, FIELDS, GUIDS, INTERVALS, MAX_BYTES, MAX_DEPTH, REQUIRED, AuthFlags, Problem

_GUID = re.compile(r"\{?([0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12})\}?")
_HEX = re.compile(r"0[xX]([0-9A-Fa-f]{1,8})")
_NUMBER = re.compile(r"[0-9]{1,10}")


class Reader:
    """Reads one file when it is made, and holds what was found.

    ``values`` are by the names of a ``QwcFile``, with ``None`` for what is not there; ``unknown`` is the XML of the
    elements of other names; ``problems`` are those of form; ``lines`` says where each element stands, and ``fatal``
    whether there is something that no ``QwcFile`` can hold.
    """

    def __init__(self, data: bytes | str) -> None:
        # The defaults of a QwcFile are for those that are to be written.
        self.values: dict[str, Any] = {one: None for name, one in FIELDS.items() if name not in REQUIRED}
        self.unknown: dict[str, str] = {}
        self.problems: list[Problem] = []
        self.lines: dict[str, int] = {}
        self.fatal = False
        try:
            root = document.read(data, max_bytes=MAX_BYTES, max_depth=MAX_DEPTH).root
        except ParseError as error:
            self._end(error.reason, error.line)
            return
        if root.tag != "QBWCXML":
            self._end(f"its root is {root.tag!r}, where QBWCXML is wanted", root.sourceline)
            return
        self._read(root)

    def _end(self, reason: str, line: int | None) -> None:
        self.problems.append(Problem("", "", f"this is no .qwc file: {reason}", line=line))
        self.fatal = True

    def _read(self, root: etree._Element) -> None:
        self._only_elements(root)
        for element in root:
            name = str(element.tag)
            first = name not in self.lines
            self.lines.setdefault(name, element.sourceline or 0)
            if name not in FIELDS and name != "Scheduler":
                self.unknown[name] = self.unknown.get(name, "") + etree.tostring(
                    element, encoding="unicode", with_tail=False
                )
            elif not first:
                self._refuse(element, f"stands in the file twice, first in line {self.lines[name]}; leave one")
            elif name == "Scheduler":
                self._schedule(element)
            else:
                self._take(element, FIELDS[name])
        like = {name.casefold(): name for name in self.unknown}
        for name in REQUIRED:
            if name not in self.lines:
                near = like.get(name.casefold())
                hint = f"; {near} is another name" if near else ""
                self.problems.append(Problem(name, "", f"is missing{hint}", 1039, root.sourceline))
                self.fatal = True

    def _schedule(self, scheduler: etree._Element) -> None:
        self._only_elements(scheduler)
        for element in scheduler:
            name = str(element.tag)
            if name not in INTERVALS or name in self.lines:
                self._refuse(element, f"cannot be in Scheduler{' twice' if name in INTERVALS else ''}")
            else:
                self.lines[name] = element.sourceline or 0
                self._take(element, INTERVALS[name])

    def _take(self, element: etree._Element, attribute: str) -> None:
        if len(element) or element.attrib:
            self._refuse(element, "has elements or attributes in it, where only text can be")
            return
        name, text = str(element.tag), element.text or ""
        bare = text.strip()
        value: object = text
        if text != bare and name in (*GUIDS, *INTERVALS, *CHOICES, "AuthFlags", "IsReadOnly", "Notify"):
            self._complain(element, "has blanks around it, which the Web Connector may not take", severity="warning")
        if name in GUIDS:
            found = _GUID.fullmatch(bare)
            if not found:
                self._refuse(element, "must be a GUID in braces, {57F3B9B1-86F1-4FCC-B1EE-566DE1813D20}")
                return
            if bare != f"{{{found[1]}}}":
                self._complain(element, "must have braces around it")
            value = uuid.UUID(found[1])
        elif name in INTERVALS:
            if not _NUMBER.fullmatch(bare):
                self._refuse(element, "must be a whole number")
                return
            value = int(bare)
        elif name in CHOICES:
            if bare not in CHOICES[name]:
                code = 1065 if name == "QBType" else None
                self._refuse(element, f"must be {' or '.join(CHOICES[name])}", code)
                return
            value = bare
        elif name == "AuthFlags":
            found = _HEX.fullmatch(bare)
            if not found:
                self._refuse(element, "must be hexadecimal, from 0x0 to 0xF")
                return
            value = AuthFlags(int(found[1], 16))
        elif name == "IsReadOnly":
            if bare.lower() not in ("true", "false"):
                self._refuse(element, "must be true or false")
                return
            if bare != bare.lower():
                self._complain(element, "should be in small letters", severity="warning")
            value = bare.lower() == "true"
        elif name == "Notify":
            # By the guide, true is on and anything else is off.
            if bare not in ("true", "false"):
                self._complain(element, "is taken for false; write true or false", severity="warning")
            value = bare == "true"
        self.values[attribute] = value

    def _only_elements(self, element: etree._Element) -> None:
        if element.attrib or "".join(element.xpath("text()")).strip():
            self._refuse(element, "has attributes or text in it, where only elements can be")

    def _complain(
        self,
        element: etree._Element,
        reason: str,
        code: int | None = None,
        severity: Literal["error", "warning"] = "error",
    ) -> None:
        text = "".join(element.itertext())
        self.problems.append(Problem(str(element.tag), text, reason, code, element.sourceline, severity))

    def _refuse(self, element: etree._Element, reason: str, code: int | None = None) -> None:
        self._complain(element, reason, code)
        self.fatal = True
