"""The report for the agency, opened and read."""

import io
from datetime import timedelta

import pikepdf
import pytest
from django.utils import translation

from registration.models import Person
from tests.factories import NOW, context, make_event
from tests.pages import text_of_pdf
from vaccination.models import AdverseEvent, Dose
from vaccination.observation import adverse_events
from vaccination.observation.report_pdf import elapsed, initials, report_pdf

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]


def paper(event: AdverseEvent, language: str = "en") -> str:
    return text_of_pdf(report_pdf(AdverseEvent.objects.get(pk=event.pk), language=language))


def test_it_holds_what_the_agency_asks_for_and_neither_name_nor_number(dose: Dose) -> None:
    event = make_event(dose, seriousness=["LIFE_THREATENING"], treatment="Voda.")
    event.reactions.update(started_at=NOW + timedelta(minutes=5), ended_at=NOW + timedelta(hours=26), outcome="1")
    Dose.objects.filter(pk=dose.pk).update(given_at=NOW + timedelta(seconds=30), recorded_at=NOW + timedelta(minutes=1))
    adverse_events.add(event=event, text="Druhý den bez potíží.", context=context())
    text = paper(event)
    for expected in (
        "J. N.",
        "1. 5. 1940",
        "86 years",
        "male",
        "Comirnaty",
        "EJ6797",
        "into the muscle (IM)",
        "left arm",
        "11. 1. 2027 9:00",
        "mdloby",
        "5 minutes",
        "1 day 1 hour",
        "recovered (1)",
        "life-threatening: yes",
        "death: no",
        "Omdlela.",
        "Voda.",
        "Druhý den bez potíží.",
        "physician (1)",
        str(event.reporter),
        "Serious or unexpected: to be reported without delay.",
        "E.i.1.1a",
        "G.k.4.r.7",
        str(event.pk),
    ):
        assert expected in text, expected
    for hidden in ("Jana", "Nováková", dose.person.insured_number, "Dlouhá"):
        assert hidden not in text


def test_it_is_tagged_for_readers_and_names_nobody_in_its_properties(dose: Dose) -> None:
    content = report_pdf(make_event(dose), language="cs")
    with pikepdf.open(io.BytesIO(content)) as document:
        assert document.Root.MarkInfo.Marked
        assert document.Root.Lang == "cs"
        with document.open_metadata() as about:
            assert about["pdfuaid:part"] == "1"
            assert "Nováková" not in str(about)
        assert len(document.pages) <= 2


def test_it_is_the_same_document_when_printed_again(dose: Dose) -> None:
    event = make_event(dose)
    assert report_pdf(event, language="cs") == report_pdf(event, language="cs")


def test_the_longest_text_is_printed_whole(dose: Dose) -> None:
    event = make_event(dose, narrative="Dušnost. " * 440 + "Konec.", treatment="x" * 4000)
    text = paper(event)
    assert text.count("Dušnost.") == 440
    assert "Konec." in text
    assert text.count("x") >= 4000


def test_a_nurse_is_another_health_professional(dose: Dose) -> None:
    event = make_event(dose)
    event.reporter.is_doctor = False
    event.reporter.save()
    assert "other health professional (3)" in paper(event)


def test_a_nullified_report_says_so_with_its_reason(dose: Dose) -> None:
    event = make_event(dose, seriousness=["DEATH"])
    adverse_events.nullify(event=event, reason="u jiné osoby", context=context())
    text = paper(event)
    assert "NULLIFIED" in text
    assert "Nothing in it counts. Reason: u jiné osoby" in text
    assert "without delay" not in text


@pytest.mark.parametrize(
    ("first", "last", "expected"),
    [
        ("Jana", "Nováková-Malá", "J. N. M."),
        ("Jan", "Chytil", "J. Ch."),
        ("Thị Linh", "Nguyễn", "T. L. N."),
        ("Ірина", "Шевченко", "І. Ш."),
    ],
)
def test_initials_come_of_each_part_of_both_names(first: str, last: str, expected: str) -> None:
    assert initials(Person(first_name=first, last_name=last)) == expected


def test_a_time_is_told_in_its_two_largest_units() -> None:
    times = [timedelta(0), timedelta(minutes=61), timedelta(days=2, minutes=3), timedelta(days=1, hours=1, minutes=9)]
    with translation.override("en"):
        told = [elapsed(one) for one in times]
    assert told == ["0 minutes", "1 hour 1 minute", "2 days 3 minutes", "1 day 1 hour"]
