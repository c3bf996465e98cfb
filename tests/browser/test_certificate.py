"""From the second dose to a certificate on paper and in the mail, to whoever checks it, and what a mistake does."""

from collections.abc import Callable
from pathlib import Path

import pypdfium2
import pytest
from playwright.sync_api import Page, expect

from tests.browser import pdf
from tests.browser.conftest import OpenCheck, OpenWalk, Seeing
from tests.browser.desk import Desk, check_in, code_of_person, vaccinate
from tests.browser.hands import Mouse
from tests.browser.inbox import Inbox
from tests.browser.people import CZECH, ENGLISH, new_person
from tests.browser.portal import Portal
from tests.browser.staff import log_in_as
from tests.browser.walk import Look, no_look
from tests.pages import text_of_pdf

EMAIL, PASSWORD = "certificates/certificate", "certificates/password"
# Of the demonstration: she comes today for her second dose, has a telephone and an e-mail.
EVA, EVAS_NAME = "Hronková", "Eva Hronková"
PERSON = """
SELECT p.birth_date, g.phone, g.email FROM registration_person p
JOIN registration_registration g ON g.person_id = p.id WHERE p.last_name = %s
"""
CERTIFICATE = """
SELECT c.ean, c.uvci FROM certificates_certificate c JOIN registration_person p ON p.id = c.person_id
WHERE c.state = 'VALID' AND p.last_name = %s
"""
# The demonstration's vials of another vaccine.
SPIKEVAX = "3001651"
GENUINE = {CZECH: "Certifikát je pravý", ENGLISH: "The certificate is genuine"}
REVOKED = {CZECH: "Certifikát byl zneplatněn", ENGLISH: "The certificate was revoked"}
# As many as an unusual burst left: what a request of somebody whose name must be spelt first becomes for a while.
HOLD = "UPDATE certificates_issuerequest SET state = 'HELD', obstacle = '' WHERE state = 'BLOCKED'"
RELEASE = "UPDATE certificates_issuerequest SET state = 'BLOCKED', obstacle = 'LATIN_NAME' WHERE state = 'HELD'"


def paper_of(page: Page, portal: Portal) -> bytes:
    """The paper behind the first link on the page that prints one."""
    link = page.locator("main a[href*='/certifikaty/'][href$='/tisk/']").first.get_attribute("href")
    return page.request.get(f"{portal.url}{link}").body()


def code_on(content: bytes, *, password: str) -> str:
    """The text of the QR code on a certificate from the mail."""
    return next(text for text in pdf.codes_of(content, password=password) if text.startswith("HC1:"))


def checked_by_camera(page: Page, *, language: str, words: dict[str, str]) -> None:
    page.locator("[data-camera=start]").click()
    expect(page.locator("#answer .chk-sign")).to_contain_text(words[language])


def checked_by_text(page: Page, text: str, *, language: str, words: dict[str, str]) -> None:
    page.locator("#id_text").fill(text)
    page.locator("#text-form button").click()
    expect(page.locator("#answer .chk-sign")).to_contain_text(words[language])


def checked_by_number(page: Page, ean: str, born: str, *, tone: str) -> None:
    page.locator("#id_number").fill(ean)
    page.locator("#id_birth_date").fill(born)
    page.locator("#id_birth_date").press("Enter")
    expect(page.locator(f"#answer .chk-sign[data-tone={tone}]")).to_be_visible()


def mailed(inbox: Inbox, by_sms: Inbox, *, count: int) -> tuple[bytes, str]:
    """The newest certificate in the mail, and the password that came by SMS."""
    inbox.wait_for(template=EMAIL, count=count)
    by_sms.wait_for(template=PASSWORD, count=count)
    (content,) = inbox.attachments(template=EMAIL).values()
    password = by_sms.pin(template=PASSWORD)
    assert password not in inbox.text(template=EMAIL)
    with pytest.raises(pypdfium2.PdfiumError):
        text_of_pdf(content)
    return content, password


