"""The official Node client of 11.6.15, unmodified, from npm: the quickstart, and each of its methods once.

It is installed into pytest's cache, by the lock file beside the programs in ``node/``. Where node, npm or the package
can't be had the tests are skipped, and say why.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

import qbxml
from qbsimulator import sample
from qbxml.schema import RecordType, Schema

from .node_methods import KINDS, OTHERS, REFUSED, Values
from .node_types import Types
from .test_cli import serving
from .test_connecting import Connected

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("node client")]

PROGRAMS = Path(__file__).parent / "node"
ROOT = Path(__file__).parents[2]
#: Of 11.6.15; later versions have others.
METHODS = 186
#: What a query and a Mod ask for where nothing could be added.
NO_ID = "80000001-1600000000"


@pytest.fixture(scope="module")
def client(pytestconfig: pytest.Config) -> Path:
    """A folder with the client and the programs that use it."""
    if shutil.which("node") is None or shutil.which("npm") is None:
        pytest.skip("node and npm are not installed")
    assert pytestconfig.cache is not None
    lock = (PROGRAMS / "package-lock.json").read_bytes()
    folder = pytestconfig.cache.mkdir(f"node-client-{hashlib.sha256(lock).hexdigest()[:16]}")
    shutil.copytree(PROGRAMS, folder, dirs_exist_ok=True)
    done = folder / "installed"
    if not done.exists():
        command = ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--fetch-retries=1"]
        try:
            installed = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=120.0)
        except subprocess.TimeoutExpired:
            pytest.skip("npm did not install the client within two minutes")
        if installed.returncode:
            said = [line for line in installed.stderr.splitlines() if " error " in line.lower()]
            pytest.skip(f"npm could not install the client: {'; '.join(said[:2])}")
        done.touch()
    return folder


class Node:
    """The client in a process of its own, called method by method."""

    def __init__(self, folder: Path, environment: dict[str, str]) -> None:
        self.process = subprocess.Popen(
            ["node", "driver.js"],
            cwd=folder,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def __call__(self, method: str, *args: Any) -> dict[str, Any]:
        """Call a method: ``{"value": ...}`` or ``{"error": {...}}``."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(f"{json.dumps({'method': method, 'args': args})}\n")
        self.process.stdin.flush()
        answer: dict[str, Any] = json.loads(self.process.stdout.readline())
        # What JavaScript calls undefined is left out.
        return answer if "error" in answer else {"value": answer.get("value")}

    def value(self, method: str, *args: Any) -> Any:
        answer = self(method, *args)
        assert "error" not in answer, answer
        return answer["value"]

    def error(self, method: str, *args: Any) -> dict[str, Any]:
        error: dict[str, Any] = self(method, *args)["error"]
        assert error["isInstance"], error
        return error

    def close(self) -> None:
        self.process.communicate(timeout=10.0)


@dataclass
class Site:
    """A gateway that is served, whose first end user was connected by the quickstart."""

    folder: Path
    url: str
    keys: dict[str, list[str]]
    #: What the quickstart printed, by what each line begins with.
    said: list[tuple[str, str]]

    def environment(self, numbers: str = "schema", **more: str) -> dict[str, str]:
        secret, publishable = self.keys[numbers]
        return {
            **os.environ,
            "CONDUCTOR_MOCK_API_SERVER_URL": self.url,
            "CONDUCTOR_HIDE_UPDATE_MESSAGE": "1",
            "SECRET_KEY": secret,
            "PUBLISHABLE_KEY": publishable,
            **more,
        }

    @property
    def end_user(self) -> str:
        return dict(self.said)["end user"]


def keys_of(*command: str) -> list[str]:
    made = subprocess.run([sys.executable, "-m", "qbgateway", *command], capture_output=True, text=True, check=True)
    return re.findall(r"[sp]k_live_\w+", made.stdout)


