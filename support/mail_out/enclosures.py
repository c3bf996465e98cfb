"""Files that go out with an answer."""

import mimetypes
import re
from collections.abc import Iterable

from crs.messaging.errors import CannotBeMade
from crs.messaging.outbox import File
from crs.typed import plain
from support.errors import FilesTooLarge
from support.models import Attachment
from support.tickets.files import content_of

# Of all files together; most mailboxes take 20 MB, and on their way files grow by a third.
LARGEST = 10 * 1024 * 1024
_LONGEST_NAME = 100
_FORBIDDEN = re.compile(r'[\\/:*?"<>|]+')


def checked(files: Iterable[File]) -> list[File]:
    """The files with names that every system takes, each its own. Raises FilesTooLarge."""
    files = list(files)
    if sum(len(file.content) for file in files) > LARGEST:
        raise FilesTooLarge
    taken: set[str] = set()
    return [File(name := _name(file.name, taken), _content_type(name), file.content) for file in files]


def files_of_answer(reference: str, _language: str) -> list[File]:
    """The files of the letter whose key `reference` is, for the outbox. Raises CannotBeMade: erased meanwhile."""
    attachments = list(Attachment.objects.filter(letter=int(reference)).select_related("file"))
    if any(attachment.file is None for attachment in attachments):
        raise CannotBeMade("The files of this answer have been erased.")
    return [File(one.name, one.content_type, content_of(one)) for one in attachments]


def _name(name: str, taken: set[str]) -> str:
    """The name without what paths are made of, not too long, and another one if it is taken."""
    base = _FORBIDDEN.sub("_", plain(name.replace("\\", "/").rpartition("/")[2])).strip(" .")
    stem, dot, ending = base.rpartition(".")
    if not stem or len(ending) > 10:
        stem, dot, ending = base, "", ""
    stem = stem or "file"
    for number in range(1, len(taken) + 2):
        mark = f" ({number})" if number > 1 else ""
        chosen = f"{stem[: _LONGEST_NAME - len(mark) - len(dot + ending)]}{mark}{dot}{ending}"
        if chosen.casefold() not in taken:
            break
    taken.add(chosen.casefold())
    return chosen


def _content_type(name: str) -> str:
    """By its ending, whatever a browser claims. A letter in a letter would be taken apart on its way."""
    guessed = mimetypes.guess_type(name)[0] or ""
    return guessed if guessed and not guessed.startswith(("message/", "multipart/")) else "application/octet-stream"
