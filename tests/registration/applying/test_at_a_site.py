"""Finding and registering people at the desk of a site."""

import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import date

import pytest
from django.contrib.auth.models import User
from django.db import connections
from django.db.models import QuerySet

from crs.messaging.models import Message
from crs.no_break import breakable
from logistics.models import VaccinationSite
from registration import number
from registration.applying.at_a_site import (
    SiteDetails,
    correct_contact,
    find,
    find_by_document,
    register_at_site,
    spell_in_latin,
)
from registration.applying.course import Received, keep
from registration.applying.errors import AlreadyRegistered, TwoPeopleFound
from registration.applying.registering import register
from registration.groups import eligibility
from registration.groups.errors import TooYoung
from registration.models import Person, PriorityGroup, Registration, RegistrationClaim
from registration.number import grouped
from registration.people.errors import DocumentOfSomebodyElse, PersonDied, SpellingNeedsLatinLetters
from registration.people.identity_document import IdentityDocument
from registration.people.insured_number import lookup_hash
from registration.people.persons import PersonDetails, sex_of
from tests.cast import ADAM, JANA, LINH, MARIE, PETR
from tests.factories import NOW, make_account, make_registration, make_site
from tests.race import race, tally
from tests.registration.conftest import texts_to

PASSPORT = IdentityDocument("PASSPORT", "UA", "FE123456")
OLENA = PersonDetails(
    identity=PASSPORT,
    first_name="Олена",
    last_name="Шевченко",
    latin_first_name="OLENA",
    latin_last_name="SHEVCHENKO",
    birth_date=date(1991, 8, 24),
    sex="F",
)


def cancel(registrations: QuerySet[Registration]) -> None:
    registrations.update(state="CANCELLED", ending="STAFF", ended_at=NOW)


@pytest.fixture
def registrar(db: None) -> User:
    return make_account("registrar")


@pytest.fixture
def at_desk(registrar: User) -> Callable[..., Registration]:
    """Register somebody at a desk in Brno."""
    site = make_site()

    def go(person: PersonDetails, where: VaccinationSite = site, **more: object) -> Registration:
        details = SiteDetails(person=person, **more)  # type: ignore[arg-type]
        return register_at_site(details=details, site=where, by=registrar, language="cs", now=NOW)

    return go


def test_a_foreigner_is_registered_and_found_by_their_passport(at_desk: Callable[..., Registration]) -> None:
    made = at_desk(OLENA)
    assert find_by_document(IdentityDocument("PASSPORT", "UA", "FE123456")) == made
    assert find_by_document(IdentityDocument("PASSPORT", "MD", "FE123456")) is None
    person = made.person
    assert (str(person), person.latin_last_name, person.document_number) == ("Олена Шевченко", "SHEVCHENKO", "FE123456")
    assert (person.insured_number, person.insured_number_hash) == (None, "")
    assert made.registered_at_site is not None


def test_the_age_and_the_reason_decide_the_group_as_at_the_portal(at_desk: Callable[..., Registration]) -> None:
    health, covid = (PriorityGroup.objects.get(code=code) for code in ("health-workers", "covid-care-workers"))
    made = [
        at_desk(MARIE.details().person),
        at_desk(OLENA, reason=health),
        at_desk(JANA.details().person, reason=covid),
    ]
    bests = [eligibility.of_registration(one, now=NOW).best for one in made]
    assert [best and best.group.code for best in bests] == ["age-80", "health-workers", "covid-care-workers"]
    with pytest.raises(TooYoung):
        at_desk(ADAM.details().person)


def test_without_a_telephone_and_an_email_nothing_is_sent(at_desk: Callable[..., Registration]) -> None:
    at_desk(OLENA)
    assert not Message.objects.exists()


def test_with_them_the_number_is_told_and_nothing_is_said_of_pin2(at_desk: Callable[..., Registration]) -> None:
    made = at_desk(MARIE.details().person, phone=MARIE.phone, email=MARIE.email)
    (sms,) = texts_to(MARIE.phone, "registration/registered_at_site")
    (email,) = texts_to(MARIE.email, "registration/registered_at_site")
    assert breakable(grouped(made.number)) in breakable(sms)
    assert grouped(made.number) in email
    assert len(sms) <= 160
    assert "PIN2" not in sms + email


