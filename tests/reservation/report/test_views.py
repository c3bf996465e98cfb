"""The public pages of what is free: no session, kept by caches, the same for everybody."""

import csv
import json
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from time_machine import TimeMachineFixture

from crs.no_break import breakable
from logistics.models import Region
from reservation.models import FreeCapacity, SiteOffer
from reservation.report import capacity
from tests.factories import NOW
from tests.pages import Page, text_of
from tests.reservation.report.conftest import MakeOffer, make_outlines, summed

pytestmark = pytest.mark.django_db

PAGE, JSON, CSV = "/volne-terminy/", "/volne-terminy/data.json", "/volne-terminy/tabulka.csv"


@pytest.fixture(autouse=True)
def _now(time_machine: TimeMachineFixture) -> None:
    time_machine.move_to(NOW, tick=False)


def get(address: str, **headers: str) -> Page:
    return Client(headers={"Accept-Language": "cs", **headers}).get(address)


def english(query: str = "") -> str:
    return text_of(get(f"{PAGE}?jazyk=en&{query}"))


def rows(query: str = "") -> list[dict[str, Any]]:
    return json.loads(get(f"{JSON}?{query}").content)["rows"]


def test_the_way_leads_from_the_country_to_a_site(make_offer: MakeOffer) -> None:
    site = make_offer(1, 2, 3, is_step_free=True)
    summed()
    assert "kraj=CZ064" in get(PAGE).content.decode()
    # Praha is region and district in one.
    assert "okres=CZ0100" in get(PAGE).content.decode()
    assert "okres=CZ0642" in get(f"{PAGE}?kraj=CZ064").content.decode()
    page = get(f"{PAGE}?okres=CZ0642").content.decode()
    assert f'href="/ockovaci-mista/{site.pk}/"' in page
    assert '<option value="CZ064" selected>' in page
    assert "12. 1. 2027" in breakable(page)


@pytest.mark.parametrize("address", [PAGE, JSON, CSV, f"{PAGE}?kraj=CZ064&vek=50"])
def test_everybody_gets_the_same_answer_without_a_session(make_offer: MakeOffer, address: str) -> None:
    make_offer(1, 2, 3)
    summed()
    first = get(address)
    with CaptureQueriesContext(connection) as captured:
        again = get(address, Cookie="crs_session=x; csrftoken=y")
    assert again.content == first.content
    assert not any("session" in query["sql"] for query in captured)
    assert (first.cookies, again.cookies) == ({}, {})
    assert first.headers["Cache-Control"] == "public, max-age=4"
    assert "csrf" not in first.content.decode()
    head = Client(headers={"Accept-Language": "cs"}).head(address)
    assert (head.status_code, head.content, head.headers["ETag"]) == (200, b"", first.headers["ETag"])
    assert Client().post(address).status_code == 405


@pytest.mark.parametrize("address", [PAGE, JSON, CSV])
def test_whoever_has_the_version_gets_it_no_second_time(make_offer: MakeOffer, address: str) -> None:
    make_offer(1, 2, 3)
    summed()
    etag = get(address).headers["ETag"]
    with CaptureQueriesContext(connection) as captured:
        known = get(address, **{"If-None-Match": etag})
    assert (known.status_code, known.content, known.headers["ETag"], len(captured)) == (304, b"", etag, 1)
    assert known.headers["Cache-Control"] == "public, max-age=4"
    # Another question, another language and other figures are other answers.
    assert get(f"{address}?volne=1", **{"If-None-Match": etag}).status_code == 200
    SiteOffer.objects.update(free_7=0)
    capacity.refresh(now=NOW + timedelta(seconds=5))
    assert get(address, **{"If-None-Match": etag}).status_code == 200


def test_the_language_comes_from_the_address_or_from_the_visitor() -> None:
    named = get(f"{PAGE}?jazyk=uk")
    assert (named.headers["Content-Language"], "Vary" in named.headers) == ("uk", False)
    visitor = get(PAGE, **{"Accept-Language": "vi"})
    assert (visitor.headers["Content-Language"], visitor.headers["Vary"]) == ("vi", "Accept-Language, Cookie")
    assert visitor.headers["ETag"] != get(PAGE).headers["ETag"]
    assert "jazyk=uk" in get(f"{PAGE}?jazyk=uk").content.decode().partition("<table")[2]


