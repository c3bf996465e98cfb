"""The vial that a scan or a typed number means."""

import contextlib
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crs.errors import DomainError
from logistics.models import StockItem, StorageCondition, Store
from logistics.stock import ledger
from logistics.stock.ledger import EntryLine
from logistics.vaccines.errors import WrongKeyboard
from tests.factories import NOW, context, make_vials
from vaccination.vials import errors
from vaccination.vials.choosing import chosen_by, closed_vials

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock", "in_english")]

GTIN = "05415062377000"
CODE = f"01{GTIN}17270331" + "10EJ6797"
CZECH = str.maketrans("1234567890-", "+ěščřžýáíé=")


def test_a_thawed_vial_is_taken_before_a_frozen_one_of_the_batch(store: Store, closed: StockItem) -> None:
    ledger.change_storage(store=store, item=closed, vials=2, to=StorageCondition.THAWED, context=context())
    found = closed_vials(store, now=NOW)
    assert [one.item.storage for one in found] == ["THAWED", "STORED"]
    assert chosen_by("EJ6797", found).item.storage == "THAWED"
    later = closed_vials(store, now=NOW + timedelta(days=40))
    assert chosen_by("EJ6797", later).item.storage == "STORED", "a vial past its clock is passed over"


@pytest.mark.parametrize("text", [CODE, f"]d2{CODE}", f"(01){GTIN}(17)270331(10)EJ6797", CODE.translate(CZECH)])
def test_the_code_of_the_pack_means_its_batch(store: Store, text: str) -> None:
    assert str(chosen_by(text, closed_vials(store, now=NOW)).item.batch) == "EJ6797"


def test_another_batch_of_digits_alone_is_found_from_a_czech_keyboard_too(store: Store) -> None:
    item = make_vials("210112-7", vaccine="comirnaty")
    ledger.receive(store=store, lines=[EntryLine(item, 1)], context=context())
    for text in ("210112-7", "210112-7".translate(CZECH)):
        assert chosen_by(text, closed_vials(store, now=NOW)).item == item


def test_what_is_not_held_here_is_named(store: Store) -> None:
    make_vials("FE8405")
    with pytest.raises(errors.NothingToOpen, match="no closed vial of FE8405 that may be used"):
        chosen_by("FE8405", closed_vials(store, now=NOW))


def test_a_number_in_which_y_and_z_may_be_exchanged_is_not_guessed(store: Store) -> None:
    with pytest.raises(WrongKeyboard):
        chosen_by("EZžýíý", closed_vials(store, now=NOW))


def test_any_text_finds_a_vial_that_is_there_or_is_refused_in_words(store: Store) -> None:
    held = closed_vials(store, now=NOW)

    @settings(max_examples=80, deadline=None, derandomize=True)
    @given(text=st.text(max_size=60) | st.text("0123456789+ěščřžýáíé=-EJ \x1d\u200b", max_size=40))
    def look(text: str) -> None:
        with contextlib.suppress(DomainError):
            assert chosen_by(text, held) in held

    look()
