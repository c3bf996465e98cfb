"""People who come for seats that were taken: made up, registered and invited on the day before they reserve."""

import random
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import NamedTuple
from uuid import UUID

from django.db import IntegrityError, transaction

from registration.groups.rules import rules_at
from registration.replay import registering
from registration.replay.made_up import MadeUp
from registration.replay.registering import FirstDose
from registration.replay.rows import AGES, HOME, Row
from reservation.inviting import issuing
from reservation.models import Invitation

TRIES = 5


class Invited(NamedTuple):
    """Keys of a person with PIN2."""

    registration_id: int
    invitation_id: int


@dataclass(frozen=True)
class Coming:
    """So many people for a site, invited at `moment`, which is on `day`; who `had` a first dose needs the second."""

    people: int
    site_id: UUID
    moment: datetime
    day: date
    had: FirstDose | None


def invite(coming: Coming) -> list[Invited]:
    """Register and invite them, of ages whose turn it is at that moment."""
    ages = ages_invited(coming.moment)
    for attempt in range(TRIES):
        rows = [
            Row(
                key=secrets.token_hex(16),
                day=coming.day,
                site=coming.site_id,
                ages=random.choice(ages),  # noqa: S311 - nothing is kept secret by it
                groups=(),
                country=HOME,
                had_reservation=True,
            )
            for _ in range(coming.people)
        ]
        people = [_registered_by(coming.moment, one) for one in registering.people_of(rows)]
        try:
            with transaction.atomic():
                registrations = registering.register(rows, people, had=coming.had)
                issued = issuing.issue(registrations, Invitation.Kind.TURN, coming.moment)
        except IntegrityError:
            # Another process has drawn one of the numbers at this moment.
            if attempt == TRIES - 1:
                raise
            continue
        return [Invited(pk, invitation.pk) for pk, (invitation, _pin2) in issued.items()]
    raise AssertionError


def ages_invited(moment: datetime) -> Sequence[tuple[int, int]]:
    """The age bands whose people are invited by age alone at `moment`; before that the oldest."""
    lowest = [rule.min_age or 0 for rule in rules_at(moment) if rule.is_by_age and rule.invites(moment)]
    bands = [band for band in AGES.values() if lowest and band[0] >= min(lowest)]
    return bands or [max(AGES.values())]


def _registered_by(moment: datetime, one: MadeUp) -> MadeUp:
    return replace(one, registered_at=min(one.registered_at, moment))
