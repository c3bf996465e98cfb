"""Opening rules: what a plan says, what saving does at once, and who is asked about."""

from dataclasses import replace
from datetime import date, time, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db.models import F
from django.utils import translation

from crs.messaging.models import Message
from crs.sent_forms import Sending
from logistics.models import DoseInterval, VaccinationSite, Vaccine
from reservation.models import AffectedAppointment, Appointment, OpeningRule, Slot
from reservation.opening import plans, rules
from reservation.opening.drafts import Draft, Span, draft_of
from reservation.opening.errors import PeopleChanged, RuleBegins, RuleChanged, RulesCollide, TooManyPeople
from reservation.opening.generating import generate
from reservation.opening.plans import Change
from tests.factories import (
    NOW,
    make_account,
    make_opening_rule,
    make_registration,
    make_reservation,
    make_slot,
)

pytestmark = pytest.mark.django_db

MONDAY = NOW.date()
NEXT_MONDAY = MONDAY + timedelta(days=7)


@pytest.fixture(autouse=True)
def _short_horizon(settings: Any) -> None:
    settings.CALENDAR_DAYS_AHEAD = 28


@pytest.fixture
def rule(site: VaccinationSite) -> OpeningRule:
    made = make_opening_rule(site, minutes=60)
    generate(now=NOW)
    return made


def booked(site: VaccinationSite, day: int, clock: str, **person: Any) -> Appointment:
    """A first dose; the second one is three weeks later at the same time."""
    return make_reservation(make_registration(**person), site=site, day=day, clock=clock).appointments.get(
        dose_number=1
    )


def until_noon(rule: OpeningRule, day: date = NEXT_MONDAY) -> Draft:
    draft = draft_of(rule)
    hours = tuple(replace(span, closes_at=time(12)) for span in draft.hours)
    return replace(draft, valid_from=day, hours=hours)


def test_a_plan_of_a_new_rule_lists_what_is_created_and_writes_nothing(site: VaccinationSite) -> None:
    draft = Draft("janssen", MONDAY + timedelta(days=1), (Span(1, time(8), time(9, 50)),), 5, first_percent=40)
    plan = plans.plan(Change(site, draft), now=NOW)
    assert [(week.monday, week.before, week.after, week.added) for week in plan.weeks] == [
        (MONDAY + timedelta(weeks=count), 0, 35, 35) for count in range(4)
    ]
    assert (plan.affected, plan.fingerprint, plan.minutes_left) == ((), plans.NOBODY, 5)
    assert not Slot.objects.exists()
    assert not OpeningRule.objects.exists()


def test_a_plan_says_which_weeks_change_and_whose_time_goes(site: VaccinationSite, rule: OpeningRule) -> None:
    stays = booked(site, 8, "11:00")
    goes = booked(site, 8, "14:00")
    plan = plans.plan(Change(site, until_noon(rule), rule), now=NOW)
    first = plan.weeks[0]
    assert (first.monday, first.added) == (NEXT_MONDAY, 0)
    assert (first.before, first.taken) == (7 * 8 * 4, 7 * 4 * 4 - 1)
    # Their second doses, three weeks later, are beyond the days for which slots were made, but known.
    assert [one.pk for one in plan.affected] == [goes.pk, goes.pk + 1]
    assert stays.pk not in {one.pk for one in plan.affected}


def test_a_changed_rule_holds_from_its_day_on_and_takes_free_seats_away_at_once(
    site: VaccinationSite, rule: OpeningRule
) -> None:
    goes = booked(site, 8, "14:00")
    user = make_account("vedouci")
    key = rules.save(site, until_noon(rule), replaces=rule, by=user, now=NOW)
    rule.refresh_from_db()
    new = OpeningRule.objects.get(pk=key)
    assert (rule.valid_until, rule.withdrawn_at) == (NEXT_MONDAY - timedelta(days=1), None)
    assert (new.valid_from, new.made_by, new.hours.count()) == (NEXT_MONDAY, user, 7)
    assert new.events.latest("pgh_id").pgh_context.metadata == {  # type: ignore[attr-defined]
        "operation": "reservation.plan_rule",
        "user": user.pk,
    }
    afternoon = Slot.objects.filter(day__gte=NEXT_MONDAY, wall_time__gte=time(12))
    assert not afternoon.free().exists()
    # Whoever is booked keeps the seat and nobody is told anything; whoever leaves takes it along.
    slot = Slot.objects.get(pk=goes.slot_id)
    assert (slot.capacity, slot.booked, slot.is_closed) == (1, 1, True)
    assert not AffectedAppointment.objects.exists()
    assert not Message.objects.exists()
    Slot.objects.filter(pk=slot.pk).update(booked=F("booked") - 1)
    assert not afternoon.free().exists()
    assert Slot.objects.get(day=NEXT_MONDAY - timedelta(days=1), wall_time=time(14)).capacity == 4
    done = generate(now=NOW)
    assert (done.created, done.raised, done.lowered) == (0, 0, 0)


