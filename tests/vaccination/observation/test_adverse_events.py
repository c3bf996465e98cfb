"""Reporting, adding, correcting and nullifying."""

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection

from logistics.models import VaccinationSite
from logistics.stock.ledger import EntryContext
from tests.factories import NOW, context, make_account, make_event, make_site, make_worker
from vaccination.models import AdverseEvent, Dose, HealthWorker, Reaction
from vaccination.observation import adverse_events, errors, event_list
from vaccination.observation.adverse_events import EventEntry, ReactionEntry

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]
LATER = NOW + timedelta(minutes=20)


def after(minutes: int) -> datetime:
    return NOW + timedelta(minutes=minutes)


def entry(dose: Dose, *reactions: ReactionEntry, **fields: Any) -> EventEntry:
    values = {"intensity": "MILD", "narrative": "Omdlela po dávce.", "reporter": dose.doctor}
    return EventEntry(reactions=reactions or [ReactionEntry("mdloby", after(5), after(7), "1")], **(values | fields))


def test_a_report_keeps_several_reactions_and_is_found_encrypted_in_the_database(dose: Dose) -> None:
    event = adverse_events.report(
        dose=dose,
        entry=entry(
            dose,
            ReactionEntry("vyrážka", after(3)),
            ReactionEntry("dušnost", after(5), after(15), "1"),
            seriousness=["IMPORTANT", "LIFE_THREATENING"],
            cause="PRODUCT",
            is_unexpected=True,
            treatment="Adrenalin 0,5 mg i.m.",
        ),
        context=EntryContext(by=make_account("sestra"), now=LATER),
    )
    assert [(one.term, one.outcome) for one in event.reactions.all()] == [("vyrážka", "0"), ("dušnost", "1")]
    assert event.seriousness == ["LIFE_THREATENING", "IMPORTANT"]
    assert (event.is_serious, event.state, event.recorded_at) == (True, "REPORTED", LATER)
    assert (event.narrative, event.treatment) == ("Omdlela po dávce.", "Adrenalin 0,5 mg i.m.")
    with connection.cursor() as cursor:
        cursor.execute("SELECT narrative || treatment FROM vaccination_adverseevent")
        assert "dávce" not in cursor.fetchone()[0]


def test_a_report_sent_twice_is_one(dose: Dose) -> None:
    key = uuid4()
    first, second = (adverse_events.report(dose=dose, entry=entry(dose), context=context(LATER, key)) for _ in range(2))
    assert first == second == AdverseEvent.objects.get()


@pytest.mark.parametrize(
    ("reaction", "refusal"),
    [
        (ReactionEntry("mdloby", after(-1)), errors.BeganBeforeTheDose),
        (ReactionEntry("mdloby", after(21)), errors.InTheFuture),
        (ReactionEntry("mdloby", after(5), after(4)), errors.EndedBeforeItBegan),
        (ReactionEntry("mdloby", after(5), after(21)), errors.InTheFuture),
        (ReactionEntry("mdloby", after(5), after(6), "3"), errors.StillGoesOn),
        (ReactionEntry("mdloby", after(5), after(6), "5"), errors.FatalWithoutDeath),
    ],
)
def test_times_that_cannot_be_and_a_death_that_is_not_serious_are_refused(
    dose: Dose, reaction: ReactionEntry, refusal: type[Exception]
) -> None:
    with pytest.raises(refusal):
        adverse_events.report(dose=dose, entry=entry(dose, reaction), context=context(LATER))
    assert not AdverseEvent.objects.exists()


def test_a_reaction_in_the_minute_of_the_dose_counts_as_after_it(dose: Dose) -> None:
    Dose.objects.filter(pk=dose.pk).update(given_at=NOW + timedelta(seconds=40), recorded_at=after(1))
    dose.refresh_from_db()
    adverse_events.report(dose=dose, entry=entry(dose, ReactionEntry("mdloby", NOW)), context=context(LATER))


