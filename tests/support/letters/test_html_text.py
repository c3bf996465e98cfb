"""HTML letters become text in bounded time; nothing is fetched, and no word is lost without saying so."""

import os
import signal
import time
from collections.abc import Iterator

import psutil
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from support.letters import html_text, text_process
from support.letters.html_text import HtmlText, text_of_html
from support.letters.plain_html import plain_rule
from support.letters.text_reading import text_of

# On a busy machine a process begins slowly.
PATIENCE = 60


@pytest.fixture(autouse=True)
def _patience(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(html_text, "SECONDS", PATIENCE)


@pytest.fixture(scope="module", autouse=True)
def _process() -> Iterator[None]:
    yield
    text_process.worker.forget()


def test_paragraphs_lists_and_tables_keep_their_lines() -> None:
    read = text_of_html("<p>Dobrý&nbsp;den,</p><ul><li>jedna<li>dvě</ul><table><tr><td>a<td>b<tr><td>c<td>d</table>")
    assert [line.split() for line in read.text.splitlines() if line] == [
        ["Dobrý", "den,"], ["*", "jedna"], ["*", "dvě"], ["a", "b"], ["c", "d"],
    ]  # fmt: skip
    assert (read.has_remote_content, read.is_complete) == (False, True)


def test_scripts_and_styles_are_no_text_and_hidden_words_are_seen() -> None:
    source = "<title>t</title><style>s</style><script>alert(1)</script><p style='display:none'>skryté</p><p>vidět"
    assert text_of_html(source).text.split() == ["skryté", "vidět"]


@pytest.mark.parametrize(
    "source",
    [
        '<img width=1 src="https://x.cz/1.gif">',
        "<IMG SRC = 'http://x.cz/1.gif'>",
        "<img src=//x.cz/1.gif>",
        '<img src="&#104;ttps://x.cz/1.gif">',
        '<table background="http://x.cz/1.gif">',
        "<style>@import 'https://x.cz/a.css'</style>",
        '<p style="background:url(https://x.cz/1.gif)">',
        '<link rel=stylesheet href="https://x.cz/a.css">',
        '<meta http-equiv="refresh" content="0;url=https://x.cz">',
        '<iframe src="https://x.cz"></iframe>',
        '<video poster="https://x.cz/1.jpg"></video>',
        '<img srcset="https://x.cz/2.gif 2x">',
    ],
)
def test_what_a_mail_program_would_fetch_is_noticed(source: str) -> None:
    read = text_of_html(f"<p>Text</p>{source}")
    assert (read.text.strip(), read.has_remote_content) == ("Text", True)


@pytest.mark.parametrize("source", ['<a href="https://x.cz">x</a>', '<img src="cid:1">', "<p>https://x.cz/1.gif", ""])
def test_links_and_pictures_of_the_letter_itself_are_no_remote_content(source: str) -> None:
    assert not text_of_html(source).has_remote_content


@pytest.mark.parametrize("depth", [199, 256, 300, 1000])
def test_text_in_deeply_nested_elements_stays_reachable(depth: int) -> None:
    for start, end in (("<div>", "</div>"), ("<table><tr><td>", "</td></tr></table>"), ("<blockquote>", "")):
        read = text_of_html(f"<p>začátek</p>{start * depth}uprostřed{end * depth}<p>konec</p>")
        assert read.text.split() == ["začátek", "uprostřed", "konec"]


def test_what_no_mail_program_shows_is_left_out_wherever_it_ends() -> None:
    unseen = "<ScRiPt a='1'>x<!--</script\n>b<style>y</STYLE x>c<!-- z <title> -->d<title></title>e"
    assert plain_rule(f"a{unseen}<script>f") == "a b c d ef"


@pytest.mark.parametrize(
    ("digits", "shown"), [("9" * 5000, "\ufffd"), ("0" * 5000 + "65", "A"), ("0" * 5000, "\ufffd")]
)
def test_a_number_of_a_character_may_have_any_length(digits: str, shown: str) -> None:
    assert plain_rule(f"<p>a&#{digits};b") == f"a{shown}b"
    assert text_of_html(f"<p>a&#{digits};b").is_complete


def test_an_element_that_never_ends_swallows_no_letter() -> None:
    assert text_of_html("<!-- Dobrý den").text == "<!-- Dobrý den"
    read = text_of_html("<style>Dobrý den")
    assert (read.text, read.is_complete) == ("Dobrý den", False)


def test_a_letter_that_keeps_the_library_busy_is_read_by_the_plain_rule(monkeypatch: pytest.MonkeyPatch) -> None:
    text_of_html("x")
    monkeypatch.setattr(html_text, "SECONDS", 0.5)
    begun = time.monotonic()
    read = text_of_html("<div>" * 100_000 + "<p>Dobrý den</p>")
    assert time.monotonic() - begun < 10
    assert read == HtmlText("Dobrý den", has_remote_content=False, is_complete=False)


def test_a_letter_is_read_also_where_the_process_was_killed_or_is_another_ones(monkeypatch: pytest.MonkeyPatch) -> None:
    text_of_html("x")
    it = psutil.Process(text_process.worker.process.pid)  # type: ignore[union-attr]
    assert it.rlimit(psutil.RLIMIT_NOFILE) == (0, 0)
    it.send_signal(signal.SIGSTOP)
    os.kill(it.pid, signal.SIGKILL)
    assert text_of_html("<p>a</p>").text == "a"
    monkeypatch.setattr(html_text, "SECONDS", 0.1)
    with text_process.worker.turn:
        assert text_of_html("<p>a</p><p>b</p>") == HtmlText("a\n\nb", has_remote_content=False, is_complete=False)


def test_a_letter_beyond_the_limit_is_cut_and_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(html_text, "MOST_CHARACTERS", 100)
    read = text_of_html("<p>začátek</p>" + "x" * 200)
    assert read.text.startswith("začátek")
    assert not read.is_complete


@pytest.mark.parametrize(
    "pieces",
    [
        ("<",), ("<!--",), ("<div ",), ("<img ",), ("<script>",), ("&",), ("<a src=",), ("url( ",), ("</",),
        ("<script>", "</script "), ("<style ", "</style ", ">"), ("</title ", "<title>"), ("-->", "<!--"), ("&#0",),
    ],
)  # fmt: skip
def test_neither_rule_is_kept_busy_by_signs_without_end(pieces: tuple[str, ...]) -> None:
    source = "<style>" + "".join(piece * (200_000 // len(piece)) for piece in pieces)
    begun = time.process_time()
    plain_rule(source)
    html_text._REMOTE.search(source)
    assert time.process_time() - begun < 3


html_pieces = st.lists(
    st.sampled_from(
        ["<p>", "</p>", "<div>", "</div>", "<b>", "<td>", "<table>", "<!--", "-->", "<br>", "<", ">", "&lt;"]
    )
    | st.from_regex(r"slovo[0-9]{1,3} ", fullmatch=True),
    max_size=30,
).map("".join)


@settings(max_examples=60, deadline=None)
@given(source=html_pieces | st.text(max_size=50))
def test_neither_rule_raises_whatever_the_source(source: str) -> None:
    text_of(source)
    assert isinstance(plain_rule(source), str)


def test_half_a_pair_of_surrogates_is_no_trouble() -> None:
    assert text_of_html("<p>a\ud800b</p>").text == "a?b"
