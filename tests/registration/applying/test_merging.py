"""Two records of one person become one, and can be taken apart again; nothing is lost."""

import threading
from dataclasses import replace
from datetime import date, timedelta
from functools import partial
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connections, transaction

from crs.messaging.models import Message
from registration.applying import at_a_site, merging
from registration.applying.errors import (
    BetterPlaceStays,
    BothHaveJoined,
    KeepTheRegistered,
    NotOnePerson,
    OtherRecordHasJoined,
    RecordIsJoined,
    SameRecord,
    TakenApartBefore,
)
from registration.codes import using
from registration.models import CodeUse, Person, PersonMerge, Registration
from registration.people import persons
from registration.people.errors import PersonIsBusy
from registration.people.identity_document import IdentityDocument
from registration.people.insured_number import lookup_hash, parse
from registration.people.persons import PersonDetails
from registration.signals import people_merged
from tests.cast import MARIE
from tests.factories import NOW, make_account, make_codes, make_registration, make_site
from tests.race import race, tally
from tests.waiting import wait_until_somebody_waits

MERGED = Registration.Ending.MERGED


@pytest.fixture
def by(db: None) -> User:
    return make_account("eva")


def joined(one: Registration, other: Registration, by: User) -> PersonMerge:
    return merging.merge(kept=one.person, joined=other.person, reason="Dvě čísla pojištěnce", by=by, now=NOW)


def test_the_second_registration_ends_and_both_records_count_as_one(by: User) -> None:
    kept, other = make_registration(), make_registration()
    told: list[tuple[int, int]] = []

    def receiver(sender: object, kept_id: int, joined_id: int, **kwargs: object) -> None:
        told.append((kept_id, joined_id))

    people_merged.connect(receiver)
    made = joined(kept, other, by)
    people_merged.disconnect(receiver)
    other.refresh_from_db()
    assert (other.state, other.ending, made.ended_registration) == ("CANCELLED", MERGED, other)
    assert persons.standing_for(Person.objects.get(pk=other.person_id)) == kept.person
    assert set(persons.rows_of(kept.person)) == {kept.person, other.person}
    assert told == [(kept.person_id, other.person_id)]
    assert made.reason == "Dvě čísla pojištěnce"


def test_taken_apart_each_has_its_registration_again(by: User) -> None:
    kept, other = make_registration(), make_registration()
    made = joined(kept, other, by)
    assert merging.take_apart(merge=made, by=by, now=NOW) == other
    other.refresh_from_db()
    assert (other.state, other.ending) == ("ACTIVE", "")
    assert persons.rows_of(kept.person).get() == kept.person
    made.refresh_from_db()
    assert (made.undone_at, made.undone_by) == (NOW, by)
    with pytest.raises(TakenApartBefore):
        merging.take_apart(merge=made, by=by, now=NOW)
    assert joined(kept, other, by).pk != made.pk  # and joined once more


def test_a_registration_that_staff_ended_later_is_not_opened_by_taking_apart(by: User) -> None:
    kept, other = make_registration(), make_registration()
    made = joined(kept, other, by)
    Registration.objects.filter(pk=other.pk).update(ending="STAFF")
    assert merging.take_apart(merge=made, by=by, now=NOW) is None
    assert Registration.objects.get(pk=other.pk).state == "CANCELLED"


def test_only_records_that_can_be_of_one_person_are_joined(by: User) -> None:
    first, second, third = make_registration(), make_registration(), make_registration()
    stranger = make_registration(birth_date=first.person.birth_date.replace(year=1950))
    with pytest.raises(SameRecord):
        joined(first, first, by)
    with pytest.raises(NotOnePerson):
        joined(first, stranger, by)
    joined(first, second, by)
    for kept, other in ((third, second), (second, third), (first, second)):
        with pytest.raises(RecordIsJoined):
            joined(kept, other, by)
    with pytest.raises(OtherRecordHasJoined):
        joined(third, first, by)
    joined(first, third, by)  # a third record is joined into the same one
    assert PersonMerge.objects.count() == 2


