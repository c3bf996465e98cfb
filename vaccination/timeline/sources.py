"""The entries of registration, reservation, the outbox and vaccination itself on a timeline."""

from collections.abc import Iterable, Iterator
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crs import history
from crs.messaging.models import Message
from crs.typed_moment import written
from crs.users import name_of_user
from registration.address import ADDRESS
from registration.models import Person, Registration, RegistrationClaim
from reservation.models import Appointment, Invitation, Reservation, Slot
from vaccination.models import AdverseEvent, AdverseEventAddition, Dose, FilledQuestionnaire, RuleOverride, Visit
from vaccination.timeline.entries import Entry, Kind, Rows, message_names, references_of

# More messages than anybody gets; a timeline stays one page.
MOST_MESSAGES = 300
CONTACT_FIELDS = (
    "phone",
    "email",
    "language",
    "first_name",
    "last_name",
    "insurer",
    *ADDRESS,
)
DOSE_FIELDS = ("number", "vaccine_id", "batch_id", "given_at", "where", "is_dominant_side", "given_by_id", "doctor_id")
_MESSAGES = {
    "registration/registered": gettext_lazy("the registration was received"),
    "registration/claimed": gettext_lazy("somebody wanted to register the person again"),
    "registration/registered_anew": gettext_lazy("somebody wanted to register the person again"),
    "registration/pin": gettext_lazy("a PIN"),
    "reservation/invitation": gettext_lazy("the invitation with PIN2"),
    "reservation/confirmed": gettext_lazy("the confirmation of the reservation"),
    "reservation/arranged": gettext_lazy("a new time"),
    "reservation/moved": gettext_lazy("new times that the person chose"),
    "reservation/cancelled": gettext_lazy("that the times were cancelled"),
    "reservation/reminder": gettext_lazy("the reminder of the day before"),
    "reservation/missed_first": gettext_lazy("how to go on after a missed time"),
    "reservation/missed_later": gettext_lazy("how to go on after a missed time"),
    "reservation/not_needed": gettext_lazy("that a dose is not needed"),
    "reservation/taken_back_first": gettext_lazy("that the record of a dose was a mistake"),
    "reservation/taken_back_later": gettext_lazy("that the record of a dose was a mistake"),
    "reservation/affected": gettext_lazy("that a time cannot stay"),
    "reservation/kept": gettext_lazy("that a time holds after all"),
    "registration/ended": gettext_lazy("the end of the registration"),
    "registration/check_done": gettext_lazy("that the check with a register is done"),
    "registration/check_late": gettext_lazy("that the check with a register takes longer"),
    "registration/claim_kept": gettext_lazy("that the registration stays with this telephone"),
    "registration/claim_moved": gettext_lazy("that the registration now has this telephone"),
    "registration/claim_moved_away": gettext_lazy("that the registration was given to another telephone"),
    "registration/claim_refused": gettext_lazy("that a second registration was closed"),
    "registration/contact_changed": gettext_lazy("that the contact was changed"),
    "registration/document_wanted": gettext_lazy("that a document is to be shown"),
    "registration/email_changed": gettext_lazy("that the e-mail was changed"),
    "registration/email_code": gettext_lazy("the code for a new e-mail"),
    "registration/handed_over": gettext_lazy("that line 1221 will call"),
    "registration/handed_to_doctors": gettext_lazy("that doctors and mobile teams have the name"),
    "registration/mismatch": gettext_lazy("that a register says otherwise"),
    "registration/mismatch_corrected": gettext_lazy("that the data were corrected by a register"),
    "registration/mismatch_kept": gettext_lazy("that the data stay as they were"),
    "registration/opening_reminder": gettext_lazy("that the group can register now"),
    "registration/phone_changed": gettext_lazy("that the telephone was changed"),
    "registration/proof_taken_back": gettext_lazy("that the registration code is not valid any more"),
    "registration/registered_at_site": gettext_lazy("the registration at the vaccination site"),
    "registration/reopened": gettext_lazy("that the registration was opened again"),
    "registration/request_resolved": gettext_lazy("what became of a request to line 1221"),
    "registration/worker_mismatch": gettext_lazy("that the profession was not confirmed yet"),
    "registration/worker_refused": gettext_lazy("that the profession was not confirmed"),
    "reservation/no_more_offers": gettext_lazy("that no more times are offered"),
    "reservation/paused": gettext_lazy("that no more PIN2 are sent"),
    "reservation/pin2_ends": gettext_lazy("that PIN2 ends soon"),
    "reservation/replan_undone": gettext_lazy("that the earlier times hold again"),
    "reservation/replanned": gettext_lazy("new times for many people at once"),
    "reservation/seat_offer": gettext_lazy("an offered time from the waiting list"),
    "reservation/substitute_back": gettext_lazy("that the earlier time holds again"),
    "reservation/substitute_comes": gettext_lazy("that a substitute is expected"),
    "reservation/substitute_lost": gettext_lazy("that a substitute who cannot come has no time"),
    "reservation/substitute_off": gettext_lazy("that no substitute is needed any more"),
    "reservation/substitute_offer": gettext_lazy("the call to come as a substitute"),
}


