"""What must hold for any bytes at all."""

from __future__ import annotations

import re
import time
from functools import cache

from lxml import etree

import qbxml

#: Longer than any document that the fuzzer makes may take, on a slow and busy machine.
TOO_LONG = 5.0

NEWEST = qbxml.Schema("16.0")


class Finding(AssertionError):
    """Something that must hold did not."""


@cache
def judge() -> etree.XMLSchema:
    """libxml2, for the newest union."""
    return etree.XMLSchema(etree.fromstring(qbxml.xsd("16.0").encode()))


def check(data: bytes) -> str:
    """Give the bytes to all readers. What came of it, in a word; anything but a good end raises."""
    begun = time.process_time()
    outcome = _check(data)
    if time.process_time() - begun > TOO_LONG:
        raise Finding("it took too long")
    return outcome


def _check(data: bytes) -> str:
    try:
        problems = qbxml.validate(data, schema=NEWEST)
    except qbxml.ParseError as error:
        _placed(error)
        _refused_by_all(data)
        return "refused: " + error.reason.partition(":")[0][:30]
    for problem in problems:
        str(problem)
        problem.to_dict()
    _compare_with_libxml2(data, problems)
    for read in (qbxml.parse, qbxml.parse_request):
        _read(read, data, problems)
    try:
        list(qbxml.iterparse(data, schema=NEWEST, report=_quiet))
    except qbxml.ParseError as error:
        _placed(error)
    return "not valid" if problems else "valid"


def _quiet(_: qbxml.Problem) -> None:
    """Problems are not what this is about."""


def _placed(error: qbxml.ParseError) -> None:
    if error.line is not None and not (error.line >= 1 and (error.column or 1) >= 1):
        raise Finding(f"a place that does not exist: {error}")


def _refused_by_all(data: bytes) -> None:
    """What is not well-formed to one reader is not to the others."""
    for read in (qbxml.parse, qbxml.parse_request, lambda one: list(qbxml.iterparse(one, report=_quiet))):
        try:
            read(data)
        except qbxml.ParseError as error:
            _placed(error)
        else:
            raise Finding("validate refused it, another reader did not")


def _compare_with_libxml2(data: bytes, problems: list[qbxml.Problem]) -> None:
    if etree.LIBXML_VERSION < (2, 14) and re.search(rb"[0-9.]{25}", data):
        return  # an old one knows no numbers so long; newer ones do, and we
    # Defensively, like ours: a DOCTYPE never gets here.
    root = etree.fromstring(data, etree.XMLParser(resolve_entities=False, no_network=True))
    if root.xpath("boolean(//@*[namespace-uri()='http://www.w3.org/2001/XMLSchema-instance'])"):
        return  # xsi:type and its like are a validator's own; qbXML has none of them
    if judge().validate(root) != (problems == []):
        raise Finding(f"libxml2 says {judge().error_log.last_error}; we say {problems[:1]}")


def _read(read: object, data: bytes, problems: list[qbxml.Problem]) -> None:
    assert callable(read)
    try:
        document = read(data, schema=NEWEST, report=_quiet)
    except qbxml.ParseError as error:
        _placed(error)
        return
    if problems:
        try:
            read(data, schema=NEWEST, strict=True)
        except qbxml.InvalidDocument:
            pass
        else:
            raise Finding("strict reading took what is not valid")
    elif document.problems:
        raise Finding(f"it is valid, and reading reports {document.problems[:1]}")
    try:
        written = qbxml.build(document, schema=NEWEST, characters="reference")
    except qbxml.InvalidRequest as error:
        # Valid, and still refused: what QuickBooks limits more than its schema does.
        if not problems and any(one.kind != "length" for one in error.problems):
            raise
        return
    if not problems and read(written, schema=NEWEST) != document:
        raise Finding("it does not survive building")
