"""Codes of packs, as scanners and people deliver them: read rightly or refused, never read wrongly."""

import calendar
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from logistics.vaccines.errors import (
    AmbiguousScan,
    ImpossibleExpiry,
    UnreadableScan,
    WrongBatch,
    WrongGtin,
    WrongKeyboard,
)
from logistics.vaccines.gs1 import Scan, read, readings

GTIN = "05415062342237"
PACK = Scan(gtin=GTIN, batch="EJ6797", expires_on=date(2021, 9, 30), serial="1A2B3C4D5E6F7G8H9I0J")
GS = "\x1d"
TEXT = f"01{GTIN}17210930" + f"10EJ6797{GS}211A2B3C4D5E6F7G8H9I0J"


@pytest.mark.parametrize(
    "text",
    [
        TEXT,
        f"]d2{TEXT}",
        f"]C1{TEXT}\r\n",
        f"{GS}{TEXT}{GS}",
        TEXT.replace(GS, "<GS>"),
        TEXT.replace(GS, "{GS}"),
        TEXT.replace(GS, "|"),
        TEXT.replace(GS, "^"),
        TEXT.replace(GS, "^]"),
        TEXT.replace(GS, "␝"),
        TEXT.replace(GS, "\\x1d"),
        TEXT.replace("EJ6797", "ej6797"),
        f"01{GTIN}211A2B3C4D5E6F7G8H9I0J{GS}1721093010EJ6797",
        f"01{GTIN}1721090010EJ6797{GS}211A2B3C4D5E6F7G8H9I0J",
        f"01{GTIN}71403123{GS}211A2B3C4D5E6F7G8H9I0J{GS}1721093010EJ6797",
        f"(01){GTIN}(17)210930(10)EJ6797(21)1A2B3C4D5E6F7G8H9I0J",
        f" (01) {GTIN} (17) 210900 (10) ej6797 (21) 1A2B3C4D5E6F7G8H9I0J ",
        # The separators were lost, and still only one reading fits a pack:
        f"01{GTIN}211A2B3C4D5E6F7G8H9I0J1721093010EJ6797",
        f"01{GTIN}17210930211A2B3C4D5E6F7G8H9I0J10EJ6797",
        TEXT.replace(GS, ""),  # 28 characters are too many for one batch number
    ],
)
def test_one_pack_is_read_alike_however_the_scanner_sends_it(text: str) -> None:
    assert read(text) == PACK


@pytest.mark.parametrize(
    ("text", "scan"),
    [
        (f"01{GTIN}1721093010300042460", Scan(GTIN, "300042460", date(2021, 9, 30))),
        (f"01{GTIN}1721093010ABV2117", Scan(GTIN, "ABV2117", date(2021, 9, 30))),
        # The batch stands in the middle and nothing ends it, but a pack also has its expiry:
        (f"01{GTIN}10EJ679717210930211234", Scan(GTIN, "EJ6797", date(2021, 9, 30), "1234")),
        (f"01{GTIN}", Scan(GTIN)),
        ("(10)XD955", Scan(batch="XD955")),
        ("(17)240200(10)XD955", Scan(batch="XD955", expires_on=date(2024, 2, 29))),
        ("]d210XD955", Scan(batch="XD955")),
    ],
)
def test_codes_that_say_less_are_read_too(text: str, scan: Scan) -> None:
    assert read(text) == scan


def test_a_scanner_on_a_czech_keyboard_is_understood() -> None:
    czech = str.maketrans("1234567890-]", "+ěščřžýáíé=)")
    assert read(f"]d201{GTIN}1721093010EJ6797".translate(czech)) == Scan(GTIN, "EJ6797", date(2021, 9, 30))


def test_y_and_z_of_a_czech_keyboard_are_not_guessed() -> None:
    czech = str.maketrans("1234567890", "+ěščřžýáíé")
    with pytest.raises(WrongKeyboard):
        read(f"01{GTIN}1721093010EZ6797".translate(czech))


