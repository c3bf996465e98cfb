"""From a code to what a form can be filled with, over real rows."""

from collections.abc import Iterator
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.utils import translation

from crs.no_break import breakable
from logistics.models import Batch, Pack, Vaccine
from logistics.stock import items
from logistics.vaccines.errors import AmbiguousScan, LinearCode, UnreadableScan, WrongKeyboard
from logistics.vaccines.scanning import recognise
from tests.factories import make_batch

pytestmark = pytest.mark.django_db

GTIN, OTHER_GTIN = "05415062342237", "08594739000018"
GS = "\x1d"


@pytest.fixture(autouse=True)
def _in_english() -> Iterator[None]:
    with translation.override("en"):
        yield


@pytest.fixture
def comirnaty() -> Vaccine:
    return Vaccine.objects.get(code="comirnaty")


@pytest.fixture
def pack(comirnaty: Vaccine) -> Pack:
    pack = comirnaty.packs.get(vials=195, doses_per_vial=6)
    pack.gtin = GTIN
    pack.save()
    return pack


@pytest.fixture
def batch(comirnaty: Vaccine) -> Batch:
    return make_batch(expires_on=date(2021, 9, 30))


def code(*, gtin: str = GTIN, expiry: str = "210930", number: str = "EJ6797") -> str:
    return f"]d201{gtin}17{expiry}10{number}{GS}21SERIAL0001"


def test_a_known_pack_and_batch_fill_the_form(pack: Pack, batch: Batch) -> None:
    found = recognise(code())
    assert (found.vaccine, found.batch, found.batch_number) == (pack.vaccine, batch, "EJ6797")
    assert (found.expires_on, found.doses_per_vial, found.pack) == (date(2021, 9, 30), 6, pack)
    assert tuple(map(breakable, found.notices)) == ()


def test_a_new_batch_of_a_known_pack_brings_its_expiry(pack: Pack) -> None:
    found = recognise(code(number="FE8405", expiry="211000"))
    assert (found.vaccine, found.batch, found.batch_number) == (pack.vaccine, None, "FE8405")
    assert found.expires_on == date(2021, 10, 31)
    assert tuple(map(breakable, found.notices)) == ("Batch FE8405 is not recorded yet.",)


def test_an_extended_expiry_is_ours_and_said(pack: Pack, batch: Batch) -> None:
    found = recognise(code(expiry="210630"))
    assert found.expires_on == date(2021, 9, 30)
    assert tuple(map(breakable, found.notices)) == (
        "The expiry printed on the pack, 30. 6. 2021, was extended to 30. 9. 2021 for this batch.",
    )


def test_a_pack_that_keeps_longer_than_our_record_is_a_question(pack: Pack, batch: Batch) -> None:
    (notice,) = recognise(code(expiry="211231")).notices
    assert "31. 12. 2021" in breakable(notice)
    assert "Check the batch" in notice


def test_a_batch_of_another_vaccine_than_the_pack_is_a_conflict(pack: Pack) -> None:
    make_batch(vaccine="spikevax", expires_on=date(2021, 9, 30))
    found = recognise(code())
    assert (found.vaccine, found.batch) == (pack.vaccine, None)
    assert tuple(map(breakable, found.notices)) == (
        "The pack is of Comirnaty, but batch EJ6797 is recorded for Spikevax. Check both.",
    )


def test_the_pack_decides_between_two_vaccines_with_one_batch_number(pack: Pack, batch: Batch) -> None:
    make_batch(vaccine="spikevax", expires_on=date(2021, 9, 30))
    assert recognise(code()).batch == batch
    typed = recognise("EJ6797")
    assert (typed.batch, typed.vaccine) == (None, None)
    assert typed.notices == ("Batch EJ6797 is recorded for several vaccines. Choose the vaccine.",)


def test_an_unknown_pack_is_found_by_its_batch_or_asked_for(batch: Batch) -> None:
    found = recognise(code(gtin=OTHER_GTIN))
    assert (found.vaccine, found.batch, found.pack) == (batch.vaccine, batch, None)
    assert "found by the batch" in found.notices[0]
    unknown = recognise(code(gtin=OTHER_GTIN, number="NEW-1"))
    assert (unknown.vaccine, unknown.batch) == (None, None)
    assert len(unknown.notices) == 2


@pytest.mark.parametrize("typed", ["EJ6797", " ej6797\r\n", "EJ 6797", "EJ\u00a067\u200b97", "ＥＪ６７９７"])
def test_a_typed_batch_number_is_enough(batch: Batch, typed: str) -> None:
    found = recognise(typed)
    assert (found.batch, found.vaccine, found.expires_on) == (batch, batch.vaccine, batch.expires_on)
    assert found.scan is None


