"""The pages of a link, by HTTP: each state, each failure, what is shown when, and what never is."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from dataclasses import dataclass
from typing import Any

import pytest
from lxml import html
from werkzeug.test import Client, TestResponse

import soap
from qbgateway.service import EndUser
from soap.testing.connector import ModelConnector
from soap.testing.quickbooks import ModelQuickBooks

from .helpers import PUBLIC_URL, Books

BROWSER = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8"}


@dataclass
class Desk:
    """The visitor's computer: a Web Connector with the file added and a password in it, and QuickBooks."""

    connector: ModelConnector
    quickbooks: ModelQuickBooks
    username: str
    password: str

    def begin(self) -> None:
        """Sign in, and no more."""
        self.connector.step()

    def update(self) -> bool:
        """Do an update, or the rest of one; whether there was a session."""
        return self.connector.session()


class Visitor:
    """Somebody with a browser, who was sent a link."""

    def __init__(self, books: Books, end_user: EndUser | None = None, **session: Any) -> None:
        self.books = books
        self.client = Client(books.application())
        self.end_user = end_user or books.end_user()
        sessions = books.tenant.auth_sessions
        key = books.keys.publishable_text
        self.session = sessions.create(books.account, publishable_key=key, end_user_id=self.end_user.id, **session)
        self.secret = sessions.client_secret(self.session)
        self.link = f"/qbd/{self.secret}?key={key}"

    def get(self, address: str | None = None, **headers: str) -> TestResponse:
        return self.client.get(address or self.link, headers={**BROWSER, **headers})

    def page(self) -> html.HtmlElement:
        answer = self.get()
        assert answer.status_code == 200
        return html.fromstring(answer.text)

    def state(self) -> dict[str, Any]:
        found: dict[str, Any] = self.get(Accept="application/json").get_json()
        return found

    def press(self) -> TestResponse:
        """Press the button that makes a password."""
        return self.send(*self.form())

    def form(self) -> tuple[str, dict[str, Any]]:
        """The form of the page: its address and its fields."""
        (form,) = self.page().forms
        return str(form.action), dict(form.fields)

    def send(self, address: str, fields: dict[str, Any]) -> TestResponse:
        return self.client.post(address, data=fields, headers=BROWSER)

    def password(self) -> str:
        answer = self.press()
        assert answer.status_code == 200
        return str(html.fromstring(answer.text).get_element_by_id("password").text)

    def desk(self, password: str, **more: Any) -> Desk:
        """Add the file to the Web Connector, with a password."""
        (link,) = self.page().xpath("//a[@download]/@href")
        file = soap.qwc.parse(self.get(link).data)
        books = ModelQuickBooks(owner_id=f"{{{file.owner_id}}}", file_id=f"{{{file.file_id}}}", **more)
        endpoint = self.books.endpoint()
        return Desk(ModelConnector(lambda: endpoint, books, file.username, password), books, file.username, password)


@pytest.fixture
def visitor(books: Books) -> Visitor:
    return Visitor(books)


def done(page: html.HtmlElement) -> list[str]:
    """The names of what is ticked."""
    return [str(one) for one in page.xpath("//*[@data-done='true']/@data-check")]


def problem(page: html.HtmlElement) -> str | None:
    """The title of the problem that is shown."""
    box = page.get_element_by_id("problem")
    return None if "hidden" in box.attrib else str(box.xpath("string(h2)"))


# -- the states --------------------------------------------------------------------------------------------------


def test_a_link_that_was_just_opened(visitor: Visitor) -> None:
    page = visitor.page()
    assert page.findtext(".//h1") == "Swamp & Sons asks to connect to your QuickBooks"
    assert "Big Construction Co." in page.text_content()
    titles = [one.text_content() for one in page.xpath("//ol[@class='steps']//h2")]
    assert titles == [
        "Get the Web Connector",
        "Download the file",
        "Make the password",
        "Grant access in QuickBooks",
        "Press Update",
    ]
    assert done(page) == []
    assert problem(page) is None
    assert "Swamp & Sons – Big Construction Co." in page.get_element_by_id("step-update").text_content()
    assert "14 Nov 2023, 22:43 UTC" in page.text_content()


