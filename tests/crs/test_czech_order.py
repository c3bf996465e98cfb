"""Words stand where a Czech reader looks for them, in whatever list, sorted by Python or by the database."""

import re
import subprocess
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings
from django.db import connection
from django.test import Client

from crs.czech_order import czech_order
from logistics.models import Role, VaccinationSite
from reservation.free_seats import availability
from tests.factories import NOW, make_site, make_staff
from tests.pages import log_in

IN_ORDER = [
    *("1. lékařská fakulta", "2. poliklinika", "10. poliklinika", "Cibulka", "Čapek", "Dvořák", "Hora", "Hůlka"),
    *("Chalupa", "Ibl", "Novák", "Nováková", "Praha", "Praha 2", "Praha 10", "Praha-východ", "Řezáč", "Šárka"),
    *("Všeobecná", "Výstaviště", "Žák"),
]
# What somebody might type; what matters is that both ways put it at one place.
ODD = [
    "",
    "a-b",
    "ab",
    "Đorđe",
    "ﬁ",
    "Київ",
    "їжак",
    "йод",
    "C\u030capek",
    "x 0",
    "x 00",
    "x1234567890123",
    "ß",
    "Ωmega",
]
# Fields with words that people read, by name; codes and numbers are not among them.
WORDS = "name|title|title_cs|name_cs|last_name|first_name|username|city|street|from_name|requester_name"


def test_letters_with_a_hook_and_ch_have_their_own_place_and_numbers_count() -> None:
    assert sorted(sorted(IN_ORDER), key=czech_order) == IN_ORDER


def test_a_letter_in_two_signs_stands_where_the_composed_one_does() -> None:
    assert czech_order("C\u030capek") == czech_order("čapek")


@pytest.mark.django_db
def test_the_database_sorts_as_python_does() -> None:
    words = [*reversed(IN_ORDER), *ODD]
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT czech_order(word) FROM unnest(%s::text[]) WITH ORDINALITY t (word, n) ORDER BY n", [words]
        )
        assert [key for (key,) in cursor.fetchall()] == [czech_order(word) for word in words]


@pytest.mark.django_db
def test_sites_stand_in_czech_order_in_lists_of_people_and_of_the_administration() -> None:
    for name in ("Výstaviště", "Všeobecná", "Praha 10", "Praha 2", "Chalupa", "Hala"):
        make_site(name)
    ordered = ["Hala", "Chalupa", "Praha 2", "Praha 10", "Všeobecná", "Výstaviště"]
    assert [site.name for site in VaccinationSite.objects.all()] == ordered
    assert [offer.site.name for offer in availability.sites(now=NOW)] == ordered
    client = log_in(Client(), make_staff(Role.MINISTRY))
    for order, expected in (("0", ordered), ("-0", ordered[::-1])):
        page = client.get("/admin/logistics/vaccinationsite/", {"o": order})
        assert [site.name for site in page.context["cl"].result_list] == expected


def test_no_model_sorts_its_words_by_the_codes_of_their_letters() -> None:
    rooms = [app for app in apps.get_app_configs() if Path(app.path).is_relative_to(settings.BASE_DIR)]
    plain = [
        f"{model.__name__}: {order}"
        for app in rooms
        if ".venv" not in app.path
        for model in app.get_models()
        for order in model._meta.ordering or ()
        if re.fullmatch(rf"-?(\w+__)?({WORDS})", str(order))
    ]
    assert plain == []


def test_no_list_sorts_words_by_the_codes_of_their_letters() -> None:
    listed = ["git", "ls-files", "*.py", "*.sql", ":!tests", ":!*/migrations/*", ":!logistics/open_data/export.py"]
    files = subprocess.run(listed, cwd=settings.BASE_DIR, capture_output=True, text=True, check=True).stdout.split()
    in_database = re.compile(rf'order_by\([^)]*"-?(\w+__)?({WORDS})"|ORDER BY (\w+\.)?({WORDS})\b')
    # The words of a key of `sorted`, up to the end of its brackets.
    in_python = re.compile(rf"key=lambda \w+: (?:(?!czech_order|order_of_name)[^()]|\([^()]*\)|\()*?\.({WORDS})\b")
    plain = [
        f"{name}: {found[0]}"
        for name in files
        for text in [re.sub(r"\s+", " ", (settings.BASE_DIR / name).read_text())]
        for found in (*in_database.finditer(text), *in_python.finditer(text))
    ]
    assert plain == []
