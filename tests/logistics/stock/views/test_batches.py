"""The pages of batches: the list, what a user sees of one, and its block, release and new expiry."""

import csv
from datetime import date
from io import StringIO
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from crs.messaging.models import Message
from logistics.models import Batch, Pack, Region, Role, Store
from logistics.stock import ledger
from logistics.stock.ledger import EntryLine
from tests.factories import context, make_batch, make_staff, make_store, make_vials, opened
from tests.pages import log_in

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]


@pytest.fixture
def batch() -> Batch:
    return make_batch()


@pytest.fixture
def brno() -> Store:
    return _store_with_the_batch("Výstaviště Brno", "CZ0642")


@pytest.fixture
def tabor() -> Store:
    return _store_with_the_batch("Nemocnice Tábor", "CZ0317")


@pytest.fixture
def ministry() -> Client:
    return log_in(Client(), make_staff(Role.MINISTRY))


@pytest.fixture
def distributor() -> Client:
    return log_in(Client(), make_staff(Role.DISTRIBUTOR))


def _store_with_the_batch(name: str, district: str) -> Store:
    vials = make_vials()
    store = make_store(EntryLine(vials, 10), name=name, district=district)
    doses = opened(ledger.open_vials(store=store, item=vials, vials=2, doses=13, context=context()))
    ledger.consume(store=store, item=doses, doses=9, context=context())
    ledger.waste(store=store, lines=[EntryLine(doses, 1)], reason="SPOILED", context=context())
    return store


def _of_site(store: Store, role: Role = Role.MANAGER) -> Client:
    return log_in(Client(), make_staff(role, site=store.site))


def _batch(batch: Batch, change: str = "") -> str:
    return reverse(f"logistics:batch_{change}" if change else "logistics:batch", args=[batch.pk])


def _status(client: Client, address: str) -> int:
    return int(client.get(address).status_code)


def test_batches_are_found_by_a_part_of_the_number(brno: Store, tabor: Store, batch: Batch) -> None:
    client = _of_site(brno, Role.VACCINATOR)
    answer = client.get(reverse("logistics:batches"), {"sarze": "j67"})
    assert [row[2:] for row in answer.context["rows"]] == [(8, 51)]
    assert client.get(reverse("logistics:batches"), {"sarze": "XX"}).context["rows"] == []


def test_a_number_with_any_signs_is_found_shown_and_downloaded(ministry: Client) -> None:
    odd = make_batch('=1"/<&')
    listed = reverse("logistics:batches")
    pack = "]d20105415062342237172709301"
    for typed in (
        '=1"/<&',
        '1"/<',
        ' =1"/<& ',
        f'{pack}0=1"/<&\x1d',
        "https://a.cz/01/05415062342237/10/%3D1%22%2F%3C%26",
    ):
        assert "=1&quot;/&lt;&amp;</a>" in ministry.get(listed, {"sarze": typed}).content.decode(), typed
    assert 'aria-invalid="true"' in ministry.get(listed, {"sarze": "]d2XX"}).content.decode()
    assert "<h1>" in ministry.get(_batch(odd)).content.decode()
    file = ministry.get(reverse("logistics:batch_uses", args=[odd.pk]))
    assert f'filename="sarze-_1_-{timezone.localdate()}.csv"' in file["Content-Disposition"]


@pytest.mark.parametrize("code", ["]d20105415062342237", "(01)05415062342237(17)270930", "05415062342237"])
def test_a_code_of_the_product_alone_finds_no_batch_and_says_so(ministry: Client, code: str) -> None:
    Pack.objects.filter(vaccine="comirnaty", vials=195, doses_per_vial=6).update(gtin="05415062342237")
    page = ministry.get(reverse("logistics:batches"), {"sarze": code})
    assert page.context["form"].errors["sarze"] == ["V\xa0kódu není číslo šarže. Napište ho ručně."]


def test_a_new_expiry_is_read_as_packs_print_it(ministry: Client, batch: Batch) -> None:
    page = _batch(batch, "expiry")
    assert f'value="{batch.expires_on:%-d. %-m. %Y}"' in ministry.get(page).content.decode()
    typed = {"expires_on": "EXP 09/2027", "reason": "EMA 1/2027"}
    assert "30.\xa09.\xa02027" in ministry.post(page, typed).content.decode()
    assert 'aria-invalid="true"' in ministry.post(page, {**typed, "expires_on": "03-04-27"}).content.decode()
    ministry.post(page, {**typed, "confirmed": "1"})
    batch.refresh_from_db()
    assert batch.expires_on == date(2027, 9, 30)


