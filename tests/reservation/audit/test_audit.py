"""An auditor draws a sample, reads of each reservation on which grounds it was made, and opens one for a reason."""

import csv
import hashlib
from collections.abc import Callable
from datetime import date, timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from crs import history
from logistics.models import Region, Role, VaccinationSite
from registration.models import GroupRule, Person, PersonLook, PriorityClaim, Registration, RegistrationExport
from reservation.arranging import arrangements
from reservation.audit import checking, sampling
from reservation.audit.checking import Finding
from reservation.audit.sampling import Asked
from reservation.models import Appointment, Reservation, ReservationGrounds, Slot
from reservation.operations import Operation
from reservation.reserving import booking
from tests import factories, pages
from tests.factories import NOW, make_invitation, make_registration, make_reservation, make_rule
from tests.pages import text_of
from tests.reservation.conftest import MakePair

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]

TODAY = NOW.date()
YESTERDAY = NOW - timedelta(days=1)
PAGE = "/personal/namatkova-kontrola/"
WEEK = {"od": "4. 1. 2027", "do": "10. 1. 2027", "kraj": "", "pocet": "50", "seed": "7"}


def confirmed(registration: Registration | None = None, *, site: VaccinationSite, **fields: Any) -> ReservationGrounds:
    made = make_reservation(registration, site=site, day=30, confirmed_at=YESTERDAY, **fields)
    return ReservationGrounds.objects.get(reservation=made)


def found(one: ReservationGrounds) -> Finding:
    sampled = sampling.with_people(ReservationGrounds.objects.filter(pk=one.pk))
    return checking.check(list(sampled))[0].finding


@pytest.fixture
def auditor() -> Client:
    return pages.log_in(pages.browser(), factories.make_staff(Role.MINISTRY))


def test_the_grounds_are_those_of_the_moment_and_written_by_every_way_of_confirming(
    make_pair: MakePair, site: VaccinationSite
) -> None:
    first, _ = make_pair(capacity=3)
    registration = make_registration(birth_date=date(1990, 1, 1), claims={"care-home-clients": "PENDING"})
    invitation = make_invitation(registration)
    held = booking.hold(invitation_id=invitation.pk, slot_id=first.pk, now=NOW)
    assert not ReservationGrounds.objects.exists()
    for _again in range(2):
        booking.confirm(reservation_id=held.reservation_id, registration_id=registration.pk, now=NOW)
    kept = ReservationGrounds.objects.get()
    assert kept.rule == GroupRule.objects.filter(group="care-home-clients", valid_from__lte=NOW).latest("valid_from")
    assert (kept.birth_date, kept.claim_state, kept.invitation) == (date(1990, 1, 1), "PENDING", invitation)
    assert (kept.decided_at, kept.region_id) == (NOW, "CZ010")
    # A dose that is given after all brings a missed reservation back, on its old grounds.
    Reservation.objects.update(state="MISSED")
    make_rule("care-home-clients", valid_from=NOW - timedelta(seconds=1), invites_from=None)
    Reservation.objects.update(state="CONFIRMED")
    assert ReservationGrounds.objects.get().rule == kept.rule
    child = make_registration(birth_date=date(2025, 1, 1))
    with history.recording(Operation.BOOK_NEXT):
        arrangements.book_next(registration=child, dose_number=1, slot_id=first.pk, now=NOW)
    by_staff = ReservationGrounds.objects.get(reservation__registration=child)
    assert (by_staff.rule, by_staff.invitation, found(by_staff)) == (None, None, Finding.BY_STAFF)
    assert by_staff.region_id == "CZ010"


def refuse(registration: Registration) -> None:
    PriorityClaim.objects.filter(registration=registration).update(state="REFUSED")


def correct(years: int) -> Callable[[Registration], None]:
    def change(registration: Registration) -> None:
        born = registration.person.birth_date
        Person.objects.filter(pk=registration.person_id).update(birth_date=born.replace(year=born.year + years))

    return change


def forge(registration: Registration) -> None:
    other = GroupRule.objects.filter(group="school-staff").latest("valid_from")
    ReservationGrounds.objects.filter(reservation__registration=registration).update(rule=other)


@pytest.mark.parametrize(
    ("claims", "change", "finding"),
    [
        ({}, lambda registration: None, Finding.AGREES),
        ({}, correct(1), Finding.CORRECTED),
        ({}, correct(80), Finding.WRONG_AGE),
        ({"care-home-clients": "PENDING"}, lambda registration: None, Finding.AGREES),
        ({"care-home-clients": "PENDING"}, refuse, Finding.CLAIM_FELL),
        ({}, forge, Finding.WRONG_RULE),
    ],
)
def test_the_check_says_whether_the_grounds_still_stand(
    site: VaccinationSite, claims: dict[str, str], change: Callable[[Registration], None], finding: Finding
) -> None:
    born = date(1990, 1, 1) if claims else date(1940, 1, 1)
    registration = make_registration(birth_date=born, claims=claims)
    kept = confirmed(registration, site=site)
    change(registration)
    # Rules that come later say nothing of what was decided.
    GroupRule.objects.bulk_create(
        GroupRule(group_id=group, valid_from=NOW, score=1)
        for group in GroupRule.objects.values_list("group", flat=True).distinct()
    )
    assert found(kept) == finding


def test_a_reservation_that_no_rule_and_nobody_allowed_is_found(site: VaccinationSite) -> None:
    kept = confirmed(make_registration(birth_date=date(2025, 1, 1)), site=site)
    assert found(kept) == Finding.NO_RULE


