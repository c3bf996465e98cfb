"""The process that opens pictures of strangers and makes new ones: it knows neither Django, nor the database, nor us.

Whoever gets code of their own to run here finds no environment of ours, can open no file, no socket and no other
process, and has a cap on memory, as where certificates are read (docs/adr/0029-checking-certificates.md).
"""

import contextlib
import io
from pathlib import Path

from PIL import Image, ImageOps

from certificates.checking.confinement import confine
from crs import own_process

BYTES_OF_MEMORY = 640 * 1024 * 1024
FORMATS = ("JPEG", "PNG", "GIF", "WEBP", "BMP")
# A JPEG is made smaller while it is read, the others are held whole.
MOST_PIXELS = {"JPEG": 220_000_000, "MPO": 220_000_000}
MOST_PIXELS_OF_OTHERS = 40_000_000
LONGEST_SIDE = 1600
QUALITY = 82


def serve() -> None:
    """Answer each picture; `support.letters.pictures` writes the questions."""
    # If the machine runs out of memory, this process goes first, and not the one that serves everybody.
    with contextlib.suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text("1000")
    Image.MAX_IMAGE_PIXELS = None  # `made_anew` has limits by format
    Image.init()
    for kind in FORMATS:  # later no file can be opened: now each format loads what it needs
        written = io.BytesIO()
        Image.new("RGB", (8, 8)).save(written, kind)
        made_anew(written.getvalue())
    confine(bytes_of_memory=BYTES_OF_MEMORY)
    own_process.serve(_answer)


def _answer(question: bytes) -> bytes:
    try:
        return made_anew(question)
    except Exception:
        # Pillow raises whatever a broken file brings about. What it says stays here: it may quote the file.
        return b""


def made_anew(content: bytes) -> bytes:
    """The first picture of the file, upright and on white, as a JPEG; b"" where it is too large."""
    picture: Image.Image = Image.open(io.BytesIO(content), formats=FORMATS)
    if picture.width * picture.height > MOST_PIXELS.get(picture.format or "", MOST_PIXELS_OF_OTHERS):
        return b""
    picture.draft("RGB", (LONGEST_SIDE, LONGEST_SIDE))
    orientation = picture.getexif().get(0x0112)
    if picture.mode.startswith("I"):
        # 16 bits of grey, as scanners make them; the library would cut the lighter half off.
        picture = picture.convert("I").point(lambda grey: grey / 256).convert("L")
    has_alpha = "A" in picture.getbands() or "transparency" in picture.info
    coloured = picture.convert("RGBA" if has_alpha else "RGB")
    coloured.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
    # A new one has no remarks, no colour profile and nothing of the camera.
    clean = Image.new("RGB", coloured.size, "white")
    clean.paste(coloured, mask=coloured if has_alpha else None)
    clean.getexif()[0x0112] = orientation or 1
    upright = ImageOps.exif_transpose(clean)
    written = io.BytesIO()
    upright.save(written, "JPEG", quality=QUALITY, exif=b"")
    return written.getvalue()
