"""One finding about a document or a request, in the caller's terms."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import Any

#: What a problem can be about.
KINDS = ("structure", "attribute", "value", "enum", "length", "edition", "character")


class Problem:
    """Something that does not fit the schema.

    ``path`` names the place with indexes from 0 (``InvoiceAddRq.InvoiceAdd.InvoiceLineAdd[3].Quantity``, an attribute
    as ``CustomerQueryRq@iterator``); ``kind`` is one of :data:`KINDS`; ``message`` says what is wrong; ``given`` is
    what was found and ``expected`` what the schema wants there; ``line`` and ``column`` (from 1) are known for
    documents; ``allowed_in`` names the versions or editions that would allow it, ``near`` similar names that exist.
    """

    __slots__ = ("allowed_in", "column", "expected", "given", "kind", "line", "message", "path", "similar")

    def __init__(
        self,
        path: str,
        kind: str,
        message: str,
        *,
        given: Any = None,
        expected: str = "",
        allowed_in: str | None = None,
        near: Iterable[str] | Callable[[], Iterable[str]] = (),
        line: int | None = None,
        column: int | None = None,
    ) -> None:
        self.path = path
        self.kind = kind
        self.message = message
        self.given = given
        self.expected = expected
        self.allowed_in = allowed_in
        self.similar = near
        self.line = line
        self.column = column

    @property
    def near(self) -> tuple[str, ...]:
        """Similar names that exist. They are looked for when first asked for: a document may have many problems."""
        if not isinstance(self.similar, tuple):
            self.similar = tuple(self.similar() if callable(self.similar) else self.similar)
        return self.similar

    def to_dict(self) -> dict[str, Any]:
        """The problem as plain data, without what is empty; ``given`` in the form that JSON has for it."""
        names = ("path", "kind", "message", "given", "expected", "line", "column", "allowed_in")
        found = {name: getattr(self, name) for name in names} | {"near": list(self.near)}
        if not isinstance(self.given, (str, type(None))):
            from .jsonform import to_plain

            try:
                found["given"] = to_plain(self.given)
            except Exception:  # what the caller gave may be anything at all
                found["given"] = self._shown()
        return {name: value for name, value in found.items() if value is not None and value not in ("", [])}

    def _shown(self) -> str:
        try:
            return repr(self.given)
        except Exception:  # the caller's own object, of whatever kind; the problem has to be told all the same
            return f"<{type(self.given).__name__}>"

    def __str__(self) -> str:
        text = f"{self.path}: {self.message}"
        if self.given is not None:
            shown = self._shown()
            text += f"; given {shown if len(shown) <= 80 else shown[:77] + '...'}"
        if self.expected:
            text += f"; wanted {self.expected}"
        if self.allowed_in:
            text += f"; {self.allowed_in} would allow it"
        if self.near:
            text += f"; did you mean {' or '.join(self.near)}?"
        if self.line is not None:
            text += f" (line {self.line}, column {self.column})"
        return text

    def __repr__(self) -> str:
        return f"<Problem {self.kind} {self}>"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Problem) and all(
            getattr(self, name) == getattr(other, name) for name in (*self.__slots__[:-1], "near")
        )

    def __hash__(self) -> int:
        return hash((self.path, self.kind, self.message))
