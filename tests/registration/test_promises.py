"""What the whole room promises: who somebody is stands in no address, title, log, queue, key or error page."""

import logging
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from urllib.parse import unquote

import pghistory.models
import pytest
import redis
from django.conf import settings
from django.contrib.sessions.models import Session
from django.db import transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoCaptureOnCommitCallbacks

from crs.embedded.paths import valkey_socket
from crs.logging import HidePersonalNumbers, OneLineForRefusals
from crs.messaging.models import Message
from logistics.models import Role
from registration.applying import registering
from registration.mine import entries
from registration.models import LineRequest, OpeningReminder, Person, Registration, RegistrationClaim
from tests.factories import make_codes, make_rule, make_site, make_staff
from tests.pages import Page, browser, english, log_in, send_form, solved_captcha
from tests.registration.conftest import other_than, pins_to, texts_to
from tests.registration.steps import DONE, EXISTING, FORM, PHONE, PIN, send

pytestmark = pytest.mark.django_db

OWN, OTHER, NEW = "+420777123987", "+420777654321", "+420777888999"
NUMBER, CHILD, DOCUMENT, EMAIL, NEW_EMAIL = "385512/123", "1355201232", "ZX 987-654", "qwx@seznam.cz", "qwz@seznam.cz"
ADULT = {
    "first_name": "Xaverie",
    "last_name": "Kvítkovská",
    "insured_number": NUMBER,
    "insurer": "111",
    "street": "Brusinková 7",
    "city": "Brno",
    "postcode": "60200",
    "email": "qwx@seznam.cz",
    "consent": "on",
}
GUARDIAN = {"guardian_name": "Xaverie Kvítkovská", "guardian_relation": "PARENT", "guardian_consent": "on"}
FOREIGNER = {
    **{name: ADULT[name] for name in ("first_name", "last_name", "street", "city", "postcode", "consent")},
    "identity": "document",
    "document_type": "PASSPORT",
    "document_country": "UA",
    "document_number": DOCUMENT,
    "birth": "24. 8. 1991",
    "sex": "F",
}
# Parts too, as somebody may type, shorten or store them; spaces, slashes and dashes are left out.
PERSONAL = (
    *("xaver", "kvítkov", "kvitkov", "brusink", "qwx@", "qwz@", "qwx%40", "qwz%40"),
    *("777123987", "777654321", "777888999", "385512123", "1355201232", "zx987654"),
)


def personal_in(text: str, *more: str) -> set[str]:
    spaceless = re.sub(r"[\s/\-\u2011]", "", unquote(text).casefold())
    return {one for one in (*PERSONAL, *more) if one in spaceless}


@dataclass
class Walk:
    """What browsers and servers learn on the way besides the pages themselves."""

    caplog: pytest.LogCaptureFixture
    codes: list[str] = field(default_factory=list)
    outside: list[str] = field(default_factory=list)
    pages: int = 0
    shown: int = 0

    def seen(self, page: Page) -> Page:
        """Keep what stands outside of the page: its address, title, headers, cookies, and where it leads."""
        said = [page.request["PATH_INFO"], page.request.get("QUERY_STRING", "")]
        said += [f"{name}: {value}" for name, value in page.headers.items()]
        said += [f"{cookie.key}={cookie.value}" for cookie in page.cookies.values()]
        markup = page.content.decode(errors="ignore")
        if page.headers.get("Content-Type", "").startswith("text/html"):
            said += re.findall(r"<title>(.*?)</title>", markup, re.DOTALL)
            # A telephone or an address that the person may call or write to is no page of ours.
            said += re.findall(r'(?:href|action|src|formaction)="((?!tel:|mailto:)[^"]*)"', markup)
            # The browser tells other servers nothing of the way here.
            assert page.headers["Referrer-Policy"] == "same-origin"
        self.pages += 1
        self.shown += bool(personal_in(markup))
        self.outside += said
        return page

    def logged(self) -> list[str]:
        """Every line but those of the database; as they are, where no server has hidden anything yet."""
        return [one.getMessage() for one in self.caplog.records if one.name != "django.db.backends"]

    def valkey(self) -> Iterator[str]:
        """Every key of this run with what it holds: the cache, the queues and the results of tasks."""
        for number in (0, 1):
            with redis.Redis(unix_socket_path=str(valkey_socket()), db=number) as client:
                for key in client.scan_iter(f"*{settings.CACHES['default']['KEY_PREFIX']}*", count=1000):
                    yield f"{key!r} {_value(client, key)!r}"

    def check(self) -> None:
        """Nobody is named in any of it."""
        assert {one for text in self.outside for one in personal_in(text, *self.codes)} == set()
        assert [line for line in self.logged() if personal_in(line, *self.codes)] == []
        held = list(self.valkey())
        assert [line for line in held if personal_in(line, *self.codes)] == []
        assert not any("celery-task-meta" in line for line in held)
        contexts = [str(one) for one in pghistory.models.Context.objects.values_list("metadata", flat=True)]
        assert [one for one in contexts if personal_in(one, *self.codes)] == []
        assert self.shown > self.pages / 4, "the pages themselves do show who it is"


