"""Translations without the gettext tools: Babel takes the texts out of the code and compiles them.

Every app has a catalog for each language, of its own code and its own folder of templates; what belongs to no app is
in `crs/locale`. A catalog carries no line numbers and no dates, is sorted, and is never filled with
guesses, so that two people who translate at once do not collide. A compiled one keeps short words and numbers on the
line of what follows them (`crs/no_break.py`). Czech has every text; the languages that only citizens read have those of
`settings.CITIZENS_TEXTS` (docs/adr/0042-languages.md).
"""

import ast
import io
import os
import re
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import lru_cache
from pathlib import Path
from typing import Any

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from django.conf import settings
from django.utils import translation
from django.utils.translation.reloader import translation_file_changed
from django.utils.translation.template import templatize

from crs.no_break import unbroken, unbroken_count


@dataclass(frozen=True)
class Language:
    """A language into which the English texts of the code are translated."""

    code: str
    plural_forms: int
    plural_rule: str
    # Whether the first form of a plural is for one thing alone, so that it need not name the number.
    is_first_for_one: bool = False
    is_for_citizens: bool = False
    note: str = ""


_NOT_READ = "# Not yet read by a native speaker: to be read by one before it is used."
CZECH = Language("cs", 3, "(n==1) ? 0 : (n>=2 && n<=4) ? 1 : 2", is_first_for_one=True)
UKRAINIAN = Language(
    "uk",
    3,
    "(n%10==1 && n%100!=11) ? 0 : (n%10>=2 && n%10<=4 && (n%100<12 || n%100>14)) ? 1 : 2",
    is_for_citizens=True,
    note=_NOT_READ,
)
VIETNAMESE = Language("vi", 1, "0", is_for_citizens=True, note=_NOT_READ)
LANGUAGES = (CZECH, UKRAINIAN, VIETNAMESE)
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
# Half of all files call none of them, and Babel's look at one takes a hundred times as long as this.
_CALL = re.compile(rf"\b(?:{'|'.join(KEYWORDS)})\s*\(")
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
    language: Language = CZECH

    @property
    def po(self) -> Path:
        """The catalog that people edit."""
        return self.locale / self.language.code / "LC_MESSAGES" / "django.po"

    def files(self) -> Iterator[Path]:
        """Python files and templates in a stable order; tests and migrations say nothing to people."""
        for folder in self.folders:
            for path in sorted(folder.rglob("*")):
                if path.suffix not in {".py", ".html", ".txt"} or "migrations" in path.parts:
                    continue
                if any(path.is_relative_to(other) for other in self.without):
                    continue
                if not self.language.is_for_citizens or is_for_citizens(path):
                    yield path


def rooms(root: Path, language: Language = CZECH) -> list[Room]:
    """The catalogs of a language in `root`: of each app that has a `models.py` or templates, and of floor 0."""
    templates = root / "templates"
    apps = sorted(path.parent for path in root.glob("*/apps.py") if path.parent.name != "crs")
    apps += sorted(path.parent for path in root.glob("crs/*/apps.py"))
    found = [Room(app.name, app / "locale", (app, templates / app.name), language=language) for app in apps]
    others = tuple(folder for room in found for folder in room.folders)
    crs = Room("crs", root / "crs" / "locale", (root / "crs", templates), without=others, language=language)
    return [*found, crs]


def catalogs(root: Path) -> list[Room]:
    """The catalogs of all languages."""
    return [room for language in LANGUAGES for room in rooms(root, language)]


def forget_read_catalogs() -> None:
    """Let this process read the catalogs anew: it asked for texts before they were compiled."""
    language = translation.get_language()
    translation_file_changed(sender=None, file_path=Path("django.mo"))
    if language:
        translation.activate(language)


def is_for_citizens(path: Path) -> bool:
    """Whether citizens read the texts of this file (`settings.CITIZENS_TEXTS`)."""
    is_listed, name = False, path.relative_to(settings.BASE_DIR).as_posix()
    for pattern in settings.CITIZENS_TEXTS:
        if fnmatchcase(name, pattern.removeprefix("!")):
            is_listed = not pattern.startswith("!")
    return is_listed


def texts_of(room: Room) -> Catalog:
    """Every text that the room's code and templates want translated, without translations."""
    catalog = Catalog(locale=room.language.code)
    for path in room.files():
        for found, comments, context in texts_of_file(path, only_choices=_is_of_choices(room, path)):
            catalog.add(found, context=context, auto_comments=comments)
    return catalog


def texts_of_file(path: Path, *, only_choices: bool = False) -> list[tuple[Any, list[str], str | None]]:
    """The texts of a file that are to be translated, with comments for translators and the context of each."""
    source = _as_python(path)
    if not _CALL.search(source):
        return []
    wanted = _lines_of_choices(source) if only_choices else None
    return [
        (text, comments, context)
        for line, text, comments, context in _extracted(source)
        if text and (wanted is None or line in wanted)
    ]


@lru_cache(maxsize=1000)  # the files of citizens are read for each language
def _extracted(source: str) -> list[tuple[int, Any, list[str], str | None]]:
    return list(extract("python", io.BytesIO(source.encode()), KEYWORDS, ("Translators:",)))


