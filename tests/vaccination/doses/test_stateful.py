"""Days of a site in any order: arrivals, vials, doses, corrections, closings. After each step all of it agrees."""

from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from contextlib import suppress
from copy import deepcopy
from datetime import datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection, transaction
from django.db.models import F, Q
from hypothesis import HealthCheck, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from crs.errors import DomainError
from logistics.models import StockBalance, StockDocument, StockItem, Store, VaccinationSite, Vaccine
from logistics.stock import errors as stock_errors
from logistics.stock import ledger_check
from logistics.stock.ledger import EntryContext, EntryLine
from registration.models import Registration
from reservation.arranging import arrangements
from reservation.errors import DoseAlreadyGiven
from reservation.models import Appointment
from reservation.slots import check
from tests.factories import NOW, make_registration, make_site, make_station, make_store, make_vials, make_worker
from tests.vaccination.doses.conftest import ask
from vaccination.closing import day as closing
from vaccination.closing import errors as closing_errors
from vaccination.closing.errors import DifferenceNeedsExplanation
from vaccination.doses import annulments, corrections, errors, recording
from vaccination.doses.corrections import Correction
from vaccination.doses.recording import DoseEntry
from vaccination.models import DayClosing, Dose, HealthWorker, RuleOverride, Station, VialSession, Visit
from vaccination.observation import observing
from vaccination.vials import errors as vials_errors
from vaccination.vials import sessions
from vaccination.visits import check_in
from vaccination.visits import errors as visits_errors
from vaccination.visits.check_in import CheckInDetails

MINUTE = timedelta(minutes=1)
BATCHES = {"EJ6797": "comirnaty", "FE8405": "comirnaty", "300042460": "spikevax", "XD955": "janssen"}
# Reasons for every rule that a doctor may override.
OVERRIDES = dict.fromkeys(("too_early", "too_late", "other_vaccine", "not_offered"), "Decided by the doctor")
PEOPLE, TABLES = range(3), ("1", "2")
DETAILS = CheckInDetails(identity="PASSPORT", consent="SPOKEN")
# What may be refused, and by which refusals; anything else is a fault.
REFUSALS: dict[str, tuple[type[DomainError], ...]] = {
    "arrive": (visits_errors.AlreadyCheckedIn, visits_errors.DayIsClosed, DoseAlreadyGiven),
    "open": (vials_errors.StationHasOpenVial, vials_errors.VialDayIsClosed, stock_errors.NotEnoughStock),
    "record": (errors.DoseRefused, vials_errors.VialEmpty, vials_errors.VialEnded, vials_errors.VialOutOfTime),
    "annul": (),
    "correct": (
        errors.DoseRefused,
        errors.NothingToCorrect,
        errors.NoVialThatDay,
    ),
    "end": (),
    "close": (closing_errors.PeopleStillObserved, closing_errors.StillWaiting),
    "reopen": (),
}


