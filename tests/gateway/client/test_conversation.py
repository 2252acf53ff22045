"""What is sent, what is tried again, and what is raised, with the other side written down."""

from __future__ import annotations

import asyncio
import copy
import json
import pickle
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import httpx
import pytest

import qbxml
from qbgateway import client as public
from qbgateway.client import (
    ApiError,
    AuthenticationError,
    Client,
    ConnectionFailed,
    IntegrationConnectionError,
    IntegrationError,
    InternalError,
    InvalidRequestError,
    IteratorLost,
    NotConfigured,
    PermissionDeniedError,
    UnknownError,
)
from qbxml import requests as rq

from .helpers import Script, ok, pauses, refusal

CONNECTION = "INTEGRATION_CONNECTION_ERROR"
END_USER = {
    "id": "end_usr_1",
    "objectType": "end_user",
    "createdAt": "2024-01-01T12:34:56.789Z",
    "companyName": "Reed",
    "name": "Reed",
    "sourceId": "7",
    "email": "ann@reed.example",
    "integrationConnections": [],
}
ADDED = {"CustomerAddRs": {"CustomerRet": {"ListID": "8-1", "Name": "Annie", "Balance": "0.00"}}}
FOUND: dict[str, Any] = {"CustomerQueryRs": {"CustomerRet": []}}
NOT_SENT = refusal(504, CONNECTION, "QBD_REQUEST_TIMEOUT")
MAY_BE_DONE = refusal(504, CONNECTION, "QBD_REQUEST_TIMEOUT", x_should_retry="false", location="/v1/requests/r-1")


def fresh(response: httpx.Response) -> httpx.Response:
    return httpx.Response(response.status_code, headers=response.headers, content=response.content)


