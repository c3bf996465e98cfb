"""Ids of letters, bounded."""

from support.letters.message_ids import FIRST, LAST, LONGEST, message_id, message_ids


def test_ids_are_found_with_and_without_brackets() -> None:
    assert message_ids(b"<a@b>\r\n\t<c@d>") == ("<a@b>", "<c@d>")
    assert message_ids(b"a@b c@d") == ("<a@b>", "<c@d>")
    assert message_ids("Vaše zpráva z pondělí".encode()) == ()
    assert message_id(b"a@b") == message_id(b" <a@b> (comment)") == "<a@b>"


def test_the_middle_of_a_long_thread_is_left_out() -> None:
    found = message_ids(b" ".join(b"<%d@b>" % number for number in range(100)))
    assert found[0] == "<0@b>"
    assert found[-1] == "<99@b>"
    assert len(found) == FIRST + LAST


def test_an_id_fits_into_its_column() -> None:
    assert len(message_id(b"<" + b"a" * 5000 + b"@b>")) <= LONGEST
    assert len(message_id(b"a" * 5000)) <= LONGEST
