"""Translations without the gettext tools: Babel takes the texts out of the code and compiles them.

Every app has its catalog of its own code and its own folder of templates; what belongs to no app is
in `crs/locale`. A catalog carries no line numbers and no dates, is sorted, and is never filled with
guesses, so that two people who translate at once do not collide.
"""

import io
import os
import re
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from django.utils.translation.template import templatize

LANGUAGE = "cs"
PLURAL_FORMS = 3
KEYWORDS: dict[str, tuple[int | tuple[int, str], ...] | None] = {
    "_": None,
    "gettext": None,
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext": (1, 2),
    "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
    "npgettext_lazy": ((1, "c"), 2, 3),
}
HEADER = "# Translations of CRS; `manage.py update_translations` keeps the list of texts."
# %(name)s, %s, %d and {name}
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|%[sd]|\{\w*\}")
Key = str | tuple[str, str]


@dataclass(frozen=True)
class Room:
    """One catalog: the folders whose texts it translates, and those inside them that belong to another."""

    name: str
    locale: Path
    folders: tuple[Path, ...]
    without: tuple[Path, ...] = ()

    @property
    def po(self) -> Path:
        """The catalog that people edit."""
        return self.locale / LANGUAGE / "LC_MESSAGES" / "django.po"

    def files(self) -> Iterator[Path]:
        """Python files and templates in a stable order; tests and migrations say nothing to people."""
        for folder in self.folders:
            for path in sorted(folder.rglob("*")):
                if path.suffix not in {".py", ".html", ".txt"} or "migrations" in path.parts:
                    continue
                if not any(path.is_relative_to(other) for other in self.without):
                    yield path


def rooms(root: Path) -> list[Room]:
    """The catalogs of the project in `root`: each app that has a `models.py` or templates, and floor 0."""
    templates = root / "templates"
    apps = sorted(path.parent for path in root.glob("*/apps.py") if path.parent.name != "crs")
    apps += sorted(path.parent for path in root.glob("crs/*/apps.py"))
    found = [Room(app.name, app / "locale", (app, templates / app.name)) for app in apps]
    others = tuple(folder for room in found for folder in room.folders)
    found.append(Room("crs", root / "crs" / "locale", (root / "crs", templates), without=others))
    return found


def texts_of(room: Room) -> Catalog:
    """Every text that the room's code and templates want translated, without translations."""
    catalog = Catalog(locale=LANGUAGE)
    for path in room.files():
        code = io.BytesIO(_as_python(path).encode())
        for _line, found, comments, context in extract("python", code, KEYWORDS, ("Translators:",)):
            if found:
                catalog.add(found, context=context, auto_comments=comments)
    return catalog


def _as_python(path: Path) -> str:
    source = path.read_text(encoding="utf-8")
    if path.suffix == ".py":
        return source
    # Django blanks out everything but the texts, and keeps the indentation, which Python would read as blocks.
    return "\n".join(line.lstrip() for line in templatize(source, origin=str(path)).splitlines())


def translations_of(room: Room) -> Catalog:
    """The catalog as it stands in its file; an empty one where there is no file yet."""
    if not room.po.exists():
        return Catalog(locale=LANGUAGE)
    with room.po.open("rb") as file:
        return read_po(file, locale=LANGUAGE)


def merged(room: Room) -> Catalog:
    """The room's texts of today with the translations known so far; texts that vanished are gone."""
    known = {_key(message): message for message in translations_of(room) if message.id}
    catalog = texts_of(room)
    for message in catalog:
        old = known.get(_key(message)) if message.id else None
        if old and bool(old.pluralizable) == bool(message.pluralizable):
            message.string = old.string
            message.user_comments = old.user_comments
        elif old and not old.pluralizable:
            message.string = (str(old.string), *[""] * (PLURAL_FORMS - 1))
    return catalog


def as_po(catalog: Catalog) -> bytes:
    """The catalog as a file that changes only when its texts do."""
    body = io.BytesIO()
    for message in catalog:
        message.flags.discard("python-format")
    write_po(body, catalog, width=100, no_location=True, omit_header=True, sort_output=True)
    header = (
        f'{HEADER}\nmsgid ""\nmsgstr ""\n"Language: {LANGUAGE}\\n"\n"MIME-Version: 1.0\\n"\n'
        '"Content-Type: text/plain; charset=UTF-8\\n"\n"Content-Transfer-Encoding: 8bit\\n"\n'
        f'"Plural-Forms: nplurals={PLURAL_FORMS}; plural=(n==1) ? 0 : (n>=2 && n<=4) ? 1 : 2;\\n"\n\n'
    )
    return header.encode() + body.getvalue().rstrip() + b"\n"


def problems(room: Room) -> list[str]:
    """The faults of a room's catalog, a line each: missing, obsolete, half plural, wrong placeholders."""
    wanted = {_key(message): message for message in texts_of(room) if message.id}
    known = {_key(message): message for message in translations_of(room) if message.id}
    found = [
        f"{room.name}: not translated: {_shown(key)}" for key in wanted if not _is_full(known.get(key), wanted[key])
    ]
    found += [f"{room.name}: no longer used: {_shown(key)}" for key in known if key not in wanted]
    for key, message in known.items():
        if key in wanted and _is_full(message, wanted[key]) and not _placeholders_agree(message):
            found.append(f"{room.name}: other placeholders than the original: {_shown(key)}")
        if message.fuzzy:
            found.append(f"{room.name}: marked fuzzy: {_shown(key)}")
    return sorted(found)


def compile_room(room: Room) -> Path | None:
    """Write the room's `.mo`; None where it has nothing to translate."""
    if not room.po.exists():
        return None
    target = room.po.with_suffix(".mo")
    # Others may be reading it, and writing it too: the file of each has its own name until it is whole.
    partial = target.with_name(f".{target.name}.{os.getpid()}.{threading.get_ident()}")
    with partial.open("wb") as file:
        write_mo(file, translations_of(room))
    partial.replace(target)
    return target


def _key(message: Message) -> Key:
    identifier = message.id if isinstance(message.id, str) else message.id[0]
    return (message.context, identifier) if message.context else identifier


def _shown(key: Key) -> str:
    return repr(key) if isinstance(key, str) else f"{key[1]!r} ({key[0]})"


def _strings(message: Message) -> tuple[str, ...]:
    return (message.string,) if isinstance(message.string, str) else tuple(message.string or ())


def _is_full(known: Message | None, wanted: Message) -> bool:
    if known is None:
        return False
    strings = _strings(known)
    return len(strings) == (PLURAL_FORMS if wanted.pluralizable else 1) and all(strings)


def _placeholders_agree(message: Message) -> bool:
    """A plural may leave the number out ('jedna dávka'), but may name nothing that is not given."""
    originals = (message.id,) if isinstance(message.id, str) else message.id
    given = {name for text in originals for name in PLACEHOLDER.findall(text)}
    used = [set(PLACEHOLDER.findall(text)) for text in _strings(message)]
    if message.pluralizable:
        return all(names <= given for names in used) and used[-1] == given
    return all(names == given for names in used)
