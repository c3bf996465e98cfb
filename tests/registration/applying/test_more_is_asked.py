"""What the form asks only where an answer needs it: documents, reasons and codes, guardians, people who cannot come."""

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from itertools import count
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries, Settings

from crs.messaging.models import Message
from crs.no_break import breakable
from registration.codes.using import code_hash
from registration.codes.written import CODE_DIGITS, checked
from registration.models import (
    CodeBatch,
    CodeUse,
    LineRequest,
    OpeningReminder,
    PriorityClaim,
    Registration,
    RegistrationClaim,
    RegistrationCode,
)
from registration.number import grouped
from tests.cast import ELISKA, JANA, KAREL, LINH, MARIE, PETR
from tests.factories import make_account, make_rule
from tests.pages import english, text_of
from tests.registration.conftest import texts_to
from tests.registration.steps import DONE, EXISTING, FORM, KEY, Prove, html_of, send

pytestmark = pytest.mark.django_db

OLENA = {
    "identity": "document",
    "first_name": "Olena",
    "last_name": "Shevchenko",
    "document_type": "PASSPORT",
    "document_country": "UA",
    "document_number": "fe 123-456",
    "birth": "24. 8. 1991",
    "sex": "F",
    "street": "Dlouhá 12",
    "city": "Brno",
    "postcode": "602 00",
    "consent": "on",
}
GUARDIAN = {"guardian_name": " Jana  Svobodová ", "guardian_relation": "PARENT", "guardian_consent": "on"}
# Of 2013: the group of children from 12 years.
TEREZA = ELISKA.form(insured_number="1355201232", first_name="Tereza", **GUARDIAN)


_serial = count(1)


def new_code() -> str:
    """A code without a typing mistake that nobody was given."""
    return checked(next(_serial), digits=CODE_DIGITS)


@pytest.fixture
def at_home(client: Client, prove: Prove) -> Client:
    """Jana's browser, in English."""
    return prove(english(client), JANA.phone)


@pytest.fixture
def make_code(db: None) -> Callable[..., str]:
    """A new code for one person of a group."""

    def make(group: str = "school-staff", **fields: Any) -> str:
        user = make_account(f"issuer-{CodeBatch.objects.count()}")
        key = f"{CodeBatch.objects.count():064}"
        batch = CodeBatch.objects.create(group_id=group, issued_to="ZŠ", issued_by=user, key_hash=key)
        code = new_code()
        RegistrationCode.objects.create(batch=batch, code_hash=code_hash(code), ending=code[-4:], **fields)
        return code

    return make


def errors(page: Any) -> dict[str, str]:
    return {name: " ".join(said) for name, said in page.context["form"].errors.items()}


def close(group: str, *, until: datetime | None) -> None:
    """Let the group register from then, or at a time that is not known."""
    make_rule(group, valid_from=timezone.now() - timedelta(days=1), registers_from=until, invites_from=until)


def close_all_but(*groups: str, until: datetime | None) -> None:
    for age in (80, 70, 65, 60, 55, 50, 45, 40, 35, 30, 16, 12):
        if f"age-{age}" not in groups:
            close(f"age-{age}", until=until)


# --- the common way -----------------------------------------------------------------------------


def test_marie_is_asked_no_more_than_before(client: Client, prove: Prove) -> None:
    page = html_of(prove(client, MARIE.phone).get(FORM))
    asked = set(re.findall(r'<(?:input|select)[^>]* name="(\w+)"', page))
    hidden = {
        "csrfmiddlewaretoken",
        "identity",
        "number_noticed",
        "email_noticed",
        "spelling_noticed",
        "one_name_noticed",
    }
    assert asked - hidden - {"language", "next"} == {
        *("first_name", "last_name", "insured_number", "insurer", "street", "city", "postcode", "country", "email"),
        *("is_immobile", "region", "reason"),
    }


