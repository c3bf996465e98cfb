"""Requests for certificates: made by themselves with a dose, and by whoever asks at the desk.

Of each dose one request is open at most (a partial unique constraint). Whoever asks holds the lock of the person.
"""

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from uuid import UUID

from django.contrib.auth.models import User
from django.db import connection, transaction
from django.utils import timezone

from certificates.issuing import wakeup
from certificates.issuing.errors import DoseNotValid, TakenAway
from certificates.issuing.facts import facts_of_doses
from certificates.issuing.taken_away import taken_away
from certificates.models import Certificate, Delivery, IssueRequest
from certificates.models.certificates import Cause
from certificates.operations import Operation
from crs import history, sent_forms
from crs.plain_sql import execute
from crs.sent_forms import NO_FORM, Outcome, Sending
from logistics.models import VaccinationSite
from vaccination.models import Dose

State = IssueRequest.State

# One read of so many doses, and one short transaction each.
DOSES_AT_ONCE = 2_000
BLOCKED_AT_ONCE = 500
# A re-coding is the ministry's own act, so no burst of somebody's.
RECODED = "The EU coding changed."

# What completes a series, as `facts.series_length` says it: the first dose k whose vaccine asks for k doses or fewer.
_EARLIER_COMPLETES = """EXISTS (
    SELECT FROM vaccination_dose e JOIN logistics_vaccine ev ON ev.code = e.vaccine_id
    WHERE e.state = 'VALID' AND e.number < d.number AND e.number >= ev.doses AND e.person_id IN (
        SELECT m.id FROM registration_person m
        WHERE m.id = coalesce(p.merged_into_id, p.id) OR m.merged_into_id = coalesce(p.merged_into_id, p.id)))"""
_ISSUER = "CASE WHEN {by} IS NOT NULL THEN 'user:' || {by} WHEN {site} IS NOT NULL THEN 'site:' || {site} ELSE '' END"
_COLUMNS = (
    "INSERT INTO certificates_issuerequest (dose_id, cause, is_to_be_sent, asked_at, asked_by_id, site_id, issuer, "
    "state, obstacle, decision_reason) "
)
# Recording a dose is measured: all that a certificate adds to it is this statement, and of most first doses none.
_OF_DOSE = f"""
{_COLUMNS}
SELECT d.id, CASE WHEN {_EARLIER_COMPLETES} THEN 'BOOSTER' ELSE 'SERIES' END, true, d.recorded_at, d.recorded_by_id,
    d.site_id, {_ISSUER.format(by="d.recorded_by_id", site="d.site_id")}, 'WAITING', '', ''
FROM vaccination_dose d JOIN registration_person p ON p.id = d.person_id
WHERE d.id = %(dose)s AND (%(is_last)s OR {_EARLIER_COMPLETES})
ON CONFLICT DO NOTHING
"""  # noqa: S608
# Doses of a time when no requests were made. A certificate that was revoked by hand, and a request that was rejected,
# are rows too: nobody gets by this what somebody took away.
_MISSING = f"""
WITH page AS MATERIALIZED (
    SELECT id FROM vaccination_dose WHERE id > %(after)s ORDER BY id LIMIT %(limit)s
), due AS (
    SELECT d.*, {_EARLIER_COMPLETES} AS is_booster
    FROM page JOIN vaccination_dose d ON d.id = page.id
    JOIN registration_person p ON p.id = d.person_id
    JOIN logistics_vaccine v ON v.code = d.vaccine_id
    WHERE d.state = 'VALID' AND (d.number >= v.doses OR {_EARLIER_COMPLETES})
    AND NOT EXISTS (SELECT FROM certificates_certificate c WHERE c.dose_id = d.id)
    AND NOT EXISTS (SELECT FROM certificates_issuerequest r WHERE r.dose_id = d.id AND r.state <> 'DROPPED')
), made AS (
    {{made}}
)
SELECT (SELECT id FROM page ORDER BY id DESC LIMIT 1), (SELECT count(*) FROM made)
"""  # noqa: S608
_MAKE = f"""{_COLUMNS}
    SELECT id, CASE WHEN is_booster THEN 'BOOSTER' ELSE 'SERIES' END, true, recorded_at, recorded_by_id, site_id,
        {_ISSUER.format(by="recorded_by_id", site="site_id")}, 'WAITING', '', ''
    FROM due ON CONFLICT DO NOTHING RETURNING id"""  # noqa: S608


def issuer_of(by: User | None, site: VaccinationSite | None) -> str:
    """Whose requests of an hour are counted together: the user's, else the site's; empty: of machines."""
    if by is not None:
        return f"user:{by.pk}"
    return f"site:{site.pk}" if site is not None else ""


def request_for(dose: Dose) -> None:
    """Make the request of a dose that was just recorded, if it completes the series or is a booster.

    One statement at most; it runs in the caller's transaction, and under its name in the history.
    """
    is_last = dose.number >= dose.vaccine.doses
    if dose.number == 1 and not is_last:
        return
    if execute(_OF_DOSE, {"dose": dose.pk, "is_last": is_last}):
        wakeup.wake_on_commit()


