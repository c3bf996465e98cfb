"""Keeps certificates true: after a change of a dose or a name the untrue ones are revoked, and new ones requested."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date, datetime
from uuid import UUID

from django.contrib.auth.models import User
from django.utils import timezone

from certificates.issuing import wakeup
from certificates.issuing.facts import Told, facts_of_doses
from certificates.issuing.requests import issuer_of
from certificates.issuing.taken_away import newest_certificates
from certificates.models import Certificate, IssueRequest
from certificates.models.certificates import Cause
from certificates.revocation import revoking
from registration.models import Person
from registration.people.persons import standing_for
from vaccination.models import Dose

Revocation = Certificate.Revocation
State = IssueRequest.State
# Automatic ones; what somebody asked for stays asked for.
_OF_COMPLETION = (Cause.SERIES, Cause.BOOSTER)
# What a correction took away a correction gives back; what somebody revoked stays revoked.
_BY_CORRECTION = (Revocation.DOSE_CORRECTED, Revocation.DOSE_ANNULLED, Revocation.PERSON_CORRECTED)


def keep_true(
    *, person_id: int, now: datetime, by: User | None = None, why: Revocation = Revocation.DOSE_CORRECTED
) -> int:
    """Look at all certificates and requests of the person, who was locked by the caller; returns how many are revoked.

    A certificate that is not true any more is revoked and another one requested, unless its dose completes nothing
    any longer or is not valid. What changes nothing on it leaves it as it is. Both are the doing of `by`, who has
    corrected the dose or the person. Runs in the caller's transaction and under its name in the history; a second call
    finds nothing to do.
    """
    person = standing_for(Person.objects.only("merged_into").get(pk=person_id))
    doses = {dose.pk: dose for dose in Dose.objects.of(person).select_related("site")}
    if not doses:
        return 0
    told = facts_of_doses(doses, on=timezone.localdate(now))
    latest = newest_certificates(doses)
    untrue = _untrue([row for row in latest.values() if row.state == Certificate.State.VALID])
    is_open = _settle_open(told, latest, doses)
    due = [
        IssueRequest(
            dose=doses[pk],
            cause=cause,
            is_to_be_sent=True,
            asked_at=now,
            asked_by=by,
            site=doses[pk].site,
            issuer=issuer_of(by, doses[pk].site),
        )
        for pk, known in told.items()
        if pk not in is_open and (cause := _cause(known, latest.get(pk), untrue, doses[pk]))
    ]
    IssueRequest.objects.bulk_create(due, ignore_conflicts=True)
    if due:
        wakeup.wake_on_commit()
    # Last: whoever hears of a revocation sees whether another one follows.
    revoked = 0
    for reason in (why, Revocation.DOSE_ANNULLED):
        keys = [row.pk for row in untrue if (reason == Revocation.DOSE_ANNULLED) == (row.dose_id not in told)]
        if keys:
            certificates = Certificate.objects.filter(pk__in=keys)
            revoked += revoking.revoke(certificates=certificates, why=reason, by=by, now=now)
    return revoked


def _untrue(living: Iterable[Certificate]) -> list[Certificate]:
    """Those that do not say what the rows say now, coded as on their own days."""
    by_day: dict[date, list[Certificate]] = defaultdict(list)
    for row in living:
        by_day[timezone.localdate(row.issued_at)].append(row)
    untrue = []
    for day, rows in by_day.items():
        told = facts_of_doses([row.dose_id for row in rows], on=day)
        for row in rows:
            known = told.get(row.dose_id)
            if known is None or known.facts is None or known.facts.hash != row.facts_hash:
                untrue.append(row)
    return untrue


def _settle_open(told: dict[UUID, Told], latest: dict[UUID, Certificate], doses: dict[UUID, Dose]) -> set[UUID]:
    """Drop open requests that are not needed any more, try blocked ones again; returns the doses of those that stay."""
    stay, dropped, unblocked = set(), [], []
    rows = IssueRequest.objects.filter(dose__in=list(doses)).open()
    for row in rows:
        known = told.get(row.dose_id)
        before = latest.get(row.dose_id)
        is_of_completion = row.cause in _OF_COMPLETION or (row.cause == Cause.CORRECTED and _was_completing(before))
        if known is None or (is_of_completion and not known.is_completing):
            dropped.append(row.pk)
            continue
        stay.add(row.dose_id)
        if row.state == State.BLOCKED and known.facts is not None:
            unblocked.append(row.pk)
    rows = IssueRequest.objects.filter(pk__in=[*dropped, *unblocked]).locked().open()
    if dropped:
        rows.filter(pk__in=dropped).update(state=State.DROPPED, obstacle="")
    if unblocked:
        rows.filter(pk__in=unblocked).update(state=State.WAITING, obstacle="", claimed_at=None)
        wakeup.wake_on_commit()
    return stay


def _cause(known: Told, before: Certificate | None, untrue: list[Certificate], dose: Dose) -> Cause | None:
    """Why a certificate of the dose is due now; None: it is not."""
    if before is not None and before in untrue:
        return None if _was_completing(before) and not known.is_completing else Cause.CORRECTED
    if not known.is_completing:
        return None
    if before is not None:
        is_taken_by_correction = before.state == Certificate.State.REVOKED and before.revocation in _BY_CORRECTION
        return Cause.CORRECTED if is_taken_by_correction else None
    settled = IssueRequest.objects.filter(dose=dose).exclude(state=State.DROPPED)
    # Not in a certificate yet: a request that was rejected stays rejected.
    if settled.exists():
        return None
    return Cause.BOOSTER if known.is_booster else Cause.SERIES


def _was_completing(certificate: Certificate | None) -> bool:
    """Whether it was written as the last dose of a series or as a booster, such as 2/2, 3/3 or 2/1."""
    return certificate is not None and certificate.dose_number >= certificate.total_doses
