"""The pages of a link in a real browser, as a person goes through them, with the simulated QuickBooks at the other end.

Left out where there is no Chromium (Debian: ``chromium``) or no playwright. ``SCREENSHOTS=folder`` keeps pictures of
each page in two widths and both colour schemes.
"""

from __future__ import annotations

import os
import shutil
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

import qbsimulator
import soap
from qbgateway.pages import flow as flow_pages
from qbgateway.service import AuthSession
from soap import serving

from .helpers import Books

sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")

pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.xdist_group("browser"),
    pytest.mark.skipif(CHROMIUM is None, reason="there is no Chromium on this machine"),
]

#: A phone, and a screen on a desk.
WIDTHS = (360, 1280)
#: Milliseconds: much longer than the page's script waits between two looks.
PATIENCE = 30_000.0


class Site:
    """A gateway on a port of this machine, and the computer with QuickBooks."""

    def __init__(self, books: Books, folder: Path) -> None:
        self.books, self.folder = books, folder
        self.app = books.application(options=soap.Options())
        self.server, self.address = serving.make_server(lambda address: self.app)
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True)
        self.thread.start()
        self.company = qbsimulator.Company.create(folder / "books.company")
        self.transport, self.time = qbsimulator.WSGITransport(self.app), qbsimulator.VirtualTime()
        self.end_user = books.end_user("s", "Reed & Söhne <Bau>")

    def session(self, **more: Any) -> tuple[AuthSession, str]:
        """A link, as an address on this machine."""
        sessions, key = self.books.tenant.auth_sessions, self.books.keys.publishable_text
        made = sessions.create(self.books.account, publishable_key=key, end_user_id=self.end_user.id, **more)
        return made, f"{self.address.rstrip('/')}/qbd/{sessions.client_secret(made)}?key={key}"

    def update(self, qwc: bytes, password: str, *faults: str) -> qbsimulator.connector.Update:
        """Add the file to a Web Connector with a password, and do an update."""
        connector = qbsimulator.WebConnector(
            transport=self.transport, clock=self.time, faults=qbsimulator.Faults(faults)
        )
        self.books.clock.advance(1.0)
        return connector.update(connector.add(qwc, self.company, password))

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()
        self.company.close()


@pytest.fixture
def site(books: Books, tmp_path: Path) -> Iterator[Site]:
    made = Site(books, tmp_path)
    yield made
    made.close()


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with sync_api.sync_playwright() as playwright:
        # Chromium's own sandbox wants privileges that a container does not give.
        made = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield made
        made.close()


@pytest.fixture
def opened(browser: Any, site: Site) -> Iterator[Callable[..., Any]]:
    """Opens pages of which nothing may be refused by their own rules, and none may ask elsewhere for anything."""
    contexts, complaints = [], []

    def open_(*, quiet: bool = True, **options: Any) -> Any:
        context = browser.new_context(accept_downloads=True, **options)
        contexts.append(context)
        page = context.new_page()
        if quiet:
            page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.route("https://app.example.com/**", lambda route: route.fulfill(body="back at the app"))
        return page

    yield open_
    for context in contexts:
        context.close()
    assert complaints == []


def keep(page: Any, name: str) -> None:
    """Look at a page in two widths and both colour schemes: nothing may stick out. Pictures are kept if wanted."""
    folder = os.environ.get("SCREENSHOTS")
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 800})
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme)
            assert page.evaluate("document.documentElement.scrollWidth") <= width, f"{name} at {width}"
            if folder:
                path = Path(folder) / f"{name}-{width}-{scheme}.png"
                page.screenshot(path=path, full_page=True, animations="disabled")


def downloaded(page: Any) -> bytes:
    with page.expect_download() as download:
        page.get_by_role("link", name="Download the .qwc file").click()
    assert download.value.suggested_filename == "Reed-Sohne-Bau.qwc"
    return Path(download.value.path()).read_bytes()


def ticks(page: Any) -> list[str]:
    return [
        str(one) for one in page.locator("[data-done=true]").evaluate_all("all => all.map(one => one.dataset.check)")
    ]


