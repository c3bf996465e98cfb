"""The content of our certificates, by the EU's schema, and all the way through their text."""

import unicodedata
from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from certificates.hcert.payload import payload
from certificates.hcert.signing import signed
from certificates.hcert.verification import verify
from registration.people.errors import SpellingNeedsLatinLetters
from registration.people.latin_name import machine_readable
from tests.certificates.hcert import signers
from tests.certificates.hcert.signers import IN_A_YEAR, NOW, vaccination
from tests.eu_codes import FOLDER, needs_eu_codes, read


def named(last_name: str, first_name: str = "", *, spelled: tuple[str, str] | None = None) -> dict[str, Any]:
    """The content for a person of this name, through our text and back; `spelled` is the travel document's."""
    latin = [machine_readable(name) for name in spelled or (last_name, first_name)]
    content = payload(
        vaccination(last_name=last_name, first_name=first_name, family_name_mrz=latin[0], given_name_mrz=latin[1])
    )
    text = signed(content, signer=signers.signer(), issued_at=NOW, expires_at=IN_A_YEAR).text
    read_back = verify(text, [signers.signer().certificate], NOW).payload
    assert read_back == content
    if FOLDER.is_dir():
        Draft202012Validator(read("dcc-schema.json")).validate(read_back)
    return dict(read_back["nam"])


@needs_eu_codes
def test_our_content_is_right_by_the_eus_schema() -> None:
    Draft202012Validator(read("dcc-schema.json")).validate(payload(vaccination()))


@needs_eu_codes
@pytest.mark.parametrize("file", sorted(path.name for path in (FOLDER / "examples").glob("*.json")))
def test_our_content_is_that_of_the_published_examples_of_vaccinations(file: str) -> None:
    example = read(f"examples/{file}")
    names, entry = example["nam"], example["v"][0]
    ours = payload(
        vaccination(
            last_name=names.get("fn", ""),
            first_name=names.get("gn", ""),
            family_name_mrz=names.get("fnt", ""),
            given_name_mrz=names.get("gnt", ""),
            birth_date=date.fromisoformat(f"{example['dob']}-01-01"[:10]),
            disease=entry["tg"],
            prophylaxis=entry["vp"],
            product=entry["mp"],
            holder=entry["ma"],
            dose_number=entry["dn"],
            total_doses=entry["sd"],
            given_on=date.fromisoformat(entry["dt"]),
            country=entry["co"],
            issuer=entry["is"],
            uvci=entry["ci"],
        )
    )
    # We know whole birth dates only, and write the version that states' codes have (1.3.0); the examples are of 1.3.3.
    assert ours | {"ver": example["ver"], "dob": example["dob"]} == example


@pytest.mark.parametrize(
    ("last_name", "first_name", "names"),
    [
        ("Říhová", "Žofie", {"fn": "Říhová", "gn": "Žofie", "fnt": "RIHOVA", "gnt": "ZOFIE"}),
        ("Ľuptáková", "Svätozár", {"fn": "Ľuptáková", "gn": "Svätozár", "fnt": "LUPTAKOVA", "gnt": "SVAETOZAR"}),
        ("Nguyễn", "Thị Đào", {"fn": "Nguyễn", "gn": "Thị Đào", "fnt": "NGUYEN", "gnt": "THI<DAO"}),
        ("O’Neill", "Anne–Marie", {"fn": "O’Neill", "gn": "Anne–Marie", "fnt": "ONEILL", "gnt": "ANNE<MARIE"}),
        ("Suharto", "", {"fn": "Suharto", "fnt": "SUHARTO"}),
        ("", "Suharto", {"gn": "Suharto", "gnt": "SUHARTO"}),
        ("N\u030covák", "Jan", {"fn": "\u0147ovák", "gn": "Jan", "fnt": "NOVAK", "gnt": "JAN"}),
    ],
)
def test_names_arrive_as_they_are_and_in_latin_letters(last_name: str, first_name: str, names: dict[str, str]) -> None:
    assert named(last_name, first_name) == names


def test_a_name_in_another_script_arrives_with_the_spelling_of_the_travel_document() -> None:
    assert named("Шевченко", "Олена", spelled=("SHEVCHENKO", "OLENA")) == {
        "fn": "Шевченко",
        "gn": "Олена",
        "fnt": "SHEVCHENKO",
        "gnt": "OLENA",
    }


def test_a_name_of_80_letters_arrives_whole_and_a_longer_one_is_cut() -> None:
    assert named("Ž" * 80)["fn"] == "Ž" * 80
    assert named("Ž" * 81) == {"fn": "Ž" * 80, "fnt": "Z" * 80}
    assert named("a" * 79 + " Nováková") == {"fn": "a" * 79, "fnt": "A" * 79}


def test_a_letter_is_not_parted_from_its_marks_where_a_name_is_cut() -> None:
    # With two marks there is no composed letter.
    letter = "M\u0331\u0302"
    assert unicodedata.normalize("NFC", letter) == letter
    assert named("a" * 78 + letter)["fn"] == "a" * 78
    assert named("a" * 77 + letter)["fn"] == "a" * 77 + letter
    assert named("a" + letter * 30)["fn"] == "a" + letter * 26


def test_without_latin_letters_there_is_no_content() -> None:
    with pytest.raises(ValueError, match="Latin"):
        payload(vaccination(family_name_mrz="", given_name_mrz=""))


@settings(deadline=None)
@given(st.text(max_size=120), st.text(max_size=120))
def test_every_name_that_can_be_read_gives_a_certificate_by_the_schema(last_name: str, first_name: str) -> None:
    try:
        has_name = machine_readable(last_name) + machine_readable(first_name) != ""
    except SpellingNeedsLatinLetters:
        return
    if has_name:
        named(last_name, first_name)
