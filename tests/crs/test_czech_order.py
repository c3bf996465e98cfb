"""Words stand where a Czech reader looks for them."""

from crs.czech_order import czech_order


def test_letters_with_a_hook_and_ch_have_their_own_place() -> None:
    words = ["Cibulka", "Čapek", "Dvořák", "Hora", "Hůlka", "Chalupa", "Ibl", "Novák", "Nováková", "Řezáč", "Žák"]
    assert sorted(set(words), key=czech_order) == words


def test_a_letter_in_two_signs_stands_where_the_composed_one_does() -> None:
    assert czech_order("C\u030capek") == czech_order("čapek")
