import os
from datetime import timedelta
from pathlib import Path
import pytest
from playwright.sync_api import sync_playwright
from django.conf import settings
from django.utils import timezone
from logistics.models import Role
from support.models import *
from support.tickets import claims, notes, levels
from tests.browser import axe
from tests.browser.conftest import CHROMIUM, QUIET
from tests.factories import make_site, make_ticket, make_incident
from tests.pages import log_in, summary, text_of
from tests.support.desk.conftest import Agent, letter_at, file_of
from tests.support.desk.test_files import picture

os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"


@pytest.mark.django_db(transaction=True)
def test_shots(live_server):
    now = timezone.now()
    jana = Agent(Role.SUPPORT_L2, name="jana"); lead = Agent(Role.SUPPORT_LEAD, name="vedouci"); petr = Agent(Role.SUPPORT_L2, name="petr")
    typed = {"title": "Tisk", "text_cs": "Dobrý den, {name}", "text_en": "", "desk": "", "is_active": "on"}
    lead.client.post("/podpora/odpovedi/nova/", typed)
    print(summary(lead.client.post("/podpora/odpovedi/nova/", typed)))
    site = make_site("FN Motol, očkovací centrum")
    t = make_ticket("Nejde vytisknout certifikát po druhé dávce u pacientky ••••••/••••", now=now - timedelta(hours=30), site=site)
    letter_at(t, "Dobrý den,\n\nod rána nám nejde vytisknout certifikát. Tiskárna je zapnutá, na stránce se ukáže chyba 500. Číslo pacientky 8556201236.\n\nS pozdravem\nJana Nováková\nstaniční sestra", quoted="> V pátek jste psali:\n> zkuste to prosím znovu", received_at=now - timedelta(hours=30), notices=["CHARSET_GUESSED", "REMOTE_CONTENT"])
    l = letter_at(t, "Přijali jsme váš e-mail jako požadavek.", direction="OUT", kind="RECEIPT", to_address=t.requester_address, received_at=now - timedelta(hours=29))
    notes.add_note(ticket=t, text="Volal jsem tam, nikdo to nebere.", by=petr.user, now=now - timedelta(hours=20))
    out = letter_at(t, "Dobrý den, zkuste prosím obnovit stránku.", direction="OUT", kind="ANSWER", author=petr.user, to_address=t.requester_address, received_at=now - timedelta(hours=10), refused_at=now - timedelta(hours=9), refusal="550 5.1.1 mailbox unknown")
    l2 = letter_at(t, "Pořád nic. Posílám fotku obrazovky.", received_at=now - timedelta(hours=1))
    file_of(l2, "obrazovka velmi dlouhý název souboru který se nevejde.png", picture(), content_type="image/png")
    Participant.objects.create(ticket=t, address="primar@nemocnice.example", name="MUDr. Karel Dlouhý", since=now)
    levels.escalate(ticket=t, reason="Neumím to, je to chyba na serveru.", by=petr.user, now=now - timedelta(minutes=30))
    make_ticket("Starší dotaz téhož odesílatele", now=now - timedelta(days=3), requester_address=t.requester_address, site=site)
    for n in range(4):
        make_ticket(f"Registrace se nedaří číslo {n}", now=now - timedelta(hours=n), desk="LINE")
    u = make_ticket("Urgent: výpadek celého systému v Brně")
    Ticket.objects.filter(pk=u.pk).update(priority=1, due_at=now - timedelta(hours=5))
    claims.claim(ticket=u, by=petr.user, now=now)
    petr.client.get(f"/podpora/pozadavky/{t.pk}/")
    SavedView.objects.create(name="Linka pozdě", filters={})
    CannedAnswer.objects.create(title="Obnovte stránku", text_cs="Dobrý den, {name}")
    out_dir = Path("/tmp/g_shots")
    with sync_playwright() as p:
        b = p.chromium.launch(executable_path=CHROMIUM, args=[*QUIET, "--no-sandbox"])
        for who, name in ((lead, "lead"), (Agent(Role.SUPPORT_L1, name="vojin"), "l1")):
            for width in (390, 1280):
                c = b.new_context(viewport={"width": width, "height": 900}, locale="cs-CZ", reduced_motion="reduce")
                c.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": who.client.cookies[settings.SESSION_COOKIE_NAME].value, "url": live_server.url}, {"name": settings.LANGUAGE_COOKIE_NAME, "value": "cs", "url": live_server.url}])
                page = c.new_page()
                for path, shot in (("?pohled=vse", "list"), (f"pozadavky/{t.pk}/", "ticket"), ("klavesy/", "keys"), ("odpovedi/nova/", "canned"), ("hledani/cislo/", "number"), ("pohledy/", "views"), ("pohledy/novy/?pohled=vse", "save")):
                    r = page.goto(f"{live_server.url}/podpora/{path}")
                    if r.status != 200:
                        print(name, path, r.status); continue
                    if name == "lead":
                        try:
                            axe.assert_accessible(page, name=shot)
                        except AssertionError as e: print("AXE", width, e)
                        if width == 390:
                            try: axe.assert_never_too_wide(page, name=shot)
                            except AssertionError as e: print("WIDE", e)
                    if shot in ("list", "ticket") or (name == "lead" and width == 390):
                        page.screenshot(path=out_dir / f"{name}-{shot}-{width}.png", full_page=True)
                c.close()
        b.close()