@pytest.fixture(autouse=True)
def paused(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    return pauses(monkeypatch)


def add(script: Script, **options: Any) -> Any:
    with script.client(**options) as client:
        return client.qbd.customer.add("end_usr_1", Name="Annie")


def query(script: Script, **options: Any) -> Any:
    with script.client(**options) as client:
        return client.qbd.customer.query("end_usr_1")


# -- what is sent ------------------------------------------------------------------------------------------------


def test_a_call_has_the_key_the_timeout_and_says_who_calls() -> None:
    script = Script(ok(ADDED))
    assert add(script)["Name"] == "Annie"
    (sent,) = script.sent
    assert (sent.method, str(sent.url)) == (
        "POST",
        "https://books.example.com/v1/end-users/end_usr_1/request/quickbooks_desktop",
    )
    assert sent.headers["Authorization"] == "Bearer sk_live_x"
    assert sent.headers["User-Agent"] == f"openqbd-python/{qbxml.__version__}"
    assert sent.headers["Conductor-Timeout-Seconds"] == "90"
    assert sent.headers["Content-Type"] == "application/json"
    assert sent.extensions["timeout"] == {"connect": 10.0, "read": 105.0, "write": 105.0, "pool": 105.0}


def test_the_time_that_quickbooks_may_take_is_the_clients_or_the_calls() -> None:
    script = Script(ok(FOUND), ok(FOUND), ok({"duration": 12}))
    with script.client(timeout=20) as client:
        client.qbd.customer.query("e")
        client.qbd.customer.query("e", timeout=200)
        assert client.end_users.ping("e", timeout=7).duration == timedelta(milliseconds=12)
    assert [one.headers["Conductor-Timeout-Seconds"] for one in script.sent] == ["20", "200", "7"]
    assert [one.extensions["timeout"]["read"] for one in script.sent] == [35.0, 215.0, 22.0]


def test_every_write_has_a_key_of_its_own_unless_it_is_given_one() -> None:
    script = Script(
        ok(ADDED), ok(ADDED), ok(ADDED), ok(FOUND), ok(END_USER), ok({"CustomerModRs": ADDED["CustomerAddRs"]})
    )
    with script.client() as client:
        client.qbd.customer.add("e", Name="Annie")
        client.qbd.customer.add("e", Name="Annie")
        client.qbd.customer.add("e", Name="Annie", idempotency_key="mine")
        client.qbd.customer.query("e")
        client.end_users.create(company_name="Reed", source_id="7", email="ann@reed.example")
        client.qbd.request("e", {"CustomerModRq": {"CustomerMod": {}}})
    first, second, mine, read, user, anything = script.keys()
    assert (mine, read) == ("mine", None)
    assert len({first, second, user, anything}) == 4
    assert None not in (first, second, user, anything)


def test_values_are_sent_as_the_codec_writes_them() -> None:
    script = Script(ok({"InvoiceAddRs": {"InvoiceRet": {"TxnID": "1-1"}}}))
    with script.client() as client:
        client.qbd.invoice.add(
            "e",
            CustomerRef=rq.CustomerRef(ListID="8-1"),
            TxnDate=date(2024, 2, 29),
            InvoiceLineAdd=[{"Quantity": 2, "Rate": Decimal("10.00")}, rq.InvoiceLineAdd(Desc="no price")],
            Memo=None,
            IncludeRetElement=["TxnID"],
        )
    inner = {
        "CustomerRef": {"ListID": "8-1"},
        "TxnDate": "2024-02-29",
        "InvoiceLineAdd": [{"Quantity": 2, "Rate": "10.00"}, {"Desc": "no price"}],
        "Memo": None,
    }
    assert script.bodies == [{"InvoiceAddRq": {"InvoiceAdd": inner, "IncludeRetElement": ["TxnID"]}}]


@pytest.mark.parametrize(
    "given",
    [
        rq.CustomerAdd(Name="Annie"),
        rq.CustomerAddRq(CustomerAdd=rq.CustomerAdd(Name="Annie")),
        {"Name": "Annie"},
        {"CustomerAdd": {"Name": "Annie"}},
    ],
)
def test_a_record_may_be_given_whole(given: Any) -> None:
    script = Script(ok(ADDED))
    with script.client() as client:
        client.qbd.customer.add("e", given)
    assert script.bodies == [{"CustomerAddRq": {"CustomerAdd": {"Name": "Annie"}}}]


def test_a_record_of_another_request_is_refused_here() -> None:
    with Script().client() as client, pytest.raises(TypeError, match="takes a InvoiceAdd or InvoiceAddRq, not a Custo"):
        client.qbd.invoice.add("e", rq.CustomerAdd(Name="Annie"))  # type: ignore[call-overload]


def test_a_value_without_a_form_is_refused_as_the_codec_does() -> None:
    with Script().client() as client, pytest.raises(qbxml.InvalidRequest, match="Name"):
        client.qbd.customer.add("e", {"Name": {1, 2}})


def test_ids_can_not_lead_elsewhere() -> None:
    script = Script(ok(END_USER))
    with script.client() as client:
        client.end_users.retrieve("../../x?y#z")
    assert script.sent[0].url.raw_path == b"/v1/end-users/..%2F..%2Fx%3Fy%23z"


def test_arguments_that_do_not_fit_are_refused_as_python_does() -> None:
    with Script().client() as client:
        create: Any = client.end_users.create
        retrieve: Any = client.end_users.retrieve
        with pytest.raises(TypeError, match="missing company_name, email"):
            create(source_id="7")
        with pytest.raises(TypeError, match="unexpected argument 'colour'"):
            create(company_name="a", source_id="7", email="x", colour="red")
        with pytest.raises(TypeError, match="1 positional argument"):
            retrieve("a", "b")
        with pytest.raises(TypeError, match="missing end_user_id"):
            retrieve()
        with pytest.raises(TypeError, match="an object such as"):
            client.qbd.request("e", {"AQueryRq": {}, "BQueryRq": {}})
        with pytest.raises(AttributeError, match="did you mean invoice"):
            client.qbd.invoise  # type: ignore[attr-defined]  # noqa: B018


# -- what comes back ---------------------------------------------------------------------------------------------


def test_objects_have_pythons_names_and_times() -> None:
    session = {
        "id": "auth_sess_1",
        "createdAt": "2024-01-01T00:00:00.000Z",
        "endUserId": "end_usr_1",
        "clientSecret": "auth_sess_client_secret_1",
        "authFlowUrl": "https://books.example.com/qbd/x?key=pk",
        "expiresAt": "2024-01-01T00:30:00.000Z",
        "redirectUrl": None,
    }
    script = Script(ok(END_USER), ok({"objectType": "list", "data": [END_USER, END_USER]}), ok(session))
    with script.client() as client:
        user = client.end_users.create(company_name="Reed", source_id="7", email="ann@reed.example")
        assert (user.id, user.company_name, user.source_id) == ("end_usr_1", "Reed", "7")
        assert user.created_at == datetime(2024, 1, 1, 12, 34, 56, 789000, UTC)
        assert client.end_users.list() == [user, user]
        link = client.auth_sessions.create(publishable_key="pk", end_user_id=user.id, link_expiry_mins=60)
    assert link.expires_at - link.created_at == timedelta(minutes=30)
    assert "secret" not in repr(link).replace("redirect", "")
    assert script.bodies[0] == {"companyName": "Reed", "sourceId": "7", "email": "ann@reed.example"}
    assert script.bodies[-1] == {"publishableKey": "pk", "endUserId": "end_usr_1", "linkExpiryMins": 60}


def test_values_are_those_of_the_codec() -> None:
    line = {"TxnLineID": "2-1", "Quantity": 2.5, "Rate": "48.00", "Amount": "120.00"}
    invoice = {
        "TxnID": "1-1",
        "TxnDate": "2023-09-05",
        "IsPending": False,
        "EditSequence": "1",
        "InvoiceLineRet": [line],
    }
    with Script(ok({"InvoiceQueryRs": {"InvoiceRet": [invoice]}})).client() as client:
        (found,) = client.qbd.invoice.query("e")
    assert found["TxnDate"] == date(2023, 9, 5)
    assert found["IsPending"] is False
    assert repr(found["InvoiceLineRet"][0]["Quantity"]) == "Decimal('2.5')"
    assert repr(found["InvoiceLineRet"][0]["Amount"]) == "Decimal('120.00')"


def test_numbers_of_the_older_form_become_the_same_types() -> None:
    given = {"EditSequence": 1694999639, "Balance": 35693.49, "Sublevel": 0, "AccountNumber": 7.5}
    with Script(ok({"CustomerQueryRs": {"CustomerRet": [given]}})).client() as client:
        (found,) = client.qbd.customer.query("e")
    assert dict(found) == {
        "EditSequence": "1694999639",
        "Balance": Decimal("35693.49"),
        "Sublevel": 0,
        "AccountNumber": "7.5",
    }


def test_reports_have_their_attributes_under_their_own_names() -> None:
    row = {"RowNumber": "1", "ColData": [{"ColID": "1", "Value": "Sales"}]}
    answer = {"GeneralSummaryReportQueryRs": {"ReportRet": {"NumRows": 1, "ReportData": {"DataRow": [row]}}}}
    with Script(ok(answer)).client() as client:
        found = client.qbd.report.general_summary("e", GeneralSummaryReportType="BalanceSheetStandard")
    ((data,),) = [found["ReportData"]["DataRow"]]
    assert data["rowNumber"] == 1
    assert data["ColData"] == [{"colID": 1, "value": "Sales"}]


def test_an_answer_of_several_kinds_or_of_fields_alone_is_a_dict() -> None:
    gone = {"ListDelType": "Customer", "ListID": "8-1", "TimeDeleted": "2024-01-01T00:00:00"}
    script = Script(
        ok({"EntityQueryRs": {"CustomerRet": [], "VendorRet": [{"ListID": "9-1"}]}}),
        ok({"ListDelRs": gone, **gone}),
    )
    with script.client() as client:
        assert [one["ListID"] for one in client.qbd.entity.query("e")["VendorRet"]] == ["9-1"]
        assert client.qbd.list.delete("e", ListDelType="Customer", ListID="8-1") == {
            "ListDelType": "Customer",
            "ListID": "8-1",
            "TimeDeleted": datetime(2024, 1, 1),
        }


def test_done_without_a_record_is_an_error_and_not_none() -> None:
    with pytest.raises(IntegrationError, match="was done") as caught:
        add(Script(ok({"CustomerAddRs": {}})))
    assert caught.value.code == "QBD_NO_RESPONSE"


@pytest.mark.parametrize(
    "answer",
    [
        httpx.Response(200, content=b"<html>hello"),
        ok({}),
        ok([]),
        ok({"CustomerQueryRs": 7}),
        httpx.Response(200, content=b'{"CustomerQueryRs":{"x":1e999999999999999999999}}'),
    ],
)
def test_an_answer_that_is_none_is_an_error_that_says_so(answer: httpx.Response) -> None:
    with pytest.raises(InternalError) as caught:
        query(Script(answer))
    assert caught.value.code == "INVALID_JSON_RESPONSE"
    assert caught.value.status == 200


def test_an_object_without_its_fields_is_an_error() -> None:
    with Script(ok({"id": "x"})).client() as client, pytest.raises(InternalError, match="no EndUser"):
        client.end_users.retrieve("x")


def test_warnings_are_told_or_logged(caplog: pytest.LogCaptureFixture) -> None:
    told: list[str] = []
    add(Script(ok(ADDED, conductor_warning="530 The field is gone")), on_warning=told.append)
    assert told == ["530 The field is gone"]
    assert not caplog.records
    add(Script(ok(ADDED, conductor_warning="530 The field is gone")))
    assert [one.getMessage() for one in caplog.records] == ["QuickBooks warns: 530 The field is gone"]


# -- trying again ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "failure",
    [
        NOT_SENT,
        refusal(503, "INTERNAL_ERROR", "SERVER_BUSY", x_should_retry="true"),
        refusal(503, "INTERNAL_ERROR", "SERVER_BUSY"),
        refusal(500, "INTERNAL_ERROR", "INTERNAL_ERROR"),
        refusal(429, "INVALID_REQUEST_ERROR", "QUEUE_FULL"),
        httpx.Response(502, content=b"<html>Bad gateway"),
        httpx.Response(504, content=b"<html>Timeout"),
        httpx.ConnectError("refused"),
        httpx.ReadTimeout("slow"),
        httpx.RemoteProtocolError("gone"),
    ],
    ids=repr,
)
@pytest.mark.parametrize("ask", [add, query])
def test_what_can_be_tried_again_is_with_the_same_key(failure: Any, ask: Any) -> None:
    reply = fresh(failure) if isinstance(failure, httpx.Response) else failure
    script = Script(reply, ok(ADDED if ask is add else FOUND))
    ask(script)
    assert len(script.sent) == 2
    assert len(set(script.keys())) == 1
    assert script.sent[0].content == script.sent[1].content


