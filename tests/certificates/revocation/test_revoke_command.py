"""`manage.py revoke`: which certificates it finds, what it asks, and what it counts."""

import re
from collections.abc import Callable
from datetime import date
from io import StringIO

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


def test_it_asks_first(certificate: Certificate, revoke: Revoke, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("builtins.input", lambda _question: "no")
    with pytest.raises(CommandError, match="Nothing was revoked"):
        revoke("--certificate", certificate.uvci)
    assert not _revoked()
    monkeypatch.setattr("builtins.input", lambda _question: "yes")
    revoke("--certificate", certificate.uvci)
    assert _revoked() == {certificate}


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


def test_an_unknown_login_is_refused_before_anything_happens(certificate: Certificate, revoke: Revoke) -> None:
    with pytest.raises(CommandError, match="no login nobody"):
        revoke("--certificate", certificate.uvci, "--yes", "--by", "nobody")
    assert not _revoked()
