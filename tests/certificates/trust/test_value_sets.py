"""Importing the EU's value sets: what a command says of good and bad files."""

import json
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from certificates.models import ValueSetEntry
from tests.eu_codes import FOLDER, needs_eu_codes

pytestmark = pytest.mark.django_db
NAMES = "vaccines-covid-19-names"


def run(folder: Path, *options: str) -> tuple[list[str], str]:
    """What the command writes to stdout (words only) and to stderr; with its failure at the end."""
    out, err, failure = StringIO(), StringIO(), ""
    try:
        call_command("import_value_sets", str(folder), *options, stdout=out, stderr=err)
    except CommandError as error:
        failure = str(error)
    return [" ".join(line.split()) for line in out.getvalue().splitlines()], err.getvalue() + failure


def put(folder: Path, name: str = "names.json", value_set: str = NAMES, **displays: object) -> None:
    """Write a file as the EU's are."""
    values = {code: {"display": display, "lang": "en", "active": True} for code, display in displays.items()}
    (folder / name).write_text(json.dumps({"valueSetId": value_set, "valueSetValues": values}), encoding="utf-8")


def display(code: str) -> str:
    return ValueSetEntry.objects.get(value_set=NAMES, code=code).display


def test_new_codes_are_added_other_names_are_taken_and_what_is_in_no_file_stays(tmp_path: Path) -> None:
    put(tmp_path, CVnCoV="Another", Covaxin="Covaxin", Fresh=" A new\u00a0one ")
    put(tmp_path, "countries.json", "country-2-codes", CZ="Czechia")
    said, _errors = run(tmp_path)
    assert said[1:] == [
        "codes new 1",
        "codes with another name 1",
        "codes as before 1",
        "files with sets that are not used 1",
        "files not read 0",
    ]
    assert (display("CVnCoV"), display("Fresh"), display("Covishield")) == ("Another", "A new one", "Covishield")
    said, _errors = run(tmp_path)
    assert said[1:4] == ["codes new 0", "codes with another name 0", "codes as before 3"]


def test_a_dry_run_says_it_and_writes_nothing(tmp_path: Path) -> None:
    put(tmp_path, CVnCoV="Another")
    said, _errors = run(tmp_path, "--dry-run")
    assert "nothing is written" in said[0]
    assert said[2] == "codes with another name 1"
    assert display("CVnCoV") == "CVnCoV"


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"", "It is empty"),
        (b"\xff\xfe{}", "This is no JSON"),
        (b"[" * 100_000, "This is no JSON"),
        (b"[]", "no valueSetId"),
        (b'{"valueSetId": 1, "valueSetValues": {}}', "no valueSetId"),
        (b'{"valueSetId": "x", "valueSetValues": {"A": {}}}', "The code 'A' has no name"),
        (b'{"valueSetId": "x", "valueSetValues": {"A": {"display": " "}}}', "The code 'A' has no name"),
        (b'{"valueSetId": "x", "valueSetValues": {"A": "B"}}', "The code 'A' has no name"),
    ],
)
def test_a_file_that_cannot_be_read_is_named_and_the_others_are_read(
    tmp_path: Path, content: bytes, problem: str
) -> None:
    (tmp_path / "bad.json").write_bytes(content)
    put(tmp_path, CVnCoV="Another")
    said, errors = run(tmp_path)
    assert "failed" in said[0]
    assert errors.startswith("bad.json: ")
    assert problem in errors
    assert "Not every file could be read" in errors
    assert display("CVnCoV") == "Another"


def test_a_file_with_a_byte_order_mark_is_read(tmp_path: Path) -> None:
    put(tmp_path, CVnCoV="Another")
    path = tmp_path / "names.json"
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())
    run(tmp_path)
    assert display("CVnCoV") == "Another"


def test_a_folder_without_value_sets_or_that_is_none_fails(tmp_path: Path) -> None:
    assert "No value set that vaccinations use" in run(tmp_path)[1]
    assert "No such file" in run(tmp_path / "absent")[1]
    (tmp_path / "file").touch()
    assert "Not a directory" in run(tmp_path / "file")[1]


@needs_eu_codes
def test_the_eus_own_files_are_read() -> None:
    said, errors = run(FOLDER / "value-sets")
    assert errors == ""
    assert "files with sets that are not used 1" in said
    assert display("Soberana-Plus") == "Soberana Plus"


def test_a_folder_without_sets_is_refused_and_no_figures_are_shown(tmp_path: Path) -> None:
    put(tmp_path, "tests.json", "covid-19-lab-result", x="Detected")
    refusal = f"No value set that vaccinations use is in {tmp_path}; nothing was changed."
    assert run(tmp_path) == ([], refusal)
    (tmp_path / "table.json").write_bytes(b"PK\x03\x04\xff")
    assert run(tmp_path) == ([], f"table.json: It is an archive (ZIP): unpack it first.\n{refusal}")
