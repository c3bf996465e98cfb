"""The whole of CRS as processes, and a real Chromium in front of it."""

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Browser, BrowserContext, BrowserType, Page, expect, sync_playwright

from tests.browser import axe, camera
from tests.browser.fresh import prepare_release
from tests.browser.hands import Hands
from tests.browser.people import CZECH, ENGLISH, Person, new_person, register_and_invite
from tests.browser.portal import Portal
from tests.browser.walk import Look, Walk, no_look
from tests.browser.watch import Watch
from tests.certificates.checking.codes import picture
from tests.stack import Stack

# The shell draws the same pages with half the processes; both come from Debian's chromium.
CHROMIUM = next(filter(None, map(shutil.which, ("chromium-headless-shell", "chromium", "chromium-browser"))), None)
QUIET = [
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-quic",
    "--no-first-run",
    # Whatever a page or the browser itself might want of the network, there is none.
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost",
]
# A telephone, a tablet, a desk.
HEIGHT = {390: 844, 768: 1024, 1280: 900}
MILLISECONDS_OF_PATIENCE = 20_000
# All tests come from one address.
WIDE_LIMIT = "100000/h"
INVITED_AT_ONCE = 10

OpenWalk = Callable[..., Walk]
OpenCheck = Callable[..., Page]
Seeing = Callable[[str | Image.Image], Browser]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """All tests here are browser tests. One worker runs them, so that they share one portal and one Chromium."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.browser)
            item.add_marker(pytest.mark.xdist_group("browser"))


@pytest.fixture(scope="session")
def portal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Portal]:
    """Web and worker with the demonstration data, on a database of their own."""
    _require_chromium()
    logs = tmp_path_factory.mktemp("logs")
    with Stack(
        "browser",
        logs=logs,
        PINS_PER_ADDRESS=WIDE_LIMIT,
        LOGINS_PER_ADDRESS=WIDE_LIMIT,
        # Substitutes can be called at whatever hour the tests run.
        SUBSTITUTES_FROM_HOUR="0",
        SUBSTITUTES_UNTIL_HOUR="24",
    ) as stack:
        prepare_release(stack)
        stack.manage("load_demo")
        stack.start()
        yield Portal(stack)


# Not for the whole session: while Playwright runs, its event loop keeps Django's ORM from other tests.
@pytest.fixture(scope="package")
def chromium() -> Iterator[Browser]:
    """Debian's Chromium; each test has contexts of its own in it."""
    _require_chromium()
    expect.set_options(timeout=MILLISECONDS_OF_PATIENCE)
    with sync_playwright() as playwright:
        browser = _launch(playwright.chromium)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def invited(portal: Portal) -> Iterator[Person]:
    """People who have PIN2 and nothing else yet; `next(invited)` is one of them."""

    def queue() -> Iterator[Person]:
        while True:
            people = [new_person() for _ in range(INVITED_AT_ONCE)]
            register_and_invite(portal.stack, people)
            yield from people

    return queue()


@pytest.fixture
def open_walk(chromium: Browser, portal: Portal) -> Iterator[OpenWalk]:
    """Seats people at browsers; afterwards nothing may have gone wrong in any of them."""
    opened: list[tuple[BrowserContext, Watch]] = []

    def open_one(
        person: Person,
        *,
        width: int = 390,
        has_javascript: bool = True,
        hands: Hands | None = None,
        look: Look = no_look,
        is_captcha_in_words: bool = False,
        language: str = "",
    ) -> Walk:
        context = _context(chromium, portal, width=width, has_javascript=has_javascript, language=language)
        watch = Watch(context, origin=portal.url)
        opened.append((context, watch))
        return Walk(
            context,
            portal,
            person,
            watch=watch,
            hands=hands,
            look=look,
            is_captcha_in_words=is_captcha_in_words,
        )

    yield open_one
    for context, _ in opened:
        context.close()
    for _, watch in opened:
        watch.assert_nothing_wrong()


