"""Files of letters and notes: the bytes are kept once however often people send them, and encrypted."""

import hashlib
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
            has_numbers=has_numbers(file.summary),
            summary=file.summary or None,
        )
        for position, (file, digest) in enumerate(zip(files, digests, strict=True), start=1)
    )


def content_of(attachment: Attachment) -> bytes | None:
    """Its bytes; None once they are erased."""
    return None if attachment.file is None else bytes(attachment.file.content)


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
