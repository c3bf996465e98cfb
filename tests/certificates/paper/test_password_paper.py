"""The password on paper: large, spelled, and on one page."""

import pypdfium2
import pytest

from certificates.errors import RevokedCertificate
from certificates.models import Certificate
from certificates.paper.password_paper import password_pdf, spelled
from tests.certificates.paper.papers import EAN, certificate, named
from tests.pages import tags_of, text_of_pdf


def test_each_character_is_said_so_that_nobody_takes_it_for_another() -> None:
    said = [(one.said.cs, one.word, one.said.en) for one in spelled("bw4")]
    assert said == [
        ("malé b", "Božena", "small b"),
        ("malé w", "Dvojité-vé", "small w"),
        ("číslice 4", "", "digit 4"),
    ]


@pytest.mark.django_db
def test_the_paper_says_whose_password_it_is_and_how_the_certificate_is_opened() -> None:
    pdf = password_pdf(certificate(), "br4k7wtn9xe")
    text = text_of_pdf(pdf)
    for words in (
        "Heslo k Vašemu certifikátu Password for your certificate Dvořáková Marie",
        " br4k7wtn9xe Heslo znak po znaku",
        "malé b (Božena) / small b",
        "číslice 4 / digit 4",
        "malé e (Emil) / small e",
        "Heslo opište, jak tu stojí: bez mezer",
        f"Evidenční číslo / Evidence number: {EAN}",
    ):
        assert words in text
    assert {"/H1", "/H2", "/L", "/LI"} <= {tag for tag, _alt in tags_of(pdf)}


@pytest.mark.django_db
def test_the_widest_password_of_the_longest_name_is_one_line_on_one_page() -> None:
    pdf = password_pdf(named("Červenková-Vlčnovská " * 3, "Přemyslovna " * 6), "WWMWMWWWWMW")
    with pypdfium2.PdfDocument(pdf) as document:
        assert len(document) == 1
        assert "WWMWMWWWWMW" in document[0].get_textpage().get_text_range()


@pytest.mark.django_db
def test_a_revoked_certificate_gets_no_password() -> None:
    revoked = certificate(columns={"state": Certificate.State.REVOKED, "revocation": Certificate.Revocation.OTHER})
    with pytest.raises(RevokedCertificate):
        password_pdf(revoked, "br4k7wtn9xe")