def test_opening_a_link_makes_nothing(visitor: Visitor) -> None:
    visitor.page()
    visitor.client.head(visitor.link, headers=BROWSER)
    assert visitor.books.tenant.connections.list() == []


def test_the_whole_way(visitor: Visitor) -> None:
    password = visitor.password()
    page = visitor.page()
    assert done(page) == []
    wrong = visitor.desk("a wrong one")
    assert not wrong.update()
    assert done(visitor.page()) == ["file_added"]
    assert problem(visitor.page()) == "The password does not match"
    visitor.books.clock.advance(1.0)
    desk = visitor.desk(password, company="Big & Sons <LLC>")
    desk.begin()
    assert done(visitor.page()) == ["file_added", "password_accepted"]
    assert problem(visitor.page()) is None
    desk.update()
    page = visitor.page()
    assert page.findtext(".//h1") == "QuickBooks is connected"
    assert "Big & Sons <LLC>" in page.text_content()
    assert "You can close this page." in page.text_content()
    assert page.forms == []
    assert page.xpath("//meta[@http-equiv]") == []


def test_the_script_gets_the_same_as_json(visitor: Visitor) -> None:
    state = visitor.state()
    assert (state["step"], state["problem"]) == ("opened", None)
    assert [one["isDone"] for one in state["checks"]] == [False, False, False]
    page = visitor.page()
    named = [(one["name"], one["text"]) for one in state["checks"]]
    rows = page.xpath("//li[@data-check]")
    assert named == [(row.get("data-check"), row.xpath("string(span/text())")) for row in rows]
    assert page.get_element_by_id("content").get("data-poll") == visitor.link
    visitor.password()
    visitor.desk("a wrong one").update()
    assert visitor.state()["problem"]["code"] == "wrong_password"


def test_who_names_no_form_gets_json_as_programs_always_did(visitor: Visitor) -> None:
    for accept in ("", "*/*", "application/json", "application/json, text/plain, */*"):
        answer = visitor.get(Accept=accept)
        assert answer.mimetype == "application/json", accept
        assert "Accept" in answer.headers["Vary"]
    assert visitor.get().mimetype == "text/html"
    page, _, key = visitor.link.partition("?")
    made = visitor.client.post(f"{page}/password?{key}").get_json()
    assert set(made) == {"userName", "password"}


# -- the end -----------------------------------------------------------------------------------------------------


def test_the_last_page_leads_on_and_says_where_to(books: Books) -> None:
    visitor = Visitor(books, redirect_url="https://app.example.com/done?a=1&b='2'")
    assert "app.example.com" in visitor.page().xpath("string(//footer)")
    assert visitor.desk(visitor.password()).update()
    page = visitor.page()
    (refresh,) = page.xpath("//meta[@http-equiv='refresh']/@content")
    assert refresh == "10; url=https://app.example.com/done?a=1&b='2'"
    assert "In 10 seconds you are taken to app.example.com." in page.text_content()
    onward, stay = page.xpath("//main//a")
    assert (onward.get("href"), onward.text) == ("https://app.example.com/done?a=1&b='2'", "Go to app.example.com")
    staying = html.fromstring(visitor.get(stay.get("href")).text)
    assert staying.xpath("//meta[@http-equiv]") == []
    assert "Go to app.example.com" in staying.text_content()


def test_after_the_end_the_link_hands_out_nothing(visitor: Visitor) -> None:
    address, fields = visitor.form()
    assert visitor.desk(visitor.password()).update()
    late = visitor.send(address, fields)
    assert late.status_code == 410
    assert html.fromstring(late.text).findtext(".//h1") == "QuickBooks is connected"
    file = visitor.get(address.replace("/password", "/file"))
    assert (file.status_code, file.mimetype) == (410, "text/html")


# -- time --------------------------------------------------------------------------------------------------------