def test_a_document_with_a_mistyped_date_of_birth_is_joined_with_an_insured_number(by: User) -> None:
    kept, other = make_registration(), make_registration(birth_date=NOW.date().replace(year=1951))
    Person.objects.filter(pk=other.person_id).update(insured_number=None, insured_number_hash="", document_hash="x")
    other.person.refresh_from_db()
    assert joined(kept, other, by)


def test_the_record_with_the_registration_is_the_one_that_stays(by: User) -> None:
    kept, other = make_registration(), make_registration()
    Registration.objects.filter(pk=kept.pk).update(state="CANCELLED", ending="STAFF", ended_at=NOW)
    with pytest.raises(KeepTheRegistered):
        joined(kept, other, by)
    assert joined(other, kept, by).ended_registration is None


def test_the_registration_with_the_better_place_in_the_order_is_the_one_that_stays(by: User) -> None:
    born = date(1990, 1, 1)
    plain, early = (
        make_registration(birth_date=born),
        make_registration(birth_date=born, created_at=NOW - timedelta(days=30)),
    )
    worker = make_registration(birth_date=born, claims={"health-workers": "PROVEN"})
    for kept, other in ((plain, early), (plain, worker), (early, worker)):
        with pytest.raises(BetterPlaceStays):
            joined(kept, other, by)
    joined(worker, early, by)
    joined(worker, plain, by)
    worker.refresh_from_db()
    assert worker.state == "ACTIVE"


def test_a_mistyped_date_of_birth_is_no_better_place(by: User) -> None:
    kept, other = make_registration(), make_registration(birth_date=NOW.date().replace(year=1920))
    Person.objects.filter(pk=other.person_id).update(insured_number=None, insured_number_hash="", document_hash="x")
    other.person.refresh_from_db()
    assert joined(kept, other, by)


def test_a_code_stays_used_by_the_record_that_was_joined(by: User) -> None:
    kept, other = make_registration(claims={"carers": "PROVEN"}), make_registration(claims={"carers": "PENDING"})
    _batch, (code,) = make_codes()
    claim = other.priority_claims.get()
    with using.counted_try(text=code, phone=str(other.phone), now=NOW) as code_try:
        assert code_try
        using.use(code_try=code_try, claim=claim, now=NOW)
    made = joined(kept, other, by)
    merging.take_apart(merge=made, by=by, now=NOW)
    claim.refresh_from_db()
    assert (claim.state, CodeUse.objects.get().claim) == ("PROVEN", claim)


def test_the_record_of_somebody_who_died_is_taken_apart_too(by: User) -> None:
    kept, other = make_registration(), make_registration()
    made = joined(kept, other, by)
    Person.objects.filter(pk=other.person_id).update(died_on=NOW.date())
    assert merging.take_apart(merge=made, by=by, now=NOW) is None
    assert Person.objects.get(pk=other.person_id).merged_into is None


def test_of_two_pairs_one_is_taken_apart_first(by: User) -> None:
    first, second, third, fourth = (make_registration() for _number in range(4))
    joined(first, second, by)
    made = joined(third, fourth, by)
    for kept, other in ((first, third), (third, first)):
        with pytest.raises(BothHaveJoined):
            joined(kept, other, by)
    merging.take_apart(merge=made, by=by, now=NOW)
    joined(first, third, by)
    joined(first, fourth, by)
    assert persons.rows_of(first.person).count() == 4


def _details(registration: Registration) -> PersonDetails:
    return PersonDetails(
        identity=parse(MARIE.insured_number, today=NOW.date()),
        first_name="Marie",
        last_name="Dvořáková",
        birth_date=registration.person.birth_date,
    )


def _marie() -> tuple[Registration, Registration]:
    """A registered person, and a second record under Marie's number without a registration."""
    kept = make_registration(created_at=NOW)
    number = parse(MARIE.insured_number, today=NOW.date())
    other = make_registration()
    Registration.objects.filter(pk=other.pk).update(state="CANCELLED", ending="STAFF", ended_at=NOW)
    other.person.insured_number_hash = lookup_hash(number.digits)
    other.person.save()
    return kept, other


