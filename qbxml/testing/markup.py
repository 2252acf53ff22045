"""Trees of markup written out, in all the ways that XML allows: they say the same and read the same."""

from __future__ import annotations

from .generation import Node

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .values import Pick

_ENCODINGS = ("utf-8", "ascii", "iso-8859-1", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "windows-1252")
#: The byte order mark, which Python writes for some of these encodings only.
_MARK = "\ufeff"


def write(root: Node, pick: Pick | None = None, *, version: str | None = None) -> bytes:
    """A document, in a style that ``pick`` chooses, or plain.

    The style is in line ends and indentation, quotes, references, CDATA, comments, empty elements, encoding and
    declaration. ``version`` is what ``<?qbxml version?>`` names.
    """
    return _Writer(pick or _plainly).document(root, version)


def _plainly(_: int) -> int:
    return 0


class _Writer:
    def __init__(self, pick: Pick) -> None:
        self.pick = pick
        #: half of all documents are plain all over, as nearly all are in life
        self.odd = pick(2) == 1
        self.indent = ("\n", "", "\n  ", "\r\n\t", " ")[self.choose(5)]
        self.quote = ('"', "'")[self.choose(2)]
        self.empty = self.choose(3)
        self.encoding = _ENCODINGS[self.choose(len(_ENCODINGS))] if self.choose(3) == 2 else "utf-8"
        self.comments = self.choose(4) == 3

    def choose(self, count: int) -> int:
        return self.pick(count) if self.odd else 0

    def document(self, root: Node, version: str | None) -> bytes:
        declared = {"utf-8-sig": "utf-8", "utf-16-le": "utf-16", "utf-16-be": "utf-16"}.get(
            self.encoding, self.encoding
        )
        needed = declared not in ("utf-8", "ascii", "utf-16")
        parts = []
        form = self.choose(4)
        if needed or form == 1:
            parts.append(f"<?xml version={self.quoted('1.0')} encoding={self.quoted(declared)}?>")
        elif form == 0:
            parts.append(f"<?xml version={self.quoted('1.0')} ?>")
        elif form == 2:
            parts.append(f"<?xml version={self.quoted('1.0')} standalone={self.quoted('yes')}?>")
        if version is not None:
            parts.append(f"<?qbxml version={self.quoted(version)}?>")
        if self.comments:
            parts.append("<!-- <QBXML> -->")
        parts.append(self.element(root, 0))
        text = ("" if self.indent == "" else "\n").join(parts) + "\n" * (1 - self.choose(2))
        if self.comments:
            text += "<!-- the end --><?done?>"
        if self.encoding in ("utf-16-le", "utf-16-be"):
            text = _MARK + text
        return text.encode(self.encoding, "xmlcharrefreplace")

    def element(self, node: Node, depth: int) -> str:
        start = node.name + "".join(f" {name}={self.quoted(text)}" for name, text in node.attributes.items())
        if self.odd and self.choose(8) == 7:
            start += "\n "
        if not node.children:
            blank = self.indent if node.record is not None and node.record.fields and self.empty == 2 else ""
            if self.empty == 1:
                return f"<{start}/>"
            return f"<{start}>{blank}</{node.name}>"
        # Blanks are layout only where elements are; beside text they would be part of it.
        layout = self.indent and not any(isinstance(child, str) for child in node.children)
        inner = []
        for child in node.children:
            if layout:
                inner.append(self.line(depth + 1))
            if self.comments and self.choose(6) == 5:
                inner.append("<!-- & ]]> <x> -->")
            inner.append(self.text(child) if isinstance(child, str) else self.element(child, depth + 1))
            if self.comments and self.choose(12) == 11:
                inner.append("<?target data?>")
        if layout:
            inner.append(self.line(depth))
        return f"<{start}>{''.join(inner)}</{node.name}>"

    def line(self, depth: int) -> str:
        return (
            self.indent
            if len(self.indent) < 2
            else self.indent[: self.indent.index("\n") + 1] + (self.indent[self.indent.index("\n") + 1 :] * depth)
        )

    def text(self, text: str) -> str:
        form = self.choose(8)
        # In a CDATA section nothing can be a reference: no "\r", and no character that the encoding lacks.
        if form == 7 and "]]>" not in text and "\r" not in text and _fits(text, self.encoding):
            return f"<![CDATA[{text}]]>"
        if form == 6:
            return "".join(f"&#{ord(one)};" for one in text)
        if form == 5:
            return "".join(f"&#x{ord(one):x};" if one in "&<>\r\"'" or one > "~" else one for one in text)
        if form == 4 and len(text) > 1 and self.comments:
            middle = len(text) // 2
            return f"{_escaped(text[:middle])}<!-- in the middle -->{_escaped(text[middle:])}"
        return _escaped(text)

    def quoted(self, text: str) -> str:
        inner = _escaped(text).replace("\n", "&#10;").replace("\t", "&#9;")
        inner = inner.replace('"', "&quot;") if self.quote == '"' else inner.replace("'", "&apos;")
        return f"{self.quote}{inner}{self.quote}"


def _fits(text: str, encoding: str) -> bool:
    try:
        text.encode(encoding)
    except UnicodeEncodeError:
        return False
    return True


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("\r", "&#13;")
