"""Files of registers, as programs save them."""

from datetime import timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from crs.messaging.models import Message
from crs.saved_files import UnreadableFile
from registration.models import HealthWorkerRecord, InsuredRecord
from registration.people.insured_number import lookup_hash
from registration.registers import imports
from registration.registers.asking import Insured, RegisterAway
from registration.registers.imports import HEALTH_WORKERS, INSURED
from registration.registers.local import LocalHealthWorkersRegister, LocalInsurersRegister
from tests.factories import NOW

pytestmark = pytest.mark.django_db

HEAD = "insured_number,first_name,last_name,birth_date,insurer,insured_until,died_on"
JANA = "6854021240,Jana,Nováková,1968-04-02,111,,"
MARIE = "385512123,Marie,Dvořáková,12. 5. 1938,205,31.12.2026,"


def file(tmp_path: Path, *lines: str, encoding: str = "utf-8", end: str = "\r\n") -> Path:
    path = tmp_path / "registr.csv"
    path.write_bytes(end.join(lines).encode(encoding) + end.encode())
    return path


def take_over(path: Path, **options: Any) -> imports.Result:
    return imports.take_over(INSURED, path, **{"now": NOW, **options})


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1250"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_a_file_is_read_however_it_was_saved(encoding: str, delimiter: str, tmp_path: Path) -> None:
    lines = [line.replace(",", delimiter) for line in (HEAD, JANA, MARIE)]
    result = take_over(file(tmp_path, *lines, encoding=encoding))
    assert (result.added, result.problems) == (2, [])
    found = LocalInsurersRegister().look_up("385512123")
    assert found is not None
    assert (found.last_name, found.birth_date.isoformat(), str(found.insured_until)) == (
        "Dvořáková",
        "1938-05-12",
        "2026-12-31",
    )


def test_czech_heads_empty_lines_and_spare_columns_are_no_trouble(tmp_path: Path) -> None:
    head = "Číslo pojištěnce;Jméno;Příjmení;Datum narození;Pojišťovna;Pojištěn do;Datum úmrtí;Poznámka;;"
    line = "685402/1240;Jana;Nováková;2. 4. 1968 0:00;111;;2027-01-02 00:00:00;nic;;"
    result = take_over(file(tmp_path, head, "", line, ";;;;;;;;;", encoding="cp1250"))
    assert (result.added, result.problems) == (1, [])
    assert str(InsuredRecord.objects.get().died_on) == "2027-01-02"


def test_a_second_run_adds_nothing_and_a_newer_file_replaces(tmp_path: Path) -> None:
    take_over(file(tmp_path, HEAD, JANA, MARIE))
    again = take_over(file(tmp_path, HEAD, JANA, MARIE), now=NOW + timedelta(days=1))
    assert (again.added, again.replaced, again.unchanged) == (0, 0, 2)
    newer = take_over(file(tmp_path, HEAD, JANA.replace("Nováková", "Černá")), now=NOW + timedelta(days=2))
    assert (newer.added, newer.replaced, newer.removed) == (0, 1, 0)
    assert LocalInsurersRegister().look_up("6854021240") == Insured(
        "Jana", "Černá", InsuredRecord.objects.get(pk=lookup_hash("6854021240")).birth_date, "111"
    )
    assert InsuredRecord.objects.count() == 2


def test_only_a_whole_register_without_faults_takes_others_away(tmp_path: Path) -> None:
    take_over(file(tmp_path, HEAD, JANA, MARIE))
    faulty = take_over(file(tmp_path, HEAD, JANA, "x"), now=NOW + timedelta(days=1), is_whole=True)
    assert (faulty.removed, len(faulty.problems)) == (0, 1)
    whole = take_over(file(tmp_path, HEAD, JANA), now=NOW + timedelta(days=2), is_whole=True)
    assert whole.removed == 1
    empty = take_over(file(tmp_path, HEAD), now=NOW + timedelta(days=3), is_whole=True)
    assert (empty.removed, InsuredRecord.objects.count()) == (0, 1)