@pytest.mark.parametrize("state", ["ACTIVE", "COMPLETED"])
def test_whoever_is_registered_is_led_to_the_registration_and_stays_as_they_were(
    at_desk: Callable[..., Registration], state: str
) -> None:
    made = register(phone=MARIE.phone, details=MARIE.details(), language="cs", now=NOW)
    Registration.objects.update(state=state)
    with pytest.raises(AlreadyRegistered) as refusal:
        at_desk(replace(MARIE.details().person, city="Praha"), phone=JANA.phone)
    assert refusal.value.registration == made
    assert (Person.objects.get().city, Registration.objects.get().phone) == ("Brno", MARIE.phone)


def test_a_cancelled_registration_makes_room_at_the_desk(at_desk: Callable[..., Registration]) -> None:
    at_desk(OLENA)
    cancel(Registration.objects.all())
    assert find_by_document(PASSPORT) is None
    again = at_desk(replace(OLENA, last_name="Коваль", latin_last_name="KOVAL"))
    assert again.person.latin_last_name == "KOVAL"
    assert Person.objects.count() == 1


def test_a_document_of_somebody_born_on_another_day_is_refused(at_desk: Callable[..., Registration]) -> None:
    at_desk(OLENA)
    with pytest.raises(DocumentOfSomebodyElse):
        at_desk(replace(OLENA, birth_date=date(1991, 8, 25)))


def test_the_dead_are_refused_and_the_joined_are_led_to_the_record_that_stands(
    at_desk: Callable[..., Registration],
) -> None:
    first, second = at_desk(OLENA), at_desk(LINH.details().person)
    cancel(Registration.objects.filter(pk=first.pk))
    Person.objects.filter(pk=first.person_id).update(died_on=NOW.date())
    with pytest.raises(PersonDied):
        at_desk(OLENA)
    Person.objects.filter(pk=first.person_id).update(died_on=None, merged_into=second.person_id)
    with pytest.raises(AlreadyRegistered) as refusal:
        at_desk(OLENA)
    assert refusal.value.registration == find_by_document(PASSPORT) == second
    assert Person.objects.count() == 2


def test_history_says_who_registered_a_walk_in(at_desk: Callable[..., Registration], registrar: User) -> None:
    event = at_desk(OLENA).events.get()  # type: ignore[attr-defined]
    assert event.pgh_context.metadata == {"operation": "registration.register_at_site", "user": registrar.pk}


def test_the_portal_keeps_a_claim_of_somebody_without_a_telephone_and_tells_what_can_be_told(
    at_desk: Callable[..., Registration],
) -> None:
    at_desk(MARIE.details().person, email=MARIE.email)
    at_desk(PETR.details().person)
    for person in (MARIE, PETR):
        claim = register(phone=JANA.phone, details=person.details(), language="cs", now=NOW)
        assert isinstance(claim, RegistrationClaim)
    assert len(texts_to(MARIE.email, "registration/claimed")) == 1
    assert [claim.told_at for claim in RegistrationClaim.objects.order_by("pk")] == [NOW, NOW]
    assert Message.objects.filter(template="registration/claimed", channel="LETTER").count() == 2


def test_what_a_site_registers_does_not_count_against_the_telephone(
    at_desk: Callable[..., Registration], settings: object
) -> None:
    settings.REGISTRATIONS_PER_PHONE = 1  # type: ignore[attr-defined]
    at_desk(OLENA, phone=JANA.phone)
    assert register(phone=JANA.phone, details=JANA.details(), language="cs", now=NOW)


# --- finding ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text", ["385512123", "385512/123", " 385512 123\u200b", "385\u00a0512\u00a0123", "385512\u2011123", "šářř+ě+ěš"]
)
def test_a_person_is_found_by_their_number_however_it_comes(at_desk: Callable[..., Registration], text: str) -> None:
    made = at_desk(MARIE.details().person)
    assert find(text, now=NOW) == made


def test_a_registration_is_found_by_its_number_as_pages_group_it(at_desk: Callable[..., Registration]) -> None:
    made = at_desk(OLENA)
    for text in (made.number, number.grouped(made.number), f" {made.number[:3]}-{made.number[3:]} "):
        assert find(text, now=NOW) == made


