"""What the tables themselves refuse."""

import pytest
from django.db import IntegrityError, connection, transaction

from reservation.models import Slot
from tests.reservation.conftest import Make

pytestmark = pytest.mark.django_db


def test_a_counter_cannot_leave_its_bounds(make_slot: Make) -> None:
    slot = make_slot(capacity=2)
    for wrong in (3, -1):
        with pytest.raises(IntegrityError), transaction.atomic():
            Slot.objects.filter(pk=slot.pk).update(booked=wrong)


def test_no_index_names_the_counter() -> None:
    """Such an index would make every booking write to all indexes of the slot (no HOT update)."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT indexdef FROM pg_indexes WHERE tablename = 'reservation_slot'")
        assert not [definition for (definition,) in cursor.fetchall() if "booked" in definition]