@pytest.mark.parametrize(
    "failure",
    [
        MAY_BE_DONE,
        # As above, where something in between has taken the header away.
        refusal(504, CONNECTION, "QBD_REQUEST_TIMEOUT", x_should_retry="false"),
        refusal(502, "INTEGRATION_ERROR", "QBD_REQUEST_ERROR", integration_code="3100", x_should_retry="false"),
        refusal(409, CONNECTION, "INTEGRATION_CONNECTION_NOT_ACTIVE", x_should_retry="false"),
        refusal(400, "INVALID_REQUEST_ERROR", "PARAMETERS_INVALID"),
        refusal(401, "AUTHENTICATION_ERROR", "API_KEY_INVALID"),
        refusal(404, "INVALID_REQUEST_ERROR", "RESOURCE_MISSING"),
        httpx.Response(302, headers={"Location": "https://elsewhere.example"}),
    ],
    ids=repr,
)
@pytest.mark.parametrize("ask", [add, query])
def test_what_may_be_done_or_can_not_help_is_never_tried_again(failure: httpx.Response, ask: Any) -> None:
    script = Script(fresh(failure))
    with pytest.raises(ApiError):
        ask(script)
    assert len(script.sent) == 1


def test_a_call_without_a_key_is_tried_again_only_if_nothing_arrived() -> None:
    for lost in (httpx.ReadTimeout("slow"), httpx.ReadError("gone"), httpx.Response(502)):
        script = Script(lost)
        with script.client() as client, pytest.raises(ApiError) as caught:
            client.end_users.delete("e")
        assert caught.value.was_sent
    script = Script(httpx.ConnectTimeout("slow"), ok({"id": "e", "deleted": True}))
    with script.client() as client:
        assert client.end_users.delete("e").deleted
    with Script(httpx.ReadError("gone")).client() as client, pytest.raises(ConnectionFailed):
        client.qbd.submit("e", {"CustomerQueryRq": {}})


