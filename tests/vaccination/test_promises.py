"""What the whole room promises: nothing personal in a title, an address or a log; no page fails; nothing is deleted."""

import ast
import logging
import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote

import pypdfium2
import pytest
from django.apps import apps
from django.conf import settings
from django.contrib.auth.models import User
from django.db import models
from django.test import Client
from django.urls import reverse

from registration.models import Person, Registration
from tests.pages import Page, browser, log_in
from tests.test_permissions import PAGES, Rows, rows
from vaccination.visits import known_people

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]

__all__ = ["rows"]  # the fixture: one row of each kind at a site

FIRST, LAST, LATIN, DOCUMENT = "Xaverie", "Kvítkovská", "KVITKOVSKA", "ZX987654"
PHONE, EMAIL, NUMBER = "+420777123987", "xaverie@example.cz", "7757123987"
# Parts too, as somebody may type or shorten them.
PERSONAL = ("xaver", "kvítkov", "kvitkov", "zx987654", "777123987", "7757123987")
# Tables of products: what they hold is changed by the ministry, and is about nobody.
CATALOGUE = {"Questionnaire", "Question", "AnswerEffect", "ObservationTime"}


@pytest.fixture
def people(rows: Rows) -> Rows:
    """All people of the site bear one name that stands nowhere else, and so do their numbers."""
    Person.objects.update(
        first_name=FIRST, last_name=LAST, latin_first_name=FIRST.upper(), latin_last_name=LATIN, city="Kvítkovice"
    )
    first = Registration.objects.order_by("pk")[0]
    Registration.objects.filter(pk=first.pk).update(phone=PHONE, email=EMAIL)
    Person.objects.filter(pk=first.person_id).update(insured_number=NUMBER)
    return rows


@pytest.fixture
def staff(people: Rows) -> Client:
    """A browser of somebody who may do everything and found the people by their numbers."""
    client = log_in(browser(), User.objects.create_superuser("root"))
    session = client.session
    session[known_people.SESSION_KEY] = list(Registration.objects.values_list("pk", flat=True))
    session.save()
    return client


def addresses(people: Rows) -> Iterator[tuple[str, str]]:
    """The pages of staff of this room, by name."""
    for name, page in PAGES.items():
        if name.startswith("vaccination:"):
            yield name, reverse(name, args=page.arguments(people))


def told_outside(page: Page) -> str:
    """What a browser keeps or a printer shows of the page: its title, where it leads, the name of its file."""
    said = [unquote(page.headers.get(name, "")) for name in ("Location", "Content-Disposition", "Refresh", "Link")]
    if page.headers.get("Content-Type", "").startswith("application/pdf"):
        with pypdfium2.PdfDocument(page.content) as document:
            said += document.get_metadata_dict().values()
    elif page.content:
        said += re.findall(r"<title>(.*?)</title>", page.content.decode(), re.DOTALL)
        # Addresses to which the page leads.
        said += [unquote(one) for one in re.findall(r'(?:href|action|src)="([^"]*)"', page.content.decode())]
    return " ".join(said)


def personal_in(text: str) -> set[str]:
    spaceless = re.sub(r"[\s/]", "", text.casefold())
    return {one for one in PERSONAL if one in spaceless}


def test_no_title_address_or_log_says_who_somebody_is(
    people: Rows, staff: Client, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    wrong, shown = [], 0
    for name, address in addresses(people):
        page = staff.get(address)
        if page.status_code not in (200, 302, 405):
            wrong.append(f"{name}: {page.status_code}")
        if page.status_code == 405 and page.headers["Allow"] != "POST":
            wrong.append(f"{name} takes {page.headers['Allow']}")
        found = personal_in(f"{address} {told_outside(page)}")
        if found:
            wrong.append(f"{name}: {found}")
        shown += bool(personal_in(page.content.decode(errors="ignore")))
    searches = [
        ("search", {"hledat": LAST}),
        ("search", {"hledat": "xaverie kvitkovska"}),
        ("search", {"hledat": "775712/3987"}),
        ("search", {"hledat": f"{LAST} {NUMBER}"}),
        ("walk_in", {"hledat": "775712/3987"}),
        ("walk_in", {"number": "775712/3987"}),
        ("walk_in", {"document_type": "PASSPORT", "document_country": "UA", "document_number": DOCUMENT}),
        ("register_walk_in", {"podle": "doklad", "document_number": DOCUMENT, "last_name": LAST}),
    ]
    for name, typed in searches:
        page = staff.post(reverse(f"vaccination:{name}", args=[people.site.pk]), typed)
        assert page.status_code in (200, 302)
        if found := personal_in(told_outside(page)):
            wrong.append(f"{name} {typed}: {found}")
    assert wrong == []
    assert shown > 10, "the pages themselves do show who it is"
    # A page that is not there stands in the log, so the test does hear it.
    staff.get(f"{reverse('vaccination:day', args=[people.site.pk])}{LAST.casefold()[:2]}/")
    assert any(record.levelno >= logging.WARNING for record in caplog.records)
    told = [record.getMessage() for record in caplog.records if record.name != "django.db.backends"]
    assert [one for one in told if personal_in(one)] == []


def test_an_empty_form_is_answered_by_a_page(people: Rows, staff: Client) -> None:
    wrong = []
    for name, address in addresses(people):
        page = staff.post(address, {})
        if page.status_code not in (200, 302, 405):
            wrong.append(f"{name}: {page.status_code}")
        if page.status_code == 405 and "GET" not in page.headers["Allow"]:
            wrong.append(f"{name} takes {page.headers['Allow']}")
    assert wrong == []


def test_no_code_of_the_room_deletes_and_no_record_goes_with_another_row() -> None:
    folder = Path(settings.BASE_DIR) / "vaccination"
    deleting = [
        f"{path.relative_to(folder)}:{node.lineno}"
        for path in folder.rglob("*.py")
        if "migrations" not in path.parts
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Attribute) and node.attr in {"delete", "_raw_delete"}
    ]
    deleting += [str(path) for path in folder.rglob("*.sql") if re.search(r"\b(DELETE|TRUNCATE)\b", path.read_text())]
    assert deleting == []
    followed = [
        f"{model.__name__}.{field.name}"
        for model in apps.get_app_config("vaccination").get_models()
        if not hasattr(model, "pgh_tracked_model") and model.__name__ not in CATALOGUE
        for field in model._meta.get_fields()
        if isinstance(field, models.ForeignKey) and field.remote_field.on_delete is not models.PROTECT
    ]
    assert followed == []
