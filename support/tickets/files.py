"""Files of letters and notes: the bytes are kept once however often people send them, and encrypted."""

import codecs
import hashlib
import re
from collections.abc import Sequence

from django.db import connection

from crs import typed
from crs.encryption import seal
from crs.keyed_hash import keyed_hash
from crs.plain_sql import execute_with_bytes
from support.letters.covering import has_numbers
from support.letters.parts import ReadFile
from support.models import Attachment, Letter, Note

_STORE = """
INSERT INTO support_storedfile (digest, content, size) VALUES (%(digest)s, %(content)b, %(size)s)
ON CONFLICT DO NOTHING
"""
# Bytes of text that are looked at in all files of a letter, whose ticket is locked meanwhile. A text that goes on is
# guarded as if it held a number: nobody looked at its end.
LONGEST_LOOK = 400_000
_WIDE = {codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}
# No text holds them, whatever its character set; pictures, PDF and packed files do.
_NO_TEXT = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f]")
_HELD = "SELECT id FROM support_storedfile WHERE digest = %s FOR KEY SHARE"


def keep_all(*, files: Sequence[ReadFile], letter: Letter | None = None, note: Note | None = None) -> list[Attachment]:
    """Keep the files of a letter or a note, in their order."""
    digests = [_digest(file.content) for file in files]
    # By rising hash, so that two letters with the same two pictures do not wait for each other in a ring.
    contents = {digest: file.content for digest, file in zip(digests, files, strict=True)}
    stored = {digest: _stored(digest, contents[digest]) for digest in sorted(contents)}
    return Attachment.objects.bulk_create(
        Attachment(
            letter=letter,
            note=note,
            file_id=stored[digest],
            position=position,
            name=typed.plain(file.name)[:200],
            content_type=typed.plain(file.content_type)[:100],
            size=len(file.content),
            is_inline=file.is_inline,
            has_numbers=is_guarded,
            summary=file.summary or None,
        )
        for position, (file, digest, is_guarded) in enumerate(
            zip(files, digests, _guarded(files), strict=True), start=1
        )
    )


def content_of(attachment: Attachment) -> bytes | None:
    """Its bytes; None once they are erased."""
    return None if attachment.file is None else bytes(attachment.file.content)


def _guarded(files: Sequence[ReadFile]) -> list[bool]:
    """Of each file, whether an insured number stands in its name, or in what it says as far as that is text."""
    left = LONGEST_LOOK
    guarded = []
    for file in files:
        text = _text(file, left)
        is_cut = len(file.content) > left
        guarded.append(
            has_numbers(f"{file.name}\n{file.summary}") or (text is not None and (is_cut or has_numbers(text)))
        )
        left -= min(left, len(file.content)) if text is not None else 0
    return guarded


def _text(file: ReadFile, most: int) -> str | None:
    """The first of a file as text, None if it is none. Digits are the bytes of UTF-8 in all sets but the wide ones."""
    start = file.content[:LONGEST_LOOK]
    charset = _WIDE.get(start[:2], "utf-8")
    is_text = file.content_type.startswith(("text/", "message/")) or charset != "utf-8" or not _NO_TEXT.search(start)
    return start[:most].decode(charset, "replace") if is_text else None


def _digest(content: bytes) -> str:
    return keyed_hash("support-file", hashlib.sha256(content).hexdigest())


def _stored(digest: str, content: bytes) -> int:
    """The key of the row with these bytes, which nobody deletes before the transaction ends."""
    while True:
        with connection.cursor() as cursor:
            cursor.execute(_HELD, [digest])
            if row := cursor.fetchone():
                return int(row[0])
        execute_with_bytes(_STORE, {"digest": digest, "content": seal(content), "size": len(content)})
