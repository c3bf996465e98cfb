"""What a person still needs, as far as seats are concerned."""

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True)
class Need:
    """From which dose on a person needs seats, not before which day, and of which vaccines.

    `first_dose` 1 is the whole series; a higher one is the rest of it, or where the series is complete the next dose
    alone. Without `birth_date` the ages of slots are not asked; without `vaccines` all serve.
    """

    birth_date: date | None = None
    first_dose: int = 1
    not_before: date | None = None
    vaccines: frozenset[str] | None = None

    def age_on(self, day: date) -> int | None:
        """Completed years on a day."""
        born = self.birth_date
        return None if born is None else day.year - born.year - ((day.month, day.day) < (born.month, born.day))
