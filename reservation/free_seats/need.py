"""What a person still needs, as far as seats are concerned."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from registration.age import age_on


@dataclass(frozen=True)
class Need:
    """From which dose on a person needs seats, not before which day, and of which vaccines.

    `first_dose` 1 is the whole series; a higher one is the rest of it, or where the series is complete the next dose
    alone. `vaccines` are those that serve, each from its first day on; without them all do. Without `birth_date` the
    ages of slots are not asked.
    """

    birth_date: date | None = None
    first_dose: int = 1
    not_before: date | None = None
    vaccines: Mapping[str, date] | None = None

    def first_day(self, vaccine: str, today: date) -> date:
        """From which day on a vaccine that serves can be given."""
        return max(today, self.not_before or today, (self.vaccines or {}).get(vaccine, today))

    def age_on(self, day: date) -> int | None:
        """Completed years on a day."""
        born = self.birth_date
        return None if born is None else age_on(day, birth_date=born)

    def waits(self, today: date) -> bool:
        """Whether one of the vaccines can be given only on some later day."""
        return max(today, self.not_before or today, *(self.vaccines or {}).values()) > today