def test_somebody_connects_a_quickbooks(
    site: Site, opened: Callable[..., Any], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(flow_pages, "SHOWN_FOR", 5)
    page = opened()
    _, link = site.session(redirect_url="https://app.example.com/done")
    page.goto(link)
    assert page.get_by_role("heading", level=1).inner_text() == "Swamp & Sons asks to connect to your QuickBooks"
    keep(page, "opened")
    qwc = downloaded(page)
    page.get_by_role("button", name="Make the password").click()
    field = page.get_by_label("Your password for the Web Connector")
    password = field.input_value()
    assert len(password) > 30
    assert password not in page.url
    keep(page, "password")

    alert = page.get_by_role("alert").filter(visible=True)
    assert not site.update(qwc, "a wrong one").ok
    alert.get_by_text("The password does not match").wait_for(timeout=PATIENCE)
    assert ticks(page) == ["file_added"]
    assert field.input_value() == password, "it stays where it is while the page follows what happens"
    keep(page, "wrong-password")

    for code, says in (
        ("0x80040414", "A window in QuickBooks waits for an answer"),
        ("0x80040418", "The administrator has to allow it first"),
    ):
        assert not site.update(qwc, password, f"open-hresult={code}").ok
        alert.get_by_text(says).wait_for(timeout=PATIENCE)
        assert ticks(page) == ["file_added", "password_accepted"]
    other = tmp_path / "other.company"
    qbsimulator.Company.create(other).close()
    assert not site.update(qwc, password, f"switched={other}").ok
    alert.get_by_text("Another company file is open").wait_for(timeout=PATIENCE)
    keep(page, "wrong-file")

    assert site.update(qwc, password).ok
    page.get_by_role("heading", name="QuickBooks is connected").wait_for(timeout=PATIENCE)
    assert "In 5 seconds you are taken to app.example.com." in page.get_by_role("main").inner_text()
    page.wait_for_url("https://app.example.com/done", timeout=PATIENCE)
    page.goto(f"{link}&stay=1")
    keep(page, "finished")


def test_it_goes_without_a_script(site: Site, opened: Callable[..., Any]) -> None:
    page = opened(java_script_enabled=False)
    _, link = site.session()
    page.goto(link)
    qwc = downloaded(page)
    page.get_by_role("button", name="Make the password").click()
    password = page.get_by_label("Your password for the Web Connector").input_value()
    assert site.update(qwc, password).ok
    page.goto(link)
    assert page.get_by_role("heading", level=1).inner_text() == "QuickBooks is connected"
    assert page.get_by_text("You can close this page.").is_visible()


def test_it_goes_by_keyboard_in_the_order_of_the_steps(site: Site, opened: Callable[..., Any]) -> None:
    page = opened()
    page.goto(site.session()[1])
    order = []
    for _ in range(3):
        page.keyboard.press("Tab")
        order.append(page.evaluate("document.activeElement.textContent.trim()"))
    assert order == ["Skip to the steps", "Download the .qwc file", "Make the password"]
    page.keyboard.press("Enter")
    field = page.get_by_label("Your password for the Web Connector")
    field.wait_for()
    assert field.evaluate("one => one === document.activeElement")
    selected = page.evaluate(
        "getSelection().toString() || document.activeElement.value.slice("
        "document.activeElement.selectionStart, document.activeElement.selectionEnd)"
    )
    assert selected == field.input_value(), "ready to be copied"


def test_a_page_whose_link_ends_says_so(site: Site, opened: Callable[..., Any]) -> None:
    page = opened()
    _, link = site.session()
    page.goto(link)
    over = page.get_by_text("The time of this link is over.")
    assert not over.is_visible()
    site.books.clock.advance(1800.0)
    over.wait_for(timeout=PATIENCE)
    page.reload()
    assert page.get_by_role("button").count() == 0
    keep(page, "expired")


def test_a_link_that_is_none(site: Site, opened: Callable[..., Any]) -> None:
    page = opened(quiet=False)
    assert page.goto(f"{site.address}qbd/x?key=y").status == 404
    assert page.get_by_role("heading", level=1).inner_text() == "This link can’t be used"
    keep(page, "none")
