"""Pictures of attachments for the desk's pages: made anew by a process of its own, so nothing of the file is served."""

import os

from crs.own_process import Busy, Lost, OwnProcess

CONTENT_TYPE = "image/jpeg"
# TIFF is none of them: what opens it has had too many holes. Neither is SVG, which is a page with scripts.
_CONTENT_TYPES = frozenset({
    "image/jpeg", "image/jpg", "image/pjpeg", "image/png", "image/x-png", "image/gif", "image/webp", "image/bmp",
    "image/x-ms-bmp", "image/x-bmp", "application/octet-stream",
})  # fmt: skip
# A mail program may call a picture what it likes; its first bytes decide.
_BEGINNINGS = (b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"GIF87a", b"GIF89a", b"BM", b"RIFF")
MOST_BYTES = 25 * 1024 * 1024
# To wait for other pictures, and again to make this one.
SECONDS = 6.0
PICTURES_OF_A_PROCESS = 50
_MOST_BYTES_OF_ANSWER = 8 * 1024 * 1024

worker = OwnProcess(
    "support.letters.picture_making",
    questions=PICTURES_OF_A_PROCESS,
    # It opens what strangers send: our secrets are none of its business.
    environment={name: os.environ[name] for name in ("PATH", "LANG", "LD_LIBRARY_PATH") if name in os.environ},
)


def is_shown(content_type: str) -> bool:
    """Whether files of this type may have a preview."""
    return content_type.split(";")[0].strip().lower() in _CONTENT_TYPES


def preview(content: bytes, content_type: str) -> bytes | None:
    """The picture as a JPEG without anything that its file tells of a place or a camera; None where there is none.

    None is also for a picture that is broken, too large, or takes too long. It never raises.
    """
    if not is_shown(content_type) or not content.startswith(_BEGINNINGS) or len(content) > MOST_BYTES:
        return None
    try:
        return worker.ask(content, seconds=SECONDS, most_bytes=_MOST_BYTES_OF_ANSWER) or None
    except (Busy, Lost):
        return None
