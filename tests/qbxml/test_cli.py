"""The command line: what each command prints, what it exits with, and that it never ends in a traceback."""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from pathlib import Path

import pytest
from lxml import etree

import qbxml
from qbxml.cli import EXIT_CODES, main, parser
from qbxml.cli.diagnosis import diagnose
from qbxml.jsonform import from_json
from tests.commands import Run

FIXTURES = Path(__file__).parents[2] / "fixtures" / "qbxml"

CUSTOMERS = b'{"CustomerQueryRq": {"IncludeRetElement": ["Name"], "MaxReturned": 10}}'


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsysbinary: pytest.CaptureFixture[bytes]) -> Run:
    return Run(main, monkeypatch, capsysbinary)


def request(content: str, version: str = "13.0") -> bytes:
    """A request document around some content."""
    head = f'<?xml version="1.0" encoding="utf-8"?>\n<?qbxml version="{version}"?>\n'
    return f'{head}<QBXML>\n<QBXMLMsgsRq onError="stopOnError">\n{content}\n</QBXMLMsgsRq>\n</QBXML>\n'.encode()


# -- the command line itself -------------------------------------------------------------------------------------


def test_help_says_what_the_exit_codes_mean(run: Run) -> None:
    ran = run("--help")
    assert ran.code == 0
    for code, meaning in EXIT_CODES.items():
        assert f"{code}  {meaning}" in ran.out


def test_every_command_has_help(run: Run) -> None:
    actions = parser()._actions
    (commands,) = [action.choices for action in actions if isinstance(action, argparse._SubParsersAction)]
    assert list(commands) == ["build", "parse", "validate", "explain", "describe", "xsd", "sample", "versions"]
    for name in commands:
        assert run(name, "--help").out.startswith(f"usage: qbxml {name}")


def test_a_wrong_command_line_is_exit_code_2(run: Run) -> None:
    for arguments in ([], ["nonsense"], ["xsd", "--version", "99"], ["xsd", "--edition", "DE"], ["describe"]):
        assert run(*arguments).code == 2


def test_an_edition_that_did_not_exist_yet_is_a_wrong_command_line(run: Run) -> None:
    ran = run("xsd", "--version", "5.0", "--edition", "AU")
    assert (ran.code, ran.err) == (2, "qbxml: the AU edition begins with qbXML 7.0: 5.0 has none\n")


def test_the_version_of_the_program(run: Run) -> None:
    assert run("--version").out == f"qbxml {qbxml.__version__} (OpenQBD)\n"


