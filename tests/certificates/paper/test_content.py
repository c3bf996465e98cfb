"""What is printed is what was signed, whatever the tables say today."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.utils import translation
from pytest_django import DjangoAssertNumQueries

from certificates.errors import DamagedCertificate, RevokedCertificate
from certificates.models import Certificate, ValueSetEntry
from certificates.paper.content import Content, content_of, contents_of
from crs.no_break import breakable
from crs.pdf.bilingual import Both
from logistics.models import Vaccine
from tests.certificates.paper.papers import EAN, ISSUER, UVCI, certificate, named
from tests.factories import NOW, make_signing_key

pytestmark = pytest.mark.django_db

NAMES = {
    (ValueSetEntry.ValueSet.DISEASE, "840539006"): "COVID-19",
    (ValueSetEntry.ValueSet.PROPHYLAXIS, "1119349007"): "SARS-CoV-2 mRNA vaccine",
    (ValueSetEntry.ValueSet.PRODUCT, "EU/1/20/1528"): "Comirnaty",
    (ValueSetEntry.ValueSet.HOLDER, "ORG-100030215"): "BioNTech Manufacturing GmbH",
}


@pytest.fixture
def value_sets() -> None:
    for (value_set, code), display in NAMES.items():
        ValueSetEntry.objects.update_or_create(value_set=value_set, code=code, defaults={"display": display})


@pytest.mark.usefixtures("value_sets")
def test_everything_is_read_from_the_signed_text(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    one = certificate()
    one.dose_number, one.total_doses, one.expires_at = 7, 9, NOW  # columns that are not what was signed
    with django_assert_num_queries(3):
        content = content_of(one)
    assert content == Content(
        text=one.text,
        ean=EAN,
        name="Dvořáková Marie",
        latin_name="",
        birth_date=Both("12.\u00a0května 1938", "12\u00a0May 1938"),
        disease="COVID-19",
        kind=Both("mRNA vakcína proti SARS-CoV-2", "SARS-CoV-2 mRNA vaccine"),
        product="Comirnaty",
        holder="BioNTech Manufacturing GmbH",
        dose_number=2,
        total_doses=2,
        given_on=Both("11.\u00a0ledna 2027", "11\u00a0January 2027"),
        country=Both("Česko", "Czechia"),
        issuer=ISSUER,
        uvci=UVCI,
        issued_on=Both("11.\u00a0ledna 2027", "11\u00a0January 2027"),
        valid_from=Both("25.\u00a0ledna 2027", "25\u00a0January 2027"),
        validity=Both(
            "14\u00a0dní po poslední dávce základního očkování.",
            "14 days after the last dose of the basic vaccination.",
        ),
        expires_on=content.expires_on,
    )


def test_codes_without_a_name_and_other_states_stand_as_they_are() -> None:
    content = content_of(certificate(disease="1", prophylaxis="X2", product="EU/9", holder="ORG-9", country="XK"))
    said = (content.disease, content.kind, content.product, content.holder, content.country)
    assert said == ("1", Both("X2", "X2"), "EU/9", "ORG-9", Both("XK", "XK"))


@pytest.mark.parametrize(
    ("dose", "of", "days"),
    [(1, 1, 14), (2, 2, 14), (2, 1, 0), (3, 3, 0), (3, 2, 0), (3, 1, 0), (4, 4, 0), (1, 2, None), (2, 3, None)],
)
def test_a_series_counts_after_14_days_a_booster_at_once_and_half_a_series_never(
    dose: int, of: int, days: int | None
) -> None:
    # 20 March: the clocks change within the 14 days, which are days of the calendar.
    content = content_of(certificate(dose_number=dose, total_doses=of, given_on=date(2027, 3, 20)))
    expected = {14: "3.\u00a0dubna 2027", 0: "20.\u00a0března 2027", None: None}[days]
    assert (content.valid_from and content.valid_from.cs) == expected
    why = {14: "14 dní po poslední dávce", 0: "Posilující dávka", None: "ještě není dokončené"}[days]
    assert why in breakable(content.validity.cs)


def test_three_of_three_of_a_vaccine_of_three_doses_is_the_end_of_its_series() -> None:
    vaccine = Vaccine.objects.get(pk="comirnaty")
    vaccine.doses = 3
    vaccine.save()
    given_on = date(2027, 3, 20)
    for dose, expected in ((3, "3.\u00a0dubna 2027"), (4, "20.\u00a0března 2027")):
        content = content_of(certificate(dose_number=dose, total_doses=dose, given_on=given_on))
        assert content.valid_from == Both(expected, content.valid_from.en if content.valid_from else "")


def test_a_code_that_ends_at_midnight_is_good_until_the_day_before() -> None:
    # The signer ends in the same second; half past eleven in Greenwich is the next day in Prague.
    for hours, expected in (
        (0, "11.\u00a0ledna 2028"),
        (-9, "10.\u00a0ledna 2028"),
        (-8.99, "11.\u00a0ledna 2028"),
    ):
        one = certificate(expires_at=NOW + timedelta(days=365, hours=hours))
        assert content_of(one).expires_on.cs == expected


@pytest.mark.parametrize(
    ("last_name", "first_name", "spelled", "name", "latin_name"),
    [
        ("Nguyễn", "Thị Hồng", None, "Nguyễn Thị Hồng", ""),
        ("Ґуляй", "Олександра", ("HULIAI", "OLEKSANDRA"), "Ґуляй Олександра", "HULIAI OLEKSANDRA"),
        ("D'Červenková Panklová", "Jiřina-Maria", None, "D'Červenková Panklová Jiřina-Maria", ""),
        ("Sukarno", "", None, "Sukarno", ""),
        ("Ли", "", ("LI", ""), "Ли", "LI"),
        ("", "", ("VAN<DER<BERG", "ANNA"), "VAN DER BERG ANNA", ""),
    ],
)
def test_names_are_printed_as_written_with_the_latin_spelling_of_other_scripts(
    last_name: str, first_name: str, spelled: Any, name: str, latin_name: str
) -> None:
    content = content_of(named(last_name, first_name, spelled=spelled))
    assert (content.name, content.latin_name) == (name, latin_name)


def test_a_revoked_certificate_is_not_printed_and_says_why() -> None:
    revoked = certificate(columns={"state": Certificate.State.REVOKED, "revocation": Certificate.Revocation.REPLACED})
    with translation.override("en"), pytest.raises(RevokedCertificate, match="another one was issued"):
        contents_of([certificate(), revoked])


def test_a_text_that_its_signer_did_not_sign_is_not_printed() -> None:
    good = certificate()
    last = good.text[-2]
    changed = certificate(columns={"text": f"{good.text[:-2]}{'A' if last != 'A' else 'B'}{good.text[-1]}"})
    anothers = certificate(columns={"uvci": f"{UVCI[:-1]}A"})
    elsewhere = certificate()
    elsewhere.signer = make_signing_key().signer
    for wrong in (changed, anothers, elsewhere, certificate(columns={"text": "HC1:"})):
        with pytest.raises(DamagedCertificate):
            content_of(wrong)