def names_of_messages() -> dict[str, str | Promise]:
    """What each message to people is called, by its template."""
    return {**message_names(), **_MESSAGES}


def registrations(rows: Rows) -> Iterator[Entry]:
    """Registered, claimed by another telephone, completed, cancelled."""
    for one in Registration.objects.filter(pk__in=rows.registrations).select_related("registered_at_site"):
        where = one.registered_at_site
        text = _("Registered at the site %(site)s") % {"site": where.name} if where else _("Registered in the portal")
        yield Entry(one.created_at, Kind.REGISTRATION, text)
    for claim in RegistrationClaim.objects.filter(person__in=rows.people):
        text = _("Somebody with another telephone wanted to register this person again")
        yield Entry(claim.created_at, Kind.REGISTRATION, text)
        if claim.resolved_at:
            yield Entry(claim.resolved_at, Kind.REGISTRATION, _("That second registration was settled"))
    for before, event in _versions(Registration, pgh_obj__in=rows.registrations):
        if before is None or before.state == event.state:
            continue
        if event.state == Registration.State.COMPLETED:
            yield _of_event(event, Kind.REGISTRATION, _("All doses are given"))
        elif event.state == Registration.State.CANCELLED:
            yield _of_event(event, Kind.REGISTRATION, _("The registration was cancelled"))
        else:
            yield _of_event(event, Kind.REGISTRATION, _("The registration waits for a dose again"))


def contact_changes(rows: Rows) -> Iterator[Entry]:
    """That contact data changed and which, never from what to what."""
    for model, keys in ((Registration, rows.registrations), (Person, rows.people)):
        for before, event in _versions(model, pgh_obj__in=keys):
            if before is None and event.pgh_label == "insert":
                continue
            changed = [name for name in CONTACT_FIELDS if _differs(before, event, name)]
            if before is None:  # the first version of a person that the history has: what it was before is not known
                yield _of_event(event, Kind.CONTACT, _("Personal data changed"))
            elif changed:
                names = ", ".join(str(model._meta.get_field(name).verbose_name) for name in changed)  # type: ignore[union-attr]
                yield _of_event(event, Kind.CONTACT, _("Changed: %(fields)s") % {"fields": names})


def invitations(rows: Rows) -> Iterator[Entry]:
    """PIN2 issued, and taken back."""
    for one in Invitation.objects.filter(registration__in=rows.registrations):
        until = written(one.expires_at)
        yield Entry(one.issued_at, Kind.INVITATION, _("Invited to reserve, until %(until)s") % {"until": until})
        if one.revoked_at:
            yield Entry(one.revoked_at, Kind.INVITATION, _("PIN2 was replaced or taken back"))