@pytest.mark.parametrize(
    ("text", "error"),
    [
        (TEXT.replace(GTIN, "05415062342238"), WrongGtin),
        ("(01)05415062342238(10)EJ6797", WrongGtin),
        (TEXT.replace("17210930", "17210931"), ImpossibleExpiry),
        (TEXT.replace("17210930", "17211300"), ImpossibleExpiry),
        ("(17)210230(10)EJ6797", ImpossibleExpiry),
        ("(17)30.9.2021(10)EJ6797", ImpossibleExpiry),
        (TEXT.replace("EJ6797", "EJ/6797"), WrongBatch),
        ("(10)AB", WrongBatch),
        (f"01{GTIN}1721093010EJ679721ABCD", AmbiguousScan),
        (f"01{GTIN}10{'A' * 21}{GS}17210930", UnreadableScan),
        ("(10)EJ6797(10)EJ6798", UnreadableScan),
        ("(10)EJ6797 or so (17)", UnreadableScan),
        ("(99999)EJ6797", UnreadableScan),
        ("]E05415062342237", UnreadableScan),
        ("EJ6797", UnreadableScan),
        ("1012345", UnreadableScan),
        ("ŽLUŤOUČKÝ KŮŇ", UnreadableScan),
        ("٠١٠٥٤١٥٠٦٢٣٤٢٢٣٤", UnreadableScan),
        ("", UnreadableScan),
        ("1" * 5000, UnreadableScan),
        ("01" + GTIN + "71" * 90, UnreadableScan),
    ],
)
def test_what_is_wrong_is_refused_in_words(text: str, error: type[UnreadableScan]) -> None:
    with pytest.raises(UnreadableScan) as refused:
        read(text)
    assert type(refused.value) is error
    assert str(refused.value)


gtins = st.from_regex(r"\A[0-9]{13}\Z").map(
    lambda digits: digits + str(-sum(int(d) * (3, 1)[n % 2] for n, d in enumerate(digits)) % 10)
)
batches = st.from_regex(r"\A[A-Z0-9-]{3,20}\Z")
serials = st.text("".join(map(chr, range(0x21, 0x7B))), min_size=4, max_size=20).filter(
    lambda text: not set(text) & set("#$@[\\]^`<>()")
)
expiries = st.dates(date(2021, 1, 1), date(2049, 12, 31))


@given(gtins, batches, expiries, serials, st.permutations(["01", "17", "10", "21"]), st.sampled_from([GS, "|", "<GS>"]))
@settings(deadline=None, max_examples=150)
def test_whatever_is_composed_with_separators_reads_back(
    gtin: str, batch: str, expires_on: date, serial: str, order: list[str], separator: str
) -> None:
    fields = {"01": gtin, "17": f"{expires_on:%y%m%d}", "10": batch + separator, "21": serial + separator}
    composed = "".join(ai + fields[ai] for ai in order)
    assert read(f"]d2{composed}") == Scan(gtin, batch, expires_on, serial)
    bracketed = "".join(f"({ai}){fields[ai].removesuffix(separator)}" for ai in order)
    assert read(bracketed) == Scan(gtin, batch, expires_on, serial)


@given(gtins, batches, expiries, serials, st.permutations(["17", "10", "21"]), st.integers(2, 3))
@settings(deadline=None, max_examples=150)
def test_without_separators_the_right_reading_is_among_all_or_the_code_is_refused(
    gtin: str, batch: str, expires_on: date, serial: str, order: list[str], length: int
) -> None:
    fields = {"17": f"{expires_on:%y%m%d}", "10": batch, "21": serial}
    chosen = [ai for ai in order if length == 3 or ai != "21"]
    meant = Scan(gtin, batch, expires_on, serial if "21" in chosen else "")
    try:
        found = readings("01" + gtin + "".join(ai + fields[ai] for ai in chosen))
    except AmbiguousScan:
        return
    assert meant in found


@given(expiries)
@settings(deadline=None, max_examples=30)
def test_day_00_is_the_last_day_of_the_month(day: date) -> None:
    last = day.replace(day=calendar.monthrange(day.year, day.month)[1])
    assert read(f"(17){day:%y%m}00(10)EJ6797").expires_on == last


garbage = st.text() | st.text(f"01237AZ{GS}()]dé+", max_size=60) | st.builds(lambda tail: f"01{GTIN}{tail}", st.text())


@given(garbage)
@settings(deadline=None, max_examples=400)
def test_garbage_is_refused_and_breaks_nothing(text: str) -> None:
    try:
        scan = read(text)
    except UnreadableScan:
        return
    assert scan.gtin or scan.batch
