"""A wrong counter is found and named."""

from io import StringIO

import pytest
import time_machine
from django.core.management import CommandError, call_command

from reservation.free_seats import folding
from reservation.models import DaySeats, Slot
from reservation.reserving import booking
from tests.factories import NOW
from tests.reservation.conftest import Invite, MakePair

pytestmark = pytest.mark.django_db


def test_check_slots_names_every_wrong_counter(make_pair: MakePair, make_invitation: Invite) -> None:
    first, second = make_pair(capacity=5)
    booking.hold(invitation_id=make_invitation().pk, slot_id=first.pk, now=NOW)
    out, err = StringIO(), StringIO()
    call_command("check_slots", stdout=out)
    assert out.getvalue().startswith("check_slots: every counter, sum and offer is right")
    assert "slots 2 wrong counters 0 wrong sums 0 wrong offers 0" in " ".join(out.getvalue().split())
    Slot.objects.filter(pk=second.pk).update(booked=3)
    with pytest.raises(CommandError, match="1 of 2"):
        call_command("check_slots", stdout=out, stderr=err)
    assert f"Slot {second.pk}, Nemocnice Motol" in err.getvalue()
    assert "the counter says 3, there are 1" in err.getvalue()


def test_a_wrong_sum_and_a_wrong_offer_are_named_and_made_right(make_pair: MakePair) -> None:
    make_pair(capacity=5)
    folding.sum_anew(now=NOW)
    DaySeats.objects.filter(for_doses="FIRST").update(booked=1)
    err = StringIO()
    with time_machine.travel(NOW), pytest.raises(CommandError, match="1 sums of days are wrong, 1 offers are wrong"):
        call_command("check_slots", stderr=err, stdout=StringIO())
    assert "comirnaty, 2027-01-12, FIRST: the sums say 1 of 5, the slots 0 of 5" in err.getvalue()
    with time_machine.travel(NOW):
        call_command("check_slots", "--rebuild", stdout=StringIO())
