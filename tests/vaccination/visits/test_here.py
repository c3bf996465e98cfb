"""Whoever stands at the site cannot give their times back from their telephone, nor change them."""

import pytest

from reservation.moving import moving
from reservation.moving.errors import AlreadyThere
from tests.factories import NOW, make_reservation, make_site, make_visit
from vaccination.models import Visit


@pytest.mark.django_db
def test_whoever_was_checked_in_keeps_the_times_until_they_are_gone() -> None:
    site = make_site()
    reservation = make_reservation(site=site, clock="10:00")
    visit = make_visit(reservation.registration, site=site)
    with pytest.raises(AlreadyThere):
        moving.cancel(registration_id=reservation.registration_id, now=NOW)
    Visit.objects.filter(pk=visit.pk).update(state="UNDONE")
    moving.cancel(registration_id=reservation.registration_id, now=NOW)
