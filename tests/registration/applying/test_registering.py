"""Registering, and what a second registration of the same person does."""

import threading
from dataclasses import replace
from datetime import date, timedelta

import pytest
from django.db import IntegrityError, connection
from pytest_django import Settings
from stdnum.iso7064 import mod_11_10

from crs.messaging.models import Message
from crs.no_break import breakable
from registration import number
from registration.applying.errors import AlreadyRegistered, TooManyRegistrations
from registration.applying.registering import Details, Made, register
from registration.codes.using import code_hash
from registration.codes.written import CODE_DIGITS, checked
from registration.errors import RegistrationError
from registration.groups.eligibility import of_registration
from registration.groups.errors import TooYoung
from registration.mine.entries import of_phone
from registration.models import (
    CodeBatch,
    Person,
    PriorityClaim,
    PriorityGroup,
    Registration,
    RegistrationClaim,
    RegistrationCode,
)
from registration.number import grouped
from tests.cast import ADAM, ELISKA, JANA, KAREL, LINH, MARIE, PETR, CastMember
from tests.factories import NOW, make_account
from tests.registration.conftest import texts_to

# Children grow up, and rules change with the days.
pytestmark = pytest.mark.usefixtures("clock")


def moved(member: CastMember) -> Details:
    """What the form makes of it where the person says another town."""
    told = member.details()
    return replace(told, person=replace(told.person, city="Praha"))


def group_of(made: object) -> str:
    """The group in which a registered person waits."""
    assert isinstance(made, Registration)
    best = of_registration(made, now=NOW).best
    assert best
    return best.group.code


def cancel_all() -> None:
    Registration.objects.update(state="CANCELLED", ending="STAFF", ended_at=NOW)


@pytest.mark.django_db
def test_marie_is_registered_in_the_group_over_80() -> None:
    made = register(phone=MARIE.phone, details=MARIE.details(), language="cs", now=NOW)
    assert isinstance(made, Registration)
    assert (group_of(made), made.person.birth_date) == ("age-80", date(1938, 5, 12))
    assert made.person.insured_number == "385512123"
    assert number.is_valid(made.number)


@pytest.mark.django_db
def test_the_insured_number_is_encrypted_in_the_database() -> None:
    register(phone=MARIE.phone, details=MARIE.details(), language="cs", now=NOW)
    with connection.cursor() as cursor:
        cursor.execute("SELECT row_to_json(p)::text FROM registration_person p")
        (row,) = cursor.fetchone() or ("",)
    assert "385512" not in row


@pytest.mark.django_db
@pytest.mark.parametrize("language", ["cs", "en"])
def test_the_number_comes_by_sms_in_one_part_and_by_email(language: str) -> None:
    made = register(phone=MARIE.phone, details=MARIE.details(), language=language, now=NOW)
    (sms,) = texts_to(MARIE.phone, "registration/registered")
    (email,) = texts_to("marie@seznam.cz", "registration/registered")
    assert breakable(grouped(made.number)) in breakable(sms)
    assert grouped(made.number) in email
    assert sms.isascii()
    assert len(sms) <= 160


@pytest.mark.django_db
def test_without_an_email_only_the_sms_goes() -> None:
    register(phone=KAREL.phone, details=KAREL.details(), language="cs", now=NOW)
    assert texts_to(KAREL.phone, "registration/registered")
    assert not texts_to("", "registration/registered")


@pytest.mark.django_db
def test_one_telephone_registers_several_persons() -> None:
    for person in (MARIE, KAREL, JANA):
        register(phone=JANA.phone, details=person.details(), language="cs", now=NOW)
    assert {str(entry.person) for entry in of_phone(JANA.phone)} == {MARIE.name, KAREL.name, JANA.name}


@pytest.mark.django_db
def test_the_same_person_from_the_same_telephone_is_led_to_what_exists() -> None:
    made = register(phone=MARIE.phone, details=MARIE.details(), language="cs", now=NOW)
    changed = moved(MARIE)
    with pytest.raises(AlreadyRegistered) as refusal:
        register(phone=MARIE.phone, details=changed, language="cs", now=NOW)
    assert refusal.value.registration == made
    assert Person.objects.get().city == "Brno"
    assert len(texts_to(MARIE.phone, "registration/registered")) == 1


