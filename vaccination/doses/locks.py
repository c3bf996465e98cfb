"""The locks of whoever changes the record of a dose (docs/locking.md)."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from django.db import connection
from django.db.models import Q
from django.utils import timezone

from crs import advisory_locks
from crs.advisory_locks import Lock
from logistics.models import Batch, StockBalance, StockDocument, Store
from registration.models import Person, Registration
from vaccination.doses import errors
from vaccination.models import Dose, Station, VialSession


def lock_dose(dose: Dose, *, moved_to: datetime | None = None) -> tuple[Person, Dose]:
    """The person and the dose as they are now; whoever records or corrects a dose of the person waits here.

    Raises NotCorrectable.
    """
    days = {timezone.localdate(at) for at in (dose.given_at, moved_to) if at is not None}
    for day in sorted(days):
        # The figures of a closing are read in one piece.
        advisory_locks.take_shared(Lock.DAY_OF_A_SITE, f"{dose.site_id} {day}")
    person = _lock_person(dose.person_id)
    if dose.registration_id is not None:
        Registration.objects.select_for_update(no_key=True, of=("self",)).get(pk=dose.registration_id)
    rows = Dose.objects.select_related(
        "vaccine",
        "batch__vaccine",
        "site",
        "registration",
        "visit",
        "vial__station",
        "vial__item",
        "consumption__store",
    )
    row = rows.select_related("given_by", "doctor").get(pk=dose.pk)
    if row.state != Dose.State.VALID or row.source != Dose.Source.SITE:
        raise errors.NotCorrectable
    return person, row


def _lock_person(key: int) -> Person:
    """The person, or the one into whose row theirs was joined: whoever records a dose locks that one."""
    whose = Person.objects.filter(Q(pk=key) | Q(merged=key)).select_for_update(no_key=True, of=("self",))
    rows = {row.pk: row for row in whose.order_by("pk")}
    return rows.get(rows[key].merged_into_id or key, rows[key])


def lock_vials(vials: Iterable[VialSession], station: Station | None) -> None:
    """Lock the station where a vial is opened late, then by rising key all vials that change."""
    if station is not None:
        Station.objects.select_for_update(no_key=True, of=("self",)).get(pk=station.pk)
    changing = Q(pk__in=[vial.pk for vial in vials])
    if station is not None:
        changing |= Q(station=station, ended_at=None)
    list(VialSession.objects.filter(changing).select_for_update(no_key=True, of=("self",)).order_by("pk"))


def lock_ledger(dose: Dose, batch: Batch) -> Store:
    """Lock what several entries of the ledger will touch, once and in its order; returns the store.

    One entry locks in the right order by itself. Two may not: the second could want a lower key than the first holds.
    """
    consumption = dose.consumption
    assert consumption is not None, "dose_of_a_site_is_complete"  # noqa: S101
    StockDocument.objects.select_for_update(no_key=True, of=("self",)).get(pk=consumption.pk)
    store = Store.objects.select_for_update(no_key=True, of=("self",)).get(pk=consumption.store_id)
    keys = [key for key in (dose.batch_id, batch.pk) if key is not None]
    _share_batches(keys)
    balances = StockBalance.objects.filter(store=store, item__batch__in=keys)
    list(balances.select_for_update(no_key=True, of=("self",)).order_by("store_id", "item_id"))
    return store


def _share_batches(keys: Sequence[int]) -> None:
    """Keep the batches from being blocked, as the trigger of the movements does; doses of others go on."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT FROM logistics_batch WHERE id = ANY(%s) ORDER BY id FOR SHARE", [list(keys)])
