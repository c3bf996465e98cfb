"""The delivery note: opened, read, scanned and examined by other programs than ours."""

import io
from datetime import date, datetime, timedelta
from typing import Any

import pikepdf
import pypdfium2
import pytest
import zxingcpp
from django.contrib.auth.models import User
from PIL import Image

from crs.no_break import breakable
from logistics.models import (
    Material,
    Region,
    StockDocument,
    StorageCondition,
    StorageRule,
    Store,
)
from logistics.stock import items, ledger
from logistics.stock.delivery_note import delivery_note_pdf
from logistics.stock.ledger import EntryContext, EntryLine
from tests.factories import PRAGUE, make_site, make_vials
from tests.pages import tags_of, text_of_pdf

pytestmark = pytest.mark.django_db

NOW = datetime(2021, 5, 20, 9, 30, tzinfo=PRAGUE)


@pytest.fixture
def alena() -> User:
    return User.objects.create_user("alena", first_name="Alena", last_name="Skladníková")


@pytest.fixture
def context(alena: User) -> EntryContext:
    return EntryContext(by=alena, now=NOW)


@pytest.fixture
def fridge(context: EntryContext) -> Store:
    """The store of a region."""
    return ledger.establish(context=context, region=Region.objects.get(code="CZ064"))


@pytest.fixture
def hospital(context: EntryContext) -> Store:
    site = make_site(
        "Fakultní nemocnice Brno – Žerotínovo očkovací centrum",
        "CZ0642",
        address="Jihlavská 340/20, 625 00 Brno",
        company_number="65269705",
    )
    return ledger.establish(context=context, site=site)


def vials(
    number: str, *, doses: int = 6, storage: StorageCondition = StorageCondition.STORED, use_by: datetime | None = None
) -> Any:
    last_day = date(2021, 9, 30)
    return make_vials(number, doses_per_vial=doses, expires_on=last_day, storage=storage, use_by=use_by)


def sent(fridge: Store, hospital: Store, context: EntryContext, *, lines: list[EntryLine]) -> StockDocument:
    ledger.receive(store=fridge, lines=lines, context=context)
    return ledger.send(
        store=fridge, to=hospital, lines=lines, context=EntryContext(context.by, context.now, note="Chladicí box č. 7")
    )


@pytest.fixture
def dispatch(fridge: Store, hospital: Store, context: EntryContext) -> StockDocument:
    """Deep-frozen vials, the same batch thawed and counted by five, and needles."""
    thawed = vials("EJ6797", doses=5, storage=StorageCondition.THAWED, use_by=NOW + timedelta(days=12))
    needles = items.material_item(Material.objects.create(code="needle-23g", name="Needle 23G", name_cs="Jehla 23G"))
    lines = [EntryLine(vials("EJ6797"), 195), EntryLine(thawed, 10), EntryLine(needles, 1500)]
    return sent(fridge, hospital, context, lines=lines)


def pictures_of(pdf: bytes, *, dpi: int = 200) -> list[Image.Image]:
    document = pypdfium2.PdfDocument(pdf)
    try:
        return [page.render(scale=dpi / 72).to_pil() for page in document]
    finally:
        document.close()


def test_the_note_says_everything_in_czech(dispatch: StockDocument) -> None:
    text = text_of_pdf(delivery_note_pdf(dispatch, language="cs"))
    for said in (
        "Dodací list",
        dispatch.number,
        "20. 5. 2021",
        "Jihomoravský kraj",
        "Fakultní nemocnice Brno – Žerotínovo očkovací centrum",
        "Jihlavská 340/20, 625 00 Brno",
        "IČO: 65269705",
        "Alena Skladníková",
        "EJ6797 30. 9. 2021",
        "−90 až −60 °C 195 6 1 170",
        "použít do 1. 6. 2021 9:30",
        "2 až 8 °C 10 5 50",
        "Celkem 205 1 220",
        "Jehla 23G 1 500",
        "Poznámka: Chladicí box č. 7",
        "Dopravce",
        "Teplota (°C)",
        "strana 1 z 1",
    ):
        assert said in text, (said, text)
    assert "STORNO" not in text


def test_the_note_speaks_english_too(dispatch: StockDocument) -> None:
    text = text_of_pdf(delivery_note_pdf(dispatch, language="en"))
    for said in ("Delivery note", "Needle 23G 1,500", "−90 to −60 °C", "use by 1. 6. 2021 9:30", "page 1 of 1"):
        assert said in text, (said, text)


@pytest.mark.parametrize("dpi", [150, 300])
def test_the_number_is_read_back_from_the_printed_page(dispatch: StockDocument, dpi: int) -> None:
    (page,) = pictures_of(delivery_note_pdf(dispatch, language="cs"), dpi=dpi)
    found = zxingcpp.read_barcodes(page.convert("L"))
    assert [(code.text, code.format) for code in found] == [(dispatch.number, zxingcpp.BarcodeFormat.Code128)]


