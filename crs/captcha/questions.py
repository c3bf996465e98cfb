"""Questions in words for the captcha, in the languages of citizens.

The database keeps a key, not a text ("sum:3:4", "pick:day:d2:a1:t3:c0"), so that the question is asked
in the language of the person, and the answer is taken in any. The page shows a picture of the text
(`crs/captcha/pictures.py`) and has it read aloud (`crs/captcha/speech.py`): the text itself never stands in it.
"""

import random
import unicodedata
from itertools import product

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, override

from crs import typed
from crs.no_break import breakable

LANGUAGES = ("cs", "en", "uk", "vi")

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
    1: ("одна", "одне", "jeden", "jedno"),
    2: ("dve", "дві"),
    4: ("ctyry", "tu"),
    7: ("sedum",),
    8: ("osum",),
    14: ("ctrnact", "ctyrnact"),
    15: ("muoinam",),
}
# Letters of Cyrillic and Greek keyboards that look like those of a picture, which are capitals; and what has no accent
# to take off.
_LOOKALIKES = str.maketrans("авсенкмрстхуіѕһүоαβεζηικμνορτυχ", "abcehkmpctxyishyoabezhikmnoptyx")
_WITHOUT_STROKE = str.maketrans({"đ": "d"})
# No two kinds begin with the same letter: the first letter and a place name a word ("d1" is Tuesday).
WORDS: dict[str, tuple[Promise, ...]] = {
    "day": (
        gettext_lazy("Monday"),
        gettext_lazy("Tuesday"),
        gettext_lazy("Wednesday"),
        gettext_lazy("Thursday"),
        gettext_lazy("Friday"),
        gettext_lazy("Saturday"),
        gettext_lazy("Sunday"),
    ),
    "month": (
        gettext_lazy("January"),
        gettext_lazy("February"),
        gettext_lazy("March"),
        gettext_lazy("April"),
        gettext_lazy("May"),
        gettext_lazy("June"),
        gettext_lazy("July"),
        gettext_lazy("August"),
        gettext_lazy("September"),
        gettext_lazy("October"),
        gettext_lazy("November"),
        gettext_lazy("December"),
    ),
    "animal": (
        gettext_lazy("dog"),
        gettext_lazy("cat"),
        gettext_lazy("horse"),
        gettext_lazy("cow"),
        gettext_lazy("fish"),
        gettext_lazy("goose"),
        gettext_lazy("hen"),
        gettext_lazy("sheep"),
        gettext_lazy("pig"),
        gettext_lazy("mouse"),
        gettext_lazy("goat"),
        gettext_lazy("frog"),
    ),
    "thing": (
        gettext_lazy("house"),
        gettext_lazy("table"),
        gettext_lazy("window"),
        gettext_lazy("car"),
        gettext_lazy("book"),
        gettext_lazy("spoon"),
        gettext_lazy("chair"),
        gettext_lazy("lamp"),
        gettext_lazy("bed"),
        gettext_lazy("door"),
        gettext_lazy("clock"),
        gettext_lazy("key"),
    ),
    "colour": (
        gettext_lazy("red"),
        gettext_lazy("green"),
        gettext_lazy("blue"),
        gettext_lazy("yellow"),
        gettext_lazy("white"),
        gettext_lazy("black"),
        gettext_lazy("brown"),
        gettext_lazy("grey"),
    ),
    "fruit": (
        gettext_lazy("apple"),
        gettext_lazy("pear"),
        gettext_lazy("plum"),
        gettext_lazy("cherry"),
        gettext_lazy("strawberry"),
        gettext_lazy("banana"),
        gettext_lazy("lemon"),
        gettext_lazy("apricot"),
        gettext_lazy("peach"),
    ),
    "garment": (
        gettext_lazy("shirt"),
        gettext_lazy("coat"),
        gettext_lazy("sock"),
        gettext_lazy("hat"),
        gettext_lazy("skirt"),
        gettext_lazy("glove"),
        gettext_lazy("shoe"),
        gettext_lazy("scarf"),
    ),
    "body": (
        gettext_lazy("hand"),
        gettext_lazy("head"),
        gettext_lazy("nose"),
        gettext_lazy("ear"),
        gettext_lazy("eye"),
        gettext_lazy("knee"),
        gettext_lazy("neck"),
        gettext_lazy("finger"),
        gettext_lazy("heart"),
    ),
}
PICKS: dict[str, Promise] = {
    "day": gettext_lazy("Which of these words is a day of the week: {words}?"),
    "month": gettext_lazy("Which of these words is a month: {words}?"),
    "animal": gettext_lazy("Which of these words is an animal: {words}?"),
    "colour": gettext_lazy("Which of these words is a colour: {words}?"),
    "fruit": gettext_lazy("Which of these words is a fruit: {words}?"),
    "garment": gettext_lazy("Which of these words is something to wear: {words}?"),
    "body": gettext_lazy("Which of these words is a part of the body: {words}?"),
}
PLACES: tuple[Promise, ...] = (
    gettext_lazy("Write the first of these words: {words}."),
    gettext_lazy("Write the second of these words: {words}."),
    gettext_lazy("Write the third of these words: {words}."),
    gettext_lazy("Write the last of these words: {words}."),
)
SHOWN = 4

_random = random.SystemRandom()