def _value(client: Any, key: bytes) -> Any:
    kind = client.type(key)
    if kind == b"string":
        return client.get(key)
    if kind == b"list":
        return client.lrange(key, 0, -1)
    if kind == b"hash":
        return client.hgetall(key)
    return client.zrange(key, 0, -1, withscores=True) if kind == b"zset" else client.smembers(key)


@pytest.fixture
def walk(
    caplog: pytest.LogCaptureFixture, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> Iterator[Walk]:
    """A walk whose tasks are queued as they are after a commit."""
    caplog.set_level(logging.DEBUG)
    found = Walk(caplog)
    with django_capture_on_commit_callbacks(execute=True):
        yield found
    found.check()


def prove(walk: Walk, phone: str, client: Client | None = None) -> Client:
    """Steps 1 and 2, with a wrong PIN first."""
    client = client or browser()
    walk.seen(client.get(PHONE))
    walk.seen(client.post(PHONE, {"phone": phone[4:], **solved_captcha()}))
    pin = pins_to(phone)[-1]
    walk.seen(client.post(PIN, {"pin": other_than(pin)}))
    assert walk.seen(client.post(PIN, {"pin": pin})).status_code == 302
    return client


def apply(walk: Walk, client: Client, form: dict[str, Any]) -> Page:
    """Send the form with a mistake, with a choice, and as it should be."""
    walk.seen(client.get(FORM))
    walk.seen(send(client, {**form, "postcode": "6"}))
    walk.seen(send(client, {**form, "choose": "region", "region": "CZ064"}))
    sent = walk.seen(send(client, form))
    if sent.status_code == 302:
        walk.seen(client.get(sent.headers["Location"]))
    return sent


# --- the portal ---------------------------------------------------------------------------------


def test_each_branch_of_the_form_names_nobody_outside_its_pages(walk: Walk) -> None:
    site = make_site("Výstaviště Brno", "CZ0642")
    _batch, walk.codes = make_codes(2, group="school-staff", now=timezone.now())
    walk.codes.append("123456789012")
    client = prove(walk, OWN)
    good = walk.codes[0]
    for form, leads_to in (
        ({**ADULT, "sites": [str(site.pk)]}, DONE),
        (ADULT, EXISTING),
        ({**ADULT, **GUARDIAN, "insured_number": CHILD}, DONE),
        (FOREIGNER, DONE),
        ({**FOREIGNER, "document_number": f"{DOCUMENT}1", "reason": "health-workers"}, DONE),
        ({**ADULT, "insured_number": "360314456", "is_immobile": "on", "home_district": "CZ0642"}, DONE),
        ({**ADULT, "insured_number": "8556201236", "reason": "school-staff", "code": "1234 5678 9012"}, None),
        ({**ADULT, "insured_number": "8556201236", "reason": "school-staff", "code": good}, DONE),
        ({**ADULT, "insured_number": "7758681234", "reason": "school-staff", "code": good}, None),
    ):
        assert apply(walk, client, form).headers.get("Location") == leads_to
    # Another telephone says that it is the first of them.
    assert apply(walk, prove(walk, OTHER), ADULT).headers["Location"] == DONE
    assert (Registration.objects.count(), LineRequest.objects.count(), RegistrationClaim.objects.count()) == (5, 1, 1)
    # And somebody comes too early.
    later = timezone.now() + timedelta(days=3)
    make_rule("age-12", valid_from=timezone.now() - timedelta(days=1), registers_from=later, invites_from=later)
    early = {**ADULT, **GUARDIAN, "insured_number": "1355201243"}
    assert apply(walk, client, early).status_code == 200
    walk.seen(send_form(client, FORM, **early, remind="age-12"))
    assert OpeningReminder.objects.count() == 1
    # A form that is left in the middle waits in the session, sealed.
    send(client, {**ADULT, "postcode": "6"})
    kept = [str(session.get_decoded()) for session in Session.objects.all()]
    assert any("registration_draft" in one for one in kept)
    assert [one for one in kept if personal_in(one, *walk.codes)] == []


def test_the_pages_of_ones_own_registration_name_nobody_outside(walk: Walk) -> None:
    _batch, walk.codes = make_codes(1, group="school-staff", now=timezone.now())
    client, other = prove(walk, OWN), prove(walk, OTHER)
    for one in (client, other):
        apply(walk, one, ADULT)
    registration = Registration.objects.get()
    key = entries.of_phone(OWN)[0].key

    def address(name: str, *more: str) -> str:
        return reverse(f"registration:{name}", args=[key, *more])

    walk.seen(client.get(EXISTING))
    walk.seen(other.get(EXISTING))
    names = ("my_registration", "my_email", "my_phone", "my_sites", "my_home", "my_reason", "my_leaving")
    for name in (*names, "my_other_phone", "my_data", "my_data_file"):
        assert walk.seen(client.get(address(name))).status_code == 200
        assert walk.seen(other.get(address(name))).status_code == 404
        walk.seen(browser().get(address(name)))
    walk.seen(send_form(client, address("my_email"), email=NEW_EMAIL))
    code = next(word for word in texts_to(NEW_EMAIL, "registration/email_code")[-1].split() if word.isdigit())
    for typed in (other_than(code), code):
        walk.seen(send_form(client, address("my_email_code"), code=typed))
    site = make_site("Výstaviště Brno", "CZ0642")
    walk.seen(send_form(client, address("my_sites"), sites=[str(site.pk)]))
    walk.seen(send_form(client, address("my_home"), street="Brusinková 8", city="Brno", postcode="60200"))
    walk.seen(send_form(client, address("my_reason"), group="school-staff", code=walk.codes[0]))
    walk.seen(send_form(client, address("my_other_phone"), answer="KEPT"))
    walk.seen(send_form(client, address("my_leaving")))
    walk.seen(send_form(client, address("my_return")))
    walk.seen(client.post(address("my_phone"), {"phone": NEW[4:], **solved_captcha()}))
    for pin in (other_than(*pins_to(NEW)), pins_to(NEW)[-1]):
        walk.seen(send_form(client, address("my_phone_pin"), pin=pin))
    registration.refresh_from_db()
    assert (str(registration.phone), registration.email, registration.state) == (NEW, NEW_EMAIL, "ACTIVE")
    walk.seen(client.post(reverse("registration:finish")))


# --- the desk -----------------------------------------------------------------------------------


def test_the_desk_of_line_1221_names_nobody_outside_its_pages(walk: Walk) -> None:
    client, other = prove(walk, OWN), prove(walk, OTHER)
    for form in (ADULT, FOREIGNER):
        apply(walk, client, form)
    apply(walk, other, ADULT)
    operator = log_in(browser(), make_staff(Role.SUPPORT_L2))
    first = Registration.objects.order_by("pk")[0]
    desk = reverse("registration:desk")
    for text in (NUMBER, OWN, "777 123 987", "Kvítkovská", "kvitkovska xav", DOCUMENT, first.number, "x", EMAIL):
        page = walk.seen(operator.post(desk, {"text": text}))
        if page.status_code == 302:
            walk.seen(operator.get(page.headers["Location"]))
    walk.seen(operator.post(desk, {"text": "Kvítkovská", "born": "12. 5. 1938"}))

    def address(name: str, *keys: object) -> str:
        return reverse(f"registration:desk_{name}", args=keys)

    for name in ("registration", "contact", "end"):
        assert walk.seen(operator.get(address(name, first.pk))).status_code == 200
    for name in ("claims", "requests", "home_visits", "register"):
        assert walk.seen(operator.get(address(name))).status_code == 200
    claim = RegistrationClaim.objects.get()
    walk.seen(operator.get(address("claim", claim.pk)))
    walk.seen(send_form(operator, address("contact", first.pk), phone=NEW[4:], email=NEW_EMAIL, street="", city=""))
    why = "Volala Xaverie Kvítkovská, ověřeno zpětným voláním."
    walk.seen(send_form(operator, address("claim", claim.pk), decision="KEPT", reason=why))
    walk.seen(send_form(operator, address("end", first.pk), ending="STAFF", reason=why))
    walk.seen(send_form(operator, address("reopen", first.pk), reason=why))
    claim.refresh_from_db()
    assert claim.decision == "KEPT"


# --- when something goes wrong ------------------------------------------------------------------


def test_error_pages_and_their_logs_name_nobody(walk: Walk, monkeypatch: pytest.MonkeyPatch) -> None:
    client = prove(walk, OWN)
    apply(walk, client, ADULT)
    strict = english(Client(enforce_csrf_checks=True, raise_request_exception=False))
    strict.cookies.update(client.cookies)
    client.raise_request_exception = False
    rows = [
        (send(strict, {**ADULT, "code": "1234"}), 403),
        (client.get("/moje/registrace/00000000000000000000/"), 404),
        (client.get("/personal/registrace/123/"), 302),
    ]

    def break_a_rule(*_arguments: Any, **_said: Any) -> None:
        # PostgreSQL shows the whole row that it refuses.
        with transaction.atomic():
            Person.objects.create(first_name=ADULT["first_name"], birth_date="1938-05-12")

    def say_all(*_arguments: Any, **said: Any) -> None:
        raise ValueError(f"{said['phone']}, {said['details'].email}, {said['details'].person.identity.digits}")

    for breaks in (break_a_rule, say_all):
        monkeypatch.setattr(registering, "register", breaks)
        rows.append((send(client, ADULT), 500))
    for page, status in rows:
        assert page.status_code == status
        assert personal_in(page.content.decode()) == set()
    # As the servers write it.
    written = []
    for record in walk.caplog.records:
        if record.name != "django.db.backends":
            assert all(one.filter(record) for one in (OneLineForRefusals(), HidePersonalNumbers()))
            written.append(logging.Formatter("%(message)s").format(record))
    assert [one for one in written if personal_in(one)] == []
    assert sum("Traceback" in one for one in written) == 2
    # Not the pages of an error alone.
    for _page in range(walk.pages):
        walk.seen(client.get(EXISTING))


def test_the_walk_hears_and_sees_what_would_give_somebody_away(walk: Walk) -> None:
    client = browser()
    page = client.get("/registrace/xaverie/")
    assert page.status_code == 404
    assert any(personal_in(line) for line in walk.logged())
    Message.objects.all().delete()
    walk.caplog.clear()
    with redis.Redis(unix_socket_path=str(valkey_socket()), db=1) as valkey:
        key = f"{settings.CACHES['default']['KEY_PREFIX']}:1:heard"
        valkey.set(key, "+420 777 123 987", ex=5)
        assert any(personal_in(line) for line in walk.valkey())
        valkey.delete(key)
    walk.outside, walk.shown = [], 1