def test_it_gives_up_after_so_many_times_and_says_why(paused: list[float]) -> None:
    script = Script(*(fresh(NOT_SENT) for _ in range(4)))
    with pytest.raises(IntegrationConnectionError) as caught:
        add(script, max_retries=3)
    assert (len(script.sent), caught.value.was_sent, caught.value.pending_id) == (4, False, None)
    assert len(paused) == 3
    for number, seconds in enumerate(paused):
        assert 0.25 * 2**number <= seconds <= 0.5 * 2**number
    script = Script(fresh(NOT_SENT))
    with pytest.raises(IntegrationConnectionError):
        add(script, max_retries=0)


def test_the_service_says_how_long_to_pause(paused: list[float]) -> None:
    busy = refusal(503, "INTERNAL_ERROR", "SERVER_BUSY", retry_after="7")
    late = refusal(503, "INTERNAL_ERROR", "SERVER_BUSY", retry_after="4000")
    add(Script(busy, late, ok(ADDED)))
    assert paused == [7.0, 60.0]


def test_what_may_be_done_says_where_to_look() -> None:
    with pytest.raises(IntegrationConnectionError) as caught:
        add(Script(fresh(MAY_BE_DONE)))
    assert (caught.value.pending_id, caught.value.was_sent, caught.value.status) == ("r-1", True, 504)


