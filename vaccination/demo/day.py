"""The demonstration's day in progress: made through the operations, each at the time when it would have happened.

So the ledger, the appointments and the records agree, and whoever goes on with the day finds it as staff leave it.
"""

import random
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta

from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone

from logistics.models import DoseRule, StockDocument, StockItem, VaccinationSite, Vaccine
from logistics.staff import demo as demo_staff
from logistics.stock import demo as demo_stock
from logistics.stock.ledger import EntryContext
from registration.applying import at_a_site, registering
from registration.applying.at_a_site import SiteDetails
from registration.applying.errors import AlreadyRegistered
from registration.applying.registering import Details
from registration.models import Registration
from registration.people.insured_number import InsuredNumber
from registration.people.persons import PersonDetails
from reservation.arranging import arrangements, free_times
from reservation.models import Appointment, Slot
from reservation.slots.generation import DEFAULT_MINUTES
from vaccination.closing import day as closing
from vaccination.demo import fridge
from vaccination.demo.people import (
    CAME_BEFORE,
    COME_FOR_SECOND,
    COME_FOR_SECOND_BEFORE,
    COMES_EARLY,
    COMES_EARLY_BEFORE,
    INSURERS,
    PEOPLE,
    STREETS,
    DemoPerson,
    Stage,
)
from vaccination.doses import recording
from vaccination.doses.recording import DoseEntry
from vaccination.models import DayClosing, Dose, HealthWorker, Questionnaire, Station, VialSession, Visit
from vaccination.models.questions import Answer
from vaccination.observation import observing
from vaccination.questions import answers
from vaccination.questions.answers import Answered
from vaccination.team import stations, workers
from vaccination.team.workers import WorkerDetails
from vaccination.vials import sessions
from vaccination.visits import check_in
from vaccination.visits.check_in import CheckInDetails

Reason = StockDocument.Reason

MANAGER, REGISTRAR, NURSE, KEEPER = "vedouci", "registrace", "ockovani", demo_staff.STOCK_KEEPER
# Login ("" logs in nowhere), name, number in the register of health workers, whether a doctor.
WORKERS = (
    (MANAGER, "MUDr. Věra Vedoucí", "104567891", True),
    ("", "MUDr. Ondřej Lukeš, Ph.D.", "118234507", True),
    (NURSE, "Olga Očkovací", "127345618", False),
    (REGISTRAR, "Radka Registrátorová", "133908472", False),
)
FACILITY_PART = "001"
STATIONS = ("1", "2")

MINUTE = timedelta(minutes=1)
BEGAN_BEFORE = timedelta(minutes=120)  # the day has been going on for so long; shortly after midnight less
EARLY, DOSE_AFTER = (
    5,
    6,
)  # minutes before the appointment at which people come, and after it at which they are vaccinated
SEATS_FREE = 2  # in each quarter of an hour, for walk-ins
REGISTERED_BEFORE = timedelta(days=5)
TRIES = 20
# Of those who come today for the second dose one comes so many days too early, and others so many days after they may;
# the days of their first doses were over at noon.
DAYS_TOO_EARLY, DAYS_IN_TIME = 3, 2
NOON = time(12)

THAWED_BEFORE = timedelta(hours=12)


@dataclass(frozen=True)
class _Day:
    """The site, its staff and its time while a day is made. `squeeze` shortens what is past shortly after midnight."""

    site: VaccinationSite
    vaccine: Vaccine
    now: datetime
    squeeze: float
    users: Mapping[str, User]
    nurse: HealthWorker
    doctor: HealthWorker
    station: Station
    chance: random.Random
    questionnaire: Questionnaire

    def at(self, minutes: float) -> datetime:
        """The time so many minutes from now, but on the same day."""
        if minutes <= 0:
            return self.now + self.squeeze * minutes * MINUTE
        last = timezone.make_aware(datetime.combine(timezone.localdate(self.now), time(23, 59)))
        return max(self.now, min(self.now + minutes * MINUTE, last))

    def by(self, name: str, at: datetime) -> EntryContext:
        """The context of what this login did then."""
        return EntryContext(by=self.users[name], now=at)