def words_challenge() -> tuple[str, str]:
    """The key of a question and of its answer; both fit into 32 characters.

    The kinds with many answers come most often, so that one answer given each time is seldom right.
    """
    makers = {_digits: 30, _place: 25, _pick: 20, _odd: 15, _sum: 4, _less: 3, _tomorrow: 1, _next_month: 2}
    (make,) = _random.choices(list(makers), weights=list(makers.values()))
    return make()


def _sum() -> tuple[str, str]:
    first, second = _random.randint(2, 9), _random.randint(1, 9)
    return f"sum:{first}:{second}", f"number:{first + second}"


def _less() -> tuple[str, str]:
    first, second = _random.randint(6, 18), _random.randint(1, 5)
    return f"less:{first}:{second}", f"number:{first - second}"


def _digits() -> tuple[str, str]:
    digits = "".join(_random.choices("123456789", k=3))
    return f"digits:{digits}", f"digits:{digits}"


def _pick() -> tuple[str, str]:
    asked = _random.choice(sorted(PICKS))
    others = _random.sample([kind for kind in WORDS if kind != asked], SHOWN - 1)
    shown = [_any_word(kind) for kind in (asked, *others)]
    answer = f"word:{shown[0]}"
    _random.shuffle(shown)
    return f"pick:{asked}:{':'.join(shown)}", answer


def _odd() -> tuple[str, str]:
    many, one = _random.sample(sorted(WORDS), 2)
    shown = [f"{many[0]}{place}" for place in _random.sample(range(len(WORDS[many])), SHOWN - 1)]
    odd = _any_word(one)
    shown.insert(_random.randrange(SHOWN), odd)
    return f"odd:{':'.join(shown)}", f"word:{odd}"


def _place() -> tuple[str, str]:
    shown = [_any_word(kind) for kind in _random.sample(sorted(WORDS), SHOWN)]
    place = _random.randrange(SHOWN)
    return f"place:{place}:{':'.join(shown)}", f"word:{shown[place]}"


def _tomorrow() -> tuple[str, str]:
    today = _random.randrange(len(WORDS["day"]))
    return f"tomorrow:{today}", f"word:d{(today + 1) % len(WORDS['day'])}"


def _next_month() -> tuple[str, str]:
    month = _random.randrange(len(WORDS["month"]))
    return f"month:{month}", f"word:m{(month + 1) % len(WORDS['month'])}"


def is_words(challenge: str) -> bool:
    """Whether a stored challenge is one of these questions, not letters of a picture."""
    return ":" in challenge


def question(challenge: str) -> str:
    """The text of a stored question in the active language, as it is drawn and read aloud."""
    return breakable(_question(challenge))


def _question(challenge: str) -> str:
    kind, *parts = challenge.split(":")
    match kind:
        case "sum":
            first, second = (NUMBERS[int(part)] for part in parts)
            return _("What is {first} plus {second}?").format(first=first, second=second)
        case "less":
            first, second = (NUMBERS[int(part)] for part in parts)
            return _("What is {first} minus {second}?").format(first=first, second=second)
        case "digits":
            numbers = ", ".join(str(NUMBERS[int(digit)]) for digit in parts[0])
            return _("Write these numbers in digits, one after the other: {numbers}.").format(numbers=numbers)
        case "tomorrow":
            return _("Today is {day}. What day will it be tomorrow?").format(day=WORDS["day"][int(parts[0])])
        case "month":
            return _("It is {month}. What month will come next?").format(month=WORDS["month"][int(parts[0])])
        case "odd":
            return _("Which word does not belong with the others: {words}?").format(words=_listed(parts))
        case "place":
            return str(PLACES[int(parts[0])]).format(words=_listed(parts[1:]))
        case _:
            return str(PICKS[parts[0]]).format(words=_listed(parts[1:]))


def answers_match(challenge: str, *, expected: str, answer: str) -> bool:
    """Whether `answer` is right: case, accents, spaces and the language do not matter."""
    given = plain(answer)
    if not is_words(challenge):
        return given == plain(expected)
    kind, what = expected.split(":")
    if kind == "digits":
        forms = product(*(_number_forms(int(digit)) for digit in what))
        return given in {"".join(form) for form in forms}
    return given in (_number_forms(int(what)) if kind == "number" else _in_all_languages(_word(what)))


def plain(text: str) -> str:
    """Small letters and digits without accents, spaces and signs; letters that look alike are one letter."""
    decomposed = unicodedata.normalize("NFKD", typed.ordinary(text).casefold().translate(_WITHOUT_STROKE))
    return "".join(character for character in decomposed if character.isalnum()).translate(_LOOKALIKES)


def _any_word(kind: str) -> str:
    return f"{kind[0]}{_random.randrange(len(WORDS[kind]))}"


def _listed(codes: list[str]) -> str:
    return ", ".join(str(_word(code)) for code in codes)


def _word(code: str) -> Promise:
    kind = next(kind for kind in WORDS if kind[0] == code[0])
    return WORDS[kind][int(code[1:])]


def _number_forms(number: int) -> set[str]:
    return {str(number), *map(plain, OTHER_FORMS.get(number, ())), *_in_all_languages(NUMBERS[number])}


def _in_all_languages(text: Promise) -> set[str]:
    forms = set()
    for language in LANGUAGES:
        with override(language):
            forms.add(plain(str(text)))
    return forms
