"""Ages of persons."""

from datetime import date


def age_on(day: date, *, birth_date: date) -> int:
    """Completed years on `day`; whoever was born on 29 February is a year older on 1 March."""
    return day.year - birth_date.year - ((day.month, day.day) < (birth_date.month, birth_date.day))
