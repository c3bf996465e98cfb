"""What is text and what is a file, where the catalogue of nasty letters does not ask."""

from support.letters.bodies import body_of, cleaned_text
from support.letters.structure import structure
from tests.support.nasty_letters.building import PNG, WORDS, attached, group, letter, part, parts

PAGE = "text/html; charset=utf-8"


def test_a_text_is_what_a_page_and_a_database_take() -> None:
    assert cleaned_text("a\0\rb\r\nc\x85d\ud800e\x1b\ufeff\te") == "a\nb\nc\nd\N{REPLACEMENT CHARACTER}e\te"


def test_the_last_of_several_pages_counts() -> None:
    found = body_of(structure(parts("x", part("<p>1</p>", PAGE), part("<p>2</p>", PAGE), kind="alternative")))
    assert found.text == "2"


def test_the_files_of_the_page_that_is_not_shown_are_kept() -> None:
    page = group("related", "=_r", part("<p>x</p>", PAGE), attached(PNG, "image/png", "a.png"))
    found = body_of(structure(parts("x", part(WORDS), page, kind="alternative")))
    assert found.text == WORDS
    assert [file.name for file in found.files] == ["a.png"]
    assert found.files[0].content == PNG


def test_the_bytes_of_files_in_an_inner_letter_are_not_kept_twice() -> None:
    pdf = attached(b"x" * 5000, "application/pdf", "a.pdf")
    inner = b"Subject: inner\r\n" + group("mixed", "=_inner", part(WORDS), pdf)
    (file,) = body_of(structure(parts("x", part("y"), part(inner, "message/rfc822")))).files
    assert file.content == inner
    assert file.name == "inner.eml"
    assert WORDS in file.summary
    assert "[a.pdf]" in file.summary


def test_pages_without_end_stay_files() -> None:
    found = body_of(structure(parts("x", *[part(f"<p>{number}</p>", PAGE) for number in range(25)])))
    assert found.text.split() == [str(number) for number in range(20)]
    assert [file.name for file in found.files] == ["page.html", *(f"page ({number}).html" for number in range(2, 6))]
    assert found.files[0].content == b"<p>20</p>"
    assert "HTML_CUT" in found.notices


def test_a_letter_of_one_page_is_that_page() -> None:
    found = body_of(structure(letter("x", f"<p>{WORDS}</p>", Content_Type=PAGE)))
    assert found.text == WORDS
    assert found.files == []