def test_a_form_asks_the_database_a_bounded_number_of_questions(
    client: Client, prove: Prove, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    prove(client, MARIE.phone)
    sent = MARIE.form(form_key=KEY)
    with django_assert_max_num_queries(46):
        assert send(client, sent).headers["Location"] == DONE


# --- a document -------------------------------------------------------------------------------------


def test_a_button_asks_for_a_document_instead_and_keeps_what_was_typed(at_home: Client) -> None:
    page = html_of(send(at_home, MARIE.form(choose="document")))
    assert 'name="document_number"' in page
    assert 'name="insured_number"' not in page
    assert 'value="Dvořáková"' in page
    again = html_of(at_home.get(FORM))
    assert 'name="document_number"' in again
    back = html_of(send(at_home, {**OLENA, "choose": "number"}))
    assert 'name="insured_number"' in back
    assert 'name="document_number"' not in back


def test_olena_registers_with_her_passport(at_home: Client) -> None:
    assert send(at_home, OLENA).headers["Location"] == DONE
    person = Registration.objects.get().person
    assert (person.document_country, person.document_number, person.sex) == ("UA", "FE123456", "F")
    assert (person.insured_number, person.insurer, person.birth_date.year) == (None, "", 1991)


def test_whoever_has_one_name_in_the_document_writes_a_dash_for_the_other(at_home: Client) -> None:
    assert send(at_home, {**OLENA, "first_name": "–"}).headers["Location"] == DONE
    assert Registration.objects.get().person.first_name == ""


def test_an_empty_document_form_tells_every_field(at_home: Client) -> None:
    told = errors(send(at_home, {"identity": "document"}))
    assert set(told) == {
        *("last_name", "document_type", "document_country", "document_number", "birth", "sex"),
        *("street", "city", "postcode"),
    }


@pytest.mark.parametrize(
    ("field", "typed"),
    [
        ("document_number", "???"),
        ("document_country", "ZZ"),
        ("document_type", "CARD"),
        ("birth", "32. 1. 1991"),
        ("birth", "24. 8. 2991"),
        ("birth", "24. 8. 1791"),
        ("sex", "Q"),
    ],
)
def test_a_mistake_in_a_document_is_told_at_its_field(at_home: Client, field: str, typed: str) -> None:
    page = send(at_home, {**OLENA, field: typed})
    assert set(errors(page)) == {field}
    assert 'value="Shevchenko"' in html_of(page)


@pytest.mark.parametrize(("language", "state"), [("cs", "Ukrajina"), ("en", "Ukraine")])
def test_states_are_named_in_the_language_of_the_page(at_home: Client, language: str, state: str) -> None:
    at_home.cookies["crs_language"] = language
    assert state in html_of(send(at_home, {**OLENA, "choose": "document"}))


def test_a_document_that_is_kept_for_somebody_born_on_another_day_is_answered_like_any_other(
    at_home: Client, prove: Prove
) -> None:
    send(prove(Client(), KAREL.phone), OLENA)
    pages = [
        send(at_home, {**OLENA, **other}, follow=True)
        for other in ({"birth": "25. 8. 1991"}, {"document_number": "FE999999"})
    ]
    assert len({_without_numbers(page) for page in pages}) == 1
    assert RegistrationClaim.objects.count() == 1
    assert Registration.objects.count() == 2


# --- reasons and codes ------------------------------------------------------------------------------


def test_the_reason_says_what_it_needs(at_home: Client) -> None:
    said = {
        reason: text_of(send(at_home, MARIE.form(reason=reason, choose="reason")))
        for reason in ("school-staff", "health-workers", "care-home-clients", "")
    }
    assert "Registration code" in said["school-staff"]
    assert "register of health workers" in said["health-workers"]
    assert "bring a confirmation" in said["care-home-clients"]
    assert "Registration code" not in said[""]


def test_a_code_proves_the_reason(at_home: Client, make_code: Callable[..., str]) -> None:
    code = make_code()
    typed = f"{code[:4]}-{code[4:8]} {code[8:]}"
    assert send(at_home, JANA.form(reason="school-staff", code=typed)).headers["Location"] == DONE
    claim = PriorityClaim.objects.get()
    assert (claim.group_id, claim.state, CodeUse.objects.get().claim) == ("school-staff", "PROVEN", claim)


def test_without_a_code_the_claim_waits_and_the_person_waits_by_age(at_home: Client) -> None:
    asked = send(at_home, JANA.form(reason="school-staff"))
    assert set(errors(asked)) == {"code"}
    assert 'name="no_code"' in html_of(asked)
    page = send(at_home, JANA.form(reason="school-staff", no_code="on"), follow=True)
    assert PriorityClaim.objects.get().state == "PENDING"
    assert "add it under “My registration”" in text_of(page)


@pytest.mark.parametrize("typed", ["1234", "1234-5678-9012", "x" * 12])
def test_a_mistyped_code_is_told_at_its_field_and_counts_for_nothing(at_home: Client, typed: str) -> None:
    page = send(at_home, JANA.form(reason="school-staff", code=typed))
    assert set(errors(page)) == {"code"}
    assert f'value="{typed}"' in html_of(page)
    assert not Registration.objects.exists()


def test_wrong_codes_are_counted_and_nothing_typed_is_lost(at_home: Client, make_code: Callable[..., str]) -> None:
    used = make_code(used=1)
    assert "used already" in errors(send(at_home, JANA.form(reason="school-staff", code=used)))["code"]
    for _try in range(9):
        page = send(at_home, JANA.form(reason="school-staff", code=new_code()))
        assert "do not know this registration code" in errors(page)["code"]
        assert 'value="Svobodová"' in html_of(page)
    stopped = send(at_home, JANA.form(reason="school-staff", code=make_code()))
    assert "Too many wrong registration codes" in errors(stopped)["code"]
    assert not Registration.objects.exists()
    assert send(at_home, JANA.form(reason="school-staff", no_code="on")).headers["Location"] == DONE


def test_a_double_click_with_a_code_uses_it_once_and_counts_no_try(
    at_home: Client, make_code: Callable[..., str]
) -> None:
    sent = JANA.form(reason="school-staff", code=make_code(), form_key=KEY)
    for _click in range(15):
        assert send(at_home, sent).headers["Location"] == DONE
    assert RegistrationCode.objects.get().used == 1


def test_a_code_tells_nobody_who_is_registered(at_home: Client, prove: Prove, make_code: Callable[..., str]) -> None:
    send(prove(Client(), MARIE.phone), MARIE.form())
    pages = []
    for person in (MARIE, KAREL):
        wrong = send(at_home, person.form(email="", reason="school-staff", code=new_code()))
        code = make_code()
        right = send(at_home, person.form(email="", reason="school-staff", code=code), follow=True)
        used = send(at_home, PETR.form(email="", reason="school-staff", code=code))
        pages.append((errors(wrong), _without_numbers(right), errors(used)))
    assert pages[0] == pages[1]
    assert "used already" in pages[0][2]["code"]
    assert RegistrationClaim.objects.count() == 1


# --- before a group's time --------------------------------------------------------------------------


def test_whoever_comes_too_early_reads_when_and_is_reminded_once(at_home: Client) -> None:
    opens = timezone.now() + timedelta(days=3)
    close_all_but("age-80", until=opens)
    page = send(at_home, JANA.form())
    assert "It is too early yet" in text_of(page)
    assert not Registration.objects.exists()
    group = re.search(r'name="remind" value="([\w-]+)"', html_of(page))
    assert group
    assert group[1] == "age-40"
    for _click in range(2):
        after = at_home.post(FORM, JANA.form(remind=group[1]), follow=True)
        assert after.redirect_chain == [(FORM, 302)]
        assert "We will send an SMS to 603 456 789" in text_of(after)
        assert 'value="Svobodová"' in html_of(after)
    reminder = OpeningReminder.objects.get()
    assert (reminder.phone.as_e164, reminder.group_id, reminder.language) == (JANA.phone, "age-40", "en")


def test_a_group_without_a_time_has_its_reminder_too(at_home: Client) -> None:
    page = send(at_home, ELISKA.form(insured_number="1955201237", **GUARDIAN))
    assert "The day is not known yet" in text_of(page)
    assert 'name="remind" value="age-5"' in html_of(page)


@pytest.mark.parametrize("group", ["age-80", "nobody", "\x00"])
def test_no_reminder_of_what_is_open_or_does_not_exist(at_home: Client, group: str) -> None:
    answer = send(at_home, JANA.form(remind=group), follow=True)
    assert answer.status_code == 200
    assert not OpeningReminder.objects.exists()


def test_a_pending_code_whose_age_group_is_not_open_is_led_to_the_code(at_home: Client) -> None:
    close_all_but("age-80", until=timezone.now() + timedelta(days=3))
    page = send(at_home, JANA.form(reason="school-staff", no_code="on"))
    assert set(errors(page)) == {"code"}
    assert 'name="remind" value="age-40"' in html_of(page)


# --- guardians --------------------------------------------------------------------------------------


def test_a_child_is_registered_with_the_guardian(at_home: Client) -> None:
    asked = send(at_home, {name: said for name, said in TEREZA.items() if name not in GUARDIAN})
    assert set(errors(asked)) == {"guardian_name", "guardian_relation"}
    assert "A parent or another guardian consents" in text_of(asked)
    assert send(at_home, TEREZA).headers["Location"] == DONE
    made = Registration.objects.get()
    assert (made.guardian_name, made.guardian_relation) == ("Jana Svobodová", "PARENT")


def test_nobody_of_16_is_asked_for_a_guardian(at_home: Client) -> None:
    born = timezone.localdate().replace(year=timezone.localdate().year - 16)
    sixteen = {**OLENA, "birth": f"{born.day}. {born.month}. {born.year}", **GUARDIAN}
    assert send(at_home, sixteen).headers["Location"] == DONE
    assert Registration.objects.get().guardian_name == ""
    younger = born + timedelta(days=1)
    asked = {**OLENA, "document_number": "X12345", "birth": f"{younger.day}. {younger.month}. {younger.year}"}
    assert set(errors(send(at_home, asked))) == {"guardian_name", "guardian_relation"}


@pytest.mark.parametrize("wrong", [{"guardian_name": "123"}, {"guardian_relation": "AUNT"}, {"guardian_consent": ""}])
def test_a_guardian_who_says_nothing_right_is_told_where(at_home: Client, wrong: dict[str, str]) -> None:
    assert set(errors(send(at_home, TEREZA | wrong))) == set(wrong)


# --- people who cannot come -------------------------------------------------------------------------


def test_somebody_who_cannot_come_says_their_district_and_keeps_the_place_in_the_order(at_home: Client) -> None:
    asked = send(at_home, MARIE.form(is_immobile="on"))
    assert set(errors(asked)) == {"home_district"}
    assert "Brno-venkov" in html_of(asked)
    assert set(errors(send(at_home, MARIE.form(is_immobile="on", home_district="\x00")))) == {"home_district"}
    page = send(at_home, MARIE.form(is_immobile="on", home_district="CZ0643"), follow=True)
    made = Registration.objects.get()
    assert (made.is_immobile, made.home_district_id) == (True, "CZ0643")
    assert "a mobile team of the district will come" in text_of(page)


def test_a_district_of_somebody_who_can_come_is_not_kept(at_home: Client) -> None:
    send(at_home, MARIE.form(home_district="CZ0643"))
    made = Registration.objects.get()
    assert (made.is_immobile, made.home_district_id) == (False, None)


def test_the_page_says_where_the_sms_go(at_home: Client) -> None:
    assert "SMS about this person will come to your telephone 603 456 789" in text_of(at_home.get(FORM))


# --- health workers from abroad ---------------------------------------------------------------------


@pytest.mark.parametrize("who", [LINH.form(), OLENA], ids=["number of an insurer", "document"])
def test_a_health_worker_from_abroad_is_handed_to_line_1221(at_home: Client, who: dict[str, object]) -> None:
    sent = {**who, "reason": "health-workers", "form_key": KEY}
    for _click in range(2):
        page = send(at_home, sent, follow=True)
        assert page.redirect_chain == [(DONE, 302)]
    asked = LineRequest.objects.get()
    assert asked.number in re.sub(r"\s", "", html_of(page))
    assert "Line 1221 will finish your registration" in text_of(page)
    assert (asked.language, asked.phone.as_e164) == ("en", JANA.phone)
    assert str(who["last_name"]) in asked.typed
    (sms,) = texts_to(JANA.phone, "registration/handed_over")
    assert breakable(grouped(asked.number)) in breakable(sms)
    assert len(sms) <= 160
    assert not Registration.objects.exists()
    again = send(at_home, {**who, "reason": "health-workers"}, follow=True)
    assert again.redirect_chain == [(EXISTING, 302)]
    assert "has this person's request already" in text_of(again)
    assert asked.number in re.sub(r"\s", "", html_of(again))
    assert LineRequest.objects.count() == 1


def test_other_health_workers_and_other_foreigners_are_registered(at_home: Client) -> None:
    send(at_home, JANA.form(reason="health-workers"))
    send(at_home, LINH.form())
    send(at_home, OLENA)
    assert Registration.objects.count() == 3


def test_what_is_handed_over_does_not_tell_who_is_registered(at_home: Client, prove: Prove) -> None:
    send(prove(Client(), LINH.phone), LINH.form())
    pages = [
        send(at_home, LINH.form(insured_number=number, reason="health-workers"), follow=True)
        for number in (LINH.insured_number, "7758681235")
    ]
    assert len({_without_numbers(page) for page in pages}) == 1
    assert Message.objects.filter(recipient=LINH.phone, template="registration/claimed").count() == 0


def test_whoever_is_registered_from_the_telephone_is_not_handed_over(at_home: Client) -> None:
    send(at_home, LINH.form())
    answer = send(at_home, LINH.form(reason="health-workers"))
    assert answer.headers["Location"] == EXISTING
    assert not LineRequest.objects.exists()


def test_requests_count_in_the_share_of_a_telephone(at_home: Client, settings: Settings) -> None:
    settings.REGISTRATIONS_PER_PHONE = 1
    send(at_home, {**OLENA, "reason": "health-workers"})
    assert "__all__" in errors(send(at_home, MARIE.form()))
    assert "__all__" in errors(send(at_home, LINH.form(reason="health-workers")))


# --- people I look after ----------------------------------------------------------------------------


def test_a_complete_course_is_told_to_its_own_telephone_alone(at_home: Client, prove: Prove) -> None:
    send(at_home, MARIE.form())
    Registration.objects.update(state="COMPLETED", doses_received=2)
    own = send(at_home, MARIE.form(), follow=True)
    assert "has had all doses" in text_of(own)
    other = prove(english(Client()), KAREL.phone)
    pages = [send(other, person.form(email=""), follow=True) for person in (MARIE, PETR)]
    assert len({_without_numbers(page) for page in pages}) == 1


def test_nobody_reads_from_another_telephone_that_a_person_died(at_home: Client, prove: Prove) -> None:
    send(prove(Client(), MARIE.phone), MARIE.form())
    made = Registration.objects.get()
    Registration.objects.update(state="CANCELLED", ending="DIED", ended_at=timezone.now())
    type(made.person).objects.update(died_on=timezone.localdate())
    pages = [send(at_home, person.form(email=""), follow=True) for person in (MARIE, PETR)]
    assert len({_without_numbers(page) for page in pages}) == 1
    assert RegistrationClaim.objects.get().person == made.person
    assert send(at_home, MARIE.form()).headers["Location"] == EXISTING


def _without_numbers(page: Any) -> str:
    # Nor the name by which this telephone is told whom the page is about.
    return re.sub(r"\d{3}\s\d{3}\s\d{3}|value=\"\w{64}\"|<strong>\w+ \w\.</strong>", "", html_of(page))
