"""The package's surface: what is public, and what importing it costs."""

from __future__ import annotations

import ast
import pickle
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

import qbxml
from qbxml import errors, testing

SOURCE = Path(qbxml.__file__)


def test_every_public_name_is_there_and_found_by_type_checkers() -> None:
    tree = ast.parse(SOURCE.read_text(encoding="utf-8"))
    checked = next(node for node in tree.body if isinstance(node, ast.If))
    declared = {
        alias.asname or alias.name for node in checked.body if isinstance(node, ast.ImportFrom) for alias in node.names
    }
    assert declared | {"__version__"} == set(qbxml.__all__)
    for name in qbxml.__all__:
        assert getattr(qbxml, name) is not None
        assert name in dir(qbxml)


@pytest.mark.parametrize("package", [qbxml, testing])
def test_no_public_name_can_be_hidden_by_a_module(package: ModuleType) -> None:
    """``import package.name`` puts the module where the name was."""
    modules = {path.stem for path in Path(str(package.__file__)).parent.glob("*.py")}
    assert not modules & set(vars(package)["_HOME"])


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="nothing"):
        qbxml.nothing  # noqa: B018


def run(program: str) -> str:
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    return done.stdout.strip()


def test_importing_it_loads_nothing_of_it() -> None:
    loaded = run("import sys, qbxml; print(sorted(name for name in sys.modules if name.startswith('qbxml.')))")
    assert loaded == "[]"


def test_the_codec_needs_lxml_and_nothing_else() -> None:
    use = (
        "import sys, lxml.etree; before = set(sys.modules); import qbxml;"
        "qbxml.parse(qbxml.build(qbxml.Response())); qbxml.build({'CustomerQueryRq': {}});"
        "qbxml.validate(b'<QBXML/>'); qbxml.status(0);"
        "print(sorted({name.partition('.')[0] for name in set(sys.modules) - before} - sys.stdlib_module_names))"
    )
    assert run(use) == "['qbxml']"


def test_reading_and_writing_load_no_heavy_modules() -> None:
    program = (
        "import sys, lxml.etree; before = set(sys.modules);"
        "import qbxml; qbxml.parse(b'<QBXML><QBXMLMsgsRs/></QBXML>'); qbxml.build({'CustomerQueryRq': {}});"
        "print(sorted(set(sys.modules) - before))"
    )
    loaded = set(ast.literal_eval(run(program)))
    assert not loaded & {"dataclasses", "json", "logging", "xml.parsers.expat", "difflib", "qbxml.records"}


ERRORS = [
    errors.UnknownVersion("9", ("1.0",)),
    errors.UnknownEdition("X", "9.0", (("US", "1.0"),)),
    errors.UnknownName("Nam", "field", ("Name",), "qbXML 12.0"),
    errors.InvalidRequest([qbxml.Problem("a", "value", "b")]),
    errors.InvalidDocument([qbxml.Problem("a", "value", "b"), qbxml.Problem("c", "enum", "d")]),
    errors.ParseError("why", 3, 4),
    errors.StatusError("XRs", 3180, "Error", "no", meaning="m", advice="a", request_id="1", record={"x": 1}),
    errors.StaleEditSequence("XRs", 3200, "Error", "no"),
    errors.MessageSetError(9001, "A", "m", "a"),
]


@pytest.mark.parametrize("error", ERRORS, ids=lambda error: type(error).__name__)
def test_errors_carry_their_facts_and_survive_pickling(error: errors.QbxmlError) -> None:
    again = pickle.loads(pickle.dumps(error))
    assert type(again) is type(error)
    assert str(again) == str(error)
    assert vars(again) == vars(error)
    assert error.advice


def test_the_tree_of_errors_is_the_one_drawn() -> None:
    drawn = errors.__doc__ or ""
    classes = [one for one in vars(errors).values() if isinstance(one, type) and issubclass(one, errors.QbxmlError)]
    for one in classes:
        if one is not errors.ProblemsError:
            assert one.__name__ in drawn


def test_schemas_are_shared_immutable_and_picklable() -> None:
    schema = qbxml.Schema("8.0", "CA")
    assert qbxml.Schema("8.0", edition="CA") is schema
    assert pickle.loads(pickle.dumps(schema)) is schema
    with pytest.raises(AttributeError):
        schema.version = "9.0"


def test_records_survive_pickling_and_copying() -> None:
    record = qbxml.Record("CustomerRet", {"Name": "A"})
    for again in (pickle.loads(pickle.dumps(record)), record.copy()):
        assert (again, again.name) == (record, "CustomerRet")
    assert pickle.loads(pickle.dumps(qbxml.UseMacro("TxnID:a"))) == qbxml.UseMacro("TxnID:a")


def test_a_schema_has_the_functions_that_take_one() -> None:
    schema = qbxml.Schema("12.0", "UK")
    ret = qbxml.Record("CustomerRet", {"ListID": "1", "EditSequence": "2", "Name": "A"})
    assert schema.to_mod(ret, {"Name": "B"}) == qbxml.to_mod(ret, {"Name": "B"}, version="12.0", edition="UK")
    assert schema.from_json(qbxml.to_json(ret)) == ret
    assert schema.json_schema("CustomerRet") == qbxml.json_schema("CustomerRet", "12.0", "UK")
    data = b"<QBXML><QBXMLMsgsRs/></QBXML>"
    assert list(schema.iterparse(data)) == list(qbxml.iterparse(data))
    assert schema.parse(data) == qbxml.parse(data, version="12.0", edition="UK")
