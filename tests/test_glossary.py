"""docs/glossary.md says of each thing what the code and the screens call it."""

import re
from importlib import import_module
from typing import Any

from django.apps import apps
from django.conf import settings
from django.db.models import Choices, Model
from django.utils import translation

from crs.no_break import breakable

ROW = re.compile(
    r"^\| (?P<english>[^|]+) \| (?P<czech>[^|]+) \| `(?P<code>[\w.]+)` \| (?P<meaning>[^|]+) \|$", re.MULTILINE
)
NOT = re.compile(r"not: (?P<words>[\w ,]+)$")
ROWS = list(ROW.finditer((settings.BASE_DIR / "docs" / "glossary.md").read_text()))


def found(path: str) -> Any:
    """The module, model or member of choices that stands under `path`."""
    names = path.split(".")
    for length in range(len(names), 0, -1):
        try:
            thing: Any = import_module(".".join(names[:length]))
        except ModuleNotFoundError:
            continue
        for name in names[length:]:
            thing = getattr(thing, name)
        return thing
    raise LookupError(path)


def names_on_screens(thing: Any) -> list[str] | None:
    """English and Czech; None of what has no name of its own on a screen."""
    if not isinstance(thing, Choices) and not (isinstance(thing, type) and issubclass(thing, Model)):
        return None
    said = []
    for language in ("en", "cs"):
        with translation.override(language):
            said.append(str(thing.label if isinstance(thing, Choices) else thing._meta.verbose_name))
    return said


def test_each_row_says_what_the_screens_say() -> None:
    for row in ROWS:
        said = names_on_screens(found(row["code"]))
        assert said is None or [breakable(one) for one in said] == [row["english"], row["czech"]], row["code"]


def test_no_word_stands_for_two_things() -> None:
    words = [row["english"] for row in ROWS]
    assert sorted(set(words)) == sorted(words)


def test_every_model_has_its_row() -> None:
    listed = {found(row["code"]) for row in ROWS}
    ours = {
        model
        for model in apps.get_models()
        if model.__module__.split(".")[0] in {"crs", "registration", "reservation", "vaccination", "logistics"}
        and not hasattr(model, "pgh_tracked_model")
    }
    assert len(ours) > 30
    assert ours - listed == set()


def test_a_word_that_the_glossary_refuses_stands_nowhere_in_its_room() -> None:
    refused = [(row["code"].split(".")[0], found["words"]) for row in ROWS if (found := NOT.search(row["meaning"]))]
    assert len(refused) >= 3
    wrong = []
    for room, words in refused:
        pattern = re.compile("|".join(rf"\b{word}" for word in words.split(", ")), re.IGNORECASE)
        for folder in (room, f"templates/{room}"):
            for path in (settings.BASE_DIR / folder).rglob("*"):
                if path.suffix in {".py", ".html", ".txt", ".css", ".sql"}:
                    wrong += [f"{path}: {found}" for found in pattern.findall(path.read_text())]
    assert wrong == []
