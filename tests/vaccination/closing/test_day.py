"""Closing a site's day, and opening it again."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from crs.messaging.models import Message
from logistics.models import StockBalance, StockDocument, Store, VaccinationSite
from logistics.stock import ledger, ledger_check
from reservation.models import Appointment, Reservation
from tests.factories import (
    NOW,
    context,
    make_dose,
    make_open_vial,
    make_registration,
    make_reservation,
    make_visit,
)
from tests.vaccination.closing.conftest import vaccinate
from vaccination.closing import day as closing
from vaccination.closing import errors
from vaccination.closing.day import DaySummary, summary
from vaccination.doses import annulments
from vaccination.models import DayClosing, Dose, VialSession, Visit
from vaccination.vials import errors as vial_errors
from vaccination.vials import sessions

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]

TODAY = NOW.date()
EVENING = NOW + timedelta(hours=9)
TOMORROW = NOW + timedelta(days=1)


def close(site: VaccinationSite, **fields: Any) -> DayClosing:
    values: dict[str, Any] = {"day": TODAY, "explanation": "", "waste_reason": "LEFT_OVER", "context": context(EVENING)}
    return closing.close(site=site, **(values | fields))


def reopen(row: DayClosing, reason: str = "A dose was forgotten") -> DayClosing:
    return closing.reopen(closing=row, reason=reason, context=context(EVENING))


def now(site: VaccinationSite) -> DaySummary:
    return summary(site, TODAY, EVENING)


# --- how the day stands -------------------------------------------------------------------------


def test_the_summary_tells_people_doses_and_what_is_left(site: VaccinationSite, vial: VialSession) -> None:
    vaccinate(site, vial)
    vaccinate(site, vial, state="OBSERVED")
    make_visit(site=site)
    make_visit(site=site, state="SENT_AWAY", sent_away="MEDICAL", left_at=NOW)
    make_visit(site=site, came_as="WALK_IN")
    make_reservation(site=site)
    stands = now(site)
    assert (stands.expected, stands.arrived, stands.vaccinated) == (5, 5, 2)
    assert [len(rows) for rows in (stands.observed, stands.waiting, stands.sent_away, stands.absent)] == [1, 2, 1, 1]
    assert (stands.figures.given, stands.figures.consumed, stands.figures.is_even) == (2, 2, True)
    assert [(one.doses, one.vials, one.in_vials) for one in stands.leftovers] == [(4, (vial,), 4)]


def test_the_summary_takes_as_many_queries_for_many_people_as_for_one(site: VaccinationSite, vial: VialSession) -> None:
    counts = []
    for _ in range(2):
        vaccinate(site, vial)
        make_visit(site=site)
        with CaptureQueriesContext(connection) as queries:
            now(site)
        counts.append(len(queries))
    assert counts[0] == counts[1] <= 8


def test_a_consumption_without_a_dose_and_a_dose_without_one_are_named(
    site: VaccinationSite, vial: VialSession
) -> None:
    store = Store.objects.get(site=site)
    by_hand = ledger.consume(store=store, item=vial.item, doses=2, context=context())
    reversed_by_hand = vaccinate(site, vial)
    vaccinate(site, vial)
    assert reversed_by_hand.consumption
    ledger.reverse(document=reversed_by_hand.consumption, context=context())
    other = make_open_vial(site, station="2", number="FE8405")
    vaccinate(site, other)
    both = now(site).figures
    assert [(one.batch.number, one.given, one.consumed, one.difference) for one in both.by_batch] == [
        ("EJ6797", 2, 3, 1),
        ("FE8405", 1, 1, 0),
    ]
    assert [(one.document, one.doses) for one in both.documents_alone] == [(by_hand, 2)]
    assert both.doses_alone == (reversed_by_hand,)
    assert not both.is_even


def test_equal_sums_of_different_batches_are_a_difference_too(site: VaccinationSite, vial: VialSession) -> None:
    other = make_open_vial(site, station="2", number="FE8405")
    dose = vaccinate(site, vial)
    Dose.objects.filter(pk=dose.pk).update(batch=other.item.batch)
    both = now(site).figures
    assert both.given == both.consumed == 1
    assert not both.is_even
    with pytest.raises(errors.DifferenceNeedsExplanation):
        close(site)


# --- refused ------------------------------------------------------------------------------------


def test_nobody_closes_a_day_that_has_not_come(site: VaccinationSite) -> None:
    with pytest.raises(errors.DayNotCome):
        close(site, day=TOMORROW.date())


def test_a_day_is_not_closed_while_somebody_sits_or_waits(site: VaccinationSite, vial: VialSession) -> None:
    dose = vaccinate(site, vial, state="OBSERVED")
    with pytest.raises(errors.PeopleStillObserved) as sitting:
        close(site)
    assert sitting.value.args == (1,)
    Visit.objects.filter(doses=dose).update(state="GONE", left_at=NOW)
    for _ in range(2):
        make_visit(site=site)
    with pytest.raises(errors.StillWaiting) as waiting:
        close(site)
    assert waiting.value.args == (2,)
    assert not DayClosing.objects.exists()


def test_people_of_later_today_need_a_tick(site: VaccinationSite) -> None:
    make_reservation(site=site, clock="14:00")
    noon = context(NOW + timedelta(hours=3))
    with pytest.raises(errors.StillExpected) as refusal:
        close(site, context=noon)
    assert refusal.value.args == (1,)
    assert close(site, context=noon, nobody_comes=True).missed == 1


def test_opened_doses_and_a_difference_need_words(site: VaccinationSite, vial: VialSession) -> None:
    with pytest.raises(errors.LeftoversNeedReason):
        close(site, waste_reason="")
    ledger.consume(store=Store.objects.get(site=site), item=vial.item, doses=1, context=context())
    with pytest.raises(errors.DifferenceNeedsExplanation):
        close(site, explanation="   ")
    closed = close(site, explanation="A syringe fell down.")
    assert (closed.doses_given, closed.doses_consumed, closed.explanation) == (0, 1, "A syringe fell down.")


# --- closed -------------------------------------------------------------------------------------


def test_an_empty_day_can_be_closed(site: VaccinationSite) -> None:
    assert close(site, waste_reason="").doses_given == 0


def test_closing_marks_who_did_not_come_and_tells_them(site: VaccinationSite, vial: VialSession) -> None:
    vaccinated = vaccinate(site, vial)
    absent = make_reservation(make_registration(phone="+420777111222"), site=site)
    ill = make_visit(site=site, state="SENT_AWAY", sent_away="MEDICAL", left_at=NOW)
    closed = close(site)
    assert (closed.expected, closed.vaccinated, closed.missed) == (3, 1, 2)
    states = dict(Appointment.objects.filter(dose_number=1).values_list("reservation__registration", "state"))
    assert states == {
        vaccinated.registration_id: "FULFILLED",
        absent.registration_id: "MISSED",
        ill.registration_id: "MISSED",
    }
    absent.refresh_from_db()
    assert absent.state == Reservation.State.MISSED
    assert Message.objects.filter(recipient="+420777111222").count() == 1


def test_closing_throws_away_what_is_left_in_one_document(site: VaccinationSite, vial: VialSession) -> None:
    over = make_open_vial(site, station="2", number="FE8405", now=NOW - timedelta(hours=1))
    aside = make_open_vial(site, station="3", number="FF0001")
    vaccinate(site, vial)
    sessions.end(vial=aside, how="PUT_ASIDE", context=context())
    store = Store.objects.get(site=site)
    closed = close(site)
    assert closed.doses_wasted == 5 + 6 + 6
    waste = StockDocument.objects.get(kind="WASTE")
    assert (waste.store, waste.reason, waste.movements.count()) == (store, "LEFT_OVER", 3)
    assert not VialSession.objects.open().exists()
    assert not VialSession.objects.with_rest().exists()
    ends = {row.pk: row.end for row in VialSession.objects.all()}
    assert ends == {vial.pk: "OUT_OF_TIME", over.pk: "OUT_OF_TIME", aside.pk: "OUT_OF_TIME"}
    assert not StockBalance.objects.present().filter(item__storage="OPEN").exists()
    assert ledger_check.differences() == []


def test_a_vial_in_its_time_is_wasted_or_kept_for_tomorrow(site: VaccinationSite, vial: VialSession) -> None:
    # Two days after the opening.
    lasting = make_open_vial(site, station="2", number="ABV1234", vaccine="vaxzevria", doses_per_vial=10)
    assert lasting.use_by
    assert lasting.use_by.date() > TODAY
    kept = [row.item.pk for row in now(site).leftovers if row.may_be_kept]
    assert kept == [lasting.item_id]
    # The key of a vial that must not be kept does not keep it.
    close(site, kept_items=[lasting.item_id, vial.item_id])
    lasting.refresh_from_db()
    vial.refresh_from_db()
    assert (lasting.end, lasting.left, vial.end, vial.left) == ("PUT_ASIDE", 6, "OUT_OF_TIME", 0)


def test_opened_doses_that_no_station_knows_are_thrown_away_too(site: VaccinationSite, vial: VialSession) -> None:
    store = Store.objects.get(site=site)
    by_hand = ledger.consume(store=store, item=vial.item, doses=2, context=context())
    (left,) = now(site).leftovers
    assert (left.doses, left.in_vials) == (4, 6)
    assert close(site, explanation=f"{by_hand.number} stands for two paper records").doses_wasted == 4
    assert not VialSession.objects.with_rest().exists()


def test_yesterday_is_closed_without_todays_vials(site: VaccinationSite, vial: VialSession) -> None:
    dose = vaccinate(site, vial)
    today = make_open_vial(site, station="2", number="FE8405", now=TOMORROW)
    same_batch = make_open_vial(site, station="3", now=TOMORROW)
    closed = close(site, context=context(TOMORROW + timedelta(minutes=5)))
    assert (closed.day, closed.doses_given, closed.doses_wasted) == (dose.given_on, 1, 5)
    assert StockDocument.objects.get(kind="WASTE").happened_on == TODAY
    assert set(VialSession.objects.open()) == {today, same_batch}


def test_a_form_sent_twice_closes_once_and_the_second_of_two_people_is_told(site: VaccinationSite) -> None:
    key = uuid4()
    first = close(site, context=context(EVENING, key))
    assert close(site, context=context(EVENING, key)) == first
    with pytest.raises(errors.AlreadyClosed) as refusal:
        close(site)
    assert refusal.value.closing == first


def test_no_vial_is_opened_on_a_closed_day_until_it_is_opened_again(site: VaccinationSite, vial: VialSession) -> None:
    closed = close(site)
    item = StockBalance.objects.present().exclude(item__storage="OPEN").get().item
    with pytest.raises(vial_errors.VialDayIsClosed):
        sessions.open_vial(station=vial.station, item=item, context=context(EVENING))
    with pytest.raises(vial_errors.VialDayIsClosed):
        sessions.add_extra_dose(vial=vial, context=context(EVENING))
    with pytest.raises(vial_errors.VialDayIsClosed):
        sessions.take_up(vial=vial, station=vial.station, context=context(EVENING))
    reopen(closed)
    assert sessions.open_vial(station=vial.station, item=item, context=context(EVENING)).left == 6


# --- opened again -------------------------------------------------------------------------------


def test_a_day_that_was_opened_again_is_closed_with_a_new_row(site: VaccinationSite, vial: VialSession) -> None:
    absent = make_reservation(site=site)
    first = close(site)
    with pytest.raises(errors.ReopeningNeedsReason):
        reopen(first, " ")
    reopened = reopen(first)
    assert (reopened.reopening_reason, reopened.reopened_at) == ("A dose was forgotten", EVENING)
    with pytest.raises(errors.NotClosed):
        reopen(first)
    absent.refresh_from_db()
    assert absent.state == Reservation.State.MISSED
    other = make_open_vial(site, station="2")
    vaccinate(site, other)
    second = close(site)
    assert (first.doses_given, second.doses_given, second.missed) == (0, 1, 0)
    assert second.doses_wasted == 6 + 5
    assert DayClosing.objects.count() == 2


def test_a_vial_gets_its_doses_back_from_a_closing_and_the_others_stay_empty(
    site: VaccinationSite, vial: VialSession
) -> None:
    other = make_open_vial(site, station="2", number="FE8405")
    row = close(site)
    with pytest.raises(vial_errors.VialDayIsClosed):
        sessions.take_back_waste(vial=vial, context=context(TOMORROW))
    reopen(row)
    sessions.take_back_waste(vial=vial, context=context(TOMORROW))
    other.refresh_from_db()
    assert (vial.left, vial.end, other.left) == (6, "OUT_OF_TIME", 0)
    assert now(site).figures.wasted == 6
    assert [(left.item, left.doses) for left in now(site).leftovers] == [(vial.item, 6)]
    assert ledger_check.differences() == []


def test_of_two_vials_of_one_line_that_a_closing_threw_away_each_gets_its_own_doses_back(
    site: VaccinationSite, vial: VialSession
) -> None:
    other = make_open_vial(site, station="2", now=NOW - timedelta(minutes=30))
    assert other.item == vial.item
    vaccinate(site, vial)
    vial.refresh_from_db()
    reopen(close(site))
    for one, doses in ((other, 6), (vial, 5)):
        sessions.take_back_waste(vial=one, context=context(TOMORROW))
        assert (one.left, one.wasted) == (doses, 0)
    assert now(site).figures.wasted == 0
    assert ledger_check.differences() == []


def test_what_is_corrected_later_shows_beside_the_kept_figures(site: VaccinationSite, vial: VialSession) -> None:
    dose = vaccinate(site, vial)
    closed = close(site)
    annulments.annul(dose=dose, error="NEVER_GIVEN", reason="The needle broke", context=context(TOMORROW))
    stands = now(site)
    assert stands.closing == closed
    assert (closed.doses_given, stands.figures.given, stands.figures.consumed) == (1, 0, 0)
    # The dose that came back into its vial is thrown away with the next day.
    assert summary(site, TOMORROW.date(), TOMORROW).opened_doses == 1


# --- unclosed days ------------------------------------------------------------------------------


def test_days_with_people_or_doses_that_nobody_closed_are_told(site: VaccinationSite, vial: VialSession) -> None:
    made = make_visit(site=site)  # dose 2 is in three weeks
    make_dose(made, vial)
    later = (NOW + timedelta(days=30)).date()
    second = TODAY + timedelta(days=21)
    assert DayClosing.objects.unclosed_days(site, TODAY) == []
    assert DayClosing.objects.unclosed_days(site, later) == [TODAY, second]
    DayClosing.objects.create(
        site=site, day=TODAY, closed_at=NOW, expected=1, vaccinated=1, missed=0, doses_given=1, doses_consumed=1,
        doses_wasted=0,
    )  # fmt: skip
    assert DayClosing.objects.unclosed_days(site, later) == [second]
    with transaction.atomic():
        Reservation.objects.update(state="CANCELLED")
    assert DayClosing.objects.unclosed_days(site, later) == []
