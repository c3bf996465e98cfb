"""Joining two records of one person, and taking them apart again.

Nothing is moved: registrations, claims, codes, doses and letters stay where they are, and count for the record that
stays (`persons.rows_of`, `persons.standing_for`).
"""

from datetime import datetime
from functools import partial

from django.contrib.auth.models import User
from django.db import transaction

from crs import history, sent_forms
from crs.sent_forms import NO_FORM, Outcome, Sending
from registration.applying import ending
from registration.applying.errors import (
    KeepTheRegistered,
    NotOnePerson,
    OtherRecordHasJoined,
    RecordIsJoined,
    SameRecord,
    TakenApartBefore,
)
from registration.models import Person, PersonMerge, Registration
from registration.operations import Operation
from registration.signals import people_merged


def merge(
    *, kept: Person, joined: Person, reason: str, by: User, now: datetime, form: Sending = NO_FORM
) -> PersonMerge:
    """Let the record `kept` stand for the person of `joined`, too; a second registration that holds ends.

    Raises SameRecord, RecordIsJoined, OtherRecordHasJoined, NotOnePerson, KeepTheRegistered, and FormChanged.
    """
    with history.recording(Operation.MERGE, by=by):
        outcome = sent_forms.once(form, partial(_merge, kept, joined, reason, by, now)) or {}
    return PersonMerge.objects.get(pk=outcome["merge"])


@transaction.atomic
def take_apart(*, merge: PersonMerge, by: User, now: datetime) -> Registration | None:
    """Let both records stand for themselves again; the registration that ended is opened again and returned.

    Times that were given back stay given back. Nothing is opened where the record has been registered anew.
    Raises TakenApartBefore.
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
    ended = _refuse_or_second(rows[kept.pk], rows[joined.pk])
    if ended is not None:
        ending.end(registration=ended, ending=Registration.Ending.MERGED, by=by, now=now)
    Person.objects.filter(pk=joined.pk).update(merged_into=kept)
    made = PersonMerge.objects.create(
        kept=kept, joined=joined, ended_registration=ended, reason=reason, made_at=now, made_by=by
    )
    people_merged.send(Person, kept_id=kept.pk, joined_id=joined.pk)
    return {"merge": made.pk}


def _locked(*keys: int) -> dict[int, Person]:
    """Both rows, locked, the lower key first."""
    rows = Person.objects.select_for_update(of=("self",), no_key=True).filter(pk__in=keys).order_by("pk")
    return {person.pk: person for person in rows}


def _refuse_or_second(kept: Person, joined: Person) -> Registration | None:
    """The standing registration of the record that is to be joined; raises why the two are not joined."""
    if kept.merged_into_id is not None or joined.merged_into_id is not None:
        raise RecordIsJoined
    # Records are joined one deep, so that one look finds all that belong together.
    if Person.objects.filter(merged_into=joined).exists():
        raise OtherRecordHasJoined
    if kept.birth_date != joined.birth_date and bool(kept.insured_number_hash) == bool(joined.insured_number_hash):
        raise NotOnePerson
    # Locked together, before the end of one of them gives seats back: the order of docs/locking.md.
    standing = Registration.objects.standing().filter(person__in=[kept, joined])
    standing = standing.select_for_update(of=("self",), no_key=True).order_by("pk")
    by_person = {one.person_id: one for one in standing}
    if joined.pk in by_person and kept.pk not in by_person:
        raise KeepTheRegistered
    return by_person.get(joined.pk)


def _ended_by_joining(registration: Registration) -> bool:
    """Whether the registration is still as the joining left it, and the person has no other one."""
    found = Registration.objects.filter(pk=registration.pk, ending=Registration.Ending.MERGED)
    return found.exists() and not Registration.objects.standing().filter(person=registration.person_id).exists()
