"""Batches: made known, blocked everywhere at once, given a longer life, and found wherever they are or were.

A block is one row: whoever uses stock reads that row under a lock (`logistics/sql/`), so that after `block`
nobody opens, gives or hands on a vial of the batch anywhere.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import pghistory
from django.contrib.auth.models import User
from django.db.models import Exists, Q, QuerySet
from django.utils import timezone

from crs import sent_forms
from crs.messaging import outbox
from crs.messaging.models import Message
from crs.sent_forms import NO_FORM, Outcome, Sending
from logistics.models import (
    Batch,
    Role,
    StaffRole,
    StockBalance,
    StockDocument,
    Store,
    Vaccine,
)
from logistics.vaccines import errors

_NUMBER = re.compile(r"[A-Z0-9-]{3,20}")
# No vaccine keeps longer than two years, and nobody registers what expired long ago: a mistake in typing.
_PLAUSIBLE = timedelta(days=3 * 365)
# Who must know at once that a batch is blocked at their site.
_ALARMED = (Role.MANAGER, Role.STOCK_KEEPER)


@dataclass(frozen=True)
class BatchChange:
    """A row of a batch's history; `what` is registered, blocked, unblocked, expiry or edited."""

    at: datetime
    by: str | None
    what: str
    expires_on: date | None
    reason: str


def register(*, vaccine: Vaccine, number: str, expires_on: date, now: datetime) -> Batch:
    """The batch with this number, made known where nobody has met it; `number` as printed, in any case.

    A known one must have the same expiry, or one that it had before: the vials of a batch whose life was
    made longer keep the old print. Raises WrongBatchNumber, WrongExpiry, ExpiryDiffers.
    """
    number = "".join(number.split()).upper()
    if not _NUMBER.fullmatch(number):
        raise errors.WrongBatchNumber
    # Two who meet it at once both come here; the unique constraint lets one write, the other reads.
    known = Batch.objects.filter(vaccine=vaccine, number=number).first()
    if known is None:
        _require_plausible(expires_on, now)
        known, _is_new = Batch.objects.get_or_create(
            vaccine=vaccine, number=number, defaults={"expires_on": expires_on}
        )
    if known.expires_on != expires_on and not _was_printed(known, expires_on):
        assert known.expires_on is not None, "numbered_batch_expires"  # noqa: S101
        raise errors.ExpiryDiffers(batch=f"{vaccine.name} {number}", expires_on=known.expires_on)
    return known


def block(*, batch: Batch, reason: str, by: User, now: datetime, form: Sending = NO_FORM) -> Batch:
    """Forbid everybody to use the batch, from the commit on; tell who holds it or awaits it by e-mail.

    Raises AlreadyBlocked, BatchNotPublished, ReasonMissing, FormChanged.
    """
    reason = _required(reason)

    def act() -> Outcome:
        # The guard is the check: of two who block, one finds no row. The update waits for those who are just
        # using the batch (the trigger's FOR SHARE), and whoever comes later reads the block.
        free = _published(batch).filter(blocked_at__isnull=True)
        if not free.update(blocked_at=now, block_reason=reason):
            raise errors.AlreadyBlocked
        batch.refresh_from_db()
        _alarm(batch)
        return {}

    with pghistory.context(user=by.pk, act="batch blocked", reason=reason):
        sent_forms.once(form, act)
    batch.refresh_from_db()
    return batch


def unblock(*, batch: Batch, reason: str, by: User, now: datetime, form: Sending = NO_FORM) -> Batch:
    """Allow the batch again; `reason` stays in its history.

    Raises NotBlocked, BatchNotPublished, ReasonMissing, FormChanged.
    """
    reason = _required(reason)

    def act() -> Outcome:
        if not _published(batch).filter(blocked_at__isnull=False).update(blocked_at=None, block_reason=""):
            raise errors.NotBlocked
        return {}

    with pghistory.context(user=by.pk, act="batch unblocked", reason=reason, at=now.isoformat()):
        sent_forms.once(form, act)
    batch.refresh_from_db()
    return batch


