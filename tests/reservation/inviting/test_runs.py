"""Runs of invitations: where they look, what they count as promised, and that they can be stopped and meet."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date, timedelta
from functools import partial
from io import StringIO
from threading import Event, Thread
from types import SimpleNamespace
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection, transaction

from crs import advisory_locks
from crs.advisory_locks import Lock
from logistics.models import District, VaccinationSite
from registration.groups.preview import Waiting
from reservation.free_seats import folding
from reservation.inviting import coming, invitations, order, room, waiting_summary
from reservation.inviting.invitations import Chosen
from reservation.models import Invitation, InvitationPause, WaitingListEntry
from reservation.reserving import booking
from tests.factories import NOW, make_invitation, make_registration, make_reservation, make_site, make_slot
from tests.race import race
from tests.reservation.conftest import MakePair


def invited() -> list[int]:
    return list(Invitation.objects.order_by("pk").values_list("registration_id", flat=True))


def open_seats(site: VaccinationSite, capacity: int) -> None:
    make_slot(1, site=site, capacity=capacity)
    make_slot(22, site=site, capacity=capacity, for_doses="SECOND")


@pytest.mark.django_db
def test_a_site_or_a_district_is_invited_to_its_own_seats_alone() -> None:
    here, near, far = (make_site(name, code) for name, code in (("A", "CZ0642"), ("B", "CZ0643"), ("C", "CZ0642")))
    open_seats(here, 1)
    open_seats(near, 5)
    nowhere, wants_far = make_registration(), make_registration(sites=(far,))
    wants_near = make_registration(sites=(near,))
    wants_here = [make_registration(sites=(here,)) for _ in range(2)]
    folding.fold(now=NOW)
    assert invitations.invite(limit=9, now=NOW, place=here).by_region == {"CZ064": 1}
    assert invitations.invite(limit=9, now=NOW, place=here).invited == 0
    assert invitations.invite(limit=9, now=NOW, place=District.objects.get(pk="CZ0643")).invited == 1
    assert invited() == [wants_here[0].pk, wants_near.pk]
    invitations.invite(limit=9, now=NOW)
    assert set(invited()[2:]) == {nowhere.pk, wants_far.pk, wants_here[1].pk}


@pytest.mark.django_db
def test_what_the_region_has_promised_a_site_does_not_promise_again(site: VaccinationSite) -> None:
    open_seats(site, 2)
    make_invitation(), make_invitation()
    make_registration(sites=(site,))
    assert invitations.invite(limit=9, now=NOW, place=site).invited == 0


@pytest.mark.django_db
def test_outstanding_pin2_takes_as_much_room_as_people_come(site: VaccinationSite) -> None:
    """Of a hundred whose PIN2 ended lately sixty reserved: of ten who have one now about seven may come."""
    for number in range(100):
        one = make_invitation(issued_at=NOW - timedelta(days=15), expires_at=NOW - timedelta(days=1))
        if number < 60:
            make_reservation(one.registration, site=site, confirmed_at=NOW - timedelta(days=5))
    share = coming.measure(NOW)
    assert 0.6 < share < 0.7
    assert coming.share() == 1, "nothing was counted yet"
    open_seats(make_site("Brno", "CZ0642"), 10)
    folding.fold(now=NOW)
    for _ in range(10):
        make_invitation(make_registration(sites=(VaccinationSite.objects.get(name="Brno"),)))
    waiting_summary.refresh(now=NOW)
    assert invitations.invite(limit=99, now=NOW).by_region == {"CZ064": 10 - 7}


@pytest.mark.django_db
def test_of_few_people_no_share_is_believed() -> None:
    assert coming.measure(NOW) == 1
    for _ in range(2):
        make_invitation(issued_at=NOW - timedelta(days=15), expires_at=NOW)
    # Replaced before its end, and an offer of the waiting list: neither says whether people come.
    make_invitation(issued_at=NOW - timedelta(days=15), expires_at=NOW, revoked_at=NOW - timedelta(days=9))
    make_invitation(issued_at=NOW - timedelta(days=1), expires_at=NOW, kind=Invitation.Kind.OFFER)
    assert coming.measure(NOW) == pytest.approx(0.658, abs=0.001)


@pytest.mark.django_db
def test_whoever_stands_on_the_waiting_list_keeps_a_seat_in_the_order(site: VaccinationSite) -> None:
    open_seats(site, 2)
    first, listed, last = (make_registration(birth_date=date(year, 1, 1), sites=(site,)) for year in (1930, 1935, 1940))
    folding.fold(now=NOW)
    make_invitation(listed)
    WaitingListEntry.objects.create(registration=listed)
    assert invitations.invite(limit=9, now=NOW).invited == 1
    assert Invitation.objects.filter(registration=first).exists()
    assert not Invitation.objects.filter(registration=last).exists()


@pytest.mark.django_db
def test_whoever_stands_on_the_list_for_a_full_site_is_invited_and_keeps_their_place(site: VaccinationSite) -> None:
    full = make_site("Jinde", "CZ0100")
    older, closed = (make_registration(birth_date=date(year, 1, 1), sites=(full,)) for year in (1930, 1931))
    younger = make_registration(birth_date=date(1946, 1, 1), sites=(site,))
    for one in (older, closed):
        WaitingListEntry.objects.create(registration=one)
    open_seats(site, 2)
    VaccinationSite.objects.filter(pk=full.pk).update(state="CLOSED")
    assert invitations.invite(limit=9, now=NOW).invited == 2
    assert invited() == [older.pk, closed.pk]
    # Their PIN2 holds any seat, so it is promised to nobody else, until one of their own site is theirs to be offered.
    assert invitations.invite(limit=9, now=NOW).invited == 0
    assert WaitingListEntry.objects.filter(left_at=None).count() == 2
    VaccinationSite.objects.filter(pk=full.pk).update(state="OPEN")
    open_seats(full, 2)
    assert invitations.invite(limit=9, now=NOW).invited == 1
    assert younger.pk in invited()


@pytest.mark.django_db
def test_who_is_paused_is_not_counted_and_who_is_listed_is() -> None:
    paused, listed = make_registration(birth_date=date(1950, 1, 1)), make_registration(birth_date=date(1951, 1, 1))
    InvitationPause.objects.create(registration=paused)
    make_invitation(listed)
    WaitingListEntry.objects.create(registration=listed)
    waiting_summary.refresh(now=NOW)
    assert set(waiting_summary.figures([], NOW).waiting) == {Waiting(date(1951, 1, 1), frozenset(), "", 1)}


@pytest.mark.django_db
def test_batches_go_on_where_the_last_one_ended(make_pair: MakePair, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(invitations, "BATCH", 2)
    make_pair(capacity=9)
    everybody = [make_registration(birth_date=date(1930 + number, 1, 1)) for number in range(7)]
    heard: list[Sequence[Chosen]] = []
    would = invitations.invite(limit=5, now=NOW, is_dry_run=True, tell=heard.append)
    assert [len(batch) for batch in heard] == [2, 2, 1]

    def stop(chosen: Sequence[Chosen]) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        invitations.invite(limit=5, now=NOW, tell=stop)
    assert len(invited()) == 2, "what was done stays"
    invitations.invite(limit=3, now=NOW)
    assert (would.invited, invited()) == (5, [one.pk for one in everybody[:5]])


@pytest.mark.django_db
def test_the_order_is_one_for_rows_and_for_pairs() -> None:
    rules = order.inviting_rules(NOW)
    people = [
        make_registration(birth_date=date(1990, 1, 1), claims={"care-home-clients": "PENDING"}),
        make_registration(birth_date=date(1940, 1, 1), created_at=NOW),
        make_registration(birth_date=date(1940, 1, 1), created_at=NOW + timedelta(days=1)),
        make_registration(birth_date=date(1941, 1, 1)),
    ]
    found = list(order.waiting(rules=rules, now=NOW))
    assert found == people
    keys = [order.rank_key(one, rules=rules, now=NOW) for one in people]
    assert None not in keys
    assert sorted(keys) == keys  # type: ignore[type-var]


@pytest.mark.django_db
def test_a_dry_run_lists_numbers_and_no_names(make_pair: MakePair) -> None:
    make_pair(3000, capacity=2)
    jana = make_registration()
    out = StringIO()
    call_command("invite", "--limit", "5", "--dry-run", stdout=out)
    assert f"{jana.number} CZ010\n" in out.getvalue()
    assert "Nov" not in out.getvalue()
    assert "of 100 people with PIN2 are expected to come" in out.getvalue()


@pytest.mark.django_db(transaction=True)
def test_two_runs_at_once_invite_nobody_twice_and_promise_no_seat_twice(make_pair: MakePair) -> None:
    make_pair(capacity=30)
    for _ in range(60):
        make_registration()
    folding.fold(now=NOW)
    runs = race(*[partial(invitations.invite, limit=20, now=NOW)] * 4)
    assert sum(run.invited for run in runs) == 30
    assert len(set(invited())) == len(invited()) == 30


@pytest.mark.django_db(transaction=True)
def test_a_run_beside_a_fold_waits_for_it_and_knows_every_seat(
    make_pair: MakePair, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of two runs one folds the seats. The other one would see none of them, and invite nobody."""
    make_pair(capacity=12)
    for _ in range(12):
        make_registration()
    runs = race(*[partial(invitations.invite, limit=6, now=NOW)] * 2)
    assert [run.invited for run in runs] == [6, 6]
    # The twin goes on while somebody else is folding.
    Invitation.objects.all().delete()
    make_pair(day=2, capacity=5)
    monkeypatch.setattr(folding, "_take", lambda *, waits: advisory_locks.take_if_free(Lock.FREE_SEATS))
    with _somebody_folds():
        assert invitations.invite(limit=99, now=NOW).room == 12


