"""What every page has to be for everybody: axe, width, zoom, headings, language, focus."""

from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any

from playwright.sync_api import Page

AXE = Path(__file__).resolve().parents[2] / "node_modules" / "axe-core" / "axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
# Those that may find something else where the window is narrower.
RULES_OF_WIDTH = ["target-size", "link-in-text-block", "scrollable-region-focusable", "label-title-only"]
# CSS pixels: the narrowest phone, and a window of 1280 at 200 %.
NARROWEST, ZOOMED = 320, 640

TOO_WIDE = """() => {
    const width = document.documentElement.clientWidth;
    if (document.documentElement.scrollWidth <= width) return [];
    return [...document.querySelectorAll("body *")]
        .filter((one) => one.getBoundingClientRect().right > width + 1)
        .map((one) => `${one.tagName.toLowerCase()}.${one.className} ${one.textContent.trim().slice(0, 40)}`);
}"""
# How the focused element looks now, and how it looks when it is not focused.
_FOCUS = """() => {
    const place = document.activeElement;
    if (!place || place === document.body) return null;
    const family = [place, place.parentElement, place.parentElement.parentElement, place.nextElementSibling];
    const look = () => family.filter(Boolean).map((one) => [one, getComputedStyle(one, "::before")]
        .map((each) => each instanceof Element ? getComputedStyle(each) : each)
        .map((style) => [style.outline, style.boxShadow, style.borderColor, style.borderWidth, style.backgroundColor,
                         style.clipPath, style.transform, style.top].join()).join()).join("|");
    const focused = look();
    const box = place.getBoundingClientRect();
    place.blur();
    const unfocused = look();
    place.focus({preventScroll: true});
    const name = `${place.tagName.toLowerCase()}#${place.id} ${place.textContent.trim().slice(0, 40)}`;
    return {name, isVisible: focused !== unfocused && box.width > 0 && box.height > 0};
}"""


@cache
def _source() -> str:
    return AXE.read_text(encoding="utf-8")


def assert_accessible(page: Page, *, name: str, rules: list[str] = RULES) -> None:
    """No violation that axe can find; needs a page with JavaScript. `rules` are sets of rules, or single ones."""
    # Evaluated by the debugger, beside the page's own rules: the page's CSP stays as it is.
    if page.evaluate("typeof axe") == "undefined":
        page.evaluate(_source())
    found = page.evaluate("rules => axe.run({runOnly: rules, resultTypes: ['violations'], preload: false})", rules)
    assert not found["violations"], f"{name}: " + "; ".join(map(_told, found["violations"]))


def assert_sound(page: Page, *, name: str, language: str) -> None:
    """One heading of the first level, the right language, a title, nothing hidden in sight; of a page that is whole."""
    page.wait_for_load_state()  # a click waits for the first bytes of the next page
    assert page.locator("h1").count() == 1, f"{name}: there must be exactly one h1"
    assert page.locator("html").get_attribute("lang") == language, f"{name}: wrong language"
    assert page.title().strip(), f"{name}: no title"
    assert not page.locator("[hidden]:visible").count(), f"{name}: what is hidden can be seen"


def assert_fits(page: Page, *, name: str, widths: Iterable[int]) -> None:
    """Nothing to scroll sideways at these widths."""
    page.wait_for_load_state()
    before = page.viewport_size
    assert before is not None
    for width in widths:
        page.set_viewport_size({"width": width, "height": before["height"]})
        assert not page.evaluate(TOO_WIDE), f"{name}: too wide at {width} px: {page.evaluate(TOO_WIDE)}"
    page.set_viewport_size(before)


def assert_never_too_wide(page: Page, *, name: str) -> None:
    """Nothing to scroll sideways at 320 px, at 200 % of a 1280 window, nor with text twice as large."""
    assert_fits(page, name=name, widths=(NARROWEST, ZOOMED))
    # 225 %, because the portal's own size is 112.5 % of the browser's.
    page.evaluate("document.documentElement.style.fontSize = '225%'")
    assert not page.evaluate(TOO_WIDE), f"{name}: too wide with large text: {page.evaluate(TOO_WIDE)}"
    page.evaluate("document.documentElement.style.fontSize = ''")


def assert_focus_visible(page: Page, *, name: str) -> None:
    """What has the focus looks different from when it has not."""
    focus: dict[str, Any] | None = page.evaluate(_FOCUS)
    assert focus is not None, f"{name}: nothing has the focus"
    assert focus["isVisible"], f"{name}: the focus on {focus['name']} cannot be seen"


def _told(violation: dict[str, Any]) -> str:
    places = ", ".join(str(node["target"]) for node in violation["nodes"][:3])
    return f"{violation['id']} ({violation['help']}) at {places}"