def test_when_its_time_is_over_nothing_is_handed_out_and_progress_is_shown_for_another_hour(visitor: Visitor) -> None:
    password, form = visitor.password(), visitor.form()
    desk = visitor.desk(password)
    assert "hidden" in visitor.page().get_element_by_id("over").attrib
    visitor.books.clock.advance(30 * 60)
    page = visitor.page()
    assert "hidden" not in page.get_element_by_id("over").attrib
    assert page.forms == []
    assert page.xpath("//a[@download]") == []
    assert visitor.send(*form).status_code == 410
    visitor.books.clock.advance(3599)
    assert visitor.page() is not None
    assert desk.update()
    assert visitor.page().findtext(".//h1") == "QuickBooks is connected"
    visitor.books.clock.advance(2)
    gone = visitor.get()
    assert gone.status_code == 404
    assert html.fromstring(gone.text).findtext(".//h1") == "This link can’t be used"


# -- passwords ---------------------------------------------------------------------------------------------------


def test_nothing_secret_is_on_any_page_that_is_opened(visitor: Visitor) -> None:
    password = visitor.password()
    file = visitor.page().xpath("//a[@download]/@href")[0]
    for address in (visitor.link, file, visitor.link + "&stay=1"):
        assert password not in visitor.get(address).text
    assert password not in json.dumps(visitor.state())
    # Reloading the page that showed it, by its address, leads back.
    back = visitor.get(visitor.link.replace("?", "/password?"))
    assert (back.status_code, back.headers["Location"]) == (303, visitor.link)
    assert visitor.get(visitor.link.replace("?", "/password?"), Accept="*/*").status_code == 405


def test_a_new_password_can_be_made_and_the_old_one_is_good_until_the_new_one_was_used(visitor: Visitor) -> None:
    first = visitor.password()
    visitor.books.clock.advance(1.0)
    button = visitor.page().xpath("//form//button")[0]
    assert button.text_content() == "Make a new password"
    second = visitor.password()
    assert first != second
    desk = visitor.desk(second)
    endpoint, name = visitor.books.endpoint(hold=1.0), desk.username
    assert endpoint.authenticate(name, first)[0]
    assert endpoint.authenticate(name, second)[0]
    assert endpoint.authenticate(name, first)[1] == "nvu"
    assert endpoint.authenticate(name, second)[0]


def test_an_earlier_connection_that_still_works_does_not_finish_a_new_link(books: Books, visitor: Visitor) -> None:
    earlier = visitor.desk(visitor.password())
    assert earlier.update()
    books.clock.advance(60.0)
    repair = Visitor(books, visitor.end_user)
    password = repair.password()
    books.queue.enqueue(earlier.username, {"CompanyQueryRq": {}})
    assert earlier.update()
    assert done(repair.page()) == ["file_added"], "with the new password nobody signed in"
    assert repair.desk(password).update()
    assert repair.page().findtext(".//h1") == "QuickBooks is connected"
    assert not earlier.update()


@pytest.mark.parametrize("token", [None, "", "0" * 64, "é"])
def test_a_form_without_its_token_makes_no_password(visitor: Visitor, token: str | None) -> None:
    fields = {} if token is None else {"token": token}
    answer = visitor.send(visitor.form()[0], fields)
    assert answer.status_code == 403
    page = html.fromstring(answer.text)
    assert "press the button once more" in page.xpath("string(//*[@role='alert'])")
    assert page.xpath("//*[@id='password']") == []
    assert visitor.books.tenant.connections.list() == []


def test_the_token_of_another_link_does_not_do(books: Books, visitor: Visitor) -> None:
    other = Visitor(books, visitor.end_user)
    assert visitor.send(visitor.form()[0], other.form()[1]).status_code == 403


def test_a_form_that_is_too_long_is_refused(visitor: Visitor) -> None:
    answer = visitor.send(visitor.form()[0], {"token": "x" * 10_000})
    assert answer.status_code == 400
    assert answer.mimetype == "text/html"


