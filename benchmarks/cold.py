"""Starting: fresh processes that import, build and parse once, against fresh ones that do it with bare lxml.

Each process measures its own CPU time without the interpreter's start, which is the same for both and would make the
ratios smaller. All modules are compiled before the first measurement.
"""

from __future__ import annotations

from collections.abc import Iterator
from statistics import median

from . import documents
from .measure import Row, fresh, fresh_ratio, timed

IMPORT, FIRST, WHOLE, XSD = 1.3, 1.8, 4.0, 0.3

_LXML = "from lxml import etree"
#: The document is on hand as it would be on a socket: its making is off the clock.
_DATA = f"data = {documents.customer_document(1)!r}"

#: Bare lxml doing by hand what one request and one answer need.
_BY_HAND = """
from lxml import etree
root = etree.Element("QBXML")
messages = etree.SubElement(root, "QBXMLMsgsRq", onError="stopOnError")
request = etree.SubElement(messages, "CustomerQueryRq", requestID="1")
etree.SubElement(request, "MaxReturned").text = "10"
text = b'<?xml version="1.0"?><?qbxml version="16.0"?>' + etree.tostring(root)
answer = etree.fromstring(data)
records = [{child.tag: child.text for child in record} for record in answer[0][0]]
"""
_WITH_QBXML = """
import qbxml
text = qbxml.build({"CustomerQueryRq": {"MaxReturned": 10}}, version="16.0", edition="US")
answer = qbxml.parse(data, version="16.0", edition="US")
records = answer[0].records
"""
_TYPED = _WITH_QBXML.replace(
    '{"CustomerQueryRq": {"MaxReturned": 10}}', "qbxml.requests.CustomerQueryRq(MaxReturned=10)"
)
_WHOLE = """
import qbxml
schema = qbxml.Schema("16.0", "US")
for name in schema.records():
    schema.record(name)
"""
_XSD = "import qbxml\nqbxml.xsd('16.0', 'US')"


def rows(quick: bool) -> Iterator[Row]:
    """All cases of starting."""
    samples = 5 if quick else 21
    by_hand = timed(_BY_HAND, _DATA)
    yield fresh_ratio("cold", "import qbxml", timed("import qbxml"), timed(_LXML), samples=samples, goal=IMPORT)
    yield fresh_ratio(
        "cold", "import, build, parse", timed(_WITH_QBXML, _DATA), by_hand, samples=samples, goal=FIRST,
        note="floor: lxml, the same by hand",
    )  # fmt: skip
    yield fresh_ratio("cold", "the same, typed request", timed(_TYPED, _DATA), by_hand, samples=samples)
    yield fresh_ratio(
        "cold", "whole schema", timed(_WHOLE), by_hand, samples=samples // 2, goal=WHOLE,
        note="every record type of 16.0 US; floor as above",
    )  # fmt: skip
    times = [fresh(timed(_XSD)) for _ in range(1 + samples // 3)]
    yield Row("cold", "xsd", median(times), "s", goal=XSD, note="import and qbxml.xsd('16.0', 'US')")
