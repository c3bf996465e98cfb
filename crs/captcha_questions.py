"""Questions in words for the captcha, in both languages.

The database keeps a key, not a text ("sum:3:4", "pick:day:2:animal:1:thing:3"), so that the question
is asked in the language of the person, and the answer is taken in either.
"""

import random
import unicodedata

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, override

LANGUAGES = ("cs", "en")

NUMBERS: tuple[Promise, ...] = (
    gettext_lazy("zero"),
    gettext_lazy("one"),
    gettext_lazy("two"),
    gettext_lazy("three"),
    gettext_lazy("four"),
    gettext_lazy("five"),
    gettext_lazy("six"),
    gettext_lazy("seven"),
    gettext_lazy("eight"),
    gettext_lazy("nine"),
    gettext_lazy("ten"),
    gettext_lazy("eleven"),
    gettext_lazy("twelve"),
    gettext_lazy("thirteen"),
    gettext_lazy("fourteen"),
    gettext_lazy("fifteen"),
    gettext_lazy("sixteen"),
    gettext_lazy("seventeen"),
    gettext_lazy("eighteen"),
)
# What people also write for a number.
OTHER_FORMS = {
    2: ("dve",),
    4: ("ctyry",),
    7: ("sedum",),
    8: ("osum",),
    14: ("ctrnact", "ctyrnact"),
}
WORDS: dict[str, tuple[Promise, ...]] = {
    "day": (
        gettext_lazy("Monday"),
        gettext_lazy("Tuesday"),
        gettext_lazy("Thursday"),
        gettext_lazy("Friday"),
        gettext_lazy("Saturday"),
        gettext_lazy("Sunday"),
    ),
    "animal": (
        gettext_lazy("dog"),
        gettext_lazy("cat"),
        gettext_lazy("horse"),
        gettext_lazy("cow"),
        gettext_lazy("fish"),
        gettext_lazy("goose"),
    ),
    "thing": (
        gettext_lazy("house"),
        gettext_lazy("table"),
        gettext_lazy("window"),
        gettext_lazy("car"),
        gettext_lazy("book"),
        gettext_lazy("spoon"),
    ),
    "colour": (
        gettext_lazy("red"),
        gettext_lazy("green"),
        gettext_lazy("blue"),
        gettext_lazy("yellow"),
        gettext_lazy("white"),
        gettext_lazy("black"),
    ),
}
QUESTIONS: dict[str, Promise] = {
    "day": gettext_lazy("Which of these is a day of the week: {words}?"),
    "animal": gettext_lazy("Which of these is an animal: {words}?"),
    "colour": gettext_lazy("Which of these is a colour: {words}?"),
}

_random = random.SystemRandom()


def words_challenge() -> tuple[str, str]:
    """The key of a question and of its answer; both fit into 32 characters."""
    if _random.random() < 0.5:
        first, second = _random.randint(2, 9), _random.randint(1, 9)
        return f"sum:{first}:{second}", f"number:{first + second}"
    asked = _random.choice(sorted(QUESTIONS))
    others = _random.sample([kind for kind in WORDS if kind != asked], 2)
    shown = [f"{kind[0]}{_random.randrange(len(WORDS[kind]))}" for kind in (asked, *others)]
    answer = f"word:{shown[0]}"
    _random.shuffle(shown)
    return f"pick:{asked}:{':'.join(shown)}", answer


def is_words(challenge: str) -> bool:
    """Whether a stored challenge is one of these questions, not letters of a picture."""
    return ":" in challenge


def question(challenge: str) -> str:
    """The text of a stored question in the active language."""
    kind, *parts = challenge.split(":")
    if kind == "sum":
        first, second = (NUMBERS[int(part)] for part in parts)
        return _("What is {first} plus {second}? Answer with a number or a word.").format(first=first, second=second)
    asked, *shown = parts
    return str(QUESTIONS[asked]).format(words=", ".join(str(_word(code)) for code in shown))


def answers_match(challenge: str, *, expected: str, answer: str) -> bool:
    """Whether `answer` is right: case, accents, spaces and the language do not matter."""
    given = plain(answer)
    if not is_words(challenge):
        return given == plain(expected)
    kind, what = expected.split(":")
    return given in (_number_forms(int(what)) if kind == "number" else _in_all_languages(_word(what)))


def plain(text: str) -> str:
    """Small letters and digits without accents, spaces and signs."""
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return "".join(character for character in decomposed if character.isalnum())


def _word(code: str) -> Promise:
    kind = next(kind for kind in WORDS if kind[0] == code[0])
    return WORDS[kind][int(code[1:])]


def _number_forms(number: int) -> set[str]:
    return {str(number), *OTHER_FORMS.get(number, ()), *_in_all_languages(NUMBERS[number])}


def _in_all_languages(text: Promise) -> set[str]:
    forms = set()
    for language in LANGUAGES:
        with override(language):
            forms.add(plain(str(text)))
    return forms
