"""PIN2 once more, for whoever lost it or never got it: a new one, because nothing keeps the old one."""

from datetime import datetime, timedelta

from django.contrib.auth.models import User

from crs import sent_forms, tries
from crs.messaging import outbox
from crs.messaging.models import Message
from crs.sent_forms import NO_FORM, Outcome, Sending
from crs.tries import Limit
from registration.models import Registration
from reservation import errors
from reservation.inviting import issuing
from reservation.models import Invitation
from reservation.reserving import needs, turn

# Of one registration, whoever asks: each is an SMS to somebody who may have asked for none.
SENT_AGAIN = Limit("reservation.pin2_sent_again", 3, timedelta(days=1))

_PROMISE_NOTHING = (Invitation.Kind.OFFER, Invitation.Kind.GAVE_BACK)


def valid(registration_id: int, now: datetime) -> Invitation | None:
    """The PIN2 with which the person can reserve now."""
    return Invitation.objects.valid(now).filter(registration=registration_id).first()


def resend(*, registration_id: int, now: datetime, by: User | None = None, form: Sending = NO_FORM) -> None:
    """Send a new PIN2 in place of the one that is valid, to the telephone or the address of the registration.

    It ends when the old one would have, or nobody else would ever have the seat that is kept for it; only by letter it
    lasts anew, because a letter takes days. And it promises no more than the old one.
    Amid a series, without a time for the next dose, it need not be valid any more: nobody is invited for that dose.
    The caller made sure that the person, or staff (`by`) for a caller, asks for it. Raises NoPin2ToSend,
    TooManyPin2s, FormChanged.
    """

    def write() -> Outcome:
        people = Registration.objects.standing().filter(pk=registration_id).select_related("person")
        person = people.select_for_update(of=("self",), no_key=True).first()
        old = valid(registration_id, now)
        if person is None or (old is None and not _may_ask(person, now)):
            raise errors.NoPin2ToSend
        if tries.count(SENT_AGAIN, person.number, now=now).is_over:
            raise errors.TooManyPin2s
        kind = old.kind if old and old.kind in _PROMISE_NOTHING else Invitation.Kind.RESENT
        expires_at = old.expires_at if old and not person.by_letter else None
        issued, pin2 = issuing.issue([person], Invitation.Kind(kind), now, by=by, expires_at=expires_at)[person.pk]
        outbox.queue_all(issuing.messages(issued, pin2, lane=Message.Lane.PERSONAL))
        return {}

    sent_forms.once(form, write)


def _may_ask(person: Registration, now: datetime) -> bool:
    missing = needs.dose_without_time(person) is not None
    return missing and Registration.objects.filter(turn.is_turn("pk", now=now), pk=person.pk).exists()
