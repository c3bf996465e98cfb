"""The buttons of a day's times: their parts are kept, and each shows its own hour and seats."""

import re
from datetime import UTC, datetime, timedelta

from django.template.loader import render_to_string
from django.utils.translation import override

from reservation.free_seats.availability import TimeOffer

BUTTON = re.compile(
    r'value="(\d+)".*?rsv-time__hour">(.*?)</strong>(.*?)<span class="rsv-time__free">(.*?)</span>', re.S
)


def offer(slot_id: int, starts_at: datetime, free: int, vaccine: str = "comirnaty") -> TimeOffer:
    return TimeOffer(slot_id, starts_at, free, vaccine, 12)


def shown(*offers: TimeOffer, **context: object) -> list[tuple[str, ...]]:
    html = render_to_string("reservation/parts/times.html", {"offers": offers, **context})
    return [
        (*parts[:2], " ".join(re.findall(r"<span>(.*?)</span>", parts[2])), parts[3].strip())
        for parts in BUTTON.findall(html)
    ]


def test_each_button_has_its_own_hour_and_seats_however_often_they_are_drawn() -> None:
    summer, winter = datetime(2027, 7, 1, 6, 5, tzinfo=UTC), datetime(2027, 12, 1, 6, 5, tzinfo=UTC)
    with override("en"):
        for free in (1, 2):
            assert shown(
                offer(1, summer, free), offer(2, winter, 1), offer(3, winter + timedelta(minutes=12), 1_000)
            ) == [
                ("1", "8:05", "", "1 free place" if free == 1 else "2 free places"),
                ("2", "7:05", "", "1 free place"),
                ("3", "7:17", "", "1,000 free places"),
            ]
    with override("cs"):
        assert [button[3] for button in shown(offer(1, summer, 1), offer(2, summer, 5))] == [
            "1\xa0volné místo",
            "5\xa0volných míst",
        ]


def test_the_vaccine_is_named_where_there_is_a_choice() -> None:
    at = datetime(2027, 7, 1, 6, 5, tzinfo=UTC)
    names = {"comirnaty": "Comirnaty", "spikevax": "Spikevax"}
    buttons = shown(offer(1, at, 1), offer(2, at, 1, "spikevax"), vaccine_names=names)
    assert [button[2] for button in buttons] == ["Comirnaty", "Spikevax"]
