"""The standing of somebody who is not simply on today's list: what is booked for them, and what can be done now."""

from dataclasses import dataclass
from datetime import date, datetime

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from logistics.models import VaccinationSite
from registration.groups import eligibility
from registration.groups.errors import ClaimDisputed, ClaimNotProven
from registration.models import Registration
from reservation import dose_intervals
from reservation.models import AffectedAppointment, Appointment, Invitation, Reservation
from reservation.papers import affected_times
from vaccination.models import Dose, Visit


@dataclass(frozen=True)
class Whereabouts:
    """The things to tell about a person who came to a site. `sentences` come most important first."""

    registration: Registration
    # The day that is asked about: today, or an earlier one whose people are entered late.
    day: date
    # Where they are checked in on that day, if they are.
    visit: Visit | None
    # The appointment that is due next: the lowest dose that is booked.
    due: Appointment | None
    dose_number: int
    sentences: tuple[str, ...]
    # Those of them that whoever checks the person in has to know, though they have their appointment here.
    warnings: tuple[str, ...]
    # Whether they may be checked in here on that day, with a seat of that day.
    can_come: bool
    is_due_here: bool
    # The vaccine of the appointment that is due, else of the last dose.
    vaccine_id: str | None
    # The dose after which the next one is due; None before the first one, and where all are given or nothing can be.
    last_dose: Dose | None


def of(registration: Registration, *, site: VaccinationSite, now: datetime, day: date | None = None) -> Whereabouts:
    """Say where the person of the registration stands for the staff of `site`, today or on an earlier `day`."""
    day = day or timezone.localdate(now)
    person = registration.person
    visit = _visit_of(registration, day)
    doses = list(Dose.objects.valid().of(person).select_related("vaccine").order_by("number"))
    due = Appointment.objects.to_come(registration).select_related("slot__site", "slot__vaccine").first()
    stops = _stops(registration, day)
    here = due is not None and due.slot.site_id == site.pk and due.slot.day == day
    if stops:
        sentences = stops
    elif due is not None:
        sentences = [_about_appointment(due, site, now)]
    else:
        sentences = _about_none(registration, doses, now)
    warnings = (
        []
        if stops
        else [
            *_about_turn(registration, due, doses, now),
            *_about_interval(due, doses, day),
            *_about_later(registration, due, site),
            *_about_affected(registration),
        ]
    )
    sentences += warnings
    if visit is None:
        sentences = [*_about_sent_away(registration, day, site), *sentences]
    else:
        sentences = [_about_visit(visit, site, now), *sentences]
    return Whereabouts(
        registration=registration,
        day=day,
        visit=visit,
        due=due,
        dose_number=due.dose_number if due else (doses[-1].number + 1 if doses else 1),
        sentences=tuple(sentences),
        warnings=tuple(warnings),
        can_come=not stops and visit is None and not here,
        is_due_here=here and not stops and visit is None,
        last_dose=doses[-1] if doses and not stops and registration.state != Registration.State.COMPLETED else None,
        vaccine_id=due.slot.vaccine_id if due else doses[-1].vaccine_id if doses else None,
    )


def _visit_of(registration: Registration, day: date) -> Visit | None:
    visits = Visit.objects.standing().filter(registration=registration, day=day)
    return visits.select_related("site").order_by("-arrived_at").first()


def _stops(registration: Registration, day: date) -> list[str]:
    """Why nothing of that day can be done with this registration."""
    if registration.person.died_on and registration.person.died_on < day:
        return [
            _(
                "The register says that this person died. Compare the name and the date of birth with the document. "
                "If the person stands before you, call line 1221: the record must be put right first."
            )
        ]
    if registration.person.merged_into_id:
        return [_("This record was joined with another one of the person. Search by the insured person's number.")]
    if registration.state == Registration.State.CANCELLED:
        return [_("The registration was cancelled. Register the person anew without an appointment.")]
    return []


def _about_visit(visit: Visit, site: VaccinationSite, now: datetime) -> str:
    facts = {"site": visit.site.name, "time": date_format(timezone.localtime(visit.arrived_at), "G:i")}
    if visit.day != timezone.localdate(now):
        facts["day"] = date_format(visit.day, "j. n. Y")
        if visit.site_id != site.pk and visit.state == Visit.State.ARRIVED:
            return (
                _("The person was checked in on %(day)s at %(time)s at %(site)s. That site has to take it back first.")
                % facts
            )
        return _("The person came on %(day)s at %(time)s to %(site)s.") % facts
    if visit.site_id == site.pk:
        return _("The person came here today at %(time)s.") % facts
    if visit.state == Visit.State.ARRIVED:
        return (
            _("The person is checked in today at %(site)s since %(time)s. That site has to take it back first.") % facts
        )
    return _("The person was vaccinated today at %(site)s.") % facts


def _about_appointment(due: Appointment, site: VaccinationSite, now: datetime) -> str:
    slot, today = due.slot, timezone.localdate(now)
    facts = {
        "dose": due.dose_number,
        "day": date_format(slot.day, "l j. n. Y"),
        "time": date_format(slot.wall_time, "G:i"),
        "site": f"{slot.site.name}, {slot.site.address}",
    }
    if slot.site_id == site.pk:
        if slot.day == today:
            return _("Dose %(dose)s is booked here today at %(time)s.") % facts
        if slot.day > today:
            return _("Dose %(dose)s is booked here, but for another day: %(day)s at %(time)s.") % facts
        return _("Dose %(dose)s was booked here for %(day)s at %(time)s; the person did not come.") % facts
    if slot.day == today:
        return _("Dose %(dose)s is booked today at %(time)s at another site: %(site)s.") % facts
    return _("Dose %(dose)s is booked at another site: %(site)s, %(day)s at %(time)s.") % facts