def test_a_batch_number_that_looks_like_a_code_stays_a_batch_number(comirnaty: Vaccine) -> None:
    assert recognise("1012345").batch_number == "1012345"
    moderna = make_batch("1721093010ABC", vaccine="spikevax", expires_on=date(2021, 9, 30))
    assert recognise("1721093010ABC").batch == moderna


@pytest.mark.parametrize(
    ("number", "typed"),
    [
        ("AB/123", "ab/123"),
        ("AB/123", "AB-+ěš"),
        ("AB/123", "AB-+ľš"),
        ("AB-123", "AB=+ěš"),
        ("AB-123", "AB-+ěš"),
        ("210112", "ě+é++ě"),
        ("111", "+++"),
        ("A", "a"),
        ("(10)A", "(10)A"),
        ("=1+1", "=1+1"),
    ],
)
def test_a_recorded_number_is_found_from_any_keyboard(comirnaty: Vaccine, number: str, typed: str) -> None:
    batch = make_batch(number, expires_on=date(2027, 9, 30))
    assert recognise(typed).batch == batch


def test_a_number_from_another_keyboard_that_may_be_two_or_none_is_not_guessed(comirnaty: Vaccine) -> None:
    for number in ((), ("AB/123", "AB-123")):
        for one in number:
            make_batch(one, expires_on=date(2027, 9, 30))
        with pytest.raises(WrongKeyboard):
            recognise("AB-+ěš")
    make_batch("E2", expires_on=date(2027, 9, 30))
    with pytest.raises(WrongKeyboard):
        recognise("Zě")


def test_a_digit_says_that_the_keyboard_was_not_another_one(comirnaty: Vaccine) -> None:
    """The keys of digits give signs there, so a text with both was typed as it stands, or is not to be guessed."""
    for number in ("E11", "E1-1", "E21"):
        make_batch(number, expires_on=date(2027, 9, 30))
    for typed in ("E+1", "E1=1"):
        found = recognise(typed)
        assert (found.batch_number, found.batch) == (typed, None)
    with pytest.raises(WrongKeyboard):
        recognise("Eě1")


def test_the_address_of_a_pack_fills_the_form(pack: Pack, batch: Batch) -> None:
    found = recognise(f"https://id.example/01/{GTIN}/10/EJ6797?17=210930")
    assert (found.batch, found.pack, found.notices) == (batch, pack, ())


def test_doses_a_vial_are_those_with_which_the_batch_came(batch: Batch) -> None:
    assert recognise("EJ6797").doses_per_vial is None  # packs of Comirnaty have 5 or 6
    items.vaccine_item(batch=batch, doses_per_vial=5)
    assert recognise("EJ6797").doses_per_vial == 5
    items.vaccine_item(batch=batch, doses_per_vial=6)
    assert recognise("EJ6797").doses_per_vial is None


def test_a_blocked_batch_says_why(pack: Pack, batch: Batch) -> None:
    Batch.objects.filter(pk=batch.pk).update(
        blocked_at=datetime(2021, 5, 1, tzinfo=ZoneInfo("Europe/Prague")), block_reason="Particles in the vial."
    )
    (notice,) = recognise(code()).notices
    assert "Particles in the vial." in notice


def test_lost_separators_are_made_up_for_by_a_batch_we_know(pack: Pack, batch: Batch) -> None:
    lost = f"01{GTIN}1721093010EJ679721ABCD"
    assert recognise(lost).batch == batch
    batch.delete()
    with pytest.raises(AmbiguousScan):
        recognise(lost)


def test_the_striped_code_names_the_product_alone(pack: Pack) -> None:
    found = recognise(GTIN[1:])
    assert (found.vaccine, found.batch_number, found.doses_per_vial) == (pack.vaccine, "", 6)
    assert "no batch number" in found.notices[0]
    with pytest.raises(LinearCode):
        recognise(OTHER_GTIN[1:])


@pytest.mark.parametrize("text", ["", "ABŠ", "0105415062342238", "(01)0541506234223", "výborně", "EJ6797#1"])
def test_what_cannot_be_read_is_refused_in_words(text: str) -> None:
    with pytest.raises(UnreadableScan) as refused:
        recognise(text)
    assert "batch number by hand" in str(refused.value)


def test_a_code_asks_the_database_little(pack: Pack, batch: Batch, django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(2):
        recognise(code())