def test_programs_of_all_visitors_get_one_answer() -> None:
    asked = [get(JSON, **{"Accept-Language": code}) for code in ("cs", "vi")] + [get(JSON, Cookie="crs_language=en")]
    assert len({(one.content, one.headers["ETag"]) for one in asked}) == 1
    assert json.loads(asked[1].content)["total"]["name"] == "Česká republika"
    assert "Vary" not in asked[1].headers


def test_the_language_goes_on_to_the_reservation() -> None:
    assert 'href="/rezervace/?jazyk=vi"' in get(f"{PAGE}?jazyk=vi").content.decode()
    client = Client(headers={"Accept-Language": "cs"})
    for address in ("/rezervace/?jazyk=vi", "/rezervace/"):
        assert client.get(address).headers["Content-Language"] == "vi"
    assert get("/rezervace/?jazyk=xx").headers["Content-Language"] == "cs"


def test_a_page_of_an_area_is_kept_and_made_anew_for_each_version(make_offer: MakeOffer) -> None:
    make_offer(1, 2, 3)
    summed()
    get(f"{PAGE}?kraj=CZ064")
    with CaptureQueriesContext(connection) as captured:
        kept = get(f"{PAGE}?kraj=CZ064")
    assert len(captured) == 1
    cache.clear()
    assert get(f"{PAGE}?kraj=CZ064").content == kept.content
    SiteOffer.objects.update(free_30=4321)
    capacity.refresh(now=NOW + timedelta(seconds=5))
    assert "4 321" in text_of(get(f"{PAGE}?kraj=CZ064")).replace("\xa0", " ")


def test_a_page_asks_no_more_with_more_sites(make_offer: MakeOffer) -> None:
    def queries(query: str) -> int:
        summed()
        with CaptureQueriesContext(connection) as captured:
            get(f"{PAGE}?{query}&vek=50")
        return len(captured)

    make_offer(1, 2, 3)
    few = [queries(query) for query in ("", "kraj=CZ064", "okres=CZ0642")]
    for _ in range(25):
        make_offer(1, 2, 3)
    assert [queries(query) for query in ("", "kraj=CZ064", "okres=CZ0642")] == few
    assert max(few) <= 6


def test_sites_come_by_twenty(make_offer: MakeOffer) -> None:
    for number in range(21):
        make_offer(number, number, number)
    summed()
    first, last = get(f"{PAGE}?okres=CZ0642&razeni=-volno7"), get(f"{PAGE}?okres=CZ0642&razeni=-volno7&strana=2")
    assert first.content.decode().count("/ockovaci-mista/") == 20
    assert last.content.decode().count("/ockovaci-mista/") == 1
    assert "strana=2#table" in first.content.decode()
    assert get(f"{PAGE}?okres=CZ0642&strana=99").status_code == 200
    assert len(rows("okres=CZ0642")) == 21


def test_a_head_of_the_table_sorts_and_turns_round(make_offer: MakeOffer) -> None:
    make_offer(1, 2, 3)
    summed()
    assert "razeni=-volno14#table" in get(PAGE).content.decode()
    page = get(f"{PAGE}?razeni=-volno14").content.decode()
    assert page.count("aria-sort") == 1
    assert 'aria-sort="descending"><a href="?razeni=volno14#table"' in page
    assert rows("razeni=-volno14")[0]["code"] == "CZ064"
    turned = get(f"{PAGE}?razeni=volno14").content.decode()
    assert 'aria-sort="ascending"' in turned
    assert '<option value="volno14" selected>' in turned


@pytest.mark.parametrize(
    "query",
    [
        "kraj=CZ999",
        "okres=x",
        "vakcina=%00",
        "vek=stary",
        "vek=131",
        "vek=-1",
        "razeni=drop",
        "okres=%F0%9F",
        "kraj=%00",
        "kraj=a%20b",
        "okres=%F0%9F%99%82",
    ],
)
def test_what_there_is_not_is_refused_in_words(query: str) -> None:
    page = get(f"{PAGE}?jazyk=en&{query}")
    assert (page.status_code, page.headers["Cache-Control"], "ETag" in page.headers) == (400, "no-store", False)
    assert "Please check what you filled in" in text_of(page)
    for address in (JSON, CSV):
        refused = get(f"{address}?{query}")
        assert refused.status_code == 400
        assert list(json.loads(refused.content)["errors"]) == [query.rpartition("=")[0]]


