"""Certificates on a person's timeline."""

from collections.abc import Callable
from datetime import timedelta

from django.utils import translation

from certificates.models import Delivery, IssueRequest
from crs.no_break import breakable
from tests.certificates.desk.conftest import Desk
from tests.factories import NOW, make_account, make_certificate
from vaccination.models import Dose
from vaccination.timeline import entries


def test_it_tells_what_was_issued_sent_rejected_and_revoked_and_by_whom(
    desk: Desk, complete: Callable[..., Dose]
) -> None:
    dose = complete()
    by = make_account("eva")
    certificate = make_certificate(
        dose,
        cause="SERIES",
        issued_by=by,
        state="REVOKED",
        revoked_at=NOW + timedelta(hours=2),
        revoked_by=by,
        revocation="FRAUD",
        revocation_note="Cizí pas.",
    )
    for hours, way in ((1, "SMS"), (2, "PAPER"), (3, "NONE")):
        Delivery.objects.create(
            certificate=certificate,
            asked_at=NOW + timedelta(hours=hours),
            asked_by=by,
            language="cs",
            password_way=way,
        )
    Delivery.objects.create(certificate=certificate, asked_at=NOW, language="cs", password_way="SMS")
    IssueRequest.objects.create(
        dose=dose, cause="RENEWED", asked_at=NOW, state="REJECTED", decided_at=NOW, decision_reason="Ne."
    )
    with translation.override("en"):
        found = [one for one in entries.entries_of(dose.person) if one.kind == entries.Kind.CERTIFICATE]
        told = {breakable(str(one.text)): (one.by, str(one.reason)) for one in found}
    assert told == {
        "Certificate 2/2 issued: the last dose of the series": ("eva", ""),
        "Certificate 2/2 revoked: fraud": ("eva", "Cizí pas."),
        "The certificate was sent by e-mail, its password by SMS": ("eva", ""),
        "The certificate was sent by e-mail, its password on paper": ("eva", ""),
        "The person was told where the certificate can be had on paper": ("eva", ""),
        "The ministry rejected the certificate of the dose of 11. 1. 2027": ("", "Ne."),
    }
