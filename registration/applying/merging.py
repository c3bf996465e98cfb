"""Joining two records of one person, and taking them apart again.

Nothing is moved: doses, certificates and letters stay where they are, and count for the record that stays
(`persons.rows_of`, `persons.standing_for`). Of two registrations that hold, the one with the better place in the order
is the one that stays; claims and codes of the other one rest with it until the records are taken apart.
"""

from dataclasses import replace
from datetime import date, datetime
from functools import partial

from django.contrib.auth.models import User
from django.db import transaction

from crs import history, sent_forms
from crs.sent_forms import NO_FORM, Outcome, Sending
from registration.applying import ending
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
from registration.groups import eligibility
from registration.groups.rules import rules_at
from registration.models import Person, PersonMerge, Registration
from registration.operations import Operation
from registration.signals import people_merged, people_merging


def merge(
    *, kept: Person, joined: Person, reason: str, by: User, now: datetime, form: Sending = NO_FORM
) -> PersonMerge:
    """Let the record `kept` stand for the person of `joined`, too; a second registration that holds ends.

    Raises SameRecord, RecordIsJoined, OtherRecordHasJoined, BothHaveJoined, NotOnePerson, KeepTheRegistered,
    BetterPlaceStays, and FormChanged.
    """
    with history.recording(Operation.MERGE, by=by):
        outcome = sent_forms.once(form, partial(_merge, kept, joined, reason, by, now)) or {}
    return PersonMerge.objects.get(pk=outcome["merge"])


@transaction.atomic
def take_apart(*, merge: PersonMerge, by: User, now: datetime) -> Registration | None:
    """Let both records stand for themselves again; the registration that ended is opened again and returned.

    Times that were given back stay given back. Nothing is opened where the record has been registered anew, or its
    person is kept as deceased. Raises TakenApartBefore.
    """
    with history.recording(Operation.TAKE_APART, by=by):
        _locked(merge.kept_id, merge.joined_id)
        standing = PersonMerge.objects.filter(pk=merge.pk, undone_at=None)
        # The WHERE clause is the check: of two who take apart, the second waited at the rows and finds none.
        if not standing.update(undone_at=now, undone_by=by):
            raise TakenApartBefore
        Person.objects.filter(pk=merge.joined_id).update(merged_into=None)
        people_merged.send(Person, kept_id=merge.kept_id, joined_id=merge.joined_id)
        ended = merge.ended_registration
        if ended is None or not _ended_by_joining(ended):
            return None
        return ending.reopen(registration=ended, by=by, now=now)


def _merge(kept: Person, joined: Person, reason: str, by: User, now: datetime) -> Outcome:
    if kept.pk == joined.pk:
        raise SameRecord
    # Whoever registers one of the two, gives it a dose or joins it waits here, and then finds them joined.
    rows = _locked(kept.pk, joined.pk)
    ended = _refuse_or_second(rows[kept.pk], rows[joined.pk], now)
    people_merging.send(Person, kept_id=kept.pk, joined_id=joined.pk)
    if ended is not None:
        ending.end(registration=ended, ending=Registration.Ending.MERGED, by=by, now=now)
        if ended.is_immobile:
            _keep_cannot_come(kept, ended)
    Person.objects.filter(pk=joined.pk).update(merged_into=kept)
    made = PersonMerge.objects.create(
        kept=kept, joined=joined, ended_registration=ended, reason=reason, made_at=now, made_by=by
    )
    people_merged.send(Person, kept_id=kept.pk, joined_id=joined.pk)
    return {"merge": made.pk}


def _keep_cannot_come(kept: Person, ended: Registration) -> None:
    """Whoever cannot come stays on the list of a district; taking apart leaves it so, for it is said of the person."""
    stays = Registration.objects.standing().filter(person=kept, is_immobile=False)
    stays.update(is_immobile=True, home_district=ended.home_district, handed_over_at=ended.handed_over_at)


def _locked(*keys: int) -> dict[int, Person]:
    """Both rows, locked, the lower key first."""
    rows = Person.objects.select_for_update(of=("self",), no_key=True).filter(pk__in=keys).order_by("pk")
    return {person.pk: person for person in rows}


def _refuse_or_second(kept: Person, joined: Person, now: datetime) -> Registration | None:
    """The standing registration of the record that is to be joined; raises why the two are not joined."""
    if kept.merged_into_id is not None or joined.merged_into_id is not None:
        raise RecordIsJoined
    # Records are joined one deep, so that one look finds all that belong together.
    if Person.objects.filter(merged_into=joined).exists():
        raise BothHaveJoined if Person.objects.filter(merged_into=kept).exists() else OtherRecordHasJoined
    if kept.birth_date != joined.birth_date and bool(kept.insured_number_hash) == bool(joined.insured_number_hash):
        raise NotOnePerson
    # Locked together, before the end of one of them gives seats back: the order of docs/locking.md.
    standing = Registration.objects.standing().filter(person__in=[kept, joined])
    standing = standing.select_for_update(of=("self",), no_key=True).order_by("pk")
    by_person = {one.person_id: one for one in standing}
    if joined.pk in by_person and kept.pk not in by_person:
        raise KeepTheRegistered
    second = by_person.get(joined.pk)
    if second is not None:
        born = (kept if kept.insured_number_hash else joined).birth_date
        if _place(second, born, now) < _place(by_person[kept.pk], born, now):
            raise BetterPlaceStays
    return second


def _place(registration: Registration, born: date, now: datetime) -> tuple[bool, int, datetime]:
    """Where the registration stands in the order, the lower the sooner, for somebody born then."""
    facts = replace(eligibility.facts_of(registration), birth_date=born)
    best = eligibility.decide(facts, rules_at(now), now=now).best
    is_over = registration.state != Registration.State.ACTIVE  # it waits for nothing, whatever its place
    return is_over, -best.score if best else 0, registration.created_at


def _ended_by_joining(registration: Registration) -> bool:
    """Whether the registration is still as the joining left it, and the person lives and has no other one."""
    found = Registration.objects.filter(pk=registration.pk, ending=Registration.Ending.MERGED, person__died_on=None)
    return found.exists() and not Registration.objects.standing().filter(person=registration.person_id).exists()