def test_a_site_sees_of_a_batch_only_what_is_its_own(
    brno: Store, tabor: Store, batch: Batch, ministry: Client, distributor: Client
) -> None:
    mine = _of_site(brno).get(_batch(batch)).content.decode()
    assert brno.name in mine
    assert tabor.name not in mine
    for client in (ministry, distributor):
        assert tabor.name in client.get(_batch(batch)).content.decode()
    file = _of_site(brno).get(_batch(batch, "uses")).content
    assert file.startswith(b"\xef\xbb\xbf")
    days = list(csv.reader(StringIO(file.decode("utf-8-sig")), delimiter=";"))
    assert days[1:] == [[brno.name, str(timezone.localdate()), "9"]]


def test_what_stands_for_unpublished_batches_has_no_page(ministry: Client) -> None:
    unpublished = Batch.objects.get_or_create(vaccine_id="comirnaty", number="")[0]
    assert _status(ministry, _batch(unpublished)) == 404


def test_who_may_not_change_a_batch_finds_no_form(brno: Store, batch: Batch, distributor: Client) -> None:
    clients = (
        _of_site(brno),
        _of_site(brno, Role.STOCK_KEEPER),
        log_in(Client(), make_staff(Role.REGION, region=Region.objects.get(pk="CZ064"))),
    )
    for client in clients:
        assert [_status(client, _batch(batch, change)) for change in ("block", "unblock", "expiry")] == [404] * 3
        assert client.post(_batch(batch, "block"), {"reason": "x", "confirmed": "1"}).status_code == 404
        assert _batch(batch, "block") not in client.get(_batch(batch)).content.decode()
    assert [_status(distributor, _batch(batch, change)) for change in ("block", "unblock", "expiry")] == [200, 404, 404]
    batch.refresh_from_db()
    assert not batch.is_blocked


def text_of_messages(page: Any) -> list[str]:
    return [str(message) for message in page.context["messages"]]


def test_a_block_asks_once_more_and_then_tells_everybody(brno: Store, batch: Batch, distributor: Client) -> None:
    make_staff(Role.MANAGER, site=brno.site, name="vedouci")
    assert distributor.post(_batch(batch, "block"), {"reason": ""}).context["form"].errors
    question = distributor.post(_batch(batch, "block"), {"reason": "Částice v ampulkách"})
    assert "Částice v ampulkách" in question.content.decode()
    batch.refresh_from_db()
    assert not batch.is_blocked
    sure = {"reason": "Částice v ampulkách", "confirmed": "1", "form_key": "b94d27b9-934d-4e08-a52e-52d7da7dabfa"}
    answer = distributor.post(_batch(batch, "block"), sure, follow=True)
    assert answer.redirect_chain == [(_batch(batch), 302)]
    batch.refresh_from_db()
    assert (batch.is_blocked, batch.block_reason) == (True, "Částice v ampulkách")
    assert Message.objects.get().recipient == "vedouci@example.cz"
    # The second of two clicks reads the same.
    second = distributor.post(_batch(batch, "block"), sure, follow=True)
    assert text_of_messages(second) == text_of_messages(answer)
    assert Message.objects.count() == 1


def test_the_ministry_unblocks_and_makes_the_life_longer_and_the_page_tells_who(ministry: Client, batch: Batch) -> None:
    Batch.objects.update(blocked_at=timezone.now(), block_reason="Recall")
    ministry.post(_batch(batch, "unblock"), {"reason": "Laboratoř nic nenašla", "confirmed": "1"})
    later = date(batch.expires_on.year + 1, 1, 31) if batch.expires_on else date.max
    new = {"expires_on": f"{later:%Y-%m-%d}", "reason": "EMA: 9 měsíců"}
    assert f"{later:%-d.\xa0%-m.\xa0%Y}" in ministry.post(_batch(batch, "expiry"), new).content.decode()
    ministry.post(_batch(batch, "expiry"), {**new, "confirmed": "1"})
    batch.refresh_from_db()
    assert (batch.is_blocked, batch.expires_on) == (False, later)
    page = ministry.get(_batch(batch)).content.decode()
    assert "Laboratoř nic nenašla" in page
    assert "EMA: 9 měsíců" in page
    assert User.objects.get(staff_roles__role=Role.MINISTRY).username in page
