"""The administration of vaccines: everybody of staff looks, the ministry edits."""

import re

import pytest
from django.test import Client
from django.urls import reverse

from logistics.models import Batch, Role, Vaccine
from tests.factories import LAST_DAY, make_site, make_staff
from tests.pages import log_in

pytestmark = pytest.mark.django_db


def page(name: str, *arguments: object) -> str:
    return reverse(f"admin:logistics_vaccine_{name}", args=arguments)


def test_only_the_ministry_edits_vaccines_and_others_look(client: Client) -> None:
    log_in(client, make_staff(Role.MANAGER, site=make_site()))
    shown = client.get(page("change", "comirnaty"))
    assert shown.status_code == 200
    assert b'name="_save"' not in shown.content
    assert client.post(page("change", "comirnaty"), {"name": "x"}).status_code == 403
    for address in (page("add"), page("delete", "janssen")):
        assert client.get(address).status_code == 403, address
    log_in(client, make_staff(Role.MINISTRY))
    assert b'name="_save"' in client.get(page("change", "comirnaty")).content


def test_a_vaccine_shows_its_dated_intervals(admin_client: Client) -> None:
    shown = admin_client.get(page("change", "comirnaty"))
    assert shown.content.decode().count('name="intervals-') > 4
    assert Vaccine.objects.get(pk="comirnaty").intervals.count() == 4


def test_each_row_of_a_table_has_the_cells_of_its_head(client: Client) -> None:
    for one in (make_staff(Role.MANAGER, site=make_site()), make_staff(Role.MINISTRY)):
        log_in(client, one)
        shown = client.get(page("change", "comirnaty")).content.decode()
        tables = re.findall(r"data-inline-type=\"tabular\".*?<table>(.*?)</table>", shown, re.DOTALL)
        assert len(tables) == 4
        for table in tables:
            head, *rows = (row for row in table.split("<tr")[1:])
            cells = {row.count("<td") for row in rows}
            assert cells == {head.count("<th ") + head.count("<th>")}, one


def test_a_batch_is_found_as_its_number_is_typed_elsewhere(admin_client: Client) -> None:
    batch = Batch.objects.create(vaccine_id="comirnaty", number="EJ-6797/1", expires_on=LAST_DAY)
    for typed in ("ej–6797", "6797⁄1", "EJ-\u200b67 97"):
        answer = admin_client.get(reverse("admin:logistics_batch_changelist"), {"q": typed})
        assert list(answer.context["cl"].result_list) == [batch], typed