def _is_of_choices(room: Room, path: Path) -> bool:
    """Of a model citizens read what their answers may be; the names of its fields stand on pages of staff."""
    return room.language.is_for_citizens and (path.name == "models.py" or path.parent.name == "models")


def _lines_of_choices(source: str) -> set[int]:
    choices = [
        node
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.ClassDef) and any(ast.unparse(base).endswith("Choices") for base in node.bases)
    ]
    return {line for node in choices for line in range(node.lineno, (node.end_lineno or node.lineno) + 1)}


def _as_python(path: Path) -> str:
    source = path.read_text(encoding="utf-8")
    if path.suffix == ".py":
        return source
    # Django blanks out everything but the texts, and keeps the indentation, which Python would read as blocks.
    return "\n".join(line.lstrip() for line in templatize(source, origin=str(path)).splitlines())


def translations_of(room: Room) -> Catalog:
    """The catalog as it stands in its file; an empty one where there is no file yet."""
    if not room.po.exists():
        return Catalog(locale=room.language.code)
    with room.po.open("rb") as file:
        return read_po(file, locale=room.language.code)


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
            message.string = (str(old.string), *[""] * (room.language.plural_forms - 1))
    return catalog


def as_po(catalog: Catalog) -> bytes:
    """The catalog as a file that changes only when its texts do."""
    language = next(one for one in LANGUAGES if one.code == str(catalog.locale))
    body = io.BytesIO()
    for message in catalog:
        message.flags.discard("python-format")
    write_po(body, catalog, width=100, no_location=True, omit_header=True, sort_output=True)
    note = f"\n{language.note}" if language.note else ""
    header = (
        f'{HEADER}{note}\nmsgid ""\nmsgstr ""\n"Language: {language.code}\\n"\n"MIME-Version: 1.0\\n"\n'
        '"Content-Type: text/plain; charset=UTF-8\\n"\n"Content-Transfer-Encoding: 8bit\\n"\n'
        f'"Plural-Forms: nplurals={language.plural_forms}; plural={language.plural_rule};\\n"\n\n'
    )
    return header.encode() + body.getvalue().rstrip() + b"\n"


def problems(room: Room) -> list[str]:
    """The faults of a room's catalog, a line each: missing, obsolete, half plural, wrong placeholders."""
    wanted = {_key(message): message for message in texts_of(room) if message.id}
    known = {_key(message): message for message in translations_of(room) if message.id}
    forms = room.language.plural_forms
    where = room.name if room.language == CZECH else f"{room.name} ({room.language.code})"
    found = [
        f"{where}: not translated: {_shown(key)}" for key in wanted if not _is_full(known.get(key), wanted[key], forms)
    ]
    found += [f"{where}: no longer used: {_shown(key)}" for key in known if key not in wanted]
    for key, message in known.items():
        is_full = key in wanted and _is_full(message, wanted[key], forms)
        if is_full and not _placeholders_agree(message, room.language):
            found.append(f"{where}: other placeholders than the original: {_shown(key)}")
        if message.fuzzy:
            found.append(f"{where}: marked fuzzy: {_shown(key)}")
    return sorted(found)


def compile_room(room: Room) -> Path | None:
    """Write the room's `.mo`; None where it has nothing to translate."""
    if not room.po.exists():
        return None
    target = room.po.with_suffix(".mo")
    # Others may be reading it, and writing it too: the file of each has its own name until it is whole.
    partial = target.with_name(f".{target.name}.{os.getpid()}.{threading.get_ident()}")
    catalog = translations_of(room)
    for message in catalog:
        # An empty form would be shown as it is, instead of the Czech one.
        if message.id and not all(_strings(message)):
            message.string = ""
        elif message.pluralizable:
            message.string = tuple(map(unbroken_count, _strings(message)))
        elif message.id:
            message.string = unbroken(str(message.string))
    with partial.open("wb") as file:
        write_mo(file, catalog)
    partial.replace(target)
    return target


def _key(message: Message) -> Key:
    identifier = message.id if isinstance(message.id, str) else message.id[0]
    return (message.context, identifier) if message.context else identifier


def _shown(key: Key) -> str:
    return repr(key) if isinstance(key, str) else f"{key[1]!r} ({key[0]})"


def _strings(message: Message) -> tuple[str, ...]:
    return (message.string,) if isinstance(message.string, str) else tuple(message.string or ())


def _is_full(known: Message | None, wanted: Message, plural_forms: int) -> bool:
    if known is None:
        return False
    strings = _strings(known)
    return len(strings) == (plural_forms if wanted.pluralizable else 1) and all(strings)


def _placeholders_agree(message: Message, language: Language) -> bool:
    """A plural may leave the number out where it is one ('jedna dávka'), but may name nothing that is not given."""
    originals = (message.id,) if isinstance(message.id, str) else message.id
    given = {name for text in originals for name in PLACEHOLDER.findall(text)}
    used = [set(PLACEHOLDER.findall(text)) for text in _strings(message)]
    if message.pluralizable and language.is_first_for_one:
        return all(names <= given for names in used) and used[-1] == given
    return all(names == given for names in used)
