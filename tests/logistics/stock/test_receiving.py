"""Vials that come in: their batch becomes known, and thawed ones bring a clock with them."""

from datetime import datetime

import pytest
from django.contrib.auth.models import User

from logistics.models import Batch, StockBalance, Vaccine
from logistics.stock import errors
from logistics.stock.ledger import EntryContext
from logistics.stock.receiving import receive_vials
from logistics.vaccines import batches
from tests.factories import LAST_DAY, NOW, PRAGUE, context, make_store, make_vials

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("label", "use_by"),
    [
        (datetime(2027, 1, 20, 12, 0, tzinfo=PRAGUE), datetime(2027, 1, 20, 12, 0, tzinfo=PRAGUE)),
        (datetime(2027, 4, 2, 12, 0, tzinfo=PRAGUE), datetime(2027, 4, 1, 0, 0, tzinfo=PRAGUE)),  # after the last day
    ],
)
def test_thawed_vials_keep_as_their_label_says_and_never_longer_than_the_print(
    label: datetime, use_by: datetime
) -> None:
    batch = make_vials().batch
    assert batch is not None
    receive_vials(
        store=make_store(),
        vaccine=batch.vaccine,
        number=batch.number,
        expires_on=LAST_DAY,
        doses_per_vial=6,
        vials=3,
        thawed_until=label,
        context=context(),
    )
    balance = StockBalance.objects.select_related("item").get(quantity=3)
    assert (balance.item.storage, balance.item.use_by) == ("THAWED", use_by)


def test_a_receipt_that_is_refused_leaves_no_batch_behind() -> None:
    vaccine = make_vials().batch.vaccine  # type: ignore[union-attr]
    with pytest.raises(errors.NothingToRecord):
        receive_vials(
            store=make_store(),
            vaccine=vaccine,
            number="NEW123",
            expires_on=LAST_DAY,
            doses_per_vial=6,
            vials=0,
            context=context(),
        )
    assert not Batch.objects.filter(number="NEW123").exists()


def test_the_history_of_a_new_batch_says_who_received_it_also_outside_a_session() -> None:
    keeper = User.objects.create_user("sklad")
    receive_vials(
        store=make_store(),
        vaccine=Vaccine.objects.get(pk="comirnaty"),
        number="NEW123",
        expires_on=LAST_DAY,
        doses_per_vial=6,
        vials=3,
        context=EntryContext(by=keeper, now=NOW),
    )
    (registered,) = batches.changes_of(Batch.objects.get(number="NEW123"))
    assert (registered.what, registered.by) == ("registered", "sklad")
