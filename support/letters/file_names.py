"""Names of files as people may see them: short, without paths and without characters that nobody sees."""

import mimetypes
import re

from crs.typed import plain

LONGEST = 150
LONGEST_ENDING = 12
# What Windows forbids in a name; a browser would replace it anyhow.
_FORBIDDEN = re.compile(r'[<>:"|?*]')
# Those of the language, for every machine has others besides.
_TYPES = mimetypes.MimeTypes()
# Where a type has several endings, the one that people know.
_ENDINGS = {"text/plain": ".txt", "message/rfc822": ".eml", "text/calendar": ".ics", "image/jpeg": ".jpg"}


def cleaned(name: str) -> str:
    """The name without folders; '' if nothing of it is left."""
    bounded = name if len(name) <= 4000 else name[:2000] + name[-2000:]
    last = re.split(r"[\\/]", bounded.replace("\0", ""))[-1]
    text = _FORBIDDEN.sub("_", plain(last)).strip(" .")
    if len(text) <= LONGEST:
        return text
    stem, dot, ending = text.rpartition(".")
    if not dot or not stem or len(ending) > LONGEST_ENDING:
        return text[:LONGEST].strip(" .")
    return f"{stem[: LONGEST - len(ending) - 1].rstrip(' .')}.{ending}"


def made_up(content_type: str, number: int) -> str:
    """A name for the file that came without one, the `number`-th of its letter."""
    ending = _ENDINGS.get(content_type) or _TYPES.guess_extension(content_type) or ".bin"
    return f"file-{number}{ending}"


def told_apart(name: str, taken: set[str]) -> str:
    """The name, or 'name (2)' if another file of the letter has it; the one that is found is taken from now on."""
    stem, dot, ending = name.rpartition(".")
    one, number = name, 1
    while one.casefold() in taken:
        number += 1
        one = f"{stem} ({number}).{ending}" if dot and stem else f"{name} ({number})"
    taken.add(one.casefold())
    return one
