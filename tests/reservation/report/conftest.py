"""Offers of sites, as the report sums them up."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest

from logistics.models import Outline, VaccinationSite
from reservation.models import OffersState, SiteOffer
from reservation.report import capacity
from tests.factories import NOW, make_site

TODAY = NOW.date()
MakeOffer = Callable[..., VaccinationSite]


@pytest.fixture
def make_offer() -> MakeOffer:
    """A site (or one more offer of it) with so many seats free in 7, 14 and 30 days, the first of them `in_days`."""

    def make(
        *free: int,
        site: VaccinationSite | None = None,
        district: str = "CZ0642",
        vaccine: str = "comirnaty",
        ages: tuple[int, int] = (0, 150),
        in_days: int = 1,
        **fields: object,
    ) -> VaccinationSite:
        site = site or make_site(f"Místo {VaccinationSite.objects.count()}", district, **fields)
        free_7, free_14, free_30 = free or (0, 0, 0)
        SiteOffer.objects.create(
            site=site,
            vaccine_id=vaccine,
            youngest_age=ages[0],
            oldest_age=ages[1],
            next_day=TODAY + timedelta(days=in_days) if any(free) else None,
            free=free_30,
            free_7=free_7,
            free_14=free_14,
            free_30=free_30,
            pairs=free_30,
        )
        return site

    return make


def make_outlines(*codes: str) -> None:
    """A square for each region or district, side by side."""
    for number, code in enumerate(codes):
        left = 100 * number
        Outline.objects.create(
            **{"region_id" if len(code) == 5 else "district_id": code},
            path=f"M{left} 0l100 0 0 100-100 0z",
            left=left,
            top=0,
            right=left + 100,
            bottom=100,
            label_x=left + 50,
            label_y=50,
            valid_on=date(2026, 11, 1),
        )


def summed() -> capacity.Capacity:
    """The figures, summed up now from offers in which all changes are."""
    OffersState.objects.update_or_create(pk=1, defaults={"folded_at": NOW})
    capacity.refresh(now=NOW)
    return capacity.whole()