def test_a_report_names_a_health_worker_who_works_at_the_site(site: VaccinationSite, dose: Dose) -> None:
    ended = make_worker(site, ended_at=NOW)
    for other in (ended, make_worker(make_site("Jinde", "CZ0642"))):
        with pytest.raises(errors.ReporterFromElsewhere):
            adverse_events.report(dose=dose, entry=entry(dose, reporter=other), context=context(LATER))
    assert HealthWorker.objects.working().filter(site=site).exists()


def test_nothing_is_reported_after_a_dose_entered_in_error_or_without_a_reaction(dose: Dose) -> None:
    nothing = EventEntry(reactions=[], intensity="MILD", narrative="…", reporter=dose.doctor)  # type: ignore[arg-type]
    with pytest.raises(errors.NoReaction):
        adverse_events.report(dose=dose, entry=nothing, context=context(LATER))
    dose.state = "IN_ERROR"
    with pytest.raises(errors.DoseInError):
        adverse_events.report(dose=dose, entry=entry(dose), context=context(LATER))


@pytest.mark.parametrize("written", ["rč {}", "číslo {0:.6}/{1}", "{0:.2} {2} {1}"])
def test_no_text_of_a_report_may_hold_the_insured_number(dose: Dose, written: str) -> None:
    number = dose.person.insured_number
    text = written.format(number, number[6:], number[2:6])
    for field in ("narrative", "treatment"):
        with pytest.raises(errors.NumberInText):
            adverse_events.report(dose=dose, entry=entry(dose, **{field: text}), context=context(LATER))
    with pytest.raises(errors.NumberInText):
        adverse_events.add(event=make_event(dose), text=text, context=context(LATER))


def test_what_was_learnt_later_stands_beside_the_report(dose: Dose) -> None:
    event = make_event(dose)
    adverse_events.add(event=event, text="Propuštěna domů.", context=context(LATER))
    assert [(one.text, one.added_at) for one in event.additions.all()] == [("Propuštěna domů.", LATER)]
    event.refresh_from_db()
    assert event.narrative == "Omdlela."


def test_an_outcome_is_corrected_and_the_history_keeps_the_one_before(dose: Dose) -> None:
    event, nurse = make_event(dose), make_account("sestra")
    reaction = event.reactions.get()
    told = EntryContext(by=nurse, now=LATER)
    adverse_events.correct_outcome(reaction=reaction, outcome="1", ended_at=after(8), context=told)
    reaction.refresh_from_db()
    assert (reaction.outcome, reaction.ended_at) == ("1", after(8))
    versions = reaction.events.order_by("pgh_id")  # type: ignore[attr-defined]
    assert [one.outcome for one in versions] == ["0", "1"]
    (change,) = event_list.changes_of(event)
    assert (change.term, change.by, change.ended_at) == ("mdloby", "sestra", after(8))


def test_a_fatal_outcome_makes_the_event_serious(dose: Dose) -> None:
    event = make_event(dose, seriousness=["IMPORTANT"])
    adverse_events.correct_outcome(reaction=event.reactions.get(), outcome="5", ended_at=None, context=context(LATER))
    event.refresh_from_db()
    assert event.seriousness == ["DEATH", "IMPORTANT"]


def test_a_nullified_report_stays_readable_with_its_reason_and_changes_no_more(dose: Dose) -> None:
    event, nurse = make_event(dose), make_account("sestra")
    with pytest.raises(errors.ReasonMissing):
        adverse_events.nullify(event=event, reason=" \n", context=context(LATER))
    adverse_events.nullify(event=event, reason="u jiné osoby", context=EntryContext(by=nurse, now=LATER))
    event.refresh_from_db()
    assert event.state == "NULLIFIED"
    assert Reaction.objects.filter(event=event).exists()
    assert [(one.reason, one.by) for one in event_list.changes_of(event)] == [("u jiné osoby", "sestra")]
    reaction = event.reactions.get()
    refused: list[Callable[[], None]] = [
        partial(adverse_events.nullify, event=event, reason="znovu", context=context(LATER)),
        partial(adverse_events.add, event=event, text="ještě", context=context(LATER)),
        partial(adverse_events.correct_outcome, reaction=reaction, outcome="1", ended_at=None, context=context(LATER)),
    ]
    for act in refused:
        with pytest.raises(errors.EventNullified):
            act()