@pytest.mark.parametrize("text", ["", "0", "Marie", "385512124", "\x00", "9" * 500, "385512123x"])
def test_anything_else_finds_nobody(at_desk: Callable[..., Registration], text: str) -> None:
    at_desk(MARIE.details().person)
    assert find(text, now=NOW) is None


def test_digits_that_are_two_peoples_are_not_guessed(at_desk: Callable[..., Registration]) -> None:
    marie, petr = at_desk(MARIE.details().person), at_desk(PETR.details().person)
    digits = next(f"385512{end:03}" for end in range(1000) if number.is_valid(f"385512{end:03}"))
    Registration.objects.filter(pk=petr.pk).update(number=digits)
    Person.objects.filter(pk=marie.person_id).update(insured_number_hash=lookup_hash(digits))
    with pytest.raises(TwoPeopleFound):
        find(digits, now=NOW)


# --- contact, course, sex -----------------------------------------------------------------------


def test_contact_data_are_corrected_and_unchanged_ones_leave_no_history(registrar: User, db: None) -> None:
    registration = make_registration()
    told = {"email": "", "street": "Dlouhá 1", "city": "Praha", "postcode": "11000", "by": registrar}
    correct_contact(registration=registration, phone=str(registration.phone), **told)  # type: ignore[arg-type]
    events = registration.events  # type: ignore[attr-defined]
    assert events.count() == 1
    changed = correct_contact(registration=registration, phone="", **(told | {"city": "Brno"}))  # type: ignore[arg-type]
    assert (str(changed.phone), changed.person.city) == ("", "Brno")
    assert events.count() == 2
    assert events.last().pgh_context.metadata["operation"] == "registration.correct_contact"


def test_a_name_in_another_script_gets_the_spelling_of_the_travel_document(registrar: User, db: None) -> None:
    registration = make_registration()
    Person.objects.update(first_name="Оксана", last_name="Шевченко")
    for _twice in range(2):
        person = spell_in_latin(registration=registration, first_name="Oksana", last_name="Shevchenko", by=registrar)
    assert (person.latin_first_name, person.latin_last_name) == ("OKSANA", "SHEVCHENKO")
    event = person.events.last()  # type: ignore[attr-defined]
    assert person.events.filter(pgh_context=event.pgh_context).count() == 1  # type: ignore[attr-defined]
    context = event.pgh_context.metadata
    assert (context["operation"], context["user"]) == ("registration.spell_in_latin", registrar.pk)
    for wrong in (("", "SHEVCHENKO"), ("Оксана", "SHEVCHENKO"), ("'", "SHEVCHENKO")):
        with pytest.raises(SpellingNeedsLatinLetters):
            spell_in_latin(registration=registration, first_name=wrong[0], last_name=wrong[1], by=registrar)


def test_a_latin_name_needs_no_spelling_and_a_joined_row_is_not_spelled(registrar: User, db: None) -> None:
    registration, standing = make_registration(), make_registration().person
    Person.objects.filter(pk=standing.pk).update(first_name="Ян", last_name="Nguyễn")
    Person.objects.filter(pk=registration.person_id).update(merged_into=standing)
    registration = Registration.objects.get(pk=registration.pk)
    person = spell_in_latin(registration=registration, first_name="Jan", last_name="", by=registrar)
    assert (person.pk, person.latin_first_name, person.latin_last_name) == (standing.pk, "JAN", "")


def changed(registrar: User, registration: Registration, *, phone: str, email: str) -> None:
    address = {"street": "", "city": "", "postcode": ""}
    correct_contact(registration=registration, phone=phone, email=email, by=registrar, **address)


def test_another_telephone_is_told_to_the_one_before_and_to_the_email(registrar: User, db: None) -> None:
    registration = make_registration(phone="+420601111111", email="jana@seznam.cz")
    changed(registrar, registration, phone="+420602222222", email="jana@seznam.cz")
    (text,) = texts_to("+420601111111", "registration/contact_changed")
    assert breakable(grouped(registration.number)) in breakable(text)
    assert "1221" in text
    assert texts_to("jana@seznam.cz", "registration/contact_changed")
    assert not texts_to("+420602222222", "registration/contact_changed")


