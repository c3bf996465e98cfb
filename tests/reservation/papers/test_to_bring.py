"""The page, the paper, the e-mail, the letter and the diary ask for the same things, in the same words."""

import re
from typing import Any

import pytest
from django.test import Client
from django.utils import translation

from crs.messaging.models import Message
from registration.models import PriorityClaim, PriorityGroup
from registration.people.telling import Reach, messages, reach_of
from reservation.models import Invitation
from reservation.papers import reservation_summary, to_bring
from reservation.papers.calendar_file import calendar_file
from reservation.papers.confirmation_pdf import confirmation_pdf
from tests.factories import NOW
from tests.pages import text_of, text_of_pdf
from tests.reservation.conftest import MakePair
from tests.reservation.walk.views.conftest import CONFIRMED, confirm, hold, inside

__all__ = ["inside"]

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]

# The reason that is shown at the site, by a paper.
REASON = "care-home-clients"


def _joined(text: str) -> str:
    """Without what a paper breaks its lines by."""
    return re.sub(r"[\s\-\u2010\u00ad\x02\ufffe]", "", text)


def claim(invitation: Invitation) -> str:
    """A reason besides age, of which nothing but a paper at the site is a proof; its name."""
    group = PriorityGroup.objects.get(pk=REASON)
    PriorityClaim.objects.create(registration=invitation.registration, group=group, state="PENDING", made_at=NOW)
    with translation.override("en"):
        return str(group)


@pytest.mark.parametrize("is_insured", [True, False])
def test_all_papers_ask_for_the_same_things(
    inside: Client, marie: Invitation, make_pair: MakePair, is_insured: bool
) -> None:
    person = marie.registration.person
    if not is_insured:
        type(person).objects.filter(pk=person.pk).update(
            insured_number=None, insured_number_hash="", document_hash="d" * 64
        )
    reason = claim(marie)
    hold(inside, make_pair()[0])
    confirm(inside)
    marie.registration.refresh_from_db()
    with translation.override("en"):
        things = to_bring.things_of(marie.registration, now=NOW)
        how = to_bring.how_to_come()
    assert ("health insurance card" in things) == is_insured
    assert things[-1] == f"a confirmation of this reason: {reason}"
    confirmation = reservation_summary.confirmed(registration_id=marie.registration_id, now=NOW)
    assert confirmation is not None
    context: dict[str, Any] = {"registration": marie.registration, "site": None, "times": []}
    reach = reach_of(marie.registration)
    english = Reach("en", email="a@seznam.cz", postal_address="A\nB", whom=reach.whom)
    told = {one.channel: one.text or "" for one in messages(english, "reservation/confirmed", context)}
    diary = (
        calendar_file(confirmation, language="en").decode().replace("\r\n ", "").replace("\\,", ",").replace("\\;", ";")
    )
    papers = {
        "page": text_of(inside.get(CONFIRMED)),
        "PDF": text_of_pdf(confirmation_pdf(confirmation, language="en")),
        "e-mail": told[Message.Channel.EMAIL],
        "letter": told[Message.Channel.LETTER],
        "diary": diary,
    }
    for name, paper in papers.items():
        for words in (*things, how):
            assert _joined(words) in _joined(paper), (name, words)
        assert is_insured or "insurance card" not in paper, name