def test_whoever_registers_with_the_joined_number_gets_the_record_that_stays(by: User) -> None:
    kept, other = _marie()
    joined(kept, other, by)
    who = _details(kept)
    found = persons.locked(who)
    assert found == kept.person
    persons.refuse_who_cannot_come(found, who)
    assert at_a_site.find(MARIE.insured_number, now=NOW) == kept


@pytest.mark.parametrize("is_handed_over", [True, False])
def test_whoever_cannot_come_stays_on_the_list_of_the_district(by: User, is_handed_over: bool) -> None:
    at_home: dict[str, Any] = {"is_immobile": True, "home_district_id": "CZ0642"}
    handed_over_at = NOW if is_handed_over else None
    kept, other = make_registration(), make_registration(**at_home, handed_over_at=handed_over_at)
    joined(kept, other, by)
    kept.refresh_from_db()
    assert (kept.is_immobile, kept.home_district_id, kept.handed_over_at) == (True, "CZ0642", handed_over_at)


@pytest.mark.django_db(transaction=True)
def test_of_two_who_join_crosswise_one_does(by: User) -> None:
    one, other = make_registration(created_at=NOW), make_registration(created_at=NOW)
    outcomes = race(partial(joined, one, other, by), partial(joined, other, one, by))
    assert tally(outcomes) == {"PersonMerge": 1, "RecordIsJoined": 1}
    assert Person.objects.exclude(merged_into=None).count() == 1
    assert Registration.objects.standing().count() == 1


@pytest.mark.django_db(transaction=True)
def test_without_the_locks_they_would_be_joined_in_a_ring(by: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(merging, "_locked", lambda *keys: _read_and_wait(*keys))
    monkeypatch.setattr(merging, "_refuse_or_second", lambda kept, joined, now: None)
    one, other = make_registration(), make_registration()
    race(partial(joined, one, other, by), partial(joined, other, one, by))
    assert Person.objects.exclude(merged_into=None).count() == 2


def _read_and_wait(*keys: int) -> dict[int, Person]:
    return Person.objects.in_bulk(keys)


@pytest.mark.django_db(transaction=True)
def test_who_registers_the_joined_number_meanwhile_never_stays_on_the_joined_record(by: User) -> None:
    site = make_site()
    for _round in range(3):
        kept, other = _marie()
        who = at_a_site.SiteDetails(_details(kept))
        register = partial(at_a_site.register_at_site, details=who, site=site, by=by, language="cs", now=NOW)
        outcomes = race(register, partial(joined, kept, other, by))
        standing = Registration.objects.standing().filter(person__in=[kept.person, other.person])
        # Either the joining was first, and the registration that stands is found, or the registration was: then the
        # second one ends with the joining.
        assert standing.get() == kept, outcomes
        other.person.insured_number_hash = f"x{other.pk:063}"
        other.person.save()


@pytest.mark.django_db(transaction=True)
def test_who_waited_for_a_record_that_was_joined_meanwhile_is_asked_to_send_again(by: User) -> None:
    kept, other = make_registration(), make_registration()
    passport = IdentityDocument("PASSPORT", "UA", "FE123456")
    Person.objects.filter(pk=other.person_id).update(document_hash=passport.lookup_hash)
    who, found = replace(_details(kept), identity=passport), []

    def look() -> None:
        try:
            with transaction.atomic():
                persons.locked(who)
        except PersonIsBusy as refusal:
            found.append(str(refusal))
        finally:
            connections.close_all()

    waiting = threading.Thread(target=look)
    with transaction.atomic():
        Person.objects.filter(pk=other.person_id).update(merged_into=kept.person)
        waiting.start()
        wait_until_somebody_waits()
    waiting.join()
    assert len(found) == 1
    with transaction.atomic():
        assert persons.locked(who) == kept.person


def test_the_person_is_told_that_the_second_registration_ended(by: User) -> None:
    kept, other = make_registration(), make_registration()
    joined(kept, other, by)
    assert [message.recipient for message in Message.objects.all()] == [str(other.phone)]
