"""soap/_spyne.py: the mended import, in interpreters of its own."""

from __future__ import annotations

import subprocess
import sys

import pytest

from soap import _spyne


def run(program: str, *options: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *options, "-c", program], capture_output=True, text=True, timeout=60, check=False
    )


def test_the_endpoint_imports_where_every_warning_is_an_error() -> None:
    program = "import soap.transport, soap._spyne; print(soap._spyne.load().Application.__name__)"
    ran = run(program, "-W", "error")
    assert ran.stderr == ""
    assert ran.stdout == "Application\n"


def test_importing_the_package_does_not_import_spyne() -> None:
    ran = run("import sys, soap; print('spyne' in sys.modules, 'cgi' in sys.modules)")
    assert ran.stderr == ""
    assert ran.stdout == "False False\n"


def test_no_half_cgi_module_is_left_behind() -> None:
    ran = run("import sys, soap._spyne as s; s.load(); print(hasattr(sys.modules.get('cgi'), 'FieldStorage'))")
    # On 3.11 and 3.12 spyne has imported the real one, later there is none.
    assert ran.stdout == f"{sys.version_info < (3, 13)}\n"


@pytest.mark.skipif(sys.version_info < (3, 12), reason="spyne imports by itself up to Python 3.11")
def test_spyne_alone_still_fails_on_new_pythons() -> None:
    ran = run("import spyne")
    assert ran.returncode != 0, "spyne imports by itself now: make soap/_spyne.py plain imports"
    assert "ModuleNotFoundError" in ran.stderr


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("text/xml", ("text/xml", {})),
        ("text/xml; charset=utf-8", ("text/xml", {"charset": "utf-8"})),
        ('text/xml;charset="UTF-8"; action=x', ("text/xml", {"charset": "UTF-8", "action": "x"})),
        ("", ("", {})),
    ],
)
def test_a_content_type_is_split_into_type_and_parameters(line: str, expected: tuple[str, dict[str, str]]) -> None:
    assert _spyne.parse_header(line) == expected