# -- errors ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("type_", "kind"),
    [
        ("INTEGRATION_ERROR", IntegrationError),
        ("INTEGRATION_CONNECTION_ERROR", IntegrationConnectionError),
        ("INVALID_REQUEST_ERROR", InvalidRequestError),
        ("AUTHENTICATION_ERROR", AuthenticationError),
        ("PERMISSION_ERROR", PermissionDeniedError),
        ("INTERNAL_ERROR", InternalError),
        ("SOMETHING_NEW", UnknownError),
    ],
)
def test_each_type_has_its_class(type_: str, kind: type[ApiError]) -> None:
    with pytest.raises(ApiError) as caught:
        query(Script(refusal(400, type_, "SOME_CODE", integration_code="3200")))
    error = caught.value
    assert type(error) is kind
    assert (error.type, error.code, error.status, error.integration_code) == (type_, "SOME_CODE", 400, "3200")
    assert (error.message, error.user_facing_message, error.request_id) == ("about SOME_CODE", "for a person", "req_1")
    assert str(error) == "SOME_CODE: about SOME_CODE [req_1]"
    for again in (copy.copy(error), pickle.loads(pickle.dumps(error))):
        assert type(again) is kind
        assert vars(again) == vars(error)


def test_what_is_not_the_service_is_named() -> None:
    with pytest.raises(InternalError, match=r"HTTP 403.*Forbidden by proxy"):
        query(Script(httpx.Response(403, content=b"Forbidden by proxy")))


def test_no_connection_is_an_error_with_its_cause() -> None:
    with pytest.raises(ConnectionFailed, match="could not be reached: ConnectError refused") as caught:
        query(Script(httpx.ConnectError("refused")), max_retries=0)
    assert isinstance(caught.value.__cause__, httpx.ConnectError)
    assert (caught.value.status, caught.value.was_sent) == (None, False)


# -- pages -------------------------------------------------------------------------------------------------------


def page(names: list[str], left: int = 0) -> httpx.Response:
    answer: dict[str, Any] = {"CustomerRet": [{"Name": name} for name in names]}
    more = {"IteratorID": "{i}", "IteratorRemainingCount": left} if left else {}
    return ok({"CustomerQueryRs": {**answer, **more}, **more})