def reservations(rows: Rows) -> Iterator[Entry]:
    """Times chosen, confirmed, moved, missed, given back."""
    of_person = {"registration__in": rows.registrations}
    ends = {
        Reservation.State.EXPIRED: gettext_lazy("The chosen times were not confirmed in time"),
        Reservation.State.CANCELLED: gettext_lazy("The reservation was cancelled"),
        Reservation.State.MISSED: gettext_lazy("The reservation ended: the person did not come"),
    }
    versions = _versions(Reservation, **of_person)
    # Staff may have changed a time since; the first version tells who made the reservation.
    by_staff = {event.pgh_obj_id for before, event in versions if before is None and event.is_by_staff}
    # By the reservation, since an appointment that was given back is no more.
    events = _versions(Appointment, reservation__registration__in=rows.registrations)
    made = Appointment.objects.filter(reservation__registration__in=rows.registrations).order_by("pk")
    appointments = list(made.select_related("slot__site"))
    slots = {one.slot_id: one.slot for one in appointments}
    slots |= {one.pk: one for one in _known_slots({event.slot_id for _before, event in events} - slots.keys())}
    times = _first_times(appointments, events, slots)
    for one in Reservation.objects.filter(**of_person):
        text = _("Staff made a reservation") if one.pk in by_staff else _("Times were chosen")
        # Staff make it with one time; the others, as those of later doses, are found on another day.
        count = 1 if one.pk in by_staff else 2
        first, later = times.get(one.pk, [])[:count], times.get(one.pk, [])[count:]
        if first := [time for time in first if time]:
            text = f"{text}: {'; '.join(first)}"
        if later := [time for time in later if time]:
            text = f"{text}. {_('Arranged later: %(times)s') % {'times': '; '.join(later)}}"
        yield Entry(one.created_at, Kind.RESERVATION, text)
        if one.confirmed_at:
            yield Entry(one.confirmed_at, Kind.RESERVATION, _("The reservation was confirmed"))
    for before, event in versions:
        if event.state in ends and (before is None or before.state != event.state):
            yield _of_event(event, Kind.RESERVATION, ends[event.state])
    yield from _moves(events, slots)


def _first_times(
    appointments: Iterable[Appointment], events: Iterable[tuple[Any | None, Any]], slots: dict[int, Slot]
) -> dict[UUID, list[str]]:
    """The times as they were made, by reservation in their order; empty where the history knows the moved one alone."""
    first = {event.pgh_obj_id: event for before, event in events if before is None}
    times: dict[UUID, list[str]] = {}
    for one in appointments:
        event = first.get(one.pk)
        is_moved = event is not None and event.state == Appointment.State.BOOKED
        slot = slots.get(event.slot_id if event else one.slot_id)
        text = ""
        if slot is not None and not is_moved:
            values = {"dose": one.dose_number, "when": written(slot.starts_at), "site": slot.site.name}
            text = _("dose %(dose)d on %(when)s, %(site)s") % values
        times.setdefault(one.reservation_id, []).append(text)
    return times


def _moves(events: Iterable[tuple[Any | None, Any]], slots: dict[int, Slot]) -> Iterator[Entry]:
    for before, event in events:
        dose, slot = {"dose": event.dose_number}, slots.get(event.slot_id)
        if event.pgh_label == "delete":
            yield _of_event(event, Kind.RESERVATION, _("The time of dose %(dose)d was given back") % dose)
        elif event.state == Appointment.State.MISSED:
            yield _of_event(event, Kind.RESERVATION, _("The person did not come for dose %(dose)d") % dose)
        elif before is not None and before.slot_id == event.slot_id:
            continue  # fulfilled or not: the dose says it
        elif event.state == Appointment.State.BOOKED and slot is not None:
            when = written(slot.starts_at)
            text = _("Dose %(dose)d has its time on %(when)s, %(site)s") % {
                **dose,
                "when": when,
                "site": slot.site.name,
            }
            yield _of_event(event, Kind.RESERVATION, text)


