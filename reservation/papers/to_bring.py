"""What people bring and how they come: the one list that the page, the paper, the e-mail and the letter share."""

from collections.abc import Iterable, Iterator
from datetime import datetime

from django.utils.translation import gettext as _

from registration.groups import proofs
from registration.models import PriorityGroup, Registration


def things(*, is_insured: bool, reasons: Iterable[PriorityGroup]) -> Iterator[str]:
    """The things to bring. Whoever has no insured person's number has no card of an insurer either."""
    yield _("identity card or passport")
    if is_insured:
        yield _("health insurance card")
    yield _("the registration number, or the confirmation on paper or in your telephone")
    for group in reasons:
        yield _("a confirmation of this reason: %(group)s") % {"group": group}


def how_to_come(*, is_at_a_time: bool = True) -> str:
    """The sentence below the list; a substitute comes by an hour, and not at a time."""
    if not is_at_a_time:
        return _("Do not come if you are ill.")
    return _("Come at most ten minutes early. Do not come if you are ill.")


def things_of(registration: Registration, *, now: datetime) -> list[str]:
    """The things that a registered person brings."""
    reasons = proofs.confirmed_at_site(registration, now=now)
    return list(things(is_insured=bool(registration.person.insured_number_hash), reasons=reasons))
