"""Questions in words, drawn."""

from functools import cache
from io import BytesIO

from django.utils import translation
from fontTools.ttLib import TTFont
from PIL import Image

from crs.captcha import pictures, questions


def test_every_letter_of_every_question_is_in_the_typeface_and_no_line_is_cut_off() -> None:
    letters: set[str] = set()
    for _attempt in range(200):
        key, _answer = questions.words_challenge()
        for language in ("cs", "en", "uk", "vi"):
            with translation.override(language):
                text = questions.question(key)
            letters |= set(text)
            for line in pictures._lines(text):
                assert pictures._width(" ".join(line)) <= pictures.WIDTH - pictures.MARGIN
    drawn = {letter: pictures._font(letter) for letter in letters}
    assert not [letter for letter, font in drawn.items() if ord(letter) not in _letters_of(str(font.path))]


@cache
def _letters_of(path: str) -> frozenset[int]:
    return frozenset(TTFont(path).getBestCmap())


def test_the_picture_is_dark_on_white_and_large() -> None:
    image = Image.open(BytesIO(pictures.draw("Které z těchto slov je barva: šedá, oko?", seed="x")))
    shades = image.histogram()
    assert sum(shades[: pictures.DARK[1] + 1]) > 1000
    assert shades[255] > image.width * image.height / 2
    assert (image.width, image.height) == (pictures.WIDTH, 148)
