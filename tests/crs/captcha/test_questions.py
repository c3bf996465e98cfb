"""The questions in words: readable in both languages, answered in either, and seldom right by luck."""

from collections import Counter

import pytest
from django.utils import translation

from crs.captcha import questions
from crs.captcha.questions import WORDS, answers_match, question, words_challenge


def answered(expected: str) -> str:
    """What a person writes, in the active language."""
    kind, what = expected.split(":")
    if kind != "word":
        return what
    return next(str(words[int(what[1:])]) for name, words in WORDS.items() if name[0] == what[0])


def test_every_question_fits_into_the_database_and_has_an_answer_in_each_language() -> None:
    for _attempt in range(500):
        key, expected = words_challenge()
        assert len(key) <= 32
        assert len(expected) <= 32
        for language in ("cs", "en", "uk", "vi"):
            with translation.override(language):
                text = question(key)
                assert "{" not in text
                assert answers_match(key, expected=expected, answer=f" {answered(expected).upper()} ")


@pytest.mark.parametrize(
    ("key", "czech", "english"),
    [
        ("sum:3:4", "Kolik je tři plus čtyři?", "What is three plus four?"),
        ("less:9:2", "Kolik je devět mínus dva?", "What is nine minus two?"),
        (
            "digits:472",
            "Napište číslicemi za sebou tato čísla: čtyři, sedm, dva.",
            "Write these numbers in digits, one after the other: four, seven, two.",
        ),
        (
            "pick:day:a0:d2:t1:c0",
            "Které z těchto slov je den v týdnu: pes, středa, stůl, červená?",
            "Which of these words is a day of the week: dog, Wednesday, table, red?",
        ),
        (
            "place:3:a0:d2:t1:c0",
            "Napište poslední z těchto slov: pes, středa, stůl, červená.",
            "Write the last of these words: dog, Wednesday, table, red.",
        ),
        (
            "odd:a0:a1:t1:a2",
            "Které slovo k ostatním nepatří: pes, kočka, stůl, kůň?",
            "Which word does not belong with the others: dog, cat, table, horse?",
        ),
        ("tomorrow:6", "Dnes je neděle. Který den bude zítra?", "Today is Sunday. What day will it be tomorrow?"),
        ("month:11", "Teď je prosinec. Který měsíc přijde potom?", "It is December. What month will come next?"),
    ],
)
def test_each_kind_of_question_reads_well(key: str, czech: str, english: str) -> None:
    for language, text in (("cs", czech), ("en", english)):
        with translation.override(language):
            assert question(key) == text


@pytest.mark.parametrize("answer", ["7", " 7 ", "sedm", "SEDM", "sedum", "seven", "Seven.", "сім", "bảy", "bay"])
def test_a_sum_is_answered_by_a_number_or_a_word_in_either_language(answer: str) -> None:
    assert answers_match("sum:3:4", expected="number:7", answer=answer)


@pytest.mark.parametrize(
    "answer", ["472", "4 7 2", "4, 7, 2.", "čtyři sedm dvě", "čtyři, sedum, dva", "four seven two"]
)
def test_numbers_in_a_row_are_answered_in_digits_or_words(answer: str) -> None:
    assert answers_match("digits:472", expected="digits:472", answer=answer)


@pytest.mark.parametrize("answer", ["úterý", "utery", "Úterý", "Tuesday", "Вівторок", "thứ ba", "thu ba"])
def test_a_word_is_answered_with_or_without_accents(answer: str) -> None:
    assert answers_match("pick:day:d1:a0:t0:c0", expected="word:d1", answer=answer)


@pytest.mark.parametrize("answer", ["", "8", "pes", "osm", "77", "7 7", "-"])
def test_a_wrong_answer_is_wrong(answer: str) -> None:
    assert not answers_match("sum:3:4", expected="number:7", answer=answer)


def test_no_two_kinds_of_words_begin_alike_and_no_word_stands_twice() -> None:
    assert len({kind[0] for kind in WORDS}) == len(WORDS)
    for language in ("cs", "en", "uk", "vi"):
        with translation.override(language):
            words = [questions.plain(str(word)) for words in WORDS.values() for word in words]
        assert len(set(words)) == len(words)


def test_one_answer_given_each_time_is_seldom_right() -> None:
    challenges = [words_challenge()[1] for _attempt in range(4000)]
    ((_answer, times),) = Counter(challenges).most_common(1)
    assert times / len(challenges) < 0.03


@pytest.mark.parametrize("answer", ["kbhxt", "КВНХТ", "кв нхт", "KBHXT", "ΚΒΗΧΤ", "κβηχτ", "ＫＢＨＸＴ"])
def test_letters_of_a_picture_may_be_typed_on_a_ukrainian_or_greek_keyboard(answer: str) -> None:
    assert answers_match("KBHXT", expected="kbhxt", answer=answer)


def test_every_letter_of_a_picture_that_another_alphabet_has_is_the_same_letter() -> None:
    for twins, latin in (("АВСЕНКМРЅТХҮ", "abcehkmpstxy"), ("ΑΒΕΖΗΙΚΜΝΟΡΤΥΧ", "abezhikmnoptyx")):
        assert questions.plain(twins) == latin


@pytest.mark.parametrize("answer", ["kočka", "kоčkа", "кiт", "кіт"])
def test_a_word_may_have_a_letter_of_the_other_keyboard(answer: str) -> None:
    """Cyrillic о and а in a Czech word, Latin i in a Ukrainian one."""
    assert answers_match("pick:animal:a1:t0:d0:c0", expected="word:a1", answer=answer)


@pytest.mark.parametrize("answer", ["٤٧٢", "४७२", "４７２", "4\u200b72"])
def test_digits_of_any_script_are_the_same_numbers(answer: str) -> None:
    assert answers_match("digits:472", expected="digits:472", answer=answer)
