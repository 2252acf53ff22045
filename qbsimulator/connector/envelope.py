"""SOAP 1.1 as the Web Connector's client library writes and reads it: document/literal, wrapped.

Written byte for byte as that library does. Read as it reads: any prefix will do, but a wrapper in another namespace is
as good as none, members of an array in another namespace are not there, and what is no XML is an error of the call.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from lxml import etree

from ..errors import SimulatorError

NAMESPACE = "http://developer.intuit.com/"
SOAP_NAMESPACE = "http://schemas.xmlsoap.org/soap/envelope/"
_NIL = "{http://www.w3.org/2001/XMLSchema-instance}nil"

_OPENING = (
    '<?xml version="1.0" encoding="utf-8"?>'
    f'<soap:Envelope xmlns:soap="{SOAP_NAMESPACE}" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
    ' xmlns:xsd="http://www.w3.org/2001/XMLSchema"><soap:Body>'
)
_CLOSING = "</soap:Body></soap:Envelope>"

#: What the client library puts as references though XML has no such characters; a server can't read them.
_CONTROLS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f]")


class ServiceError(SimulatorError):
    """A call went wrong, and the client raised an exception. Its text is what stands in the log."""


class Fault(ServiceError):
    """The server answered with a SOAP fault. ``code`` is its faultcode without the prefix."""

    def __init__(self, code: str, text: str) -> None:
        super().__init__(text)
        self.code = code


# -- writing -----------------------------------------------------------------------------------------------------


def written(method: str, arguments: Mapping[str, str | int | None]) -> bytes:
    """The envelope of a call. ``""`` is an empty element, ``None`` no element."""
    inside = "".join(_element(name, value) for name, value in arguments.items() if value is not None)
    opened = f'<{method} xmlns="{NAMESPACE}"'
    return f"{_OPENING}{opened}{f'>{inside}</{method}>' if inside else ' />'}{_CLOSING}".encode()


def _element(name: str, value: str | int | None) -> str:
    text = str(value)
    if not text:
        return f"<{name} />"
    for character, reference in (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;")):
        text = text.replace(character, reference)
    text = _CONTROLS.sub(lambda found: f"&#x{ord(found[0]):X};", text)
    return f"<{name}>{text}</{name}>"


# -- reading -----------------------------------------------------------------------------------------------------


def result(method: str, body: bytes, charset: str | None = None) -> etree._Element | None:
    """The element with a call's result; ``None`` where the answer has none in the right namespace.

    Raises :class:`ServiceError` for what is no envelope, and :class:`Fault`.
    """
    root = _parsed(body, charset)
    if root.tag != f"{{{SOAP_NAMESPACE}}}Envelope":
        raise ServiceError("Possible SOAP version mismatch: the answer is no SOAP 1.1 envelope.")
    inside = root.find(f"{{{SOAP_NAMESPACE}}}Body")
    if inside is None:
        raise ServiceError("There is an error in XML document: the envelope has no Body.")
    fault = inside.find(f"{{{SOAP_NAMESPACE}}}Fault")
    if fault is not None:
        code = (fault.findtext("faultcode") or "").strip().rpartition(":")[2]
        raise Fault(code, (fault.findtext("faultstring") or "").strip() or "The server reported a fault.")
    wrapper = inside.find(f"{{{NAMESPACE}}}{method}Response")
    return None if wrapper is None else wrapper.find(f"{{{NAMESPACE}}}{method}Result")


def _parsed(body: bytes, charset: str | None) -> etree._Element:
    if not body:
        raise ServiceError("Response is not well-formed XML: it is empty.")
    try:
        parser = etree.XMLParser(
            encoding=charset,
            resolve_entities=False,
            no_network=True,
            huge_tree=True,
            remove_comments=True,
            remove_pis=True,
        )
        root = etree.fromstring(body, parser)
    except (etree.XMLSyntaxError, LookupError) as error:
        raise ServiceError(f"Response is not well-formed XML: {error}") from error
    if root.getroottree().docinfo.doctype:
        raise ServiceError("Response is not well-formed XML: a DTD is prohibited.")
    return root


def text(element: etree._Element | None) -> str | None:
    """The text of an element; ``None`` for a nil one, or none. Raises :class:`ServiceError` for markup within."""
    if element is None or element.get(_NIL) in ("true", "1"):
        return None
    if len(element):
        raise ServiceError("There is an error in XML document: a text has elements within.")
    return element.text or ""


def texts(element: etree._Element | None) -> list[str | None] | None:
    """The members of an array; ``None`` where there is none. What is no ``string`` of the namespace is not there."""
    if element is None or element.get(_NIL) in ("true", "1"):
        return None
    return [text(one) for one in element.iterchildren(f"{{{NAMESPACE}}}string")]


def integer(element: etree._Element | None) -> int:
    """The integer in an element. Raises :class:`ServiceError` for anything else."""
    said = text(element)
    if said is None:
        raise ServiceError("Object reference not set to an instance of an object: the integer is missing.")
    return number(said)


def number(said: str) -> int:
    """A text as the client reads an integer of 32 bits. Raises :class:`ServiceError`."""
    plain = said.strip(" \t\r\n")
    if not re.fullmatch(r"[+-]?[0-9]+", plain):
        raise ServiceError("Input string was not in a correct format.")
    digits = plain.lstrip("+-").lstrip("0")
    value = int(f"{'-' if plain.startswith('-') else ''}{digits or '0'}") if len(digits) < 11 else 2**31
    if not -(2**31) <= value < 2**31:
        raise ServiceError("Value was either too large or too small for an Int32.")
    return value


def members(given: Sequence[str | None] | None, wanted: int) -> list[str]:
    """An array's members as texts, at least so many. Raises :class:`ServiceError`, as whoever counts on them would."""
    if given is None:
        raise ServiceError("Object reference not set to an instance of an object: the array is missing.")
    if len(given) < wanted:
        raise ServiceError(f"Index Out Of Range: the array has {len(given)} members, not {wanted}.")
    return ["" if one is None else one for one in given]
