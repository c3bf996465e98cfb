"""Staff's screens over reservations and invitations."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from crs import history
from crs.admin import history as kept_history
from crs.typed_moment import written, written_day
from registration.models import Registration
from reservation.models import Appointment, Invitation, Reservation, Slot
from reservation.operations import Operation
from reservation.reserving import booking
from tests.factories import NOW, PIN2
from tests.pages import english, text_of
from tests.reservation.conftest import Invite, MakePair

pytestmark = pytest.mark.django_db


@pytest.fixture
def held(make_invitation: Invite, make_pair: MakePair) -> Reservation:
    first, _ = make_pair(capacity=3)
    taken = booking.hold(invitation_id=make_invitation().pk, slot_id=first.pk, now=NOW)
    return Reservation.objects.get(pk=taken.reservation_id)


@pytest.mark.parametrize("model", ["reservation", "invitation"])
def test_every_list_and_row_opens_and_shows_no_pin2(admin_client: Client, held: Reservation, model: str) -> None:
    rows: dict[str, list[Any]] = {"reservation": [held], "invitation": list(Invitation.objects.all())}
    pages = [
        reverse(f"admin:reservation_{model}_changelist"),
        *(reverse(f"admin:reservation_{model}_change", args=[row.pk]) for row in rows[model]),
    ]
    for page in pages:
        answer = admin_client.get(page)
        assert answer.status_code == 200
        assert PIN2 not in answer.content.decode()
        assert Invitation.objects.get().pin_hash not in answer.content.decode()


def test_a_hold_is_released_and_a_confirmed_reservation_is_not(
    admin_client: Client, held: Reservation, make_invitation: Invite, make_pair: MakePair
) -> None:
    invitation = make_invitation()
    second = booking.hold(invitation_id=invitation.pk, slot_id=make_pair(day=2)[0].pk, now=NOW)
    booking.confirm(reservation_id=second.reservation_id, registration_id=invitation.registration_id, now=NOW)
    admin_client.post(
        reverse("admin:reservation_reservation_changelist"),
        {"action": "release_holds", "_selected_action": [str(held.pk), str(second.reservation_id)]},
    )
    assert Reservation.objects.get(pk=held.pk).state == Reservation.State.CANCELLED
    assert Reservation.objects.get(pk=second.reservation_id).state == Reservation.State.CONFIRMED


@pytest.mark.parametrize("model", ["reservation", "invitation"])
@pytest.mark.parametrize("asked", ["Novák", "phone", "code"])
def test_staff_find_a_person_and_the_address_does_not_tell_whom(
    admin_client: Client, held: Reservation, make_invitation: Invite, model: str, asked: str
) -> None:
    make_invitation()  # somebody else
    Registration.objects.filter(pk=held.registration_id).update(phone="+420601234567")
    text = {"phone": "601 234 567", "code": held.check_in_code.lower()}.get(asked, asked)
    answer = admin_client.post(
        reverse(f"admin:reservation_{model}_changelist"), {"private_search": "1", "q": text}, follow=True
    )
    assert text not in answer.redirect_chain[0][0]
    found = answer.context["cl"].result_count
    everybody = Invitation.objects.count() if model == "invitation" else 1
    by_code = 1 if model == "reservation" else 0
    assert found == {"Novák": everybody, "phone": 1, "code": by_code}[asked]
    assert 'name="private_search"' in answer.content.decode()


@pytest.mark.parametrize("model", ["reservation", "invitation"])
def test_a_person_without_rights_sees_nothing(client: Client, model: str) -> None:
    assert client.get(reverse(f"admin:reservation_{model}_changelist")).status_code == 302


def confirmed(invitation: Invitation, slot: Slot) -> Reservation:
    taken = booking.hold(invitation_id=invitation.pk, slot_id=slot.pk, now=NOW)
    booking.confirm(reservation_id=taken.reservation_id, registration_id=invitation.registration_id, now=NOW)
    return Reservation.objects.get(pk=taken.reservation_id)


@pytest.mark.usefixtures("clock")
def test_a_reservation_is_found_by_the_day_of_the_appointment(
    admin_client: Client, make_invitation: Invite, make_pair: MakePair
) -> None:
    made = {day: confirmed(make_invitation(), make_pair(day=day)[0]) for day in (1, 2, 9)}
    today = timezone.localdate()
    first = {day: one.appointments.order_by("dose_number")[0].slot.day for day, one in made.items()}
    typed = written_day(first[9])

    def found(**asked: str) -> set[Any]:
        page = admin_client.get(reverse("admin:reservation_reservation_changelist"), asked)
        return {row.pk for row in page.context["cl"].result_list}

    def of(*days: date) -> set[Any]:
        return {one.pk for one in made.values() if one.appointments.filter(slot__day__in=days).exists()}

    monday = today - timedelta(days=today.weekday())
    assert found() == {one.pk for one in made.values()}
    assert found(day="today") == of(today)
    assert found(day="tomorrow") == of(today + timedelta(days=1)) != set()
    assert found(day="week") == of(*(monday + timedelta(days=number) for number in range(7))) != set()
    # A typed day goes before a link, in whatever way it is written.
    for way in (typed, typed.replace(" ", ""), f"{first[9]:%Y-%m-%d}"):
        assert found(day="today", day_typed=way) == of(first[9]) != set()
    page = english(admin_client).get(reverse("admin:reservation_reservation_changelist"), {"day_typed": "31. 2."})
    assert "No such day. All days are shown." in text_of(page)
    assert page.context["cl"].result_count == len(made)


@pytest.mark.usefixtures("clock")
def test_a_reservation_is_called_by_the_person_and_shows_the_clock_of_prague(
    admin_client: Client, make_invitation: Invite, make_pair: MakePair
) -> None:
    one = confirmed(make_invitation(), make_pair(day=1)[0])
    at = written(one.appointments.order_by("dose_number")[0].slot.starts_at)
    assert str(one) == f"{one.registration.person}, {at}"
    for page in ("change", "history"):
        text = text_of(admin_client.get(reverse(f"admin:reservation_reservation_{page}", args=[one.pk])))
        assert str(one) in text
        assert str(one.pk) not in text


@pytest.mark.usefixtures("clock")
def test_the_history_tells_what_is_kept(admin_client: Client, make_invitation: Invite, make_pair: MakePair) -> None:
    eva = User.objects.create(username="eva", first_name="Eva", last_name="Malá")
    one = confirmed(make_invitation(), make_pair(day=1)[0])
    with history.recording(Operation.CHANGE_TIMES, by=eva, reason="the person asked"):
        one.appointments.filter(dose_number=1).update(slot=make_pair(day=3)[0])
    text = text_of(english(admin_client).get(reverse("admin:reservation_reservation_history", args=[one.pk])))
    for told in ("Eva Malá", "Times changed", "Reason: the person asked", "State: held → confirmed", "Appointment"):
        assert told in text
    assert "doesn’t have a change history" not in text


@pytest.mark.usefixtures("clock")
def test_a_long_history_is_read_no_further_than_it_is_shown(
    monkeypatch: pytest.MonkeyPatch, make_invitation: Invite, make_pair: MakePair
) -> None:
    monkeypatch.setattr("crs.admin.history.MOST", 2)
    first = confirmed(make_invitation(), make_pair(day=1)[0]).appointments.get(dose_number=1)
    slots = [make_pair(day=day)[0] for day in (3, 4, 5, 6)]
    for slot in slots:
        Appointment.objects.filter(pk=first.pk).update(slot=slot)
    with CaptureQueriesContext(connection) as queries:
        told = [one.values for one in kept_history.changes(first, shown=frozenset({"slot"}), below=[])]
    moved = [f"{slots[at]} → {slots[at + 1]}" for at in (2, 1)]
    assert [values[0].partition(": ")[2] for values in told] == moved
    assert sum("reservation_slot" in query["sql"] for query in queries) == 4  # the names of two differences
