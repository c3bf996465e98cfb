"""A known problem on telephones and desks: declared, read everywhere, and answered to a site that wrote of it."""

import re
from collections.abc import Callable

from playwright.sync_api import expect

from crs.no_break import breakable
from tests.browser.conftest import OpenWalk
from tests.browser.people import CZECH, new_person
from tests.browser.portal import Portal
from tests.browser.staff import log_in_as
from tests.browser.walk import Look
from tests.waiting import wait_until

TITLE = "Tisk certifikátů teď nejde"
DONE = "main .crs-message[data-color=success]"


def test_a_known_problem_is_declared_read_everywhere_and_answered(
    portal: Portal, open_walk: OpenWalk, look_at: Callable[..., Look]
) -> None:
    look = look_at(language=CZECH, width=390, has_javascript=True, other_widths=(390, 1280))

    # A site's worker writes to the help desk, with a picture.
    worker = open_walk(new_person()).page
    log_in_as(worker, portal, "registrace")
    worker.goto(f"{portal.url}/ockovani/")
    worker.locator(".vcc-bar a[href*='/podpora/mista/']").click()
    look(worker, "site-tickets")
    worker.locator("main a[href$='/novy/']").click()
    worker.locator("main form[enctype] button").click()
    expect(worker.locator(".crs-errors")).to_be_visible()
    look(worker, "site-new-ticket-refused")
    worker.locator("#id_subject").fill("Nejde tisk certifikátu")
    worker.locator("#id_text").fill("Tiskárna nic nedělá.\nJde o 510101/003.")
    worker.locator("#id_files").set_input_files({"name": "obrazovka.png", "mimeType": "image/png", "buffer": b"PNG"})
    worker.locator("main form[enctype] button").click()
    expect(worker.locator(".fol-entry").first).to_contain_text("Tiskárna nic nedělá.")
    look(worker, "site-ticket")
    number = worker.locator(".fol-state").inner_text().split(" ")[0]
    ticket = int(number.removeprefix("CRS-"))

    # The lead declares the problem; people read of it before they write.
    lead = open_walk(new_person()).page
    log_in_as(lead, portal, "podpora", then="/podpora/problemy/")
    lead.goto(f"{portal.url}/podpora/problemy/novy/")
    lead.locator("#id_title_cs").fill(TITLE)
    lead.locator("main form[novalidate] button").click()
    expect(lead.locator(".crs-errors")).to_be_visible()
    look(lead, "problem-form")
    lead.locator("#id_text_cs").fill("Opravujeme to. Zkuste to po poledni.")
    lead.locator("#id_title_en").fill("Certificates cannot be printed now")
    lead.locator("#id_text_en").fill("We are mending it. Try again after noon.")
    lead.locator("input[name=severity][value=OUTAGE]").check()
    lead.locator("main form[novalidate] button").click()
    lead.wait_for_url(re.compile(r"/problemy/\d+/$"))
    problem = lead.url
    citizen = open_walk(new_person()).page
    citizen.goto(portal.url)
    expect(citizen.locator(".crs-banner")).to_contain_text(TITLE)
    look(citizen, "front-page-with-a-banner")
    citizen.locator(".crs-banner a").click()
    expect(citizen.locator(".inc-problem")).to_contain_text("Zkuste to po poledni.")
    look(citizen, "state")

    # The ticket is tied to it, the problem ends, and all who wrote are answered at once.
    lead.goto(f"{portal.url}/podpora/pozadavky/{ticket}/")
    lead.locator(f"details:has(form[action$='/pozadavky/{ticket}/problem/']) summary").click()
    lead.locator("select[name=incident]").select_option(label=TITLE)
    lead.locator("form[action$='/problem/'] button[type=submit]").click()
    expect(lead.locator(DONE)).to_be_visible()
    lead.goto(problem)
    lead.locator("#id_text_cs").fill("Příčinu známe.")
    lead.locator("#id_text_en").fill("We know the cause.")
    lead.locator("main form[novalidate] button").click()
    expect(lead.locator(DONE)).to_be_visible()
    lead.locator("main a[href$='/konec/']").click()
    look(lead, "problem-end")
    lead.locator("main form[novalidate] button").click()
    lead.locator("main a[href$='/odpoved/']").click()
    lead.locator("#id_text_cs").fill("Tisk zase jde.")
    look(lead, "problem-answer")
    lead.locator("main form[novalidate] button").click()
    lead.wait_for_url(problem)

    def is_answered() -> bool:
        lead.reload()
        return "Odpovězeno 1 z 1" in breakable(lead.locator("main").inner_text())

    wait_until(is_answered, "no worker has answered the ticket")
    look(lead, "problem")
    lead.goto(f"{portal.url}/podpora/problemy/")
    look(lead, "problems")
    worker.reload()
    expect(worker.locator(".fol-entry[data-ours=false]").last).to_contain_text("Tisk zase jde.")
    look(worker, "site-ticket-answered")
    citizen.goto(portal.url)
    expect(citizen.locator(".crs-banner")).to_have_count(0)
