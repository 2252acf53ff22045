"""What is shipped: the files in the distributions, and what an installed wheel needs and does."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tarfile
import tomllib
import venv
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

import qbxml
from qbxml import _files
from qbxml.errors import SchemaError

ROOT = Path(__file__).parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
#: The packages of this checkout.
PACKAGES = sorted(path.parent.name for path in ROOT.glob("*/py.typed"))


def run(*command: str | Path, cwd: Path) -> str:
    """Run a command without this process's Python settings; return its output, fail with it if it fails."""
    env = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "COV_"))}
    done = subprocess.run(
        [str(part) for part in command],
        cwd=cwd,
        env=env,
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
    )
    assert done.returncode == 0, f"{command} ended with {done.returncode}\n{done.stdout}\n{done.stderr}"
    return done.stdout


# --- the checkout -------------------------------------------------------------------------------------------


def test_the_version_is_the_same_in_the_package_and_in_the_project_file() -> None:
    assert qbxml.__version__ == PROJECT["project"]["version"]


def test_the_changelog_has_an_entry_for_the_version() -> None:
    assert f"## {qbxml.__version__}" in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")


@pytest.mark.parametrize(("package", "wanted"), [("qbxml", {"qbxml"}), ("qbsimulator", {"qbsimulator", "qbxml"})])
def test_what_needs_lxml_alone_loads_no_other_distribution(package: str, wanted: set[str], tmp_path: Path) -> None:
    script = (
        "import sys\n"
        "before = set(sys.modules)\n"
        f"import {package}\n"
        "roots = {name.partition('.')[0] for name in set(sys.modules) - before}\n"
        "print(*(name for name in roots - sys.stdlib_module_names if not name.startswith('_sysconfigdata')))"
    )
    loaded = set(run(sys.executable, "-c", script, cwd=tmp_path).split())
    # What lxml is compiled with puts modules of its own beside it.
    assert {name for name in loaded if "cython" not in name} - {"lxml"} == wanted


def test_files_of_the_schema_are_found_in_the_checkout(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "some.xsd").write_bytes(b"<schema/>")
    monkeypatch.setattr(_files, "_FOLDERS", (str(tmp_path / "absent"), str(tmp_path)))
    assert _files.schema_path("some.xsd") == str(tmp_path / "some.xsd")
    assert _files.read_schema_file("some.xsd") == b"<schema/>"


def test_a_missing_file_of_the_schema_is_an_error_that_names_it() -> None:
    with pytest.raises(SchemaError, match=r"'nothing\.xsd' of the schema is missing"):
        _files.read_schema_file("nothing.xsd")


# --- the distributions --------------------------------------------------------------------------------------
# Slow, and in one group, so that one process builds and installs once.

shipped = [pytest.mark.slow, pytest.mark.xdist_group("packaging")]


@dataclass(frozen=True)
class Dist:
    wheel: Path
    sdist: Path


@pytest.fixture(scope="module")
def dist(tmp_path_factory: pytest.TempPathFactory) -> Dist:
    """Both distributions, the wheel built from the source distribution as an index would get them."""
    out = tmp_path_factory.mktemp("dist")
    # The set-up that led here has built in isolation already; once is enough to prove build-system.requires.
    run(sys.executable, "-m", "build", "--no-isolation", "--outdir", out, ROOT, cwd=out)
    (wheel,) = out.glob("*.whl")
    (sdist,) = out.glob("*.tar.gz")
    return Dist(wheel, sdist)


@pytest.fixture(scope="module")
def installed(dist: Dist, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The folder of programs of a new environment that holds the wheel and what it asks for."""
    folder = tmp_path_factory.mktemp("installed")
    venv.create(folder, with_pip=True)
    programs = folder / ("Scripts" if os.name == "nt" else "bin")
    run(
        programs / "python",
        "-m",
        "pip",
        "install",
        "--quiet",
        "--disable-pip-version-check",
        dist.wheel,
        cwd=folder,
    )
    yield programs
    shutil.rmtree(folder, ignore_errors=True)


class TestWheel:
    pytestmark = shipped

    def test_it_holds_the_packages_with_their_type_markers_and_nothing_else(self, dist: Dist) -> None:
        names = zipfile.ZipFile(dist.wheel).namelist()
        tops = {name.partition("/")[0] for name in names}
        assert {top for top in tops if not top.endswith(".dist-info")} == set(PACKAGES)
        assert {f"{package}/py.typed" for package in PACKAGES} <= set(names)
        assert not [name for name in names if name.endswith((".pyc", ".orig", ".rej"))]

    def test_it_holds_every_file_of_the_schema_inside_the_codec(self, dist: Dist) -> None:
        names = set(zipfile.ZipFile(dist.wheel).namelist())
        files = {path.relative_to(ROOT).as_posix() for path in (ROOT / "schemas").rglob("*") if path.is_file()}
        assert {f"qbxml/{file}" for file in files} <= names

    def test_it_needs_lxml_alone(self, installed: Path) -> None:
        listed = run(installed / "python", "-m", "pip", "list", "--format=freeze", cwd=installed).split()
        names = {line.partition("=")[0].lower() for line in listed}
        assert names - {"pip", "setuptools", "wheel"} == {"openqbd", "lxml"}

    def test_the_codec_finds_its_schema(self, installed: Path) -> None:
        script = "from qbxml._files import schema_path; print(schema_path('qbxml.xsd'))"
        found = Path(run(installed / "python", "-I", "-c", script, cwd=installed).strip())
        assert found.parent.name == "schemas"
        assert found.parent.parent.name == "qbxml"
        assert found.read_bytes() == (ROOT / "schemas" / "qbxml.xsd").read_bytes()

    def test_the_command_line_starts(self, installed: Path) -> None:
        for name in ("qbxml", "qbsimulator", "qbgateway"):
            for command in ([installed / "python", "-m", name], [installed / name]):
                assert "usage: " in run(*command, "--help", cwd=installed).lower()

    def test_a_simulated_company_works(self, installed: Path, tmp_path: Path) -> None:
        run(installed / "qbsimulator", "create", "books.company", cwd=tmp_path)
        (tmp_path / "request.xml").write_text(
            run(installed / "qbxml", "sample", "HostQueryRq", "--minimal", cwd=tmp_path), "utf-8"
        )
        assert "<HostRet>" in run(installed / "qbsimulator", "process", "books.company", "request.xml", cwd=tmp_path)


class TestSourceDistribution:
    pytestmark = shipped

    def test_it_holds_every_file_that_git_keeps(self, dist: Dist) -> None:
        if not (ROOT / ".git").exists():
            pytest.skip("not a git checkout: nothing to compare with")
        kept = set(run("git", "ls-files", cwd=ROOT).splitlines())
        with tarfile.open(dist.sdist) as archive:
            held = {name.partition("/")[2] for name in archive.getnames()}
        # git's own settings are of no use without git.
        assert kept - held <= {".gitattributes"}
