"""What the desk promises: nothing personal in a title, an address, a file's name or a log; no page fails."""

import logging

import pytest
from django.test import Client
from django.urls import reverse

from tests.test_permissions import PAGES, Rows, rows
from tests.vaccination.test_promises import people, personal_in, staff, told_outside

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]

__all__ = ["people", "rows", "staff"]


def test_no_title_address_file_or_log_says_who_somebody_is(
    people: Rows, staff: Client, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    wrong, shown = [], 0
    for name, page in PAGES.items():
        if not name.startswith("certificates:"):
            continue
        address = reverse(name, args=page.arguments(people))
        for method, got in (("GET", staff.get(address)), ("POST", staff.post(address, {}))):
            if got.status_code not in (200, 302, 405):
                wrong.append(f"{method} {name}: {got.status_code}")
            if found := personal_in(f"{address} {told_outside(got)}"):
                wrong.append(f"{method} {name}: {found}")
            is_page = got.headers.get("Content-Type", "").startswith("text/html")
            shown += is_page and bool(personal_in(got.content.decode()))
    assert wrong == []
    assert shown >= 5, "the pages themselves do show who it is"
    told = [record.getMessage() for record in caplog.records if record.name != "django.db.backends"]
    assert [one for one in told if personal_in(one)] == []
