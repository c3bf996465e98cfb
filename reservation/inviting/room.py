"""Room for invitations: how many more people of which ages can have all their doses in a region."""

from calendar import isleap
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from datetime import MINYEAR, date, datetime
from math import ceil

from django.db import connection
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.timezone import localdate

from logistics.models import District, Region, VaccinationSite
from registration.age import age_on
from registration.models import Registration
from reservation.free_seats import folding, offers
from reservation.free_seats.pairing import Ages
from reservation.inviting import coming

# Sums of shares are no exact numbers: what is a thousandth over a whole person is that person.
ROUNDING = 0.001

Place = Region | District | VaccinationSite

# People with a valid PIN2 and no reservation that holds seats, by the regions of their preferred sites and by age.
# Of somebody who completed the series, one for a booster counts, and the reservation made with it. Whoever stands on
# the waiting list is offered a time, whatever PIN2 they have, where a site of theirs has one; and whoever gave times
# back chooses among what is left, because what they gave back is for the next one.
_PROMISED = """
SELECT is_for_booster, regions, age, count(*) FROM (
    SELECT r.state = 'COMPLETED' AS is_for_booster,
           date_part('year', age((timezone('Europe/Prague', %(now)s))::date, p.birth_date))::integer AS age,
           array_remove(array_agg(DISTINCT coalesce(c.region_id, site.region_id)), NULL) AS regions
    FROM reservation_invitation i
    JOIN registration_registration r ON r.id = i.registration_id
      AND (r.state = 'ACTIVE' OR r.state = 'COMPLETED' AND r.last_dose_on < i.issued_at)
    JOIN registration_person p ON p.id = r.person_id
    LEFT JOIN registration_registration_preferred_sites s ON s.registration_id = i.registration_id
    LEFT JOIN logistics_vaccinationsite site ON site.id = s.vaccinationsite_id
    LEFT JOIN logistics_district c ON c.code = site.district_id
    WHERE i.revoked_at IS NULL AND i.expires_at > %(now)s AND i.kind <> 'GAVE_BACK' AND NOT EXISTS (
        SELECT FROM reservation_reservation v
        WHERE v.registration_id = i.registration_id AND v.state IN ('HELD', 'CONFIRMED')
          AND (r.state = 'ACTIVE' OR v.created_at >= i.issued_at))
      AND NOT EXISTS (
        SELECT FROM reservation_waitinglistentry w
        JOIN registration_registration_preferred_sites l ON l.registration_id = w.registration_id
        JOIN reservation_siteoffer o ON o.site_id = l.vaccinationsite_id AND o.pairs > 0
        JOIN logistics_vaccinationsite there ON there.id = o.site_id AND there.state = 'OPEN'
        WHERE w.registration_id = i.registration_id AND w.left_at IS NULL)
    GROUP BY i.registration_id, r.state, p.birth_date
    HAVING %(sites)s::uuid[] IS NULL OR count(*) FILTER (WHERE s.vaccinationsite_id = ANY(%(sites)s)) > 0
) promised GROUP BY is_for_booster, regions, age
"""


class Room:
    """Seats that are promised to nobody, by region and by the ages of the people they are for."""

    def __init__(self, seats: Mapping[str, Mapping[Ages, int]], today: date) -> None:
        self.today = today
        self._seats = {region: {ages: free for ages, free in of.items() if free > 0} for region, of in seats.items()}

    @classmethod
    def of_rows(cls, rows: Iterable[tuple[str, int, int, int]], today: date) -> "Room":
        """What `as_rows` wrote."""
        seats: defaultdict[str, dict[Ages, int]] = defaultdict(dict)
        for region, youngest, oldest, free in rows:
            seats[region][youngest, oldest] = free
        return cls(seats, today)

    def as_rows(self) -> list[tuple[str, int, int, int]]:
        """Region, ages and seats, as JSON keeps them."""
        return [(region, *ages, free) for region, of in self._seats.items() for ages, free in of.items()]

    def close(self, region: str) -> None:
        """Nobody else gets a seat there."""
        self._seats.pop(region, None)

    def by_region(self) -> dict[str, int]:
        """For people of all ages together; only regions that have some."""
        return {region: sum(of.values()) for region, of in self._seats.items() if any(of.values())}

    def only_in(self, region: str) -> "Room":
        """Without the other regions."""
        return Room({region: self._seats.get(region, {})}, self.today)

    def most(self, regions: Iterable[str], born: date) -> str | None:
        """Which of `regions`, or of all, has most room for somebody; None where none has any."""
        age = age_on(self.today, birth_date=born)
        possible = [(self._for_age(region, age), region) for region in regions or self._seats]
        free, region = max(possible, key=lambda one: one[0], default=(0, ""))
        return region if free else None

    def serves(self, region: str, born: date) -> bool:
        """Whether a region has room for somebody."""
        return self.most([region], born) is not None

    def take(self, region: str, born: date) -> None:
        """Promise a seat to somebody for whom there is room."""
        self.promise([region], age_on(self.today, birth_date=born), 1)

    def _for_age(self, region: str, age: int) -> int:
        of = self._seats.get(region, {})
        return sum(free for (youngest, oldest), free in of.items() if youngest <= age <= oldest)

    def promise(self, regions: Iterable[str], age: int, people: int) -> int:
        """Promise seats to people of an age who can go to `regions`; return for how many of them there is none."""
        for region in sorted(regions or self._seats, key=lambda code: -self._for_age(code, age)):
            of = self._seats.get(region, {})
            # What serves fewer ages goes first: it is of use to fewer others.
            for ages in sorted(filter(lambda ages: ages[0] <= age <= ages[1], of), key=lambda ages: ages[1] - ages[0]):
                taken = min(people, of[ages])
                of[ages] -= taken
                people -= taken
        return people

    def with_that_of(self, other: "Room") -> "Room":
        """Both added up."""
        seats: defaultdict[str, Counter[Ages]] = defaultdict(Counter)
        for room in (self, other):
            for region, of in room._seats.items():
                seats[region].update(of)
        return Room(seats, self.today)

    def wanted(self, *, is_region_given: bool, sites: QuerySet[VaccinationSite] | None = None) -> Q:
        """The registrations of people for whom there is room, by their age and the regions of their sites.

        Whoever has no preferred sites can go anywhere, unless they are asked for in one region. With `sites` only
        those of their sites count.
        """
        regions_of: defaultdict[Ages, list[str]] = defaultdict(list)
        for region, of in self._seats.items():
            for ages, free in of.items():
                if free:
                    regions_of[ages].append(region)
        wanted = Q(pk__in=[])
        for (youngest, oldest), regions in regions_of.items():
            born = Q(
                person__birth_date__lte=_years_before(self.today, youngest),
                person__birth_date__gt=_years_before(self.today, oldest + 1),
            )
            wanted |= born & _prefers(regions, sites, or_nothing=not is_region_given)
        return wanted


