"""What the stories share: a site with its team, stock and calendar, what people do, what must be true at the end."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import pytest
import time_machine
from captcha.models import CaptchaStore
from django.contrib.auth.models import User
from django.db.models import Count
from django.utils import translation

from crs.messaging.models import Message
from logistics.models import Role, VaccinationSite
from logistics.stock.ledger_check import differences
from registration.applying.registering import register
from registration.models import Registration
from reservation.models import Appointment, Invitation, Reservation
from tests.cast import CastMember
from tests.factories import (
    NOW,
    PIN2,
    balance,
    make_invitation,
    make_open_vial,
    make_site,
    make_slot,
    make_staff,
    make_station,
    make_worker,
    opened,
)
from tests.pages import answer_to, browser, log_in
from tests.vaccination.stories.walker import Walker
from vaccination.models import Dose, HealthWorker, VialSession
from vaccination.timeline import entries

DAYS = (0, 1, 2, 18, 21, 22, 42)
CLOCKS = ("09:00", "10:00")


@dataclass
class Team:
    """A site with those who work there; each browser is a log-in of its own day."""

    site: VaccinationSite
    registrar: User
    nurse: User
    manager: User
    worker: HealthWorker
    doctor: HealthWorker
    vial: VialSession

    def desk(self) -> Walker:
        """The registrar's tablet."""
        return Walker(log_in(browser(), self.registrar))

    def tablet(self) -> Walker:
        """The nurse's tablet; the site has one station, so nothing is chosen."""
        return Walker(log_in(browser(), self.nurse))

    def office(self) -> Walker:
        """The manager's computer."""
        return Walker(log_in(browser(), self.manager))

    def open_vial(self, now: datetime) -> None:
        """A new morning's vial is open at the station."""
        VialSession.objects.filter(pk=self.vial.pk, ended_at=None).update(ended_at=now, end="PUT_ASIDE")
        self.vial = make_open_vial(self.site, now=now)


def make_team(name: str, *, district: str = "CZ0317") -> Team:
    """A site with a registrar, a nurse, a manager, a doctor, one station with an open vial, and times on `DAYS`."""
    site = make_site(name, district)
    people = {role: make_staff(role, site=site) for role in (Role.REGISTRAR, Role.VACCINATOR, Role.MANAGER)}
    worker = make_worker(site, user=people[Role.VACCINATOR], name="Bc. Iva Sestřičková", is_doctor=False)
    doctor = make_worker(site, name="MUDr. Jan Lékař")
    make_station(site)
    for day in DAYS:
        for clock in CLOCKS:
            make_slot(day, clock, "ANY", 5, site=site)
    vial = make_open_vial(site, now=NOW - timedelta(minutes=30))
    return Team(site, people[Role.REGISTRAR], people[Role.VACCINATOR], people[Role.MANAGER], worker, doctor, vial)


@pytest.fixture
def clock() -> Iterator[time_machine.Traveller]:
    """It is Monday at nine, and time passes when a story says so."""
    with time_machine.travel(NOW, tick=False) as coordinates:
        yield coordinates


@pytest.fixture
def team(db: None, clock: time_machine.Traveller) -> Team:
    return make_team("Nemocnice Tábor")


# --- what people did before the story -----------------------------------------------------------


def registered(who: CastMember) -> Registration:
    """Somebody who registered a week ago and was invited today."""
    made = register(phone=who.phone, details=who.details(today=NOW.date()), language="en", now=NOW - timedelta(days=7))
    assert isinstance(made, Registration)
    make_invitation(made)
    return made


def at_home(who: CastMember) -> Walker:
    """Their browser after logging in with PIN2."""
    home = Walker(browser())
    home.open("reservation:log_in")
    home.send("Log in", phone=who.phone, pin2=PIN2)
    return home