def test_people_are_handed_over_where_that_is_chosen(site: VaccinationSite, rule: OpeningRule) -> None:
    goes = booked(site, 8, "14:00", email="jana@example.cz")
    rules.save(site, until_noon(rule), replaces=rule, by=None, now=NOW, hands_over=True)
    noted = AffectedAppointment.objects.filter(cause="HOURS", closure=None).order_by("pk")
    assert list(noted.values_list("appointment", flat=True)) == [goes.pk, goes.pk + 1]
    assert set(Message.objects.values_list("template", flat=True)) == {"reservation/affected"}
    assert Appointment.objects.get(pk=goes.pk).state == "BOOKED"
    # Whoever was asked about once is not affected by the next change of the rule.
    standing = OpeningRule.objects.latest("pk")
    assert plans.plan(Change(site, replaces=standing), now=NOW).affected == ()


def test_where_seats_are_fewer_those_who_booked_last_are_asked_about(site: VaccinationSite, rule: OpeningRule) -> None:
    people = [booked(site, 8, "09:00") for _ in range(3)]
    fewer = replace(draft_of(rule), valid_from=NEXT_MONDAY, seats=2)
    plan = plans.plan(Change(site, fewer, rule), now=NOW)
    assert [one.pk for one in plan.affected] == [people[2].pk, people[2].pk + 1]
    rules.save(site, fewer, replaces=rule, by=None, now=NOW, seen=plan.fingerprint)
    assert Slot.objects.get(pk=people[0].slot_id).capacity == 3


def test_a_hold_counts_among_the_people_for_it_may_be_confirmed(site: VaccinationSite, rule: OpeningRule) -> None:
    people = [booked(site, 8, "09:00") for _ in range(2)]
    make_reservation(site=site, day=8, clock="09:00", state="HELD", confirmed_at=None)
    fewer = replace(draft_of(rule), valid_from=NEXT_MONDAY, seats=2)
    assert [one.pk for one in plans.plan(Change(site, fewer, rule), now=NOW).affected] == [
        people[1].pk,
        people[1].pk + 1,
    ]


def test_other_shares_of_the_same_seats_affect_nobody(site: VaccinationSite, rule: OpeningRule) -> None:
    for _ in range(4):
        booked(site, 8, "09:00")
    shared = replace(draft_of(rule), valid_from=NEXT_MONDAY, first_percent=50, second_percent=25)
    assert plans.plan(Change(site, shared, rule), now=NOW).affected == ()


def test_ages_exclude_those_who_are_booked_outside_them(site: VaccinationSite, rule: OpeningRule) -> None:
    old = booked(site, 8, "09:00", birth_date=date(1940, 1, 1))
    child = booked(site, 8, "09:00", birth_date=date(2018, 1, 1))
    for_children = replace(draft_of(rule), valid_from=NEXT_MONDAY, youngest_age=5, oldest_age=11)
    keys = {one.pk for one in plans.plan(Change(site, for_children, rule), now=NOW).affected}
    assert keys == {old.pk, old.pk + 1}
    assert child.pk not in keys
    rules.save(site, for_children, replaces=rule, by=None, now=NOW)
    assert set(Slot.objects.filter(day=NEXT_MONDAY).values_list("youngest_age", "oldest_age")) == {(5, 11)}


def test_a_change_where_there_are_no_slots_yet_concerns_nobody(site: VaccinationSite) -> None:
    rule = make_opening_rule(site, minutes=60)
    with pytest.raises(PeopleChanged):  # they are gone since the plan was looked at
        rules.save(site, until_noon(rule), replaces=rule, by=None, now=NOW, seen=plans.fingerprint([1]))
    rules.save(site, until_noon(rule), replaces=rule, by=None, now=NOW, seen=plans.NOBODY)
    assert OpeningRule.objects.standing().count() == 2
    assert not Slot.objects.exists()


def test_a_booking_made_meanwhile_is_asked_about(site: VaccinationSite, rule: OpeningRule) -> None:
    plan = plans.plan(Change(site, until_noon(rule), rule), now=NOW)
    booked(site, 8, "14:00")
    with pytest.raises(PeopleChanged):
        rules.save(site, until_noon(rule), replaces=rule, by=None, now=NOW, seen=plan.fingerprint)
    assert OpeningRule.objects.count() == 1
    assert Slot.objects.get(day=NEXT_MONDAY, wall_time=time(14)).capacity == 4
    booked(site, 8, "09:00")  # of a time that stays: nobody has to look again
    again = plans.plan(Change(site, until_noon(rule), rule), now=NOW)
    booked(site, 8, "10:00")
    rules.save(site, until_noon(rule), replaces=rule, by=None, now=NOW, seen=again.fingerprint)


def test_a_rule_ends_with_a_day_or_at_once(site: VaccinationSite, rule: OpeningRule) -> None:
    last = MONDAY + timedelta(days=2)
    rules.end(rule, last_day=last, by=None, now=NOW)
    assert Slot.objects.free().latest("starts_at").day == last
    ended = OpeningRule.objects.get()
    assert (ended.valid_until, ended.withdrawn_at) == (last, None)
    rules.end(ended, last_day=None, by=None, now=NOW)
    assert not Slot.objects.free().filter(starts_at__gt=NOW).exists()
    assert OpeningRule.objects.get().withdrawn_at == NOW
    assert generate(now=NOW).created == 0
    with pytest.raises(RuleChanged):
        rules.end(ended, last_day=None, by=None, now=NOW)


