"""How far sites are from a home, of which only the address is known."""

import pytest

from logistics.models import VaccinationSite
from registration.models import Person
from reservation.walk import near_home
from tests.factories import make_site

pytestmark = pytest.mark.django_db


@pytest.fixture
def sites(db: None) -> dict[str, VaccinationSite]:
    """Four sites as the ministry's list has them; by the town."""
    told = {
        "Brno": ("CZ0642", "Výstaviště 405/1, Brno, 603 00", "49.1884", "16.5786"),
        "Vyškov": ("CZ0646", "Purkyňova 235/36, Vyškov, 682 01", "49.2867", "17.0030"),
        "Bučovice": ("CZ0646", "Legionářská 100, 685 01 Bučovice", "49.1490", "17.0020"),
        "Praha": ("CZ0100", "Šrobárova 1150/50, 100 34 Praha 10", "50.0757", "14.4738"),
    }
    made = {}
    for town, (district, address, latitude, longitude) in told.items():
        made[town] = make_site(f"Nemocnice {town}", district)
        VaccinationSite.objects.filter(pk=made[town].pk).update(address=address, latitude=latitude, longitude=longitude)
    return {town: VaccinationSite.objects.get(pk=one.pk) for town, one in made.items()}


@pytest.mark.parametrize(
    ("city", "postcode", "district"),
    [
        ("Brno", "60200", "CZ0642"),
        ("Brno-Líšeň", "62800", "CZ0642"),
        ("Praha 4 - Krč", "14000", "CZ0100"),
        ("Vyškov", "68201", "CZ0646"),
        ("bučovice", "68501", "CZ0646"),
        ("Nesovice", "68333", ""),  # nothing near has such a postcode
        ("Rostěnice", "68202", "CZ0646"),
        ("Kyjov 7", "", ""),
        ("", "", ""),
        ("\x00(", "x", ""),
    ],
)
def test_the_address_says_the_district(
    sites: dict[str, VaccinationSite], city: str, postcode: str, district: str
) -> None:
    home = near_home.home_of(Person(city=city, postcode=postcode))
    assert (home.district if home else "") == district


def test_it_is_nearer_to_the_next_town_than_across_the_country(sites: dict[str, VaccinationSite]) -> None:
    home = near_home.home_of(Person(city="Rostěnice", postcode="68202"))
    assert home is not None
    away = {town: round(home.kilometres_to(site)) for town, site in sites.items()}
    assert away["Vyškov"] < 10
    assert 25 < away["Brno"] < 40
    assert 180 < away["Praha"] < 230


def test_of_a_site_without_a_place_on_the_map_nothing_is_said(sites: dict[str, VaccinationSite]) -> None:
    assert near_home.home_of(Person(city="Brno", postcode="602 00", country="DE")) is None
    home = near_home.home_of(Person(city="Brno", postcode="60200"))
    assert home is not None
    sites["Praha"].latitude = None
    assert home.kilometres_to(sites["Praha"]) == 0
