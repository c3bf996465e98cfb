"""The pages of adverse events."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from logistics.models import VaccinationSite
from tests.factories import make_event, make_sitting, make_worker
from tests.pages import Page, send_form, summary, text_of, text_of_pdf
from vaccination.models import AdverseEvent, Dose, HealthWorker

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]


def reporting(dose: Dose) -> str:
    return reverse("vaccination:report_event", args=[dose.site_id, dose.pk])


def page_of(event: AdverseEvent, name: str = "event", *more: object) -> str:
    return reverse(f"vaccination:{name}", args=[event.dose.site_id, event.pk, *more])


def typed(dose: Dose, **fields: Any) -> dict[str, Any]:
    """What a nurse sends who saw somebody faint."""
    values = {
        "lines": "3",
        "r0-term": "mdloby",
        "r0-started_at": "9:00",
        "r0-outcome": "1",
        "narrative": "Omdlela.\nPo dvou minutách v pořádku.",
        "intensity": "MILD",
        "cause": "ANXIETY",
        "reporter": str(dose.doctor_id),
    }
    return {**values, **fields}


def test_an_event_is_reported_and_its_page_shows_all_of_it(nurse: Client, dose: Dose) -> None:
    page = nurse.post(reporting(dose), typed(dose), follow=True)
    event = AdverseEvent.objects.get()
    assert page.redirect_chain == [(page_of(event), 302)]
    text = text_of(page)
    assert "The event is recorded." in text
    assert "mdloby 11. 1. 2027 9:00 – recovered" in text
    assert "Omdlela. Po dvou minutách v pořádku." in text
    assert "without delay" not in text
    assert event.recorded_by
    assert event.recorded_by.username == "sestra"
    assert "Jana" not in page.content.decode().partition("</title>")[0]


def test_the_worker_who_is_logged_in_stands_as_the_reporter(nurse: Client, dose: Dose) -> None:
    user = nurse.get(reporting(dose)).wsgi_request.user
    mine = make_worker(dose.site, user=user, name="Petra Tichá", is_doctor=False)  # type: ignore[arg-type]
    assert f'<option value="{mine.pk}" selected>Petra Tichá</option>' in nurse.get(reporting(dose)).content.decode()


def test_fainting_is_a_quick_choice(nurse: Client, dose: Dose) -> None:
    page = nurse.get(reporting(dose) + "?mdloby").content.decode()
    assert '<option value="ANXIETY" selected>' in page
    assert 'name="r0-term" value="fainting"' in page
    assert 'name="r0-started_at" value' not in page, "the nurse says when"


def test_no_reaction_is_called_optional_and_any_line_will_do(nurse: Client, dose: Dose) -> None:
    shown = text_of(nurse.get(reporting(dose)))
    assert [shown.count(f"{field} (optional)") for field in ("Reaction", "Began", "Ended")] == [0, 0, 3]
    second = {"r1-term": "mdloby", "r1-started_at": "9:00"}
    assert nurse.post(reporting(dose), typed(dose, **second, **{"r0-term": "", "r0-started_at": ""})).status_code == 302


def test_more_lines_keep_all_that_was_typed_and_judge_nothing(nurse: Client, dose: Dose) -> None:
    page = nurse.post(
        reporting(dose),
        typed(dose, more="yes", seriousness=["DEATH"], is_unexpected="on", intensity="", **{"r2-started_at": "včera"}),
    )
    content = page.content.decode()
    assert "crs-errors" not in content
    assert [f'name="r{number}-term"' in content for number in (5, 6)] == [True, False]
    for kept in ('value="mdloby"', 'value="včera"', "Po dvou minutách", 'value="ANXIETY" selected'):
        assert kept in content
    assert content.count(" checked") == 2
    assert not AdverseEvent.objects.exists()
    page = nurse.post(reporting(dose), typed(dose, lines="6", **{"r5-term": "zvracení", "r5-started_at": "9:00"}))
    assert AdverseEvent.objects.get().reactions.count() == 2


def test_lines_come_to_an_end_whatever_a_browser_says(nurse: Client, dose: Dose) -> None:
    for lines in ("999", "15", "x", "", "-3", "²", "9" * 50):
        page = nurse.post(reporting(dose), typed(dose, lines=lines, more="yes")).content.decode()
        assert 'name="r15-term"' not in page


@pytest.mark.parametrize(
    ("fields", "refusal"),
    [
        ({"r0-started_at": "8:59"}, "A reaction cannot begin before the dose, which was given on 11. 1. 2027 at 9:00."),
        ({"r0-started_at": "23:59"}, "This time has not come yet."),
        ({"r0-started_at": ""}, "Write when it began"),
        ({"r0-started_at": "ráno"}, "Write day and time, such as"),
        ({"r0-ended_at": "8:00"}, "The reaction cannot end before it began."),
        ({"r0-ended_at": "9:00", "r0-outcome": "3"}, "The reaction has an end, so it is over."),
        ({"r0-term": "", "r0-started_at": ""}, "Write at least one reaction"),
        ({"r0-term": ""}, "Write what the reaction was."),
        ({"r0-term": "x" * 51}, "Write at most 50 characters"),
        ({"r0-outcome": "5"}, "mark ‘death’"),
        ({"intensity": ""}, "Choose how strong it was."),
        ({"narrative": "\u200b"}, "Describe what happened."),
        ({"reporter": ""}, "Choose the health worker who reports."),
    ],
)
def test_each_refusal_is_a_sentence_and_keeps_what_was_typed(
    nurse: Client, dose: Dose, fields: dict[str, str], refusal: str
) -> None:
    page = send_form(nurse, reporting(dose), **typed(dose, treatment="voda a klid", **fields))
    assert refusal in summary(page).replace("&#x27;", "'")
    assert "voda a klid" in page.content.decode()
    assert not AdverseEvent.objects.exists()


def test_the_insured_number_in_the_words_is_refused_at_the_field(nurse: Client, dose: Dose) -> None:
    page = send_form(nurse, reporting(dose), **typed(dose, narrative=f"Paní {dose.person.insured_number} omdlela."))
    assert "What happened: The text holds the person&#x27;s insured number." in summary(page)


def test_a_reporter_who_left_meanwhile_is_refused(nurse: Client, dose: Dose) -> None:
    HealthWorker.objects.update(ended_at=dose.given_at)
    page = send_form(nurse, reporting(dose), **typed(dose))
    assert "does not work here any more" in summary(page)
    assert "Nobody is named as a health worker of this site yet." in text_of(page)


def test_an_earlier_report_of_the_dose_is_shown_before_a_second_one(nurse: Client, dose: Dose) -> None:
    make_event(dose)
    text = text_of(nurse.get(reporting(dose)))
    assert "Reported already after this dose: mdloby. If it is the same event, add to it there." in text


@pytest.mark.parametrize("fields", [{"seriousness": ["HOSPITALISATION"]}, {"is_unexpected": "on"}])
def test_what_is_serious_or_unexpected_is_due_to_the_agency_at_once(
    nurse: Client, dose: Dose, fields: dict[str, Any]
) -> None:
    page = nurse.post(reporting(dose), typed(dose, **fields), follow=True)
    assert "the report to the agency (SÚKL) is due without delay" in text_of(page)
    assert page_of(AdverseEvent.objects.get(), "event_pdf") in page.content.decode()


def test_what_was_learnt_later_is_added_on_the_page(nurse: Client, dose: Dose) -> None:
    event = make_event(dose)
    assert "Write what was learnt." in summary(send_form(nurse, page_of(event, "add_to_event"), text=" "))
    page = nurse.post(page_of(event, "add_to_event"), {"text": "Doma už bez potíží."}, follow=True)
    assert "Doma už bez potíží." in text_of(page)


def test_an_outcome_is_corrected_on_a_page(nurse: Client, dose: Dose) -> None:
    event = make_event(dose)
    ending = page_of(event, "correct_outcome", event.reactions.get().pk)
    assert "mdloby, began 11. 1. 2027 9:00" in text_of(nurse.get(ending))
    page = send_form(nurse, ending, outcome="1", ended_at="8:00")
    assert "Ended: The reaction cannot end before it began." in summary(page)
    page = nurse.post(ending, {"outcome": "1", "ended_at": "9:00"}, follow=True)
    assert "sestra: mdloby – recovered, ended 11. 1. 2027 9:00" in text_of(page)


def test_a_report_in_error_is_nullified_and_says_so_wherever_it_is_shown(
    nurse: Client, site: VaccinationSite, dose: Dose
) -> None:
    event = make_event(dose, seriousness=["IMPORTANT"])
    assert "Write the reason." in summary(send_form(nurse, page_of(event, "nullify_event"), reason=""))
    page = nurse.post(page_of(event, "nullify_event"), {"reason": "u jiné osoby"}, follow=True)
    assert "This report was nullified" in text_of(page)
    assert "nullified: u jiné osoby" in text_of(page)
    listed = text_of(nurse.get(reverse("vaccination:events", args=[site.pk])))
    assert "mdloby nullified" in listed
    assert "By batch" not in listed
    again = send_form(nurse, page_of(event, "nullify_event"), reason="znovu")
    assert "This report was nullified." in summary(again)


def test_the_list_counts_by_batch_and_by_seriousness_between_days(nurse: Client, site: VaccinationSite) -> None:
    for seriousness in ([], [], ["DEATH", "IMPORTANT"]):
        make_event(make_sitting(site), seriousness=seriousness)
    events = reverse("vaccination:events", args=[site.pk])

    def listed(**days: str) -> str:
        return text_of(nurse.get(events, days))

    text = listed()
    assert "Comirnaty EJ6797 3 1 3" in text
    assert "death 1 otherwise medically important 1 not serious 2" in text
    assert "Comirnaty EJ6797 3 1 3" in listed(od="11. 1. 2027", do="2027-01-11")
    assert "Nothing was reported in these days." in listed(od="2027-01-12")
    assert "Nothing was reported in these days." in listed(do="2027-01-10")
    assert "Write the day as" in listed(od="zítra")


def test_the_paper_is_a_pdf_that_nobody_keeps(nurse: Client, dose: Dose) -> None:
    event = make_event(dose)
    answer = nurse.get(page_of(event, "event_pdf"))
    assert answer.headers["Content-Type"] == "application/pdf"
    assert answer.headers["Content-Disposition"] == 'inline; filename="hlaseni-sukl.pdf"'
    assert "J. N." in text_of_pdf(answer.content)


def test_staff_of_another_site_and_registrars_find_no_event(
    nurse_elsewhere: Client, registrar: Client, dose: Dose
) -> None:
    event = make_event(dose)
    elsewhere = VaccinationSite.objects.get(name="Jinde")
    reaction = event.reactions.get().pk
    own = [
        reporting(dose),
        page_of(event),
        page_of(event, "event_pdf"),
        page_of(event, "nullify_event"),
        page_of(event, "correct_outcome", reaction),
    ]
    through_theirs = [address.replace(str(dose.site_id), str(elsewhere.pk)) for address in own]
    answers: list[Page] = [nurse_elsewhere.get(address) for address in own + through_theirs]
    answers += [registrar.get(address) for address in own]
    answers += [nurse_elsewhere.post(page_of(event, "add_to_event"), {"text": "x"})]
    assert {answer.status_code for answer in answers} == {404}
    other = make_event(make_sitting(dose.site))  # type: ignore[arg-type]
    assert nurse_elsewhere.get(page_of(other, "correct_outcome", reaction)).status_code == 404


def test_a_reaction_of_another_event_is_not_found(nurse: Client, dose: Dose) -> None:
    event, other = make_event(dose), make_event(dose)
    assert nurse.get(page_of(event, "correct_outcome", other.reactions.get().pk)).status_code == 404