def change_expiry(
    *, batch: Batch, expires_on: date, reason: str, by: User, now: datetime, form: Sending = NO_FORM
) -> Batch:
    """Give the batch another last day, also back to vials printed with the old one; `reason` names the decision.

    A clock that thawing started is not changed by it. Raises SameExpiry, WrongExpiry, BatchNotPublished,
    ReasonMissing, FormChanged.
    """
    reason = _required(reason)
    _require_plausible(expires_on, now)

    def act() -> Outcome:
        if not _published(batch).exclude(expires_on=expires_on).update(expires_on=expires_on):
            raise errors.SameExpiry
        return {}

    with pghistory.context(user=by.pk, act="expiry changed", reason=reason):
        sent_forms.once(form, act)
    batch.refresh_from_db()
    return batch


def history(batch: Batch) -> list[BatchChange]:
    """What was changed of the batch, the latest first."""
    events = list(batch.events.select_related("pgh_context").order_by("pgh_created_at", "pgh_id"))  # type: ignore[attr-defined]
    told = [event.pgh_context.metadata if event.pgh_context else {} for event in events]
    names = {user.pk: user.get_full_name() or user.username for user in User.objects.filter(pk__in=_users(told))}
    changes, before = [], None
    for event, context in zip(events, told, strict=True):
        change = BatchChange(
            at=event.pgh_created_at,
            by=names.get(context.get("user")),
            what=_what(before, event),
            expires_on=event.expires_on,
            reason=context.get("reason", ""),
        )
        changes.append(change)
        before = event
    return changes[::-1]


def _users(told: Iterable[Mapping[str, Any]]) -> set[Any]:
    return {context["user"] for context in told if context.get("user")}


def _what(before: Any, event: Any) -> str:
    """Which act led from one version of the row to the next; the rows say it whoever wrote them."""
    if before is None:
        return "registered"
    if bool(before.blocked_at) != bool(event.blocked_at):
        return "blocked" if event.blocked_at else "unblocked"
    return "expiry" if before.expires_on != event.expires_on else "edited"


def _alarm(batch: Batch) -> None:
    """E-mails to those who keep the stores that hold the batch or wait for it, one a person."""
    holding = StockBalance.objects.present().filter(item__batch=batch)
    dispatches = StockDocument.objects.in_transit().filter(movements__item__batch=batch)
    stores = Store.objects.filter(Q(pk__in=holding.values("store")) | Q(pk__in=dispatches.values("counterpart")))
    keepers = StaffRole.objects.filter(
        Q(role__in=_ALARMED, site__store__in=stores)
        | Q(role=Role.REGION, region__store__in=stores)
        | Q(Exists(stores.filter(kind=Store.Kind.DISTRIBUTOR)), role=Role.DISTRIBUTOR)
    )
    people = User.objects.exclude(email="").filter(is_active=True, staff_roles__in=keepers)
    outbox.queue_all(_letters(batch, people.order_by("email").values_list("email", flat=True).distinct()))


def _letters(batch: Batch, addresses: Iterable[str]) -> Iterable[Message]:
    for address in addresses:
        yield outbox.compose(
            channel=Message.Channel.EMAIL,
            recipient=address,
            template="logistics/batch_blocked",
            language="cs",
            context={"batch": batch, "vaccine": batch.vaccine.name},
            reference=f"batch:{batch.pk}",
        )


def _published(batch: Batch) -> QuerySet[Batch]:
    """The row to change; what was published without batches cannot be told apart, so it is never touched."""
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


# A batch that ends in so many days is to be used first or sent where it will be.
SOON = timedelta(days=14)


def state_of(batch: Batch, *, today: date) -> str:
    """The worst of what is true: "blocked", "expired", "soon" (to expire), else "good"."""
    if batch.is_blocked:
        return "blocked"
    if batch.is_expired(today):
        return "expired"
    return "soon" if batch.expires_on is not None and batch.expires_on <= today + SOON else "good"
