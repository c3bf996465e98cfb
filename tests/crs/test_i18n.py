"""Texts leave the code, come back translated, and nothing that is wrong stays silent."""

import re
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.utils import translation
from django.utils.translation import gettext, ngettext
from django.utils.translation.trans_real import DjangoTranslation

from crs import i18n
from crs.no_break import breakable

CODE = """
from django.utils.translation import gettext_lazy as _, ngettext, pgettext
NAME = _("Hello %(name)s")
def f(n): return ngettext("{n} dose", "{n} doses", n), pgettext("of a vial", "Batch")
"""
PAGE = """{% load i18n %}
<div>
    <p title="{% translate 'A title' %}">{% include "x.html" with text=_("In a tag") %}</p>
  {% blocktranslate trimmed count n=n %}
    {{ n }} place
  {% plural %}
    {{ n }} places
  {% endblocktranslate %}
      {% translate "May" context "month" %}
</div>"""


@pytest.fixture
def room(tmp_path: Path) -> i18n.Room:
    """An app with a bit of code and a page."""
    (tmp_path / "app").mkdir()
    (tmp_path / "app" / "texts.py").write_text(CODE)
    (tmp_path / "pages").mkdir()
    (tmp_path / "pages" / "page.html").write_text(PAGE)
    return i18n.Room("app", tmp_path / "app" / "locale", (tmp_path / "app", tmp_path / "pages"))


def translate(room: i18n.Room, texts: Mapping[str, str | tuple[str, ...]] | None = None) -> None:
    """Write a catalog in which every text is translated by itself, but for those given."""
    catalog = i18n.merged(room)
    for message in catalog:
        if not message.id:
            continue
        key = message.id if isinstance(message.id, str) else message.id[0]
        own = message.id if isinstance(message.id, str) else (message.id[1],) * room.language.plural_forms
        message.string = (texts or {}).get(key, own)
    room.po.parent.mkdir(parents=True, exist_ok=True)
    room.po.write_bytes(i18n.as_po(catalog))


def test_texts_are_found_in_code_and_in_pages(room: i18n.Room) -> None:
    found = {(message.context, message.id) for message in i18n.texts_of(room) if message.id}
    assert found == {
        (None, "Hello %(name)s"),
        (None, ("{n} dose", "{n} doses")),
        ("of a vial", "Batch"),
        (None, "A title"),
        (None, "In a tag"),
        (None, ("%(n)s place", "%(n)s places")),
        ("month", "May"),
    }


def test_a_translated_catalog_has_no_problems_and_a_second_refresh_changes_nothing(room: i18n.Room) -> None:
    translate(room)
    assert i18n.problems(room) == []
    before = room.po.read_bytes()
    assert i18n.as_po(i18n.merged(room)) == before
    assert b"app/texts.py" not in before


def test_every_kind_of_problem_is_named(room: i18n.Room) -> None:
    translate(room, {"A title": "", "Hello %(name)s": "Ahoj", "{n} dose": ("{n} dávka", "", "")})
    room.po.write_bytes(room.po.read_bytes() + b'\nmsgid "Gone"\nmsgstr "Pryc"\n')
    assert i18n.problems(room) == [
        "app: no longer used: 'Gone'",
        "app: not translated: 'A title'",
        "app: not translated: '{n} dose'",
        "app: other placeholders than the original: 'Hello %(name)s'",
    ]


def test_a_refresh_keeps_translations_and_drops_what_is_gone_without_guessing(room: i18n.Room) -> None:
    translate(room, {"A title": "Nadpis"})
    page = room.folders[1] / "page.html"
    page.write_text(page.read_text().replace("In a tag", "In a tag!"))
    refreshed = i18n.as_po(i18n.merged(room)).decode()
    assert 'msgid "A title"\nmsgstr "Nadpis"' in refreshed
    assert 'msgid "In a tag!"\nmsgstr ""' in refreshed
    assert "fuzzy" not in refreshed
    assert "#~" not in refreshed


def test_compiled_czech_has_three_plural_forms(room: i18n.Room, settings: object) -> None:
    translate(room, {"{n} dose": ("{n} dávka", "{n} dávky", "{n} dávek")})
    assert i18n.compile_room(room)
    settings.LOCALE_PATHS = [room.locale]  # type: ignore[attr-defined]
    # Django's own Czech has another plural rule; ours must win for our texts and leave Django's alone.
    czech = DjangoTranslation("cs")
    forms = [czech.ngettext("{n} dose", "{n} doses", n).format(n=n) for n in (1, 2, 4, 5, 22, 100)]
    assert forms == [
        one.replace(" ", "\u00a0") for one in ("1 dávka", "2 dávky", "4 dávky", "5 dávek", "22 dávek", "100 dávek")
    ]
    with translation.override("cs"):
        assert ngettext("Ensure this value has at least %(limit_value)d character (it has %(show_value)d).",
                        "Ensure this value has at least %(limit_value)d characters (it has %(show_value)d).",
                        5).startswith("Tato hodnota")  # fmt: skip


@pytest.mark.parametrize(
    ("language", "forms", "wanted"),
    [
        (i18n.UKRAINIAN, ("{n} доза", "{n} дози", "{n} доз"), "1 доза, 3 дози, 5 доз, 11 доз, 21 доза, 104 дози"),
        (i18n.VIETNAMESE, ("{n} liều",), "1 liều, 3 liều, 5 liều, 11 liều, 21 liều, 104 liều"),
    ],
)
def test_languages_of_citizens_have_their_own_plural_forms(
    room: i18n.Room, settings: Any, language: i18n.Language, forms: tuple[str, ...], wanted: str
) -> None:
    settings.BASE_DIR = room.locale.parents[1]
    settings.CITIZENS_TEXTS = ("*",)
    theirs = replace(room, language=language)
    translate(theirs, {"{n} dose": forms, "A title": ""})
    assert i18n.problems(theirs) == [f"app ({language.code}): not translated: 'A title'"]
    assert "native speaker" in theirs.po.read_text()
    assert i18n.compile_room(theirs)
    settings.LOCALE_PATHS = [room.locale]
    spoken = DjangoTranslation(language.code)
    said = [spoken.ngettext("{n} dose", "{n} doses", n).format(n=n) for n in (1, 3, 5, 11, 21, 104)]
    assert ", ".join(map(breakable, said)) == wanted