def rooms(now: datetime, place: Place | None = None, *, folds: bool = False) -> tuple[Room, Room]:
    """Room for whole series, and room for boosters alone, that is not promised yet, by what sites offered at last.

    Of people with an outstanding PIN2 as many count as are likely to come (`coming.share`). A booster takes a seat that
    no free first dose needs, and where there is none one that a series would have had. With a `place` it is the room of
    its own sites, and all count who prefer one of them, wherever else they may go.

    Whoever promises seats by it `folds`, also where that has to wait for somebody else who is folding.
    """
    if folds:
        # Whether somebody on the waiting list was promised a seat follows from what their sites offer.
        folding.fold(now=now, waits=True)
    today = localdate(now)
    sites = sites_in(place)
    keys = None if sites is None else list(sites.values_list("pk", flat=True))
    with connection.cursor() as cursor:
        cursor.execute(_PROMISED, {"now": now, "sites": keys})
        promised = cursor.fetchall()
    if folds:
        # Once more: whoever reserves meanwhile is counted twice. Else their seat would look free, promised to nobody.
        folding.fold(now=now, waits=True)
    series, boosters = (Room(offers.by_region(column, sites=sites), today) for column in ("pairs", "spare"))
    share, owed = coming.share(), 0.0
    # People who prefer sites of one region can go nowhere else, so what they were promised is taken off first.
    for is_for_booster, regions, age, people in sorted(promised, key=lambda row: (len(row[1]) or 99, *row[:3])):
        # Rounded up over all rows together, not in each: most rows are of few people.
        owed += people * share
        come = ceil(owed - ROUNDING)
        owed -= come
        possible = () if place else regions
        left = boosters.promise(possible, age, come) if is_for_booster else come
        series.promise(possible, age, left)
    return series, boosters


def region_of(place: Place) -> str:
    """The code of the region in which a place lies, or which it is."""
    if isinstance(place, Region):
        return place.pk
    district = place.district if isinstance(place, VaccinationSite) else place
    return district.region_id if district is not None else getattr(place, "region_id", None) or ""


def sites_in(place: Place | None) -> QuerySet[VaccinationSite] | None:
    """The sites of a place; None for the whole country."""
    if place is None:
        return None
    if isinstance(place, Region):
        return VaccinationSite.objects.in_region(place.pk)
    one = {"district": place} if isinstance(place, District) else {"pk": place.pk}
    return VaccinationSite.objects.filter(**one)


def _prefers(regions: Iterable[str], sites: QuerySet[VaccinationSite] | None, *, or_nothing: bool) -> Q:
    chosen = Registration.preferred_sites.through.objects.filter(registration=OuterRef("pk"))
    there = VaccinationSite.objects.in_regions(list(regions))
    if sites is not None:
        there = there.filter(pk__in=sites)
    prefers = Q(Exists(chosen.filter(vaccinationsite__in=there)))
    return prefers | Q(~Exists(chosen)) if or_nothing else prefers


def _years_before(day: date, years: int) -> date:
    """The same day of an earlier year; people born on 29 February are a year older on 1 March."""
    year = max(day.year - years, MINYEAR)
    is_leap_day = (day.month, day.day) == (2, 29)
    return date(year, 2, 28) if is_leap_day and not isleap(year) else day.replace(year=year)
