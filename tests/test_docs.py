"""The words: generated pages are in step, examples run and print what is printed below them, links lead somewhere.

In ``README.md`` and ``docs/``, the ``python`` blocks of a page are run in order, as one program; a block ``output``
right below one is what it prints. In a block ``console`` the lines after ``$`` are commands, the others their output.
"""

from __future__ import annotations

import contextlib
import io
import itertools
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

import qbxml
from qbxml import errors

ROOT = Path(__file__).parent.parent
DOCS = ROOT / "docs"
README = ROOT / "README.md"
WRITTEN = [README, *sorted(DOCS.glob("*.md"))]
PAGES = [*WRITTEN, *sorted((DOCS / "reference").glob("*.md"))]


@dataclass
class Block:
    language: str
    text: str
    line: int


def blocks(page: Path) -> Iterator[Block]:
    """The fenced blocks of a page."""
    inside: Block | None = None
    for number, line in enumerate(page.read_text("utf-8").splitlines(keepends=True), 1):
        if line.startswith("```"):
            if inside is None:
                inside = Block(line[3:].strip(), "", number)
            else:
                yield inside
                inside = None
        elif inside is not None:
            inside.text += line
    assert inside is None, f"{page.name}: a block has no end"


def named(page: Path) -> str:
    return page.relative_to(ROOT).as_posix()


@pytest.mark.parametrize("page", WRITTEN, ids=named)
def test_the_python_of_a_page_runs_and_prints_what_it_says(
    page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("QBWC_PASSWORD", "of the tests")
    found = list(blocks(page))
    names: dict[str, object] = {"__name__": "__main__"}
    for block, after in itertools.pairwise([*found, Block("", "", 0)]):
        if block.language == "python":
            printed = io.StringIO()
            # The line numbers in a traceback are those of the page.
            code = compile("\n" * block.line + block.text, named(page), "exec")
            with contextlib.redirect_stdout(printed):
                exec(code, names)
            wanted = after.text if after.language == "output" else ""
            assert printed.getvalue() == wanted, f"{named(page)}, the block of line {block.line}"


@pytest.mark.parametrize("page", WRITTEN, ids=named)
def test_the_commands_of_a_page_print_what_it_says(page: Path, tmp_path: Path) -> None:
    for block in blocks(page):
        if block.language == "console":
            commands = [line[2:] for line in block.text.splitlines() if line.startswith("$ ")]
            # In one shell, which says each command before it runs it.
            script = "".join(f"printf '%s\\n' {_quoted(f'$ {one}')}\n{one}\n" for one in commands)
            shim = "".join(
                f'{name}() {{ {_quoted(sys.executable)} -m {name} "$@"; }}\n' for name in ("qbxml", "qbsimulator")
            )
            done = subprocess.run(
                ["sh", "-c", f"exec 2>&1\n{shim}{script}"],
                cwd=tmp_path,
                env={**os.environ, "PYTHONPATH": str(ROOT)},
                capture_output=True,
                text=True,
            )
            assert done.stdout == block.text, f"{named(page)}, the block of line {block.line}"


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "'\\''") + "'"


@pytest.mark.parametrize("page", WRITTEN, ids=named)
def test_blocks_are_of_the_kinds_that_are_checked(page: Path) -> None:
    """So that no example escapes by the name of its language."""
    languages = {block.language for block in blocks(page)}
    assert languages <= {"python", "output", "console", "sh", "xml", "text", "js"}


def test_the_program_for_node_is_the_one_that_is_run() -> None:
    """By the tests of the gateway, where node is installed."""
    (found,) = [block.text for block in blocks(ROOT / "docs" / "gateway.md") if block.language == "js"]
    assert found == (ROOT / "tests" / "gateway" / "node" / "quickstart.js").read_text("utf-8")


def test_the_program_of_the_readme_runs_as_it_is_printed(tmp_path: Path) -> None:
    program, printed = list(blocks(README))[1:3]
    assert (program.language, printed.language) == ("python", "output")
    assert len([line for line in program.text.splitlines() if line.strip()]) <= 20
    (tmp_path / "program.py").write_text(program.text, "utf-8")
    done = subprocess.run(
        [sys.executable, "-W", "error", "program.py"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
    )
    assert (done.stderr, done.stdout) == ("", printed.text)


def test_the_readme_says_how_to_see_it_and_how_to_prove_it() -> None:
    text = README.read_text("utf-8")
    assert "make demo" in text
    assert "make test" in text


# -- links -------------------------------------------------------------------------------------------------------

_LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")


def anchors(page: Path) -> set[str]:
    """The anchors of a page's headings, as GitHub makes them."""
    found: set[str] = set()
    text = re.sub(r"^```.*?^```", "", page.read_text("utf-8"), flags=re.M | re.S)
    for heading in re.findall(r"^#+ (.*)$", text, re.M):
        slug = re.sub(r"[^\w\- ]", "", heading.lower()).strip().replace(" ", "-")
        while slug in found:
            slug += "-1"
        found.add(slug)
    return found


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_links_lead_somewhere(page: Path) -> None:
    known: dict[Path, set[str]] = {}
    text = re.sub(r"^```.*?^```|`[^`\n]*`", "", page.read_text("utf-8"), flags=re.M | re.S)
    for link in set(_LINK.findall(text)):
        if link.startswith(("http:", "https:", "mailto:")):
            continue
        file, _, anchor = link.partition("#")
        target = (page.parent / file).resolve() if file else page
        assert target.exists(), f"{named(page)}: {link}"
        if anchor:
            if target not in known:
                known[target] = anchors(target)
            assert anchor in known[target], f"{named(page)}: {link}"


def test_every_written_page_is_reached_from_the_readme() -> None:
    reached, waiting = set[Path](), [README]
    while waiting:
        page = waiting.pop()
        if page in reached or page.suffix != ".md" or not page.exists():
            continue
        reached.add(page)
        for link in _LINK.findall(page.read_text("utf-8")):
            waiting.append((page.parent / link.partition("#")[0]).resolve())
    assert set(PAGES) <= reached


# -- what the pages promise to be whole about --------------------------------------------------------------------


def test_generated_pages_are_in_step() -> None:
    done = subprocess.run(
        [sys.executable, str(ROOT / "scripts" / "generate_docs.py"), "--check"], capture_output=True, text=True
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_the_page_on_errors_names_every_error() -> None:
    text = (DOCS / "errors.md").read_text("utf-8")
    classes = {name for name, value in vars(errors).items() if isinstance(value, type)} - {"ProblemsError"}
    assert {name for name in classes if f"`{name}`" not in text} == set()


def test_the_docs_name_everything_public() -> None:
    text = "\n".join(page.read_text("utf-8") for page in WRITTEN)
    unnamed = {name for name in qbxml.__all__ if not re.search(rf"\b{name}\b", text)}
    assert unnamed == set()


def test_the_page_on_design_has_a_reason_for_every_dependency() -> None:
    text = (DOCS / "design.md").read_text("utf-8").lower()
    project = (ROOT / "pyproject.toml").read_text("utf-8")
    asked = set(re.findall(r'"([a-z][a-z0-9-]*)(?:\[[a-z]+\])?>=', project.partition("[project.scripts]")[0]))
    # Stubs, and what benchmarks/ compares with, need no reason of their own.
    asked -= {"hatchling", "types-jsonschema", "types-lxml", "pydantic-xml", "xmltodict", "xsdata", "pytest-xdist"}
    assert {name for name in asked if name not in text} == set()
