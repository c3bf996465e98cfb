"""The file that goes with the e-mail about a certificate."""

from django.utils.translation import pgettext

from certificates.delivery.encryption import encrypted
from certificates.models import Certificate, Delivery
from certificates.paper.certificate_pdf import certificate_pdf
from crs.messaging.errors import CannotBeMade, NotWanted
from crs.messaging.outbox import File


def files_of_certificate(reference: str, language: str) -> list[File]:  # the paper is in both languages
    """The encrypted PDF of the delivery `reference`. A second call makes it with the same password.

    Raises NotWanted where the certificate was revoked meanwhile, CannotBeMade where the password is not kept any more.
    """
    delivery = Delivery.objects.select_related("certificate").get(pk=reference)
    if delivery.certificate.state != Certificate.State.VALID:
        raise NotWanted
    if delivery.password is None:
        raise CannotBeMade("its password is not kept any more; send the certificate again")
    pdf = encrypted(certificate_pdf(delivery.certificate), delivery.password)
    return [File(pgettext("file", "eu-certificate.pdf"), "application/pdf", pdf)]
