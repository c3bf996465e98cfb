"""No answer tells a stranger whether somebody is known: not its status, its text, its size, nor the work behind it.

Work is counted in queries, by their kind: the clock of a busy machine tells nothing.
"""

import re
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from registration.mine import entries
from registration.models import OpeningReminder, PhoneVerification, Registration, RegistrationClaim
from registration.number import next_number
from tests.cast import JANA, KAREL, MARIE, PETR
from tests.factories import make_codes, make_invitation, make_registration, make_rule
from tests.pages import Page, browser, send_form, solved_captcha
from tests.registration.steps import DONE, FORM, PHONE, PIN, send

pytestmark = pytest.mark.django_db

LOG_IN = reverse("reservation:log_in")
OWN_PAGES = (
    *("my_registration", "my_email", "my_email_code", "my_phone", "my_phone_pin", "my_sites", "my_home", "my_reason"),
    *("my_leaving", "my_return", "my_other_phone", "my_data", "my_data_file"),
)
DOCUMENT = {
    "identity": "document",
    "document_type": "PASSPORT",
    "document_country": "UA",
    "birth": "12. 5. 1938",
    "sex": "F",
}


def told(page: Page) -> tuple[int, str, int, str, list[str]]:
    """All that the answer says: status, where it leads, size, text without what is random, names of cookies."""
    text = page.content.decode()
    # Keys of forms and captchas, what was typed, and the numbers that are the answer's own.
    text = re.sub(r'value="[\w+/= -]{32,}"|/captcha/image/\w+/|\d{2}:\d{2}(:\d{2})?[\d.+]*', "", text)
    text = re.sub(r"[0-9a-f]{20}|x{20}|(\d[\s/]?){9,12}", "N", text)
    return page.status_code, page.headers.get("Location", ""), len(page.content), text, sorted(page.cookies)


def asked(ask: Callable[[], Page]) -> tuple[Any, list[str]]:
    """What is told, and the kinds of the queries."""
    with CaptureQueriesContext(connection) as captured:
        page = ask()
    return told(page), [_kind(one["sql"]) for one in captured.captured_queries]


def _kind(sql: str) -> str:
    statement = re.sub(r"SELECT set_config\('pghistory.*?\); ", "", sql, flags=re.DOTALL)
    return re.sub(r"'(?:[^']|'')*'|\b\d+\b|s\d+_x\d+", "?", statement)


def _without_claims(kind: str) -> str:
    """The one row that is written in the place of the other, and the longer list of messages."""
    if kind.startswith(('INSERT INTO "registration_registration"', 'INSERT INTO "registration_registrationclaim"')):
        return "INSERT"
    return kind.partition(")")[0] if kind.startswith('INSERT INTO "messaging_message"') else kind


@pytest.fixture
def marie() -> Registration:
    """Marie is registered from her own telephone."""
    client = _prove(browser(), MARIE.phone)
    send(client, MARIE.form(email=""))
    return Registration.objects.get()


def _prove(client: Client, phone: str) -> Client:
    now = timezone.now()
    proof = PhoneVerification.objects.create(phone=phone, created_at=now, asked_at=now, verified_at=now)
    session = client.session
    session["verification_id"] = session["proven_verification_id"] = str(proof.pk)
    session.save()
    return client


def test_the_first_step_takes_any_telephone_alike(marie: Registration) -> None:
    answers = []
    # The first one to wait for an SMS; how long they take is told to all.
    for phone in (PETR.phone, MARIE.phone, KAREL.phone):
        client = browser()
        answers.append(asked(partial(client.post, PHONE, {"phone": phone, **solved_captcha()})))
        answers.append(asked(partial(client.get, PIN)))
    assert answers[2:4] == answers[4:]


def test_the_form_answers_alike_for_a_known_and_an_unknown_number(marie: Registration) -> None:
    answers = []
    for phone, number in ((KAREL.phone, "385512/123"), (JANA.phone, "385512/124")):
        client, form = _prove(browser(), phone), MARIE.form(email="", insured_number=number)
        page, queries = asked(partial(send, client, form))
        answers.append((page, told(client.get(DONE)), told(client.get(FORM)), list(map(_without_claims, queries))))
    assert answers[0] == answers[1]
    assert RegistrationClaim.objects.count() == 1


