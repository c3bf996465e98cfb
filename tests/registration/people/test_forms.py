"""What a form takes for a name."""

import pytest

from crs.typed import PlainField
from registration.people.forms import NameChecks


class Names(NameChecks):
    """A form with both names."""

    first_name = PlainField()
    last_name = PlainField()


@pytest.mark.parametrize(
    "name",
    [
        *("O’Brien", "d'Artagnan", "O´Neill", "McDonaldʼs", "’s Gravenhage", "Nová-Stará", "Nová–Stará", "K:son", "Ng"),
        *(
            "Novák ml.",
            "Novák (st.)",
            "Novák, Ph.D.",
            "É",
            "Null",
            "Straße",
            "Işık",
            "Gal·la",
            "Nguyễn",
            "Nguye\u0302\u0303n",
        ),
        *("محمد", "مُحَمَّد", "דָּוִד", "สมชาย", "เกื้อ", "王小明", "გიორგი", "Шевченко", "නිමල් ශ්‍රී", "Ọ̀ṣun", "김"),
    ],
)
def test_names_of_all_peoples_are_taken(name: str) -> None:
    form = Names({"first_name": name, "last_name": name})
    assert form.is_valid(), form.errors


@pytest.mark.parametrize(
    "name",
    [
        *(
            "Jan2",
            "٣",
            "Novák³",
            "-",
            ".",
            "Jan😀",
            "😀",
            "☎ Jan",
            "Nov@k",
            "Novák#",
            "=Novák",
            "<b>Jan</b>",
            "{Jan}",
            "50 % Jan",
        ),
        *("Jan_Novák", "Jan; Novák", "Jan?", "€Jan", "Ja\u0338\u0322\u031bn", "Ja\u0301\u0301\u0301\u0301n"),
    ],
)
def test_what_is_no_name_is_refused_in_words(name: str) -> None:
    form = Names({"first_name": name, "last_name": "Novák"})
    assert list(form.errors) == ["first_name"]


@pytest.mark.parametrize("name", ["\u3164", "\u115f", "\ufe0f", "\u2800\u200b"])
def test_a_name_of_signs_that_nobody_sees_is_an_empty_one(name: str) -> None:
    form = Names({"first_name": name, "last_name": "Novák"})
    assert form.errors.as_data()["first_name"][0].code == "required"
