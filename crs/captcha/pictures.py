"""Draws letters, or a question in words, as a picture, so that a program finds no text in the page."""

import random
from functools import cache
from io import BytesIO

from captcha.conf import settings as captcha_settings
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from PIL import Image, ImageDraw, ImageFilter, ImageFont

from crs.staticfiles import packaged_file

# Pixels; pages show it at about half the size, where a letter is still larger than those of the text.
WIDTH = 480
MARGIN = 14
FONT_SIZE = 43
LINE_HEIGHT = 60
# A word may be turned so many degrees, and lie so many pixels higher or lower than its neighbours.
TURN = 2.0
LIFT = 4
# Shades of grey, 0 is black.
DARK = (0, 70)
NOISE = 110
# Of the picture of letters: from the left and between two, from the top, ink, lines.
LETTER_GAP = 2
LETTER_TOP = 4
LETTER_INK = 10
LETTER_NOISE = 109
# Of zlib's levels the one that is quick; packing tighter takes longer than all the drawing.
FAST = 1
# First letter, the letter after the last, file.
_FACES = (
    ("\u01a0", "\u01b1", "paper/roboto-vietnamese-500"),
    ("\u0100", "\u0250", "gov/fonts/roboto-medium-ext"),
    ("\u0400", "\u0500", "paper/roboto-cyrillic-500"),
    ("\u1ea0", "\u1f00", "paper/roboto-vietnamese-500"),
)


def draw(text: str, *, seed: str) -> bytes:
    """A PNG of `text`.

    The same `seed` gives the same picture, so that asking again gives a program no second picture to compare.
    """
    chance = random.Random(seed)  # noqa: S311 (decoration)
    lines = _lines(text)
    image = Image.new("L", (WIDTH, MARGIN * 2 + LINE_HEIGHT * len(lines)), 255)
    for number, line in enumerate(lines):
        left = float(MARGIN)
        for word in line:
            _paste(image, word, left, MARGIN + number * LINE_HEIGHT + chance.randint(-LIFT, LIFT), chance)
            left += _width(word) + _width(" ")
    pen = ImageDraw.Draw(image)
    for _stroke in range(len(lines)):
        ends = (0, chance.randrange(image.height), WIDTH, chance.randrange(image.height))
        pen.line(ends, fill=NOISE, width=2)
    return _png(image)


def draw_letters(letters: str, *, seed: str) -> bytes:
    """A PNG of single letters, each turned a little, with three lines across: little for an old eye.

    It is what django-simple-captcha draws of the same `seed`, in shades of grey instead of colours, and in a third of
    the time.
    """
    chance = random.Random(seed)  # noqa: S311 (decoration)
    font = _letters_face()
    width, height = _size(font, letters)
    image = Image.new("L", (width * 2, int(height * 1.4)), 255)
    left = LETTER_GAP
    for letter in letters:
        drawn = Image.new("L", _size(font, f" {letter} "))
        ImageDraw.Draw(drawn).text((0, 0), f" {letter} ", font=font, fill=255)
        turned = drawn.rotate(chance.randrange(*settings.CAPTCHA_LETTER_ROTATION), resample=Image.Resampling.BICUBIC)
        turned = turned.crop(turned.getbbox())
        image.paste(LETTER_INK, (left, LETTER_TOP), turned)
        left += LETTER_GAP + turned.width
    image = image.crop((0, 0, left + 1, image.height))
    pen = ImageDraw.Draw(image)
    for _line in range(3):
        ends = (0, chance.randint(0, image.height), image.width, chance.randint(0, image.height))
        pen.line(ends, fill=LETTER_NOISE, width=max(1, image.height // 30))
    return _png(image.filter(ImageFilter.SMOOTH))


def _png(image: Image.Image) -> bytes:
    file = BytesIO()
    image.save(file, "PNG", compress_level=FAST)
    return file.getvalue()


def _size(font: ImageFont.FreeTypeFont, text: str) -> tuple[int, int]:
    """The size that django-simple-captcha takes: right less top, bottom less left. A letter drawn at 0 fits into it."""
    left, top, right, bottom = font.getbbox(text)
    return round(right - top), round(bottom - left)


@cache
def _letters_face() -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(captcha_settings.CAPTCHA_FONT_PATH, 2 * settings.CAPTCHA_FONT_SIZE)


def _paste(image: Image.Image, word: str, left: float, top: float, chance: random.Random) -> None:
    layer = Image.new("L", (round(_width(word)) + 2 * LIFT, LINE_HEIGHT))
    pen, place = ImageDraw.Draw(layer), float(LIFT)
    for letter in word:
        pen.text((place, 0), letter, font=_font(letter), fill=255)
        place += _advance(letter)
    turned = layer.rotate(chance.uniform(-TURN, TURN), resample=Image.Resampling.BILINEAR)
    image.paste(chance.randint(*DARK), (round(left), round(top)), turned)


def _lines(text: str) -> list[list[str]]:
    """The words of `text`, so many to a line as fit."""
    lines: list[list[str]] = [[]]
    for word in text.split():
        if lines[-1] and _width(" ".join([*lines[-1], word])) > WIDTH - 2 * MARGIN - LIFT:
            lines.append([])
        lines[-1].append(word)
    return lines


def _width(text: str) -> float:
    return sum(map(_advance, text))


@cache
def _advance(letter: str) -> float:
    return _font(letter).getlength(letter)


def _font(letter: str) -> ImageFont.FreeTypeFont:
    """The portal's typeface; letters with háček, Vietnamese and Cyrillic ones stand in files of their own."""
    for first, end, name in _FACES:
        if first <= letter < end:
            return _face(name)
    return _face("gov/fonts/roboto-medium")


@cache
def _face(name: str) -> ImageFont.FreeTypeFont:
    # Shared by all threads: Pillow keeps Python's lock while it draws text.
    file = packaged_file(f"{name}.woff2")
    if file is None:
        raise ImproperlyConfigured(f"The font {name} is missing: install the front-end packages (make run does).")
    return ImageFont.truetype(file, FONT_SIZE)
