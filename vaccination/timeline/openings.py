"""The right to open a person's timeline, and the record of each opening (docs/adr/0023-who-sees-a-timeline.md)."""

from dataclasses import dataclass
from datetime import datetime

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from crs import sent_forms
from crs.sent_forms import NO_FORM, Outcome, Sending
from crs.users import name_of_user
from logistics.models import VaccinationSite
from registration.models import Person, Registration
from reservation.models import Reservation
from vaccination.models import TimelineOpening, Visit

# Kept as a code, which the page puts into words.
HERE_TODAY, FOUND_BY_NUMBER = "here_today", "found_by_number"
_WORDS: dict[str, Promise] = {
    HERE_TODAY: _("the person is at the site today"),
    FOUND_BY_NUMBER: _("the site looked the person up by a number; the timeline was not shown"),
}


@dataclass(frozen=True)
class Opening:
    """An opening as the person reads it; `site` is empty where the ministry looked."""

    at: datetime
    by: str
    site: str
    reason: str | Promise


def registrations_of(site: VaccinationSite) -> QuerySet[Registration]:
    """The registrations whose timeline the site's staff may open: of people with an appointment, visit or dose there.

    Also of those whom the site registered itself and has not checked in yet.

    A hold is not enough: whoever only looked at times has nothing to do with the site.
    """
    reserved = Reservation.objects.filter(
        state__in=(Reservation.State.CONFIRMED, Reservation.State.MISSED), appointments__slot__site=site
    )
    return Registration.objects.filter(
        Q(pk__in=reserved.values("registration"))
        | Q(registered_at_site=site)
        | Q(pk__in=site.visits.values("registration"))
        | Q(person__in=site.given_doses.values("person"))
    )


def is_here_today(registration: Registration, site: VaccinationSite, *, now: datetime) -> bool:
    """Whether the person came to the site today, so that staff need no other reason."""
    visits = site.visits.filter(registration__person=registration.person_id, day=timezone.localdate(now))
    return visits.exclude(state=Visit.State.UNDONE).exists()


def write_down(
    *,
    registration: Registration,
    site: VaccinationSite | None,
    reason: str,
    by: User,
    now: datetime,
    form: Sending = NO_FORM,
) -> TimelineOpening:
    """Write down that `by` opens the timeline, before anything of it is read.

    It commits by itself, so that it stays if the page fails afterwards. `site` is None for the ministry.
    """

    def write() -> Outcome:
        person = registration.person
        opening = TimelineOpening.objects.create(
            person=person.merged_into or person, user=by, site=site, opened_at=now, reason=reason
        )
        return {"opening": opening.pk}

    with transaction.atomic(durable=True):
        outcome = sent_forms.once(form, write) or {}
    return TimelineOpening.objects.get(pk=outcome["opening"])


def openings_of(person: Person) -> list[Opening]:
    """The openings of the person's timeline: by whom, when, for which site and why; the newest first."""
    found = TimelineOpening.objects.filter(Q(person=person) | Q(person__merged_into=person))
    return [
        Opening(
            at=one.opened_at,
            by=name_of_user(one.user),
            site=one.site.name if one.site else "",
            reason=_WORDS.get(one.reason, one.reason),
        )
        for one in found.select_related("user", "site")
    ]
