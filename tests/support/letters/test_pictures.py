"""Previews are new pictures; bombs, broken files and other formats have none."""

import io
from collections.abc import Iterator

import psutil
import pytest
from PIL import Image

from support.letters import pictures
from support.letters.pictures import preview

PATIENCE = 60
RED_AND_BLUE = Image.new("RGB", (400, 200), "red")
RED_AND_BLUE.paste("blue", (0, 0, 100, 200))


@pytest.fixture(autouse=True)
def _patience(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pictures, "SECONDS", PATIENCE)


@pytest.fixture(scope="module", autouse=True)
def _process() -> Iterator[None]:
    yield
    pictures.worker.forget()


def file(picture: Image.Image, kind: str, **options: object) -> bytes:
    written = io.BytesIO()
    picture.save(written, kind, **options)
    return written.getvalue()


def seen(content: bytes | None) -> Image.Image:
    assert content is not None
    return Image.open(io.BytesIO(content), formats=["JPEG"])


def looks_like(picture: Image.Image, at: tuple[int, int], colour: tuple[int, int, int]) -> bool:
    pixel = picture.getpixel(at)
    assert isinstance(pixel, tuple)
    return all(abs(one - other) < 12 for one, other in zip(pixel, colour, strict=True))


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "GIF", "WEBP", "BMP"])
def test_a_picture_of_an_allowed_format_is_made_anew(kind: str) -> None:
    made = seen(preview(file(RED_AND_BLUE, kind), "image/png"))
    assert made.size == (400, 200)
    assert looks_like(made, (20, 20), (0, 0, 255))


def test_a_photograph_stands_upright_and_tells_nothing_of_place_and_camera() -> None:
    exif = Image.Exif()
    exif[0x0112], exif[0x010F] = 6, "Camera of Jana"
    content = file(RED_AND_BLUE, "JPEG", exif=exif, comment=b"at home", icc_profile=b"profile")
    made = preview(content, "image/jpeg; name=x.jpg")
    assert b"Camera of Jana" in content
    assert seen(made).size == (200, 400)
    assert looks_like(seen(made), (20, 20), (0, 0, 255))
    assert all(word not in (made or b"") for word in (b"Camera", b"Exif", b"at home", b"profile"))


def test_what_is_transparent_is_white_and_what_is_large_is_made_smaller() -> None:
    assert looks_like(seen(preview(file(Image.new("LA", (9, 9)), "PNG"), "image/png")), (4, 4), (255, 255, 255))
    assert seen(preview(file(Image.new("CMYK", (3200, 90)), "JPEG"), "image/jpeg")).size == (1600, 45)
    grey = seen(preview(file(Image.new("I;16", (9, 9), 30_000), "PNG"), "image/png"))
    assert looks_like(grey, (4, 4), (117, 117, 117))


@pytest.mark.parametrize(
    ("content", "content_type"),
    [
        (file(Image.new("1", (30_000, 30_000)), "PNG"), "image/png"),  # a bomb: 110 kB that are 900 million pixels
        (file(RED_AND_BLUE, "PNG")[:80], "image/png"),
        (file(RED_AND_BLUE, "PNG"), "text/html"),
        (file(RED_AND_BLUE, "TIFF"), "image/jpeg"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "image/svg+xml"),
        (b"BM and words", "image/bmp"),
        (b"", "image/png"),
    ],
    ids=["bomb", "cut", "no picture by its type", "TIFF", "SVG", "words", "empty"],
)
def test_there_is_no_preview_of_anything_else(content: bytes, content_type: str) -> None:
    assert preview(content, content_type) is None


def test_one_that_hangs_is_ended_and_the_next_picture_is_made(monkeypatch: pytest.MonkeyPatch) -> None:
    content = file(RED_AND_BLUE, "PNG")
    assert preview(content, "image/png")
    assert pictures.worker.process is not None
    stuck = psutil.Process(pictures.worker.process.pid)
    assert stuck.rlimit(psutil.RLIMIT_NOFILE) == (0, 0)
    stuck.suspend()
    monkeypatch.setattr(pictures, "SECONDS", 0.5)
    assert preview(content, "image/png") is None
    assert not stuck.is_running()
    monkeypatch.setattr(pictures, "SECONDS", PATIENCE)
    assert preview(content, "image/png")
