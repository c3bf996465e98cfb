"""Whom a site can ask for a dose that is left, and the offers that go to them, as many at a time as make sense."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Exists, F, Func, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.fields import DateField
from django.utils import timezone

from crs.messaging import outbox
from crs.messaging.models import Message
from registration.models import Registration
from registration.people import telling
from reservation.inviting import order
from reservation.links import links
from reservation.models import (
    OLDEST,
    YOUNGEST,
    Appointment,
    PersonalLink,
    Postponement,
    Substitute,
    SubstituteCall,
    SubstituteOffer,
)
from reservation.models.slots import HasAge

# We assume that of two people who are asked one comes (ADR 0058); whoever answers too late reads that kindly.
ASKED_FOR_A_DOSE = 2
TIME_TO_ANSWER = timedelta(minutes=10)
# Nobody is asked who would have less time to read the message and to answer.
LEAST_TIME_TO_ANSWER = timedelta(minutes=3)
# The page of the answer is there for a while after the doses: it says what became of them.
LINK_LASTS = timedelta(hours=12)

_Answer = SubstituteOffer.Answer


def is_time_to_ask(now: datetime) -> bool:
    """Whether people who agreed to be called may be asked at this hour; quiet hours of other messages do not count."""
    first, last = settings.SUBSTITUTE_HOURS
    return first <= timezone.localtime(now).hour < last


def who_can_come_today(call: SubstituteCall, now: datetime) -> QuerySet[Registration]:
    """The people whom the vaccine can be given today at the site, in the order of invitations.

    It is their turn, their next dose of it is due, no postponement stands in the way, their age is served, and they
    have no other appointment of today. Whoever has a time on a later day comes after all who have none, and boosters
    after the doses of a series.
    """
    today = timezone.localdate(now)
    whose = OuterRef("pk")
    booked = Appointment.objects.filter(
        reservation__registration=whose, reservation__state="CONFIRMED", state=Appointment.State.BOOKED
    )
    waits = Postponement.objects.filter(registration=whose, withdrawn_at=None, not_before__gt=today)
    youngest, oldest = call.site.youngest_age, call.site.oldest_age
    is_served = HasAge(
        F("person__birth_date"),
        Value(today),
        Value(YOUNGEST if youngest is None else youngest),
        Value(OLDEST if oldest is None else oldest),
    )
    people = (
        Registration.objects.standing()
        .filter(is_served, person__died_on=None, person__merged_into=None)
        .exclude(Exists(waits) | Exists(booked.filter(slot__day=today)))
        .alias(first_day=_first_day(call.vaccine_id, today))
        .filter(first_day__lte=today)
        .annotate(has_time=Exists(booked.filter(slot__day__gt=today)), is_booster=Q(state=Registration.State.COMPLETED))
    )
    ordered = order.in_order(people, rules=order.inviting_rules(now), now=now)
    return ordered.order_by(F("has_time").asc(), F("is_booster").asc(), *ordered.query.order_by)


def ask(call: SubstituteCall, now: datetime) -> int:
    """Ask the next people, twice as many as there are doses without a person; return how many were asked.

    Those who did not answer in time are noted as such. The caller holds the lock of the call.
    """
    unanswered = call.offers.filter(answer="")
    unanswered.filter(answer_by__lte=now).update(answer=_Answer.IGNORED, answered_at=now)
    wanted = ASKED_FOR_A_DOSE * doses_left(call) - unanswered.count()
    if wanted <= 0 or not is_time_to_ask(now):
        return 0
    people = {person.pk: person for person in _askable(call, now)[:wanted]}
    offers = [
        SubstituteOffer(call=call, registration=people[key], sent_at=now, answer_by=_answer_by(call, people[key], now))
        for key in sorted(people)
    ]
    # By rising key, because another site may want some of the same people now: whoever comes second waits at one of
    # them, and then asks the others alone.
    SubstituteOffer.objects.bulk_create(offers, ignore_conflicts=True)
    made = list(call.offers.filter(registration__in=people))
    for offer in made:
        offer.registration = people[offer.registration_id]
    outbox.queue_all(message for offer in made for message in _messages(call, offer, now))
    return len(made)


def doses_left(call: SubstituteCall) -> int:
    """The doses for which nobody comes yet."""
    return max(0, call.doses - call.offers.filter(answer=_Answer.COMES).count())


def _askable(call: SubstituteCall, now: datetime) -> QuerySet[Registration]:
    """Those of `who_can_come_today` who agreed, are near enough, can be reached at once, and were not asked yet."""
    way = (call.come_by - now - LEAST_TIME_TO_ANSWER) // timedelta(minutes=1)
    agreed = Substitute.objects.counting().filter(site=call.site, claim=None, minutes__lte=way)
    asked = SubstituteOffer.objects.filter(registration=OuterRef("pk"))
    today = timezone.localtime(now).replace(hour=0, minute=0, second=0, microsecond=0)
    refused = asked.filter(call__site=call.site, call__made_at__gte=today, answer=_Answer.DECLINED)
    mine = agreed.filter(registration=OuterRef("pk"))
    return (
        # By the few who agreed for this site: among millions nobody else is looked at.
        who_can_come_today(call, now)
        .filter(~Q(phone="") | ~Q(landline=""), pk__in=agreed.values("registration"))
        .annotate(minutes=Subquery(mine.values("minutes")[:1]))
        .exclude(Exists(asked.filter(answer="")) | Exists(asked.filter(call=call)) | Exists(refused))
        .select_related("person")
    )


def _answer_by(call: SubstituteCall, person: Registration, now: datetime) -> datetime:
    """Ten minutes, or less where the way is long."""
    way = timedelta(minutes=person.minutes)  # type: ignore[attr-defined]  # annotated
    return min(now + TIME_TO_ANSWER, call.come_by - way)


def _messages(call: SubstituteCall, offer: SubstituteOffer, now: datetime) -> Iterator[Message]:
    """By SMS and e-mail; a letter would come days later, so the site calls those without a mobile."""
    person = offer.registration
    link = links.issue(
        registration=person,
        purpose=PersonalLink.Purpose.SUBSTITUTE,
        about=offer.pk,
        now=now,
        expires_at=call.come_by + LINK_LASTS,
    )
    context: dict[str, object] = {
        "registration": person,
        "site": call.site,
        "vaccine": call.vaccine,
        "come_by": call.come_by,
        "answer_by": offer.answer_by,
        "link": link,
    }
    # With the link as its secret the SMS is erased once it has served.
    return tell_at_once(person, "reservation/substitute_offer", context, reference=person.number, secret={"link": link})


def tell_at_once(
    person: Registration,
    template: str,
    context: dict[str, object],
    *,
    reference: str,
    secret: dict[str, object] | None = None,
) -> Iterator[Message]:
    """An SMS and an e-mail, also in the evening: the person agreed to it."""
    reach = replace(telling.reach_of(person), postal_address="")
    return telling.messages(reach, template, context, secret=secret, reference=reference)


def _first_day(vaccine_code: str, today: object) -> Func:
    """The first day on which the person can be given their next dose of the vaccine (sql/first_day.sql)."""
    return Func(
        Value(vaccine_code),
        Value(today),
        F("person__birth_date"),
        F("doses_received"),
        Q(state=Registration.State.COMPLETED),
        F("last_dose_on"),
        F("last_vaccine"),
        F("first_vaccine"),
        function="reservation_first_day",
        output_field=DateField(),
    )
