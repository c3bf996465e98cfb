"""Deliveries announced to a store: made, withdrawn, and settled by what comes. An announcement moves no stock."""

from datetime import date, datetime, timedelta
from functools import partial

from django.contrib.auth.models import User
from django.db.models import Sum
from django.utils import timezone

from crs import sent_forms
from crs.sent_forms import NO_FORM, Outcome, Sending
from logistics.models import AnnouncedDelivery, StockDocument, StockMovement, Store, Vaccine
from logistics.models.stock import DOSES
from logistics.stock import errors

# A promise for a day further ahead can only be a slip of the pen.
LATEST = timedelta(days=180)
# A delivery that comes so many days before its day is the announced one; before that it is another one.
EARLY = timedelta(days=3)


def announce(
    *,
    sender: Store,
    to: Store,
    vaccine: Vaccine,
    doses: int,
    expected_on: date,
    by: User,
    now: datetime,
    form: Sending = NO_FORM,
) -> AnnouncedDelivery:
    """Promise the store `to` that `doses` will come on a day. Raises SameStore, DayNotAhead, FormChanged."""
    if to == sender:
        raise errors.SameStore
    today = timezone.localdate(now)
    if not today <= expected_on <= today + LATEST:
        raise errors.DayNotAhead(latest=today + LATEST)

    def record() -> Outcome:
        made = AnnouncedDelivery.objects.create(
            sender=sender,
            store=to,
            vaccine=vaccine,
            doses=doses,
            expected_on=expected_on,
            announced_at=now,
            announced_by=by,
        )
        return {"delivery": made.pk}

    outcome = sent_forms.once(form, record) or {}
    return AnnouncedDelivery.objects.get(pk=outcome["delivery"])


def withdraw(*, delivery_id: int, now: datetime, form: Sending = NO_FORM) -> None:
    """Take the promise back. Raises NotAwaited where it came or was withdrawn meanwhile, FormChanged."""
    sent_forms.once(form, partial(_end, delivery_id, withdrawn_at=now))


def settle(*, delivery_id: int, now: datetime, form: Sending = NO_FORM) -> None:
    """Say that it is here and nothing more comes, however many doses were recorded. Raises as `withdraw`."""
    sent_forms.once(form, partial(_end, delivery_id, arrived_at=now))


def count_arrival(document: StockDocument) -> None:
    """Count the doses of a receipt or a delivery towards what was announced to its store, the earliest day first.

    What was announced for a day more than three days ahead still comes. It runs in the transaction of the document.
    """
    awaited = AnnouncedDelivery.objects.awaited().filter(
        store=document.store_id, expected_on__lte=document.happened_on + EARLY
    )
    if not awaited.exists():
        return
    came = _doses_of(document)
    # Two receipts of one store count one after the other: the second one waits, and sees what the first one counted.
    for delivery in awaited.filter(vaccine__in=came).select_for_update(no_key=True).order_by("expected_on", "pk"):
        counted = min(came[delivery.vaccine_id], delivery.doses - delivery.came)
        came[delivery.vaccine_id] -= counted
        delivery.came += counted
        if delivery.came == delivery.doses:
            delivery.arrived_at = document.recorded_at
        if counted:
            delivery.save(update_fields=["came", "arrived_at"])


def _end(delivery_id: int, **end: datetime) -> Outcome:
    # The WHERE clause is the check: of two who press, or of a press and a receipt, the second finds no row.
    if not AnnouncedDelivery.objects.awaited().filter(pk=delivery_id).update(**end):
        raise errors.NotAwaited
    return {}


def _doses_of(document: StockDocument) -> dict[str, int]:
    vaccines = StockMovement.objects.filter(document=document, item__batch__isnull=False)
    return dict(vaccines.values_list("item__batch__vaccine").annotate(doses=Sum(DOSES)).order_by())
