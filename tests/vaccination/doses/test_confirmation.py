"""The paper of a dose: opened, read and examined by other programs than ours."""

import io
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pikepdf
import pytest
from pytest_django import DjangoAssertNumQueries

from crs.no_break import breakable
from tests.factories import NOW, make_dose, make_open_vial, make_site, make_visit, make_worker
from tests.pages import tags_of, text_of_pdf
from vaccination.doses.confirmation import DoseLine, DosePaper, NextTime, dose_paper, dose_pdf
from vaccination.models import Dose

PRAGUE = ZoneInfo("Europe/Prague")


def line(number: int, day: date) -> DoseLine:
    return DoseLine(
        number=number,
        vaccine="Comirnaty",
        manufacturer="Pfizer/BioNTech",
        batch="EJ6797",
        given_on=day,
        site_name="Fakultní nemocnice Královské Vinohrady",
        site_address="Šrobárova 1150/50, 100 34 Praha 10",
        doctor="MUDr. Eva Malá",
        given_by="Bc. Iva Sestřičková",
    )


@pytest.fixture
def first() -> DosePaper:
    return DosePaper(
        dose_id=UUID("11111111-2222-4333-8444-555555555555"),
        name="Marie Dvořáková",
        latin_name="",
        birth_date=date(1938, 5, 12),
        dose=line(1, date(2027, 3, 9)),
        next_time=NextTime(
            2,
            datetime(2027, 3, 30, 8, 15, tzinfo=PRAGUE),
            "Fakultní nemocnice Královské Vinohrady",
            "Šrobárova 1150/50, 100 34 Praha 10",
            "Comirnaty",
        ),
    )


def pages_of(pdf: bytes) -> int:
    with pikepdf.open(io.BytesIO(pdf)) as document:
        return len(document.pages)


def test_the_paper_says_everything_in_czech_and_english(first: DosePaper) -> None:
    pdf = dose_pdf(first)
    text = text_of_pdf(pdf)
    for said in (
        "Potvrzení o očkování",
        "Confirmation of vaccination",
        "Jméno a příjmení / Name and surname",
        "Marie Dvořáková",
        "Datum narození / Date of birth",
        "12. května 1938",
        "12 May 1938",
        "Očkovací látka / Vaccine",
        "Comirnaty",
        "Výrobce / Manufacturer",
        "Číslo šarže / Batch number",
        "EJ6797",
        "Pořadí dávky / Dose number",
        "Datum aplikace / Date of vaccination",
        "9. března 2027",
        "Poskytovatel / Provider",
        "Šrobárova 1150/50, 100 34 Praha 10",
        "Očkující lékař / Doctor",
        "MUDr. Eva Malá",
        "Bc. Iva Sestřičková",
        "Termín další dávky / Next dose",
        "úterý 30. března 2027, 8:15",
        "Tuesday 30 March 2027, 8:15",
    ):
        assert said in text
    assert pages_of(pdf) == 1


def test_earlier_doses_stand_on_the_paper_of_the_last(first: DosePaper) -> None:
    last = replace(first, dose=line(2, date(2027, 3, 30)), earlier=(first.dose,), next_time=None)
    pdf = dose_pdf(last)
    text = text_of_pdf(pdf)
    assert "Předchozí dávky / Earlier doses" in text
    assert "9. 3. 2027" in text
    assert "Termín další dávky" not in text
    assert pages_of(pdf) == 1


def test_the_paper_is_tagged_for_screen_readers(first: DosePaper) -> None:
    pdf = dose_pdf(replace(first, earlier=(first.dose,)))
    with pikepdf.open(io.BytesIO(pdf)) as document:
        root: Any = document.Root
        assert root.MarkInfo.Marked
        assert str(root.Lang) == "cs"
        assert root.ViewerPreferences.DisplayDocTitle
        assert breakable(str(document.docinfo["/Title"])) == "Potvrzení o očkování / Confirmation of vaccination"
        with document.open_metadata() as metadata:
            assert metadata["pdfuaid:part"] == "1"
    assert {"/H1", "/H2", "/L", "/P", "/Table", "/TH", "/TD"} <= {name for name, _ in tags_of(pdf)}


def test_the_longest_texts_still_fit_on_one_page(first: DosePaper) -> None:
    long: dict[str, Any] = {"site_name": "N" * 100 + " " + "m" * 99, "site_address": "Ulice " * 50}
    dose = replace(first.dose, **long, doctor="MUDr. " + "Přemyslovna " * 9, given_by="Bc. " + "Vlčnovská " * 11)
    assert first.next_time
    paper = replace(
        first,
        name="Nepomucena-Bartoloměja Přemyslovna " + "Červenková-Vlčnovská " * 5,
        dose=dose,
        earlier=(dose, dose),
        next_time=replace(first.next_time, **long),
    )
    pdf = dose_pdf(paper)
    assert pages_of(pdf) == 1
    assert "1221" in text_of_pdf(pdf)


@pytest.mark.parametrize(
    ("name", "latin"),
    [("Nguyễn Thị Hồng", ""), ("Олександр Ґуляй", "Oleksandr Guliai"), ("<img src=http://x/> & O'Brien", "")],
)
def test_every_name_is_printed_as_text_in_our_fonts(first: DosePaper, name: str, latin: str) -> None:
    pdf = dose_pdf(replace(first, name=name, latin_name=latin))
    text = text_of_pdf(pdf)
    assert name in text
    assert latin in text
    with pikepdf.open(io.BytesIO(pdf)) as document:
        resources: Any = document.pages[0].Resources
        fonts = {str(font.BaseFont) for font in resources.Font.values()}
    assert fonts
    assert all("+Paper" in font for font in fonts), fonts


@pytest.mark.django_db
@pytest.mark.usefixtures("clock")
def test_the_paper_is_made_of_the_records(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    site = make_site()
    visit, vial = make_visit(site=site), make_open_vial(site)
    worker = make_worker(site, name="MUDr. Jan Lékař")
    dose = make_dose(visit, vial, doctor=worker)
    dose = Dose.objects.select_related("person").get(pk=dose.pk)
    with django_assert_num_queries(2):
        paper = dose_paper(dose, now=NOW)
    assert (paper.name, paper.dose.batch, paper.dose.doctor) == ("Jana Nováková", "EJ6797", "MUDr. Jan Lékař")
    assert paper.earlier == ()
    assert paper.next_time
    assert paper.next_time.starts_at == NOW + timedelta(days=21)
    assert dose_paper(dose, now=NOW + timedelta(days=22)).next_time is None
