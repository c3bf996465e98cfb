"""What the tests of a store's screens stand on: stores, stock in them, and forms as a browser sends them."""

import re
from datetime import date, timedelta
from typing import Any, Protocol
from uuid import uuid4

from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from logistics.models import Batch, Region, Role, StockBalance, StockItem, Store, VaccinationSite, Vaccine
from logistics.stock import items, ledger
from logistics.stock.ledger import EntryContext, EntryLine
from tests.staff import make_staff


class Answer(Protocol):
    """What a test client brings back."""

    content: bytes


NEXT_YEAR = timezone.localdate() + timedelta(days=365)


def context() -> EntryContext:
    """An act of nobody, now."""
    return EntryContext(by=None, now=timezone.now())


def make_site(name: str = "Nemocnice Tábor") -> VaccinationSite:
    """A site in Tábor."""
    return VaccinationSite.objects.create(name=name, district_id="CZ0317", address="Kpt. Jaroše 2000")


def make_store(name: str = "Nemocnice Tábor") -> Store:
    """The empty store of a new site."""
    return ledger.establish(site=make_site(name), context=context())


def coordinator(region: str) -> User:
    """The coordinator of the region with this code."""
    return make_staff(Role.REGION, region=Region.objects.get(pk=region))


def make_vials(number: str = "EJ6797", *, expires_on: date = NEXT_YEAR, vaccine: str = "comirnaty") -> StockItem:
    """Closed vials of a batch with six doses each."""
    batch, _is_new = Batch.objects.get_or_create(
        vaccine=Vaccine.objects.get(pk=vaccine), number=number, defaults={"expires_on": expires_on}
    )
    return items.vaccine_item(batch=batch, doses_per_vial=6)


def put(store: Store, item: StockItem, quantity: int) -> None:
    """Receive so many of the item."""
    ledger.receive(store=store, lines=[EntryLine(item, quantity)], context=context())


def held(store: Store, item: StockItem) -> int:
    """How many of the item the store has."""
    return StockBalance.objects.filter(store=store, item=item).values_list("quantity", flat=True).first() or 0


def page(name: str, store: Store, *more: object) -> str:
    """The address of a page of the store."""
    return reverse(f"logistics:{name}", args=[store.pk, *more])


def send_form(client: Client, path: str, **fields: Any) -> Any:
    """Send a form with a key of its own."""
    return client.post(path, {"form_key": uuid4(), **fields})


def text(answer: Answer) -> str:
    """The words of a page, without its tags."""
    return " ".join(re.sub(r"<[^>]+>", " ", answer.content.decode()).replace("&nbsp;", " ").split())


def summary(answer: Answer) -> str:
    """What the top of a refused form says."""
    found = re.search(r'class="gov-message crs-message crs-errors".*?</ul>', answer.content.decode(), re.DOTALL)
    return found.group() if found else ""