@pytest.mark.django_db
def test_the_same_person_from_another_telephone_becomes_a_claim_and_the_first_telephone_is_told() -> None:
    made = register(phone=MARIE.phone, details=MARIE.details(), language="cs", now=NOW)
    claim = register(phone=JANA.phone, details=moved(MARIE), language="en", now=NOW)
    assert isinstance(claim, RegistrationClaim)
    assert Registration.objects.get() == made
    assert Person.objects.get().city == "Brno"
    (told,) = texts_to(MARIE.phone, "registration/claimed")
    assert breakable(grouped(made.number)) in told
    assert len(told) <= 160
    assert JANA.phone not in told


def _in_sms(made: Made) -> str:
    return breakable(grouped(made.number))


@pytest.mark.django_db
def test_a_stranger_gets_the_same_answer_for_a_known_and_an_unknown_person() -> None:
    register(phone=MARIE.phone, details=MARIE.details(), language="cs", now=NOW)
    known = register(phone=JANA.phone, details=MARIE.details(), language="cs", now=NOW)
    unknown = register(phone=JANA.phone, details=KAREL.details(), language="cs", now=NOW)
    first, second = texts_to(JANA.phone, "registration/registered")
    # Each begins with the name that this telephone typed.
    said = (first.removeprefix("Marie D.: "), second.removeprefix("Karel N.: "))
    assert said[0].replace(_in_sms(known), "N") == said[1].replace(_in_sms(unknown), "N")
    shown = of_phone(JANA.phone)
    assert {str(entry.person) for entry in shown} == {MARIE.name, KAREL.name}
    assert len({entry.registration.state for entry in shown}) == 1


@pytest.mark.django_db
def test_a_second_claim_from_the_same_telephone_sends_nothing_more() -> None:
    register(phone=MARIE.phone, details=MARIE.details(), language="cs", now=NOW)
    claim = register(phone=JANA.phone, details=MARIE.details(), language="cs", now=NOW)
    with pytest.raises(AlreadyRegistered) as refusal:
        register(phone=JANA.phone, details=MARIE.details(), language="cs", now=NOW)
    assert refusal.value.registration == claim
    assert len(texts_to(MARIE.phone, "registration/claimed")) == 1


@pytest.mark.django_db
def test_a_cancelled_registration_makes_room_for_a_new_one() -> None:
    register(phone=MARIE.phone, details=MARIE.details(), language="cs", now=NOW)
    cancel_all()
    again = register(phone=JANA.phone, details=moved(MARIE), language="cs", now=NOW)
    assert isinstance(again, Registration)
    assert Person.objects.get().city == "Praha"
    assert len(texts_to(MARIE.phone, "registration/registered_anew")) == 1
    cancel_all()
    register(phone=JANA.phone, details=moved(MARIE), language="cs", now=NOW)
    assert Message.objects.filter(template="registration/registered_anew").count() == 1


@pytest.mark.django_db
def test_a_child_is_refused_with_a_way_on_and_nothing_is_kept() -> None:
    with pytest.raises(TooYoung) as refusal:
        register(phone=JANA.phone, details=ADAM.details(), language="cs", now=NOW)
    assert "1221" in str(refusal.value)
    assert not Person.objects.exists()


@pytest.mark.django_db
def test_a_reason_counts_where_its_score_is_higher_than_the_age() -> None:
    health_worker = PriorityGroup.objects.get(code="health-workers")
    made = register(phone=JANA.phone, details=replace(JANA.details(), reason=health_worker), language="cs", now=NOW)
    assert group_of(made) == "health-workers"


@pytest.mark.django_db
def test_history_says_who_made_the_registration() -> None:
    made = register(phone=MARIE.phone, details=MARIE.details(), language="cs", now=NOW)
    assert isinstance(made, Registration)
    event = made.events.get()  # type: ignore[attr-defined]
    assert event.pgh_context.metadata == {"operation": "registration.register"}


@pytest.mark.django_db
def test_numbers_have_nine_digits_and_the_last_one_checks_the_others() -> None:
    first, second = number.next_number(), number.next_number()
    assert len(first) == len(second) == 9
    assert int(second[:8]) == int(first[:8]) + 1
    assert mod_11_10.is_valid(first)
    assert not number.is_valid(first[:8] + str((int(first[8]) + 1) % 10))
    assert number.grouped("100000014") == "100\u00a0000\u00a0014"