def test_pages_are_asked_for_one_after_the_other_as_they_are_needed() -> None:
    script = Script(page(["A", "B"], 1), page(["C"]))
    with script.client() as client:
        found = client.qbd.customer.iterate("e", MaxReturned=2, ActiveStatus="All")
        assert script.sent == []
        assert [next(found)["Name"], next(found)["Name"]] == ["A", "B"]
        assert len(script.sent) == 1
        assert [one["Name"] for one in found] == ["C"]
    asked = {"CustomerQueryRq": {"MaxReturned": 2, "ActiveStatus": "All"}}
    assert script.bodies == [asked, {**asked, "IteratorID": "{i}"}]
    # Made twice by mistake, the second would be a page that nobody sees: each has a key.
    assert len(set(script.keys())) == 2
    assert all(script.keys())


def test_a_page_is_tried_again_with_its_key() -> None:
    script = Script(page(["A"], 1), httpx.ReadTimeout("slow"), page(["B"]))
    with script.client() as client:
        assert [one["Name"] for one in client.qbd.customer.iterate("e")] == ["A", "B"]
    _, first, second = script.keys()
    assert first == second
    assert script.bodies[0] == {"CustomerQueryRq": {"MaxReturned": 100}}


def test_what_is_named_has_no_pages() -> None:
    script = Script(page(["A"]))
    with script.client() as client:
        assert len(list(client.qbd.customer.iterate("e", ListID=["8-1"]))) == 1
    assert script.bodies == [{"CustomerQueryRq": {"ListID": ["8-1"]}}]


def test_all_kinds_come_one_after_the_other_with_their_names() -> None:
    script = Script(ok({"ItemQueryRs": {"ItemServiceRet": [{"Name": "A"}], "ItemGroupRet": [{"Name": "B"}]}}))
    with script.client() as client:
        found = [(one.name, one["Name"]) for one in client.qbd.item.iterate("e")]
    assert found == [("ItemServiceRet", "A"), ("ItemGroupRet", "B")]


def gone() -> httpx.Response:
    return refusal(502, "INTEGRATION_ERROR", "QBD_REQUEST_ERROR", integration_code="3391", x_should_retry="false")


def test_pages_that_are_lost_say_how_far_it_got() -> None:
    with Script(page(["A", "B"], 1), gone()).client() as client, pytest.raises(IteratorLost) as caught:
        list(client.qbd.customer.iterate("e"))
    assert caught.value.fetched == 2
    assert caught.value.integration_code == "3391"
    assert "After 2 records" in str(caught.value)
    assert pickle.loads(pickle.dumps(caught.value)).fetched == 2
    # Not so where there was no iterator yet, or something else is wrong.
    other = refusal(502, "INTEGRATION_ERROR", "QBD_REQUEST_ERROR", integration_code="3100", x_should_retry="false")
    for replies in ((gone(),), (page(["A"], 1), other)):
        with Script(*replies).client() as client, pytest.raises(IntegrationError) as refused:
            list(client.qbd.customer.iterate("e"))
        assert type(refused.value) is IntegrationError


# -- asyncio -----------------------------------------------------------------------------------------------------


def test_the_async_client_does_the_same(paused: list[float]) -> None:
    script = Script(
        ok(END_USER),
        fresh(NOT_SENT),
        httpx.ReadError("gone"),
        ok(ADDED),
        page(["A"], 1),
        page(["B"]),
        page(["A"], 1),
        gone(),
    )

    async def work() -> None:
        async with script.async_client() as client:
            user = await client.end_users.retrieve("end_usr_1")
            added = await client.qbd.customer.add(user.id, Name="Annie")
            assert added["Name"] == "Annie"
            assert [one["Name"] async for one in client.qbd.customer.iterate(user.id)] == ["A", "B"]
            with pytest.raises(IteratorLost):
                [one async for one in client.qbd.customer.iterate(user.id)]

    asyncio.run(work())
    assert len(paused) == 2
    assert len(set(script.keys()[1:4])) == 1


