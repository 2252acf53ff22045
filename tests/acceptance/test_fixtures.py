"""The fixtures: they are what fixtures/README.md says they are."""

from __future__ import annotations

import functools
import re
from pathlib import Path

import pytest
from lxml import etree

import qbxml

FIXTURES = Path(__file__).parents[2] / "fixtures"
ANSWERS = sorted((FIXTURES / "qbxml").glob("*.xml"))
CALLS = sorted((FIXTURES / "soap").glob("*.xml"))


@functools.cache
def schema_of(version: str) -> etree.XMLSchema:
    return etree.XMLSchema(etree.fromstring(qbxml.xsd(version, "US").encode()))


def names(paths: list[Path]) -> list[str]:
    return [path.name for path in paths]


@pytest.mark.parametrize("folder", ["qbxml", "soap"])
def test_every_document_has_a_line_on_what_it_guards_and_every_line_a_document(folder: str) -> None:
    readme = (FIXTURES / "README.md").read_text("utf-8")
    section = readme.partition(f"\n## {folder}/")[2].partition("\n## ")[0]
    listed = re.findall(r"^\| `([^`]+)` \| .{10,} \|$", section, re.MULTILINE)
    assert sorted(listed) == names(sorted((FIXTURES / folder).iterdir()))


@pytest.mark.parametrize("path", ANSWERS, ids=names(ANSWERS))
@pytest.mark.parametrize("version", ["13.0", "16.0"])
def test_an_answer_is_valid_in_the_versions_it_is_used_with(path: Path, version: str) -> None:
    schema_of(version).assertValid(etree.parse(path))


@pytest.mark.parametrize("path", ANSWERS, ids=names(ANSWERS))
def test_an_answer_has_the_form_that_quickbooks_writes(path: Path) -> None:
    text = path.read_bytes().decode("ascii")
    first, *lines = text.removesuffix("\n").split("\n")
    assert text.endswith("</QBXML>\n")
    assert first == '<?xml version="1.0" ?>'
    # A start tag, an end tag, a leaf, or an element without content: one on each line, not indented.
    tag = r'<\w+( \w+="[^"<]*")*'
    line_form = re.compile(rf"{tag}>|</\w+>|<(?P<leaf>\w+)>[^<]+</(?P=leaf)>|{tag} />")
    for line in lines:
        assert line_form.fullmatch(line), line


@pytest.mark.parametrize("path", CALLS, ids=names(CALLS))
def test_a_call_is_one_line_as_the_net_client_writes_it(path: Path) -> None:
    assert path.read_bytes().startswith(b'<?xml version="1.0" encoding="utf-8"?><')
    assert b"\n" not in path.read_bytes()
