"""Staff in the browser: a manager logs in and invites a colleague, who sets up the second factor."""

import base64
import re
from collections.abc import Callable

from playwright.sync_api import expect

from tests.browser.conftest import OpenWalk
from tests.browser.people import CZECH, new_person
from tests.browser.portal import Portal
from tests.browser.staff import code_of, log_in_as
from tests.browser.walk import Look

SUBMIT = "main form[novalidate] button[type=submit]"


def test_a_manager_invites_a_colleague_who_sets_up_the_second_factor(
    portal: Portal, open_walk: OpenWalk, look_at: Callable[..., Look]
) -> None:
    look = look_at(language=CZECH, width=390, has_javascript=True)
    manager = open_walk(new_person()).page
    manager.goto(f"{portal.url}/personal/")
    look(manager, "staff-log-in")
    manager.locator("#id_name").fill("vedouci")
    manager.locator("#id_password").fill("špatné heslo")
    manager.locator(SUBMIT).click()
    expect(manager.locator(".crs-errors")).to_be_visible()
    look(manager, "staff-wrong-password")
    log_in_as(manager, portal, "vedouci")
    look(manager, "staff-account")
    manager.locator("main a[href*='/personal/mista/']").click()
    manager.locator("#id_email").fill("eva.mala@nemocnice.example")
    manager.locator("input[name=role][value=STOCK_KEEPER]").check()
    look(manager, "staff-of-site")
    manager.locator(SUBMIT).click()
    expect(manager.locator("main")).to_contain_text("eva.mala@nemocnice.example")
    manager.locator("main a[href*='/odebrat/']").first.click()
    look(manager, "staff-take-role")
    manager.go_back()
    manager.locator("main a[href*='/druhy-faktor/']").first.click()
    look(manager, "staff-lost-telephone")
    manager.goto(f"{portal.url}/personal/aplikace/")
    look(manager, "staff-another-app")
    manager.goto(f"{portal.url}/personal/heslo/")
    look(manager, "staff-password")

    manager.goto(f"{portal.url}/inbox/?to=eva.mala@nemocnice.example")
    letter = re.search(r"[A-Z2-9]{5} [A-Z2-9]{5}", manager.locator("main").inner_text())
    assert letter

    eva = open_walk(new_person()).page
    eva.goto(f"{portal.url}/personal/pozvanka/")
    eva.locator("#id_email").fill("eva.mala@nemocnice.example")
    eva.locator("#id_code").fill(letter[0].lower())
    look(eva, "staff-invitation")
    eva.locator(SUBMIT).click()
    eva.locator("#id_first_name").fill("Eva")
    eva.locator("#id_last_name").fill("Malá")
    for name in ("password", "again"):
        eva.locator(f"#id_{name}").fill("tri-nase-slova")
    look(eva, "staff-accept")
    eva.locator(SUBMIT).click()
    eva.wait_for_url("**/personal/nastaveni/")
    look(eva, "staff-set-up")
    key = base64.b32decode(eva.locator(".crs-key").inner_text().replace(" ", "").strip()).hex()
    code = code_of(key)
    eva.locator("#id_code").fill(code)
    eva.locator(SUBMIT).click()
    expect(eva.locator(".crs-codes li")).to_have_count(8)
    look(eva, "staff-recovery-codes")
    eva.locator("button[name=kept]").click()
    eva.wait_for_url("**/personal/")
    expect(eva.locator("main")).to_contain_text("skladník")

    eva.locator(".crs-staff button").click()
    eva.wait_for_url("**/personal/prihlaseni/")
    eva.locator("#id_name").fill("Eva.Mala@nemocnice.example")
    eva.locator("#id_password").fill("tri-nase-slova")
    eva.locator(SUBMIT).click()
    look(eva, "staff-code")
    eva.locator("#id_code").fill(code)  # the one that set the app up: it is used, and by now perhaps too old
    eva.locator(SUBMIT).click()
    expect(eva.locator(".crs-errors")).to_be_visible()
