"""The ministry's anonymous registrations, replayed: as they are, twice, and with everything that can be wrong."""

import csv
import gzip
import io
import re
from datetime import date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import phonenumbers
import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from crs.messaging.models import Message
from crs.saved_files import UnreadableFile
from logistics.models import VaccinationSite
from logistics.open_data.site_import import import_sites
from registration import number
from registration.models import Person, PriorityClaim, RegisterCheck, Registration, ReplayedRow
from registration.people import insured_number
from registration.replay import made_up, registering, replaying
from registration.replay.errors import MessagesAreReal
from registration.replay.replaying import Replay
from registration.replay.rows import RowReader
from tests import open_data
from tests.factories import NOW, make_site

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]

COLUMNS = (
    *("datum", "ockovaci_misto_id", "ockovaci_misto_nazev", "kraj_nuts_kod", "kraj_nazev"),
    *("vekova_skupina", "povolani", "stat", "rezervace", "datum_rezervace"),
)
TEACHER = "Pedagogický pracovník/nepedagogický zaměstnanec škol a školských zařízení"
HEALTH_WORKER = "Zdravotnický pracovník dle §76 a §77 zákona 372/2011  Sb."


@pytest.fixture
def site() -> VaccinationSite:
    return make_site("Nemocnice Jičín", "CZ0522")


def row(site: VaccinationSite, **changed: str) -> dict[str, str]:
    said = {"datum": "2021-03-01", "ockovaci_misto_id": str(site.pk), "vekova_skupina": "70-74"}
    return dict.fromkeys(COLUMNS, "") | said | {"povolani": "neuvedeno", "stat": "CZ"} | changed


def write(path: Path, *rows: dict[str, str]) -> Path:
    text = io.StringIO()
    writer = csv.DictWriter(text, COLUMNS)
    writer.writeheader()
    writer.writerows(rows)
    path.write_bytes(gzip.compress(text.getvalue().encode()) if path.suffix == ".gz" else text.getvalue().encode())
    return path


def replay(*paths: Path, **options: Any) -> Replay:
    return replaying.replay(paths=paths, now=timezone.now(), **options)


def test_a_row_becomes_somebody_of_its_age_on_its_day_at_its_site_with_its_claim(
    tmp_path: Path, site: VaccinationSite
) -> None:
    result = replay(write(tmp_path / "a.csv.gz", row(site, povolani=TEACHER, vekova_skupina="40-44", rezervace="1.0")))
    assert (result.read, result.replayed, result.claims, result.had_reservation) == (1, 1, 1, 1)
    made = Registration.objects.get()
    day = date(2021, 3, 1)
    assert (made.way, made.state, made.email, made.by_letter) == ("REPLAY", "ACTIVE", "", False)
    assert timezone.localdate(made.created_at) == day
    assert made.consented_at == made.created_at
    assert [one.pk for one in made.preferred_sites.all()] == [site.pk]
    assert number.is_valid(made.number)
    claim = made.priority_claims.get()
    assert (claim.group_id, claim.state, claim.made_at) == ("school-staff", "PROVEN", made.created_at)
    person = made.person
    assert 40 <= person.age_on(day) <= 44
    read = insured_number.parse(person.insured_number, today=day)
    assert (read.birth_date, read.warning) == (person.birth_date, None)
    assert person.insured_number_hash == insured_number.lookup_hash(read.digits)
    recorded = made.events.get()  # type: ignore[attr-defined]
    assert recorded.pgh_context.metadata["operation"] == "registration.replay"


def test_nobody_is_told_and_nobody_could_be(tmp_path: Path, site: VaccinationSite) -> None:
    replay(write(tmp_path / "a.csv", row(site), row(site)))
    assert not Message.objects.exists()
    assert not RegisterCheck.objects.exists()
    for made in Registration.objects.all():
        phone = phonenumbers.parse(str(made.phone))
        assert re.fullmatch(r"\+4201\d{8}", str(made.phone))
        assert not phonenumbers.is_valid_number(phone)


def test_equal_rows_are_two_people_and_a_second_run_adds_nobody(tmp_path: Path, site: VaccinationSite) -> None:
    path = write(tmp_path / "a.csv", row(site), row(site), row(site, vekova_skupina="80+"))
    assert replay(path).replayed == 3
    # The very same rows, in another order, in a file of another name, of a later day on which one had its reservation.
    again = write(tmp_path / "b.csv", row(site, vekova_skupina="80+"), row(site, rezervace="1.0"), row(site))
    second = replay(again)
    assert (second.replayed, second.replayed_before) == (0, 3)
    assert replay(write(tmp_path / "c.csv", *[row(site)] * 3)).replayed == 1
    assert Registration.objects.count() == Person.objects.count() == ReplayedRow.objects.count() == 4


