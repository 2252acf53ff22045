"""Strategies for hypothesis: requests, responses and documents of any version and edition, right ones and wrong."""

from __future__ import annotations

try:
    from hypothesis import strategies as st
except ModuleNotFoundError as error:
    raise ModuleNotFoundError(
        "the strategies of qbxml.testing need hypothesis: pip install hypothesis (or openqbd[test])", name=error.name
    ) from error

from ..model import Response
from ..schema import Schema
from ..versions import NEWEST_VERSION
from .damage import damage
from .generation import FULL, Generator
from .markup import write

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from .generation import Node
    from .values import Pick

#: How many elements an example has at most, but for what it must have: hypothesis has to find the smallest that fails.
_SIZE = 60

_up_to = [st.integers(0, most) for most in range(256)]


def _picker(draw: Callable[[st.SearchStrategy[int]], int]) -> Pick:
    def pick(count: int) -> int:
        if count == 1:
            return 0
        return draw(_up_to[count - 1] if count <= len(_up_to) else st.integers(0, count - 1))

    return pick


def _generator(schema: Schema, pick: Pick, beyond: bool) -> Generator:
    # Never quite full: that takes fewer choices than half full, and few choices are what hypothesis takes for simple.
    return Generator(schema, pick, density=pick(FULL), size=_SIZE, beyond=beyond)


@st.composite
def requests(
    draw: st.DrawFn,
    name: str | None = None,
    version: str = NEWEST_VERSION,
    edition: str | None = None,
    *,
    beyond: bool = False,
) -> dict[str, dict[str, Any]]:
    """One valid request as a dict, ``{"CustomerQueryRq": {...}}``, that :func:`qbxml.build` takes for that version.

    ``name`` is the request wanted, by default any; ``beyond`` allows characters beyond ISO-8859-1, which ``build``
    sends with ``characters="reference"`` only. Values are those that :func:`qbxml.parse_request` gives back.
    """
    generator = _generator(Schema(version, edition), _picker(draw), beyond)
    chosen = generator.message_name("Rq") if name is None else name
    return {chosen: generator.content(generator.schema.record(chosen))}


@st.composite
def responses(
    draw: st.DrawFn,
    name: str | None = None,
    version: str = NEWEST_VERSION,
    edition: str | None = None,
    *,
    beyond: bool = False,
) -> Response:
    """A :class:`~qbxml.model.Response` of up to three messages, or of one of the given name."""
    pick = _picker(draw)
    generator = _generator(Schema(version, edition), pick, beyond)
    names = generator.some("Rs", pick(8) == 7) if name is None else [name]
    schema = generator.schema
    response = Response(version=None)
    for one in names:
        message_set = schema.message(one).message_set
        content = generator.content(schema.record(one))
        response.messages.append(Response.message_class(one, content, message_set=message_set))
        response.sets.setdefault(message_set, {})
    return response


def _tree(draw: Any, side: str, schema: Schema, name: str | None, beyond: bool) -> tuple[Node, Pick]:
    pick = _picker(draw)
    generator = _generator(schema, pick, beyond)
    return generator.document(side, None if name is None else [name]), pick


@st.composite
def documents(
    draw: st.DrawFn,
    side: str = "Rs",
    version: str = NEWEST_VERSION,
    edition: str | None = None,
    *,
    name: str | None = None,
    beyond: bool = True,
) -> bytes:
    """A valid document of requests (``side="Rq"``) or responses (``"Rs"``), in any of the ways to write one.

    They differ in spelling (``+1.50``, `` 1 ``, ``2024-2-3``), line ends and indentation, quotes, references, CDATA,
    comments, empty elements and encoding. ``name`` is the one message wanted.
    """
    root, pick = _tree(draw, side, Schema(version, edition), name, beyond)
    return write(root, pick, version=version if side == "Rq" else None)


@st.composite
def damaged(
    draw: st.DrawFn,
    side: str = "Rs",
    version: str = NEWEST_VERSION,
    edition: str | None = None,
    *,
    name: str | None = None,
    beyond: bool = True,
) -> bytes:
    """A well-formed document with one to three damages; some are valid nevertheless.

    Elements are lost, doubled, moved, renamed, foreign or from another version, texts and attributes are wrong, text
    stands where elements belong. The arguments are those of :func:`documents`.
    """
    root, pick = _tree(draw, side, Schema(version, edition), name, beyond)
    return write(damage(root, pick, 1 + pick(3)), pick, version=version if side == "Rq" else None)
