"""How long a vial keeps, as the ministry writes it."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.utils import translation

from logistics.vaccines.durations import DurationInWordsField, in_words

MANY = timedelta(days=31)
MIXED = timedelta(days=1, hours=2, minutes=30)


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("31 dní", MANY),
        ("31 days", MANY),
        ("1 den 2 hodiny 30 minut", MIXED),
        ("2 h", timedelta(hours=2)),
        ("31 dnů", MANY),
        ("31 d", MANY),
        ("1 day, 2 hours and 30 min.", MIXED),
        ("120 minutes", timedelta(hours=2)),
    ],
)
def test_words_of_both_languages_are_read(written: str, meant: timedelta) -> None:
    assert DurationInWordsField().clean(written) == meant


def test_what_is_shown_is_read_back() -> None:
    field = DurationInWordsField()
    for language in ("cs", "en"):
        with translation.override(language):
            assert field.clean(field.prepare_value(MIXED)) == MIXED


def test_a_duration_is_one_already() -> None:
    assert DurationInWordsField().clean(MIXED) == MIXED


def test_czech_declines_the_units() -> None:
    with translation.override("cs"):
        assert [in_words(timedelta(days=count)) for count in (1, 2, 5)] == ["1\xa0den", "2\xa0dny", "5\xa0dní"]


def test_the_form_of_django_still_holds_and_nonsense_is_refused_with_an_example() -> None:
    field = DurationInWordsField()
    assert field.clean("31 00:00:00") == MANY
    # A number alone would be seconds to Django, and '30:00' half an hour.
    refused = ("dlouho", "31", "1.000", "30:00", "1,5 h", "1_0 d", "1.000 h", "² d", "PT5M")
    # Months are no minutes, although they begin so.
    for text in (*refused, "9 měsíců", "2 months", "2 hm", "1 dům"):
        with pytest.raises(ValidationError, match="31"):
            field.clean(text)
