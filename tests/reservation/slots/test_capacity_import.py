"""The ministry's capacity files: sound rows become slots, the others are counted by their reason."""

import csv
import gzip
from collections import Counter
from collections.abc import Callable
from datetime import date, datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest
from django.core.management import CommandError, call_command
from django.db.models import Sum
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crs import commands
from crs.saved_files import UnreadableFile
from logistics.models import VaccinationSite, Vaccine
from logistics.open_data.site_import import import_sites
from reservation.models import Slot
from reservation.slots.capacity_import import CALENDARS, ImportPlan, import_capacity, whole_weeks
from tests import open_data
from tests.factories import make_site

HEADER = [
    "datum",
    "ockovaci_misto_id",
    "ockovaci_misto_nazev",
    "kraj_nuts_kod",
    "kraj_nazev",
    "volna_kapacita",
    "maximalni_kapacita",
    "kalendar_ockovani",
]
Write = Callable[..., Path]


@pytest.fixture
def write(tmp_path: Path, site: VaccinationSite) -> Write:
    """A capacity file with one line per (day, seats, calendar) or (day, seats, calendar, site)."""

    def make(*rows: tuple[str, ...], name: str = "capacity.csv") -> Path:
        path = tmp_path / name
        with path.open("w", encoding="utf-8", newline="") as file:
            lines = csv.writer(file)
            lines.writerow(HEADER)
            for day, seats, calendar, *where in rows:
                lines.writerow([day, where[0] if where else site.pk, "Místo", "CZ010", "Praha", "0", seats, calendar])
        return path

    return make


def seats_per_calendar() -> dict[str, int]:
    return dict(Slot.objects.order_by().values_list("for_doses").annotate(Sum("capacity")))


def test_the_three_calendars_become_slots_for_first_second_and_any_doses(
    write: Write, vaccine: Vaccine, now: datetime
) -> None:
    path = write(("2027-01-18", "40", "V1"), ("2027-01-18", "20", "V2"), ("2027-01-18", "5", "VX"))
    result = import_capacity(plan=ImportPlan([path], vaccine), now=now)
    assert seats_per_calendar() == {"FIRST": 40, "SECOND": 20, "ANY": 5} == result.slots.seats
    assert (result.rows, result.first_day, result.shift) == (3, date(2027, 1, 18), timedelta())
    again = import_capacity(plan=ImportPlan([path], vaccine), now=now).slots
    assert (again.created, again.raised, again.lowered, again.unchanged) == (0, 0, 0, 57)


def test_every_kind_of_row_that_opens_nothing_is_told(write: Write, vaccine: Vaccine, now: datetime) -> None:
    closed = make_site("Zavřeno", state="CLOSED")
    short = make_site("Krátce", opens_at="08:00", closes_at="08:10")
    nowhere = "00000000-0000-4000-8000-000000000001"
    path = write(
        ("2027-01-18", "0", "V1"),
        ("2027-01-10", "5", "V1"),
        ("2027-01-18", "7", "V1", nowhere),
        ("2027-01-18", "6", "V2", nowhere),
        ("2027-01-18", "9", "V1", str(closed.pk)),
        ("2027-01-18", "9", "V1", str(short.pk)),
        ("2027-01-18", "-3", "V2"),
        ("2027-01-18", "mnoho", "V2"),
        ("2027-01-18", "100001", "V2"),
        ("2027-02-30", "3", "V2"),
        ("20270118", "3", "V2"),
        ("2020-04-28", "3", "V2"),
        ("9999-12-31", "3", "V2"),
        ("2027-01-18", "3", "VN"),
        ("2027-01-18", "3", "V2", "1234"),
        ("2027-01-18", "3", "V2"),
        ("2027-01-18", "4", "V2"),
    )
    skipped = import_capacity(plan=ImportPlan([path], vaccine), now=now).skipped
    assert [problem.line for problem in skipped.problems] == [7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 18]
    assert skipped.unknown_sites == {(UUID(nowhere), "Místo"): 2}
    assert skipped.closed_sites == {(closed.pk, "Místo"): 1}
    assert (skipped.seats_lost, skipped.without_seats, skipped.past) == (22, 1, 1)
    assert seats_per_calendar() == {"SECOND": 3}


