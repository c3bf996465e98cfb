"""Titles of the administration in Czech: each model in the case that its sentence needs."""

import pytest
from django.contrib import admin
from django.test import Client
from django.utils import translation

from crs import czech_cases
from crs.admin.screens import Screen
from crs.no_break import breakable
from tests.factories import make_registration, make_site
from tests.pages import text_of


@pytest.fixture(autouse=True)
def _czech() -> None:
    translation.activate("cs")


def test_every_screen_has_titles_in_cases_and_every_model_its_cases() -> None:
    for model, screen in admin.site._registry.items():
        models = [model, *(inline.model for inline in screen.inlines)]
        assert isinstance(screen, Screen), model
        for one in models:
            assert czech_cases.is_known(str(one._meta.verbose_name)), one._meta.verbose_name


@pytest.mark.parametrize(
    ("count", "said"),
    [(0, "rezervací"), (1, "rezervace"), (2, "rezervace"), (4, "rezervace"), (5, "rezervací"), (22, "rezervací")],
)
def test_a_number_has_its_case(count: int, said: str) -> None:
    assert czech_cases.counted(count, "rezervace", "rezervace") == said


def test_other_languages_have_no_cases_and_an_unknown_name_stays() -> None:
    assert czech_cases.whom("přívěs") == "přívěs"
    assert czech_cases.counted(8, "přívěs", "přívěsy") == "přívěsy"
    translation.activate("en")
    assert czech_cases.whom("osoba") == "osoba"
    assert czech_cases.counted(8, "osoba", "persons") == "persons"


@pytest.mark.django_db
def test_screens_speak_so(admin_client: Client) -> None:
    site, person = make_site(), make_registration().person
    for path, said in {
        "/admin/reservation/reservation/": ("Vyberte rezervaci k zobrazení", "0 rezervací"),
        "/admin/registration/person/": ("Vyberte osobu k zobrazení", "1 osoba"),
        f"/admin/registration/person/{person.pk}/change/": ("Zobrazit osobu",),
        "/admin/logistics/vaccine/": ("Vyberte vakcínu ke změně", "Přidat vakcínu"),
        "/admin/logistics/vaccine/add/": ("Přidat vakcínu", "› Přidat vakcínu"),
        f"/admin/logistics/vaccinationsite/{site.pk}/change/": ("Změnit očkovací místo",),
    }.items():
        page = breakable(text_of(admin_client.get(path)))
        for words in said:
            assert words in page, (path, words)
