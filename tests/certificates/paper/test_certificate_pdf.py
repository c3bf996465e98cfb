"""The certificate on paper: opened, read, scanned and examined by other programs than ours."""

import io
from collections.abc import Callable
from functools import partial
from typing import Any
from unittest.mock import patch
from uuid import UUID

import pikepdf
import pypdfium2
import pytest
import zxingcpp
from PIL import Image

from certificates.models import Certificate
from certificates.paper.certificate_pdf import certificate_pdf, day_pdf
from crs.no_break import breakable
from crs.pdf import rendering, typesetting
from crs.pdf.source import Source
from tests.certificates.paper.papers import (
    EAN,
    ISSUER,
    UVCI,
    blurred,
    certificate,
    codes_on,
    copied,
    named,
    page_of,
    turned,
)
from tests.pages import tags_of, text_of_pdf

pytestmark = pytest.mark.django_db

MM = 72 / 25.4
ACROSS, DOWN = 148.5, 105.0  # where the sheet is folded
LONGEST: dict[str, Any] = {
    "last_name": "Ґщжюмщжюмш" * 8,
    "first_name": "Щжюмщжюмшщ" * 8,
    "family_name_mrz": "W" * 80,
    "given_name_mrz": "M" * 80,
    "dose_number": 1,
    "issuer": "W" * 80,
    "product": "EU/" + "M" * 77,
    "holder": "ORG-" + "W" * 76,
    "prophylaxis": "W" * 80,
}


def reads_the_qr(picture: Image.Image, one: Certificate) -> bool:
    return codes_on(picture).get("QRCode") == one.text


def test_the_codes_are_read_from_paper_blurred_askew_and_copied() -> None:
    one = certificate()
    page = page_of(certificate_pdf(one))  # 150 dots per inch
    both = {"QRCode": one.text, "EAN13": one.ean}
    copies = [partial(copied, share=share) for share in (0.9, 0.8, 0.7)]
    ways: list[Callable[[Image.Image], Image.Image]] = [lambda same: same, blurred, turned, *copies]
    for way in ways:
        assert codes_on(way(page)) == both, way


def test_the_code_of_a_long_name_and_issuer_is_read_as_well() -> None:
    one = named("Nguyễn Thị Hồng Nhung", "Trần Đức Ưng", issuer="Ministerstvo zdravotnictví " * 3)
    page = page_of(certificate_pdf(one))
    assert all(reads_the_qr(picture, one) for picture in (page, blurred(page), turned(page), copied(page, 0.9)))


def test_the_sizes_are_those_of_the_norms_and_no_code_is_near_a_fold_or_an_edge() -> None:
    dots_per_inch = 300
    picture = page_of(certificate_pdf(certificate()), dots_per_inch=dots_per_inch)
    mm = 25.4 / dots_per_inch
    for code in zxingcpp.read_barcodes(picture):
        corners = [code.position.top_left, code.position.top_right, code.position.bottom_right]
        xs, ys = [point.x * mm for point in corners], [point.y * mm for point in corners]
        if code.format is zxingcpp.BarcodeFormat.QRCode:
            assert max(xs) - min(xs) == pytest.approx(42, abs=0.3)
            assert max(ys) - min(ys) == pytest.approx(42, abs=0.3)  # a diagonal of 59.4 mm; the EU wants 35 to 60
        else:
            assert max(xs) - min(xs) == pytest.approx(95 * 0.4657, abs=0.5)
        for fold, places in ((DOWN, xs), (ACROSS, ys)):
            assert all(place < fold for place in places) or all(place > fold for place in places)
            assert all(abs(place - fold) > 8 for place in places)
        assert min(*xs, *ys) > 12
        assert max(xs) < 198
        assert max(ys) < 285


def test_the_paper_is_read_in_a_sensible_order() -> None:
    text = text_of_pdf(certificate_pdf(certificate()))
    places = [
        text.index(words)
        for words in (
            "Certifikát o očkování Vaccination certificate",
            "Digitální certifikát EU COVID EU Digital COVID Certificate",
            "Příjmení a jméno / Surname and first name Dvořáková Marie",
            "Datum narození / Date of birth 12. května 1938 / 12 May 1938",
            f"Identifikátor certifikátu (UVCI) / Certificate identifier (UVCI) URN:UVCI:01:CZ: {UVCI[15:]}",
            "Platí od 25. ledna 2027 Valid from 25 January 2027",
            "Cílová nemoc nebo původce / Disease or agent targeted",
            "Očkovací látka/profylaxe / Vaccine/prophylaxis mRNA vakcína proti SARS-CoV-2 / ",
            "Název očkovací látky / Vaccine medicinal product",
            "Držitel rozhodnutí o registraci nebo výrobce / Marketing authorisation holder or manufacturer",
            "Pořadí dávky z celkového počtu / Dose number and total 2 / 2",
            "Datum očkování / Date of vaccination 11. ledna 2027 / 11 January 2027",
            "Stát očkování / Member state of vaccination Česko / Czechia",
            f"Vydavatel certifikátu / Certificate issuer {ISSUER}",
            "Vystaven / Issued 11. ledna 2027 / 11 January 2027",
            "na stránce localhost:8000/overeni/. Potom porovnejte jméno a datum narození",
            "compare the name and the date of birth with an identity document",
            "Certifikát není cestovní doklad.",
            "This certificate is not a travel document.",
            f"Evidenční číslo / Evidence number {EAN}",
            "Kód lze ověřit do / The code can be verified until 11. ledna 2028 11 January 2028",
        )
    ]
    assert places == sorted(places)


