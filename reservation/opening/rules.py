"""Opening rules: planned, changed from a day on, ended and withdrawn; nobody who is booked loses a seat by it."""

from collections.abc import Sequence
from datetime import date, datetime
from functools import partial

from django.contrib.auth.models import User
from django.db import connection, transaction
from django.utils import timezone

from crs import advisory_locks, history, queueing, sent_forms
from crs.advisory_locks import Lock
from crs.sent_forms import NO_FORM, Outcome, Sending
from logistics.models import VaccinationSite, Vaccine
from reservation.affected import affected
from reservation.models import AffectedAppointment, OpeningHours, OpeningRule, Reservation, Slot
from reservation.opening.drafts import Draft
from reservation.opening.errors import PeopleChanged, RuleBegins, RuleChanged, RulesCollide, TooManyPeople
from reservation.opening.plans import NOBODY, Change, affected_ids, days_of, fingerprint, rules_around
from reservation.opening.staging import staged_rules
from reservation.opening.words import hours_in_words, rule_in_words
from reservation.operations import Operation
from reservation.slots import fitting
from reservation.slots.fitting import Policy

TASK = "reservation.generate_slots"
# Telling so many people takes some seconds, and for so long whoever wants a slot that changes waits.
MOST_HANDED_OVER = 1000


def save(
    site: VaccinationSite,
    draft: Draft,
    *,
    by: User | None,
    now: datetime,
    replaces: OpeningRule | None = None,
    hands_over: bool = False,
    seen: str | None = None,
    form: Sending = NO_FORM,
    starts_task: bool = True,
) -> int:
    """Let the site open by `draft` and return the key of its rule.

    It takes the place of the rule that it `replaces` from its first day on. Whoever is booked in a time that the rules
    offer no more comes as booked, or with `hands_over` is handed over to re-planning. `seen` is the fingerprint of the
    plan that was looked at. Seats are taken away at once; new ones come with the task that starts after the commit.
    Without `starts_task` the caller generates them.
    Raises PeopleChanged, TooManyPeople, RuleBegins, RuleChanged, RulesCollide, FormChanged.
    """
    change = Change(site, draft, replaces)
    apply = partial(_apply, change, by=by, now=now, hands_over=hands_over, seen=seen, starts_task=starts_task)
    outcome = sent_forms.once(form, apply) or {}
    return int(outcome["rule"])


def end(
    rule: OpeningRule,
    *,
    last_day: date | None,
    by: User | None,
    now: datetime,
    hands_over: bool = False,
    seen: str | None = None,
    form: Sending = NO_FORM,
) -> None:
    """Let the rule open no day after `last_day`; without it none at all, from `now` on.

    All else as with `save`. Raises PeopleChanged, TooManyPeople, RuleBegins, RuleChanged, FormChanged.
    """
    change = Change(rule.site, replaces=rule, last_day=last_day)
    sent_forms.once(form, partial(_apply, change, by=by, now=now, hands_over=hands_over, seen=seen))


def check(change: Change, *, now: datetime) -> None:
    """Refuse a change that no plan can be made of. Raises RuleBegins, RuleChanged, RulesCollide."""
    today = timezone.localdate(now)
    if change.replaces and not OpeningRule.objects.standing().filter(pk=change.replaces.pk).exists():
        raise RuleChanged
    if (change.draft and change.draft.valid_from < today) or (change.last_day and change.last_day < today):
        raise RuleBegins
    if change.draft is None:
        return
    _before, after = rules_around(change)
    for other in after:
        if other is not change.draft and (span := change.draft.meets(other)):
            raise RulesCollide(hours=hours_in_words([span]), rule=rule_in_words(other))


