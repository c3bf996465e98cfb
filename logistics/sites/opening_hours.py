"""Opening hours of a site, by weekday."""

from dataclasses import dataclass
from datetime import time

from logistics.models import VaccinationSite, WeekdayHours


@dataclass(frozen=True)
class Hours:
    """The hours of a day, by the clock in Prague."""

    opens_at: time
    closes_at: time


# The hours from Monday to Sunday; None is a day on which the site is closed.
Week = tuple[Hours | None, ...]


def week_of(site: VaccinationSite) -> Week:
    """The hours of each weekday: its own where it has some, else the usual ones of the site.

    Reads `weekday_hours` from the prefetch where there is one, else from the database.
    """
    usual = Hours(site.opens_at, site.closes_at)
    own = {each.weekday: _hours(each) for each in site.weekday_hours.all()}
    return tuple(own.get(weekday, usual) for weekday in range(7))


def _hours(row: WeekdayHours) -> Hours | None:
    return Hours(row.opens_at, row.closes_at) if row.opens_at and row.closes_at else None
