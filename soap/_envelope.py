"""Reading an envelope: which operation, with what arguments. Nobody has signed in yet, so anything may come.

The bytes are looked through before anything is built of them. Then libxml2 reads them, and what does not look like a
call of the Web Connector is refused, in words that quote nothing of it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from xml.sax.saxutils import escape

from lxml import etree

#: With the slash at the end: without it the Web Connector finds nothing in an answer.
NAMESPACE = "http://developer.intuit.com/"

SOAP = "http://schemas.xmlsoap.org/soap/envelope/"

#: Markup in one call. The Web Connector writes about fifteen tags, of which the longest has less than 300 bytes; all
#: else is text. libxml2 makes a hundred bytes and more of the four of ``<a/>``, so the markup is looked at before it
#: is parsed.
MAX_MARKUP = 200
MAX_TAG_LENGTH = 4096

#: The one encoding that the Web Connector writes. Another could hide from the look we take at the bytes.
UTF8 = frozenset({"", "utf-8", "utf8", "us-ascii", "ascii"})

_START = re.compile(rb"(?:\xef\xbb\xbf)?[ \t\r\n]*<")

#: The XML declaration, to its end, and the encoding in it. It is short, or what is said in it might be overlooked.
_DECLARATION = re.compile(rb"""(?:\xef\xbb\xbf)?<\?xml[ \t\r\n]([^>?]{0,200})\?>""")
_ENCODING = re.compile(r"""\sencoding\s*=\s*["']([^"']*)["']""")

#: A tag. A "<" cannot stand within one, so all of the markup is found by looking for it.
_TAG = re.compile(rb"""<[^<>"']*(?:"[^"<]*"[^<>"']*|'[^'<]*'[^<>"']*)*>""")

#: What may hold "<" as text, and how it ends.
_SECTIONS = ((b"<![CDATA[", b"]]>"), (b"<!--", b"-->"), (b"<?", b"?>"))
#: What they have behind the "<", and no tag has; a DOCTYPE has it as well.
_SPECIAL = (b"!", b"?")


class Refused(Exception):
    """A request that is not passed on to the service. The text is for whoever sent it, and quotes nothing of it.

    ``status`` is that of HTTP where the request is no SOAP call at all; else it is answered with a fault ``code``.
    """

    def __init__(self, reason: str, *, code: str = "Client", status: str = "") -> None:
        super().__init__(reason)
        self.code = code
        self.status = status


def _look_through(body: bytes) -> None:
    """Refuse, by its bytes alone and without a copy, what had better not be parsed.

    libxml2 reads it as we do here, since it is UTF-8. A DOCTYPE, which SOAP forbids, could declare entities that
    grow without end or cut a value.
    """
    if not _START.match(body) or b"\0" in body:
        raise Refused("The body is not XML in UTF-8.", status="400 Bad Request")
    declaration = _DECLARATION.match(body)
    if declaration is None and body.startswith((b"<?xml", b"\xef\xbb\xbf<?xml")):
        raise Refused("The XML declaration is not one.", status="400 Bad Request")
    encoding = _ENCODING.search(f" {declaration[1].decode('latin-1')}") if declaration else None
    if encoding and encoding[1].strip().lower() not in UTF8:
        raise Refused("The body says that it is not in UTF-8.", status="400 Bad Request")
    found = 0
    at = body.find(b"<")
    while at >= 0:
        found += 1
        if found > MAX_MARKUP:
            raise Refused(f"The envelope has more than {MAX_MARKUP} tags. Text has to be escaped.")
        if body[at + 1 : at + 2] in _SPECIAL:
            at = _end_of_section(body, at)
        else:
            tag = _TAG.match(body, at, at + MAX_TAG_LENGTH)
            if tag is None:
                raise Refused(f"The envelope has a tag that does not end, or has more than {MAX_TAG_LENGTH} bytes.")
            at = tag.end()
        at = body.find(b"<", at) if at >= 0 else at


def _end_of_section(body: bytes, at: int) -> int:
    """Where the end of a section stands that begins at ``at``; -1 where it has none."""
    for start, end in _SECTIONS:
        if body.startswith(start, at):
            return body.find(end, at + len(start))
    raise Refused("A SOAP message must not have a DOCTYPE.")


def _parsed(body: bytes) -> etree._Element:
    # huge_tree, because libxml2 else stops at 10 MB in one text; what that protects from is kept out by the length
    # and by _look_through. A comment in a text would cut it, were it kept.
    parser = etree.XMLParser(
        huge_tree=True, resolve_entities=False, no_network=True, remove_comments=True, remove_pis=True
    )
    try:
        return etree.fromstring(body, parser)
    except etree.XMLSyntaxError as error:
        # Its message names elements, and may be of any length.
        kind = error.error_log[-1].type_name if len(error.error_log) else "unknown"
        place = f"line {error.lineno}, column {error.offset}"
    raise Refused(f"The envelope is not well-formed XML at {place} ({kind}).")


def read_call(operations: Mapping[str, Sequence[str]], pieces: Iterable[bytes]) -> tuple[str, dict[str, str]]:
    """Operation and arguments of an envelope, or ``Refused``.

    What the Web Connector does not write is read where it can only mean one thing: an argument without its namespace
    or in another order, and one that the operation does not have, which is passed over.
    """
    body = b"".join(pieces)
    _look_through(body)
    root = _parsed(body)
    del body  # before the texts are made: each is as large as the whole of it
    if root.tag != f"{{{SOAP}}}Envelope":
        if str(root.tag).endswith("}Envelope"):
            raise Refused("The server speaks SOAP 1.1, and this is another envelope.", code="VersionMismatch")
        raise Refused("The request is no SOAP envelope.")
    bodies = root.findall(f"{{{SOAP}}}Body")
    if len(bodies) != 1 or len(bodies[0]) != 1:
        raise Refused("A SOAP envelope has one Body, and a call is one element in it.")
    (call,) = bodies[0]
    name = str(call.tag).removeprefix(f"{{{NAMESPACE}}}")
    if name == call.tag or name not in operations:
        raise Refused(f"The server has no such operation. In the namespace {NAMESPACE} it has {', '.join(operations)}.")
    arguments: dict[str, str] = {}
    for element in call:
        argument = str(element.tag).rpartition("}")[2]
        if argument in operations[name]:
            if argument in arguments:
                raise Refused(f"The argument {argument} of {name} is given twice.")
            if len(element):
                raise Refused(f"The argument {argument} of {name} is a text, and must be escaped.")
            if "href" in element.attrib:
                raise Refused(f"The argument {argument} of {name} is a reference: set Style to Document.")
            arguments[argument] = element.text or ""
    return f"{{{NAMESPACE}}}{name}", arguments


def written(call: str, text: str) -> bytes:
    """An answer to a call that answers a text or a number, which says what spyne would write.

    ``text`` has no character that XML has not.
    """
    # An XML reader makes a line feed of a carriage return that stands there as it is.
    content = escape(text, {"\r": "&#13;"})
    return (
        '<?xml version="1.0" encoding="utf-8"?>\n'
        f'<soap:Envelope xmlns:soap="{SOAP}"><soap:Body>'
        f'<{call}Response xmlns="{NAMESPACE}"><{call}Result>{content}</{call}Result></{call}Response>'
        "</soap:Body></soap:Envelope>"
    ).encode()
