"""Sites at work for the bench: stations with open vials, their teams, and people who were checked in and asked."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.contrib.auth.models import User
from django.db import connection, transaction
from django.utils import timezone
from django_otp.plugins.otp_totp.models import TOTPDevice

from logistics.models import (
    Batch,
    District,
    Role,
    StaffRole,
    StockDocument,
    StockItem,
    StorageCondition,
    Store,
    VaccinationSite,
)
from logistics.stock import items, ledger
from logistics.stock.ledger import EntryContext, EntryLine
from registration.models import Person
from reservation.models import Appointment, Reservation, Slot
from tests.bench import population
from vaccination.models import FilledQuestionnaire, HealthWorker, Station, VialSession, Visit
from vaccination.questions import answers

SITES = 300
STATIONS_OF_A_SITE = 2
DOSES_OF_A_VIAL = 6
IN_STOCK = 1_000_000
SURNAMES = ("Čermák", "Dvořák", "Hájek", "Chalupa", "Kučera", "Novák", "Procházka", "Svoboda", "Šimek", "Žák")
# As many people as a large centre had in an hour, at one time of the calendar.
ROOM = 30_000


@dataclass(frozen=True)
class Desk:
    """A station with the doctor who sits there, who also vaccinates, and the session of their browser."""

    site: VaccinationSite
    store: Store
    station: Station
    doctor: HealthWorker
    session: str = ""


@dataclass(frozen=True)
class Waiting:
    """Somebody who waits for a dose at a desk, from the vial that is open there."""

    desk: Desk
    vial: VialSession
    visit: Visit


class Country:
    """Sites with two stations each, all with a store that holds opened doses enough."""

    def __init__(self) -> None:
        self._now = timezone.now()
        self._people = 0
        batch, _is_new = Batch.objects.get_or_create(
            vaccine_id="comirnaty", number="BENCH1", defaults={"expires_on": self._now.date() + timedelta(days=300)}
        )
        self.item: StockItem = items.vaccine_item(
            batch=batch,
            doses_per_vial=DOSES_OF_A_VIAL,
            storage=StorageCondition.OPEN,
            use_by=self._now.replace(second=0, microsecond=0) + timedelta(days=1),
        )
        with transaction.atomic():
            self.desks: list[Desk] = list(self._desks())
            days = (self._now, self._now + timedelta(days=21))
            made = [
                self._slot(site, day)
                for site in {desk.site.pk: desk.site for desk in self.desks}.values()
                for day in days
            ]
            slots = Slot.objects.bulk_create(made)
        self._slots = {slots[at].site_id: (slots[at], slots[at + 1]) for at in range(0, len(slots), 2)}

    def waiting(self, desks: Sequence[Desk], *, each: int = DOSES_OF_A_VIAL) -> list[Waiting]:
        """A new vial at each of the `desks` instead of the one before, and as many people as it has doses.

        One person of each desk after another, as they come in a country.
        """
        now = timezone.now()
        with transaction.atomic():
            vials = self._open(desks, now)
            visits = self.visits([desk.site for desk in desks for _turn in range(each)], now)
        found = [Waiting(desks[at // each], vials[at // each], visit) for at, visit in enumerate(visits)]
        return [found[desk * each + turn] for turn in range(each) for desk in range(len(desks))]

    def visits(self, sites: Sequence[VaccinationSite], now: datetime) -> list[Visit]:
        """A person at each of the `sites` who was checked in and asked."""
        questionnaire = answers.valid_on(timezone.localdate(now))
        said = json.dumps({one.code: {"answer": "NO", "words": ""} for one in questionnaire.questions.all()})
        appointments = self.expected(sites)
        visits = Visit.objects.bulk_create(
            Visit(
                site=site,
                day=timezone.localdate(now),
                registration_id=appointment.reservation.registration_id,
                appointment=appointment,
                came_as=Visit.CameAs.ON_TIME,
                arrived_at=now,
                identity=Visit.Identity.CITIZEN_CARD,
                consent=Visit.Consent.SIGNED,
            )
            for site, appointment in zip(sites, appointments, strict=True)
        )
        FilledQuestionnaire.objects.bulk_create(
            FilledQuestionnaire(
                registration_id=visit.registration_id,
                questionnaire=questionnaire,
                dose_number=1,
                answers=said,
                filled_at=now,
                visit=visit,
                confirmed_at=now,
            )
            for visit in visits
        )
        kept = Visit.objects.select_related("registration").in_bulk([visit.pk for visit in visits])
        return [kept[visit.pk] for visit in visits]

    def fill_day(self, site: VaccinationSite, people: int) -> None:
        """A day of the site in the middle: a third of the people have been here, some of them are."""
        now = timezone.now()
        morning = timezone.localtime(now).replace(hour=8, minute=0, second=0, microsecond=0)
        quarters = [morning + timedelta(minutes=15 * quarter) for quarter in range(40)]
        with transaction.atomic():
            slots = Slot.objects.bulk_create(self._slot(site, at) for at in quarters)
            visits = self.visits([site] * (people // 3), now)
            self.expected([site] * (people - len(visits)))
            booked = Appointment.objects.filter(slot=self._slots[site.pk][0]).order_by("pk")
            for number, appointment in enumerate(booked):
                appointment.slot = slots[number * len(slots) // people]
            Appointment.objects.bulk_update(booked, ["slot"])
            for number, visit in enumerate(visits):
                if number % 10 < 8:
                    visit.state, visit.observe_until, visit.left_at = Visit.State.GONE, now, now
                elif number % 10 == 8:
                    visit.state, visit.observe_until = Visit.State.OBSERVED, now + timedelta(minutes=20)
            Visit.objects.bulk_update(visits, ["state", "observe_until", "left_at"])
            given = [visit.appointment_id for visit in visits if visit.state != Visit.State.ARRIVED]
            Appointment.objects.filter(pk__in=given).update(state=Appointment.State.FULFILLED)
            people_here = Person.objects.filter(registrations__reservations__appointments__slot__in=slots)
            for number, person in enumerate(people_here):
                person.last_name = f"{SURNAMES[number % len(SURNAMES)]}{'ová' * (number % 2)}"
            Person.objects.bulk_update(people_here, ["last_name"])

    def expected(self, sites: Sequence[VaccinationSite]) -> list[Appointment]:
        """The first appointment, today, of a new person at each of the `sites`."""
        first, self._people = 200_000_000 + self._people, self._people + len(sites)
        with connection.cursor() as cursor:
            cursor.execute(population.PEOPLE, {"count": len(sites), "first": first})
            keys = [registration for _invitation, registration in cursor.fetchall()]
        reservations = Reservation.objects.bulk_create(
            Reservation(
                registration_id=key,
                state=Reservation.State.CONFIRMED,
                held_until=self._now,
                created_at=self._now,
                confirmed_at=self._now,
            )
            for key in keys
        )
        return Appointment.objects.bulk_create(
            Appointment(reservation=reservation, dose_number=number, slot=slot)
            for number in (1, 2)
            for reservation, site in zip(reservations, sites, strict=True)
            for slot in self._slots[site.pk][number - 1 : number]
        )[: len(sites)]

    def _desks(self) -> Iterable[Desk]:
        district = District.objects.get(code="CZ0100")
        for number in range(SITES):
            site = VaccinationSite.objects.create(name=f"Bench {number}", district=district, address="Dlouhá 1, Praha")
            lines = [EntryLine(self.item, IN_STOCK)]
            store = ledger.establish(site=site, lines=lines, context=EntryContext(None, self._now))
            for name in range(1, STATIONS_OF_A_SITE + 1):
                station = Station.objects.create(site=site, name=str(name))
                yield Desk(site, store, station, self._doctor(site, number * STATIONS_OF_A_SITE + name))

    def _doctor(self, site: VaccinationSite, number: int) -> HealthWorker:
        user = User.objects.create(username=f"bench-{number}", password="!", is_staff=True)
        return HealthWorker.objects.create(
            site=site,
            user=user,
            name=f"MUDr. Eva Malá {number}",
            register_number=f"{number:09}",
            facility_part="001",
            is_doctor=True,
            began_at=self._now,
        )

    def _slot(self, site: VaccinationSite, at: datetime) -> Slot:
        return Slot(
            site=site, vaccine_id="comirnaty", for_doses="ANY", starts_at=at, minutes=15, capacity=ROOM, booked=0
        )

    def _open(self, desks: Sequence[Desk], now: datetime) -> list[VialSession]:
        stations = [desk.station for desk in desks]
        VialSession.objects.open().filter(station__in=stations).update(ended_at=now, end=VialSession.End.PUT_ASIDE)
        openings = StockDocument.objects.bulk_create(
            StockDocument(
                kind=StockDocument.Kind.OPENING,
                store=desk.store,
                happened_on=timezone.localdate(now),
                recorded_at=now,
            )
            for desk in desks
        )
        return VialSession.objects.bulk_create(
            VialSession(station=desk.station, item=self.item, opening=opening, opened_at=now, doses=DOSES_OF_A_VIAL)
            for desk, opening in zip(desks, openings, strict=True)
        )


def log_in(desk: Desk) -> Desk:
    """The desk with the session of its doctor, who may vaccinate there and stands at the station."""
    user = desk.doctor.user
    assert user is not None, "doctors of the bench have accounts"
    StaffRole.objects.create(user=user, site=desk.site, role=Role.VACCINATOR)
    device = TOTPDevice.objects.create(user=user, name="bench", confirmed=True)
    content = {
        "_auth_user_id": str(user.pk),
        "_auth_user_backend": "crs.accounts.backend.Accounts",
        "_auth_user_hash": user.get_session_auth_hash(),
        "otp_device_id": device.persistent_id,
        "vaccination.stations": {str(desk.site.pk): desk.station.pk},
    }
    session = population.make_session(**content)
    return Desk(desk.site, desk.store, desk.station, desk.doctor, session)
