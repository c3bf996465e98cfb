"""The command over trust lists of others."""

import base64
import io
import json
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import Encoding
from django.core.management import CommandError, call_command
from django.utils import timezone

from certificates.models import SignerCertificate
from tests.factories import NOW, signer_pair

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]


def test_a_list_is_imported_told_and_forgotten(tmp_path: Path) -> None:
    def read(*arguments: str) -> tuple[str, str]:
        out, problems = io.StringIO(), io.StringIO()
        call_command("import_trust_list", *arguments, stdout=out, stderr=problems)
        return out.getvalue(), problems.getvalue()

    der = signer_pair(64, NOW)[1].public_bytes(Encoding.DER)
    (tmp_path / "cert.der").write_bytes(der)
    (tmp_path / "list.json").write_text(json.dumps([{"rawData": "%"}]))
    out, problems = read(str(tmp_path))
    assert "new" in out
    assert "list.json: no certificate in it" in problems
    assert SignerCertificate.objects.get().source == "EU"
    seen = io.StringIO()
    with pytest.raises(CommandError, match="--force"):
        call_command("import_trust_list", str(tmp_path / "list.json"), stderr=seen)
    assert "not base64, PEM or DER" in seen.getvalue()  # why it was refused
    signed = base64.b64encode(bytes(64)) + b"\n" + json.dumps([{"rawData": base64.b64encode(der).decode()}]).encode()
    (tmp_path / "signed.json").write_bytes(signed)
    _out, problems = read(str(tmp_path / "signed.json"))
    assert "signature in the first line of the list was not checked" in problems
    assert "of our own state, but none of our signers" in problems
    (tmp_path / "signed.json").unlink()
    read(str(tmp_path / "list.json"), "--force", "--dry-run")
    assert SignerCertificate.objects.trusted(timezone.now()).exists()
    with pytest.raises(CommandError, match="https"):
        read("http://example.cz/list.json")
    for wrong in ((), ("x", "--forget"), ("x", "--source", " ")):
        with pytest.raises(CommandError):
            read(*wrong)
    read("--forget")
    assert not SignerCertificate.objects.trusted(timezone.now()).exists()