def test_a_certificate_goes_by_paper_and_mail_to_who_checks_it_and_falls_with_its_dose(
    portal: Portal,
    open_walk: OpenWalk,
    open_check: OpenCheck,
    seeing: Seeing,
    look_at: Callable[..., Look],
    tmp_path: Path,
) -> None:
    # The second dose is recorded, and the certificate is made by itself.
    at_desk = look_at(language=CZECH, width=768, has_javascript=True, other_widths=(390, 1280))
    nurse = Desk(open_walk(new_person(), width=768).page, portal, "ockovani", no_look)
    nurse.go("ampule")
    nurse.main(".vcc-stations button").first.click()
    nurse.search(code_of_person(portal, EVA))
    check_in(nurse, Mouse())
    vaccinate(nurse, Mouse())
    nurse.look = at_desk
    dose_url = nurse.page.url
    expect(nurse.main("#certificate-title")).to_be_visible()
    nurse.see("dose-with-certificate")
    birth_date, phone, email = portal.row(PERSON, [EVA])
    walk = open_walk(new_person())
    inbox, by_sms = walk.inbox(email), walk.inbox(phone)
    content, password = mailed(inbox, by_sms, count=1)
    ean, uvci = portal.row(CERTIFICATE, [EVA])
    first = code_on(content, password=password)

    # On paper, from the page of the person: both codes, the name, the number of the dose.
    nurse.page.goto(dose_url)
    nurse.main(".cer-after a[href*='/osoby/']").click()
    expect(nurse.main(".cer-state[data-kind=ready]")).to_be_visible()
    nurse.see("certificates-of-person")
    paper = paper_of(nurse.page, portal)
    assert sorted(pdf.codes_of(paper)) == sorted([first, ean]), "the paper is the one in the mail"
    words = text_of_pdf(paper)
    for said in (EVA, "Eva", "2/2", "Comirnaty", uvci):
        assert said.replace(" ", "") in words.replace(" ", ""), said
    nurse.main(".cer-ways a[href*='/certifikaty/']").click()
    nurse.see("certificates-of-day")

    # Somebody checks it: by camera, as a file, by its number.
    scanner = open_check(seeing(pdf.square_code_of(content, password=password)))
    checked_by_camera(scanner, language=CZECH, words=GENUINE)
    expect(scanner.locator("#answer")).to_contain_text(EVAS_NAME)
    look = look_at(language=CZECH, width=390, has_javascript=True)
    look(scanner, "scanned-genuine")
    born = f"{birth_date:%-d. %-m. %Y}"
    checked_by_number(scanner, ean, born, tone="success")
    look(scanner, "number-genuine")
    checker = open_check(width=1280, language=ENGLISH)
    (tmp_path / "certifikat.pdf").write_bytes(content)
    checker.locator("#id_file").set_input_files(tmp_path / "certifikat.pdf")
    checker.locator("#id_password").fill(password)
    checker.locator("#file-form button").click()
    expect(checker.locator("#answer .chk-sign")).to_contain_text(GENUINE[ENGLISH])
    expect(checker.locator("#answer")).to_contain_text(EVAS_NAME)

    # The manager finds that it was another vaccine: the old code falls at once, a new one comes.
    in_english = look_at(language=ENGLISH, width=1280, has_javascript=True, other_widths=(390, 1280))
    manager = Desk(open_walk(new_person(), width=1280, language=ENGLISH).page, portal, "vedouci", in_english)
    manager.page.goto(dose_url.partition("?")[0])
    manager.main("a[href$='/oprava/']").click()
    manager.main("#id_batch").fill(SPIKEVAX)
    manager.main("#id_reason").fill("another box was read")
    manager.main("form.vcc-dose [type=submit]").click()
    expect(manager.main(".crs-message[data-color=success]")).to_be_visible()
    scanner.goto(f"{portal.url}/overeni/")
    checked_by_camera(scanner, language=CZECH, words=REVOKED)
    look(scanner, "scanned-revoked")
    content, password = mailed(inbox, by_sms, count=2)
    second = code_on(content, password=password)
    assert "Spikevax" in text_of_pdf(content, password=password)
    checked_by_number(scanner, ean, born, tone="error")
    checked_by_text(checker, second, language=ENGLISH, words=GENUINE)
    checked_by_text(checker, first, language=ENGLISH, words=REVOKED)

    # What the manager sees and can do; then the dose turns out to be nobody's.
    manager.main(".cer-after a[href*='/osoby/']").click()
    expect(manager.main(".cer-older")).to_be_visible()
    manager.main(".cer-older summary").click()
    person_url = manager.page.url
    manager.see("certificates-of-person")
    for act in ("odeslani", "znovu", "zneplatneni"):
        manager.page.goto(person_url)
        manager.main(f"a[href$='/{act}/']").first.click()
        manager.see(f"certificate-{act}")
    manager.page.goto(person_url)
    manager.main(".cer-record a").first.click()
    manager.main("a[href$='/zruseni/']").click()
    manager.main("[name=error]").first.check()
    manager.main("#id_reason").fill("the row above was meant")
    manager.main("form.vcc-dose [type=submit]").click()
    expect(manager.main(".crs-message[data-color=success]")).to_be_visible()
    checked_by_text(checker, second, language=ENGLISH, words=REVOKED)
    look_at(language=ENGLISH, width=1280, has_javascript=True)(checker, "revoked")
    manager.page.goto(person_url)
    manager.see("certificates-of-nobody")


def test_the_ministry_sees_what_an_unusual_burst_held(
    portal: Portal, open_walk: OpenWalk, look_at: Callable[..., Look]
) -> None:
    look = look_at(language=ENGLISH, width=1280, has_javascript=True, other_widths=(390, 1280))
    walk = open_walk(new_person(), width=1280, language=ENGLISH)
    log_in_as(walk.page, portal, "ministerstvo", then="/certifikaty/podrzene/")
    look(walk.page, "held-nothing")
    portal.change(HOLD)
    try:
        walk.page.reload()
        look(walk.page, "held")
        walk.page.locator(".cer-bursts a").click()
        walk.page.locator("main form [type=submit]").click()
        expect(walk.page.locator(".crs-errors")).to_be_visible()
        look(walk.page, "held-decide")
    finally:
        portal.change(RELEASE)