def test_the_note_is_tagged_for_screen_readers(dispatch: StockDocument) -> None:
    pdf = delivery_note_pdf(dispatch, language="cs")
    with pikepdf.open(io.BytesIO(pdf)) as document:
        root: Any = document.Root
        assert root.MarkInfo.Marked
        assert str(root.Lang) == "cs"
        assert dispatch.number in str(document.docinfo["/Title"])
        with document.open_metadata() as metadata:
            assert metadata["pdfuaid:part"] == "1"
    tags = tags_of(pdf)
    assert {"/H1", "/H2", "/Figure", "/Table", "/TR", "/TH", "/TD", "/P"} <= {name for name, _ in tags}
    assert [breakable(alt) for name, alt in tags if name == "/Figure"] == [f"Čárový kód s číslem {dispatch.number}"]


def test_a_long_list_goes_on_with_its_header_number_and_page(
    fridge: Store, hospital: Store, context: EntryContext
) -> None:
    document = sent(fridge, hospital, context, lines=[EntryLine(vials(f"FE{n:04d}"), n + 1) for n in range(60)])
    pdf = delivery_note_pdf(document, language="cs")
    with pikepdf.open(io.BytesIO(pdf)) as opened:
        pages = len(opened.pages)
    assert pages >= 2
    for page in range(pages):
        text = text_of_pdf(pdf, page)
        assert f"strana {page + 1} z {pages}" in text
        assert document.number in text
    assert "Šarže" in text_of_pdf(pdf, 1)
    assert all(f"FE{n:04d}" in text_of_pdf(pdf) for n in range(60))
    assert text_of_pdf(pdf).count("Celkem") == 1


def test_a_reversed_note_is_marked_on_every_page(fridge: Store, hospital: Store, context: EntryContext) -> None:
    document = sent(fridge, hospital, context, lines=[EntryLine(vials(f"FE{n:04d}"), 1) for n in range(45)])
    reversal = ledger.reverse(document=document, context=context)
    czech, english = (delivery_note_pdf(document, language=language) for language in ("cs", "en"))
    assert f"Doklad byl dne 20. 5. 2021 stornován dokladem {reversal.number}." in text_of_pdf(czech)
    for page in (0, 1):
        assert "STORNO" in text_of_pdf(czech, page)
        assert "REVERSED" in text_of_pdf(english, page)


def test_an_issue_names_who_is_outside_the_network(fridge: Store, context: EntryContext) -> None:
    lines = [EntryLine(vials("EJ6797"), 3)]
    ledger.receive(store=fridge, lines=lines, context=context)
    issue = ledger.issue(store=fridge, lines=lines, outside_party="Armáda ČR <Olomouc> & spol.", context=context)
    text = text_of_pdf(delivery_note_pdf(issue, language="cs"))
    assert "Výdejka" in text
    assert issue.number in text
    assert "Armáda ČR <Olomouc> & spol." in text


def test_other_documents_have_no_delivery_note(fridge: Store) -> None:
    with pytest.raises(ValueError, match="leaves no store"):
        delivery_note_pdf(fridge.documents.get(), language="cs")


def test_without_a_storage_rule_no_temperature_is_made_up(dispatch: StockDocument) -> None:
    StorageRule.objects.all().delete()
    text = text_of_pdf(delivery_note_pdf(dispatch, language="cs"))
    assert "195 6 1 170" in text
    assert "°C 195" not in text


def test_the_note_of_many_lines_asks_no_more_of_the_database(
    fridge: Store, hospital: Store, context: EntryContext, django_assert_num_queries: Any
) -> None:
    document = sent(fridge, hospital, context, lines=[EntryLine(vials(f"FE{n:04d}"), 1) for n in range(5)])
    document = StockDocument.objects.get(pk=document.pk)
    with django_assert_num_queries(5):  # stores, movements, rules, a reversal, who recorded it
        delivery_note_pdf(document, language="cs")


def test_opened_vials_count_in_doses(context: EntryContext) -> None:
    """They cannot be sent; a row of an old import could still hold them."""
    opened, closed = vials("EJ6797", storage=StorageCondition.OPEN), vials("EJ6797")
    store = ledger.establish(name="Avenier", lines=[EntryLine(opened, 4), EntryLine(closed, 1)], context=context)
    issue = ledger.issue(store=store, lines=[EntryLine(closed, 1)], outside_party="Armáda", context=context)
    issue.movements.create(item=opened, quantity=-4)
    text = text_of_pdf(delivery_note_pdf(issue, language="cs"))
    assert "°C – 6 4" in text, text
    assert "Celkem 1 10" in text, text
