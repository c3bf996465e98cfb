"""Questions in words, drawn."""

from io import BytesIO

from django.utils import translation
from fontTools.ttLib import TTFont
from PIL import Image

from crs.captcha import pictures, questions
from crs.staticfiles import packaged_file


def test_every_letter_of_every_question_is_in_the_typeface_and_no_line_is_cut_off() -> None:
    letters: set[str] = set()
    for _attempt in range(200):
        key, _answer = questions.words_challenge()
        for language in ("cs", "en"):
            with translation.override(language):
                text = questions.question(key)
            letters |= set(text)
            for line in pictures._lines(text):
                assert pictures._width(" ".join(line)) <= pictures.WIDTH - pictures.MARGIN
    drawable: dict[bool, set[int]] = {}
    for is_ext, name in ((False, "roboto-medium"), (True, "roboto-medium-ext")):
        file = packaged_file(f"gov/fonts/{name}.woff2")
        assert file
        drawable[is_ext] = set(TTFont(file).getBestCmap())
    assert not [letter for letter in letters if ord(letter) not in drawable["\u0100" <= letter < "\u0250"]]


def test_the_picture_is_dark_on_white_and_large() -> None:
    image = Image.open(BytesIO(pictures.draw("Které z těchto slov je barva: šedá, oko?", seed="x")))
    shades = image.histogram()
    assert sum(shades[: pictures.DARK[1] + 1]) > 1000
    assert shades[255] > image.width * image.height / 2
    assert (image.width, image.height) == (pictures.WIDTH, 148)