def test_a_weekday_with_hours_of_its_own_has_windows_in_them(
    write: Write, site: VaccinationSite, vaccine: Vaccine, now: datetime
) -> None:
    site.weekday_hours.create(weekday=0, opens_at="17:00", closes_at="18:00")
    site.weekday_hours.create(weekday=6)  # closed
    days = ["2027-01-18", "2027-01-19", "2027-01-24", "2027-01-25"]  # Monday, Tuesday, Sunday, Monday
    path = write(*((day, "1", "V1") for day in days))
    import_capacity(plan=ImportPlan([path], vaccine), now=now)
    local = [timezone.localtime(slot.starts_at) for slot in Slot.objects.order_by("starts_at")]
    # People who are to come on a Sunday come at the usual hours: the ministry's file says that they come.
    assert [f"{start:%d %H}" for start in local] == ["18 17", "19 08", "24 08", "25 17"]


def test_the_calendar_moves_by_whole_weeks(write: Write, vaccine: Vaccine, now: datetime) -> None:
    path = write(("2021-01-15", "4", "V1"), ("2021-02-05", "4", "V2"))  # Fridays
    result = import_capacity(plan=ImportPlan([path], vaccine, shift_to=date(2027, 1, 16)), now=now)
    days = set(Slot.objects.values_list("day", flat=True))
    assert days == {date(2027, 1, 22), date(2027, 2, 12)}
    assert {day.weekday() for day in days} == {4}
    assert result.first_day == date(2027, 1, 22)


@given(earliest=st.dates(date(2020, 12, 27), date(2099, 1, 1)), wanted=st.dates(date(2020, 1, 1), date(2099, 1, 1)))
def test_a_shift_keeps_the_weekday_and_lands_within_a_week(earliest: date, wanted: date) -> None:
    shift = whole_weeks(earliest, wanted)
    assert shift.days % 7 == 0
    assert 0 <= (earliest + shift - wanted).days < 7


def test_rows_of_unknown_sites_and_without_seats_do_not_say_which_day_is_the_earliest(
    write: Write, vaccine: Vaccine, now: datetime
) -> None:
    path = write(
        ("2021-01-01", "4", "V1", "00000000-0000-4000-8000-000000000001"),
        ("2021-01-02", "0", "V1"),
        ("2021-01-15", "4", "V1"),
    )
    import_capacity(plan=ImportPlan([path], vaccine, shift_to=date(2027, 1, 22)), now=now)
    assert set(Slot.objects.values_list("day", flat=True)) == {date(2027, 1, 22)}


def test_the_wall_clock_is_the_same_before_and_after_the_change_of_time(
    write: Write, vaccine: Vaccine, now: datetime
) -> None:
    path = write(
        ("2027-03-26", "1", "V1"), ("2027-03-29", "1", "V1"), ("2027-10-30", "1", "V1"), ("2027-10-31", "1", "V1")
    )
    import_capacity(plan=ImportPlan([path], vaccine), now=now)
    slots = Slot.objects.order_by("starts_at")
    assert [f"{slot.wall_time:%H:%M}" for slot in slots] == ["08:00"] * 4
    assert [f"{slot.starts_at:%H}" for slot in slots] == ["07", "06", "06", "07"]  # UTC


def test_only_one_site_where_that_is_asked(
    write: Write, vaccine: Vaccine, now: datetime, site: VaccinationSite
) -> None:
    other = make_site("Nemocnice Písek")
    path = write(("2027-01-18", "4", "V1"), ("2027-01-18", "4", "V1", str(other.pk)))
    result = import_capacity(plan=ImportPlan([path], vaccine, only_site=other.pk), now=now)
    assert set(Slot.objects.values_list("site", flat=True)) == {other.pk}
    assert result.skipped.not_asked_for == 1


