"""Codes of packs, as scanners and people deliver them: read rightly or refused, never read wrongly."""

import calendar
from dataclasses import replace
from datetime import date
from urllib.parse import quote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from logistics.vaccines.errors import (
    AmbiguousScan,
    ImpossibleExpiry,
    UnreadableLink,
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
        ("(10)A", Scan(batch="A")),
        (TEXT.replace("EJ6797", "AB/12.3_4"), replace(PACK, batch="AB/12.3_4")),
        (f"01{GTIN}1721093010=1+1{GS}", Scan(GTIN, "=1+1", date(2021, 9, 30))),
        (f"01{GTIN}17210930107", Scan(GTIN, "7", date(2021, 9, 30))),
    ],
)
def test_codes_that_say_less_are_read_too(text: str, scan: Scan) -> None:
    assert read(text) == scan


# What the keys of an English keyboard give on the other ones (kbdcz, kbdsl of Windows); those of accents typed apart,
# which join the next letter, are left out.
KEYBOARDS = {
    "Czech": str.maketrans("1234567890-]/_:\"<>';{}[|zyZY", "+ěščřžýáíé=)-%\"!?:§ů/(ú'yzYZ"),
    "Slovak": str.maketrans("1234567890-]/_:\"<>';{}[|zyZY", '+ľščťžýáíé=ä-%"!?:§ô/(ú)yzYZ'),
}


@pytest.mark.parametrize("keys", KEYBOARDS.values(), ids=KEYBOARDS)
@pytest.mark.parametrize("batch", ["EJ6797", "AB/123", "AB-123", "A_B", "A.B,C", "A:B;C", "A<B>C", "0"])
@pytest.mark.parametrize("separator", ["", "<GS>", "{GS}", "|", "[FNC1]", GS])
def test_a_scanner_on_another_keyboard_is_understood(keys: dict[int, int], batch: str, separator: str) -> None:
    text = f"]d201{GTIN}1721093010{batch}{separator}"
    assert read(text.translate(keys)) == read(text.swapcase().translate(keys)) == Scan(GTIN, batch, date(2021, 9, 30))


@pytest.mark.parametrize("keys", KEYBOARDS.values(), ids=KEYBOARDS)
@pytest.mark.parametrize("batch", ["EZ6797", "EY6797", "ez6797", "A%B", "A(B)", "A=B"])
def test_keys_that_may_be_exchanged_are_not_guessed(keys: dict[int, int], batch: str) -> None:
    # Shift with a key of the upper row gives a digit there; an accent typed apart joins the next letter.
    typed = f"01{GTIN}1721093010{batch}".translate(keys | str.maketrans("%()&!*", "590718")).replace("=B", "\u01f4")
    with pytest.raises(WrongKeyboard):
        read(typed)


LINK = f"https://id.example/01/{GTIN}/10/EJ6797/21/1A2B3C4D5E6F7G8H9I0J?17=210930"


@pytest.mark.parametrize(
    "text",
    [
        LINK,
        LINK.replace("https://", "HTTPS://"),
        LINK.replace("https://id.example", "http://ID.EXAMPLE:8080/some/path/of/theirs"),
        LINK.removeprefix("https://"),
        LINK.replace("/01/0", "/01/"),
        LINK.replace("/01/", "/gtin/").replace("/10/", "/lot/").replace("/21/", "/ser/"),
        f"{LINK}&linkType=gs1:pip#top",
        LINK.replace("EJ6797", "%45J6797"),
        LINK.replace("?", "/?"),
        LINK.replace("210930", "210900"),
        f" {LINK}\r\n",
        LINK.replace("https://id.example", "https://id.example/01"),
    ],
)
def test_the_address_of_a_pack_is_read_as_its_code_is(text: str) -> None:
    assert read(text) == PACK


@pytest.mark.parametrize("batch", ["AB/123", "A%B", "A?B", "A&B", "=1+1", "A", "A.B_C-D"])
def test_a_batch_in_an_address_may_hold_whatever_gs1_allows(batch: str) -> None:
    assert read(f"https://id.example/01/{GTIN}/10/{quote(batch, safe='')}?17=210930").batch == batch


def test_an_address_typed_on_another_keyboard_is_read_or_refused() -> None:
    for keys in KEYBOARDS.values():
        assert read(f"https://id.example/01/{GTIN}/10/EJ6797".translate(keys)) == Scan(GTIN, "EJ6797")
        with pytest.raises(WrongKeyboard):
            read(f"https://id.cz/01/{GTIN}/10/EJ6797".translate(keys))


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("https://id.example/ARFKk4XB0CDKWcnpq", UnreadableLink),
        (f"https://id.example/gtin={GTIN}", UnreadableLink),
        ("https://id.example", UnreadableLink),
        ("https:", UnreadableLink),
        ("http://[::1", UnreadableLink),
        (LINK + "a" * 500, UnreadableLink),
        (LINK.replace("/10/", "/98/"), UnreadableLink),
        (LINK.replace(GTIN, "05415062342238"), WrongGtin),
        (LINK.replace("EJ6797", "EJ%C5%A06797"), WrongBatch),
        (LINK.replace("EJ6797", "A" * 21), WrongBatch),
        (LINK.replace("210930", "210931"), ImpossibleExpiry),
    ],
)
def test_an_address_that_names_no_pack_is_refused_in_words(text: str, error: type[UnreadableScan]) -> None:
    with pytest.raises(UnreadableScan) as refused:
        read(text)
    assert type(refused.value) is error


@pytest.mark.parametrize(
    ("text", "error"),
    [
        (TEXT.replace(GTIN, "05415062342238"), WrongGtin),
        ("(01)05415062342238(10)EJ6797", WrongGtin),
        (TEXT.replace("17210930", "17210931"), ImpossibleExpiry),
        (TEXT.replace("17210930", "17211300"), ImpossibleExpiry),
        ("(17)210230(10)EJ6797", ImpossibleExpiry),
        ("(17)30.9.2021(10)EJ6797", ImpossibleExpiry),
        ("(10)EJ#6797", WrongBatch),
        (f"(10){'A' * 21}", WrongBatch),
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
_signs = "".join(chr(sign) for sign in range(0x21, 0x60) if chr(sign) not in "#$@[\\]^")
batches = st.text(_signs, min_size=1, max_size=20).filter(lambda text: any(map(str.isalnum, text)))
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
    if set("()").isdisjoint(batch):
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
