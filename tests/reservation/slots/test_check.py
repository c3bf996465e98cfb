"""A wrong counter is found and named."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from reservation.models import Slot
from reservation.reserving import booking
from tests.factories import NOW
from tests.reservation.conftest import Invite, MakePair

pytestmark = pytest.mark.django_db


def test_check_slots_names_every_wrong_counter(make_pair: MakePair, make_invitation: Invite) -> None:
    first, second = make_pair(capacity=5)
    booking.hold(invitation_id=make_invitation().pk, slot_id=first.pk, now=NOW)
    out, err = StringIO(), StringIO()
    call_command("check_slots", stdout=out)
    assert out.getvalue().startswith("check_slots: every counter is right")
    assert "slots 2 wrong counters 0" in " ".join(out.getvalue().split())
    Slot.objects.filter(pk=second.pk).update(booked=3)
    with pytest.raises(CommandError, match="1 of 2"):
        call_command("check_slots", stdout=out, stderr=err)
    assert f"Slot {second.pk}, Nemocnice Motol" in err.getvalue()
    assert "the counter says 3, there are 1" in err.getvalue()