def test_a_first_telephone_and_an_unchanged_contact_tell_nobody(registrar: User, db: None) -> None:
    registration = make_registration(phone="", email="jana@seznam.cz")
    changed(registrar, registration, phone="+420602222222", email="jana@seznam.cz")
    changed(registrar, registration, phone="+420602222222", email="jana@seznam.cz")
    assert not texts_to("jana@seznam.cz", "registration/contact_changed")


def test_another_email_is_told_to_the_one_before(registrar: User, db: None) -> None:
    registration = make_registration(phone="+420601111111", email="jana@seznam.cz")
    changed(registrar, registration, phone="+420601111111", email="jana@centrum.cz")
    assert texts_to("jana@seznam.cz", "registration/contact_changed")
    assert not texts_to("+420601111111", "registration/contact_changed")


def test_what_is_not_said_when_registering_anew_stays_known(at_desk: Callable[..., Registration]) -> None:
    told = replace(OLENA, insurer="111", street="Dlouhá 1", city="Brno", postcode="60200")
    cancel(Registration.objects.filter(pk=at_desk(told).pk))
    silent = replace(OLENA, latin_first_name="", latin_last_name="")
    again = at_desk(silent)
    person = again.person
    assert (person.latin_last_name, person.insurer, person.city) == ("SHEVCHENKO", "111", "Brno")
    cancel(Registration.objects.filter(pk=again.pk))
    moved = at_desk(replace(silent, last_name="Коваль", city="Praha")).person
    assert (moved.latin_last_name, moved.street, moved.city) == ("", "", "Praha")


def test_the_course_is_kept_and_what_stands_already_leaves_no_history(db: None) -> None:
    registration = make_registration()
    done = {"registration_id": registration.pk, "received": Received(2), "is_complete": True}
    assert [keep(**done), keep(**done)] == [True, False]  # type: ignore[arg-type]
    registration.refresh_from_db()
    assert (registration.state, registration.doses_received) == ("COMPLETED", 2)
    assert registration.events.count() == 2  # type: ignore[attr-defined]
    assert keep(registration_id=registration.pk, received=Received(1), is_complete=False)
    registration.refresh_from_db()
    assert (registration.state, registration.doses_received) == ("ACTIVE", 1)


def test_a_cancelled_registration_stays_cancelled(db: None) -> None:
    registration = make_registration(state="CANCELLED", ending="STAFF", ended_at=NOW)
    assert not keep(registration_id=registration.pk, received=Received(1), is_complete=False)


@pytest.mark.parametrize(
    ("number_", "sex", "said"),
    [
        ("385512123", "", "F"),
        ("360314456", "", "M"),
        ("0421010004", "", "M"),
        ("0471010009", "", "F"),
        ("610968123", "", "M"),
        ("817952123", "", "F"),
        ("612968123", "", "M"),
        ("385512123", "X", "X"),
        (None, "F", "F"),
        (None, "", ""),
    ],
)
def test_the_sex_is_that_of_the_row_or_of_the_number(number_: str | None, sex: str, said: str) -> None:
    assert sex_of(Person(insured_number=number_, sex=sex)) == said


# --- at once ------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("who", [OLENA, MARIE.details().person], ids=["document", "number"])
def test_two_desks_with_one_person_make_one_person_and_one_registration(
    at_desk: Callable[..., Registration], who: PersonDetails
) -> None:
    outcomes = race(*[lambda: at_desk(who)] * 4)
    assert tally(outcomes) == {"Registration": 1, "AlreadyRegistered": 3}
    assert (Person.objects.count(), Registration.objects.count()) == (1, 1)
    first = Registration.objects.get()
    refusals = [outcome for outcome in outcomes if isinstance(outcome, AlreadyRegistered)]
    assert {refusal.registration for refusal in refusals} == {first}


@pytest.mark.django_db(transaction=True)
def test_control_twin_without_the_wait_both_desks_find_nobody_and_only_the_index_stops_the_second(db: None) -> None:
    both_have_looked = threading.Barrier(2, timeout=30)

    def careless() -> Person:
        assert not Person.objects.filter(document_hash=PASSPORT.lookup_hash).exists()
        both_have_looked.wait()
        try:
            return Person.objects.create(
                first_name="Olena", last_name="S", birth_date=OLENA.birth_date, document_hash=PASSPORT.lookup_hash
            )
        finally:
            connections.close_all()

    assert tally(race(careless, careless)) == {"Person": 1, "IntegrityError": 1}
