"""One person at a site: who they are, where they stand, and the one thing to do next."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from registration.people import insured_number
from registration.telephones import phone as telephone
from vaccination import additions
from vaccination.models import Dose, FilledQuestionnaire, Visit
from vaccination.permissions import VaccinationAct as Act
from vaccination.visits import late_days, origins
from vaccination.visits.check_in import EARLY_BY, LATE_BY

CameAs, State = Visit.CameAs, Visit.State
HOW_THEY_CAME: dict[str, str | Promise] = {
    CameAs.EARLY: gettext_lazy("The person came more than %(minutes)d minutes before the appointment."),
    CameAs.LATE: gettext_lazy("The person came more than %(minutes)d minutes after the appointment."),
    CameAs.OTHER_DAY: gettext_lazy("The person was booked for another day and got a seat today."),
    CameAs.OTHER_SITE: gettext_lazy("The person was booked at another site and got a seat here."),
    CameAs.WALK_IN: gettext_lazy("The person came without an appointment and got a seat today."),
}


class Action(NamedTuple):
    """Something to do: its words and its address. `is_form`: it acts at once, so it is sent as a form."""

    label: str
    url: str
    is_form: bool = False


@dataclass(frozen=True)
class Summary:
    """The contents of the page of a visit."""

    insured_number: str
    phone: str
    how_they_came: str
    answers: str
    are_answers_confirmed: bool
    doses: tuple[Dose, ...]
    next: Action | None
    # Where nothing is to be done by this user: whom the person waits for, or how it ended.
    waits_for: str
    others: tuple[Action, ...]


def of(visit: Visit, *, acts: Collection[str], now: datetime) -> Summary:
    """The summary of a visit for a user who may do `acts` at its site."""
    registration, person = visit.registration, visit.registration.person
    confirmed, from_home = _answers(visit)
    doses = tuple(Dose.objects.valid().of(person).select_related("vaccine", "batch").order_by("number"))
    dose = next((one for one in doses if one.visit_id == visit.pk), None)
    first, waits_for = _next(visit, confirmed, acts)
    last = doses[-1] if doses else None
    others = _others(visit, dose, last, confirmed, acts)
    return Summary(
        insured_number=insured_number.masked(person.insured_number) if person.insured_number else "",
        phone=telephone.readable(str(registration.phone)) if registration.phone else "",
        how_they_came=how_they_came(visit.came_as),
        answers=_about_answers(confirmed, from_home),
        are_answers_confirmed=confirmed is not None,
        doses=doses,
        next=first,
        waits_for=waits_for,
        others=tuple(one for one in others if one.url and (first is None or one.url != first.url)),
    )


def how_they_came(came: str) -> str:
    """A sentence; empty where somebody came on time."""
    minutes = (EARLY_BY if came == CameAs.EARLY else LATE_BY).seconds // 60
    return str(HOW_THEY_CAME[came]) % {"minutes": minutes} if came in HOW_THEY_CAME else ""


def _answers(visit: Visit) -> tuple[FilledQuestionnaire | None, FilledQuestionnaire | None]:
    """The answers confirmed in this visit, and those that the person filled in at home for this dose."""
    filled = FilledQuestionnaire.objects.filter(
        registration=visit.registration, dose_number=visit.appointment.dose_number
    ).defer("answers")
    confirmed = filled.filter(visit=visit).order_by("-confirmed_at").first()
    return confirmed, filled.filter(visit=None).order_by("-filled_at").first()


def _about_answers(confirmed: FilledQuestionnaire | None, from_home: FilledQuestionnaire | None) -> str:
    if confirmed is not None and confirmed.confirmed_at is not None:
        return _("confirmed at %s") % f"{timezone.localtime(confirmed.confirmed_at):%H:%M}".lstrip("0")
    if from_home is not None:
        return _("filled in at home, not confirmed here yet")
    return _("not asked yet")


def _next(visit: Visit, confirmed: FilledQuestionnaire | None, acts: Collection[str]) -> tuple[Action | None, str]:
    """The one thing to do next for this user, or a sentence that says whom the person waits for."""
    if visit.state == State.ARRIVED:
        if confirmed is None and Act.ASK_QUESTIONS in acts:
            return Action(_("Ask the questions"), _page(visit, "vaccination:questions", visit.pk)), ""
        if Act.GIVE_DOSES in acts:
            return Action(_("Vaccinate"), _page(visit, "vaccination:vaccinate", visit.pk)), ""
        return None, _("The person is ready and waits for the vaccinator.")
    if visit.state == State.OBSERVED:
        if Act.OBSERVE in acts:
            return Action(_("Let the person go"), _page(visit, "vaccination:leave", visit.pk), is_form=True), ""
        return None, _("The person sits under observation.")
    return None, {
        State.GONE: _("The person was vaccinated and left."),
        State.SENT_AWAY: _(
            "The person went without a dose. Today's appointment is kept, so they can be checked in again today. "
            "When the day is closed and they have not come back, they are told how to choose another time."
        ),
        State.UNDONE: _after_undo(visit) if visit.state == State.UNDONE else "",
    }[State(visit.state)]


def _after_undo(visit: Visit) -> str:
    """Where the appointment is after a check-in was taken back."""
    origin, slot = origins.of(visit), visit.appointment.slot
    facts = {
        "day": date_format(slot.day, "j. n. Y"),
        "time": date_format(slot.wall_time, "G:i"),
        "site": slot.site.name,
    }
    if origin is None:
        return _("The check-in was taken back. The appointment is kept.")
    if origin.slot_id is None:
        return _("The check-in was taken back. The seat that it had made is given up; the person has none.")
    if slot.pk != origin.seat_id:
        back = _("The check-in was taken back. The appointment is on %(day)s at %(time)s again, at %(site)s.")
        return back % facts
    return (
        _(
            "The check-in was taken back, but the former seat was taken meanwhile: the appointment stays on %(day)s at "
            "%(time)s, here. Call the person and tell them. If they do not come, the end of the day tells them how to "
            "choose another time."
        )
        % facts
    )


def _others(
    visit: Visit, dose: Dose | None, last: Dose | None, confirmed: FilledQuestionnaire | None, acts: Collection[str]
) -> list[Action]:
    found = list[Action]()
    if dose is not None:
        found.append(Action(_("The dose and its paper"), _page(visit, "vaccination:dose", dose.pk)))
        if Act.REPORT_EVENTS in acts:
            found.append(Action(_("Report an adverse event"), _page(visit, "vaccination:report_event", dose.pk)))
    elif last is not None and last.site_id == visit.site_id and Act.GIVE_DOSES in acts:
        # Where times are arranged: for somebody who came too early, or could not get the dose today.
        found.append(Action(_("Time of the next dose"), _page(visit, "vaccination:dose", last.pk)))
    if visit.state == State.ARRIVED:
        if Act.ASK_QUESTIONS in acts:
            label = _("Questions once more") if confirmed else _("Ask the questions")
            found.append(Action(label, _page(visit, "vaccination:questions", visit.pk)))
        if Act.GIVE_DOSES in acts:
            found.append(Action(_("Vaccinate"), _page(visit, "vaccination:vaccinate", visit.pk)))
        if Act.CHECK_IN in acts:
            found.append(Action(_("Send away without a dose"), _page(visit, "vaccination:send_away", visit.pk)))
            found.append(Action(_("Take the check-in back"), _page(visit, "vaccination:undo_check_in", visit.pk)))
    found += [
        Action(str(link.label), link.url) for link in additions.person_links(visit.site_id, visit.registration_id, acts)
    ]
    if visit.state in (State.UNDONE, State.SENT_AWAY) and Act.CHECK_IN in acts:
        again = late_days.url("person", visit.site, visit.registration, late_days.earlier(visit.day))
        found.append(Action(_("Check in again"), again))
    if Act.SEE_TIMELINE in acts:
        found.append(Action(_("Timeline of the person"), _page(visit, "vaccination:timeline", visit.registration_id)))
    return found


def _page(visit: Visit, name: str, key: object) -> str:
    return reverse(name, args=[visit.site_id, key])
