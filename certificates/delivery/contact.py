"""Corrects how a person is reached and sends the certificate there."""

from datetime import datetime

from django.contrib.auth.models import User

from certificates.delivery import sending
from certificates.delivery.errors import NoRegistration
from certificates.delivery.recipients import registration_of
from certificates.models import Certificate, Delivery
from certificates.operations import Operation
from crs import history, sent_forms
from crs.sent_forms import NO_FORM, Outcome, Sending
from registration.applying import at_a_site


def correct_and_send(
    *,
    certificate: Certificate,
    email: str,
    phone: str,
    by: User | None,
    now: datetime,
    form: Sending = NO_FORM,
    way: Delivery.PasswordWay | None = None,
) -> Delivery:
    """Keep the e-mail address and the telephone (E.164) for the registration, and send the certificate there.

    Without `by` it is the person's own correction. Either both happen or nothing. The address and the telephone
    before are told of the change. Raises NoRegistration, and as `sending.send`.
    """

    def write() -> Outcome:
        registration = registration_of(certificate)
        if registration is None:
            raise NoRegistration
        at_a_site.correct_contact(registration=registration, phone=phone, email=email, by=by)
        return {"delivery": str(sending.send(certificate=certificate, now=now, by=by, way=way).pk)}

    with history.recording_part(Operation.DELIVER, by=by):
        outcome = sent_forms.once(form, write) or {}
    return Delivery.objects.get(pk=outcome["delivery"])