def test_a_form_that_counts_several_numbers_names_the_number(room: i18n.Room, settings: Any) -> None:
    settings.BASE_DIR = room.locale.parents[1]
    settings.CITIZENS_TEXTS = ("*",)
    theirs = replace(room, language=i18n.UKRAINIAN)  # the first form says 1, 21, 31
    translate(theirs, {"{n} dose": ("одна доза", "{n} дози", "{n} доз")})
    assert i18n.problems(theirs) == ["app (uk): other placeholders than the original: '{n} dose'"]


def test_of_a_model_citizens_read_the_choices_alone(room: i18n.Room, settings: Any) -> None:
    settings.BASE_DIR = room.locale.parents[1]
    settings.CITIZENS_TEXTS = ("app/models.py",)
    (room.folders[0] / "models.py").write_text(
        "class A(models.Model):\n"
        "    class Kind(models.TextChoices):\n        ONE = 'ONE', _('one kind')\n"
        "    field = CharField(_('name of a field'))\n"
    )
    theirs = i18n.texts_of(replace(room, language=i18n.VIETNAMESE))
    assert [message.id for message in theirs if message.id] == ["one kind"]


def test_what_is_translated_in_part_is_shown_in_czech(room: i18n.Room, settings: Any) -> None:
    settings.BASE_DIR = room.locale.parents[1]
    settings.CITIZENS_TEXTS = ("*",)
    for language, forms in ((i18n.CZECH, ("{n} dávka",) * 3), (i18n.UKRAINIAN, ("{n} доза", "", ""))):
        translate(replace(room, language=language), {"{n} dose": forms})
        assert i18n.compile_room(replace(room, language=language))
    settings.LOCALE_PATHS = [room.locale]
    assert DjangoTranslation("uk").ngettext("{n} dose", "{n} doses", 1) == "{n}\u00a0dávka"


def test_many_may_compile_at_once(room: i18n.Room) -> None:
    translate(room, {"A title": "Nadpis"})
    with ThreadPoolExecutor(8) as pool:
        written = list(pool.map(lambda _: i18n.compile_room(room), range(40)))
    assert set(written) == {room.po.with_suffix(".mo")}
    assert [file.name for file in room.po.parent.iterdir() if file != room.po] == ["django.mo"]


def test_the_real_catalogs_are_complete() -> None:
    out = StringIO()
    try:
        call_command("update_translations", "--check", stdout=StringIO(), stderr=out)
    except CommandError:
        pytest.fail(out.getvalue())


# The trial run's inbox, what staff see whose form is too old, and the page of employers and doctors with codes.
_NOT_OF_CITIZENS = {"messaging/inbox.html", "403_csrf_staff.html", "registration/codes/key.html"}


def _named(tag: str, page: Path) -> set[str]:
    return set(re.findall(rf'{{% {tag} "([^"]+)"', page.read_text()))


def test_the_pages_of_citizens_and_what_they_include_are_listed_and_no_page_of_staff_is() -> None:
    templates = settings.BASE_DIR / "templates"
    # Admin screens and pages that extend a base of staff are theirs; what extends the portal's base is for everybody.
    found = {"base.html"} | {
        name
        for page in templates.rglob("*.html")
        if (name := page.relative_to(templates).as_posix()) not in _NOT_OF_CITIZENS | {"accounts/staff_page.html"}
        if "base.html" in _named("extends", page)
    }
    new = found
    while new:
        new = {one for name in new for one in _named("include", templates / name)} - found
        found |= new
    listed = {
        path.relative_to(templates).as_posix()
        for path in templates.rglob("*.html")
        if i18n.is_for_citizens(path) and i18n.texts_of_file(path)
    }
    assert {name for name in found if i18n.texts_of_file(templates / name)} - listed == set()
    for name in listed:
        bases, page = set(), name
        while extended := _named("extends", templates / page):
            page = extended.pop()
            bases.add(page)
        assert "accounts/staff_page.html" not in bases, name


def test_each_text_has_one_catalog_only() -> None:
    rooms = i18n.rooms(settings.BASE_DIR)
    assert [room.name for room in rooms][-2:] == ["messaging", "crs"]
    files = [path for room in rooms for path in room.files()]
    assert len(files) == len(set(files))
    assert settings.BASE_DIR / "templates" / "base.html" in files


def test_no_text_has_two_translations() -> None:
    # Django reads all catalogs as one: where two of them differ, one room shows the words of the other.
    said: dict[tuple[str, str | None, object], dict[object, str]] = {}
    for room in i18n.catalogs(settings.BASE_DIR):
        for message in i18n.translations_of(room):
            if message.id:
                key = (room.language.code, message.context, message.id)
                said.setdefault(key, {})[message.string] = room.name
    assert [(text, ways) for text, ways in said.items() if len(ways) > 1] == []


def test_the_compiled_catalogs_are_what_django_reads() -> None:
    call_command("compile_translations", stdout=StringIO())
    with translation.override("cs"):
        assert gettext("Central Reservation System") == "Centrální rezervační systém"


def test_an_unknown_catalog_is_refused() -> None:
    with pytest.raises(CommandError):
        call_command("update_translations", "--room", "nowhere", stdout=StringIO())