def _about_turn(registration: Registration, due: Appointment | None, doses: list[Dose], now: datetime) -> list[str]:
    """That the rules of today would not invite the person to the first dose that they come for; the desk decides."""
    if due is None or doses or registration.state != Registration.State.ACTIVE:
        return []
    why = eligibility.of_registration(registration, now=now).refusal
    if why is None:
        return []
    if isinstance(why, ClaimNotProven):
        return [
            _("The group %(group)s is not proven. Ask for the confirmation, then decide; the appointment is valid.")
            % {"group": why.group}
        ]
    if isinstance(why, ClaimDisputed):
        text = _(
            "A register does not confirm that the person belongs to the group %(group)s. Ask for the confirmation, "
            "then decide; the appointment is valid."
        )
        return [text % {"group": why.group}]
    return [
        _(
            "By the rules of today it is not this person's turn: a rule, or what is known of the person, has changed "
            "since they reserved. The appointment is valid; you decide."
        )
    ]


def _about_interval(due: Appointment | None, doses: list[Dose], day: date) -> list[str]:
    """That the dose comes too early, so that the desk knows before anybody waits for it."""
    if not doses:
        return []
    last, number = doses[-1], due.dose_number if due else doses[-1].number + 1
    first_on = dose_intervals.due_after(given_on=last.given_on, vaccine=last.vaccine, dose_number=number).first_on
    if first_on is None or day >= first_on:
        return []
    text = _(
        "It is too early: dose %(last)s was given on %(given)s, so dose %(dose)s is due on %(first)s at the earliest. "
        "Ask the vaccinator before you check the person in, or arrange a later time."
    )
    facts = {"given": date_format(last.given_on, "j. n. Y"), "first": date_format(first_on, "j. n. Y")}
    return [text % {"last": last.number, "dose": number, **facts}]


def _about_later(registration: Registration, due: Appointment | None, site: VaccinationSite) -> list[str]:
    """That a later dose is booked elsewhere, where the one that is due comes here."""
    if due is None:
        return []
    later = Appointment.objects.to_come(registration).filter(dose_number__gt=due.dose_number).exclude(slot__site=site)
    text = _(
        "Dose %(dose)s stays booked at %(site)s, %(day)s at %(time)s. If the person wants it here, move it on the page "
        "of the dose once this one is given."
    )
    return [
        text
        % {
            "dose": one.dose_number,
            "site": one.slot.site.name,
            "day": date_format(one.slot.day, "j. n. Y"),
            "time": date_format(one.slot.wall_time, "G:i"),
        }
        for one in later.select_related("slot__site").order_by("dose_number")
    ]


def _about_affected(registration: Registration) -> list[str]:
    """That a time to come cannot stay, and that its person was told so."""
    open_ones = AffectedAppointment.objects.unsettled().filter(appointment__reservation__registration=registration)
    text = _(
        "Dose %(dose)s, %(site)s, %(day)s at %(time)s, cannot stay: %(cause)s. The person was told so. The seat stays "
        "theirs until it is moved to another time."
    )
    return [
        text
        % {
            "dose": one.appointment.dose_number,
            "site": one.slot.site.name,
            "day": date_format(one.slot.day, "j. n. Y"),
            "time": date_format(one.slot.wall_time, "G:i"),
            "cause": affected_times.cause(one),
        }
        for one in open_ones.select_related("appointment", "slot__site", "closure").order_by("appointment__dose_number")
    ]


def _about_sent_away(registration: Registration, day: date, site: VaccinationSite) -> list[str]:
    """That the person was here that day and went without a dose."""
    gone = Visit.objects.filter(registration=registration, day=day, state=Visit.State.SENT_AWAY)
    last = gone.select_related("site").order_by("-left_at").first()
    if last is None or last.left_at is None:
        return []
    facts = {
        "site": last.site.name,
        "time": date_format(timezone.localtime(last.left_at), "G:i"),
        "why": last.get_sent_away_display(),
    }
    if last.site_id == site.pk:
        return [_("The person came here that day and went without a dose at %(time)s: %(why)s.") % facts]
    return [_("The person went without a dose at %(time)s at %(site)s that day: %(why)s.") % facts]


def _about_none(registration: Registration, doses: list[Dose], now: datetime) -> list[str]:
    if registration.state == Registration.State.COMPLETED:
        last = doses[-1] if doses else None
        if last is None:
            return [_("All doses are recorded for this person. Nothing is booked.")]
        facts = {"vaccine": last.vaccine.name, "day": date_format(last.given_on, "j. n. Y"), "dose": last.number}
        return [
            _("All doses are given. The last was dose %(dose)s, %(vaccine)s, on %(day)s. Nothing is booked.") % facts
        ]
    latest = Reservation.objects.filter(registration=registration).order_by("-created_at").first()
    if latest is not None and latest.state == Reservation.State.HELD and latest.held_until > now:
        return [_("The person is choosing a time just now and has not confirmed it. Nothing is booked yet.")]
    if latest is not None and latest.state == Reservation.State.MISSED:
        return [_("The person missed the appointment. Nothing is booked.")]
    if doses:
        return [_("Dose %(dose)s is not booked yet.") % {"dose": doses[-1].number + 1}]
    invited = Invitation.objects.filter(registration=registration, revoked_at=None, expires_at__gt=now).exists()
    if invited:
        return [_("The person was invited but has not chosen a time yet.")]
    turn = eligibility.of_registration(registration, now=now)
    if turn.may_reserve:
        return [_("The person is registered and waits for an invitation.")]
    return [
        _("The person is registered but was not invited yet: the turn of their group, %(group)s, has not come.")
        % {"group": turn.best.group if turn.best else ""}
    ]
