"""Every page of staff as each of them sees it: no link is shut to its reader, no word is a key or a machine's time."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
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
# A title that should name a place and names none.
UNFINISHED = re.compile(r"<title>[^<]*–\s*</title>")
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


@dataclass
class Walk:
    """What somebody sees: which pages were opened, where they lead and from which page, and what is wrong."""

    opened: set[str] = field(default_factory=set)
    leads: dict[str, str] = field(default_factory=dict)
    wrong: set[str] = field(default_factory=set)


def walked(client: Client, addresses: Iterable[str], seen: set[str], *, is_superuser: bool) -> Walk:
    """Open the pages, of a superuser's only those that nobody has `seen`; the words are read of the first time."""
    walk = Walk()
    for address in addresses:
        walk.opened.add(address)
        if is_superuser and address in seen:
            continue  # others have seen it, with their own links
        page = client.get(address)
        if page.status_code >= 400 and page.status_code != 405:  # a page that takes only forms
            walk.wrong.add(f"{address} is {page.status_code}")
        if page.status_code == 200 and "html" in page.headers["Content-Type"]:
            markup = page.content.decode()
            walk.leads |= dict.fromkeys(links_on(markup, address), address)
            if address not in seen:
                shown = words(ON_PURPOSE.sub("", markup))
                walk.wrong |= {f"{address}: {text}" for text in OF_MACHINES.findall(shown) + UNFINISHED.findall(markup)}
        seen.add(address)
    return walk


def test_every_link_opens_to_whom_it_is_shown_and_no_word_is_a_machines(
    rows: Rows, staff: list[Somebody], monkeypatch: pytest.MonkeyPatch
) -> None:
    for paper in asked.PAPERS:
        monkeypatch.setattr(paper, lambda *args, **kwargs: b"")
    admin_rows = {model: asked._row(model, rows) for model in admin.site._registry}
    seen: set[str] = set()
    clients, walks = {}, {}
    for one in staff:
        clients[str(one)] = client = log_in(Client(), one.user)
        client.cookies["crs_language"] = "cs"
        addresses = pages_of(one, rows, admin_rows)
        walks[str(one)] = walked(client, addresses, seen, is_superuser=one.is_superuser)
    further = [
        (name, to, address)
        for name, walk in walks.items()
        for to, address in walk.leads.items()
        if to not in walk.opened
    ]
    assert len(further) > 200
    wrong = [f"{name}: {fault}" for name, walk in walks.items() for fault in walk.wrong]
    # From here on only whether a link opens is asked: drawing what is behind it would take minutes.
    monkeypatch.setattr("django.template.backends.django.Template.render", lambda *args, **kwargs: "")
    for name, to, address in further:
        if (got := clients[name].get(to).status_code) in SHUT:
            wrong.append(f"{name}: {address} leads to {to}, which is {got}")
    assert wrong == []


def test_every_operation_has_a_name_for_the_histories() -> None:
    operations = [operation for room in history.Operation.__subclasses__() for operation in room]
    assert len(operations) > 100
    assert not [one for one in operations if not history.name_of_operation({"operation": one.value})]