# -- what goes wrong ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("hresult", "code", "says"),
    [
        ("0x80040414", "dialog_open", "A window in QuickBooks waits for an answer"),
        ("0x80040418", "not_administrator", "The administrator has to allow it first"),
        ("0x80040420", "access_denied", "QuickBooks was told to refuse access"),
        ("0x8004041A", "access_denied", "QuickBooks was told to refuse access"),
        ("0x8004041D", "no_automatic_login", "QuickBooks is closed, and access is allowed only while it is open"),
        ("0x80040410", "other_mode", "The company file is in use in another mode"),
        ("0x80040408", "quickbooks_not_running", "QuickBooks could not be started"),
        ("0x8004041F", "quickbooks_unavailable", "QuickBooks could not be reached"),
    ],
)
def test_what_the_web_connector_reports_is_told_in_words(visitor: Visitor, hresult: str, code: str, says: str) -> None:
    desk = visitor.desk(visitor.password())
    endpoint = visitor.books.endpoint()
    ticket = endpoint.authenticate(desk.username, desk.password)[0]
    endpoint.connection_error(ticket, hresult, "as QuickBooks says it")
    page = visitor.page()
    assert problem(page) == says
    assert hresult in page.get_element_by_id("problem").text_content()
    state = visitor.state()
    assert (state["problem"]["code"], state["problem"]["detail"]) == (code, hresult)
    assert done(page) == ["file_added", "password_accepted"]
    visitor.books.clock.advance(1.0)
    assert desk.update()
    assert visitor.state()["problem"] is None


def test_a_company_file_that_is_somebody_elses_is_told(visitor: Visitor) -> None:
    desk = visitor.desk(visitor.password())
    desk.quickbooks.file_id = "{00000000-0000-0000-0000-000000000000}"
    assert desk.update()
    page = visitor.page()
    assert problem(page) == "Another company file is open"
    assert visitor.state()["problem"]["code"] == "wrong_file"
    assert "another company file open" in visitor.state()["reason"]
    assert desk.quickbooks.executed == []


def test_a_wrong_password_after_a_new_one_was_made_is_told_at_once(visitor: Visitor) -> None:
    visitor.password()
    wrong = visitor.desk("a wrong one")
    wrong.update()
    visitor.books.clock.advance(1.0)
    visitor.password()
    assert visitor.state()["problem"] is None, "it is not known yet whether the new one is there"
    visitor.books.clock.advance(1.0)
    wrong.update()
    assert visitor.state()["problem"]["code"] == "wrong_password"


def test_a_web_connector_that_signed_in_and_went_away_is_told(visitor: Visitor) -> None:
    desk = visitor.desk(visitor.password())
    desk.begin()
    visitor.books.clock.advance(60.0)
    assert problem(visitor.page()) is None
    visitor.books.clock.advance(180.0)
    assert problem(visitor.page()) == "The Web Connector is not heard of any more"
    assert visitor.state()["problem"]["code"] == "web_connector_silent"


def test_what_was_wrong_before_a_link_was_made_is_no_problem_of_it(books: Books, visitor: Visitor) -> None:
    visitor.password()
    visitor.desk("a wrong one").update()
    books.clock.advance(10.0)
    assert Visitor(books, visitor.end_user).state()["problem"] is None


# -- links that can't be used ------------------------------------------------------------------------------------


def test_a_link_with_another_key_or_none_is_none(books: Books, visitor: Visitor) -> None:
    other = books.gateway.accounts.create_keys(books.gateway.accounts.create("Reed").id)
    for key in ("", "pk_live_x", other.publishable_text, books.keys.secret_text):
        answer = visitor.get(f"/qbd/{visitor.secret}?key={key}")
        assert answer.status_code == 404
        page = html.fromstring(answer.text)
        assert page.findtext(".//h1") == "This link can’t be used"
        assert "Swamp" not in answer.text
        assert "Content-Security-Policy" in answer.headers


def test_addresses_that_are_none_are_pages_too(visitor: Visitor) -> None:
    answer = visitor.get("/qbd/x/y/z")
    assert (answer.status_code, answer.mimetype) == (404, "text/html")
    answer = visitor.client.delete(visitor.link, headers=BROWSER)
    assert (answer.status_code, answer.mimetype) == (405, "text/html")
    assert answer.headers["Allow"]


