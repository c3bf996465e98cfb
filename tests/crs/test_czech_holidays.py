"""Public holidays by day."""

from datetime import date

from crs import czech_holidays


def test_holidays_are_named_in_the_language_of_the_page_and_easter_moves() -> None:
    assert czech_holidays.names_in(2027, "cs")[date(2027, 3, 26)] == "Velký pátek"
    assert czech_holidays.names_in(2027, "en")[date(2027, 3, 29)] == "Easter Monday"
    assert czech_holidays.names_in(2024, "vi")[date(2024, 4, 1)] == "Velikonoční pondělí"
    assert date(2024, 2, 29) not in czech_holidays.names_in(2024, "cs")
