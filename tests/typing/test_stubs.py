"""The stubs against the generator and against the modules that they describe."""

from __future__ import annotations

import ast
import runpy
import subprocess
import sys
from pathlib import Path
from typing import Literal, get_args

import pytest

from qbxml import literals, records, requests
from qbxml.typed import TypedRecord

ROOT = Path(__file__).resolve().parents[2]
GENERATOR = ROOT / "scripts" / "generate_stubs.py"


def body(module: str) -> list[ast.stmt]:
    return ast.parse((ROOT / "qbxml" / f"{module}.pyi").read_text(encoding="utf-8")).body


def classes(module: str) -> dict[str, ast.ClassDef]:
    return {node.name: node for node in body(module) if isinstance(node, ast.ClassDef)}


def fields(node: ast.ClassDef) -> dict[str, str]:
    """The fields that a class declares, with their types as written."""
    return {
        part.target.id: ast.unparse(part.annotation)
        for part in node.body
        if isinstance(part, ast.AnnAssign) and isinstance(part.target, ast.Name)
    }


@pytest.mark.slow
def test_the_stubs_are_in_step_with_the_schema() -> None:
    report = subprocess.run([sys.executable, str(GENERATOR), "--check"], capture_output=True, text=True, check=False)
    assert report.returncode == 0, report.stdout + report.stderr


def test_each_request_class_has_the_fields_of_its_stub() -> None:
    declared = classes("requests")
    assert sorted(declared) == dir(requests)
    for name, node in declared.items():
        made: type[TypedRecord] = getattr(requests, name)
        assert list(fields(node)) == list(made._names), name


def test_replace_takes_every_field_and_wants_none() -> None:
    for name, node in classes("requests").items():
        for method in (part for part in node.body if isinstance(part, ast.FunctionDef)):
            taken = {one.arg: ast.unparse(one.annotation) for one in method.args.kwonlyargs if one.annotation}
            assert method.name == "replace"
            assert taken == fields(node), name
            assert all(method.args.kw_defaults), name


def test_each_shape_has_the_keys_of_its_stub() -> None:
    declared = classes("records")
    assert sorted(declared) == dir(records)
    for name, node in declared.items():
        shape = getattr(records, name)
        said = fields(node)
        assert list(said) == list(shape.__annotations__), name
        optional = {key for key, type_ in said.items() if type_.startswith("NotRequired[")}
        assert optional == shape.__optional_keys__, name


def test_no_field_of_an_answer_may_be_none() -> None:
    for name, node in classes("records").items():
        assert not [key for key, type_ in fields(node).items() if "None" in type_], name


def test_every_field_of_a_request_that_may_be_left_out_may_be_none() -> None:
    for name, node in classes("requests").items():
        for part in node.body:
            if isinstance(part, ast.AnnAssign):
                may_be_none = ast.unparse(part.annotation).endswith(" | None")
                assert may_be_none == (part.value is not None), (name, ast.unparse(part))


def test_no_field_is_annotated_with_a_bare_class_name() -> None:
    """It would mean the field itself where a field of that name stands in the class: nothing would be checked."""
    for module in ("requests", "records"):
        declared = classes(module)
        taken = declared.keys() | {name for node in declared.values() for name in fields(node)}
        for name, node in declared.items():
            for part in ast.walk(node):
                if isinstance(part, ast.AnnAssign):
                    bare = {one.id for one in ast.walk(part.annotation) if isinstance(one, ast.Name)}
                    assert not bare & taken, (module, name)


def test_each_literal_is_defined_once_with_the_values_of_its_stub() -> None:
    declared = [node for node in body("literals") if isinstance(node, ast.AnnAssign)]
    names = [node.target.id for node in declared if isinstance(node.target, ast.Name)]
    assert sorted(names) == dir(literals)
    for name, node in zip(names, declared, strict=True):
        assert isinstance(node.value, ast.Subscript)
        values = ast.literal_eval(node.value.slice)
        made = getattr(literals, name)
        assert get_args(made) == (values if isinstance(values, tuple) else (values,)), name
        assert made == Literal[values]


def test_the_generator_writes_what_is_missing_and_checks_without_writing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    stub = tmp_path / "requests.pyi"
    main = runpy.run_path(str(GENERATOR))["main"]
    main.__globals__.update(ROOT=tmp_path, stubs=lambda: {stub: "class A: ...\n"})
    monkeypatch.setattr(sys, "argv", ["generate_stubs.py", "--check"])
    assert main() == 1
    assert "requests.pyi is out of step" in capsys.readouterr().out
    assert not stub.exists()
    monkeypatch.setattr(sys, "argv", ["generate_stubs.py"])
    assert main() == 0
    assert stub.read_text(encoding="utf-8") == "class A: ...\n"
    monkeypatch.setattr(sys, "argv", ["generate_stubs.py", "--check"])
    assert main() == 0
