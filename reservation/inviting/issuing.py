"""PIN2 is issued here for every reason: a turn, straight on, an offered time, sent once more."""

from collections.abc import Collection, Iterator, Sequence
from datetime import datetime

from django.conf import settings
from django.contrib.auth.models import User

from crs.messaging import quiet_hours
from crs.messaging.models import Message
from registration.models import Registration
from registration.people import telling
from reservation.inviting.pin2 import new_pin2, pin2_hash, shown
from reservation.links import links
from reservation.models import Invitation, InvitationPause


def issue(
    registrations: Sequence[Registration],
    kind: Invitation.Kind,
    now: datetime,
    *,
    by: User | None = None,
    expires_at: datetime | None = None,
) -> dict[int, tuple[Invitation, str]]:
    """A new PIN2 for each of `registrations`, by their key, with its eight digits, which nothing keeps.

    Earlier ones are revoked. In a transaction of the caller, who holds the rows of the registrations and writes the
    message (`messages`, or one of their own). `by`: staff who had it sent once more. It ends after the days of its
    kind, or at `expires_at`. Unless it is only their turn that came, a pause ends: they, or staff, asked for PIN2.
    """
    earlier = Invitation.objects.filter(registration__in=registrations, revoked_at=None)
    unused = {one.registration_id: _unused_until(one, now) for one in earlier}
    earlier.update(revoked_at=now)
    if kind != Invitation.Kind.TURN:
        end_pauses([registration.pk for registration in registrations], now=now, by=by)
    pins = {registration.pk: new_pin2() for registration in registrations}
    made = Invitation.objects.bulk_create(
        Invitation(
            registration=registration,
            kind=kind,
            pin_hash=pin2_hash(registration.pk, pins[registration.pk]),
            issued_at=now,
            expires_at=expires_at or quiet_hours.evening_after(now, days=_days(registration)),
            unused_before=unused.get(registration.pk, 0),
            issued_by=by,
        )
        for registration in registrations
    )
    return {one.registration_id: (one, pins[one.registration_id]) for one in made}


def end_pauses(registration_ids: Collection[int], *, now: datetime, by: User | None = None) -> None:
    """The people are invited again; nothing where no pause stands."""
    standing = InvitationPause.objects.filter(registration__in=registration_ids, resumed_at=None)
    standing.update(resumed_at=now, resumed_by=by)


def messages(invitation: Invitation, pin2: str, *, lane: Message.Lane = Message.Lane.BULK) -> Iterator[Message]:
    """The SMS or the letter with PIN2; for people with an e-mail address the news that it has come, without PIN2.

    They name a deadline, so at night they wait for the morning.
    """
    context: dict[str, object] = {
        "registration": invitation.registration,
        "expires_at": invitation.expires_at,
        "address": links.address_of("reservation:log_in"),
    }
    return telling.messages(
        invitation.registration,
        "reservation/invitation",
        context,
        secret={"pin2": shown(pin2)},
        lane=lane,
        reference=invitation.registration.number,
        due_at=quiet_hours.next_waking_time(invitation.issued_at),
    )


def _unused_until(invitation: Invitation, now: datetime) -> int:
    """How many PIN2 ran out unused, one after another, this one among them where it has run out."""
    if invitation.used_at is not None:
        return 0
    # That of an offered time goes unused where the person answers by the link.
    is_counted = invitation.kind != Invitation.Kind.OFFER and invitation.expires_at <= now
    return invitation.unused_before + is_counted


def _days(registration: Registration) -> int:
    days: int = settings.PIN2_DAYS_BY_LETTER if registration.by_letter else settings.PIN2_DAYS
    return days
