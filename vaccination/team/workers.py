"""Health workers of a site, as a dose names them (DOMAIN 5.1).

A row is never edited: a change ends it and makes another, so that a dose keeps what was true when it was given.
"""

from dataclasses import dataclass

from django.contrib.auth.models import User
from django.db import IntegrityError, transaction
from django.db.models import QuerySet

from crs import sent_forms
from crs.sent_forms import Outcome
from logistics.models import StaffRole, VaccinationSite
from logistics.stock.ledger import EntryContext
from vaccination.models import HealthWorker
from vaccination.team import errors

_TEAM = """
SELECT * FROM vaccination_healthworker WHERE site_id = %s AND ended_at IS NULL
ORDER BY czech_order(name) COLLATE "C", id
"""


@dataclass(frozen=True)
class WorkerDetails:
    """The particulars of a health worker: NRZP has nine digits, PČZ three; `user` logs in, None does not."""

    name: str
    register_number: str
    facility_part: str
    is_doctor: bool
    user: User | None = None


def working(site: VaccinationSite) -> QuerySet[HealthWorker]:
    """The health workers who can be named at a new dose, by name."""
    return HealthWorker.objects.working().filter(site=site)


def team_of(site: VaccinationSite) -> list[HealthWorker]:
    """The same as a list, by a query as text; each dose asks."""
    return list(HealthWorker.objects.raw(_TEAM, [site.pk]))


def doctors(site: VaccinationSite) -> QuerySet[HealthWorker]:
    """The doctors who can answer for a new dose, by name."""
    return working(site).filter(is_doctor=True)


def worker_of(user: User, site: VaccinationSite) -> HealthWorker | None:
    """The row of the user at the site; None: they must fill in their number first, or ask the manager to."""
    return working(site).filter(user=user).first()


def staff_of(site: VaccinationSite) -> QuerySet[User]:
    """The accounts with a role at the site, by name: those that can be linked."""
    at_site = StaffRole.objects.filter(site=site).values("user")
    return User.objects.filter(pk__in=at_site, is_active=True).order_by(
        "last_name__czech", "first_name__czech", "username__czech"
    )


def add(*, site: VaccinationSite, details: WorkerDetails, context: EntryContext) -> HealthWorker:
    """Add a health worker to the site. Raises NumberTaken, AccountTaken, AccountFromElsewhere."""
    made: list[HealthWorker] = []

    def write() -> Outcome:
        made.append(_create(site, details, context))
        return {"worker": made[0].pk}

    outcome = sent_forms.once(context.form, write) or {}
    return made[0] if made else HealthWorker.objects.get(pk=outcome["worker"])


def replace(*, worker: HealthWorker, details: WorkerDetails, context: EntryContext) -> HealthWorker:
    """End the row and add one with the new details. Raises WorkerEnded, and as `add`."""
    made: list[HealthWorker] = []

    def write() -> Outcome:
        _end(worker, context)
        made.append(_create(worker.site, details, context))
        return {"worker": made[0].pk}

    outcome = sent_forms.once(context.form, write) or {}
    return made[0] if made else HealthWorker.objects.get(pk=outcome["worker"])


def end(*, worker: HealthWorker, context: EntryContext) -> None:
    """End the row: the person is named at no new dose. Raises WorkerEnded."""

    def write() -> Outcome:
        _end(worker, context)
        return {}

    sent_forms.once(context.form, write)


def _end(worker: HealthWorker, context: EntryContext) -> None:
    # The WHERE clause is the check: of two who change one row the second finds none.
    if not HealthWorker.objects.working().filter(pk=worker.pk).update(ended_at=context.now):
        raise errors.WorkerEnded


def _create(site: VaccinationSite, details: WorkerDetails, context: EntryContext) -> HealthWorker:
    if details.user is not None and not StaffRole.objects.filter(user=details.user, site=site).exists():
        raise errors.AccountFromElsewhere
    try:
        with transaction.atomic():
            return HealthWorker.objects.create(
                site=site,
                user=details.user,
                name=details.name,
                register_number=details.register_number,
                facility_part=details.facility_part,
                is_doctor=details.is_doctor,
                began_at=context.now,
            )
    except IntegrityError as error:
        is_account = "account_is_one_worker_at_a_site" in str(error)
        raise (errors.AccountTaken if is_account else errors.NumberTaken) from error
