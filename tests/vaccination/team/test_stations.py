"""The stations of a site."""

from functools import partial
from uuid import uuid4

import pytest

from logistics.models import VaccinationSite
from tests.factories import context, make_open_vial, make_site, make_station
from vaccination.team import errors, stations

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock", "in_english")]


def test_stations_stand_as_people_count_them(site: VaccinationSite) -> None:
    for name in ("10", "B", "2", "A", "1"):
        make_station(site, name)
    make_station(make_site("Hala"), "3")
    assert [one.name for one in stations.stations(site)] == ["1", "2", "10", "A", "B"]


def test_a_name_stands_once_at_a_site_until_its_station_is_closed(site: VaccinationSite) -> None:
    add = partial(stations.add, site=site, name="1", context=context())
    first = add()
    with pytest.raises(errors.StationExists):
        add()
    stations.close(station=first, context=context())
    with pytest.raises(errors.StationClosedAlready):
        stations.close(station=first, context=context())
    assert add() != first


def test_a_station_with_an_open_vial_is_not_closed(site: VaccinationSite) -> None:
    vial = make_open_vial(site)
    with pytest.raises(errors.StationInUse, match="End it or put it aside first"):
        stations.close(station=vial.station, context=context())


def test_a_form_sent_twice_adds_one_station(site: VaccinationSite) -> None:
    add = partial(stations.add, site=site, name="1", context=context(key=uuid4()))
    assert add() == add()
