"""An expiry is read as packs print it; what could be two days is none."""

from datetime import date

import pytest
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as st

from logistics.vaccines.expiry import ExpiryField, parse_expiry

MARCH = date(2027, 3, 31)
MONTH_ALONE = [
    *("03/27", "03.27", "03-27", "03 27", "0327", "3/27", "3/2027", "03/2027", "03.2027", "03-2027", "03 2027"),
    *("032027", "2027-03", "2027/03", "2027.03", "2027 03", "03 / 2027", "03\u20112027", "０３／２０２７"),
    *("MAR 2027", "MAR27", "MAR-27", "MAR/2027", "mar.2027", "March 2027", "2027 MAR", "2027-MAR"),
    *("EXP 03 2027", "EXP: 03/2027", "EXP.03/27", "EXP03/2027", "Exp.: 03-2027", "EXPMAR27", "EXP MAR 2027"),
    *("Použitelné do: 03/2027", "Použ. do 03/2027", "Datum expirace 03/2027", "Expiry date: 03/2027", "use by 03/27"),
    *(
        "EXSP 03/2027",
        "Exspirace: 03/2027",
        "Spotřebujte do konce 03/2027",
        "použitelné do konce března 2027",
        "valid until 03/27",
    ),
    *("březen 2027", "března 2027", "BŘEZEN 2027", "brezen 2027", "bře 2027", "marec 2027"),
    *("00.03.2027", "2027-03-00", "20270300"),
    *("III/2027", "III. 2027", "III/27", "03⁄2027", "03∕27", "03\\27", "03,2027", "3, 27", "03_2027", "03 ⁄ 27\ufe0f"),
    *("(03/2027)", "„03/2027“", "EXP-03-2027", "EXP=03/27", "konec března 2027", "MÄRZ 2027", "Mrz 27", "mars 2027"),
]
ONE_DAY = [
    *("31.03.2027", "31. 3. 2027", "31/03/2027", "31-03-2027", "31 03 2027", "31.03.27", "31. 3. 27", "2027-03-31"),
    *("31 MAR 2027", "31MAR2027", "31-MAR-27", "31. března 2027", "31. brezna 2027", "March 31, 2027", "EXP 31.3.2027"),
    *("20270331", "31032027", "2027-03-31", "31. III. 2027", "31.III.27", "31. marca 2027", "31,3,2027"),
]


@pytest.mark.parametrize("text", [*MONTH_ALONE, *ONE_DAY])
def test_an_expiry_is_read_as_packs_print_it(text: str) -> None:
    assert parse_expiry(text) == ExpiryField().clean(text) == MARCH


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2/2028", date(2028, 2, 29)),
        ("1.4.2027", date(2027, 4, 1)),
        ("červen 2027", date(2027, 6, 30)),
        ("červenec 2027", date(2027, 7, 31)),
        ("čvc 2027", date(2027, 7, 31)),
        ("čec 2027", date(2027, 7, 31)),
        ("XII/27", date(2027, 12, 31)),
        ("X 2027", date(2027, 10, 31)),
        ("viii 2027", date(2027, 8, 31)),
        ("júl 2027", date(2027, 7, 31)),
        ("Dez 2027", date(2027, 12, 31)),
        ("október 2027", date(2027, 10, 31)),
        ("DEC27", date(2027, 12, 31)),
        ("pros. 2027", date(2027, 12, 31)),
        ("29FEB2028", date(2028, 2, 29)),
    ],
)
def test_other_months_have_other_last_days(text: str, day: date) -> None:
    assert parse_expiry(text) == day


@pytest.mark.parametrize(
    "text",
    [
        # a day and a month, or which of three numbers is the year
        *("27/03", "27-03", "31.3.", "3.12.", "27MAR", "03-04-27", "03/04/27", "27-03-31", "270331", "2703"),
        *("13/2027", "0/2027", "31.2.2027", "2027-13", "20271301", "červ 2027", "ju 2027", "foo 2027", "2027", "03"),
        *("3.12.,", "(3.12.)", "IIII/2027", "XIII/27", "III", "jui 2027"),
        *("EXP", "²/27", "brzy", "03/2027 nebo 04/2027"),
    ],
)
def test_what_is_no_day_beyond_doubt_is_refused_in_words(text: str) -> None:
    with pytest.raises(ValueError, match=r".*"):
        parse_expiry(text)
    with pytest.raises(ValidationError, match="03/2027"):
        ExpiryField().clean(text)


@given(st.text(max_size=30) | st.text("0123456789./- exparm", max_size=20))
def test_any_text_is_a_day_or_is_refused(text: str) -> None:
    try:
        found = parse_expiry(text)
    except ValueError:
        return
    assert isinstance(found, date)


@given(st.dates(date(2021, 1, 1), date(2099, 12, 31)))
def test_what_a_page_writes_into_the_field_reads_back(day: date) -> None:
    field = ExpiryField()
    assert field.clean(field.prepare_value(day)) == day