@pytest.fixture(scope="module")
def site(client: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    folder = tmp_path_factory.mktemp("site")
    company, data = folder / "quillfeather.company", str(folder / "data")
    sample.build(company)
    made = subprocess.run(
        [sys.executable, "-m", "qbgateway", "init", "Reed & Co.", "--data", data, "--json"],
        capture_output=True,
        text=True,
        check=True,
    )
    account = json.loads(made.stdout)
    keys = {"schema": [account["secret key"], account["publishable key"]]}
    keys["inferred"] = keys_of("keys", "create", account["account"], "--numbers", "inferred", "--data", data)
    connector = None
    try:
        with serving(Path(data)) as server:
            site = Site(client, f"http://localhost:{server.port}", keys, [])
            with subprocess.Popen(
                ["node", "quickstart.js"], cwd=client, env=site.environment(), stdout=subprocess.PIPE, text=True
            ) as program:
                assert program.stdout is not None
                for line in program.stdout:
                    head, _, rest = line.rstrip("\n").partition(": ")
                    site.said.append((head, rest))
                    if head == "link":
                        connector = Connected(rest, company)
            assert program.returncode == 0
            yield site
    finally:
        if connector is not None:
            connector.end()


@pytest.fixture(scope="module")
def node(site: Site) -> Iterator[Node]:
    made = Node(site.folder, site.environment())
    yield made
    made.close()


# -- the quickstart ----------------------------------------------------------------------------------------------


def recorded() -> dict[str, Any]:
    """The first customer, as QuickBooks gave it."""
    document = (ROOT / "fixtures" / "qbxml" / "CustomerQueryRs.xml").read_bytes()
    (customer,) = qbxml.parse(document)[0].records
    return dict(customer)


def test_the_client_is_the_one_that_is_meant(client: Path) -> None:
    package = json.loads((client / "node_modules" / "conductor-node" / "package.json").read_text("utf-8"))
    assert package["version"] == "11.6.15"
    # From whichever registry npm is set up for.
    assert "resolved" not in (PROGRAMS / "package-lock.json").read_text("utf-8")


def test_the_quickstart_comes_to_the_invoices(site: Site) -> None:
    heads = [head for head, _ in site.said]
    assert heads[:5] == ["end user", "link", "connected", "customer", "added"]
    said = dict(site.said)
    assert said["end user"].startswith("end_usr_")
    secret, publishable = site.keys["schema"]
    assert re.fullmatch(f"{site.url}/qbd/auth_sess_client_secret_\\w+\\?key={publishable}", said["link"])
    assert secret not in said["link"]
    assert said["connected"] == "true"
    customer = json.loads(said["customer"])
    # As the client's types have them: amounts and what counts changes are texts.
    texts = {name: str(value) for name, value in recorded().items() if name in ("Balance", "TotalBalance")}
    assert {name: customer[name] for name in recorded()} == {**recorded(), **texts, **times()}
    assert said["added"] == "Marsh & Daughters 120.00"
    invoices = [rest for head, rest in site.said if head == "invoice"]
    assert "2023-06-12 Annie's Alligators 11369.66" in invoices
    assert "2023-08-21 Annie's Alligators 24816.37" in invoices
    assert invoices[-1].endswith(" Marsh & Daughters 120.00")
    assert len(invoices) == 8


def times() -> dict[str, str]:
    return {"TimeCreated": "2023-09-05T13:57:26-07:00", "TimeModified": "2023-09-17T18:13:59-07:00"}


def test_the_first_customer_as_the_first_quickstart_showed_it(site: Site) -> None:
    """With whatever looks like a number as one, by a key that asks for it."""
    node = Node(site.folder, site.environment("inferred"))
    (customer,) = node.value("qbd.customer.query", site.end_user, {"FullName": ["Annie's Alligators"]})
    node.close()
    shown = {
        "ListID": "80000001-1693947446",
        **times(),
        "EditSequence": 1694999639,
        "Name": "Annie's Alligators",
        "FullName": "Annie's Alligators",
        "IsActive": True,
        "Sublevel": 0,
        "Balance": 35693.49,
        "TotalBalance": 35693.49,
        "JobStatus": "None",
    }
    assert {name: customer[name] for name in shown} == shown
    assert set(shown) == set(recorded())


def test_the_clients_own_objects(site: Site, node: Node) -> None:
    listed = node.value("endUsers.list")
    assert (listed["objectType"], [one["id"] for one in listed["data"]]) == ("list", [site.end_user])
    end_user = node.value("endUsers.retrieve", site.end_user)
    assert end_user == listed["data"][0]
    assert (end_user["companyName"], end_user["sourceId"]) == ("Swamp and Sons", "12345")
    session = node.value(
        "authSessions.create",
        {
            "publishableKey": site.keys["schema"][1],
            "endUserId": site.end_user,
            "linkExpiryMins": 60,
            "redirectUrl": "https://example.com/done",
        },
    )
    assert session["redirectUrl"] == "https://example.com/done"
    assert node.value("authSessions.retrieve", session["id"]) == session
    connections = node.value("integrationConnections.list")["data"]
    assert [one["endUserId"] for one in connections] == [site.end_user]
    assert (
        node.value("integrationConnections.retrieve", connections[0]["id"])["integrationSlug"] == "quickbooks_desktop"
    )
    assert node.value("endUsers.ping", site.end_user, "quickbooks_desktop")["duration"] >= 0


def test_errors_come_as_the_clients_own(site: Site, node: Node) -> None:
    taken = node.error("qbd.customer.add", site.end_user, {"Name": "Annie's Alligators"})
    assert (taken["type"], taken["code"]) == ("ConductorIntegrationError", "QBD_REQUEST_ERROR")
    assert (taken["integrationCode"], taken["httpStatusCode"]) == ("3100", 502)
    assert taken["message"].startswith("QBD Request Error (3100): ")
    wrong = node.error("qbd.customer.add", site.end_user, {"Nmae": "Annie"})
    assert (wrong["type"], wrong["httpStatusCode"]) == ("ConductorInvalidRequestError", 400)
    nobody = node.error("endUsers.retrieve", "end_usr_nobody")
    assert (nobody["type"], nobody["code"], nobody["httpStatusCode"]) == (
        "ConductorInvalidRequestError",
        "RESOURCE_MISSING",
        404,
    )
    other = node.value("endUsers.create", {"companyName": "Other", "sourceId": "2", "email": "o@example.com"})
    unconnected = node.error("qbd.customer.query", other["id"])
    assert (unconnected["type"], unconnected["code"], unconnected["httpStatusCode"]) == (
        "ConductorIntegrationConnectionError",
        "INTEGRATION_CONNECTION_NOT_SET_UP",
        409,
    )
    assert unconnected["requestId"].startswith("req_")
    stranger = Node(site.folder, site.environment(SECRET_KEY="sk_live_wrong"))
    unknown = stranger.error("endUsers.list")
    stranger.close()
    assert (unknown["type"], unknown["code"]) == ("ConductorAuthenticationError", "API_KEY_INVALID")


# -- its types ---------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def types(client: Path) -> Types:
    """What the client says of its requests and answers."""
    package = client / "node_modules" / "conductor-node"
    return Types(package / "dist" / "src" / "integrations" / "qbd" / "qbdTypes.d.ts")


#: In its types, and not in qbXML 16.0: UseTimeDataToCreatePaychecks is there, and BillableStatus since 6.0.
UNKNOWN = {
    "EmployeeAddRq.EmployeeAdd.EmployeePayrollInfo.IsUsingTimeDataToCreatePaychecks",
    "EmployeeModRq.EmployeeMod.EmployeePayrollInfoMod.IsUsingTimeDataToCreatePaychecks",
    "TimeTrackingAddRq.TimeTrackingAdd.IsBillable",
}


def test_what_its_types_let_one_ask_is_known_here(types: Types) -> None:
    """Field by field: an unknown one would be refused."""
    schema = Schema()
    missing: set[str] = set()

    def compare(interface: str, record: RecordType, path: str) -> None:
        for name, (_, kind) in types.interfaces[interface].items():
            where = f"{path}.{name}"
            field = record.fields.get(name) or record.attributes.get(name)
            if field is None:
                missing.add(where)
                continue
            for one in kind.replace("[]", "").split(" | "):
                if one in types.interfaces:
                    assert field.is_record, where
                    compare(one, record.record(field), where)

    names = [name for name in types.interfaces if name.endswith("Rq")]
    assert len(names) == METHODS
    for name in names:
        compare(name, schema.record(name), name)
    assert missing == UNKNOWN


# -- every method ------------------------------------------------------------------------------------------------


class Calls:
    """Calls methods, and keeps what came of each: a value, or the error."""

    def __init__(self, node: Node, end_user: str) -> None:
        self.node, self.end_user = node, end_user
        self.values: Values = {}
        self.errors: dict[str, dict[str, Any]] = {}

    def __call__(self, method: str, given: Any) -> Any:
        assert method not in self.values
        assert method not in self.errors
        params = given(self.values) if callable(given) else given
        answer = self.node(f"qbd.{method}", self.end_user, params)
        if "error" in answer:
            self.errors[method] = answer["error"]
            return None
        self.values[method] = answer["value"]
        return answer["value"]

    def __len__(self) -> int:
        return len(self.values) + len(self.errors)


@pytest.fixture(scope="module")
def calls(site: Site, node: Node) -> Calls:
    """All methods, called once each."""
    made = Calls(node, site.end_user)
    methods = node.value("methods")
    for name, kind in KINDS.items():
        added = made(f"{name}.add", kind.add)
        own = {kind.id: added[kind.id] if added else NO_ID}
        made(f"{name}.query", own)
        if f"{name}.mod" in methods:
            edit = added["EditSequence"] if added else "1"
            made(f"{name}.mod", {**own, "EditSequence": edit, **kind.change})
    for name, given in OTHERS.items():
        made(name, given)
    return made


def test_each_of_its_methods_is_called_once(calls: Calls, node: Node) -> None:
    methods = node.value("methods")
    assert len(methods) == len(set(methods)) == METHODS
    assert sorted([*calls.values, *calls.errors]) == sorted(methods)


def test_which_methods_have_a_result_and_which_are_refused(calls: Calls) -> None:
    assert {name: error.get("integrationCode") or error for name, error in calls.errors.items()} == REFUSED
    assert Counter(error["code"] for error in calls.errors.values()) == {"QBD_REQUEST_ERROR": len(REFUSED)}
    assert {error["type"] for error in calls.errors.values()} == {"ConductorIntegrationError"}
    assert {error["httpStatusCode"] for error in calls.errors.values()} == {502}
    assert len(calls.values) == METHODS - len(REFUSED)


def test_results_have_the_form_that_the_clients_types_promise(calls: Calls) -> None:
    wrong = {
        name: type(value).__name__
        for name, value in calls.values.items()
        if not isinstance(value, list if name.endswith(".query") else dict)
    }
    assert wrong == {}


def test_results_are_of_the_clients_own_types(calls: Calls, types: Types) -> None:
    problems = [
        problem
        for name, value in calls.values.items()
        for one in (value if isinstance(value, list) else [value])
        for problem in types.problems(one, type_of(name), name)
    ]
    assert [problem for problem in problems if problem not in BESIDE_THE_TYPES] == []


#: A price level has a percentage or prices, and a column of a report no title, for all that the types say. Of these two
#: methods the whole body is handed over, which has the fields inside as well.
BESIDE_THE_TYPES = {
    *(f"priceLevel.{operation}.PriceLevelPerItemRet: missing" for operation in ("add", "query", "mod")),
    *(f"report.{name}.ColDesc.ColTitle.Value: missing" for name in ("aging", "customDetail", "generalDetail")),
    "report.generalSummary.ColDesc.ColTitle.Value: missing",
    "transaction.delete.TxnDelRs: not in the types",
    "transaction.void.TxnVoidRs: not in the types",
}


def type_of(method: str) -> str:
    """The name of the type of a result, or of a member of it."""
    kind, _, operation = method.partition(".")
    if kind == "report":
        return "ReportRet"
    if operation in ("delete", "void"):
        return "TxnDelRs" if operation == "delete" else "TxnVoidRs"
    return f"{kind[0].upper()}{kind[1:]}Ret"


def test_what_was_added_is_what_is_found(calls: Calls) -> None:
    for name, kind in KINDS.items():
        if f"{name}.query" not in calls.values:
            continue
        (found,) = calls.values[f"{name}.query"]
        added = calls.values[f"{name}.add"]
        assert (found[kind.id], name) == (added[kind.id], name)
        assert {key: added[key] for key in found if key in added} == found, name


def test_what_was_changed_is_changed(calls: Calls) -> None:
    changed = [name for name in KINDS if f"{name}.mod" in calls.values]
    assert len(changed) > 40
    for name in changed:
        told = {key: value for key, value in KINDS[name].change.items() if not isinstance(value, dict)}
        assert told, name
        record = calls.values[f"{name}.mod"]
        assert {key: record.get(key) for key in told} == told, name


def test_the_others_do_what_they_are_for(calls: Calls) -> None:
    values = calls.values
    assert values["company.query"][0]["CompanyName"] == "Quillfeather Construction"
    assert values["dataExt.mod"]["DataExtValue"] == "4321"
    for name in ("generalSummary", "generalDetail", "aging", "customDetail"):
        report = values[f"report.{name}"]
        assert report["ReportTitle"], name
        assert report["ReportData"]["DataRow" if name.endswith("Detail") else "SubtotalRow"], name
        assert report["ColDesc"][0]["ColID"] == 1
    # The client hands over the whole body of these two.
    deleted, voided = values["transaction.delete"], values["transaction.void"]
    assert deleted["TxnID"] == deleted["TxnDelRs"]["TxnID"] == values["creditCardCharge.add"]["TxnID"]
    assert voided["TxnID"] == voided["TxnVoidRs"]["TxnID"] == values["check.add"]["TxnID"]
    assert deleted["TxnID"] in [one["TxnID"] for one in values["txnDeleted.query"]]
    (one,) = values["transaction.query"]
    assert (one["TxnID"], one["TxnType"]) == (values["invoice.add"]["TxnID"], "Invoice")
    assert values["listDeleted.query"] == []
