"""Which characters may be sent, and how they are written.

A built document is ASCII: everything else is a numeric reference. QuickBooks keeps ISO-8859-1; of characters beyond it
only a question mark is stored (seen with references, in a release of 2015; raw ones are refused outright). So a policy
decides about them:

``"refuse"``
    an error that names the character and what ``"transliterate"`` would make of it (the default)
``"transliterate"``
    written in ISO-8859-1 as well as may be (``’`` becomes ``'``); what has no likeness becomes ``?``
``"replace"``
    a question mark, as QuickBooks itself would store
``"reference"``
    sent as it is, for a QuickBooks that is known to keep it

Characters that XML forbids (most control characters, lone surrogates) can't be sent at all. Under ``"refuse"`` and
``"reference"`` they are an error; ``"transliterate"`` and ``"replace"`` remove them.
"""

from __future__ import annotations

import re

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

#: The policies there are.
POLICIES = ("refuse", "transliterate", "replace", "reference")

#: What XML 1.0 does not allow in a document, not even as a reference. (By what it allows, it takes ten times as long to
#: compile.)
FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
#: What QuickBooks can't store.
BEYOND = re.compile("[^\x00-\xff]")

#: Likenesses that Unicode's own decompositions do not give.
_LIKE = {
    "\u2018": "'", "\u2019": "'", "\u201a": "'", "\u201b": "'", "\u2032": "'", "\u201c": '"', "\u201d": '"',
    "\u201e": '"', "\u201f": '"', "\u2033": '"', "\u2010": "-", "\u2011": "-", "\u2012": "-", "\u2013": "-",
    "\u2014": "-", "\u2015": "-", "\u2212": "-", "\u2022": "\xb7", "\u2026": "...", "\u2039": "<", "\u203a": ">",
    "\u2044": "/", "\u20ac": "EUR", "\u2122": "(TM)", "\u0141": "L", "\u0142": "l", "\u0110": "D", "\u0111": "d",
    "\u0126": "H", "\u0127": "h", "\u0131": "i", "\u0152": "OE", "\u0153": "oe", "\u0192": "f", "\u1e9e": "SS",
    "\u0166": "T", "\u0167": "t", "\u014a": "N", "\u014b": "n", "\ufeff": "", "\u200b": "", "\u200c": "",
    "\u200d": "", "\u2060": "", "\u00ad": "\u00ad",
}  # fmt: skip


class Unsendable(ValueError):
    """A character that the policy does not let through; ``character`` and ``index`` say which."""

    def __init__(self, character: str, index: int, message: str, instead: str | None = None) -> None:
        self.character = character
        self.index = index
        self.instead = instead
        super().__init__(message)


def transliterate(text: str) -> str:
    """``text`` in ISO-8859-1: likenesses where there are any, ``?`` where not; forbidden characters removed."""
    text = FORBIDDEN.sub("", text)
    if not BEYOND.search(text):
        return text
    from unicodedata import category, normalize

    out = []
    for character in text:
        if character <= "\xff":
            out.append(character)
            continue
        like = _LIKE.get(character)
        if like is None:
            parts = normalize("NFKD", character)
            like = "".join(
                part if part <= "\xff" else _LIKE.get(part, "" if category(part) in ("Mn", "Me") else "?")
                for part in parts
            )
        out.append(like)
    return "".join(out)


def _refuse(text: str) -> str:
    found = FORBIDDEN.search(text)
    if found:
        raise _forbidden(found)
    found = BEYOND.search(text)
    if found:
        character = found[0]
        instead = transliterate(character)
        raise Unsendable(
            character,
            found.start(),
            f"QuickBooks stores a question mark for {_named(character)};"
            f" characters='transliterate' would send {instead!r}",
            instead,
        )
    return text


def _reference(text: str) -> str:
    found = FORBIDDEN.search(text)
    if found:
        raise _forbidden(found)
    return text


def _replace(text: str) -> str:
    return BEYOND.sub("?", FORBIDDEN.sub("", text))


def _forbidden(found: re.Match[str]) -> Unsendable:
    return Unsendable(found[0], found.start(), f"XML does not allow {_named(found[0])}")


def _named(character: str) -> str:
    from unicodedata import name

    return f"U+{ord(character):04X} {name(character, 'control character')}"


_POLICY: dict[str, Callable[[str], str]] = {
    "refuse": _refuse,
    "transliterate": transliterate,
    "replace": _replace,
    "reference": _reference,
}


def policy(name: str) -> Callable[[str], str]:
    """The function of a policy: text in, text to send out. It raises :class:`Unsendable`.

    Raises :class:`~qbxml.errors.QbxmlError` for a policy that there is not.
    """
    try:
        return _POLICY[name]
    except (KeyError, TypeError):
        from .errors import QbxmlError

        raise QbxmlError(f"characters={name!r} is no policy; there are {', '.join(POLICIES)}") from None


def escape(text: str) -> str:
    """Text as element content, in ASCII."""
    # Most texts have none of these, which is quicker seen than replaced; either is quicker than a table.
    if "&" in text:
        text = text.replace("&", "&amp;")
    if "<" in text:
        text = text.replace("<", "&lt;")
    if ">" in text:
        text = text.replace(">", "&gt;")
    if "\r" in text:
        text = text.replace("\r", "&#13;")
    return text if text.isascii() else text.encode("ascii", "xmlcharrefreplace").decode("ascii")


def escape_attribute(text: str) -> str:
    """Text as the value of an attribute in double quotes, in ASCII."""
    # A parser turns blanks of all kinds into spaces here, unless they come as references.
    return escape(text).replace('"', "&quot;").replace("\n", "&#10;").replace("\t", "&#9;")