def test_a_run_that_was_interrupted_goes_on_where_it_stopped(
    tmp_path: Path, site: VaccinationSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write(tmp_path / "a.csv", *[row(site)] * 5)
    monkeypatch.setattr(replaying, "ROWS_AT_ONCE", 2)

    def stop(_what: str, done: int) -> None:
        if done == 4:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        replay(path, progress=stop)
    assert Registration.objects.count() == 4
    rest = replay(path)
    assert (rest.replayed, rest.replayed_before) == (1, 4)


def test_a_number_that_somebody_has_is_given_to_nobody_else(
    tmp_path: Path, site: VaccinationSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write(tmp_path / "a.csv", *[row(site)] * 3)
    drawn = made_up.person_of
    monkeypatch.setattr(
        registering,
        "person_of",
        lambda line, attempt=0: drawn(line, attempt) if attempt else drawn(_first_of(path, site), 0),
    )
    assert replay(path).replayed == 3
    assert Person.objects.values("insured_number_hash").distinct().count() == 3


def _first_of(path: Path, site: VaccinationSite) -> Any:
    reader = RowReader(sites=frozenset({site.pk}), groups=frozenset(), today=NOW.date())
    return next(reader.read(path))


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"datum": "2020-04-28"}, "registration began on 2021-01-15"),
        ({"datum": "2031-03-01"}, "registration began on 2021-01-15"),
        ({"datum": "1. 3. 2021"}, "is not a day"),
        ({"ockovaci_misto_id": "12d05c60-f168-462a-a4e1-ac5ad8e42722"}, "is not known here"),
        ({"ockovaci_misto_id": ""}, "is not the identifier of a site"),
        ({"vekova_skupina": "neuvedeno"}, "the age band is missing"),
        ({"vekova_skupina": "70+"}, "is not an age band"),
        ({"povolani": "Samoplátce"}, "belongs to no group"),
        ({"stat": "ZZ"}, "is not the code of a state"),
        ({"stat": ""}, "is not the code of a state"),
    ],
)
def test_a_row_that_cannot_be_used_is_reported_with_its_line_and_stops_no_other(
    tmp_path: Path, site: VaccinationSite, changed: dict[str, str], reason: str
) -> None:
    result = replay(write(tmp_path / "a.csv", row(site), row(site, **changed), row(site)))
    assert result.replayed == 2
    (problem,) = result.problems
    assert str(problem).startswith("a.csv, line 3: ")
    assert reason in str(problem)


def test_several_reasons_are_several_claims(tmp_path: Path, site: VaccinationSite) -> None:
    reasons = f"{HEALTH_WORKER}; Osoba s chronickým onemocněním - druhá skupina;neuvedeno"
    replay(write(tmp_path / "a.csv", row(site, povolani=reasons)))
    assert dict(PriorityClaim.objects.values_list("group", "state")) == {
        "health-workers": "PENDING",
        "chronic-second": "PROVEN",
    }


def test_somebody_of_another_state_has_a_passport_of_it(tmp_path: Path, site: VaccinationSite) -> None:
    replay(write(tmp_path / "a.csv", row(site, stat="SK"), row(site, stat="SK")))
    people = Person.objects.all()
    assert {(one.document_type, one.document_country, one.insured_number) for one in people} == {
        ("PASSPORT", "SK", None)
    }
    assert all(one.sex for one in people)


@pytest.mark.parametrize("band", ["0-17", "18-24", "65-69", "80+"])
def test_every_insured_number_is_of_its_band_on_the_day(band: str, site: VaccinationSite, tmp_path: Path) -> None:
    day = date(2021, 3, 1)
    replay(write(tmp_path / "a.csv", *[row(site, vekova_skupina=band)] * 60))
    low, high = {"0-17": (16, 17), "18-24": (18, 24), "65-69": (65, 69), "80+": (80, 95)}[band]
    for person in Person.objects.all():
        assert insured_number.parse(person.insured_number, today=day).birth_date == person.birth_date
        assert low <= person.age_on(day) <= high


def test_people_register_in_the_day_from_eight_in_prague(tmp_path: Path, site: VaccinationSite) -> None:
    replay(write(tmp_path / "a.csv", *[row(site, datum="2021-01-15")] * 30))
    times = Registration.objects.values_list("created_at", flat=True)
    assert min(times) >= datetime(2021, 1, 15, 8, tzinfo=ZoneInfo("Europe/Prague"))
    assert {timezone.localdate(moment) for moment in times} == {date(2021, 1, 15)}


def test_a_dry_run_writes_nothing_and_another_table_is_refused(
    tmp_path: Path, site: VaccinationSite, capsys: pytest.CaptureFixture[str]
) -> None:
    path = write(tmp_path / "a.csv", row(site), row(site, stat="?"))
    call_command("import_registrations", str(path), "--dry-run")
    out, err = capsys.readouterr()
    assert "dry run, nothing is written" in out
    assert "line 3" in err
    assert not Registration.objects.exists()
    other = tmp_path / "other.csv"
    other.write_text("a,b\n1,2\n")
    with pytest.raises(UnreadableFile, match="povolani"):
        replay(other)


def test_where_messages_are_real_nobody_is_made_up(tmp_path: Path, site: VaccinationSite, settings: Any) -> None:
    path = write(tmp_path / "a.csv", row(site))
    settings.SMS_GATEWAY = "crs.messaging.gateways.twilio.TwilioGateway"
    with pytest.raises(MessagesAreReal):
        replay(path)
    with pytest.raises(CommandError, match="real SMS"):
        call_command("import_registrations", str(path), "--yes")


def test_on_a_system_that_is_no_trial_somebody_has_to_say_yes(
    tmp_path: Path, site: VaccinationSite, settings: Any
) -> None:
    settings.IS_LOCAL = False
    path = write(tmp_path / "a.csv", row(site))
    with pytest.raises(CommandError, match="add --yes"):
        call_command("import_registrations", str(path))
    call_command("import_registrations", str(path), "--yes", "--verbosity", "0")
    assert Registration.objects.count() == 1


@open_data.needs_open_data
def test_a_real_file_is_replayed_and_what_cannot_be_is_told() -> None:
    import_sites(path=open_data.FOLDER / "vaccination-sites.csv")
    name = "registrations-2021-01-3.csv.gz"
    result = replay(open_data.FOLDER / name)
    rows = list(open_data.rows(name))
    assert result.read == len(rows)
    assert result.replayed + len(result.problems) == result.read
    assert result.replayed > 0.8 * result.read
    without_age = sum(line["vekova_skupina"] == "neuvedeno" for line in rows)
    assert sum("age band" in str(problem) for problem in result.problems) <= without_age
    assert replay(open_data.FOLDER / name).replayed == 0
