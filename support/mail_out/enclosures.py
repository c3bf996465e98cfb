"""Files that go out with an answer."""

import mimetypes
from collections.abc import Iterable
from dataclasses import replace

from crs.messaging.errors import CannotBeMade
from crs.messaging.outbox import File
from support.errors import FilesTooLarge
from support.letters import file_names
from support.letters.parts import ReadFile
from support.models import Attachment
from support.tickets.files import content_of

# Of all files together: most mailboxes take 20 MB, and on their way files grow by a third.
LARGEST = 10 * 1024 * 1024
_LONGEST_NAME = 90


def checked(files: Iterable[ReadFile]) -> list[ReadFile]:
    """The files with names that every system takes, each its own. Raises FilesTooLarge."""
    files = list(files)
    if sum(len(file.content) for file in files) > LARGEST:
        raise FilesTooLarge
    taken: set[str] = set()
    return [_named(file, number, taken) for number, file in enumerate(files, start=1)]


def files_of_answer(reference: str, _language: str) -> list[File]:
    """The files of the letter whose key `reference` is, for the outbox. Raises CannotBeMade: erased meanwhile."""
    made = []
    for attachment in Attachment.objects.filter(letter=int(reference)).select_related("file"):
        content = content_of(attachment)
        if content is None:
            raise CannotBeMade("The files of this answer have been erased.")
        made.append(File(attachment.name, attachment.content_type, content))
    return made


def _named(file: ReadFile, number: int, taken: set[str]) -> ReadFile:
    name = file_names.cleaned(file.name) or file_names.made_up(file.content_type, number)
    if len(name) > _LONGEST_NAME:
        stem, dot, ending = name.rpartition(".")
        name = (
            f"{stem[: _LONGEST_NAME - len(ending)]}{dot}{ending}" if stem and len(ending) < 20 else name[:_LONGEST_NAME]
        )
    # By its ending, whatever a browser claims; a letter within the letter would be taken apart on its way.
    guessed = mimetypes.guess_type(name)[0] or ""
    is_plain = guessed and not guessed.startswith(("message/", "multipart/"))
    content_type = guessed if is_plain else "application/octet-stream"
    return replace(file, name=file_names.told_apart(name, taken), content_type=content_type, is_inline=False)