@transaction.atomic
def load(*, site: VaccinationSite, vaccine: Vaccine, now: datetime) -> int:
    """Put a day in progress into `site`; returns its people, 0 where today has one already or the site is not open.

    The site has its logins and its store (`logistics.staff.demo`, `logistics.stock.demo`).
    """
    today = timezone.localdate(now)
    is_open = VaccinationSite.objects.open().filter(pk=site.pk).exists()
    if not is_open or Visit.objects.filter(site=site, day=today).exists() or DayClosing.objects.is_closed(site, today):
        return 0
    day = _prepare(site, vaccine, now)
    _end_older_vials(day)
    second = _come_for_second(day)
    item = fridge.thawed(vaccine, at=site, context=day.by(KEEPER, now - THAWED_BEFORE), now=now)
    known = [*((who, _register(who, day, REGISTERED_BEFORE)) for who in PEOPLE), *second]
    _seat(known, day)
    vial: VialSession | None = None
    for who, registration in sorted(known, key=lambda one: one[0].minutes):
        if who.at_home:
            _ask_at_home(who, registration, day)
        if who.stage != Stage.EXPECTED:
            vial = _come(who, registration, vial, item, day)
    return len(known)


# --- the site -----------------------------------------------------------------------------------


def _prepare(site: VaccinationSite, vaccine: Vaccine, now: datetime) -> _Day:
    """The team and the stations, made where there are none."""
    users = User.objects.in_bulk([MANAGER, REGISTRAR, NURSE, KEEPER], field_name="username")
    context = EntryContext(by=users[MANAGER], now=now - timedelta(days=demo_stock.STOCKED_DAYS))
    if not HealthWorker.objects.filter(site=site).exists():
        for login, name, number, is_doctor in WORKERS:
            details = WorkerDetails(name, number, FACILITY_PART, is_doctor, users.get(login))
            workers.add(site=site, details=details, context=context)
    if not Station.objects.filter(site=site).exists():
        for name in STATIONS:
            stations.add(site=site, name=name, context=context)
    midnight = timezone.make_aware(datetime.combine(timezone.localdate(now), time.min))
    return _Day(
        site=site,
        vaccine=vaccine,
        now=now,
        squeeze=min(1.0, (now - midnight) / BEGAN_BEFORE),
        users=users,
        nurse=workers.working(site).order_by("is_doctor", "register_number")[0],
        doctor=workers.doctors(site).order_by("register_number")[0],
        station=stations.stations(site)[0],
        chance=random.Random(timezone.localdate(now).toordinal()),  # noqa: S311 (made-up people)
        questionnaire=answers.valid_on(timezone.localdate(now)),
    )


def _end_older_vials(day: _Day) -> None:
    """Throw away what an earlier day left open."""
    for vial in VialSession.objects.open().filter(station__site=day.site):
        context = day.by(MANAGER, day.at(-BEGAN_BEFORE / MINUTE))
        sessions.end(vial=vial, how=VialSession.End.WASTED, context=context, waste_reason=Reason.LEFT_OVER)


def _make_slots(times: Iterable[datetime], day: _Day) -> None:
    """The windows of a calendar of its own for these appointments, with some free seats in each."""
    people = Counter(_window(at) for at in times)
    Slot.objects.bulk_create(
        [
            Slot(
                site=day.site,
                vaccine=day.vaccine,
                for_doses=Slot.Doses.ANY,
                starts_at=starts_at,
                minutes=DEFAULT_MINUTES,
                capacity=count + SEATS_FREE,
            )
            for starts_at, count in people.items()
        ],
        ignore_conflicts=True,
    )