class _Day(RuleBasedStateMachine):
    """One site with two stations, three vaccines in four batches and three people, two of whom have doses.

    They are made once; each run is rolled back to them.
    """

    first: dict[str, Any]

    @classmethod
    def prepare(cls) -> None:
        """Make what each run begins with."""
        items = [
            make_vials(number, vaccine=vaccine, expires_on=NOW.date() + timedelta(days=3650))
            for number, vaccine in BATCHES.items()
        ]
        site = make_site()
        cls.first = {
            "now": NOW,
            "site": site,
            "items": dict(zip(BATCHES, items, strict=True)),
            "store": make_store(*(EntryLine(item, 40) for item in items), site=site),
            "stations": {name: make_station(site, name) for name in TABLES},
            "doctor": make_worker(site),
            "people": [make_registration() for _ in PEOPLE],
        }
        day = cls()
        for person, later in ((0, 0), (1, 0), (0, 21)):
            day.come_and_be_vaccinated(person, "EJ6797", timedelta(days=later), insists=False)
        day.clock.stop()
        people = [Registration.objects.select_related("person").get(pk=one.pk) for one in day.people]
        cls.first |= {"now": day.now, "people": people}

    def __init__(self) -> None:
        super().__init__()
        self.point = transaction.savepoint()
        self.now: datetime
        self.site: VaccinationSite
        self.items: dict[str, StockItem]
        self.store: Store
        self.stations: dict[str, Station]
        self.doctor: HealthWorker
        self.people: list[Registration]
        vars(self).update(deepcopy(self.first))
        self.clock = time_machine.travel(self.now, tick=False)
        self.time = self.clock.start()
        self.done: Counter[str] = Counter()

    def teardown(self) -> None:
        self.clock.stop()
        assert ledger_check.differences() == []
        self.done["noted"] += sum(one.reason == "Misread" for one in RuleOverride.objects.all())
        transaction.savepoint_rollback(self.point)
        SEEN.update(self.done)

    # --- what happens ---------------------------------------------------------------------------

    @initialize()
    def two_of_them_have_doses(self) -> None:
        assert [registration.doses_received for registration in self.people] == [2, 1, 0]

    @rule(person=st.sampled_from(PEOPLE), vaccine=st.sampled_from(["comirnaty", "comirnaty", "spikevax"]))
    def arrive(self, person: int, vaccine: str) -> None:
        registration = self.people[person]
        registration.refresh_from_db()

        def come() -> None:
            appointment = arrangements.seat_today(
                registration=registration,
                site=self.site,
                vaccine=Vaccine.objects.get(pk=vaccine),
                dose_number=recording.next_number(registration.person),
                now=self.now,
                over_reason="Came",
            )
            ask(check_in.check_in(appointment=appointment, site=self.site, details=DETAILS, context=self.context()))

        self.do("arrive", come)

    @rule(
        person=st.sampled_from(PEOPLE),
        number=st.sampled_from(list(BATCHES)),
        later=st.sampled_from([timedelta(), 10 * MINUTE, *(timedelta(days=days) for days in (16, 21, 45, 160))]),
        insists=st.booleans(),
    )
    def come_and_be_vaccinated(self, person: int, number: str, later: timedelta, insists: bool) -> None:
        self.time_passes(later)
        self.arrive(person, BATCHES[number])
        visit = Visit.objects.filter(state="ARRIVED", registration=self.people[person]).last()
        self.open_vial("1", number, 2)
        vial = sessions.open_at(self.stations["1"])
        if visit is not None and vial is not None:
            self.give(visit, vial, self.now, insists)

    @rule(table=st.sampled_from(TABLES), number=st.sampled_from(list(BATCHES)), doses=st.integers(1, 3))
    def open_vial(self, table: str, number: str, doses: int) -> None:
        station, item = self.stations[table], self.items[number]
        self.do(
            "open",
            lambda: sessions.open_vial(station=station, item=item, doses=doses, context=self.context()),
        )

    @precondition(lambda self: Visit.objects.filter(site=self.site, state="ARRIVED").exists())
    @rule(
        data=st.data(), table=st.sampled_from(TABLES), minutes=st.sampled_from([-2, 0, 0, 1, 30]), insists=st.booleans()
    )
    def record(self, data: st.DataObject, table: str, minutes: int, insists: bool) -> None:
        visit = data.draw(st.sampled_from(list(Visit.objects.filter(state="ARRIVED").order_by("arrived_at", "day"))))
        vial = VialSession.objects.filter(station=self.stations[table]).order_by("-opened_at").first()
        if vial is None:
            return
        self.give(visit, vial, self.now - minutes * MINUTE, insists)

    def give(self, visit: Visit, vial: VialSession, given_at: datetime, insists: bool) -> None:
        entry = DoseEntry(
            registration=visit.registration,
            site=self.site,
            visit=visit,
            vial=vial,
            number=recording.next_number(visit.registration.person),
            given_at=given_at,
            where="LEFT_ARM",
            is_dominant_side=None,
            given_by=self.doctor,
            doctor=self.doctor,
            overrides=OVERRIDES if insists else {},
        )
        self.do("record", lambda: recording.record(entry=entry, context=self.context()))

    @precondition(lambda self: Dose.objects.valid().filter(site=self.site).exists())
    @rule(data=st.data(), error=st.sampled_from(["WRONG_PERSON", "NEVER_GIVEN"]))
    def annul(self, data: st.DataObject, error: str) -> None:
        dose = self.some_dose(data)
        self.do("annul", lambda: annulments.annul(dose=dose, error=error, reason="Mistake", context=self.context()))

    @precondition(lambda self: Dose.objects.valid().filter(site=self.site).exists())
    @rule(data=st.data(), number=st.sampled_from(list(BATCHES)), minutes=st.sampled_from([0, 0, 0, 0, 1, 24 * 60]))
    def correct(self, data: st.DataObject, number: str, minutes: int) -> None:
        dose = self.some_dose(data)
        change = Correction(batch=self.items[number].batch, given_at=dose.given_at - minutes * MINUTE)
        self.do(
            "correct",
            lambda: corrections.correct(dose=dose, change=change, reason="Misread", context=self.context()),
        )

    @rule(table=st.sampled_from(TABLES), how=st.sampled_from(["PUT_ASIDE", "WASTED"]))
    def end_vial(self, table: str, how: str) -> None:
        vial = sessions.open_at(self.stations[table])
        if vial is not None:
            why = "LEFT_OVER" if how == "WASTED" else ""
            self.do("end", lambda: sessions.end(vial=vial, how=how, context=self.context(), waste_reason=why))

    @rule(often=st.integers(1, 3), is_everybody_gone=st.booleans())
    def close_or_reopen(self, often: int, is_everybody_gone: bool) -> None:
        day = self.now.date()
        standing = DayClosing.objects.standing().filter(site=self.site, day=day).first()
        if standing is not None:
            self.do("reopen", lambda: closing.reopen(closing=standing, reason="Came late", context=self.context()))
        elif often == 1:
            if is_everybody_gone:
                self.let_everybody_go()
            self.do("close", self.close)

    def let_everybody_go(self) -> None:
        for visit in Visit.objects.filter(state="ARRIVED"):
            check_in.send_away(visit=visit, why="NO_VACCINE", note="", context=self.context())
        for visit in Visit.objects.filter(state="OBSERVED"):
            observing.leave(visit=visit, early_reason="In a hurry", context=self.context())

    def close(self) -> None:
        """No difference is explained: the doses must agree with the stock by themselves."""
        try:
            closed = closing.close(
                site=self.site,
                day=self.now.date(),
                explanation="",
                waste_reason="LEFT_OVER",
                nobody_comes=True,
                context=self.context(),
            )
        except DifferenceNeedsExplanation as difference:
            raise AssertionError("the doses of the day differ from the stock") from difference
        assert closed.doses_given == closed.doses_consumed
        assert not VialSession.objects.with_rest().exists()
        assert not StockBalance.objects.present().filter(store=self.store, item__storage="OPEN").exists()
        today = Appointment.objects.filter(slot__site=self.site, slot__day=closed.day, state="BOOKED")
        assert not today.filter(reservation__state="CONFIRMED").exists()

    @rule(step=st.sampled_from([10 * MINUTE, timedelta(hours=3), *(timedelta(days=n) for n in (1, 16, 21, 45, 160))]))
    def time_passes(self, step: timedelta) -> None:
        if step >= timedelta(days=1):
            for visit in Visit.objects.filter(state="ARRIVED"):
                check_in.send_away(visit=visit, why="NO_VACCINE", note="", context=self.context())
        self.now += step
        self.time.move_to(self.now)

    # --- what always holds ----------------------------------------------------------------------

    @invariant()
    def doses_are_numbered_without_a_gap_and_as_they_were_given(self) -> None:
        connection.check_constraints()
        people = Registration.objects.filter(pk__in=[one.pk for one in self.people])
        self.people = list(people.select_related("person").order_by("pk"))
        doses_of = self.doses_of_people("given_at")
        for registration in self.people:
            doses = doses_of[registration.person_id]
            assert [dose.number for dose in doses] == list(range(1, len(doses) + 1))
            assert registration.doses_received == len(doses)
            assert (registration.state == "COMPLETED") == any(dose.number >= dose.vaccine.doses for dose in doses)

    @invariant()
    def no_rule_is_broken_without_an_override(self) -> None:
        overridden = set(RuleOverride.objects.values_list("dose", "rule"))
        for doses in self.doses_of_people("number").values():
            for dose in doses:
                for code in _broken(doses[: dose.number - 1], dose):
                    assert (dose.pk, code) in overridden, code

    @invariant()
    def the_ledger_and_the_vials_agree_with_the_records(self) -> None:
        standing = StockDocument.objects.not_reversed().filter(store=self.store, kind="CONSUMPTION")
        valid = Dose.objects.valid().filter(site=self.site)
        assert set(standing.values_list("pk", flat=True)) == set(valid.values_list("consumption", flat=True))
        for consumption, given_on in valid.values_list("consumption__happened_on", "given_on"):
            assert consumption == given_on
        given = Counter(valid.values_list("vial", flat=True))
        assert given == +Counter(dict(VialSession.objects.values_list("pk", "given")))
        opened = StockBalance.objects.filter(store=self.store, item__storage="OPEN")
        left = sum(vial.left for vial in VialSession.objects.filter(station__site=self.site))
        assert left == sum(opened.values_list("quantity", flat=True))

    @invariant()
    def nobody_waits_for_a_dose_of_a_complete_series(self) -> None:
        complete = [one.pk for one in self.people if one.state == "COMPLETED"]
        to_come = Appointment.objects.filter(reservation__state="CONFIRMED", state="BOOKED")
        assert not to_come.filter(
            reservation__registration__in=complete,
            slot__starts_at__gt=self.now,
            dose_number__lte=F("slot__vaccine__doses"),
        ).exists()
        assert check.wrong_counters() == []

    @invariant()
    def an_appointment_is_fulfilled_by_one_dose(self) -> None:
        fulfilled = set(Appointment.objects.filter(state="FULFILLED").values_list("pk", flat=True))
        used = list(Dose.objects.valid().values_list("visit__appointment", flat=True))
        assert len(used) == len(set(used))
        assert fulfilled == set(used)
        vaccinated = Q(state__in=("OBSERVED", "GONE"))
        assert Visit.objects.filter(vaccinated).count() == len(used)

    # --- how it is done -------------------------------------------------------------------------

    def do(self, name: str, what: Callable[[], Any]) -> None:
        """Do it, or be refused in words; a refusal leaves nothing behind."""
        with suppress(*REFUSALS[name]), transaction.atomic():
            what()
            self.done[name] += 1

    def context(self) -> EntryContext:
        return EntryContext(by=None, now=self.now)

    def doses_of_people(self, order: str) -> defaultdict[int, list[Dose]]:
        """The valid doses of each person, by the key of the person."""
        found: defaultdict[int, list[Dose]] = defaultdict(list)
        persons = [one.person_id for one in self.people]
        for dose in Dose.objects.valid().filter(person__in=persons).select_related("vaccine").order_by(order):
            found[dose.person_id].append(dose)
        return found

    def some_dose(self, data: st.DataObject) -> Dose:
        return data.draw(st.sampled_from(list(Dose.objects.valid().order_by("recorded_at", "given_at", "number"))))


