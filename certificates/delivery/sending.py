"""Sends a certificate: the encrypted PDF by e-mail, its password by SMS or on paper (docs/adr/0028-delivery.md)."""

from collections.abc import Iterable
from datetime import datetime
from functools import partial
from uuid import UUID

from django.conf import settings
from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from certificates.delivery import limits, passwords
from certificates.delivery.errors import (
    CertificateExpired,
    CertificateNotValid,
    NoEmail,
    NoTelephone,
    NothingToSendTo,
    TooManySendings,
)
from certificates.delivery.recipients import Recipient, recipient_of
from certificates.models import Certificate, Delivery
from certificates.models.certificates import Cause
from certificates.operations import Operation
from crs import history, sent_forms
from crs.messaging import outbox, quiet_hours
from crs.messaging.models import Message
from crs.sent_forms import NO_FORM, Outcome, Sending
from logistics.models import VaccinationSite

Way = Delivery.PasswordWay
CERTIFICATE = "certificates/certificate"
PASSWORD = "certificates/password"  # noqa: S105
READY = "certificates/ready"


def send(
    *,
    certificate: Certificate,
    now: datetime,
    by: User | None = None,
    form: Sending = NO_FORM,
    way: Delivery.PasswordWay | None = None,
    is_awaited: bool = True,
) -> Delivery:
    """Send the certificate because somebody asks for it, with a new password; earlier sendings that wait are cancelled.

    Without `way` the password goes by SMS where there is a telephone, else on paper. Without an e-mail address the
    SMS says where the paper can be had. One that nobody awaits sends no SMS at night. Raises CertificateNotValid,
    CertificateExpired, NoEmail, NoTelephone, NothingToSendTo, TooManySendings and FormChanged.
    """

    def write() -> Outcome:
        living = _locked(certificate)
        if living.has_expired(now):
            raise CertificateExpired
        recipient = recipient_of(living)
        chosen = _chosen_way(recipient, way)
        _refuse_too_many(living, recipient, chosen, now)
        return {"delivery": str(_write(living, recipient, chosen, now=now, by=by, is_awaited=is_awaited).pk)}

    with history.recording_part(Operation.DELIVER, by=by):
        outcome = sent_forms.once(form, write) or {}
    return Delivery.objects.get(pk=outcome["delivery"])


def send_issued(*, certificate: Certificate, now: datetime) -> Delivery:
    """Send a certificate that was issued by itself, in the transaction that issues it.

    Nobody waits for it, so no SMS goes out at night, and what a night run writes goes behind everything else. Without
    e-mail and telephone nothing is sent, and the delivery says so to the desk.
    """
    with transaction.atomic(), history.recording_part(Operation.DELIVER):
        recipient = recipient_of(certificate)
        return _write(certificate, recipient, _best_way(recipient), now=now, is_awaited=False)


def cancel(*, certificate_ids: Iterable[UUID], reason: str) -> None:
    """Let nothing go out any more that belongs to these certificates; `reason` is in English."""
    _cancel(Delivery.objects.filter(certificate__in=list(certificate_ids)), reason)


def _locked(certificate: Certificate) -> Certificate:
    """The certificate, locked: two who send it, or somebody who revokes it, wait here. Raises CertificateNotValid."""
    living = Certificate.objects.select_for_update(of=("self",), no_key=True).get(pk=certificate.pk)
    if living.state != Certificate.State.VALID:
        raise CertificateNotValid
    return living


def _best_way(recipient: Recipient) -> Way:
    if not recipient.email:
        return Way.NONE
    return Way.SMS if recipient.phone else Way.PAPER


def _chosen_way(recipient: Recipient, wanted: Way | None) -> Way:
    if not recipient.email and not recipient.phone:
        raise NothingToSendTo
    if wanted in (Way.SMS, Way.PAPER) and not recipient.email:
        raise NoEmail
    if wanted == Way.SMS and not recipient.phone:
        raise NoTelephone
    return _best_way(recipient) if wanted is None else wanted


def _refuse_too_many(certificate: Certificate, recipient: Recipient, way: Way, now: datetime) -> None:
    email = "" if way == Way.NONE else recipient.email
    phone = "" if way == Way.PAPER else recipient.phone
    if limits.is_reached(certificate_id=str(certificate.pk), email=email, phone=phone, now=now):
        raise TooManySendings


def _write(
    certificate: Certificate,
    recipient: Recipient,
    way: Way,
    *,
    now: datetime,
    by: User | None = None,
    is_awaited: bool,
) -> Delivery:
    _cancel(Delivery.objects.filter(certificate=certificate), "it is sent anew")
    delivery = Delivery(
        certificate=certificate,
        asked_at=now,
        asked_by=by,
        language=_known(recipient.language),
        email="" if way == Way.NONE else recipient.email,
        phone="" if way == Way.PAPER else recipient.phone,
        password_way=way,
        password=None if way == Way.NONE else passwords.new(),
    )
    # What is written at night for the morning goes behind all that is new by then.
    sms_at = now if is_awaited else quiet_hours.next_waking_time(now)
    lane = Message.Lane.PERSONAL if sms_at == now else Message.Lane.BULK
    queue = partial(outbox.queue, lane=lane, language=delivery.language, reference=str(delivery.pk))
    context = _context(certificate, delivery, recipient, sms_at if sms_at > now else None)
    if delivery.email:
        delivery.email_message = queue(
            channel=Message.Channel.EMAIL,
            recipient=delivery.email,
            template=CERTIFICATE,
            context=context,
        )
    if delivery.phone:
        delivery.sms_message = queue(
            channel=Message.Channel.SMS,
            recipient=str(delivery.phone),
            template=READY if way == Way.NONE else PASSWORD,
            # The e-mail's context has no password, so no template of ours can write it there.
            context=context if way == Way.NONE else {**context, "password": delivery.password},
            is_secret=way != Way.NONE,
            due_at=sms_at,
        )
    delivery.save(force_insert=True)
    return delivery


def _context(
    certificate: Certificate, delivery: Delivery, recipient: Recipient, sms_at: datetime | None
) -> dict[str, object]:
    return {
        "number": recipient.number,
        "is_corrected": certificate.cause == Cause.CORRECTED,
        "is_by_sms": delivery.password_way == Way.SMS,
        "phone_end": str(delivery.phone)[-3:],
        "sms_at": sms_at and timezone.localtime(sms_at),
        "site": _site_that_prints(certificate),
    }


def _site_that_prints(certificate: Certificate) -> VaccinationSite | None:
    site = certificate.dose.site
    return None if site is None or site.state == VaccinationSite.State.CLOSED else site


def _cancel(deliveries: QuerySet[Delivery], reason: str) -> None:
    """Cancel the messages that still wait, then forget the passwords: always in this order, as the preparation."""
    kept = list(deliveries.values_list("pk", "email_message", "sms_message"))
    messages = [key for _pk, *keys in kept for key in keys if key is not None]
    if messages:
        outbox.cancel(messages, reason=reason)
    Delivery.objects.filter(pk__in=[pk for pk, *_keys in kept], password__isnull=False).update(password=None)


def _known(language: str) -> str:
    return language if language in dict(settings.LANGUAGES) else settings.LANGUAGE_CODE
