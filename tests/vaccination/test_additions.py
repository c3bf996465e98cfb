"""What rooms above add to the pages of a site."""

from datetime import datetime

import pytest

from logistics.models import Role
from tests.factories import NOW, make_registration, make_site, make_sitting, make_staff
from tests.pages import browser, log_in, text_of
from vaccination import additions, pages
from vaccination.additions import Section
from vaccination.models import Dose

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]


@pytest.fixture
def empty(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is added yet."""
    monkeypatch.setattr(additions, "_person_links", {})
    monkeypatch.setattr(additions, "_dose_sections", {})
    monkeypatch.setattr(pages, "_doors", dict(pages._doors))


def tell(dose: Dose, acts: object, now: datetime) -> Section | None:
    return Section("vaccination/doses/parts/earlier.html", {}) if dose.number == 1 else None


@pytest.mark.usefixtures("empty")
def test_a_link_about_a_person_stands_on_each_page_about_them_for_those_who_may() -> None:
    additions.add_person_link(20, "Later", "vaccination:timeline", "see_timeline")
    additions.add_person_link(10, "Overrides of them", "vaccination:timeline", "see_overrides")
    site = make_site()
    dose = make_sitting(site)
    nurse, manager = (log_in(browser(), make_staff(role, site=site)) for role in (Role.VACCINATOR, Role.MANAGER))
    registration = dose.registration_id
    for path in (f"navstevy/{dose.visit_id}/", f"osoby/{registration}/", f"davky/{dose.pk}/"):
        page = f"/ockovani/{site.pk}/{path}"
        assert "Overrides of them Later" in text_of(manager.get(page)), path
        shown = text_of(nurse.get(page))
        assert "Later" in shown
        assert "Overrides of them" not in shown
    # A section about the dose leads on by itself.
    additions.add_dose_section(10, tell)
    assert "Later" not in text_of(nurse.get(f"/ockovani/{site.pk}/davky/{dose.pk}/"))
    assert additions.person_links(site.pk, None, {"see_timeline"}) == []
    assert len(additions.dose_sections(dose, set(), NOW)) == 1
    dose.number = 2
    assert additions.dose_sections(dose, set(), NOW) == []


@pytest.mark.usefixtures("empty")
def test_whoever_was_only_found_by_a_number_has_no_link_to_rooms_above() -> None:
    additions.add_person_link(10, "Later", "vaccination:timeline", "see_timeline")
    site, stranger = make_site(), make_registration()
    desk = log_in(browser(), make_staff(Role.REGISTRAR, site=site))
    session = desk.session
    session["vaccination_found"] = [stranger.pk]
    session.save()
    page = desk.get(f"/ockovani/{site.pk}/osoby/{stranger.pk}/")
    assert page.status_code == 200
    assert "Later" not in text_of(page)


@pytest.mark.usefixtures("empty")
def test_a_place_that_is_taken_ends_the_start() -> None:
    additions.add_person_link(10, "A", "vaccination:timeline", "see_timeline")
    additions.add_dose_section(10, tell)
    pages.add_door(5, "A", "vaccination:day", "see_day")
    with pytest.raises(ValueError, match="10"):
        additions.add_person_link(10, "B", "vaccination:timeline", "see_timeline")
    with pytest.raises(ValueError, match="10"):
        additions.add_dose_section(10, tell)
    with pytest.raises(ValueError, match="5"):
        pages.add_door(5, "B", "vaccination:day", "see_day")