# -- the client itself -------------------------------------------------------------------------------------------


def test_address_and_key_come_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QBGATEWAY_URL", "https://env.example.com/books/")
    monkeypatch.setenv("QBGATEWAY_KEY", "sk_live_env")
    script = Script(ok(END_USER), ok(END_USER))
    with Client(transport=httpx.MockTransport(script)) as client:
        client.end_users.retrieve("e")
        assert "sk_live" not in repr(client)
    assert str(script.sent[0].url) == "https://env.example.com/books/v1/end-users/e"
    assert script.sent[0].headers["Authorization"] == "Bearer sk_live_env"
    monkeypatch.delenv("QBGATEWAY_URL")
    with Client(transport=httpx.MockTransport(script)) as client:
        assert client.base_url == "http://localhost:4000"


def test_what_can_not_work_is_said_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("QBGATEWAY_KEY", raising=False)
    with pytest.raises(NotConfigured, match="no key"):
        Client()
    with pytest.raises(NotConfigured, match="a character"):
        Client("sk_live\n")
    for address in (
        "books.example.com",
        "ftp://books.example.com",
        "https://",
        "http://a:b",
        "https://a:b@c",
        "http://a?b",
    ):
        with pytest.raises(NotConfigured, match="address"):
            Client("sk", base_url=address)


def test_everything_public_is_there_and_can_be_listed() -> None:
    for name in public.__all__:
        assert getattr(public, name).__name__ == name
    assert set(public.__all__) <= set(dir(public))
    with pytest.raises(AttributeError, match="nothing"):
        public.nothing  # noqa: B018
    with Script().client() as client:
        assert {"request", "submit", "invoice", "class_"} <= set(dir(client.qbd))
        assert {"add", "mod", "query", "iterate"} <= set(dir(client.qbd.invoice))
        assert "iterate" not in dir(client.qbd.account)
        assert copy.copy(client.qbd.invoice).add is not None
        assert client.end_users.create.__doc__
        assert "create" in repr(client.end_users)


def test_a_request_as_it_stands_has_its_answer_in_values_and_its_error_to_be_raised() -> None:
    stands = {
        "id": "r-1",
        "createdAt": "2024-01-01T00:00:00.000Z",
        "endUserId": "e",
        "integrationConnectionId": "i",
        "name": "CustomerAddRq",
        "state": "done",
        "isFinal": True,
        "recovered": False,
        "timeline": [{"at": "2024-01-01T00:00:00.000Z", "state": "queued", "reason": None}],
        "warning": None,
        "answer": ADDED,
    }
    failed = json.loads(refusal(502, "INTEGRATION_ERROR", "QBD_REQUEST_ERROR", integration_code="3100").content)
    failed["error"]["requestId"] = ""
    queued = {name: one for name, one in stands.items() if name not in ("answer", "warning")} | {"isFinal": False}
    script = Script(ok(stands), ok({**queued, "state": "failed", **failed}), ok(queued, 202), ok(queued), ok(stands))
    with script.client() as client:
        done = client.requests.retrieve("r-1", wait=30)
        assert done.answer is not None
        assert done.answer["CustomerAddRs"]["CustomerRet"]["Balance"] == Decimal("0.00")
        error = client.requests.retrieve("r-1").error
        assert isinstance(error, IntegrationError)
        assert (error.integration_code, error.request_id, error.status) == ("3100", None, 502)
        assert client.qbd.submit("e", {"CustomerAddRq": {"CustomerAdd": {"Name": "Annie"}}}).answer is None
        client.requests.cancel("r-1")
        client.requests.resolve("r-1", outcome="done")
    assert script.sent[0].headers["Prefer"] == "wait=30"
    assert script.sent[0].extensions["timeout"]["read"] == 45.0
    assert script.sent[2].headers["Prefer"] == "respond-async"
    assert [(one.method, one.url.path) for one in script.sent[3:]] == [
        ("POST", "/v1/requests/r-1/cancel"),
        ("POST", "/v1/requests/r-1/resolve"),
    ]
    assert script.bodies[-1] == {"outcome": "done"}
