"""The running portal of a test, and its database as a test looks into it."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.utils.translation import gettext, override

from crs.captcha.questions import WORDS
from tests import database
from tests.stack import Stack


@dataclass(frozen=True)
class Place:
    """A time that can be chosen and whose second dose fits exactly, and the way to it."""

    region: str
    district: str
    site_id: UUID
    site_name: str
    slot_id: int
    starts_at: datetime
    day: date


# Skips today and tomorrow, so that no test hangs on the hour at which it runs.
_SITES = "SELECT id FROM logistics_vaccinationsite WHERE state = 'OPEN' ORDER BY hashtext(id::text)"
# One site at a time, and materialized: pairing all times of all sites takes PostgreSQL ten seconds.
_PLACES = """
WITH s AS MATERIALIZED (
    SELECT *, day + 21 AS second_day FROM reservation_slot
    WHERE site_id = %s AND for_doses IN ('FIRST', 'ANY') AND booked = 0 AND day > current_date + 2
)
SELECT c.region_id, c.code, s.site_id, o.name, s.id, s.starts_at, s.day
FROM s
JOIN logistics_vaccinationsite o ON o.id = s.site_id AND o.state = 'OPEN'
JOIN logistics_district c ON c.code = o.district_id
WHERE EXISTS (
    SELECT FROM reservation_slot d WHERE d.site_id = s.site_id AND d.vaccine_id = s.vaccine_id
    AND d.for_doses IN ('SECOND', 'ANY') AND d.booked < d.capacity
    AND d.day = s.second_day AND d.wall_time = s.wall_time)
ORDER BY s.starts_at
"""


@dataclass(frozen=True)
class Portal:
    """Web and worker of one test session."""

    stack: Stack

    @property
    def url(self) -> str:
        """Where the portal answers, without a slash at the end."""
        return self.stack.url

    def place(self, offset: int = 0, *, site_id: UUID | None = None) -> Place:
        """A time that nobody has chosen yet, with an exact second dose; another `offset`, another time."""
        for site in [site_id] if site_id else [found for (found,) in self.rows(_SITES)]:
            places = self.rows(_PLACES, [site])
            if offset < len(places):
                return Place(*places[offset])
            offset -= len(places)
        raise AssertionError("so many times are not free")

    def row(self, sql: str, arguments: Any = None) -> tuple[Any, ...]:
        """The one row that a query finds."""
        found = self.rows(sql, arguments)
        assert len(found) == 1, f"{len(found)} rows instead of one: {sql}"
        return found[0]

    def rows(self, sql: Any, arguments: Any = None) -> list[tuple[Any, ...]]:
        """What a query finds, over a connection of its own."""
        with database.connect(self.stack.database) as connection:
            return connection.execute(sql, arguments).fetchall()

    def change(self, sql: str, arguments: Any = None) -> None:
        """Bring the database into a state that a test needs."""
        with database.connect(self.stack.database) as connection:
            connection.execute(sql, arguments)

    def captcha_answer(self, key: str, *, language: str) -> str:
        """What a person would answer to a challenge."""
        challenge, response = self.row("SELECT challenge, response FROM captcha_captchastore WHERE hashkey = %s", [key])
        if ":" not in challenge:
            return str(response)
        kind, what = response.split(":")
        if kind != "word":
            return str(what)
        words = next(words for name, words in WORDS.items() if name[0] == what[0])
        with override(language):
            return str(words[int(what[1:])])

    def lose_connections(self) -> None:
        """What a quick restart of the database does to everybody who is connected."""
        with database.connect() as server:
            server.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [self.stack.database]
            )

    def shut_database(self) -> None:
        """Nobody gets in any more, and who was in is thrown out."""
        with database.connect() as server:
            server.execute(f'ALTER DATABASE "{self.stack.database}" WITH ALLOW_CONNECTIONS false')
        self.lose_connections()

    def open_database(self) -> None:
        """The database is back."""
        with database.connect() as server:
            server.execute(f'ALTER DATABASE "{self.stack.database}" WITH ALLOW_CONNECTIONS true')


def say(text: str, *, language: str) -> str:
    """A text of the interface in the language of the page."""
    with override(language):
        return gettext(text)
