"""Whoever calls is found by what they say: any number of theirs, in any shape, or their name."""

from datetime import date, datetime, timedelta

import pytest
from django.contrib.auth.models import User

from crs.tries import Limit
from registration.desk import searching
from registration.desk.errors import EmailIsNotSearched, NameWithNumber, NotEnoughToSearch, TooManySearches
from registration.desk.searching import Found
from registration.models import LineRequest, Person, Registration, RegistrationClaim
from registration.number import next_number
from registration.people.identity_document import IdentityDocument
from registration.people.insured_number import lookup_hash
from tests.factories import NOW, make_account, make_registration

pytestmark = pytest.mark.django_db
BORN = date(1938, 5, 12)


@pytest.fixture
def by() -> User:
    return make_account("eva")


@pytest.fixture
def marie() -> Registration:
    found = make_registration(number=next_number(), phone="+420601234567", landline="+420541123456", birth_date=BORN)
    _name(found, "Marie", "Dvořáková", insured_number="385512123", insured_number_hash=lookup_hash("385512123"))
    return found


def _name(registration: Registration, first: str, last: str, **more: object) -> None:
    Person.objects.filter(pk=registration.person_id).update(first_name=first, last_name=last, **more)


def look(text: str, by: User, born: date | None = None, now: datetime = NOW) -> Found:
    return searching.search(text, born=born, by=by, now=now)


@pytest.mark.parametrize(
    "text",
    [
        *(
            "385512/123",
            "385512 123",
            " 385512123\u200b",
            "٣٨٥٥١٢١٢٣",
            "601 234 567",
            "+420601234567",
            "00420 601-234-567",
        ),
        *(
            "00420 601-234-567",
            "541 123 456",
            "dvorakova",
            "DVOŘÁK",
            "marie dvořák",
            "Dvořáková Marie",
            "marie",
            "rie vor",
        ),
    ],
)
def test_marie_is_found_by_what_she_says(marie: Registration, by: User, text: str) -> None:
    make_registration()
    assert look(text, by).only == marie


def test_a_registration_number_leads_to_its_own_registration_also_where_it_ended(marie: Registration, by: User) -> None:
    old = make_registration(person=marie.person, number=next_number(), state="CANCELLED", ending="LEFT", ended_at=NOW)
    assert look(" ".join(old.number), by).only == old
    assert look(marie.number, by).only == marie
    assert look("385512123", by).only == marie


def test_a_document_is_found_by_its_number_alone(marie: Registration, by: User) -> None:
    passport = IdentityDocument("PASSPORT", "UA", "FE123456")
    Person.objects.filter(pk=marie.person_id).update(document_hash=passport.lookup_hash)
    assert look("fe 123-456", by).only == marie


@pytest.mark.parametrize(
    ("first", "last", "text"),
    [
        ("Тарас", "Шевченко", "шевченко"),
        ("Văn Đức", "Nguyễn", "nguyen duc"),
        ("Øystein", "Łukasz", "lukasz"),
        ("Jean", "d'Červenková", "d’cervenkova"),
        ("", "王小明", "王"),
        ("A", "100%_x", "100%_"),
    ],
)
def test_names_in_any_script_are_found(marie: Registration, by: User, first: str, last: str, text: str) -> None:
    other = make_registration()
    _name(other, first, last)
    lines = look(text, by).lines if not text.startswith("100") else ()
    assert [line.registration for line in lines] == ([other] if lines else [])
    assert lines or text.startswith("100")


def test_the_latin_spelling_is_a_name_too(by: User) -> None:
    other = make_registration()
    _name(other, "Тарас", "Шевченко", latin_last_name="SHEVCHENKO")
    assert look("Shev", by).only == other


def test_a_date_of_birth_narrows_a_name_and_finds_the_second_surname(marie: Registration, by: User) -> None:
    other = make_registration(birth_date=BORN + timedelta(days=1))
    for one in (marie, other):
        _name(one, "Marie", "Dvořáková Malá")
    assert len(look("dvořáková", by).lines) == 2
    assert look("mala", by, BORN).only == marie


def test_many_people_of_one_name_are_bounded(by: User) -> None:
    for _one in range(searching.MOST_SHOWN + 1):
        make_registration()
    found = look("Nováková", by)
    assert (len(found.lines), found.has_more, found.only) == (searching.MOST_SHOWN, True, None)


def test_the_number_of_a_joined_record_leads_to_the_one_that_stays(marie: Registration, by: User) -> None:
    kept = make_registration()
    Registration.objects.filter(pk=marie.pk).update(state="CANCELLED", ending="MERGED", ended_at=NOW)
    Person.objects.filter(pk=marie.person_id).update(merged_into=kept.person)
    assert look("385512/123", by).only == kept
    assert [line.person for line in look("601234567", by).lines] == [kept.person]


def test_the_number_of_a_claim_or_a_request_leads_there(marie: Registration, by: User) -> None:
    claim = RegistrationClaim.objects.create(
        number=next_number(), person=marie.person, phone="+420602345678", typed='{"birth_date": "1980-01-01"}'
    )
    request = LineRequest.objects.create(
        number=next_number(), phone="+420602345678", language="uk", typed='{"birth_date": "1980-01-01"}'
    )
    assert look(claim.number, by).claim == claim
    assert look(request.number, by).request == request


@pytest.mark.parametrize("text", ["", "x", "a b", "%", "\x00", "- -"])
def test_too_little_finds_nobody(marie: Registration, by: User, text: str) -> None:
    with pytest.raises(NotEnoughToSearch):
        look(text, by)


@pytest.mark.parametrize(
    ("text", "refusal"),
    [
        ("Dvořáková 1. 5. 1940", NameWithNumber),
        ("Dvořáková 1940", NameWithNumber),
        ("王 1940", NameWithNumber),
        ("marie@seznam.cz", EmailIsNotSearched),
        ("marie1940@seznam.cz", EmailIsNotSearched),
    ],
)
def test_what_is_searched_otherwise_is_said_in_words(
    marie: Registration, by: User, text: str, refusal: type[NotEnoughToSearch]
) -> None:
    with pytest.raises(refusal):
        look(text, by)


@pytest.mark.parametrize("text", ["123", "9" * 50, "٣٨٥٥١٢١٢٤", "FE1%"])
def test_a_number_of_nobody_finds_nobody(marie: Registration, by: User, text: str) -> None:
    assert look(text, by) == Found()


def test_whoever_searches_without_end_is_stopped(
    marie: Registration, by: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(searching, "SEARCHES", Limit("x", 2, timedelta(hours=1)))
    look("dvorak", by)
    look("dvorak", by)
    with pytest.raises(TooManySearches):
        look("dvorak", by)
    assert look("dvorak", by, now=NOW + timedelta(hours=2)).only == marie
