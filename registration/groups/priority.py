"""Which group a person waits in, and which groups are being invited (DOMAIN 4.2, 4.3)."""

from datetime import date

from django.db import transaction

from crs import history
from registration.age import age_on
from registration.groups.errors import TooYoung
from registration.models import PriorityGroup
from registration.operations import Operation


def decide(*, birth_date: date, reason: PriorityGroup | None, today: date) -> PriorityGroup:
    """The group with the highest score of the chosen reason and the person's age.

    With equal scores age counts, because nobody has to prove it at the site. Raises TooYoung for
    people younger than every group by age.
    """
    age = age_on(today, birth_date=birth_date)
    by_age = PriorityGroup.objects.filter(basis=PriorityGroup.Basis.AGE, min_age__lte=age).order_by("-min_age").first()
    if by_age is None:
        raise TooYoung
    if reason is not None and reason.score > by_age.score:
        return reason
    return by_age


@transaction.atomic
def set_open(*, code: str, is_open: bool) -> bool:
    """Open or close a group for invitations; True if that changed anything."""
    with history.recording(Operation.OPEN_GROUP if is_open else Operation.CLOSE_GROUP):
        # The WHERE clause is the check: the second of two clicks finds no row.
        return PriorityGroup.objects.filter(code=code, is_open=not is_open).update(is_open=is_open) == 1