def _broken(history: Sequence[Dose], dose: Dose) -> list[str]:
    """The rules of days and vaccines, computed another way than the guards do."""
    if not history:
        return []
    first, before = history[0], history[-1]
    days = (dose.given_on - before.given_on).days
    after_one_dose = first.vaccine_id == "janssen"
    if dose.vaccine_id == "janssen":
        least = {2: 61}.get(dose.number)
    elif after_one_dose:
        least = {2: 61, 3: 122}.get(dose.number)
    else:
        least = {2: {"comirnaty": 19, "spikevax": 25}[dose.vaccine_id], 3: 152, 4: 122}.get(dose.number)
    if least is None:
        # Nobody decides to give a dose so early after a series.
        return ["not_offered", *(["too_early"] if days < 28 else [])]
    early = ["too_early"] if days < least else []
    if after_one_dose or dose.vaccine_id == "janssen":
        return early
    late = ["too_late"] if dose.number == 2 and days > 42 else []
    other = ["other_vaccine"] if dose.number == 2 and dose.vaccine_id != before.vaccine_id else []
    return early + late + other


SEEN: Counter[str] = Counter()


@pytest.mark.django_db
def test_any_day_of_a_site_leaves_people_vials_and_stock_in_agreement() -> None:
    _Day.prepare()
    _run(examples=10, number=0)
    # How often each act comes is chance, and another one after a change anywhere: Hypothesis tries all our constants.
    for number in range(1, 20):
        if _is_more_than_refusals():
            break
        _run(examples=4, number=number)
    assert _is_more_than_refusals(), SEEN


def _run(*, examples: int, number: int) -> None:
    terms = settings(max_examples=examples, stateful_step_count=20, suppress_health_check=list(HealthCheck))
    run_state_machine_as_test(seed(number)(_Day), settings=terms)


def _is_more_than_refusals() -> bool:
    often = min(SEEN[name] for name in ("record", "annul", "correct")) >= 5
    return often and min(SEEN[name] for name in ("noted", "close", "reopen")) > 0