def test_a_strange_address_does_no_harm(make_offer: MakeOffer) -> None:
    make_offer(1, 2, 3, ages=(0, 60))
    summed()
    assert get(f"{PAGE}?utm_source=x&strana=%C2%B2&jazyk=xx").status_code == 200
    # A district of the region that was chosen before; wide digits, as some keyboards write them.
    said = text_of(get(f"{PAGE}?jazyk=en&kraj=CZ031&okres=CZ0642"))
    assert "The district Brno-město does not lie in Jihočeský kraj." in said
    assert rows("kraj=CZ064&vek=%EF%BC%96%EF%BC%90+") != rows("kraj=CZ064&vek=61")
    assert len(rows("volne=1")) == 1


def test_the_map_leads_to_areas_and_is_left_out_without_borders(make_offer: MakeOffer) -> None:
    make_offer(1, 2, 3)
    summed()
    assert "<svg" not in get(f"{PAGE}?x=1").content.decode()
    make_outlines(*Region.objects.values_list("code", flat=True))
    page = get(f"{PAGE}?x=2&jazyk=en&volne=1").content.decode()
    assert page.count('class="rpt-area"') == 14
    assert 'aria-label="Jihomoravský kraj: level 4. Free in 30 days: 3. People waiting: 0."' in page
    assert "© ČÚZK, 1. 11. 2026" in breakable(page)
    # Numbers in the drawing are written for SVG, whatever the language.
    assert ",5" not in get(f"{PAGE}?x=3").content.decode().partition("<svg")[2].partition("</svg")[0]


def test_old_figures_are_called_so(make_offer: MakeOffer) -> None:
    make_offer(1, 2, 3)
    summed()
    fresh = get(PAGE).headers["ETag"]
    assert "These numbers are old" not in english()
    FreeCapacity.objects.update(checked_at=NOW - timedelta(minutes=2))
    assert "These numbers are old" in english()
    assert get(PAGE).headers["ETag"] != fresh
    assert json.loads(get(JSON).content)["is_current"] is False


def test_programs_read_stable_names(make_offer: MakeOffer) -> None:
    site = make_offer(1, 2, 3, is_step_free=True)
    summed()
    answer = get(f"{JSON}?okres=CZ0642")
    content = json.loads(answer.content)
    row = {"free_7": 1, "free_14": 2, "free_30": 3, "next_free_day": "2027-01-12", "waiting": 0}
    row |= {"sites": 1, "step_free_sites": 1}
    of_site = {"code": str(site.pk), "name": site.name, "address": site.address, "step_free": True}
    assert content == {
        "version": 1,
        "changed_at": "2027-01-11T08:00:00Z",
        "is_current": True,
        "level": "district",
        "area": {"code": "CZ0642", "name": "Brno-město"},
        "rows": [of_site | row],
        "total": {"code": "CZ0642", "name": "Brno-město"} | row,
    }
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert get(f"{JSON}?kraj=CZ064").headers["Content-Type"] == "application/json"


def test_a_spreadsheet_reads_the_table_with_its_time(make_offer: MakeOffer) -> None:
    make_offer(1, 2, 3, is_step_free=False)
    summed()
    answer = get(f"{CSV}?okres=CZ0642&jazyk=en")
    heads, line, total = csv.reader(StringIO(answer.content.decode("utf-8-sig")), delimiter=";")
    assert heads[2:5] == ["Free in 7 days", "Free in 14 days", "Free in 30 days"]
    assert line[2:] == ["1", "2", "3", "2027-01-12", "0", "no", "1", "0", "2027-01-11 09:00:00"]
    assert total[:2] == ["CZ0642", "Brno-město"]
    assert "volne-terminy-2027-01-11.csv" in answer.headers["Content-Disposition"]
    assert len(get(CSV).content.decode().splitlines()) == 1 + 14 + 1
