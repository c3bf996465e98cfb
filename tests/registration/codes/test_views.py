"""The ministry's pages about codes."""

import csv
import io
from uuid import uuid4

import pytest
from django.test import Client
from time_machine import Traveller

from logistics.models import Role
from registration.codes import written
from registration.models import CodeBatch, RegistrationCode
from tests.factories import NOW, make_codes, make_staff
from tests.pages import browser, log_in, text_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]

LIST, NEW = "/personal/kody/", "/personal/kody/nova/"
TYPED = {
    "group": "carers",
    "issued_to": "Domov Slunce, Tábor",
    "kind": "PERSONAL",
    "people": "3",
    "valid_until": "31. 3. 2027",
}


@pytest.fixture
def ministry() -> Client:
    client = browser()
    log_in(client, make_staff(Role.MINISTRY))
    return client


def issued(client: Client, **changed: str) -> CodeBatch:
    form = {**TYPED, **changed, "form_key": str(uuid4())}
    for _click in range(2):
        page = client.post(NEW, form)
        assert page.status_code == 302, text_of(page)
    return CodeBatch.objects.get()


def rows_of(page: object) -> list[list[str]]:
    text = page.content.decode("utf-8-sig")  # type: ignore[attr-defined]
    return list(csv.reader(io.StringIO(text), delimiter=";"))


def test_a_batch_is_issued_once_and_its_codes_are_saved_as_often_as_the_quarter_of_an_hour_lasts(
    ministry: Client, clock: Traveller
) -> None:
    batch = issued(ministry)
    page = f"{LIST}{batch.pk}/"
    shown = text_of(ministry.get(page))
    assert "Save them now" in shown
    files = [ministry.post(f"{page}soubor/") for _click in range(2)]
    assert files[0].content == files[1].content
    assert files[0].content.startswith(b"\xef\xbb\xbf")  # a Czech Excel
    assert "no-store" in files[0]["Cache-Control"]
    rows = rows_of(files[0])
    assert rows[0] == ["Given to", "Domov Slunce, Tábor"]
    assert rows[3][1] in shown  # the key
    codes = [row[0] for row in rows[rows.index([]) + 2 :]]
    assert len({written.read_code(code) for code in codes}) == 3
    assert not any(code in shown for code in codes)
    clock.move_to(NOW.replace(minute=16))
    assert "they cannot be shown again" in text_of(ministry.get(page))
    assert ministry.post(f"{page}soubor/").status_code == 302


def test_a_counted_code_is_one_code_for_many(ministry: Client) -> None:
    batch = issued(ministry, kind="COUNTED", people="400", valid_until="")
    assert batch.codes.get().allowed == 400
    assert rows_of(ministry.post(f"{LIST}{batch.pk}/soubor/"))[-1][1] == "400"


def test_of_two_batches_in_a_row_both_can_be_saved(ministry: Client) -> None:
    first = issued(ministry)
    ministry.post(NEW, {**TYPED, "issued_to": "Domov Slunce II", "form_key": str(uuid4())})
    for batch in CodeBatch.objects.all():
        assert ministry.post(f"{LIST}{batch.pk}/soubor/").status_code == 200
    assert CodeBatch.objects.exclude(pk=first.pk).get().issued_to == "Domov Slunce II"


def test_a_colleague_sees_the_batch_and_never_the_codes(ministry: Client) -> None:
    batch = issued(ministry)
    colleague = browser()
    log_in(colleague, make_staff(Role.MINISTRY))
    assert "Save them now" not in text_of(colleague.get(f"{LIST}{batch.pk}/"))
    assert colleague.post(f"{LIST}{batch.pk}/soubor/").status_code == 302


@pytest.mark.parametrize(
    ("field", "typed", "words"),
    [
        ("group", "health-workers", "Select a valid choice"),
        ("issued_to", " \u200b ", "Write to whom the codes are given"),
        ("people", "0", "from 1 to 2000"),
        ("people", "2001", "from 1 to 2000"),
        ("people", "pět", "from 1 to 2000"),
        ("valid_until", "10. 1. 2027", "has passed already"),
        ("valid_until", "31. 2. 2027", "no such day in the calendar"),
    ],
)
def test_a_form_that_cannot_be_taken_says_why_and_keeps_what_was_typed(
    ministry: Client, field: str, typed: str, words: str
) -> None:
    page = ministry.post(NEW, {**TYPED, field: typed})
    assert page.status_code == 200
    assert words in text_of(page)
    assert 'value="31. 3. 2027"' in page.content.decode() or field == "valid_until"
    assert not CodeBatch.objects.exists()


def test_batches_are_filtered_by_address_and_searched_by_a_form(ministry: Client) -> None:
    make_codes(issued_to="Škola Brno", group="school-staff", valid_until=NOW.date().replace(day=10))
    make_codes(issued_to="Domov Tábor")
    assert "Škola Brno" in text_of(ministry.get(LIST))
    assert "Škola Brno" not in text_of(ministry.get(LIST, {"stav": "platne"}))
    assert "Domov Tábor" not in text_of(ministry.get(LIST, {"stav": "neplatne"}))
    assert "Domov Tábor" not in text_of(ministry.get(LIST, {"skupina": "school-staff"}))
    found = text_of(ministry.post(f"{LIST}hledani/", {"holder": "škola"}))
    assert "Škola Brno" in found
    assert "Domov Tábor" not in found
    assert "Try a shorter part" in text_of(ministry.post(f"{LIST}hledani/", {"holder": "xyz"}))
    assert ministry.get(f"{LIST}hledani/").status_code == 302


def test_a_batch_that_is_cancelled_at_once_offers_no_file(ministry: Client) -> None:
    batch = issued(ministry)
    page = f"{LIST}{batch.pk}/"
    ministry.post(f"{page}zruseni/", {"proofs": "KEEP", "reason": "omylem", "form_key": str(uuid4())})
    assert "Save them now" not in text_of(ministry.get(page))
    assert ministry.post(f"{page}soubor/").status_code == 302


def test_a_code_and_then_its_batch_are_cancelled_with_a_reason(ministry: Client) -> None:
    batch, _codes = make_codes(2)
    page, code = f"{LIST}{batch.pk}/", RegistrationCode.objects.all()[0]
    assert "Write why" in text_of(ministry.post(f"{page}{code.pk}/zruseni/", {"proofs": "KEEP"}))
    sent = {"proofs": "KEEP", "reason": "ztraceno", "form_key": str(uuid4())}
    for _click in range(2):
        assert ministry.post(f"{page}{code.pk}/zruseni/", sent).status_code == 302
    assert f"…{code.ending}, 11. 1. 2027" in text_of(ministry.get(page))
    whole = {"proofs": "TAKE_BACK", "reason": "zneužito", "form_key": str(uuid4())}
    ministry.post(f"{page}zruseni/", whole)
    assert "Reason: zneužito" in text_of(ministry.get(page))
    assert ministry.get(f"{page}zruseni/").status_code == 302
    assert "It was cancelled before" in text_of(ministry.post(f"{page}zruseni/", {**whole, "form_key": str(uuid4())}))
    assert ministry.get(f"{page}{make_codes()[0].codes.get().pk}/zruseni/").status_code == 404
