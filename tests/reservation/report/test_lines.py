"""The lines of the report fit the question and stand in the order that it asks for."""

from datetime import timedelta

import pytest

from logistics.models import District, Region
from reservation.report import lines
from reservation.report.forms import Asked
from tests.reservation.report.conftest import TODAY, MakeOffer, summed

pytestmark = pytest.mark.django_db


def test_regions_and_districts_say_what_their_sites_offer(make_offer: MakeOffer) -> None:
    make_offer(1, 2, 3, is_step_free=True)
    make_offer(10, 20, 30, district="CZ0641", in_days=3)
    make_offer(100, 200, 300, district="CZ0100")
    found, asked = summed(), Asked(region="CZ064")
    by_code = {line.code: line for line in lines.of_areas(Asked(), found, list(Region.objects.all()))}
    assert len(by_code) == 14
    moravia = by_code["CZ064"]
    assert (moravia.free_7, moravia.free_14, moravia.free_30) == (11, 22, 33)
    assert (moravia.sites, moravia.step_free_sites, moravia.next_day) == (2, 1, TODAY + timedelta(days=1))
    districts = list(District.objects.filter(region="CZ064"))
    listed = lines.of_areas(asked, found, districts)
    assert {line.code: line.free_30 for line in listed if line.free_30} == {"CZ0641": 30, "CZ0642": 3}
    total = lines.total(listed, name="Jihomoravský kraj", code="CZ064", waiting=7)
    assert (total.free_30, total.sites, total.waiting) == (33, 2, 7)


@pytest.mark.parametrize(
    ("asked", "free"),
    [
        (Asked(), 111),
        (Asked(vaccine="comirnaty"), 11),
        (Asked(is_step_free=True), 101),
        (Asked(age=12), 10),
        (Asked(age=18), 101),
        (Asked(age=18, vaccine="comirnaty", is_step_free=True), 1),
        (Asked(age=120), 100),
    ],
)
def test_the_question_narrows_areas_and_sites_alike(make_offer: MakeOffer, asked: Asked, free: int) -> None:
    site = make_offer(1, 1, 1, ages=(16, 100), is_step_free=True)
    make_offer(100, 100, 100, site=site, vaccine="spikevax", ages=(18, 150))
    make_offer(10, 10, 10, ages=(5, 15))
    found = summed()
    (area,) = lines.of_areas(asked, found, [District.objects.get(pk="CZ0642")])
    of_district = Asked(**{**vars(asked), "region": "CZ064", "district": "CZ0642"})
    listed = lines.of_sites(of_district)
    assert (area.free_30, sum(line.free_30 for line in listed)) == (free, free)
    assert len(listed) == (1 if asked.is_step_free else 2)


@pytest.mark.parametrize(
    ("order", "names"),
    [
        ("nazev", "Ch Š Z"),
        ("-nazev", "Z Š Ch"),
        ("-volno7", "Z Ch Š"),
        ("volno30", "Ch Š Z"),
        ("nejblizsi", "Š Z Ch"),
        ("-nejblizsi", "Z Š Ch"),
        ("-bezbarierove", "Š Ch Z"),
        ("bezbarierove", "Ch Š Z"),
        ("-cekajici", "Ch Š Z"),
    ],
)
def test_equal_lines_stand_by_name_and_what_is_unknown_last(make_offer: MakeOffer, order: str, names: str) -> None:
    for name, free, in_days, is_step_free in (("Š", 0, 1, True), ("Ch", 0, 0, False), ("Z", 4, 2, None)):
        site = make_offer(free, free, free, in_days=in_days, is_step_free=is_step_free)
        site.name = name
        site.save()
        if name == "Š":
            site.offers.update(next_day=TODAY)
    listed = lines.of_sites(Asked(region="CZ064", district="CZ0642", order=order))
    assert " ".join(line.name for line in listed) == names
