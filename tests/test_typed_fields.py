"""Every text field of every form, of all rooms and of the admin, cleans what is typed and is never cut by a browser."""

import importlib
import pkgutil
import re
import unicodedata
from collections.abc import Iterator
from pathlib import Path

import pytest
from django import forms
from django.contrib import admin
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.forms.forms import BaseForm
from django.test import RequestFactory

from certificates.checking.forms import CodeField
from crs.typed import ScanField, TypedField
from logistics.staff.admin_screens import StaffAdmin

ROOMS = ("crs", "logistics", "registration", "reservation", "vaccination", "certificates", "support")
# A scanner's control signs part its code, and in the text of a certificate spaces are letters; both are cleaned where
# they are read. Of a password every sign counts.
AS_IT_IS = (ScanField, CodeField)
TYPED = ("text", "email", "tel", "url", "search", "password")
DJANGOS = re.compile(r"(?:forms|fields)\.(?:Char|Email|Slug|URL|Regex)Field\((?:[^()]|\([^()]*\))*\)")
# Of these each field takes one at least.
TEXTS = (
    *("Šárka Nováková", "sarka-novakova", "jana@seznam.cz", "https://example.org/ockovani", "FE1234", "50.0625"),
    *("31. 1. 2021", "9:05", "31. 1. 2021 9:15", "5 dní"),
    *("1" * length for length in range(1, 15)),
)


def _subclasses(of: type[BaseForm]) -> Iterator[type[BaseForm]]:
    for one in of.__subclasses__():
        yield one
        yield from _subclasses(one)


def _forms() -> Iterator[tuple[str, type[BaseForm]]]:
    for room in ROOMS:
        for module in pkgutil.walk_packages(importlib.import_module(room).__path__, f"{room}."):
            if module.name.rpartition(".")[2].endswith(("forms", "fields", "form", "admin", "choice", "sites")):
                importlib.import_module(module.name)
    for form in _subclasses(BaseForm):
        if form.__module__.partition(".")[0] in ROOMS:
            yield f"{form.__module__}.{form.__qualname__}", form


def _admin_forms() -> Iterator[tuple[str, type[BaseForm]]]:
    request = RequestFactory().get("/")
    request.user = User.objects.create_superuser("tester")
    for model, screen in admin.site._registry.items():
        if isinstance(screen, StaffAdmin) and (screen.add or screen.change):
            yield f"admin of {model.__name__}", screen.get_form(request)
            for inline in screen.inlines:
                formset = inline(model, admin.site).get_formset(request)
                yield f"inline {inline.__name__}", formset.form
        else:
            assert not screen.has_add_permission(request), screen


def _text_fields(found: Iterator[tuple[str, type[BaseForm]]]) -> list[tuple[str, forms.Field]]:
    return [
        (f"{name}.{field_name}", field)
        for name, form in found
        for field_name, field in getattr(form, "base_fields", {}).items()
        if isinstance(field.widget, forms.Textarea) or getattr(field.widget, "input_type", "") in TYPED
    ]


def _dirty(text: str) -> str:
    """The text as a telephone or another program pastes it."""
    pasted = unicodedata.normalize("NFD", text).replace(" ", "\u00a0")
    return f"\u202d{pasted[0]}\u200b\u034f{pasted[1:]}\u2060\ufe0f\u202c\u3164"


def _cleaned(field: forms.Field, text: str) -> object:
    try:
        return field.clean(text)
    except ValidationError:
        return None


def _faults(fields: list[tuple[str, forms.Field]]) -> list[str]:
    faults = []
    for name, field in fields:
        if "maxlength" in field.widget.attrs:
            faults.append(f"{name} is cut by browsers")
        if isinstance(field, AS_IT_IS) or isinstance(field.widget, forms.PasswordInput):
            continue
        taken = {text: read for text in TEXTS if (read := _cleaned(field, text)) not in field.empty_values}
        other = [text for text, read in taken.items() if _cleaned(field, _dirty(text)) != read]
        if other or not taken:
            faults.append(f"{name} does not clean {other or 'anything that was tried'}")
    return faults


def test_every_text_field_of_every_form_cleans_what_is_typed() -> None:
    fields = _text_fields(_forms())
    assert len(fields) > 300
    assert "\n".join(_faults(fields)) == ""


@pytest.mark.django_db
def test_every_text_field_of_the_admin_cleans_what_is_typed() -> None:
    fields = _text_fields(_admin_forms())
    assert len(fields) > 30
    assert "\n".join(_faults(fields)) == ""


@pytest.mark.parametrize("room", ROOMS)
def test_no_form_makes_a_text_field_of_django_s_own_for_what_is_typed(room: str) -> None:
    """Those made while a form is made stand in no class, so the source is read."""
    ours = "crs/typed.py"
    calls = [
        (path, call)
        for path in sorted(Path(room).rglob("*.py"))
        for call in DJANGOS.findall(path.read_text())
        if str(path) != ours and not any(widget in call for widget in ("HiddenInput", "forms.Select"))
    ]
    assert calls == []


def test_no_template_lets_a_browser_cut_what_is_typed() -> None:
    assert [path for path in sorted(Path("templates").rglob("*.html")) if "maxlength" in path.read_text()] == []


def test_a_field_of_django_would_be_found() -> None:
    form = type("Careless", (forms.Form,), {"name": forms.CharField(max_length=80), "note": TypedField(max_length=80)})
    assert _faults(_text_fields(iter([("Careless", form)]))) == [
        "Careless.name is cut by browsers",
        f"Careless.name does not clean {list(TEXTS)}",
    ]
