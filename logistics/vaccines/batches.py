"""Batches: registering one, blocking it everywhere at once, releasing it, changing its expiry, and its history.

A block is one row. Whatever uses stock reads that row under a lock (`logistics/sql/`), so after `block` nobody opens,
gives or hands on a vial of the batch anywhere.
"""

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth.models import User
from django.db.models import Q, QuerySet
from django.utils import timezone

from crs import history, sent_forms, typed
from crs.messaging import outbox
from crs.messaging.models import Message
from crs.sent_forms import NO_FORM, Outcome, Sending
from logistics.models import Batch, StockBalance, StockDocument, Store, Vaccine
from logistics.models.vaccines import BATCH_NUMBER
from logistics.operations import Operation
from logistics.staff import permissions
from logistics.vaccines import errors

# Two meanings of 'soon'. A store marks what ends within a week: it is to be used before anything else. The overviews
# and the list of batches mark what ends within a fortnight: there is still time to send it where it will be used.
TO_BE_USED_FIRST = timedelta(days=7)
TO_BE_SENT_ON = timedelta(days=14)

# No vaccine keeps longer than two years, and nobody registers one that expired long ago: farther is a typing mistake.
_PLAUSIBLE = timedelta(days=3 * 365)


@dataclass(frozen=True)
class BatchChange:
    """A change in a batch's history; `what` is registered, blocked, unblocked, expiry or edited."""

    at: datetime
    by: str | None
    what: str
    expires_on: date | None
    reason: str


def as_kept(number: str) -> str:
    """The number of a batch as printed, typed or pasted, in the form in which batches are kept."""
    signs = typed.signs_of_a_keyboard(typed.plain(unicodedata.normalize("NFKC", number)))
    return "".join(signs.split()).upper()


def register(*, vaccine: Vaccine, number: str, expires_on: date, by: User | None, now: datetime) -> Batch:
    """Register the batch with this `number`, as printed and in any case, or return it where it is known.

    A known batch must have this expiry or have had it before: vials of a batch whose expiry was extended keep the old
    print. Raises WrongBatchNumber, WrongExpiry, ExpiryDiffers.
    """
    number = "".join(number.split()).upper()
    if not BATCH_NUMBER.fullmatch(number):
        raise errors.WrongBatchNumber
    # Two people may register it at once and both find nothing; the unique constraint lets one write, the other reads.
    known = Batch.objects.filter(vaccine=vaccine, number=number).first()
    if known is None:
        _require_plausible(expires_on, now)
        with history.recording(Operation.REGISTER_BATCH, by=by):
            known, _is_new = Batch.objects.get_or_create(
                vaccine=vaccine, number=number, defaults={"expires_on": expires_on}
            )
    if known.expires_on != expires_on and not _was_printed(known, expires_on):
        assert known.expires_on is not None, "numbered_batch_expires"  # noqa: S101
        raise errors.ExpiryDiffers(batch=f"{vaccine.name} {number}", expires_on=known.expires_on)
    return known


def block(*, batch: Batch, reason: str, by: User, now: datetime, form: Sending = NO_FORM) -> Batch:
    """Forbid everybody to use the batch, from the commit on, and send an e-mail to the stores that hold or await it.

    Raises AlreadyBlocked, BatchNotPublished, ReasonMissing, FormChanged.
    """
    reason = _required(reason)

    def record() -> Outcome:
        # The guard is the check: of two people who block, the second finds no row. The update waits for transactions
        # that use the batch (the trigger's FOR SHARE), and later ones read the block.
        free = _published(batch).filter(blocked_at__isnull=True)
        if not free.update(blocked_at=now, block_reason=reason):
            raise errors.AlreadyBlocked
        batch.blocked_at, batch.block_reason = now, reason
        _alarm(batch)
        return {}

    with history.recording(Operation.BLOCK_BATCH, by=by, reason=reason):
        sent_forms.once(form, record)
    batch.refresh_from_db()
    return batch


def unblock(*, batch: Batch, reason: str, by: User, now: datetime, form: Sending = NO_FORM) -> Batch:
    """Allow everybody to use the batch again; `reason` stays in its history.

    Raises NotBlocked, BatchNotPublished, ReasonMissing, FormChanged.
    """
    reason = _required(reason)

    def record() -> Outcome:
        if not _published(batch).filter(blocked_at__isnull=False).update(blocked_at=None, block_reason=""):
            raise errors.NotBlocked
        return {}

    with history.recording(Operation.UNBLOCK_BATCH, by=by, reason=reason):
        sent_forms.once(form, record)
    batch.refresh_from_db()
    return batch


