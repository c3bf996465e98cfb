"""The pages of vaccination sites for everybody: what they say, what they keep to themselves, what they cost."""

import re
from datetime import time

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from logistics.models import SiteContact, VaccinationSite, Vaccine
from logistics.sites.directory import find
from tests.crs.test_pages import LANGUAGES, assert_is_a_sound_page
from tests.factories import make_site
from tests.pages import english, text_of

pytestmark = pytest.mark.django_db

LIST = "/ockovaci-mista/"
State = VaccinationSite.State


def page_of(site: VaccinationSite) -> str:
    return reverse("logistics:site", args=[site.pk])


def read(client: Client, address: str, language: str = "en") -> str:
    """The words of the page there."""
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = language
    answer = client.get(address)
    assert answer.status_code == 200
    return text_of(answer)


def complete(site: VaccinationSite) -> VaccinationSite:
    VaccinationSite.objects.filter(pk=site.pk).update(
        kind=VaccinationSite.Kind.LARGE,
        latitude="49.4140000",
        longitude="14.6770000",
        facility_code="00843989000",
        company_number="27661989",
        daily_capacity=450,
        is_step_free=True,
        has_parking=False,
        is_drive_in=True,
        has_mobile_team=True,
        phone="+420 381 608 111",
        email="ockovani@nemta.cz",
        link="https://www.nemta.cz/ockovani",
        description="Jsme v přízemí pavilonu A.",
        notes="Vchod ze dvora.\n\nZvoňte.",
        youngest_age=12,
        languages=["cs", "uk", "rom"],
    )
    site.vaccines.add(*Vaccine.objects.filter(pk__in=("comirnaty", "spikevax")))
    site.weekday_hours.create(weekday=5, opens_at=time(9), closes_at=time(12, 30))
    site.weekday_hours.create(weekday=6)
    return site


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_pages_are_sound_in_both_languages_with_everything_and_with_nothing_known(
    client: Client, language: str
) -> None:
    bare, full = make_site("Holé", address=""), complete(make_site())
    client.cookies["crs_language"] = language
    for address in (LIST, f"{LIST}?kraj=CZ031", f"{LIST}?hledat=x<script>", page_of(bare), page_of(full)):
        html = client.get(address).content.decode()
        assert_is_a_sound_page(re.sub(r'href="https://www.(?:nemta.cz|openstreetmap.org)/', "", html), language)
        assert "None" not in html
        assert '<meta name="robots" content="index" />' in html
        assert "<script>x" not in html


def test_a_page_says_everything_that_is_known(client: Client) -> None:
    said = read(client, page_of(complete(make_site())))
    for fact in (
        "Nemocnice Tábor", "This site is: open", "Jsme v přízemí pavilonu A.", "Kpt. Jaroše 2000", "District Tábor",
        "Jihočeský kraj", "Vchod ze dvora.", "Step-free access", "There is no parking", "Show the site on a map",
        "Choose a date with PIN2",
        "Monday 8:00–16:00", "Saturday 9:00–12:30", "Sunday closed on this day", "large-capacity site",
        "Comirnaty, Spikevax", "from the age of 12", "Czech, Ukrainian, Romani", "in your car", "cannot leave home",
        "up to 450 vaccinations a day", "+420 381 608 111", "ockovani@nemta.cz", "https://www.nemta.cz/ockovani",
        "00843989000", "27661989",
    ):  # fmt: skip
        assert fact in said, fact


def test_what_is_not_known_is_left_out(client: Client) -> None:
    said = read(client, page_of(make_site(kind=""))).partition("Do you need help?")[0]
    for word in ("Parking", "Access", "On a map", "Kind of site", "Vaccines", "For whom", "Languages", "Drive-in",
                 "Mobile", "How many", "Telephone", "E-mail", "Web page", "Identification", "Sunday"):  # fmt: skip
        assert word not in said, word
    assert "Usually from 8:00 to 16:00" in said


@pytest.mark.parametrize(
    ("state", "said", "hours"),
    [
        (State.OPEN, "People are vaccinated here.", True),
        (State.PAUSED, "it stays valid: come as it says", True),
        (State.CLOSED, "it is kept: before you come, please call line 1221", False),
    ],
)
def test_the_state_is_told_with_what_it_means_for_who_has_a_reservation(
    client: Client, state: State, said: str, hours: bool
) -> None:
    page = read(client, page_of(make_site(state=state)))
    assert said in page
    assert ("Opening hours" in page) == hours


def test_a_site_in_preparation_and_one_that_is_not_public_have_no_page(client: Client) -> None:
    hidden = [
        make_site(state=State.PREPARING),
        make_site(is_public=False),
        make_site(state=State.CLOSED, is_public=False, district_id=None, region_id="CZ031"),
    ]
    for site in hidden:
        assert client.get(page_of(site)).status_code == 404
    assert "Nemocnice Tábor" not in read(client, f"{LIST}?kraj=CZ031")
    assert "(" not in read(client, LIST).split("By region")[1].split("1221")[0]
    assert client.get(f"{LIST}00000000-0000-4000-8000-000000000000/").status_code == 404
    assert client.post(LIST).status_code == 405


def test_a_map_opens_elsewhere_only_when_somebody_asks_for_it(client: Client) -> None:
    html = client.get(page_of(complete(make_site()))).content.decode()
    assert "https://www.openstreetmap.org/?mlat=49.41400&amp;mlon=14.67700#map=17/49.41400/14.67700" in html
    assert html.count("openstreetmap") == html.count('rel="noopener noreferrer"') - 1  # and the page of the site
    assert "49.41400N" not in html