def reserve(home: Walker, site: VaccinationSite, on: date, clock: str) -> str:
    """Choose the site, the day and the time, and confirm; returns what the last page says."""
    home.open("reservation:site")
    home.open("reservation:day", site.pk)
    home.open("reservation:time", site.pk, on)
    home.send(clock.lstrip("0"))
    shown = home.page.content.decode().partition('name="captcha_0" value="')[2].partition('"')[0]
    return home.send("Confirm", captcha_1=answer_to(CaptchaStore.objects.get(hashkey=shown).response))


def with_reservation(who: CastMember, site: VaccinationSite, *, day: int = 0, clock: str = "09:00") -> Registration:
    """Somebody who registered and reserved both doses through the pages, the first one `day` days from now."""
    made = registered(who)
    reserve(at_home(who), site, NOW.date() + timedelta(days=day), clock)
    return made


# --- what staff do again and again --------------------------------------------------------------


def find(desk: Walker, team: Team, text: str) -> str:
    """Search on the page of the day."""
    desk.open("vaccination:day", team.site.pk)
    return desk.send("Search", hledat=text)


def vaccinate(tablet: Walker, team: Team, who: str) -> str:
    """From the list to the recorded dose of somebody who was checked in, all questions answered by no."""
    tablet.open("vaccination:day", team.site.pk)
    tablet.click(who)
    tablet.click("Ask the questions")
    tablet.send("All that is not marked: no")
    tablet.click("Go on to the vaccination")
    return tablet.send("Record dose")


def let_go(team: Team, who: str) -> str:
    """Press 'Has gone' beside the name in the list of those who sit; the one who watches has a tablet of their own."""
    tablet = team.tablet()
    tablet.open("vaccination:observation", team.site.pk)
    return tablet.send(f"Has gone : {who}")


# --- what must be true --------------------------------------------------------------------------


def check_books(*teams: Team) -> None:
    """The ledger adds up, vials agree with records, and so do appointments and the courses of all people."""
    assert differences() == []
    for vial in VialSession.objects.all():
        assert vial.given == Dose.objects.valid().filter(vial=vial).count(), vial
        assert vial.left >= 0
    for team in teams:
        for vial in VialSession.objects.filter(station__site=team.site):
            same = VialSession.objects.filter(station__site=team.site, item=vial.item)
            held = sum(one.left for one in same if one.ended_at is None or one.end == "PUT_ASIDE")
            store = vial.station.site.store
            assert balance(store, opened(vial.opening)) == held
    for registration in Registration.objects.annotate(appointments=Count("reservations__appointments")):
        valid = Dose.objects.valid().filter(person=registration.person_id)
        numbers = sorted(valid.values_list("number", flat=True))
        assert numbers == list(range(1, len(numbers) + 1))
        assert registration.doses_received == len(numbers)
        fulfilled = Appointment.objects.filter(
            reservation__registration=registration, state=Appointment.State.FULFILLED
        )
        assert sorted(fulfilled.values_list("dose_number", flat=True)) == numbers
    for reservation in Reservation.objects.all():
        assert reservation.appointments.exists()
    assert Invitation.objects.count() <= Registration.objects.count()


def told(registration: Registration) -> list[str]:
    """The templates of the messages to the person, in their order."""
    mine = {str(registration.phone), registration.email} - {""}
    return [one.template for one in Message.objects.filter(recipient__in=mine).order_by("pk")]


def timeline(registration: Registration) -> str:
    """The person's timeline, oldest first, in one text."""
    with translation.override("en"):
        found = sorted(entries.entries_of(registration.person), key=lambda one: one.at)
        return " | ".join(f"{one.text} {one.reason}".strip() for one in found)


def operations_on(row: Dose | Registration) -> list[str]:
    """The operations that wrote the versions of a row, in their order."""
    events = type(row).pgh_event_model.objects.filter(pgh_obj=row.pk).order_by("pgh_id")  # type: ignore[union-attr]
    return [(one.pgh_context.metadata if one.pgh_context else {}).get("operation", "") for one in events]
