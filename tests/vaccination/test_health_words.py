"""What people write about somebody's health stands in no table in plain text, the history included."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import connection

from logistics.models import VaccinationSite
from tests.factories import (
    NOW,
    context,
    make_dose,
    make_open_vial,
    make_reservation,
    make_site,
    make_visit,
    make_worker,
)
from vaccination.models import Visit
from vaccination.observation import adverse_events, event_list, observing
from vaccination.observation.adverse_events import EventEntry, ReactionEntry
from vaccination.visits import check_in
from vaccination.visits.check_in import CheckInDetails

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]

WORDS = "epileptický záchvat"
TABLES = ("visit", "visitevent", "adverseevent", "adverseeventevent", "reaction", "reactionevent")


@pytest.fixture
def site() -> VaccinationSite:
    return make_site()


@pytest.fixture(autouse=True)
def nothing_is_readable() -> Iterator[None]:
    yield
    for table in ("pghistory_context", *(f"vaccination_{name}" for name in TABLES)):
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT row_to_json(t)::text FROM {table} t")  # noqa: S608
            rows = "\n".join(row[0] for row in cursor.fetchall())
        assert "záchvat" not in rows, table
        assert "\\u00e1chvat" not in rows, table


def test_notes_of_a_check_in_and_of_sending_away(site: VaccinationSite) -> None:
    appointment = make_reservation(site=site).appointments.get(dose_number=1)
    details = CheckInDetails("OTHER", "SPOKEN", identity_note=WORDS, claim_note=WORDS, note=WORDS)
    visit = check_in.check_in(appointment=appointment, site=site, details=details, context=context())
    assert (visit.identity_note, visit.claim_note, visit.note) == (WORDS, WORDS, WORDS)
    gone = check_in.send_away(visit=visit, why="MEDICAL", note=f"{WORDS} ráno", context=context())
    assert gone.note == f"{WORDS} ráno"


def test_notes_of_a_check_in_that_is_taken_back(site: VaccinationSite) -> None:
    visit = check_in.undo(visit=make_visit(site=site), reason=WORDS, context=context())
    assert visit.note == WORDS


def test_why_somebody_stays_longer_and_goes_earlier(site: VaccinationSite) -> None:
    visit = make_visit(site=site)
    Visit.objects.filter(pk=visit.pk).update(state="OBSERVED", observe_until=NOW + timedelta(minutes=15))
    kept = observing.prolong(visit=visit, minutes=15, context=replace(context(), note=WORDS))
    assert kept.kept_because == WORDS
    gone = observing.leave(visit=visit, early_reason=WORDS, context=context())
    assert gone.left_because == WORDS


def test_a_reaction_and_why_its_report_is_nullified(site: VaccinationSite) -> None:
    dose = make_dose(make_visit(site=site), make_open_vial(site))
    entry = EventEntry(
        reactions=[ReactionEntry(WORDS, started_at=NOW)], intensity="MILD", narrative=WORDS, reporter=make_worker(site)
    )
    event = adverse_events.report(dose=dose, entry=entry, context=context())
    (reaction,) = event.reactions.all()
    adverse_events.correct_outcome(reaction=reaction, outcome="1", ended_at=NOW, context=context())
    adverse_events.nullify(event=event, reason=WORDS, context=context())
    event.refresh_from_db()
    changes = event_list.changes_of(event)
    assert [(change.term, change.reason) for change in changes] == [(WORDS, ""), ("", WORDS)]