def visits(rows: Rows) -> Iterator[Entry]:
    """Arrived, left, sent away, check-in taken back."""
    found = Visit.objects.filter(registration__in=rows.registrations).select_related("site", "checked_in_by")
    for one in found:
        text = _("Arrived at %(site)s, %(how)s") % {"site": one.site.name, "how": one.get_came_as_display()}
        yield Entry(one.arrived_at, Kind.VISIT, text, name_of_user(one.checked_in_by), one.over_capacity_reason)
        if one.state == Visit.State.SENT_AWAY and one.left_at:
            yield Entry(
                one.left_at, Kind.VISIT, _("Left without a dose: %(why)s") % {"why": one.get_sent_away_display()}
            )
        elif one.left_at:
            yield Entry(one.left_at, Kind.VISIT, _("Left after the observation"))
    for before, event in _versions(Visit, registration__in=rows.registrations):
        if event.state == Visit.State.UNDONE and (before is None or before.state != event.state):
            yield _of_event(event, Kind.VISIT, _("The check-in was taken back"))


def questions(rows: Rows) -> Iterator[Entry]:
    """That the questions were answered and confirmed, never the answers."""
    found = FilledQuestionnaire.objects.filter(registration__in=rows.registrations)
    for one in found.select_related("filled_by", "confirmed_by"):
        dose = {"dose": one.dose_number}
        if one.filled_by is None:
            yield Entry(
                one.filled_at, Kind.ANSWERS, _("The questions before dose %(dose)d were answered at home") % dose
            )
        else:
            text = _("The questions before dose %(dose)d were asked at the site") % dose
            yield Entry(one.filled_at, Kind.ANSWERS, text, name_of_user(one.filled_by))
        if one.confirmed_at and one.confirmed_at != one.filled_at:
            text = _("The answers before dose %(dose)d were confirmed") % dose
            yield Entry(one.confirmed_at, Kind.ANSWERS, text, name_of_user(one.confirmed_by))


def doses(rows: Rows) -> Iterator[Entry]:
    """Doses given, corrected, annulled, and rules that were overridden for them."""
    found = Dose.objects.filter(person__in=rows.people)
    for one in found.select_related("vaccine", "batch", "site", "recorded_by"):
        values = {
            "dose": one.number,
            "vaccine": one.vaccine.name,
            "batch": one.batch.number if one.batch else "–",
            "site": one.site.name if one.site else one.get_source_display(),
        }
        text = _("Dose %(dose)d: %(vaccine)s, batch %(batch)s, %(site)s") % values
        yield Entry(one.given_at, Kind.DOSE, text, name_of_user(one.recorded_by))
        if one.is_late_entry:
            text = _("Dose %(dose)d was recorded, later than it was given") % values
            yield Entry(one.recorded_at, Kind.DOSE, text, name_of_user(one.recorded_by))
    for before, event in _versions(Dose, pgh_obj__person__in=rows.people):
        if before is None:
            continue
        if before.state != event.state and event.state == Dose.State.IN_ERROR:
            text = _("Dose %(dose)d was marked as entered in error: %(why)s") % {
                "dose": event.number,
                "why": Dose.Error(event.error).label,
            }
            yield _of_event(event, Kind.DOSE, text)
        elif any(_differs(before, event, name) for name in DOSE_FIELDS):
            yield _of_event(event, Kind.DOSE, _("The record of dose %(dose)d was corrected") % {"dose": event.number})


def overrides(rows: Rows) -> Iterator[Entry]:
    """That a dose was given against a rule, by which doctor's decision; what the rule said may tell an answer."""
    found = RuleOverride.objects.filter(dose__person__in=rows.people)
    for one in found.select_related("dose", "doctor", "overridden_by"):
        values = {"doctor": one.doctor.name, "dose": one.dose.number}
        text = _("%(doctor)s let dose %(dose)d be given against a rule") % values
        yield Entry(one.overridden_at, Kind.DOSE, text, name_of_user(one.overridden_by))