# --- limits -----------------------------------------------------------------------------------------


def _register(person: CastMember, phone: str, *, hours: float = 0) -> str:
    """What registering `person` from `phone` comes to, so many hours from now."""
    try:
        made = register(phone=phone, details=person.details(), language="en", now=NOW + timedelta(hours=hours))
    except RegistrationError as refusal:
        return type(refusal).__name__
    return type(made).__name__


@pytest.mark.django_db
def test_a_telephone_registers_and_claims_its_share_of_persons_in_24_hours_and_no_more(settings: Settings) -> None:
    settings.REGISTRATIONS_PER_PHONE = 2
    for known in (MARIE, KAREL):
        _register(known, known.phone)
    assert [_register(one, JANA.phone, hours=1) for one in (MARIE, JANA)] == ["RegistrationClaim", "Registration"]
    # A known person and an unknown one get one answer, and nothing is kept of either.
    assert [_register(one, JANA.phone, hours=24) for one in (KAREL, LINH)] == ["TooManyRegistrations"] * 2
    assert RegistrationClaim.objects.count() == 1
    assert not texts_to(KAREL.phone, "registration/claimed")
    assert not Person.objects.filter(last_name=LINH.last_name).exists()
    assert _register(LINH, PETR.phone, hours=24) == "Registration"
    assert [_register(one, JANA.phone, hours=25) for one in (KAREL, PETR)] == ["RegistrationClaim", "Registration"]


@pytest.mark.django_db
def test_only_what_was_made_counts(settings: Settings) -> None:
    settings.REGISTRATIONS_PER_PHONE = 2
    came_to = [_register(one, JANA.phone) for one in (ADAM, MARIE, MARIE, ELISKA, KAREL, KAREL, PETR)]
    assert came_to == [
        *("TooYoung", "Registration", "AlreadyRegistered", "NotYetOpen"),
        # A second click on the last one allowed is led to what the first has made.
        *("Registration", "AlreadyRegistered", "TooManyRegistrations"),
    ]


@pytest.mark.django_db
def test_over_the_limit_the_words_say_what_to_do_today() -> None:
    assert "1221" in str(TooManyRegistrations(20))
    assert "20" in str(TooManyRegistrations(20))


@pytest.mark.django_db
def test_a_registered_person_is_told_of_claims_once_in_24_hours_and_each_claim_is_kept() -> None:
    _register(MARIE, MARIE.phone)
    told = []
    for hours, claimant in ((1, JANA), (2, KAREL), (24, PETR), (25, LINH)):
        assert _register(MARIE, claimant.phone, hours=hours) == "RegistrationClaim"
        told.append(len(texts_to(MARIE.phone, "registration/claimed")))
    # From the claim that told, not from the last one: a stream of claims silences nothing for longer.
    assert told == [1, 1, 1, 2]
    assert RegistrationClaim.objects.count() == 4


@pytest.mark.django_db
def test_two_registered_persons_of_one_telephone_are_told_of_each() -> None:
    for person in (MARIE, KAREL):
        _register(person, MARIE.phone)
        _register(person, JANA.phone)
    assert len(texts_to(MARIE.phone, "registration/claimed")) == 2


# --- at once ----------------------------------------------------------------------------------------


def _in_threads(count: int, action: "object") -> list[str]:
    barrier, outcome = threading.Barrier(count, timeout=30), []

    def run(position: int) -> None:
        barrier.wait()
        try:
            outcome.append(type(action(position)).__name__)  # type: ignore[operator]
        except Exception as error:
            outcome.append(type(error).__name__)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(position,)) for position in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sorted(outcome)


@pytest.mark.django_db(transaction=True)
def test_two_browsers_at_once_make_one_registration() -> None:
    outcome = _in_threads(
        5, lambda _position: register(phone=MARIE.phone, details=MARIE.details(), language="cs", now=NOW)
    )
    assert outcome == ["AlreadyRegistered"] * 4 + ["Registration"]
    assert len(texts_to(MARIE.phone, "registration/registered")) == 1


