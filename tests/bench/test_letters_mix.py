"""The figures of letters rest on what comes in."""

from collections import Counter
from email import message_from_bytes

from support.letters import sorting
from support.letters.identity import identity
from support.letters.reading import read
from tests.bench import letters_mix
from tests.bench.letters_mix import SHARES, Thread, letters
from tests.support.nasty_letters import LETTERS

THREADS = [Thread(7, "podpora+t7-0a@localhost", "<receipt@localhost>", "petr@example.cz")]
OWN_ADDRESSES = (letters_mix.SITES, letters_mix.LINE)


def test_each_hundred_letters_are_the_kinds_that_the_bench_names() -> None:
    assert sum(SHARES.values()) == 100
    for hundred in (0, 900):
        made = Counter(one.kind for one in letters(range(hundred + 1000, hundred + 1100), threads=THREADS))
        large = made.pop("large", 0)
        assert large == 0
        assert made == Counter(SHARES)
    assert [one.kind for one in letters(range(100, 101))] == ["large"]


def test_no_letter_comes_twice() -> None:
    made = letters(range(101, 400), threads=THREADS)
    assert len({identity(one.raw) for one in made}) == len(made)


def test_letters_are_of_the_sort_that_their_kind_says() -> None:
    sorts = {"automatic reply": "AUTO_REPLY", "report": "BOUNCE"}
    for one in letters(range(101, 200), threads=THREADS):
        if one.kind != "nasty":
            letter = read(one.raw)
            sort = sorting.kind_of(letter, envelope_sender=one.sender, own_addresses=OWN_ADDRESSES)
            assert sort == sorts.get(one.kind, "HUMAN")
            assert "Jana Nováková" in letter.text or one.kind == "report"
            assert letter.notices == (("HTML_ONLY",) if one.kind == "HTML alone" else ())
            sizes = [len(file.content) for file in letter.files if not file.is_inline]
            assert one.kind == "report" or len(sizes) == (one.kind == "file")
            assert one.kind != "file" or 20_000 <= sizes[0] < 200_000


def test_half_of_the_replies_name_their_ticket_by_its_address_and_the_others_by_a_letter() -> None:
    replies = [one for one in letters(range(101, 400), threads=THREADS) if one.kind == "reply"]
    tokens = [one for one in replies if one.recipient == THREADS[0].address]
    assert len(replies) / 3 < len(tokens) < len(replies) * 2 / 3
    for one in replies:
        assert one.thread == THREADS[0]
        assert one.raw.count(b"\r\n> ") > 5
        assert (message_from_bytes(one.raw)["In-Reply-To"] is None) == (one in tokens)


def test_nasty_letters_are_those_of_the_tests_each_once() -> None:
    raws = {one.raw for one in LETTERS}
    nasty = [one.raw for one in letters(range(1000, 2000)) if one.kind == "nasty"]
    assert len(set(nasty)) == len(nasty) == 10 * SHARES["nasty"]
    assert set(nasty) < raws
