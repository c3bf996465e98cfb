"""A site calls substitutes for doses that would be lost: it starts, asks in waves, and ends.

The row of the call is the lock: of two who accept the last dose the second waits there, and of two runs that ask the
second goes away. docs/adr/0058-substitutes.md
"""

from datetime import datetime, timedelta

from django.contrib.auth.models import User
from django.db import IntegrityError, transaction
from django.utils import timezone

from crs import sent_forms
from crs.sent_forms import NO_FORM, Outcome, Sending
from logistics.models import Store, VaccinationSite, Vaccine
from logistics.stock.doses_ahead import doses_ahead
from reservation.models import SubstituteCall, SubstituteOffer
from reservation.substitutes import asking, errors

LEAST_MINUTES, MOST_MINUTES, MOST_DOSES = 15, 180, 50


def start(
    *,
    site: VaccinationSite,
    vaccine: Vaccine,
    doses: int,
    minutes: int,
    by: User,
    now: datetime,
    form: Sending = NO_FORM,
) -> SubstituteCall:
    """Call substitutes for `doses` of the vaccine who can be at the site in `minutes`; the first of them are asked.

    Raises NobodyIsCalledNow, SiteNotOpen, NotSoManyDoses, CallIsRunning, FormChanged.
    """
    come_by = now + timedelta(minutes=minutes)

    def record() -> Outcome:
        if not asking.is_time_to_ask(now) or timezone.localdate(come_by) != timezone.localdate(now):
            raise errors.NobodyIsCalledNow
        if site.state != VaccinationSite.State.OPEN:
            raise errors.SiteNotOpen
        held = doses_here(site, now=now).get(vaccine.pk, 0)
        if doses > held and Store.objects.filter(site=site).exists():
            raise errors.NotSoManyDoses(held)
        over = SubstituteCall.objects.filter(site=site, vaccine=vaccine, ended_at=None, come_by__lte=now)
        for one in over.select_for_update(no_key=True):
            _end(one, now)
        try:
            with transaction.atomic():
                call = SubstituteCall.objects.create(
                    site=site, vaccine=vaccine, doses=doses, come_by=come_by, made_at=now, made_by=by
                )
        except IntegrityError:  # `site_calls_substitutes_once_at_a_time`
            raise errors.CallIsRunning from None
        asking.ask(call, now)
        return {"call": call.pk}

    outcome = sent_forms.once(form, record) or {}
    return SubstituteCall.objects.get(pk=outcome["call"])


def ask_all(now: datetime) -> int:
    """Ask the next substitutes of each call that runs, end those whose time is over; return how many were asked.

    A call that somebody has locked is left to the next run: an answer asks the next ones by itself.
    """
    asked = 0
    for key in SubstituteCall.objects.filter(ended_at=None).order_by("pk").values_list("pk", flat=True):
        with transaction.atomic():
            call = _running(key, skip_locked=True)
            if call is None:
                continue
            if call.come_by <= now:
                _end(call, now)
            else:
                asked += asking.ask(call, now)
    return asked


def end(*, call_id: int, now: datetime) -> bool:
    """Ask nobody more; whoever said that they come is expected. False where it has ended before."""
    with transaction.atomic():
        call = _running(call_id)
        if call is None:
            return False
        _end(call, now)
        return True


def doses_here(site: VaccinationSite, *, now: datetime) -> dict[str, int]:
    """The usable doses in the store of the site by vaccine (its code), closed and opened vials together."""
    ahead = doses_ahead([site.pk], until=timezone.localdate(now), now=now)
    here = {vaccine: sum(one.number for one in doses if one.is_here) for (_site, vaccine), doses in ahead.items()}
    return {vaccine: number for vaccine, number in here.items() if number}


def _running(call_id: int, *, skip_locked: bool = False) -> SubstituteCall | None:
    """Lock a call that has not ended."""
    calls = SubstituteCall.objects.select_related("site", "vaccine").filter(pk=call_id, ended_at=None)
    return calls.select_for_update(of=("self",), no_key=True, skip_locked=skip_locked).first()


def _end(call: SubstituteCall, now: datetime) -> None:
    unanswered = call.offers.filter(answer="")
    late, still = unanswered.filter(answer_by__lte=now), unanswered.filter(answer_by__gt=now)
    late.update(answer=SubstituteOffer.Answer.IGNORED, answered_at=now)
    still.update(answer=SubstituteOffer.Answer.TOO_LATE, answered_at=now)
    SubstituteCall.objects.filter(pk=call.pk).update(ended_at=now)