@pytest.fixture
def open_check(chromium: Browser, portal: Portal) -> Iterator[OpenCheck]:
    """Opens the page of the check; afterwards nothing may have gone wrong in it."""
    opened: list[tuple[BrowserContext, Watch]] = []

    def open_one(
        browser: Browser = chromium, *, width: int = 390, has_javascript: bool = True, language: str = CZECH
    ) -> Page:
        context = _context(browser, portal, width=width, has_javascript=has_javascript, language=language)
        opened.append((context, Watch(context, origin=portal.url)))
        page = context.new_page()
        page.goto(f"{portal.url}/overeni/")
        return page

    yield open_one
    for context, _ in opened:
        context.close()  # it does nothing where the browser, one with a camera, is closed already
    for _, watch in opened:
        watch.assert_nothing_wrong()


@pytest.fixture
def seeing(chromium: Browser, tmp_path: Path) -> Iterator[Seeing]:
    """Starts a Chromium whose camera sees a picture, or the code of a text."""
    started: list[Browser] = []

    def start(seen: str | Image.Image) -> Browser:
        path = tmp_path / "camera.y4m"
        camera.film(seen if isinstance(seen, Image.Image) else picture(seen, box=6), path=path)
        browser = _launch(chromium.browser_type, *camera.flags(path))
        started.append(browser)
        return browser

    yield start
    for browser in started:
        browser.close()


@pytest.fixture
def look_at() -> Callable[..., Look]:
    """Makes what checks and photographs each page of a walk."""

    def make(*, language: str, width: int, has_javascript: bool, other_widths: tuple[int, ...] = ()) -> Look:
        seen: list[str] = []

        def look(page: Page, name: str) -> None:
            seen.append(name)
            axe.assert_sound(page, name=name, language=language)
            if not has_javascript:
                return
            _photograph(page, f"{len(seen):02}-{name}", widths=other_widths or (width,), language=language)
            # The heavy looks once per page: both widths and both languages have their turn.
            if (width, language) in {(390, CZECH), (768, CZECH), (1280, ENGLISH)}:
                axe.assert_accessible(page, name=name)
            if width < max(HEIGHT):  # it tries other widths itself
                axe.assert_never_too_wide(page, name=name)

        return look

    return make


def _launch(chromium: BrowserType, *flags: str) -> Browser:
    sandbox = ["--no-sandbox"] if os.geteuid() == 0 else []
    return chromium.launch(executable_path=CHROMIUM, args=[*QUIET, *sandbox, *flags])


def _context(browser: Browser, portal: Portal, *, width: int, has_javascript: bool, language: str) -> BrowserContext:
    """A window of the width whose language was chosen before, unless it is empty."""
    context = browser.new_context(
        viewport={"width": width, "height": HEIGHT[width]},
        java_script_enabled=has_javascript,
        reduced_motion="reduce",
        locale="cs-CZ",
    )
    context.set_default_timeout(MILLISECONDS_OF_PATIENCE)
    if language:
        context.add_cookies([{"name": "crs_language", "value": language, "url": portal.url}])
    return context


def _photograph(page: Page, name: str, *, widths: tuple[int, ...], language: str) -> None:
    """Keep pictures where the variable SCREENSHOTS names a folder for them."""
    folder = os.environ.get("SCREENSHOTS")
    before = page.viewport_size
    if not folder or before is None:
        return
    for width in widths:
        page.set_viewport_size({"width": width, "height": HEIGHT.get(width, before["height"])})
        page.screenshot(path=Path(folder) / f"{name}-{width}-{language}.png", full_page=True)
    page.set_viewport_size(before)


def _require_chromium() -> None:
    if CHROMIUM:
        return
    reason = "BROWSER TESTS NOT RUN: there is no Chromium on this machine (apt-get install chromium)"
    if os.environ.get("CI", "").lower() in {"true", "1"}:
        pytest.fail(reason)
    pytest.skip(reason)