def adverse_events(rows: Rows) -> Iterator[Entry]:
    """Adverse events reported, added to, nullified; not what happened."""
    of_person = {"dose__person__in": rows.people}
    for one in AdverseEvent.objects.filter(**of_person).select_related("dose", "recorded_by"):
        serious = _("A serious adverse event after dose %(dose)d was reported")
        text = serious if one.is_serious else _("An adverse event after dose %(dose)d was reported")
        yield Entry(one.recorded_at, Kind.EVENT, text % {"dose": one.dose.number}, name_of_user(one.recorded_by))
    for more in AdverseEventAddition.objects.filter(event__dose__person__in=rows.people).select_related("added_by"):
        text = _("Something was added to an adverse event")
        yield Entry(more.added_at, Kind.EVENT, text, name_of_user(more.added_by))
    for before, event in _versions(AdverseEvent, pgh_obj__dose__person__in=rows.people):
        if event.state == AdverseEvent.State.NULLIFIED and (before is None or before.state != event.state):
            yield _of_event(event, Kind.EVENT, _("The report of an adverse event was nullified"))


def messages(rows: Rows) -> Iterator[Entry]:
    """SMS and e-mails to the person: what they were about and how they fared, never their text.

    A message names the row it is about, or no row. One that names none counts where its telephone or address is that
    of this person alone: families share telephones.
    """
    mine = list(Registration.objects.filter(pk__in=rows.registrations).values_list("number", "phone", "email"))
    numbers = {number for number, _phone, _email in mine}
    about = numbers | {str(key) for key in rows.registrations}
    for keys in (
        Reservation.objects.filter(registration__in=rows.registrations),
        Visit.objects.filter(registration__in=rows.registrations),
        Dose.objects.filter(person__in=rows.people),
    ):
        about |= {str(key) for key in keys.values_list("pk", flat=True)}
    about |= references_of(rows)
    names = names_of_messages()
    addresses = {str(one) for row in mine for one in row[1:] if one}
    others = Registration.objects.exclude(pk__in=rows.registrations).filter(
        Q(phone__in=addresses) | Q(email__in=addresses)
    )
    shared = {str(one) for row in others.values_list("phone", "email") for one in row}
    alone = Q(reference="", recipient__in=addresses - shared)
    for one in Message.objects.filter(Q(reference__in=about) | Q(owner__in=numbers) | alone).order_by("-pk")[
        :MOST_MESSAGES
    ]:
        what = names.get(one.template, _("a message"))
        values = {"channel": one.get_channel_display(), "what": what, "state": one.get_state_display()}
        yield Entry(one.created_at, Kind.MESSAGE, _("%(channel)s: %(what)s (%(state)s)") % values)


ALL = (
    registrations,
    contact_changes,
    invitations,
    reservations,
    visits,
    questions,
    doses,
    overrides,
    adverse_events,
    messages,
)


def _versions(model: Any, **which: Any) -> list[tuple[Any | None, Any]]:
    """The versions of the rows in the history, each with the one before it, and the name of who made it as `by`."""
    events = list(
        model.pgh_event_model.objects.filter(**which)
        .select_related("pgh_context")
        .order_by("pgh_obj_id", "pgh_created_at", "pgh_id")
    )
    told = [event.pgh_context.metadata if event.pgh_context else {} for event in events]
    names = history.names_of_users(told)
    before: Any | None = None
    found: list[tuple[Any | None, Any]] = []
    for event, context in zip(events, told, strict=True):
        event.by, event.reason = names.get(context.get("user") or 0, ""), context.get("reason", "")
        found.append((before if before is not None and before.pgh_obj_id == event.pgh_obj_id else None, event))
        before = event
    return found


def _of_event(event: Any, kind: Kind, text: Any) -> Entry:
    return Entry(event.pgh_created_at, kind, text, event.by, event.reason)


def _differs(before: Any | None, event: Any, name: str) -> bool:
    return before is not None and getattr(before, name, None) != getattr(event, name, None)


def _known_slots(keys: Iterable[int]) -> QuerySet[Slot]:
    return Slot.objects.filter(pk__in=list(keys)).select_related("site")
