"""Ages of persons."""

from datetime import date


def age_on(day: date, *, birth_date: date) -> int:
    """Completed years on `day`."""
    return day.year - birth_date.year - ((day.month, day.day) < (birth_date.month, birth_date.day))
