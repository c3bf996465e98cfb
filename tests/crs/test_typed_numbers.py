"""Numbers as people type them are read rightly or refused, wherever one is typed."""

import argparse
import re
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django import forms
from django.conf import settings
from django.contrib import admin
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.core.management import get_commands, load_command_class
from django.db import models
from django.test import RequestFactory
from django.urls import get_resolver
from hypothesis import given
from hypothesis import strategies as st

from crs.commands import at_least_one
from crs.paging import Paginator
from crs.typed_numbers import DecimalField, IntegerField, WholeNumberField, decimal_number, whole_number
from logistics.open_data import reader

WHOLE = [
    ("12", 12),
    ("0012", 12),
    (" 1 000 ", 1000),
    ("1\u00a0000", 1000),
    ("1\u2009000", 1000),
    ("1\u202f000\u202f000", 1_000_000),
    ("１２\u200b", 12),
]
# What a program would read as another number than a person means, and what is no number at all.
REFUSED = [
    *("1.000", "1,000", "1,5", "1.5", "1.0", "1_000", "1e3", "1E3", "+5", "²", "1²", "½", "①", "Ⅳ", "0x10", "1 00"),
    *("10 00", "1'000", "1-5", "1/2", "5 lidí", "NaN", "inf", "--5", "9" * 5000),
]


@pytest.mark.parametrize(("text", "number"), WHOLE)
def test_a_whole_number_is_read_as_people_group_it(text: str, number: int) -> None:
    assert whole_number(text) == IntegerField().clean(text) == at_least_one(text) == reader.whole_number(text) == number
    assert WholeNumberField(lowest=1, highest=1_000_000).clean(text) == number


@pytest.mark.parametrize("text", REFUSED)
def test_what_is_no_whole_number_beyond_doubt_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="number"):
        whole_number(text)
    with pytest.raises(ValidationError):
        IntegerField().clean(text)
    with pytest.raises(ValidationError):
        WholeNumberField(lowest=-1000, highest=10**9).clean(text)
    with pytest.raises(argparse.ArgumentTypeError):
        at_least_one(text)
    with pytest.raises(reader.BadValue):
        reader.whole_number(text)


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("0,5", Decimal("0.5")),
        ("0.25", Decimal("0.25")),
        ("−70", Decimal(-70)),
        ("-0,5", Decimal("-0.5")),
        ("1 000,5", Decimal("1000.5")),
        ("1,000", Decimal(1)),
        ("1.000", Decimal(1)),
        ("５０，５", None),
        *((text, None) for text in ("1.000,5", "1,000.5", ",5", "5,", "1_0", "1e3", "+5", "NaN", "²", "0,5 ml")),
    ],
)
def test_a_decimal_number_has_a_comma_or_a_point(text: str, number: Decimal | None) -> None:
    if number is None:
        with pytest.raises(ValueError, match="number"):
            decimal_number(text)
        with pytest.raises(ValidationError):
            DecimalField().clean(text)
    else:
        assert decimal_number(text) == DecimalField().clean(text) == number


@pytest.mark.parametrize("text", ["−70", "-70", "‑70", "–70"])
def test_a_temperature_may_have_any_minus(text: str) -> None:
    assert IntegerField().clean(text) == -70
    with pytest.raises(ValidationError):
        IntegerField(min_value=0).clean(text)


@pytest.mark.parametrize("field", [IntegerField(required=False), DecimalField(required=False)])
def test_spaces_alone_are_no_number(field: IntegerField | DecimalField) -> None:
    assert field.clean(" \u200b ") is None
    assert not field.has_changed(None, " ")


@given(st.text(max_size=30))
def test_whatever_is_read_is_what_its_digits_say(text: str) -> None:
    try:
        number = whole_number(text)
    except ValueError:
        return
    assert IntegerField().clean(f"{number}") == number


@given(st.integers(-(10**12), 10**12))
def test_a_number_that_is_written_with_spaces_reads_back(number: int) -> None:
    assert whole_number(f"{number:,}".replace(",", "\u00a0")) == number


def _screens() -> Iterator[tuple[str, Any]]:
    for model, screen in admin.site._registry.items():
        yield model.__name__, screen
        for inline in screen.inlines:
            yield f"{model.__name__}, {inline.__name__}", inline(model, admin.site)


@pytest.mark.parametrize(("name", "screen"), list(_screens()))
def test_every_screen_of_the_admin_reads_its_numbers_so(name: str, screen: Any) -> None:
    request = RequestFactory().get("/")
    request.user = User(is_superuser=True, is_staff=True, is_active=True)
    numbers = [
        field
        for field in screen.model._meta.fields
        if isinstance(field, (models.IntegerField, models.DecimalField, models.FloatField)) and not field.choices
    ]
    for field in numbers:
        shown = screen.formfield_for_dbfield(field, request)
        assert shown is None or isinstance(shown, (IntegerField, DecimalField)), field
        if shown is not None:
            with pytest.raises(ValidationError):
                shown.clean("1_0")


def test_no_form_has_a_field_of_numbers_of_django() -> None:
    source = {path: path.read_text() for room in _rooms() for path in room.rglob("*.py")}
    foreign = ("forms.IntegerField", "forms.DecimalField", "forms.FloatField")
    found = [path.name for path, text in source.items() if any(name in text for name in foreign)]
    assert found == ["typed_numbers.py"]


def test_a_form_of_a_model_has_none_either() -> None:
    """Those of the admin are asked above; a form of its own names such a field itself."""
    assert get_resolver().url_patterns  # which brings all views in, and so their forms
    found = [
        f"{form.__module__}.{form.__qualname__}.{name}"
        for form in _all(forms.BaseForm)
        for name, field in getattr(form, "base_fields", {}).items()
        if isinstance(field, forms.IntegerField) and not isinstance(field, (IntegerField, DecimalField))
    ]
    assert [one for one in found if not one.startswith(("django.", "tests."))] == []


def test_every_command_of_ours_reads_its_numbers_so() -> None:
    ours = {name for name, app in get_commands().items() if app.partition(".")[0] in {one.name for one in _rooms()}}
    assert len(ours) > 20
    for name in ours:
        parser = load_command_class(get_commands()[name], name).create_parser("manage.py", name)
        for action in _actions(parser):
            # --verbosity is Django's, one of four digits
            assert action.type not in (int, float) or action.choices, f"{name} {action.dest}"


def test_a_page_of_a_list_is_a_number_of_digits() -> None:
    pages = Paginator(range(100), 10)
    assert [pages.get_page(text).number for text in ("3", "1_0", "+5", "１", " 5", "²", "9" * 5000, None)] == [
        *(3, 1, 1, 1, 1, 1, 1, 1)
    ]
    source = {path: path.read_text() for room in _rooms() for path in room.rglob("*.py")}
    foreign = [path for path, text in source.items() if re.search(r"paginator import .*\bPaginator", text)]
    assert foreign == []


def _rooms() -> list[Path]:
    return [path.parent for path in Path(settings.BASE_DIR).glob("*/__init__.py") if path.parent.name != "tests"]


def _all(kind: type[Any]) -> Iterator[type[Any]]:
    for one in kind.__subclasses__():
        yield one
        yield from _all(one)


def _actions(parser: argparse.ArgumentParser) -> Iterator[argparse.Action]:
    for action in parser._actions:
        yield action
        if isinstance(action, argparse._SubParsersAction):
            for below in action.choices.values():
                yield from _actions(below)