@pytest.mark.parametrize(
    "words",
    [
        {"last_name": "Nguyễn", "first_name": "Thị Hồng Ưng"},
        {"last_name": "Ґуляй", "first_name": "Їжак", "spelled": ("HULIAI", "IZHAK")},
        {"last_name": "<img src=http://x/> & O'Brien"},
    ],
)
def test_every_name_is_printed_as_text_in_our_fonts(words: dict[str, Any]) -> None:
    pdf = certificate_pdf(named(**words))
    text = text_of_pdf(pdf)
    for name in (words["last_name"], words.get("first_name", ""), *words.get("spelled", ())):
        assert name in text
    with pikepdf.open(io.BytesIO(pdf)) as document:
        resources: Any = document.pages[0].Resources
        assert all("+Paper" in str(font.BaseFont) for font in resources.Font.values())


def test_the_paper_is_tagged_for_screen_readers_and_printed_in_its_size() -> None:
    pdf = certificate_pdf(certificate())
    with pikepdf.open(io.BytesIO(pdf)) as document:
        root: Any = document.Root
        assert root.MarkInfo.Marked
        assert str(root.Lang) == "cs"
        assert root.ViewerPreferences.DisplayDocTitle
        assert root.ViewerPreferences.PrintScaling == "/None"
        assert breakable(str(document.docinfo["/Title"])) == "Certifikát o očkování / Vaccination certificate"
        assert "Dvořáková" not in str(document.docinfo)
        with document.open_metadata() as metadata:
            assert metadata["pdfuaid:part"] == "1"
    tags = tags_of(pdf)
    figures = [alt for tag, alt in tags if tag == "/Figure"]
    assert {"/Sect", "/H1", "/H2", "/L", "/LBody", "/P"} <= {tag for tag, _alt in tags}
    assert len(figures) == 2  # stars, rosette and folds are ornaments
    assert figures[0].startswith("QR kód certifikátu.")
    assert figures[1].startswith(f"Čárový kód evidenčního čísla {EAN}.")
    assert all(" / " in alt for alt in figures)


def test_the_longest_texts_stay_on_one_page_and_off_the_folds() -> None:
    usual: dict[str, Any] = {"last_name": "Červenková-Vlčnovská " * 3, "first_name": "Přemyslovna " * 5}
    for words in (LONGEST, usual):
        pdf = certificate_pdf(certificate(**words))
        text = text_of_pdf(pdf).replace(" ", "")
        assert words["last_name"].replace(" ", "") in text
        with pypdfium2.PdfDocument(pdf) as document:
            (page,) = document
            text_page = page.get_textpage()
            boxes = [text_page.get_charbox(at) for at in range(text_page.count_chars())]
            for left, bottom, right, top in boxes:
                if right <= left:
                    continue  # a space that ends a line
                assert left / MM > 8
                assert right / MM < 202
                assert not left / MM < DOWN < right / MM
                below, above = 297 - bottom / MM, 297 - top / MM
                assert below < ACROSS - 3 or above > ACROSS + 3
                assert 8 < above < below < 290


def test_two_prints_are_equal_and_those_of_another_certificate_are_not() -> None:
    one = certificate()
    pdf = certificate_pdf(one)
    assert certificate_pdf(one) == pdf
    with pikepdf.open(io.BytesIO(pdf)) as document:
        assert bytes(document.trailer.ID[0]) == one.pk.bytes


def test_a_day_is_one_document_with_a_page_for_each_on_one_side() -> None:
    many = [
        named("Malá", "Eva", columns={"id": UUID(int=1)}),
        named("Ґуляй", "Ю", spelled=("HULIAI", "IU"), columns={"id": UUID(int=2), "ean": "2100000000029"}),
        certificate(columns={"id": UUID(int=3)}, **LONGEST),
    ]
    pdf = day_pdf(many)
    assert day_pdf(many) == pdf
    with pypdfium2.PdfDocument(pdf) as document:
        assert len(document) == 3
        assert [mark.get_title() for mark in document.get_toc()][:2] == ["Malá Eva", "Ґуляй Ю"]
    for number, one in enumerate(many):
        assert codes_on(page_of(pdf, page=number, dots_per_inch=200)) == {"QRCode": one.text, "EAN13": one.ean}
    with pikepdf.open(io.BytesIO(pdf)) as document:
        assert document.Root.ViewerPreferences.Duplex == "/Simplex"
    assert [tag for tag, _alt in tags_of(pdf)].count("/Figure") == 6


def test_a_day_of_nobody_is_no_paper() -> None:
    with pytest.raises(ValueError, match="no certificate"):
        day_pdf([])


def test_fonts_and_style_sheet_are_read_once_in_the_life_of_a_process() -> None:
    """A hundred thousand papers of a night are set by a few processes."""
    sources: list[Source] = []
    with patch.object(rendering.Typesetter, "typeset", lambda _self, source: sources.append(source)):
        for name in ("Malá", "Velká", "Dlouhá"):
            certificate_pdf(named(name))
    typesetting.typeset(sources[0])
    caches = (typesetting._font_configuration, typesetting._fonts_sheet, typesetting._sheet)
    before = [cache.cache_info().misses for cache in caches]
    for source in sources[1:]:
        typesetting.typeset(source)
    assert [cache.cache_info().misses for cache in caches] == before


def test_a_paper_of_a_trial_says_so_on_each_part_and_a_real_one_does_not(settings: Any) -> None:
    one = certificate()
    marked = text_of_pdf(certificate_pdf(one))
    assert "VZOR / SPECIMEN Zkušební provoz: certifikát neplatí Trial run: not a valid certificate" in marked
    assert marked.count("SPECIMEN") == 4
    settings.IS_LOCAL = False
    real = text_of_pdf(certificate_pdf(one))
    assert "SPECIMEN" not in real
    assert "Zkušební" not in real