def test_a_rule_that_has_not_begun_is_replaced_wholly(site: VaccinationSite) -> None:
    planned = make_opening_rule(site, minutes=60, valid_from=NEXT_MONDAY)
    rules.save(site, until_noon(planned, MONDAY), replaces=planned, by=None, now=NOW)
    planned.refresh_from_db()
    assert planned.withdrawn_at == NOW
    assert OpeningRule.objects.standing().get().valid_from == MONDAY


def test_slots_made_further_ahead_than_usual_follow_the_change_too(site: VaccinationSite, rule: OpeningRule) -> None:
    far = MONDAY + timedelta(days=40)
    generate(now=NOW, until=far)
    rules.save(site, until_noon(rule), replaces=rule, by=None, now=NOW)
    assert not Slot.objects.free().filter(day=far, wall_time__gte=time(12)).exists()
    assert Slot.objects.free().filter(day=far).exists()


def test_days_and_vaccines_without_a_rule_are_no_matter_of_a_change(
    site: VaccinationSite, rule: OpeningRule, one_dose_vaccine: Any
) -> None:
    by_hand = make_slot(8, "14:30", "ANY", 3, site=site, is_by_hand=True)
    other = make_slot(8, "14:30", "ANY", 3, site=site, vaccine=one_dose_vaccine)
    plan = plans.plan(Change(site, until_noon(rule), rule), now=NOW)
    assert plan.by_hand == 1
    assert plans.plan(Change(site, until_noon(rule, NEXT_MONDAY + timedelta(weeks=1)), rule), now=NOW).by_hand == 0
    rules.save(site, until_noon(rule), replaces=rule, by=None, now=NOW)
    assert [Slot.objects.get(pk=slot.pk).capacity for slot in (by_hand, other)] == [3, 3]


def test_first_doses_before_the_days_of_their_later_ones_are_made_only_wait(
    site: VaccinationSite, vaccine: Vaccine
) -> None:
    DoseInterval.objects.filter(vaccine=vaccine).update(min_days=21, ideal_days=21, max_days=22)
    hours = tuple(Span(weekday, time(8), time(9)) for weekday in range(5))
    draft = Draft("comirnaty", MONDAY, hours, 1, minutes=60, first_percent=50, second_percent=50)
    plan = plans.plan(Change(site, draft), now=NOW)
    assert plan.waiting_from
    assert plan.waiting_from + timedelta(days=22) > plan.last_day
    assert plan.waiting > 0
    # A change of years ahead is the reason of none of them.
    rules.save(site, draft, by=None, now=NOW)
    far = plans.plan(Change(site, replaces=OpeningRule.objects.get(), last_day=date(2099, 1, 1)), now=NOW)
    assert (far.weeks, far.unpaired, far.waiting, far.waiting_from) == ((), 0, 0, None)


def test_what_cannot_be_is_refused(site: VaccinationSite, rule: OpeningRule, monkeypatch: pytest.MonkeyPatch) -> None:
    with (
        translation.override("en"),
        pytest.raises(RulesCollide, match=r"mon 8:00–12:00\. It is the rule mon–sun 8:00–16:00"),
    ):
        rules.save(site, until_noon(rule), by=None, now=NOW)
    with pytest.raises(RuleBegins):
        rules.save(site, until_noon(rule, MONDAY - timedelta(days=1)), replaces=rule, by=None, now=NOW)
    with pytest.raises(RuleBegins):
        rules.end(rule, last_day=MONDAY - timedelta(days=1), by=None, now=NOW)
    monkeypatch.setattr(rules, "MOST_HANDED_OVER", 1)
    booked(site, 8, "14:00")
    with pytest.raises(TooManyPeople):
        rules.save(site, until_noon(rule), replaces=rule, by=None, now=NOW, hands_over=True)
    assert OpeningRule.objects.count() == 1


def test_a_form_that_is_sent_twice_saves_one_rule(site: VaccinationSite) -> None:
    form = Sending(uuid4(), "x")
    draft = Draft("janssen", MONDAY, (Span(1, time(8), time(16)),), 5)
    assert rules.save(site, draft, by=None, now=NOW, form=form) == rules.save(site, draft, by=None, now=NOW, form=form)


def test_the_site_is_generated_after_the_commit(
    site: VaccinationSite, monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: Any
) -> None:
    sent: list[tuple[object, ...]] = []
    monkeypatch.setattr("crs.queueing.send", lambda *task: sent.append(task))
    draft = Draft("janssen", MONDAY, (Span(1, time(8), time(16)),), 5)
    with django_capture_on_commit_callbacks(execute=True):
        rules.save(site, draft, by=None, now=NOW)
        assert not sent
    assert sent == [("reservation.generate_slots", str(site.pk))]
    assert not Slot.objects.exists()