def test_a_file_that_is_cut_off_opens_nothing_at_all(write: Write, vaccine: Vaccine, now: datetime) -> None:
    whole = write(*(("2027-01-18", str(number), "V1") for number in range(1, 3000)))
    packed = gzip.compress(whole.read_bytes())
    cut = whole.with_name("cut.csv.gz")
    cut.write_bytes(packed[: len(packed) // 2])
    with pytest.raises(UnreadableFile):
        import_capacity(plan=ImportPlan([cut], vaccine), now=now)
    assert not Slot.objects.exists()


def test_the_command_shows_progress_and_a_summary(
    write: Write, vaccine: Vaccine, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(commands, "SECONDS_BETWEEN_PROGRESS", 0)
    path = write(("2021-01-15", "4", "V1"), ("2021-01-15", "-1", "V2"))
    options = ["--from-capacity", str(path), "--shift-to", "2099-01-01", "--verbosity", "2"]
    call_command("generate_slots", *options, "--dry-run")
    assert not Slot.objects.exists()
    call_command("generate_slots", *options)
    said = capsys.readouterr()
    assert "rows read: 2 of 2" in said.err
    assert "slots created 4 slots raised 0 slots lowered 0 slots unchanged 0" in " ".join(said.out.split())
    assert "2099-01-02" in said.out  # a Friday, like 15 January 2021
    assert "capacity.csv, line 3" in said.err
    assert Slot.objects.count() == 4


@pytest.mark.parametrize(
    "option",
    [
        ["--vaccine", "sputnik"],
        ["--site", "00000000-0000-4000-8000-000000000001"],
        ["--minutes", "0"],
        ["--minutes", "²"],
        ["--shift-to", "zítra"],
        ["--shift-to", "9999-01-01"],
    ],
)
def test_options_of_no_use_are_refused(write: Write, vaccine: Vaccine, option: list[str]) -> None:
    with pytest.raises(CommandError):
        call_command("generate_slots", "--from-capacity", str(write()), *option)
    with pytest.raises(CommandError):
        call_command("generate_slots", "--from-capacity", "/nonexistent.csv")


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    rows=st.lists(
        st.tuples(
            st.one_of(st.text(max_size=12), st.dates().map(str)),
            st.one_of(st.text(max_size=12), st.integers().map(str)),
            st.sampled_from(["V1", "V2", "VX", "", "v1"]),
        ),
        max_size=6,
    ),
    tail=st.binary(max_size=40),
)
def test_no_garbage_stops_the_opening(
    write: Write, vaccine: Vaccine, now: datetime, rows: list[tuple[str, str, str]], tail: bytes
) -> None:
    path = write()
    path.write_bytes(path.read_bytes() + "\n".join(map(",".join, rows)).encode("utf-8", "surrogatepass") + tail)
    import_capacity(plan=ImportPlan([path], vaccine), now=now)
    path = write(*rows) if not any("\ud800" <= c <= "\udfff" for row in rows for cell in row for c in cell) else path
    import_capacity(plan=ImportPlan([path], vaccine), now=now)


@open_data.needs_open_data
def test_january_2021_opens_exactly_the_seats_of_the_file(vaccine: Vaccine, now: datetime) -> None:
    import_sites(path=open_data.FOLDER / "vaccination-sites.csv")
    path = open_data.FOLDER / "reservation-capacity-2021-01.csv.gz"
    result = import_capacity(plan=ImportPlan([path], vaccine, shift_to=date(2027, 1, 12)), now=now)
    known = {str(key) for key in VaccinationSite.objects.values_list("pk", flat=True)}
    expected: Counter[str] = Counter()
    per_day: Counter[date] = Counter()
    for row in open_data.rows(path.name):
        if row["ockovaci_misto_id"] in known:
            expected[CALENDARS[row["kalendar_ockovani"]]] += int(row["maximalni_kapacita"])
            per_day[date.fromisoformat(row["datum"])] += int(row["maximalni_kapacita"])
    assert seats_per_calendar() == expected
    assert result.skipped.problems == []
    assert result.shift.days % 7 == 0
    moved = dict(Slot.objects.order_by().values_list("day").annotate(Sum("capacity")))
    assert moved == {day + result.shift: seats for day, seats in per_day.items() if seats}
    again = import_capacity(plan=ImportPlan([path], vaccine, shift_to=date(2027, 1, 12)), now=now).slots
    assert (again.created, again.raised, again.lowered) == (0, 0, 0)