@pytest.mark.django_db(transaction=True)
def test_two_telephones_at_once_make_one_registration_and_one_claim() -> None:
    phones = (MARIE.phone, JANA.phone)
    outcome = _in_threads(
        2, lambda place: register(phone=phones[place], details=MARIE.details(), language="cs", now=NOW)
    )
    assert outcome == ["Registration", "RegistrationClaim"]


@pytest.mark.django_db(transaction=True)
def test_control_twin_without_the_persons_lock_both_find_nobody_and_only_the_constraint_stops_them() -> None:
    """Check, then create, with nothing locked: the race that `register` closes at the person's row."""
    register(phone=MARIE.phone, details=MARIE.details(), language="cs", now=NOW - timedelta(days=1))
    cancel_all()
    person = Person.objects.get()
    both_have_looked = threading.Barrier(2, timeout=30)

    def careless(_position: int) -> Registration:
        assert not Registration.objects.active().filter(person=person).exists()
        both_have_looked.wait()
        return Registration.objects.create(
            number=number.next_number(), person=person, phone=MARIE.phone, consented_at=NOW
        )

    assert _in_threads(2, careless) == [IntegrityError.__name__, "Registration"]


@pytest.mark.django_db(transaction=True)
def test_a_telephone_in_many_browsers_at_once_keeps_to_its_share(settings: Settings) -> None:
    settings.REGISTRATIONS_PER_PHONE = 2
    _register(MARIE, MARIE.phone, hours=-48)
    people = (MARIE, KAREL, JANA, PETR, LINH)
    outcome = _in_threads(5, lambda place: register_from_jana(people[place]))
    assert outcome.count("TooManyRegistrations") == 3
    assert Registration.objects.filter(phone=JANA.phone).count() + RegistrationClaim.objects.count() == 2


def register_from_jana(person: CastMember) -> Made:
    return register(phone=JANA.phone, details=person.details(), language="cs", now=NOW)


@pytest.mark.django_db(transaction=True)
def test_control_twin_without_the_telephones_lock_two_browsers_count_before_either_registers() -> None:
    for person in (MARIE, KAREL):
        _register(person, person.phone)
    cancel_all()
    people = list(Person.objects.all())
    both_have_counted = threading.Barrier(2, timeout=30)

    def careless(place: int) -> Registration:
        assert not Registration.objects.filter(phone=JANA.phone).exists()  # a limit of one
        both_have_counted.wait()
        return Registration.objects.create(
            number=number.next_number(), person=people[place], phone=JANA.phone, consented_at=NOW
        )

    assert _in_threads(2, careless) == ["Registration"] * 2


@pytest.mark.django_db(transaction=True)
def test_two_claims_at_once_tell_once() -> None:
    _register(MARIE, MARIE.phone)
    phones = (JANA.phone, KAREL.phone)
    outcome = _in_threads(
        2, lambda place: register(phone=phones[place], details=MARIE.details(), language="cs", now=NOW)
    )
    assert outcome == ["RegistrationClaim"] * 2
    assert len(texts_to(MARIE.phone, "registration/claimed")) == 1


@pytest.mark.django_db(transaction=True)
def test_two_browsers_at_once_hand_one_person_over_once() -> None:
    health = PriorityGroup.objects.get(code="health-workers")
    details = replace(LINH.details(), reason=health)
    outcome = _in_threads(3, lambda _place: register(phone=LINH.phone, details=details, language="cs", now=NOW))
    assert outcome == ["AlreadyHandedOver"] * 2 + ["LineRequest"]
    assert len(texts_to(LINH.phone, "registration/handed_over")) == 1


@pytest.mark.django_db(transaction=True)
def test_one_code_for_one_person_in_two_browsers_at_once_proves_one_claim() -> None:
    school = PriorityGroup.objects.get(code="school-staff")
    code = checked(7, digits=CODE_DIGITS)
    batch = CodeBatch.objects.create(group=school, issued_to="ZŠ", issued_by=make_account("issuer"), key_hash="k")
    RegistrationCode.objects.create(batch=batch, code_hash=code_hash(code), ending=code[-4:])
    people = (JANA, PETR)
    outcome = _in_threads(
        2,
        lambda place: register(
            phone=people[place].phone,
            details=replace(people[place].details(), reason=school, code=code),
            language="cs",
            now=NOW,
        ),
    )
    assert outcome == ["CodeUsed", "Registration"]
    assert PriorityClaim.objects.get().state == "PROVEN"