def _apply(
    change: Change,
    *,
    by: User | None,
    now: datetime,
    hands_over: bool,
    seen: str | None,
    starts_task: bool = True,
) -> Outcome:
    # Other changes, closures and generation of the site wait here; bookings wait at the slots below, if at all.
    advisory_locks.take(Lock.CALENDAR_OF_A_SITE, str(change.site.pk))
    check(change, now=now)
    before, after = rules_around(change)
    days = days_of(change, before, after, now)
    operation = Operation.PLAN_RULE if change.draft else Operation.WITHDRAW_RULE
    with history.recording(operation, by=by):
        rule = _write(change, by, now)
        people = _take_away(change, after, days, now, hands_over=hands_over, seen=seen)
        if hands_over:
            affected.hand_over(appointment_ids=people, cause=AffectedAppointment.Cause.HOURS, now=now)
    if starts_task:
        transaction.on_commit(partial(queueing.send, TASK, str(change.site.pk)))
    return {"rule": rule.pk if rule else None}


def _write(change: Change, by: User | None, now: datetime) -> OpeningRule | None:
    old, draft = change.replaces, change.draft
    if old is not None:
        if change.ends_on is None or change.ends_on < old.valid_from:
            OpeningRule.objects.filter(pk=old.pk).update(withdrawn_at=now)
        elif old.valid_until is None or change.ends_on < old.valid_until:
            OpeningRule.objects.filter(pk=old.pk).update(valid_until=change.ends_on)
    if draft is None:
        return None
    rule: OpeningRule = OpeningRule.objects.create(site=change.site, made_by=by, made_at=now, **draft.columns())
    OpeningHours.objects.bulk_create(
        OpeningHours(rule=rule, weekday=span.weekday, opens_at=span.opens_at, closes_at=span.closes_at)
        for span in draft.hours
    )
    return rule


def _take_away(
    change: Change, drafts: Sequence[Draft], days: Sequence[date], now: datetime, *, hands_over: bool, seen: str | None
) -> list[int]:
    """Take away the seats that the rules offer no more; returns the booked appointments that do not fit them.

    In one transaction with the change of the rule: whoever books at this moment has the slot first and is among them,
    or finds it closed. Raises PeopleChanged, TooManyPeople.
    """
    slots = Slot.objects.filter(site=change.site, vaccine=change.vaccine_id, starts_at__gt=now)
    if not slots.exists():
        # There is nothing to take: whoever makes slots of the site waits for the lock on its calendar.
        if seen is not None and seen != NOBODY:
            raise PeopleChanged
        return []
    policy = Policy(by_rules=True, after=now, only_takes=True)
    vaccine = Vaccine.objects.get(pk=change.vaccine_id)
    with (
        connection.cursor() as cursor,
        staged_rules(
            cursor, site_id=change.site.pk, vaccine=vaccine, drafts=drafts, days=days, policy=policy, now=now
        ) as staged,
    ):
        expected = _locked(affected_ids(cursor, policy)) if hands_over else set()
        locked = fitting.lock_differing(cursor, policy)
        _hold_the_holds([slot.id for slot in locked if not slot.is_wanted])
        people = affected_ids(cursor, policy)
        if (seen is not None and seen != fingerprint(people)) or (hands_over and not expected.issuperset(people)):
            raise PeopleChanged
        fitting.change(cursor, policy, staged.slots, locked)
    return people


def _locked(appointment_ids: list[int]) -> set[int]:
    """Lock the reservations of whoever is about to be handed over: they come before slots. Raises TooManyPeople."""
    if len(appointment_ids) > MOST_HANDED_OVER:
        raise TooManyPeople
    affected.lock(Reservation.objects.filter(appointments__in=appointment_ids))
    return set(appointment_ids)


def _hold_the_holds(slot_ids: Sequence[int]) -> None:
    """Let nobody confirm a hold in the slots until the commit: who comes later finds them closed. Raises PeopleChanged.

    Holds come before slots in the order of locks, so it waits for none: whoever is at one now is somebody new to look
    at.
    """
    held = Reservation.objects.filter(state=Reservation.State.HELD)
    keys = set(held.filter(appointments__slot__in=slot_ids).values_list("pk", flat=True))
    ours = held.filter(pk__in=keys).order_by("pk").select_for_update(of=("self",), no_key=True, skip_locked=True)
    if len(ours) < len(keys):
        raise PeopleChanged