@contextmanager
def _somebody_folds() -> Iterator[None]:
    """Another connection has the lock of the fold."""
    has_it, may_end = Event(), Event()

    def hold() -> None:
        with transaction.atomic():
            advisory_locks.take(Lock.FREE_SEATS)
            has_it.set()
            may_end.wait(timeout=30)
        connection.close()

    folder = Thread(target=hold)
    folder.start()
    try:
        assert has_it.wait(timeout=30)
        yield
    finally:
        may_end.set()
        folder.join()


@pytest.mark.django_db
@pytest.mark.parametrize(("folds", "invited"), [(2, 0), (1, 1)], ids=["", "twin"])
def test_whoever_reserves_while_the_room_is_counted_is_not_lost_between_pin2_and_seat(
    make_pair: MakePair, monkeypatch: pytest.MonkeyPatch, folds: int, invited: int
) -> None:
    """Before it a seat is promised to them, after it they have it. The twin folds once: for it they have neither."""
    first, _ = make_pair(capacity=1)
    holder = make_invitation()
    make_registration()
    calls: list[int] = []

    def fold(**more: Any) -> None:
        if len(calls) < folds:
            folding.fold(**more)
        if not calls:
            booking.hold(invitation_id=holder.pk, slot_id=first.pk, now=NOW)
        calls.append(1)

    monkeypatch.setattr(room, "folding", SimpleNamespace(fold=fold))
    assert invitations.invite(limit=9, now=NOW).invited == invited


@pytest.mark.django_db(transaction=True)
def test_control_twin_without_the_lock_seats_are_promised_twice(
    make_pair: MakePair, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(invitations, "take", lambda lock: None)
    make_pair(capacity=30)
    for _ in range(120):
        make_registration()
    folding.fold(now=NOW)
    keys = [order.waiting(rules=order.inviting_rules(NOW), now=NOW)[n * 30 : n * 30 + 30] for n in range(4)]
    runs = race(*(partial(_invite_those, list(some.values_list("pk", flat=True))) for some in keys))
    assert sum(runs) > 30


def _invite_those(keys: list[int]) -> int:
    """As a run that has looked at the room, and whose batch is other people than those of the run beside it."""
    run: Any = invitations._Run(30, NOW, None, is_dry_run=False, tell=bool)
    people = partial(order.waiting_or_listed, rules=order.inviting_rules(NOW), now=NOW)
    with transaction.atomic():
        run._invite(people, keys)
    return sum(run.by_region.values())
