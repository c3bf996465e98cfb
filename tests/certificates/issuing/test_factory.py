"""The certificate that other tests stand on."""

import pytest

from certificates.hcert.verification import verify
from tests.factories import NOW, make_certificate, make_dose, make_open_vial, make_site, make_visit

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]


def test_a_certificate_of_the_factory_is_genuine() -> None:
    site = make_site()
    dose = make_dose(make_visit(site=site), make_open_vial(site))
    certificate = make_certificate(dose)
    genuine = verify(certificate.text, [certificate.signer.certificate], NOW)
    assert (genuine.uvci, genuine.entry["dn"], genuine.entry["sd"]) == (certificate.uvci, 1, 2)
    assert certificate.expires_at == genuine.expires_at