def ask(
    *,
    dose: Dose,
    cause: Cause,
    by: User | None,
    site: VaccinationSite | None,
    now: datetime,
    is_to_be_sent: bool,
    form: Sending = NO_FORM,
    instead_of: Certificate | None = None,
    is_given_back: bool = False,
) -> IssueRequest:
    """Ask for a certificate of any valid dose; a request that is open already is the answer to it.

    Where a certificate is living, RENEWED replaces it when the new one is stored, and goes where the old one went;
    other causes get its own request, unless it has expired. With `instead_of` only that one is replaced, so of two
    desks the second gets what the first had issued. `is_given_back` says that whoever asks may decide about what was
    revoked by hand or rejected. A form that is sent twice asks once. Whoever waits for the outcome calls
    `issuing.issue` next. Raises DoseNotValid, TakenAway.
    """

    def write() -> Outcome:
        if dose.pk not in facts_of_doses([dose.pk], on=timezone.localdate(now), is_locking=True):
            raise DoseNotValid
        living = Certificate.objects.living().filter(dose=dose).first()
        is_wanted_anew = living is None or living.has_expired(now)
        if cause == Cause.RENEWED:
            is_wanted_anew |= instead_of is None or instead_of == living
        known = _known(dose, None if is_wanted_anew else living)
        if known is not None:
            if is_to_be_sent and not known.is_to_be_sent and known.state in IssueRequest.OPEN:
                IssueRequest.objects.filter(pk=known.pk).update(is_to_be_sent=True)
            return {"request": known.pk}
        if not is_given_back and taken_away([dose.pk]):
            raise TakenAway
        request = IssueRequest.objects.create(
            dose=dose,
            cause=cause if living is None else Cause.RENEWED,
            is_to_be_sent=is_to_be_sent or (living is not None and _was_sent(living)),
            asked_at=now,
            asked_by=by,
            site=site,
            issuer=issuer_of(by, site),
        )
        return {"request": request.pk}

    with history.recording(Operation.ASK, by=by):
        outcome = sent_forms.once(form, write) or {}
    return IssueRequest.objects.get(pk=outcome["request"])


def ask_for_all(
    doses: Iterable[UUID], *, by: User | None, site: VaccinationSite, now: datetime, form: Sending = NO_FORM
) -> int:
    """Ask for certificates of those of the doses that have none, that nobody asks for, and where none was taken away.

    Returns of how many; a few queries however many they are. A form that is sent twice asks once.
    """

    def write() -> Outcome:
        valid = facts_of_doses(doses, on=timezone.localdate(now), is_locking=True)
        rows = IssueRequest.objects.filter(dose__in=list(valid))
        is_there = set(Certificate.objects.living().filter(dose__in=list(valid)).values_list("dose_id", flat=True))
        is_there |= set(rows.open().values_list("dose_id", flat=True)) | taken_away(valid)
        asked = [
            IssueRequest(
                dose_id=dose, cause=Cause.REQUESTED, asked_at=now, asked_by=by, site=site, issuer=issuer_of(by, site)
            )
            for dose in doses
            if dose in valid and dose not in is_there
        ]
        IssueRequest.objects.bulk_create(asked)
        if asked:
            wakeup.wake_on_commit()
        return {"asked": len(asked)}

    doses = list(doses)
    with history.recording(Operation.ASK, by=by):
        outcome = sent_forms.once(form, write) or {}
    return int(outcome["asked"])


def _known(dose: Dose, living: Certificate | None) -> IssueRequest | None:
    """The request that answers another one: the open one of the dose, or that of its living certificate."""
    requests = IssueRequest.objects.filter(dose=dose)
    return requests.open().first() or (None if living is None else requests.filter(certificate=living).first())


def _was_sent(certificate: Certificate) -> bool:
    """Whether the certificate was sent or was to be: who has it in the mail has to get the one that replaces it."""
    was_asked = IssueRequest.objects.filter(certificate=certificate, is_to_be_sent=True)
    return was_asked.exists() or Delivery.objects.filter(certificate=certificate).exists()


def request_missing(*, is_dry_run: bool = False, on_progress: Callable[[int], None] = lambda _done: None) -> int:
    """Make requests for completing doses that have neither a certificate nor a request; returns how many.

    Each page of doses is a transaction of its own, so it can be stopped and started again, and run twice at once.
    """
    statement = _MISSING.format(made="SELECT id FROM due" if is_dry_run else _MAKE)
    after: UUID | None = UUID(int=0)
    made = 0
    while after is not None:
        with history.recording(Operation.ASK), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement, {"after": after, "limit": DOSES_AT_ONCE})
            after, count = cursor.fetchone()
        made += count
        on_progress(made)
    return made


def request_recoded(
    *, now: datetime, is_dry_run: bool = False, on_progress: Callable[[int], None] = lambda _done: None
) -> int:
    """Request anew the living certificates whose dose is coded otherwise today; returns how many.

    The old one is revoked when the new one is stored. Nobody's burst: a decision about them is written down.
    """
    made = 0
    for page in _living_pages():
        told = facts_of_doses([row.dose_id for row in page], on=timezone.localdate(now))
        changed = [
            row
            for row in page
            if (known := told.get(row.dose_id)) and known.facts and known.facts.hash != row.facts_hash
        ]
        made += len(changed) if is_dry_run else _request_anew(changed, now)
        on_progress(made)
    return made


def _living_pages() -> Iterator[list[Certificate]]:
    after = UUID(int=0)
    rows = Certificate.objects.living().only("pk", "dose_id", "facts_hash").order_by("pk")
    while page := list(rows.filter(pk__gt=after)[:BLOCKED_AT_ONCE]):
        yield page
        after = page[-1].pk


def _request_anew(certificates: list[Certificate], now: datetime) -> int:
    if not certificates:
        return 0
    doses = [row.dose_id for row in certificates]
    with history.recording(Operation.ASK, reason=RECODED), transaction.atomic():
        before = IssueRequest.objects.filter(dose__in=doses).open().count()
        IssueRequest.objects.bulk_create(
            [
                IssueRequest(
                    dose_id=dose,
                    cause=Cause.RENEWED,
                    is_to_be_sent=True,
                    asked_at=now,
                    decided_at=now,
                    decision_reason=RECODED,
                )
                for dose in doses
            ],
            ignore_conflicts=True,
        )
        return IssueRequest.objects.filter(dose__in=doses).open().count() - before
