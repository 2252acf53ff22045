"""The Node client's own types, read from its declarations: whether a value is what they promise.

They have interfaces of fields, names for texts of a few values, and ``T | T[]`` for what may repeat; no more is read.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

_INTERFACE = re.compile(
    r"^export (?:declare )?interface (\w+)(?: extends [^{]*)? \{\n(.*?)^\}", re.MULTILINE | re.DOTALL
)
_ALIAS = re.compile(r"^export type (\w+) = ([^;]+);", re.MULTILINE)
_FIELD = re.compile(r"^ {4}(\w+)(\?)?: ([^;]+);", re.MULTILINE)
_REMARK = re.compile(r"/\*.*?\*/", re.DOTALL)
_PLAIN: dict[str, tuple[type, ...]] = {"string": (str,), "number": (int, float), "boolean": (bool,)}


class Types:
    """The types of a file of declarations."""

    def __init__(self, path: Path) -> None:
        text = _REMARK.sub("", path.read_text("utf-8"))
        #: Fields by interface: whether each may be left out, and its type.
        self.interfaces = {
            name: {field: (bool(optional), kind) for field, optional, kind in _FIELD.findall(body)}
            for name, body in _INTERFACE.findall(text)
        }
        self.aliases = dict(_ALIAS.findall(text))

    def problems(self, value: Any, kind: str, path: str) -> Iterator[str]:
        """What is wrong with a value that should be of a type."""
        kinds = [one.strip() for one in kind.split(" | ")]
        if isinstance(value, list):
            members = [one.removesuffix("[]") for one in kinds if one.endswith("[]")]
            if not members:
                yield f"{path}: an array, wanted {kind}"
            for one in value if members else ():
                yield from self.problems(one, " | ".join(members), path)
            return
        single = [one for one in kinds if not one.endswith("[]")]
        if not single:
            yield f"{path}: no array, wanted {kind}"
        elif isinstance(value, dict):
            yield from self._record(value, single, path)
        elif not any(self._is(value, one) for one in single):
            yield f"{path}: {value!r}, wanted {kind}"

    def _record(self, value: dict[str, Any], kinds: list[str], path: str) -> Iterator[str]:
        fields = next((self.interfaces[one] for one in kinds if one in self.interfaces), None)
        if fields is None:
            yield f"{path}: an object, wanted {' | '.join(kinds)}"
            return
        for name, one in value.items():
            if name in fields:
                yield from self.problems(one, fields[name][1], f"{path}.{name}")
            else:
                yield f"{path}.{name}: not in the types"
        yield from (
            f"{path}.{name}: missing" for name, (optional, _) in fields.items() if not (optional or name in value)
        )

    def _is(self, value: Any, kind: str) -> bool:
        if kind.startswith('"'):
            return bool(value == kind.strip('"'))
        if kind in self.aliases:
            return any(self._is(value, one.strip()) for one in self.aliases[kind].split(" | "))
        if isinstance(value, bool):
            return kind == "boolean"
        return isinstance(value, _PLAIN.get(kind, ()))
