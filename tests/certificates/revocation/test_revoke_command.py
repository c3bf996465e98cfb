"""`manage.py revoke`: which certificates it finds, what it asks, and what it counts."""

import re
from collections.abc import Callable
from datetime import date
from io import StringIO
from unittest.mock import Mock

import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command

from certificates.models import Certificate
from registration.models import Person
from tests.certificates.revocation.conftest import MakeCertificates

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]
Revoke = Callable[..., str]


@pytest.fixture
def revoke() -> Revoke:
    def run(*arguments: str) -> str:
        output = StringIO()
        call_command("revoke", *arguments, "--reason", "fraud", stdout=output, stderr=output)
        return output.getvalue()

    return run


def _revoked() -> set[Certificate]:
    return set(Certificate.objects.filter(state="REVOKED"))


def test_one_certificate_is_found_by_its_identifier_or_evidence_number(
    make_certificates: MakeCertificates, revoke: Revoke
) -> None:
    first, second, _third = make_certificates(3)
    revoke("--certificate", first.uvci.lower(), "--yes")
    assert _revoked() == {first}
    revoke("--certificate", f" {second.ean[:6]} {second.ean[6:]}", "--yes")
    assert _revoked() == {first, second}


def test_those_of_a_person_are_found_by_the_registration_also_of_joined_rows(
    make_certificates: MakeCertificates, revoke: Revoke
) -> None:
    first, second, _third = make_certificates(3)
    joined = Person.objects.create(
        first_name="Marie",
        last_name="Nová",
        birth_date=date(1938, 1, 1),
        insured_number_hash="x",
        merged_into=first.person,
    )
    Certificate.objects.filter(pk=second.pk).update(person=joined)
    registration = first.dose.registration
    assert registration is not None
    revoke("--person", registration.number, "--yes")
    assert _revoked() == {first, second}


def test_those_of_a_key_and_of_a_batch_are_found(make_certificates: MakeCertificates, revoke: Revoke) -> None:
    certificates = make_certificates(2)
    batch = certificates[0].dose.batch
    assert batch is not None
    output = revoke("--key", certificates[0].signer.kid, "--dry-run")
    assert re.search(r"to be revoked +2\n", output)
    revoke("--batch", batch.number.lower(), "--vaccine", batch.vaccine_id, "--yes")
    assert _revoked() == set(certificates)
    output = revoke("--key", certificates[0].signer.kid, "--yes")
    assert re.search(r"revoked +0\n +revoked before +2\n", output)


def test_a_dry_run_revokes_nothing(certificate: Certificate, revoke: Revoke) -> None:
    assert "nothing is written" in revoke("--certificate", certificate.uvci, "--dry-run")
    assert not _revoked()


def test_it_shows_what_it_is_about_and_asks_first(
    make_certificates: MakeCertificates, revoke: Revoke, monkeypatch: pytest.MonkeyPatch
) -> None:
    certificate, other = make_certificates(2)
    questions: list[str] = []
    answers = iter(["no", "Yes", "yes"])

    def answer(question: str) -> str:
        questions.append(question)
        return next(answers)

    monkeypatch.setattr("sys.stdin", Mock(isatty=lambda: True))
    monkeypatch.setattr("builtins.input", answer)
    with pytest.raises(CommandError, match="Nothing was done"):
        revoke("--certificate", certificate.uvci)
    assert not _revoked()
    output = revoke("--certificate", certificate.uvci)
    assert _revoked() == {certificate}
    assert re.search(rf"{certificate.uvci} +1/2 +2027-01-11 +valid\n", output)
    revoke("--key", other.signer.kid)
    assert questions == ["Revoke 1 certificate for good? Type yes: "] * 3


def test_without_anybody_to_ask_it_says_so_in_one_line(
    certificate: Certificate, revoke: Revoke, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", StringIO())
    with pytest.raises(CommandError, match=r"Nobody is here to be asked.*--yes"):
        revoke("--certificate", certificate.uvci)
    assert not _revoked()


def test_a_dry_run_lists_all_of_a_person_and_the_first_few_of_a_key(
    make_certificates: MakeCertificates, revoke: Revoke
) -> None:
    certificates = make_certificates(6)
    first = certificates[0]
    revoke("--certificate", certificates[1].uvci, "--yes")
    Certificate.objects.update(person=first.person)
    registration = first.dose.registration
    assert registration is not None
    output = revoke("--person", registration.number, "--dry-run")
    lines = [line for line in output.splitlines() if "URN:UVCI" in line]
    assert len(lines) == 6
    assert lines[-1].split() == [certificates[1].uvci, "1/2", "2027-01-11", "revoked"]
    assert first.person.last_name not in output
    assert registration.number not in output
    output = revoke("--key", first.signer.kid, "--dry-run")
    assert output.count("URN:UVCI") == 5
    assert "  … and 1 more\n" in output


def test_who_decided_it_stands_with_the_certificate(certificate: Certificate, revoke: Revoke, admin_user: User) -> None:
    revoke("--certificate", certificate.uvci, "--yes", "--by", admin_user.username, "--note", "spis 12")
    certificate.refresh_from_db()
    assert (certificate.revoked_by, certificate.revocation, certificate.revocation_note) == (
        admin_user,
        "FRAUD",
        "spis 12",
    )


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (["--certificate", "URN:UVCI:01:CZ:NONE"], "No certificate"),
        (["--person", "123456789"], "No registration"),
        (["--key", "AAAA"], "No signer of ours"),
        (["--batch", "X"], "belong together"),
        (["--batch", "X", "--vaccine", "nothing"], "There are: "),
        (["--batch", "X", "--vaccine", "comirnaty"], "no batch X"),
        (["--certificate", "x", "--note", "x" * 301], "longer than 300"),
    ],
)
def test_what_is_not_there_is_said(revoke: Revoke, arguments: list[str], why: str) -> None:
    with pytest.raises(CommandError, match=why):
        revoke(*arguments)


@pytest.mark.parametrize("option", ["--yes", "--dry-run"])
def test_an_unknown_login_is_refused_before_anything_happens(
    certificate: Certificate, revoke: Revoke, option: str
) -> None:
    with pytest.raises(CommandError, match="nobody is no login of staff"):
        revoke("--certificate", certificate.uvci, option, "--by", "nobody")
    assert not _revoked()