def test_a_mistake_of_the_server_is_a_page_with_a_number(visitor: Visitor, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError(visitor.secret)

    monkeypatch.setattr(visitor.books.gateway.flow, "open", broken)
    answer = visitor.get()
    assert answer.status_code == 500
    assert answer.headers["Conductor-Request-Id"] in answer.text
    assert visitor.secret not in answer.text


# -- names, headers, and what the page is made of ----------------------------------------------------------------

NASTY = "</script><b onload=\"x\">'B' & <Söhne>"


def test_names_are_only_text(books: Books) -> None:
    books.account = books.gateway.accounts.create(f"A{NASTY}")
    books.keys = books.gateway.accounts.create_keys(books.account.id)
    visitor = Visitor(books, books.end_user("s", f"C{NASTY}"))
    answer = visitor.press()
    assert "<b onload" not in answer.text
    page = html.fromstring(answer.text)
    assert page.findtext(".//h1") == f"A{NASTY} asks to connect to your QuickBooks"
    assert f"A{NASTY} – C{NASTY}" in page.text_content()
    assert page.xpath("//@onload") == []
    (link,) = page.xpath("//a[@download]/@href")
    file = visitor.get(link)
    assert file.headers["Content-Disposition"] == "attachment; filename=C-script-b-onload-x-B-Sohne.qwc"
    assert soap.qwc.parse(file.data).app_name == f"A{NASTY} – C{NASTY}"
    assert visitor.desk(str(page.get_element_by_id("password").text), company=NASTY).update()
    assert NASTY in visitor.page().text_content()


def test_every_page_has_the_headers_of_a_page(visitor: Visitor) -> None:
    answers = [
        visitor.get(),
        visitor.press(),
        visitor.get("/qbd/none"),
        visitor.send(visitor.form()[0], {}),
    ]
    for answer in answers:
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.headers["Referrer-Policy"] == "no-referrer"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["X-Frame-Options"] == "DENY"
        assert "Set-Cookie" not in answer.headers
        policy = dict(one.split(" ", 1) for one in answer.headers["Content-Security-Policy"].split("; "))
        assert policy["default-src"] == policy["frame-ancestors"] == policy["base-uri"] == "'none'"
        assert not re.search("unsafe|http|\\*", " ".join(policy.values()))
        page = html.fromstring(answer.text)
        assert page.xpath("//@style") == []
        assert [one for element in page.iter() for one in element.attrib if str(one).startswith("on")] == []
        for tag, directive in (("style", "style-src"), ("script", "script-src")):
            for element in page.iter(tag):
                digest = base64.b64encode(hashlib.sha256((element.text or "").encode()).digest()).decode()
                assert policy[directive] == f"'sha256-{digest}'"


def test_a_page_loads_nothing_from_elsewhere(visitor: Visitor) -> None:
    page = visitor.page()
    assert page.xpath("//@src | //link[not(@href='data:,')]") == []
    leads = page.xpath("//@href | //@action")
    assert [one for one in leads if not str(one).startswith(("/qbd/", "#", "data:,"))] == []


def test_a_page_can_be_read_aloud_and_used_by_keyboard(visitor: Visitor) -> None:
    for page in (visitor.page(), html.fromstring(visitor.press().text)):
        assert page.get("lang") == "en"
        assert len(page.xpath("//h1")) == len(page.xpath("//main")) == 1
        ids = page.xpath("//@id")
        assert len(ids) == len(set(ids))
        for picture in page.xpath("//svg"):
            named = picture.get("aria-labelledby")
            assert picture.get("aria-hidden") == "true" or (picture.get("role") == "img" and named in ids)
        for field in page.xpath("//input[not(@type='hidden')]"):
            assert page.xpath(f"//label[@for='{field.get('id')}']")
        assert page.xpath("//@tabindex") == []
        assert page.xpath("//*[@role='status']/@aria-live") == ["polite"]
        assert page.xpath("(//a)[1]/@href") == ["#content"]


def test_addresses_keep_the_path_of_the_public_address(books: Books) -> None:
    from qbgateway.pages.flow import Addresses
    from qbgateway.service import Settings

    found = Addresses.of(Settings(f"{PUBLIC_URL}/books/"), "s", "k&")
    assert (found.page, found.file) == ("/books/qbd/s?key=k%26", "/books/qbd/s/file?key=k%26")