def test_starting_loads_neither_lxml_nor_the_schema() -> None:
    script = (
        "import sys; from qbxml.cli import main\n"
        "try: main(['--help'])\n"
        "except SystemExit: pass\n"
        "print(sorted({'lxml', 'qbxml._master', 'json'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"


def test_a_reader_that_goes_away_is_no_error() -> None:
    command = [sys.executable, "-m", "qbxml", "xsd"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        assert process.stderr.read() == b""
    assert process.returncode == 141


@pytest.mark.parametrize(
    "command", [["build"], ["parse"], ["parse", "--lines"], ["validate"], ["explain", "-"]], ids=" ".join
)
@pytest.mark.parametrize(
    "data",
    [b"", b"\x00", b"\x00" * 300, bytes(range(256)), b"{", b"[]", b"{}", b"<", b"\xff\xfe<\x00Q\x00", b"[" * 99999],
    ids=["nothing", "a NUL", "NULs", "bytes", "brace", "no requests", "no members", "tag", "UTF-16", "deep JSON"],
)
def test_whatever_comes_in_there_is_a_message_and_an_exit_code(run: Run, command: list[str], data: bytes) -> None:
    ran = run(*command, stdin=data)
    assert ran.code in (1, 3)
    if command[0] == "explain" and ran.out:
        assert "refuse" in ran.out
    else:
        assert ran.err.startswith("qbxml: ") or ran.out
    assert len(ran.err.splitlines()) <= 1


def test_a_file_that_is_not_there_is_exit_code_3(run: Run, tmp_path: Path) -> None:
    for command in ("build", "parse", "validate"):
        ran = run(command, tmp_path / "absent")
        assert (ran.code, ran.err) == (3, f"qbxml: {tmp_path}/absent: No such file or directory\n")
        assert run(command, tmp_path).code == 3
        assert run(command, "a\0b").code == 3


def test_a_file_that_cant_be_written_is_exit_code_3(run: Run, tmp_path: Path) -> None:
    ran = run("xsd", "-o", tmp_path / "absent" / "x.xsd")
    assert (ran.code, ran.out) == (3, "")
    ran = run("parse", "--lines", "-o", tmp_path / "absent" / "x", FIXTURES / "CustomerQueryRs.xml")
    assert (ran.code, ran.err) == (3, f"qbxml: {tmp_path}/absent/x: No such file or directory\n")


# -- build -------------------------------------------------------------------------------------------------------


def test_build_writes_what_the_library_builds(run: Run) -> None:
    ran = run("build", stdin=CUSTOMERS)
    wanted = qbxml.build({"CustomerQueryRq": {"MaxReturned": 10, "IncludeRetElement": ["Name"]}})
    assert (ran.code, ran.out.encode(), ran.err) == (0, wanted, "")


def test_build_takes_lists_of_requests_and_all_options(run: Run) -> None:
    given = b'[{"CustomerQueryRq": null}, {"VendorAddRq": {"VendorAdd": {"Name": "Zo\\u00eb\\u2019s"}}}]'
    ran = run(
        *("build", "--version", "8.0", "--edition", "CA", "--on-error", "continueOnError", "--new-message-set-id", "7"),
        *("--old-message-set-id", "6", "--characters", "transliterate"),
        stdin=given,
    )
    assert ran.code == 0
    assert '<?qbxml version="8.0"?>' in ran.out
    assert '<QBXMLMsgsRq oldMessageSetID="6" newMessageSetID="7" onError="continueOnError">' in ran.out
    assert "<Name>Zo&#235;'s</Name>" in ran.out


def test_build_names_all_problems_on_lines_of_their_own(run: Run) -> None:
    ran = run("build", stdin=b'{"CustomerAddRq": {"CustomerAdd": {"Nam": "Ada", "IsActive": "maybe"}}}')
    assert (ran.code, ran.out) == (1, "")
    assert [line.split(":")[1].strip() for line in ran.err.splitlines()] == [
        "CustomerAddRq.CustomerAdd.Nam",
        "CustomerAddRq.CustomerAdd.Name",
        "CustomerAddRq.CustomerAdd.IsActive",
    ]
    assert "did you mean Name?" in ran.err


def test_build_says_what_it_cut_short(run: Run) -> None:
    given = json.dumps({"CustomerAddRq": {"CustomerAdd": {"Name": "n" * 50}}}).encode()
    assert run("build", stdin=given).code == 1
    ran = run("build", "--truncate", stdin=given)
    assert ran.code == 0
    assert f"<Name>{'n' * 41}</Name>" in ran.out
    assert ran.err.startswith("qbxml: note: CustomerAddRq.CustomerAdd.Name: ")


def test_build_wants_requests(run: Run) -> None:
    assert "CustomerAdd is no message" in run("build", stdin=b'{"CustomerAdd": {}}').err
    assert "in JSON" in run("build", FIXTURES / "CustomerQueryRs.xml").err


def test_a_parsed_document_builds_again_in_its_own_version(run: Run, tmp_path: Path) -> None:
    document = request('<CustomerQueryRq requestID="4"><MaxReturned>3</MaxReturned></CustomerQueryRq>', "8.0")
    file = tmp_path / "parsed.json"
    assert run("parse", "-o", file, stdin=document).out == ""
    assert run("build", file).out.encode() == document.replace(b"\n<MaxReturned", b"<MaxReturned")


@pytest.mark.parametrize("fixture", sorted(FIXTURES.glob("*.xml")), ids=lambda path: path.stem)
def test_responses_go_through_parse_and_build(run: Run, fixture: Path) -> None:
    parsed = run("parse", "--compact", fixture)
    assert (parsed.code, parsed.err) == (0, "")
    built = run("build", "--version", "16.0", "--edition", "all", stdin=parsed.out.encode())
    assert (built.code, built.err) == (0, "")
    assert qbxml.parse(built.out) == qbxml.parse(fixture.read_bytes())


# -- parse -------------------------------------------------------------------------------------------------------


def test_parse_prints_what_to_json_gives(run: Run) -> None:
    fixture = FIXTURES / "CustomerQueryRs.xml"
    ran = run("parse", fixture)
    assert isinstance(ran.json, dict)
    (message,) = ran.json["QBXMLMsgsRs"]["messages"]
    (customer,) = message["CustomerQueryRs"]["CustomerRet"]
    assert customer["Balance"] == "35693.49"
    assert customer["IsActive"] is True
    assert run("parse", "-", stdin=fixture.read_bytes()).out == ran.out


def test_parse_reads_requests_too(run: Run) -> None:
    ran = run("parse", stdin=request("<HostQueryRq/>"))
    assert ran.json == {
        "version": "13.0",
        "QBXMLMsgsRq": {"onError": "stopOnError", "messages": [{"HostQueryRq": {}}]},
    }


def test_parse_keeps_what_is_odd_and_says_so_or_refuses_it(run: Run) -> None:
    document = request("<HostQueryRq><Strange>1</Strange></HostQueryRq>")
    ran = run("parse", stdin=document)
    assert ran.code == 0
    assert '"Strange"' in ran.out
    assert ran.err.startswith("qbxml: note: HostQueryRq.Strange")
    strict = run("parse", "--strict", stdin=document)
    assert (strict.code, strict.out) == (1, "")
    assert "HostQueryRq.Strange" in strict.err


def test_parse_counts_remarks_beyond_some(run: Run) -> None:
    document = request("<HostQueryRq/>" + "<CustomerQueryRq><No/></CustomerQueryRq>" * 30)
    lines = run("parse", stdin=document).err.splitlines()
    assert len(lines) == 21
    assert lines[-1] == "qbxml: note: and 10 more like these"


def test_parse_lines_prints_a_record_to_a_line(run: Run, tmp_path: Path) -> None:
    ran = run("parse", "--lines", FIXTURES / "InvoiceQueryRs.xml")
    records = [from_json(line) for line in ran.out.splitlines()]
    assert records == qbxml.parse((FIXTURES / "InvoiceQueryRs.xml").read_bytes()).records
    assert run("parse", "--lines", "-o", tmp_path / "out", FIXTURES / "InvoiceQueryRs.xml").code == 0
    assert (tmp_path / "out").read_text("utf-8") == ran.out


def test_parse_lines_prints_a_message_that_has_no_records(run: Run) -> None:
    status = 'statusCode="{}" statusSeverity="Info" statusMessage="x"'
    ran = run(
        *("parse", "--lines"),
        stdin=(
            f"<QBXML><QBXMLMsgsRs><CustomerQueryRs {status.format(1)}/>"
            f"<VendorQueryRs {status.format(0)}><VendorRet><Name>V</Name></VendorRet></VendorQueryRs>"
            f"<ListDelRs {status.format(0)}><ListDelType>Customer</ListDelType></ListDelRs></QBXMLMsgsRs></QBXML>"
        ).encode(),
    )
    given = {"statusSeverity": "Info", "statusMessage": "x"}
    assert [json.loads(line) for line in ran.out.splitlines()] == [
        {"CustomerQueryRs": {"statusCode": 1, **given}},
        {"VendorRet": {"Name": "V"}},
        {"ListDelRs": {"statusCode": 0, **given, "ListDelType": "Customer"}},
    ]


def test_parse_lines_tells_of_errors(run: Run) -> None:
    ran = run("parse", "--lines", FIXTURES / "CustomerModRs-stale.xml")
    assert "CustomerModRs: 3200" in ran.err
    assert len(ran.out.splitlines()) == 1


# -- validate ----------------------------------------------------------------------------------------------------


def test_validate_names_file_line_and_column_as_compilers_do(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "request.xml"
    file.write_bytes(
        request("<CustomerAddRq><CustomerAdd><Phone>1</Phone><Name>Ada</Name></CustomerAdd></CustomerAddRq>")
    )
    ran = run("validate", file)
    assert ran.code == 1
    assert ran.out.startswith(f"{file}:5:45: structure: CustomerAddRq.CustomerAdd.Name: ")


def test_validate_says_what_is_good(run: Run) -> None:
    ran = run("validate", "--edition", "US", stdin=request("<HostQueryRq/>", "8.0"))
    assert (ran.code, ran.out) == (0, "<stdin>: valid, qbXML 8.0 (US)\n")


def test_validate_looks_at_all_files_whatever_is_in_one(run: Run, tmp_path: Path) -> None:
    good = FIXTURES / "CustomerQueryRs.xml"
    ran = run("validate", tmp_path / "absent", good)
    assert ran.code == 3
    assert ran.out == f"{good}: valid, qbXML 16.0 (all editions)\n"


def test_validate_takes_json_requests_for_what_build_would(run: Run) -> None:
    assert run("validate", stdin=CUSTOMERS).out == "<stdin>: valid, qbXML 13.0 (US)\n"
    ran = run("validate", "--json", stdin=b'{"CustomerQueryRq": {"MaxReturned": 0, "Rate": 1.50}}')
    assert ran.code == 1
    assert isinstance(ran.json, list)
    assert [(one["file"], one["path"], one["kind"], one["given"]) for one in ran.json] == [
        ("-", "CustomerQueryRq.Rate", "structure", "1.50"),
        ("-", "CustomerQueryRq.MaxReturned", "value", "0"),
    ]


def test_validate_holds_against_the_version_asked_for(run: Run) -> None:
    content = "<CustomerAddRq><CustomerAdd><Name>Ada</Name><ClassRef/></CustomerAdd></CustomerAddRq>"
    assert run("validate", stdin=request(content)).code == 0
    ran = run("validate", "--version", "11.0", stdin=request(content))
    assert ran.code == 1
    assert "qbXML 12.0 and later would allow it" in ran.out


# -- explain -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("code", "head"),
    [
        ("3200", "status 3200, StaleEditSequence (Error, fix)"),
        ("-1", "status -1, "),
        ("0x80040400", "HRESULT 0x80040400 (fix)"),
        ("80040400", "HRESULT 0x80040400 (fix)"),
        ("-2147220480", "HRESULT 0x80040400 (fix)"),
        ("0xDEADBEEF", "HRESULT 0xDEADBEEF (alert)"),
        ("qbwc1012", "QBWC1012"),
    ],
)
def test_explain_knows_codes_in_every_spelling(run: Run, code: str, head: str) -> None:
    ran = run("explain", code)
    assert ran.code == 0
    assert ran.out.startswith(head)
    assert "\n  do: " in ran.out


def test_explain_gives_codes_as_data(run: Run) -> None:
    found = run("explain", "--json", "3200").json
    assert isinstance(found, dict)
    assert (found["type"], found["code"], found["name"]) == ("status", 3200, "StaleEditSequence")


def test_explain_wants_a_code_or_a_file(run: Run) -> None:
    assert run("explain", "nonsense").code == 3


def test_explain_goes_through_the_codes_of_a_response(run: Run) -> None:
    ran = run("explain", FIXTURES / "CustomerModRs-stale.xml")
    assert ran.code == 1
    assert "status 3200, StaleEditSequence" in ran.out
    assert run("explain", FIXTURES / "CustomerQueryRs.xml").code == 0
    rows = run("explain", "--json", FIXTURES / "CustomerQueryRs-nothing.xml").json
    assert isinstance(rows, list)
    assert rows[-1]["code"] == 1


def test_explain_finds_nothing_in_a_good_document_and_says_where_else_to_look(run: Run) -> None:
    ran = run("explain", "-", stdin=request("<HostQueryRq/>"))
    assert ran.code == 0
    assert "valid, qbXML 13.0 (all editions)" in ran.out
    assert "0x80040423" in ran.out


BAD_ORDER = "<CustomerAddRq><CustomerAdd><Phone>1</Phone><Name>Ada</Name></CustomerAdd></CustomerAddRq>"
GOOD = request("<HostQueryRq/>")

CAUSES = {
    "a blank first": (b"\n" + GOOD, "begins with a blank", True),
    "a byte order mark": (b"\xef\xbb\xbf" + GOOD, "byte order mark", True),
    "UTF-16": (GOOD.decode().encode("utf-16"), "UTF-16", True),
    "no declaration": (GOOD.split(b"\n", 2)[2], "does not begin with <?xml or <?qbxml", True),
    "no version": (GOOD.replace(b'<?qbxml version="13.0"?>\n', b""), "names no qbXML version", True),
    "an unknown version": (request("<HostQueryRq/>", "CA3.0"), "names qbXML version 'CA3.0'", True),
    "an ampersand": (request("<X>a & b</X>"), "an & that begins no entity", True),
    "an entity of HTML": (request("<X>a&nbsp;b</X>"), "an & that begins no entity", True),
    "not well-formed": (request("<X>"), "not well-formed", True),
    "two documents": (GOOD + GOOD, "two documents in one text", True),
    "order": (request(BAD_ORDER), "it must stand before Phone", True),
    "a later element": (request(BAD_ORDER.replace("Phone", "JobTitle"), "8.0"), "qbXML 12.0 and later would", True),
    "no onError": (GOOD.replace(b' onError="stopOnError"', b""), "onError", True),
    "rollback": (GOOD.replace(b"stopOnError", b"rollbackOnError"), "rollbackOnError", True),
    "a bare é": (request("<CustomerQueryRq><FullName>é</FullName></CustomerQueryRq>"), "a raw é", True),
    "a bare €": (request("<CustomerQueryRq><FullName>€</FullName></CustomerQueryRq>"), "not in ISO-8859-1", True),
    "another encoding": (request("<X>é</X>").decode().encode("latin-1"), "0xE9 does not fit", True),
    "a long text": (
        request(f"<CustomerAddRq><CustomerAdd><Name>{'x' * 42}</Name></CustomerAdd></CustomerAddRq>"),
        "too many",
        True,
    ),
    "a reference beyond": (
        request("<CustomerQueryRq><FullName>&#8364;</FullName></CustomerQueryRq>"),
        "stored as ?",
        False,
    ),
    "escaped twice": (
        request("<CustomerQueryRq><FullName>a &amp;amp; b</FullName></CustomerQueryRq>"),
        "escaped twice",
        False,
    ),
    "an enumeration": (
        request("<CustomerQueryRq><ActiveStatus>Some</ActiveStatus></CustomerQueryRq>"),
        "ActiveStatus",
        False,
    ),
    "a long requestID": (request(f'<HostQueryRq requestID="{"1" * 60}"/>'), "status 1060", False),
    "a long set ID": (
        GOOD.replace(b"onError", b'newMessageSetID="{3f2504e0-4f89-11d3-9a0c-0305e82c3301}" onError'),
        "status 9004",
        False,
    ),
}


@pytest.mark.parametrize("name", CAUSES)
def test_explain_knows_the_cause(name: str) -> None:
    document, text, refuses = CAUSES[name]
    found = [finding for finding in diagnose(document).findings if text in finding.text]
    assert [finding.refuses for finding in found] == [refuses]


def test_explain_names_the_version_that_would_do() -> None:
    content = "<CustomerAddRq><CustomerAdd><Name>A</Name><JobTitle>B</JobTitle></CustomerAdd></CustomerAddRq>"
    texts = [finding.text for finding in diagnose(request(content, "8.0")).findings]
    assert "qbXML 12.0 and later would allow the document as it is" in texts


def test_what_only_another_edition_has_is_a_warning() -> None:
    content = "<CustomerAddRq><CustomerAdd><Name>A</Name><TaxRegistrationNumber>1</TaxRegistrationNumber></CustomerAdd>"
    (finding,) = diagnose(request(f"{content}</CustomerAddRq>"), "US").findings
    assert not finding.refuses
    assert "530" in finding.advice


def test_explain_prints_causes_with_their_places(run: Run) -> None:
    ran = run("explain", "-", stdin=request(BAD_ORDER))
    assert ran.code == 1
    assert "  <stdin>:5:45: structure: CustomerAddRq.CustomerAdd.Name: it must stand before Phone" in ran.out
    found = run("explain", "--json", "-", stdin=request(BAD_ORDER)).json
    assert isinstance(found, dict)
    assert found["version"] == "13.0"
    assert [(one["line"], one["refuses"]) for one in found["findings"]] == [(5, True)]


# -- describe ----------------------------------------------------------------------------------------------------


def test_describe_shows_request_and_response_of_a_message(run: Run) -> None:
    out = run("describe", "CustomerQuery").out
    assert out.startswith("CustomerQueryRq: request\n")
    assert "\nCustomerQueryRs: response to CustomerQueryRq\n" in out
    assert "at most one of:" in out


def test_describe_says_types_limits_versions_and_relations(run: Run) -> None:
    lines = [" ".join(line.split()) for line in run("describe", "CustomerRet").out.splitlines()]
    assert "read by CustomerQuery, EntityQuery" in lines
    assert "modified by CustomerMod" in lines
    assert "Name STRTYPE always there in a full answer; up to 41 characters" in lines
    assert "JobTitle STRTYPE optional; up to 41 characters; since 12.0" in lines


def test_describe_follows_a_path_to_a_field(run: Run) -> None:
    assert run("describe", "InvoiceAdd.InvoiceLineAdd.Quantity").out.startswith("InvoiceLineAdd.Quantity: QUANTYPE\n")
    assert run("describe", "CustomerRet.BillAddress").out.startswith("BillAddress: record\n")
    assert "  ActiveOnly\n" in run("describe", "CustomerQuery.ActiveStatus").out


def test_describe_depth_opens_records(run: Run) -> None:
    flat, deep = (run("describe", "InvoiceRet", "--depth", depth).out for depth in ("1", "9"))
    assert "TxnLineID" not in flat
    assert "TxnLineID" in deep


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["Customer"], "did you mean CustomerAdd, CustomerMod, CustomerRet"),
        (["CustmerRet"], "did you mean CustomerRet"),
        (["customerret"], "did you mean CustomerRet"),
        (["BarCodeQuery", "--version", "8.0"], "qbXML 12.0 and later (US, CA, UK) has"),
        (["CustomerRet.Balanc"], "CustomerRet of qbXML 16.0 has no 'Balanc'; did you mean Balance"),
        (["CustomerRet.Name.First"], "CustomerRet.Name is a value"),
        (["onError"], "a field of QBXMLMsgsRq: qbxml describe QBXMLMsgsRq.onError"),
        ([""], "qbXML 16.0 has no ''"),
    ],
)
def test_describe_helps_with_names(run: Run, arguments: list[str], message: str) -> None:
    ran = run("describe", *arguments)
    assert ran.code == 1
    assert message in ran.err