def change_expiry(
    *, batch: Batch, expires_on: date, reason: str, by: User, now: datetime, form: Sending = NO_FORM
) -> Batch:
    """Give the batch another last day; `reason` names the decision.

    It holds for all vials, also for those printed with the old expiry. It changes no clock that thawing started.
    Raises SameExpiry, WrongExpiry, BatchNotPublished, ReasonMissing, FormChanged.
    """
    reason = _required(reason)
    _require_plausible(expires_on, now)

    def record() -> Outcome:
        if not _published(batch).exclude(expires_on=expires_on).update(expires_on=expires_on):
            raise errors.SameExpiry
        return {}

    with history.recording(Operation.CHANGE_EXPIRY, by=by, reason=reason):
        sent_forms.once(form, record)
    batch.refresh_from_db()
    return batch


def changes_of(batch: Batch) -> list[BatchChange]:
    """The changes of the batch, the latest first."""
    events = list(batch.events.select_related("pgh_context").order_by("pgh_created_at", "pgh_id"))  # type: ignore[attr-defined]
    told = [event.pgh_context.metadata if event.pgh_context else {} for event in events]
    names = history.names_of_users(told)
    changes, before = [], None
    for event, context in zip(events, told, strict=True):
        change = BatchChange(
            at=event.pgh_created_at,
            by=names.get(context.get("user", 0)),
            what=_what(before, event),
            expires_on=event.expires_on,
            reason=context.get("reason", ""),
        )
        changes.append(change)
        before = event
    return changes[::-1]


def state_of(batch: Batch, *, today: date) -> str:
    """The worst state that is true: "blocked", "expired", "soon" (to expire), else "good"."""
    if batch.is_blocked:
        return "blocked"
    if batch.is_expired(today):
        return "expired"
    return "soon" if batch.expires_on is not None and batch.expires_on <= today + TO_BE_SENT_ON else "good"


def _what(before: Any, event: Any) -> str:
    """The change that led from one version of the row to the next, as both versions tell it."""
    if before is None:
        return "registered"
    if bool(before.blocked_at) != bool(event.blocked_at):
        return "blocked" if event.blocked_at else "unblocked"
    return "expiry" if before.expires_on != event.expires_on else "edited"


def _alarm(batch: Batch) -> None:
    """Send an e-mail to each person who keeps a store that holds the batch or awaits it."""
    holding = StockBalance.objects.present().filter(item__batch=batch)
    dispatches = StockDocument.objects.in_transit().filter(movements__item__batch=batch)
    stores = Store.objects.filter(Q(pk__in=holding.values("store")) | Q(pk__in=dispatches.values("counterpart")))
    people = User.objects.exclude(email="").filter(is_active=True, staff_roles__in=permissions.keepers_of(stores))
    outbox.queue_all(_letters(batch, people.order_by("email").values_list("email", flat=True).distinct()))


def _letters(batch: Batch, addresses: Iterable[str]) -> Iterable[Message]:
    distributors = list(Store.objects.distributors_to_call(batch))
    for address in addresses:
        yield outbox.compose(
            channel=Message.Channel.EMAIL,
            recipient=address,
            template="logistics/batch_blocked",
            language="cs",
            context={
                "batch": batch,
                "vaccine": batch.vaccine.name,
                "distributors": distributors,
                "desk": settings.SUPPORT_ADDRESSES["SITES"],
            },
            reference=f"batch:{batch.pk}",
        )


def _published(batch: Batch) -> QuerySet[Batch]:
    """The row of the batch, to be changed. One without a number stands for many batches, so it is never changed."""
    if not batch.number:
        raise errors.BatchNotPublished
    return Batch.objects.filter(pk=batch.pk)


def _was_printed(batch: Batch, expires_on: date) -> bool:
    """Whether the batch once had this expiry."""
    return batch.events.filter(expires_on=expires_on).exists()  # type: ignore[attr-defined]


def _require_plausible(expires_on: date, now: datetime) -> None:
    if abs(expires_on - timezone.localdate(now)) > _PLAUSIBLE:
        raise errors.WrongExpiry


def _required(reason: str) -> str:
    reason = " ".join(reason.split())
    if not reason:
        raise errors.ReasonMissing
    return reason[:300]
