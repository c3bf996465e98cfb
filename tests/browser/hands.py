"""How a person uses a page: with a mouse, with a keyboard alone, or with nervous fingers."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

from playwright.sync_api import Locator, Page

from tests.browser.axe import assert_focus_visible

MOST_STOPS = 250
# Enough for the first request to be on its way.
SECONDS_BETWEEN_CLICKS = 0.015
# No answer comes before the second click, however slowly a busy machine carries that out.
MILLISECONDS_OF_A_SLOW_LINE = 3000
SECONDS_BETWEEN_SCANNED_KEYS = 0.005


class Hands(Protocol):
    """A way to use a page."""

    def fill(self, place: Locator, text: str) -> None:
        """Type over whatever stands in a field."""

    def press(self, place: Locator) -> None:
        """Press a button or follow a link."""

    def choose(self, place: Locator, value: str) -> None:
        """Choose an option of a list by its value."""

    def tick(self, place: Locator) -> None:
        """Tick a box that is not ticked."""


class Mouse:
    """Clicks."""

    def fill(self, place: Locator, text: str) -> None:
        """Type over whatever stands in a field."""
        place.fill(text)

    def press(self, place: Locator) -> None:
        """Click once."""
        place.click()

    def choose(self, place: Locator, value: str) -> None:
        """Choose an option of a list by its value."""
        place.select_option(value)

    def tick(self, place: Locator) -> None:
        """Tick a box."""
        place.check()


class DoubleClick(Mouse):
    """Clicks everything twice, as people do who learned it with folders."""

    def press(self, place: Locator) -> None:
        """Two clicks, the second before the answer to the first; a browser without scripts sends both."""
        place.scroll_into_view_if_needed()
        box = place.bounding_box()
        assert box is not None
        at = (box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
        with _slow_line(place.page):
            place.page.mouse.click(*at)
            time.sleep(SECONDS_BETWEEN_CLICKS)
            _second_click(place.page)


class SlowDoubleClick(Mouse):
    """Clicks twice too, but so slowly that the second click falls on the next page."""

    def press(self, place: Locator) -> None:
        """A click, and another on the same spot of the page that the first one opened."""
        page = place.page
        with page.expect_navigation(wait_until="load"):
            place.click()
        _second_click(page)


def _second_click(page: Page) -> None:
    """Where the mouse stands, counted as the second one, as an operating system counts it."""
    page.mouse.down(click_count=2)
    page.mouse.up(click_count=2)


@contextmanager
def _slow_line(page: Page) -> Iterator[None]:
    """Requests reach the server at once, answers wait; the line is quick again at the end."""
    line = page.context.new_cdp_session(page)
    conditions = {"offline": False, "downloadThroughput": -1, "uploadThroughput": -1}
    line.send("Network.enable")
    line.send("Network.emulateNetworkConditions", conditions | {"latency": MILLISECONDS_OF_A_SLOW_LINE})
    try:
        yield
    finally:
        line.send("Network.emulateNetworkConditions", conditions | {"latency": 0})
        line.detach()


# A player of sound has several stops inside; a look at it takes the focus back to its first one.
_IS_ANOTHER_STOP = """() => {
    const before = window.lastStop;
    window.lastStop = document.activeElement;
    return window.lastStop !== before && window.lastStop !== document.body;
}"""


class Keyboard:
    """Tab, Enter, Space, arrows and letters; looks at each stop whether the focus can be seen.

    `strokes` counts the keys, each letter too.
    """

    def __init__(self) -> None:
        self.strokes = 0

    def fill(self, place: Locator, text: str) -> None:
        """Type over whatever stands in a field."""
        self._reach(place)
        if place.input_value():
            self._stroke(place.page, "Control+A")
        place.page.keyboard.type(text)
        self.strokes += len(text)

    def press(self, place: Locator) -> None:
        """Enter, for buttons and links alike."""
        self._reach(place)
        self._stroke(place.page, "Enter")

    def choose(self, place: Locator, value: str) -> None:
        """Arrows until the wanted option is chosen."""
        self._reach(place)
        key = "ArrowDown"
        for _stop in range(MOST_STOPS):
            before = place.input_value()
            if before == value:
                return
            self._stroke(place.page, key)
            if place.input_value() == before:  # the end of the list; what is wanted stands above
                key = "ArrowUp"
        raise AssertionError(f"{value} cannot be reached with arrows")

    def tick(self, place: Locator) -> None:
        """Space, where it is not ticked yet."""
        self._reach(place)
        if not place.is_checked():
            self._stroke(place.page, "Space")

    def _reach(self, place: Locator) -> None:
        """Tab until the place has the focus; it wraps around at the end of the page."""
        page = place.page
        for _stop in range(MOST_STOPS):
            if place.evaluate("one => one === document.activeElement"):
                return
            self._stroke(page, "Tab")
            if page.evaluate(_IS_ANOTHER_STOP):
                assert_focus_visible(page, name=page.title())
        raise AssertionError(f"Tab never reaches {place}")

    def _stroke(self, page: Page, key: str) -> None:
        self.strokes += 1
        page.keyboard.press(key)


def scan(page: Page, code: str) -> None:
    """A scanner at the keyboard's place: it types the code and Enter wherever the focus is.

    The keys carry times of their own, 5 ms apart as from a device, however slowly a busy machine passes them on.
    """
    line = page.context.new_cdp_session(page)
    at = time.time()
    for number, character in enumerate(code):
        key = {"key": character, "timestamp": at + number * SECONDS_BETWEEN_SCANNED_KEYS}
        line.send("Input.dispatchKeyEvent", {"type": "keyDown", "text": character} | key)
        line.send("Input.dispatchKeyEvent", {"type": "keyUp"} | key)
    key = {"key": "Enter", "code": "Enter", "timestamp": at + len(code) * SECONDS_BETWEEN_SCANNED_KEYS}
    line.send("Input.dispatchKeyEvent", {"type": "keyDown", "text": "\r", "windowsVirtualKeyCode": 13} | key)
    line.send("Input.dispatchKeyEvent", {"type": "keyUp", "windowsVirtualKeyCode": 13} | key)
    line.detach()