FAULTS = {
    JANA.replace("6854021240", "6854021241"): "number",
    JANA.replace("6854021240", "68540212E1"): "the insured person's number: ",
    JANA.replace("1968-04-02", "1968-02-30"): "no day of the calendar",
    JANA.replace("1968-04-02", "4/2/68"): "neither",
    JANA.replace(",111,", ",999,"): "insurer is none of",
    JANA.replace("Nováková", ""): "surname is missing",
    JANA.replace("Nováková", "N" * 90): "longer than 80",
    "6854021240,Jana": "2 columns instead of 7",
    '"6854021240,Jana' + "x" * 140_000: "too long",
}


@pytest.mark.parametrize("line", FAULTS, ids=list(FAULTS.values()))
def test_a_line_that_cannot_be_used_is_told_without_anything_of_it(line: str, tmp_path: Path) -> None:
    result = take_over(file(tmp_path, HEAD, MARIE, line))
    [problem] = result.problems
    assert FAULTS[line] in problem.reason
    assert not any(part in str(problem) for part in ("685402", "Jana", "Nov", "NNN", "1968", "151010"))
    assert (result.added, problem.line) == (1, 3)


def test_a_number_that_stands_twice_is_taken_once(tmp_path: Path) -> None:
    result = take_over(file(tmp_path, HEAD, JANA, JANA.replace("Nováková", "Jiná")))
    assert (result.added, [problem.line for problem in result.problems]) == (1, [3])
    assert InsuredRecord.objects.get().last_name == "Nováková"


def test_a_zero_that_a_spreadsheet_took_is_not_guessed_back(tmp_path: Path) -> None:
    # Without its zero the number reads as that of a man born in 1951.
    result = take_over(file(tmp_path, HEAD, "510105002,Petr,Malý,10. 10. 2005,111,,"))
    assert [problem.reason for problem in result.problems] == [
        "the number lost the zero at its beginning; save the column as text"
    ]


@pytest.mark.parametrize("content", [b"", b"a,b\r\n1,2\r\n", b"\x00\x01\x02", b"PK\x03\x04\xff\xfe"])
def test_another_table_is_refused_as_a_whole(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "other.csv"
    path.write_bytes(content)
    with pytest.raises(UnreadableFile):
        take_over(path)


def test_the_commands_say_what_they_did_and_a_dry_run_does_nothing(tmp_path: Path) -> None:
    path, out, err = file(tmp_path, HEAD, JANA, "x"), StringIO(), StringIO()
    call_command("import_insured", path, "--dry-run", stdout=out, stderr=err)
    assert "dry run" in out.getvalue()
    assert "line 3: 1 columns instead of 7" in err.getvalue()
    assert not InsuredRecord.objects.exists()
    with pytest.raises(CommandError, match="Nothing was removed"):
        call_command("import_insured", path, "--whole", stdout=out, stderr=err)
    assert InsuredRecord.objects.count() == 1
    assert "Nováková" not in out.getvalue() + err.getvalue()


def test_health_workers_are_known_by_their_number_in_the_register(tmp_path: Path) -> None:
    head = "worker_number;insured_number;first_name;last_name;profession;facility;until"
    lines = [
        "100;6854021240;Jana;Nováková;sestra;Tábor;2020-12-31",
        "101;6854021240;Jana;Nováková;sestra;Písek;",
        ";6854021240;Jana;Nováková;sestra;;",
    ]
    result = imports.take_over(HEALTH_WORKERS, file(tmp_path, head, *lines), now=NOW)
    assert (result.added, len(result.problems)) == (2, 1)
    found = LocalHealthWorkersRegister().look_up("6854021240")
    assert found is not None
    assert (found.facility, found.until) == ("Písek", None)  # the one that lasts


def test_a_register_that_nobody_imported_knows_nothing_of_nobody() -> None:
    with pytest.raises(RegisterAway):
        LocalInsurersRegister().look_up("6854021240")
    with pytest.raises(RegisterAway):
        LocalHealthWorkersRegister().look_up("6854021240")
    assert not HealthWorkerRecord.objects.exists()
    assert not Message.objects.exists()
