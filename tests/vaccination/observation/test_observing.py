"""Who sits, letting people go and keeping them longer."""

from datetime import datetime, timedelta
from uuid import uuid4

import pytest

from crs.errors import FormChanged
from crs.sent_forms import Sending
from logistics.models import VaccinationSite
from logistics.stock.ledger import EntryContext
from tests.factories import NOW, context, make_account, make_site, make_sitting
from vaccination.models import Dose, Visit
from vaccination.observation import errors, observing

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]


def after(minutes: float) -> datetime:
    return NOW + timedelta(minutes=minutes)


def visit_of(dose: Dose) -> Visit:
    assert dose.visit
    dose.visit.refresh_from_db()
    return dose.visit


def test_whoever_is_over_time_stands_first_the_longest_over_before_others(site: VaccinationSite) -> None:
    doses = [make_sitting(site, minutes=minutes) for minutes in (30, 5, 15, 10)]
    make_sitting(make_site("Jinde", "CZ0642"))
    people = observing.sitting(site, now=after(12))
    assert [one.dose for one in people] == [doses[index] for index in (1, 3, 2, 0)]
    assert [(one.is_over, one.seconds_left, one.minutes_over) for one in people] == [
        (True, 0, 7),
        (True, 0, 2),
        (False, 180, 0),
        (False, 1080, 0),
    ]
    assert {one.since for one in people} == {NOW}


def test_the_last_half_second_of_the_observation_is_not_over(site: VaccinationSite, dose: Dose) -> None:
    (one,) = observing.sitting(site, now=after(15) - timedelta(seconds=0.5))
    assert (one.is_over, one.seconds_left) == (False, 1)
    (one,) = observing.sitting(site, now=after(15))
    assert one.is_over


def test_a_person_whose_time_is_over_goes_and_leaves_the_list(site: VaccinationSite, dose: Dose) -> None:
    visit = observing.leave(visit=visit_of(dose), context=context(after(15)))
    assert (visit.state, visit.left_at) == ("GONE", after(15))
    assert observing.sitting(site, now=after(15)) == []


def test_nobody_goes_early_in_silence_and_the_history_keeps_who(dose: Dose) -> None:
    visit, nurse = visit_of(dose), make_account("sestra")
    with pytest.raises(errors.StillObserved) as refusal:
        observing.leave(visit=visit, context=context(after(14)))
    assert "9:15" in str(refusal.value)
    assert visit_of(dose).state == "OBSERVED"
    early = EntryContext(by=nurse, now=after(14))
    observing.leave(visit=visit, context=early, early_reason="  na vlastní\n žádost ")
    assert visit.left_because == "na vlastní žádost"
    latest = visit.events.order_by("-pgh_id")[0]  # type: ignore[attr-defined]
    assert "reason" not in latest.pgh_context.metadata, "the history would keep it in plain text"
    assert latest.pgh_context.metadata["operation"] == "vaccination.leave"
    assert latest.pgh_context.metadata["user"] == nurse.pk


def test_whoever_presses_second_finds_the_person_gone_without_an_error(dose: Dose) -> None:
    observing.leave(visit=visit_of(dose), context=context(after(15)))
    assert observing.leave(visit=visit_of(dose), context=context(after(16))).left_at == after(15)


@pytest.mark.parametrize("state", ["ARRIVED", "UNDONE"])
def test_only_somebody_under_observation_goes_or_is_kept_longer(dose: Dose, state: str) -> None:
    Visit.objects.update(state=state)
    with pytest.raises(errors.NotObserved):
        observing.leave(visit=visit_of(dose), context=context(after(15)))
    with pytest.raises(errors.NotObserved):
        observing.prolong(visit=visit_of(dose), minutes=15, context=EntryContext(None, NOW, note="závrať"))


@pytest.mark.parametrize(("pressed_at", "until"), [(5, 30), (40, 55)])
def test_somebody_is_kept_longer_from_the_end_or_from_now(
    site: VaccinationSite, dose: Dose, pressed_at: int, until: int
) -> None:
    why = EntryContext(by=None, now=after(pressed_at), note="závrať")
    assert observing.prolong(visit=visit_of(dose), minutes=15, context=why).observe_until == after(until)
    assert [one.kept_because for one in observing.sitting(site, now=after(pressed_at))] == ["závrať"]
    with pytest.raises(errors.StillObserved):
        observing.leave(visit=visit_of(dose), context=context(after(until - 1)))


def test_keeping_somebody_longer_needs_a_reason_and_a_sensible_time(dose: Dose) -> None:
    with pytest.raises(errors.ReasonMissing):
        observing.prolong(visit=visit_of(dose), minutes=15, context=EntryContext(None, NOW, note=" "))
    for minutes in (4, 241):
        with pytest.raises(errors.NotThisLong):
            observing.prolong(visit=visit_of(dose), minutes=minutes, context=EntryContext(None, NOW, note="závrať"))


def test_a_form_sent_twice_prolongs_once(dose: Dose) -> None:
    key = uuid4()
    why = EntryContext(by=None, now=NOW, form=Sending(key, "15"), note="závrať")
    for _ in range(2):
        observing.prolong(visit=visit_of(dose), minutes=15, context=why)
    assert visit_of(dose).observe_until == after(30)
    other = EntryContext(by=None, now=NOW, form=Sending(key, "60"), note="závrať")
    with pytest.raises(FormChanged):
        observing.prolong(visit=visit_of(dose), minutes=60, context=other)