def test_an_open_site_has_a_door_to_its_dates_and_a_closed_one_has_none(client: Client) -> None:
    for state, has_door in ((State.OPEN, True), (State.PAUSED, False), (State.CLOSED, False)):
        html = client.get(page_of(make_site(str(state.label), state=state))).content.decode()
        assert (f'href="{reverse("reservation:log_in")}"' in html) == has_door


def test_contacts_by_role_are_for_staff_only(client: Client) -> None:
    site = make_site()
    SiteContact.objects.create(site=site, role="HEAD", name="MUDr. Karla Vedoucí", phone="+420 777 000 111")
    for address in (page_of(site), f"{LIST}?kraj=CZ031"):
        said = read(client, address)
        assert "Karla" not in said
        assert "777000111" not in "".join(said.split())


def test_only_one_number_can_be_dialled(client: Client, settings: Settings) -> None:
    english(client)
    settings.HELP_LINE_ABROAD = ""
    one, two = make_site(phone="(381) 608-111"), make_site(phone="381 608 111, linka 5")
    assert 'href="tel:381608111"' in client.get(page_of(one)).content.decode()
    html = client.get(page_of(two)).content.decode()
    assert "381\u00a0608\u00a0111, linka\u00a05" in html
    assert html.count('href="tel:') == html.count('href="tel:1221"')


@pytest.mark.parametrize("asked", ["tabor", "TÁBOR", "jaroše  nemocnice", "kpt."])
def test_a_site_is_found_by_any_word_with_accents_or_without(asked: str) -> None:
    site = make_site()
    make_site("Plzeň", address="Alej Svobody 80", district="CZ0323")
    assert find(text=asked) == [site]


def test_a_site_is_found_by_its_district_and_in_its_region_only() -> None:
    site = make_site("U Slunce", address="Dlouhá 1")
    nowhere = make_site("Bez okresu", address="", district_id=None, region_id="CZ031", state=State.CLOSED)
    assert find(text="tábor") == [site]
    assert find(region_code="CZ031") == [nowhere, site]
    assert find(region_code="CZ010", text="tábor") == []


def test_open_sites_stand_before_closed_ones() -> None:
    closed, paused, is_open = (make_site(n, state=s) for n, s in (("A", "CLOSED"), ("B", "PAUSED"), ("C", "OPEN")))
    assert find(region_code="CZ031") == [is_open, paused, closed]


def test_the_list_begins_with_regions_and_their_numbers(client: Client) -> None:
    make_site()
    make_site("Druhá")
    make_site("Praha", district="CZ0100")
    said = read(client, LIST)
    assert "Jihočeský kraj (2)" in said
    assert "Hlavní město Praha (1)" in said
    assert "Nemocnice Tábor" not in said
    listed = read(client, f"{LIST}?kraj=CZ031")
    assert "2 sites found" in listed
    assert "District Tábor" in listed
    assert "Praha" not in listed.split("2 sites found")[1]


def test_nothing_found_says_what_to_try(client: Client) -> None:
    make_site()
    for question in ("?hledat=Brno", "?kraj=CZ064", "?hledat=%00x"):
        assert "No vaccination site was found." in read(client, LIST + question)
    # An unknown region is no region, and nothing but spaces is no question.
    for question in ("?kraj=XX", "?hledat=%20%20", "?kraj=%00"):
        assert "By region" in read(client, LIST + question)


def test_a_long_list_has_pages_that_keep_the_question(client: Client) -> None:
    VaccinationSite.objects.bulk_create(
        VaccinationSite(name=f"Místo & {number:03}", district_id="CZ0317") for number in range(60)
    )
    english(client)
    first = client.get(f"{LIST}?hledat=misto+%26").content.decode()
    assert "?kraj=&amp;hledat=misto%20%26&amp;strana=2" in first
    second = client.get(f"{LIST}?hledat=misto+%26&strana=2").content.decode()
    assert "Místo &amp; 059" in second
    assert "Místo &amp; 001" not in second


def test_a_thousand_sites_cost_as_few_queries_as_one(
    client: Client, django_assert_max_num_queries: pytest.FixtureRequest
) -> None:
    site = complete(make_site())
    VaccinationSite.objects.bulk_create(
        VaccinationSite(name=f"Místo {number}", district_id="CZ0642") for number in range(100)
    )
    for address, queries in ((LIST, 2), (f"{LIST}?hledat=mist", 4), (page_of(site), 3)):
        with django_assert_max_num_queries(queries):  # type: ignore[operator]
            assert client.get(address).status_code == 200


def test_the_front_page_leads_to_the_list_and_the_list_to_a_site_and_back(client: Client) -> None:
    site = make_site()
    assert f'href="{LIST}"' in client.get("/").content.decode()
    assert f'href="{page_of(site)}"' in client.get(f"{LIST}?kraj=CZ031").content.decode()
    assert f'href="{LIST}?kraj=CZ031"' in client.get(page_of(site)).content.decode()


def test_what_staff_wrote_is_text_and_never_code(client: Client) -> None:
    site = make_site("<b>Nic</b>", description="<script>alert(1)</script>", notes="a & b", phone='"><i>')
    html = client.get(page_of(site)).content.decode()
    assert "<script>alert" not in html
    assert "<b>Nic" not in html
    assert '"><i>' not in html
