"""The facts of a dose that the database hands over at once are the rows that the ORM reads."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.core.exceptions import ObjectDoesNotExist
from django.db.models import Model
from django.utils import timezone

from logistics.models import DoseInterval, DoseRule, StockBalance, VaccinationSite
from tests.factories import NOW, make_dose
from tests.vaccination.doses.conftest import come
from vaccination.doses import case_facts
from vaccination.doses.case_facts import Facts
from vaccination.models import DayClosing, Dose, FilledQuestionnaire, ObservationTime, VialSession, Visit

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]
TODAY = timezone.localdate(NOW)


def read(visit: Visit, vial: VialSession, **changes: Any) -> Facts:
    asked = {"registration": visit.registration, "site_id": visit.site_id, "day": TODAY, "item_id": None}
    return case_facts.read(**{**asked, "visit_id": visit.pk, "vial_id": vial.pk, **changes})


def values(row: Model | None) -> dict[str, Any]:
    assert row is not None
    return {field.attname: getattr(row, field.attname) for field in row._meta.concrete_fields}


def test_every_row_is_what_the_orm_reads(site: VaccinationSite, vial: VialSession) -> None:
    visit = come(site)
    earlier = make_dose(visit, vial)
    Dose.objects.update(given_at=NOW - timedelta(days=30, microseconds=5), visit=None)
    facts = read(visit, vial)
    vial.refresh_from_db()
    batch = vial.item.batch
    assert batch is not None
    balance = StockBalance.objects.get(store__site=site, item=vial.item)
    rules = DoseRule.objects.valid_on(TODAY).filter(vaccine=batch.vaccine)
    read_by_orm: list[tuple[Model | None, Model | None]] = [
        (facts.visit, Visit.objects.get(pk=visit.pk)),
        (facts.vial, vial),
        (facts.vial.station if facts.vial else None, vial.station),
        (facts.item, vial.item),
        (facts.batch, batch),
        (facts.batch.vaccine, batch.vaccine),
        (facts.store, balance.store),
        (facts.filled, FilledQuestionnaire.objects.get(visit=visit)),
        (facts.interval, DoseInterval.objects.valid_on(TODAY).get(vaccine=batch.vaccine)),
        *zip(facts.rules, rules, strict=True),
        *zip(facts.doses, [Dose.objects.get(pk=earlier.pk)], strict=True),
    ]
    for built, kept in read_by_orm:
        assert values(built) == values(kept)
        assert not built._state.adding  # type: ignore[union-attr]
    # Who asks for more of the person gets it.
    assert values(facts.person) == values(visit.registration.person)
    assert facts.held == balance.quantity
    assert facts.minutes == ObservationTime.objects.minutes_on(TODAY, site)
    assert not facts.is_day_closed


def test_a_closed_day_is_closed_until_it_is_opened_again(site: VaccinationSite, vial: VialSession) -> None:
    visit = come(site)
    figures = dict.fromkeys(("expected", "vaccinated", "missed", "doses_given", "doses_consumed", "doses_wasted"), 0)
    DayClosing.objects.create(site=site, day=TODAY, closed_at=NOW, **figures)
    assert read(visit, vial).is_day_closed
    assert not read(visit, vial, day=TODAY - timedelta(days=1)).is_day_closed
    DayClosing.objects.update(reopened_at=NOW, reopening_reason="A dose was forgotten.")
    assert not read(visit, vial).is_day_closed


def test_the_longer_of_two_times_of_observation_counts(site: VaccinationSite, vial: VialSession) -> None:
    visit = come(site)
    ObservationTime.objects.all().delete()
    assert read(visit, vial).minutes == 15
    for minutes, whose in ((30, None), (20, site), (40, None)):
        ObservationTime.objects.create(
            site=whose, minutes=minutes, valid_from=TODAY + timedelta(days=-1 if minutes == 30 else 0)
        )
        assert read(visit, vial).minutes == ObservationTime.objects.minutes_on(TODAY, site)


@pytest.mark.parametrize("name", ["visit_id", "vial_id", "item_id", "site_id"])
def test_what_is_not_there_is_said(site: VaccinationSite, vial: VialSession, name: str) -> None:
    changes: dict[str, Any] = {name: uuid4()}
    if name == "item_id":
        changes = {"vial_id": None, "item_id": 10**9}
    with pytest.raises(ObjectDoesNotExist):
        read(come(site), vial, **changes)
