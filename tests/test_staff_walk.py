"""Every page of staff as each of them sees it: no link is shut to its reader, no word is a key or a machine's time."""

import re
from collections.abc import Iterator
from html import unescape
from typing import Any
from urllib.parse import urljoin, urlsplit

import pytest
from django.contrib import admin
from django.test import Client
from django.urls import reverse

from crs import history
from tests import test_permissions as asked
from tests.pages import log_in, words
from tests.test_permissions import PAGES, SCREENS, Rows, Somebody

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]

# Fixtures are found by the names of this module.
rows, staff = asked.rows, asked.staff
LINK = re.compile(r"<a\s[^>]*?href=\"([^\"]*)\"", re.DOTALL)
# An address may stand on a page, such as on one that is printed.
OF_MACHINES = re.compile(r".{0,40}(?:(?<!/)\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}|\d{4}-\d\d-\d\d[ T]\d\d:\d\d).{0,20}")
# What names a site to other systems, and a reservation in the sample of an audit, which has no names: both on purpose.
ON_PURPOSE = re.compile(r"<div class=\"readonly\">[0-9a-f-]{36}</div>|<p class=\"aud-key\">[^<]*</p>")
# They answer with a picture or a file that these rows have not.
WITHOUT_A_FILE = {"support:preview"}
SHUT = (403, 404, 405, 500)


def pages_of(one: Somebody, rows: Rows, admin_rows: dict[Any, Any]) -> Iterator[str]:
    """The addresses of all pages and screens that somebody may see."""
    for name, page in PAGES.items():
        if name not in WITHOUT_A_FILE:
            yield from (to for to, place in asked._addresses(name, page, rows) if asked.may(one, page.act, place))
    for model, row in admin_rows.items():
        name = f"{model._meta.app_label}_{model._meta.model_name}"
        screen = SCREENS[name]
        for kind, act, place in (
            ("changelist", screen.see, ""),
            ("change", screen.see, screen.place),
            ("history", screen.see, screen.place),
            ("add", screen.add, ""),
            ("delete", screen.delete, screen.place),
        ):
            if asked.may(one, act, place):
                yield reverse(f"admin:{name}_{kind}", args=[] if kind in ("changelist", "add") else [row.pk])


def links_on(markup: str, address: str) -> Iterator[str]:
    """The addresses of CRS to which the page leads."""
    for href in LINK.findall(markup):
        parts = urlsplit(urljoin(address, unescape(href)))
        if parts.scheme == parts.netloc == "" and not href.startswith("#") and not parts.path.startswith("/static/"):
            yield parts.path


def test_every_link_opens_to_whom_it_is_shown_and_no_word_is_a_machines(
    rows: Rows, staff: list[Somebody], monkeypatch: pytest.MonkeyPatch
) -> None:
    for paper in asked.PAPERS:
        monkeypatch.setattr(paper, lambda *args, **kwargs: b"")
    admin_rows = {model: asked._row(model, rows) for model in admin.site._registry}
    wrong: set[str] = set()
    seen: set[str] = set()
    shown: dict[str, dict[str, str]] = {}
    for one in staff:
        client = log_in(Client(), one.user)
        opened: set[str] = set()
        leads: dict[str, str] = {}
        client.cookies["crs_language"] = "cs"
        for address in pages_of(one, rows, admin_rows):
            if one.is_superuser and address in seen:
                opened.add(address)
                continue  # others have seen it, with their own links
            page = client.get(address)
            opened.add(address)
            if page.status_code == 405:
                continue  # it takes only forms
            if page.status_code >= 400:
                wrong.add(f"{one}: {address} is {page.status_code}")
            if page.status_code == 200 and "html" in page.headers["Content-Type"]:
                markup = page.content.decode()
                leads |= {to: address for to in links_on(markup, address)}
                if address not in seen:
                    wrong |= {f"{address}: {text}" for text in OF_MACHINES.findall(words(ON_PURPOSE.sub("", markup)))}
            seen.add(address)
        shown[str(one)] = {to: address for to, address in leads.items() if to not in opened}
    assert sum(map(len, shown.values())) > 200
    # From here on only whether a link opens is asked: drawing what is behind it would take minutes.
    monkeypatch.setattr("django.template.backends.django.Template.render", lambda *args, **kwargs: "")
    for one in staff:
        client = log_in(Client(), one.user)
        for to, address in shown[str(one)].items():
            if (got := client.get(to).status_code) in SHUT:
                wrong.add(f"{one}: {address} leads to {to}, which is {got}")
    assert wrong == set()


def test_every_operation_has_a_name_for_the_histories() -> None:
    operations = [operation for room in history.Operation.__subclasses__() for operation in room]
    assert len(operations) > 100
    assert not [one for one in operations if not history.name_of_operation({"operation": one.value})]