def test_describe_gives_data(run: Run) -> None:
    found = run("describe", "--json", "CustomerRet").json
    assert isinstance(found, dict)
    assert (found["query"], found["add"], found["mod"]) == ("CustomerQuery", "CustomerAdd", "CustomerMod")
    assert found["content"][0]["name"] == "ListID"
    field = run("describe", "--json", "CustomerQuery.ActiveStatus").json
    assert isinstance(field, dict)
    assert field["values"] == ["ActiveOnly", "InactiveOnly", "All"]


def test_describe_has_words_for_every_record() -> None:
    from qbxml.cli.describe import about, plain_record

    schema = qbxml.Schema()
    for name in schema.records():
        assert about(schema, schema.record(name), 1)
        json.dumps(plain_record(schema, schema.record(name), 1))


# -- xsd, sample, versions ---------------------------------------------------------------------------------------


def test_xsd_prints_the_derived_schema(run: Run, tmp_path: Path) -> None:
    assert run("xsd", "--version", "8.0", "--edition", "UK").out == qbxml.xsd("8.0", "UK")
    assert run("xsd", "-o", tmp_path / "x.xsd").code == 0
    assert (tmp_path / "x.xsd").read_text("utf-8") == qbxml.xsd("16.0")


@pytest.mark.parametrize("name", ["CustomerAdd", "InvoiceModRq", "CustomerQueryRs", "JobReportQueryRs"])
def test_samples_are_valid(run: Run, name: str) -> None:
    schema = etree.XMLSchema(etree.fromstring(qbxml.xsd("13.0", "US").encode()))
    for options in ([], ["--minimal"], ["--seed", "3"]):
        ran = run("sample", name, *options)
        assert ran.code == 0
        schema.assertValid(etree.fromstring(ran.out.encode()))
        assert run("sample", name, *options).out == ran.out


def test_samples_in_json_build(run: Run) -> None:
    as_json = run("sample", "InvoiceAdd", "--json").out
    assert run("build", stdin=as_json.encode()).out == run("sample", "InvoiceAdd").out
    assert list(json.loads(run("sample", "CustomerRet").out)) == ["CustomerRet"]


def test_samples_of_what_is_not_there(run: Run) -> None:
    assert run("sample", "Custmer").code == 1
    assert run("sample", "BarCodeQuery", "--version", "8.0").code == 1


def test_versions_lists_them_all(run: Run) -> None:
    assert [line.split()[0] for line in run("versions").out.splitlines()[1:]] == list(qbxml.VERSIONS)
    rows = run("versions", "--json").json
    assert isinstance(rows, list)
    assert rows[-1] == {
        "version": "16.0",
        "editions": ["US", "CA", "UK", "AU"],
        "messages": len(qbxml.Schema().messages),
    }
