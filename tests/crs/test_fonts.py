"""The letters of our languages come from our own fonts, on pages and on papers, in each weight that they use."""

import re
from functools import cache
from io import BytesIO
from pathlib import Path

import pytest
from django.conf import settings
from fontTools.ttLib import TTFont

from crs.pdf.rendering import faces
from crs.staticfiles import packaged_file

_UKRAINIAN = "абвгґдеєжзиіїйклмнопрстуфхцчшщьюя"
_VIETNAMESE = "aàáảãạăằắẳẵặâầấẩẫậbcdđeèéẻẽẹêềếểễệghiìíỉĩịklmnoòóỏõọôồốổỗộơờớởỡợpqrstuùúủũụưừứửữựvxyỳýỷỹỵ"
LETTERS = {
    "cs": "aábcčdďeéěfghiíjklmnňoópqrřsštťuúůvwxyýzž",
    "uk": f"{_UKRAINIAN}’ʼ«»–№",
    "vi": f"{_VIETNAMESE}“”–",
}
_FACE = re.compile(r"@font-face\s*{(.*?)}", re.DOTALL)


def letters_of(language: str) -> str:
    """Small and capital ones."""
    return LETTERS[language] + LETTERS[language].upper()


@cache
def _letters_in(path: Path) -> frozenset[int]:
    return frozenset(TTFont(BytesIO(path.read_bytes())).getBestCmap())


def _value(face: str, name: str) -> str:
    found = re.search(rf"{name}:\s*([^;]*)", face)
    return " ".join(found[1].split()) if found else ""


def _has(ranges: str, letter: str) -> bool:
    for one in ranges.split(","):
        first, _, last = one.strip().removeprefix("U+").partition("-")
        if int(first, 16) <= ord(letter) <= int(last or first, 16):
            return True
    return False


def _faces_of_pages(weight: int) -> list[tuple[str, Path]]:
    """The ranges and files of upright Roboto, in the order in which pages name them."""
    found = []
    for sheet, folder in (
        (packaged_file("gov/fonts/roboto.css"), "gov/fonts"),
        (settings.BASE_DIR / "static" / "crs" / "names.css", "paper"),
    ):
        assert sheet
        for face in _FACE.findall(Path(sheet).read_text()):
            if (_value(face, "font-weight"), _value(face, "font-style")) == (str(weight), "normal"):
                name = re.findall(r"([\w-]+\.woff2)", face)[-1]
                file = packaged_file(f"{folder}/{name}")
                assert file, name
                found.append((_value(face, "unicode-range"), Path(file)))
    return found


@pytest.mark.parametrize("language", LETTERS)
@pytest.mark.parametrize("weight", [400, 500, 700])
def test_pages_have_each_letter_in_a_font_of_ours(language: str, weight: int) -> None:
    known = _faces_of_pages(weight)
    # Of faces whose ranges fit a letter the browser takes the last one (CSS Fonts 4, 5.2).
    lacking = [
        letter
        for letter in letters_of(language)
        if not any(ord(letter) in _letters_in(file) for ranges, file in known[::-1] if _has(ranges, letter))
    ]
    assert lacking == []


@pytest.mark.parametrize("language", LETTERS)
@pytest.mark.parametrize("weight", [400, 700])
def test_papers_have_each_letter_in_a_font_of_ours(language: str, weight: int) -> None:
    known = frozenset[int]().union(*(_letters_in(face.path) for face in faces() if face.weight == weight))
    assert [letter for letter in letters_of(language) if ord(letter) not in known] == []
