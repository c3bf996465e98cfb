"""Anybody checks a certificate: by camera, by a photograph, by a PDF, by its text, with and without JavaScript."""

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser import axe
from tests.browser.conftest import OpenCheck, Seeing
from tests.browser.people import CZECH, ENGLISH
from tests.browser.portal import Portal
from tests.browser.walk import Look
from tests.certificates.checking.codes import bomb, file, locked, photograph, picture

PATH = "/overeni/"
PASSWORD = "Kp7mTx3vWq9"
GENUINE = {CZECH: "Certifikát je pravý", ENGLISH: "The certificate is genuine"}
HIDE = "document.dispatchEvent(new Event('visibilitychange'))"
SIGN = (
    "from django.utils import timezone; from tests.certificates.checking import codes; "
    "print(codes.ours(at=timezone.now()).text)"
)


@pytest.fixture(scope="module")
def code(portal: Portal) -> str:
    """The text of a certificate that this portal has signed."""
    if not portal.rows("SELECT 1 FROM certificates_signingkey LIMIT 1"):
        portal.stack.manage("certificate_keys", "create")
    told = portal.stack.manage("shell", "--verbosity", "0", "--command", SIGN)
    return next(line for line in told.splitlines() if line.startswith("HC1:"))


def assert_genuine(page: Page, *, language: str = CZECH) -> None:
    sign = page.locator("#answer .chk-sign[data-tone=success]")
    expect(sign).to_contain_text(GENUINE[language])
    expect(page.locator("#answer")).to_contain_text("Jana Nováková")


@pytest.mark.parametrize("language", [CZECH, ENGLISH])
def test_the_camera_reads_a_code_and_the_answer_has_the_focus(
    code: str, open_check: OpenCheck, seeing: Seeing, look_at: Callable[..., Look], language: str
) -> None:
    width = {CZECH: 390, ENGLISH: 1280}[language]
    look = look_at(language=language, width=width, has_javascript=True, other_widths=(width,))
    page = open_check(seeing(code), width=width, language=language)
    start = page.locator("[data-camera=start]")
    expect(start).to_be_visible()
    look(page, "check")
    start.focus()
    page.keyboard.press("Enter")
    assert_genuine(page, language=language)
    expect(page.locator("#answer .chk-sign")).to_be_focused()
    assert page.title().startswith(GENUINE[language])
    assert page.url.endswith(PATH), "neither the code nor the answer stands in an address"
    look(page, "check-genuine")
    # The camera is off, and can be started again for the next person.
    expect(page.locator("[data-camera=view]")).to_be_hidden()
    page.locator("#answer .chk-sign").evaluate("sign => sign.dataset.first = ''")
    page.locator("#answer a[href='#ways']").click()
    # The camera may read the same code at once, so an empty place is seen by luck only. A new answer has no mark.
    expect(page.locator("#answer .chk-sign[data-first]")).to_have_count(0)
    assert_genuine(page, language=language)


def test_another_code_before_the_camera_is_told_and_the_camera_goes_on(
    open_check: OpenCheck, seeing: Seeing, look_at: Callable[..., Look]
) -> None:
    page = open_check(seeing("https://example.cz/"))
    page.locator("[data-camera=start]").click()
    expect(page.locator("[data-camera=hint]")).to_contain_text("nepatří certifikátu")
    look_at(language=CZECH, width=390, has_javascript=True)(page, "check-camera")
    page.locator("[data-camera=stop]").click()
    expect(page.locator("[data-camera=view]")).to_be_hidden()
    expect(page.locator("[data-camera=start]")).to_be_focused()


def test_a_page_that_is_hidden_lets_go_of_the_camera(open_check: OpenCheck, seeing: Seeing) -> None:
    page = open_check(seeing("https://example.cz/"))
    page.locator("[data-camera=start]").click()
    expect(page.locator("[data-camera=stop]")).to_be_visible()
    page.evaluate("Object.defineProperty(document, 'hidden', {value: true})")
    page.evaluate(HIDE)
    expect(page.locator("[data-camera=view]")).to_be_hidden()
    expect(page.locator("[data-camera=hint]")).to_contain_text("kamera se vypnula")
    # Also while it starts: when the page has the camera and asks which others there are.
    page.evaluate(
        f"""const all = navigator.mediaDevices.enumerateDevices.bind(navigator.mediaDevices);
        navigator.mediaDevices.enumerateDevices = async () => {{ const found = await all(); {HIDE}; return found; }};"""
    )
    page.locator("[data-camera=start]").click()
    expect(page.locator("[data-camera=hint]")).to_contain_text("kamera se vypnula")
    expect(page.locator("[data-camera=view]")).to_be_hidden()
    expect(page.locator("[data-camera=start]")).to_be_visible()


