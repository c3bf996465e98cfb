"""How long a password is kept: until the PDF is stored, or until it was printed on paper."""

from datetime import datetime, timedelta

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Q

from certificates.delivery.errors import CertificateNotValid, PasswordForgotten
from certificates.models import Certificate, Delivery
from certificates.operations import Operation
from crs import history
from crs.messaging.models import Message

Way = Delivery.PasswordWay
# A sheet that the printer ate is printed again; whoever comes later gets a new password.
REPRINTED_FOR = timedelta(minutes=30)
# So long a password waits for its person to come for the paper.
WAITS_FOR_PERSON = timedelta(days=30)
# So long an e-mail that failed before its PDF was made can be sent again with the password that went by SMS.
WAITS_FOR_PDF = timedelta(days=3)


def forget_stored(reference: str) -> None:
    """Forget the password of the delivery `reference`, in the transaction that stores its PDF. One on paper waits."""
    Delivery.objects.filter(pk=reference, password_way=Way.SMS).update(password=None)


@transaction.atomic
def password_for_paper(*, delivery: Delivery, by: User | None, now: datetime) -> str:
    """The password, to be printed at once; for half an hour after the first time it can be printed again.

    Raises PasswordForgotten and CertificateNotValid.
    """
    kept = Delivery.objects.select_for_update(of=("self",), no_key=True).select_related("certificate")
    locked = kept.get(pk=delivery.pk)
    if locked.certificate.state != Certificate.State.VALID:
        raise CertificateNotValid
    if not is_printable(locked, now=now):
        raise PasswordForgotten
    if locked.password_printed_at is None:
        with history.recording_part(Operation.DELIVER, by=by):
            Delivery.objects.filter(pk=locked.pk).update(password_printed_at=now)
    return str(locked.password)


def is_printable(delivery: Delivery, *, now: datetime) -> bool:
    """Whether `password_for_paper` has a password."""
    if delivery.password is None or delivery.password_way != Way.PAPER:
        return False
    printed_at = delivery.password_printed_at
    until = delivery.asked_at + WAITS_FOR_PERSON if printed_at is None else printed_at + REPRINTED_FOR
    return now < until


def forget_old(*, now: datetime) -> int:
    """Forget the passwords that have served or whose time is over; returns how many."""
    kept = Delivery.objects.filter(password__isnull=False)
    on_paper = Q(password_way=Way.PAPER) & (
        Q(password_printed_at__lte=now - REPRINTED_FOR) | Q(asked_at__lte=now - WAITS_FOR_PERSON)
    )
    by_sms = Q(password_way=Way.SMS, asked_at__lte=now - WAITS_FOR_PDF)
    # As long as the e-mail waits for its PDF, however long that takes, its password is needed.
    has_served = (on_paper | by_sms) & ~Q(email_message__state=Message.State.PREPARING)
    old = kept.filter(has_served | Q(certificate__state=Certificate.State.REVOKED))
    with transaction.atomic():
        # SKIP LOCKED: whoever sends or prints one just now is not waited for, so this stands in nobody's ring.
        locked = old.select_for_update(of=("self",), no_key=True, skip_locked=True)
        keys = list(locked.values_list("pk", flat=True))
        return Delivery.objects.filter(pk__in=keys).update(password=None)