def test_the_form_answers_alike_for_a_known_and_an_unknown_document(marie: Registration) -> None:
    form = {**MARIE.form(email=""), **DOCUMENT}
    send(_prove(browser(), MARIE.phone), {**form, "document_number": "ZX123456"})
    answers, queries = [], []
    for phone, number in ((KAREL.phone, "ZX123456"), (JANA.phone, "ZX123457")):
        client = _prove(browser(), phone)
        page, kinds = asked(partial(send, client, {**form, "document_number": number}))
        answers.append((page, told(client.get(DONE)), told(client.get(FORM))))
        queries.append(len(kinds))
    assert answers[0] == answers[1]
    # No unique index knows the documents, so a new one is looked for before it is written.
    assert queries[1] - queries[0] == 1


def test_a_wrong_code_tells_nobody_who_is_registered(marie: Registration) -> None:
    _batch, (good,) = make_codes(group="school-staff", now=timezone.now())
    wrong = next(one for one in ("1234-5678-9015", "1234-5678-9023") if one != good)
    answers = []
    for phone, number in ((KAREL.phone, "385512/123"), (JANA.phone, "385512/124")):
        client = _prove(browser(), phone)
        for code in (wrong, "1234-5678"):
            form = MARIE.form(email="", insured_number=number, reason="school-staff", code=code)
            page = send(client, form)
            assert page.context["form"].errors["code"]
            answers.append(told(page))
    assert answers[:2] == answers[2:]


def test_anothers_an_unknown_and_a_malformed_key_take_the_same_work(marie: Registration) -> None:
    petr = make_registration(phone=KAREL.phone)
    known = entries.of_phone(str(petr.phone))[0].key
    client = _prove(browser(), MARIE.phone)
    for name in OWN_PAGES:
        answers = []
        for key in (known, "0" * 20, "x" * 20):
            for ask in (client.get, client.post):
                answers.append(asked(partial(ask, reverse(f"registration:{name}", args=[key]))))
                client.get(reverse("registration:mine"))  # which says what the answer left to say
        for answer in answers:
            assert answer[0][0] in (302, 404, 405)
        assert answers[0:2] == answers[2:4] == answers[4:6], name


def test_a_new_telephone_is_taken_alike_whether_or_not_it_is_known(marie: Registration) -> None:
    make_registration(phone=KAREL.phone)
    key = entries.of_phone(MARIE.phone)[0].key
    answers = []
    for phone in (KAREL.phone, JANA.phone):
        client = _prove(browser(), MARIE.phone)
        address = reverse("registration:my_phone", args=[key])
        answers.append(asked(partial(client.post, address, {"phone": phone, **solved_captcha()})))
        answers.append(asked(partial(client.get, reverse("registration:my_phone_pin", args=[key]))))
    assert answers[:2] == answers[2:]


def test_the_log_in_answers_alike_for_a_known_and_an_unknown_number(marie: Registration) -> None:
    letter = make_registration(phone="", by_letter=True, number=next_number())
    for one in (marie, letter):
        make_invitation(one)
    # Whoever has a mobile telephone logs in with that; their number of registration opens nothing.
    for known, unknown in ((MARIE.phone, JANA.phone), (letter.number, next_number()), (marie.number, next_number())):
        answers = [
            asked(partial(browser().post, LOG_IN, {"phone": login, "pin2": "8765 4321"})) for login in (known, unknown)
        ]
        assert answers[0] == answers[1]
        assert answers[0][0][0] == 200


def test_a_reminder_is_kept_alike_for_a_known_and_an_unknown_telephone(marie: Registration) -> None:
    later = timezone.now() + timedelta(days=3)
    make_rule("age-40", valid_from=timezone.now() - timedelta(days=1), registers_from=later, invites_from=later)
    make_registration(phone=KAREL.phone)
    answers = [
        asked(partial(send_form, _prove(browser(), phone), FORM, **JANA.form(remind="age-40")))
        for phone in (KAREL.phone, "+420605678901")
    ]
    assert answers[0] == answers[1]
    assert OpeningReminder.objects.count() == 2