def test_the_draw_is_repeated_by_anybody_and_keeps_to_days_and_region(site: VaccinationSite) -> None:
    brno = factories.make_site("Brno", "CZ0642")
    here = [confirmed(site=site).pk for _ in range(6)]
    there = confirmed(site=brno).pk
    make_reservation(site=site, day=30, confirmed_at=NOW)
    asked = Asked(3, YESTERDAY.date(), YESTERDAY.date(), 42)
    sample = sampling.draw(asked)
    by_hand = sorted(
        [*here, there], key=lambda key: hashlib.md5(f"42:{key}".encode(), usedforsecurity=False).hexdigest()
    )
    assert ([one.pk for one in sample.drawn], sample.of) == (by_hand[:3], 7)
    assert sampling.draw(asked) == sample
    in_brno = Asked(3, YESTERDAY.date(), YESTERDAY.date(), 42, Region.objects.get(pk="CZ064"))
    assert [one.pk for one in sampling.draw(in_brno).drawn] == [there]
    # Nobody is shown another sample by moving people.
    moved = Slot.objects.filter(site=site).first()
    Reservation.objects.filter(pk=there).update(is_by_staff=True)
    Appointment.objects.filter(reservation=there).update(slot=moved)
    assert [one.pk for one in sampling.draw(in_brno).drawn] == [there]


def test_the_page_gives_the_draw_a_number_and_shows_no_name(auditor: Client, site: VaccinationSite) -> None:
    registration = make_registration()
    kept = confirmed(registration, site=site)
    asked = auditor.get(PAGE)
    assert 'value="4. 1. 2027"' in asked.content.decode()
    drawn = auditor.get(PAGE, WEEK | {"seed": ""})
    assert drawn.status_code == 302
    page = auditor.get(drawn.headers["Location"])
    read = text_of(page)
    assert "1 of 1" in read
    assert "the rule invited the person" in read
    assert "86 years" in read
    assert not {"Nováková", registration.number, "1940"} & set(read.replace(".", " ").split())
    assert str(kept.pk) in read
    for wrong, words in (
        ({"do": "11. 1. 2027"}, "Choose a day that is over"),
        ({"od": "11. 1. 2026", "do": "10. 1. 2025"}, "The last day is before the first one"),
        ({"od": "1. 1. 2020"}, "Choose a year at most"),
        ({"pocet": "5000"}, "Write a whole number from 1 to 500"),
        ({"seed": "x"}, "Write a whole number"),
    ):
        assert words in text_of(auditor.get(PAGE, WEEK | wrong))


def test_the_file_has_no_names_and_is_written_down(auditor: Client, site: VaccinationSite) -> None:
    confirmed(site=site)
    answer = auditor.post(f"{PAGE}soubor/?od=4. 1. 2027&do=10. 1. 2027&pocet=50&seed=7")
    rows = list(csv.reader(StringIO(answer.content.decode("utf-8-sig")), delimiter=";"))
    assert (len(rows), len(rows[0]), len(rows[1])) == (2, 15, 15)
    assert "Nováková" not in answer.content.decode()
    log = RegistrationExport.objects.get()
    assert (log.rows, log.reason, log.what) == (1, "7", "sample of reservations, 2027-01-04 – 2027-01-10")
    assert auditor.post(f"{PAGE}soubor/?od=1").status_code == 302


def test_whose_it_is_is_read_for_a_reason_that_is_kept(auditor: Client, site: VaccinationSite) -> None:
    registration = make_registration()
    address = f"{PAGE}{confirmed(registration, site=site).pk}/"
    asked = auditor.get(address)
    assert "Nováková" not in text_of(asked)
    assert "Please write the reason in words" in text_of(auditor.post(address, {"reason": "… !"}))
    assert not PersonLook.objects.exists()
    page = auditor.post(address, {"reason": "Stížnost na pořadí"})
    assert "Nováková Jana" in text_of(page)
    assert registration.number in text_of(page)
    assert PersonLook.objects.get().person == registration.person
    assert RegistrationExport.objects.get().reason == "Stížnost na pořadí"
    log = text_of(auditor.get("/personal/registrace/nahlednuti/"))
    assert "Grounds of a reservation" in log
    assert auditor.get(f"{PAGE}00000000-0000-4000-8000-000000000000/").status_code == 404


def test_the_command_draws_what_the_page_draws(site: VaccinationSite, tmp_path: Path) -> None:
    kept = confirmed(site=site)
    said, file = StringIO(), tmp_path / "sample.csv"
    call_command("audit_sample", "--seed", "7", "--csv", str(file), stdout=said)
    assert "the rule invited the person" in said.getvalue()
    assert str(kept.pk) in file.read_text(encoding="utf-8-sig")
    confirmed(make_registration(birth_date=date(2025, 1, 1)), site=site)
    with pytest.raises(CommandError, match="1 of 2 should be looked at"):
        call_command("audit_sample", stdout=said, stderr=StringIO())
    for wrong, words in (
        (["--to", f"{TODAY}"], "--to is a day that is over"),
        (["--from", "2027-01-09", "--to", "2027-01-08"], "before --from"),
        (["--region", "CZ999"], "no region"),
        (["--size", "501"], "500 at most"),
        (["--csv", str(tmp_path)], "cannot be written"),
    ):
        with pytest.raises(CommandError, match=words):
            call_command("audit_sample", *wrong, stdout=said)
