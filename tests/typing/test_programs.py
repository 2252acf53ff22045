"""What mypy and basedpyright say about small programs with typed requests and records.

The programs are in ``programs/``. A line that must be refused says so with a comment for each checker; as they stand,
the programs pass. Here the comments are taken away, and each checker must complain about just those lines, for the
reason that the comment names.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

ROOT = Path(__file__).resolve().parents[2]
PROGRAMS = sorted((Path(__file__).parent / "programs").glob("*.py"))

#: The comments by which a program says what is refused.
IGNORED = {
    "mypy": re.compile(r"  # type: ignore\[(.*?)\]"),
    "basedpyright": re.compile(r"  # pyright: ignore\[(.*?)\]"),
}

#: What a checker says: for each program, its complaints as (line, rule).
Complaints = dict[str, set[tuple[int, str]]]

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("type checkers")]


def run_mypy(folder: Path) -> Complaints:
    report = subprocess.run(
        [sys.executable, "-m", "mypy", "--strict", "--config-file=", "--python-version=3.11", "--output=json", "."],
        cwd=folder,
        env={**os.environ, "MYPYPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert report.returncode in (0, 1), report.stdout + report.stderr
    found: Complaints = {}
    for line in report.stdout.splitlines():
        if line.startswith("{"):
            said = json.loads(line)
            if said["severity"] == "error":
                found.setdefault(Path(said["file"]).name, set()).add((said["line"], said["code"]))
    return found


def run_basedpyright(folder: Path) -> Complaints:
    """Its own defaults, which are stricter than strict; in a program that is accepted, warnings count."""
    settings = {"include": ["."], "extraPaths": [str(ROOT)], "pythonVersion": "3.11"}
    (folder / "pyrightconfig.json").write_text(json.dumps(settings))
    report = subprocess.run(
        [sys.executable, "-m", "basedpyright", "--outputjson", "--pythonpath", sys.executable],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    assert report.returncode in (0, 1), report.stdout + report.stderr
    found: Complaints = {}
    for said in json.loads(report.stdout)["generalDiagnostics"]:
        name = Path(said["file"]).name
        if said["severity"] == "error" or (said["severity"] == "warning" and name.startswith("accepted")):
            found.setdefault(name, set()).add((said["range"]["start"]["line"] + 1, said["rule"]))
    return found


@cache
def complaints(checker: str) -> Complaints:
    """What a checker says about all programs, their comments taken away; it runs once."""
    with TemporaryDirectory() as folder:
        for program in PROGRAMS:
            text = program.read_text(encoding="utf-8")
            for comment in IGNORED.values():
                text = comment.sub("", text)
            (Path(folder) / program.name).write_text(text, encoding="utf-8")
        return {"mypy": run_mypy, "basedpyright": run_basedpyright}[checker](Path(folder))


@pytest.mark.parametrize("checker", IGNORED)
@pytest.mark.parametrize("program", PROGRAMS, ids=lambda program: program.stem)
def test_a_checker_refuses_the_marked_lines_and_no_other(program: Path, checker: str) -> None:
    lines = program.read_text(encoding="utf-8").splitlines()
    marked = {
        (number, rule.strip())
        for number, line in enumerate(lines, 1)
        for rules in IGNORED[checker].findall(line)
        for rule in rules.split(",")
    }
    assert complaints(checker).get(program.name, set()) == marked


def test_there_are_programs_of_both_kinds() -> None:
    for program in PROGRAMS:
        text = program.read_text(encoding="utf-8")
        for comment in IGNORED.values():
            assert bool(comment.search(text)) == program.name.startswith("refused_"), program.name