def _window(at: datetime) -> datetime:
    return at.replace(minute=at.minute // DEFAULT_MINUTES * DEFAULT_MINUTES, second=0, microsecond=0)


# --- people -------------------------------------------------------------------------------------


def _register(who: DemoPerson, day: _Day, before: timedelta) -> Registration:
    """The person's registration, from the portal or, without a telephone, at the site."""
    for _try in range(TRIES):
        try:
            return _registered(who, day, day.now - before)
        except AlreadyRegistered:  # of an earlier day of the demonstration
            continue
    raise RuntimeError("there are no numbers left")


def _registered(who: DemoPerson, day: _Day, at: datetime) -> Registration:
    identity, birth_date = who.identity(today=timezone.localdate(day.now), chance=day.chance)
    street, city, postcode = day.chance.choice(STREETS)
    address = {"street": f"{street} {day.chance.randint(2, 90)}", "city": city, "postcode": postcode}
    phone = f"+420601{day.chance.randint(0, 999_999):06}" if who.has_phone else ""
    insurer = day.chance.choice(INSURERS)
    latin_first_name, latin_last_name = who.latin
    person = PersonDetails(
        identity=identity,
        first_name=who.first_name,
        last_name=who.last_name,
        latin_first_name=latin_first_name,
        latin_last_name=latin_last_name,
        birth_date=birth_date,
        sex=who.sex,
        insurer=insurer if isinstance(identity, InsuredNumber) else "",
        **address,
    )
    if isinstance(identity, InsuredNumber) and phone:
        typed = Details(person=person, email=who.email, sites=(day.site,))
        made = registering.register(phone=phone, details=typed, language="cs", now=at)
        assert isinstance(made, Registration)  # noqa: S101 (nobody claims a person of the demonstration)
        return made
    details = SiteDetails(person, phone=phone, email=who.email)
    return at_a_site.register_at_site(details=details, site=day.site, by=day.users[REGISTRAR], language="cs", now=at)


def _seat(known: Iterable[tuple[DemoPerson, Registration]], day: _Day) -> None:
    """Give everybody a seat at their time of today."""
    times = [(registration, day.at(who.minutes)) for who, registration in known]
    _make_slots((at for _registration, at in times), day)
    for registration, at in times:
        number = recording.next_number(registration.person)
        arrangements.seat_today(
            registration=registration, site=day.site, vaccine=day.vaccine, dose_number=number, now=at
        )


def _ask_at_home(who: DemoPerson, registration: Registration, day: _Day) -> None:
    context = EntryContext(by=None, now=day.now - timedelta(hours=20))
    said = _answers(who, day)
    answers.fill_at_home(registration=registration, questionnaire=day.questionnaire, answers=said, context=context)


def _answers(who: DemoPerson, day: _Day) -> dict[str, Answered]:
    """'No' to all questions but those of which the person said something."""
    codes = day.questionnaire.questions.values_list("code", flat=True)
    said = who.says_yes
    return {code: Answered(Answer.YES, said[code]) if code in said else Answered(Answer.NO) for code in codes}


def _come(
    who: DemoPerson, registration: Registration, vial: VialSession | None, item: StockItem, day: _Day
) -> VialSession | None:
    """Let the person come as far as they are; returns the vial that is open after it. New ones are of `item`."""
    arrived = day.at(who.minutes - EARLY)
    visit = _check_in(who, registration, day, arrived)
    if who.stage == Stage.SENT_AWAY:
        context = day.by(NURSE, day.at(who.minutes))
        check_in.send_away(visit=visit, why=Visit.SentAway.MEDICAL, note="Teplota 38,4 °C.", context=context)
    if who.stage in (Stage.WAITING, Stage.SENT_AWAY):
        return vial
    _confirm_answers(who, visit, day, day.at(who.minutes - EARLY / 2))
    if who.stage == Stage.ASKED:
        return vial
    given_at = day.at(who.minutes + DOSE_AFTER)
    vial = _vial(vial, item, day, before=day.at(who.minutes + DOSE_AFTER - 1))
    dose = _vaccinate(visit, vial, day, given_at)
    if who.has_second_time:
        _book_second(registration, dose, day)
    visit.refresh_from_db()
    if who.stage == Stage.GONE and visit.observe_until is not None and visit.observe_until <= day.now:
        observing.leave(visit=visit, context=day.by(NURSE, visit.observe_until))
    return vial


def _check_in(who: DemoPerson, registration: Registration, day: _Day, at: datetime) -> Visit:
    appointment = Appointment.objects.get(
        reservation__registration=registration, state=Appointment.State.BOOKED, slot__day=timezone.localdate(at)
    )
    identity = Visit.Identity.PASSPORT if who.country else Visit.Identity.CITIZEN_CARD
    details = CheckInDetails(identity=identity, consent=Visit.Consent.SIGNED)
    return check_in.check_in(appointment=appointment, site=day.site, details=details, context=day.by(REGISTRAR, at))


def _confirm_answers(who: DemoPerson, visit: Visit, day: _Day, at: datetime) -> None:
    context, filled = day.by(NURSE, at), answers.latest(visit)
    if filled is not None:
        answers.confirm(filled=filled, visit=visit, context=context)
    else:
        answers.fill(visit=visit, questionnaire=day.questionnaire, answers=_answers(who, day), context=context)


def _vial(vial: VialSession | None, item: StockItem, day: _Day, *, before: datetime) -> VialSession:
    """The open vial at the first station, or a new one."""
    if vial is not None:
        vial.refresh_from_db()
        if vial.ended_at is None:
            return vial
    return sessions.open_vial(station=day.station, item=item, context=day.by(NURSE, before))


def _vaccinate(visit: Visit, vial: VialSession, day: _Day, at: datetime) -> Dose:
    registration = Registration.objects.select_related("person").get(pk=visit.registration_id)
    entry = DoseEntry(
        registration=registration,
        site=day.site,
        visit=visit,
        vial=vial,
        number=recording.next_number(registration.person),
        given_at=at,
        where=Dose.Where.LEFT_ARM,
        is_dominant_side=False,
        given_by=day.nurse,
        doctor=day.doctor,
    )
    return recording.record(entry=entry, context=day.by(NURSE, at))


def _book_second(registration: Registration, dose: Dose, day: _Day) -> None:
    """A time for the second dose: on the ideal day where a seat is free."""
    first_on = timezone.localdate(dose.given_at)
    times = free_times.times_for(
        registration=registration,
        site=day.site,
        vaccine=day.vaccine,
        dose_number=2,
        first_on=first_on,
        now=dose.given_at,
    )
    if times:
        best = min(times, key=lambda one: (not one.is_ideal_day, one.starts_at))
        arrangements.book_next(registration=registration, dose_number=2, slot_id=best.slot_id, now=dose.given_at)


# --- the days of the first doses ----------------------------------------------------------------


def _come_for_second(today: _Day) -> list[tuple[DemoPerson, Registration]]:
    """Those who come today for the second dose: one too early, and others in time."""
    rule = DoseRule.objects.valid_on(timezone.localdate(today.now)).get(vaccine=today.vaccine, dose_number=2)
    assert rule.min_days is not None, "dose_rule_has_its_days"  # noqa: S101
    early = _first_doses(today, rule.min_days - DAYS_TOO_EARLY, (COMES_EARLY_BEFORE, *CAME_BEFORE))
    in_time = _first_doses(today, rule.min_days + DAYS_IN_TIME, COME_FOR_SECOND_BEFORE)
    return [*zip((COMES_EARLY,), early, strict=False), *zip(COME_FOR_SECOND, in_time, strict=False)]


def _first_doses(today: _Day, days_ago: int, people: Iterable[DemoPerson]) -> list[Registration]:
    """Play the day on which these people had the first dose, and return their registrations.

    Nobody where the site has worked on that day already.
    """
    on = timezone.localdate(today.now) - timedelta(days=days_ago)
    if Visit.objects.filter(site=today.site, day=on).exists() or DayClosing.objects.is_closed(today.site, on):
        return []
    day = replace(today, now=timezone.make_aware(datetime.combine(on, NOON)), squeeze=1.0)
    known = [(who, _register(who, day, REGISTERED_BEFORE)) for who in people]
    _seat(known, day)
    morning = day.by(KEEPER, day.now - timedelta(hours=6))
    item = fridge.delivered(day.vaccine, vials=1, at=day.site, context=morning)
    vial: VialSession | None = None
    for who, registration in known:
        vial = _come(who, registration, vial, item, day)
    context = day.by(MANAGER, day.now + timedelta(hours=1))
    closing.close(site=day.site, day=on, explanation="", waste_reason=Reason.LEFT_OVER, context=context)
    return [registration for _who, registration in known]