def test_a_camera_that_cannot_be_had_is_a_sentence(open_check: OpenCheck, seeing: Seeing) -> None:
    page = open_check(seeing("https://example.cz/"))
    for error, words in (
        ("NotAllowedError", "Povolte ji"),
        ("NotFoundError", "nenašli kameru"),
        ("NotReadableError", "používá jiný program"),
        ("AbortError", "používá jiný program"),
        ("TypeError", "nepodařilo spustit"),
    ):
        page.evaluate(
            "name => { navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException('x', name)); }",
            error,
        )
        # A press takes away what was said before.
        page.locator("[data-camera=start]").click()
        expect(page.locator("[data-camera=hint]")).to_contain_text(words)
        expect(page.locator("[data-camera=start]")).to_be_visible()


def test_a_photograph_is_read_in_the_browser_and_only_its_text_is_sent(
    code: str, open_check: OpenCheck, tmp_path: Path
) -> None:
    page = open_check()
    (tmp_path / "photo.jpg").write_bytes(file(photograph(picture(code)), "JPEG"))
    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.url) if request.method == "POST" else None)
    page.locator("#id_file").set_input_files(tmp_path / "photo.jpg")
    page.locator("#file-form button").click()
    assert_genuine(page)
    assert [url.rpartition("/overeni/")[2] for url in sent] == [""]


def test_a_locked_pdf_asks_for_its_password_and_keeps_the_file(
    code: str, open_check: OpenCheck, tmp_path: Path
) -> None:
    page = open_check()
    (tmp_path / "certifikat.pdf").write_bytes(locked(file(photograph(picture(code)), "PDF"), PASSWORD))
    page.locator("#id_file").set_input_files(tmp_path / "certifikat.pdf")
    page.locator("#file-form button").click()
    expect(page.locator("#answer")).to_contain_text("PDF je zamčené heslem")
    page.locator("#id_password").fill(PASSWORD)
    page.locator("#file-form button").click()
    assert_genuine(page)
    # The next person at this screen finds neither the file nor its password.
    expect(page.locator("#id_password")).to_have_value("")
    assert page.locator("#id_file").input_value() == ""


def test_what_the_browser_leaves_to_the_server_is_answered_in_the_server_s_words(
    code: str, open_check: OpenCheck, tmp_path: Path
) -> None:
    page = open_check()
    (tmp_path / "empty.jpg").write_bytes(b"")
    (tmp_path / "bomb.png").write_bytes(bomb())
    # Small in a large photograph: it is found only in the whole of it.
    far = photograph(picture(code, box=3), size=(5000, 2400))
    (tmp_path / "far.jpg").write_bytes(file(far, "JPEG", quality=95))
    page.locator("#id_file").set_input_files(tmp_path / "empty.jpg")
    page.locator("#file-form button").click()
    expect(page.locator(".crs-errors")).to_contain_text("Soubor je prázdný")
    page.locator("#id_file").set_input_files(tmp_path / "bomb.png")
    page.locator("#file-form button").click()
    expect(page.locator("#answer .chk-sign[data-tone=warning]")).to_contain_text("Obrázek je příliš velký")
    page.locator("#id_file").set_input_files(tmp_path / "far.jpg")
    page.locator("#file-form button").click()
    assert_genuine(page)


def test_without_javascript_a_file_a_text_and_a_number_do(
    code: str, open_check: OpenCheck, tmp_path: Path, look_at: Callable[..., Look]
) -> None:
    look = look_at(language=CZECH, width=390, has_javascript=False)
    page = open_check(has_javascript=False)
    expect(page.locator("#camera")).to_be_hidden()
    look(page, "check-plain")
    (tmp_path / "photo.png").write_bytes(file(photograph(picture(code))))
    page.locator("#id_file").set_input_files(tmp_path / "photo.png")
    page.locator("#file-form button").click()
    assert_genuine(page)
    page.locator("#id_text").fill(code)
    page.locator("#text-form button").click()
    assert_genuine(page)
    page.locator("#id_number").fill("2000000000008")
    page.locator("#id_birth_date").fill("31. 1. 1950")
    page.locator("#id_birth_date").press("Enter")
    expect(page.locator("#answer .chk-sign[data-tone=error]")).to_contain_text("neexistuje")
    expect(page.locator("#id_number")).to_have_value("2000000000008")


@pytest.mark.parametrize(("width", "language"), [(390, CZECH), (1280, ENGLISH)])
def test_answers_that_are_not_green_are_accessible(
    open_check: OpenCheck, look_at: Callable[..., Look], width: int, language: str
) -> None:
    look = look_at(language=language, width=width, has_javascript=True)
    page = open_check(width=width, language=language)
    page.locator("#id_text").fill("HC1:x")
    page.locator("#text-form button").click()
    expect(page.locator("#answer .chk-sign[data-tone=warning]")).to_be_focused()
    axe.assert_focus_visible(page, name="check-unreadable")
    look(page, "check-unreadable")
    page.locator("#id_number").fill("2000000000008")
    page.locator("#id_birth_date").fill("31. 1. 1950")
    page.locator("#id_birth_date").press("Enter")
    expect(page.locator("#answer .chk-sign[data-tone=error]")).to_be_visible()
    look(page, "check-number")
    page.locator("#text-form button").click()
    expect(page.locator(".crs-errors")).to_be_focused()
    look(page, "check-error")
