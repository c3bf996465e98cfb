"""Signing: what stands in a code besides its content, and that another maker's reader takes it."""

import json
import os
import subprocess
import sys
from datetime import timedelta

import cbor2
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding

from certificates.hcert.payload import payload
from certificates.hcert.signing import KeySigner, signed
from certificates.hcert.text import unfolded
from certificates.hcert.verification import verify
from crs.embedded.paths import ROOT
from tests.certificates.hcert import read_by_cwt, signers
from tests.certificates.hcert.signers import IN_A_YEAR, NOW

CWT = ROOT / ".venv" / "cwt"
PAYLOAD = payload(signers.vaccination())


def test_a_code_has_the_parts_of_the_specification_in_their_order() -> None:
    made = signed(PAYLOAD, signer=signers.signer(), issued_at=NOW, expires_at=IN_A_YEAR)
    message = cbor2.loads(unfolded(made.text))
    assert message.tag == 18
    protected, unprotected, content, signature = message.value
    assert cbor2.loads(protected) == {1: -7, 4: signers.signer().kid}
    assert unprotected == {}
    assert signature == made.signature
    assert list(cbor2.loads(content).items()) == [
        (1, "CZ"),
        (4, int(IN_A_YEAR.timestamp())),
        (6, int(NOW.timestamp()) - 60),
        (-260, {1: PAYLOAD}),
    ]
    # Version 20 of a QR code at level Q, 97 modules a side: 42 mm hold them.
    assert len(made.text) < 700


def test_a_code_never_outlives_its_signer_nor_begins_before_it() -> None:
    begins, ends = NOW.replace(microsecond=0), NOW + timedelta(days=10)
    signer = KeySigner(signers.certificate(begins=begins, ends=ends), signers.key())
    made = signed(PAYLOAD, signer=signer, issued_at=NOW + timedelta(seconds=5, microseconds=7), expires_at=IN_A_YEAR)
    assert (made.issued_at, made.expires_at) == (begins, ends)
    genuine = verify(made.text, [signer.certificate], NOW + timedelta(seconds=5))
    assert (genuine.issued_at, genuine.expires_at) == (begins, ends)


@pytest.mark.parametrize("days", [-31, 701])
def test_a_signer_signs_only_in_its_own_time(days: int) -> None:
    at = NOW + timedelta(days=days)
    with pytest.raises(ValueError, match="not valid at that time"):
        signed(PAYLOAD, signer=signers.signer(), issued_at=at, expires_at=at + timedelta(days=1))


def test_a_signer_without_a_state_names_none() -> None:
    signer = KeySigner(signers.certificate(country=""), signers.key())
    made = signed(PAYLOAD, signer=signer, issued_at=NOW, expires_at=IN_A_YEAR)
    assert verify(made.text, [signer.certificate], NOW).country == ""


def test_a_key_that_is_not_the_certificates_or_on_another_curve_is_no_signer() -> None:
    large = ec.generate_private_key(ec.SECP384R1())
    for certificate, key in ((signers.certificate(), signers.key("other")), (signers.certificate(large), large)):
        with pytest.raises(ValueError, match="not the certificate's"):
            KeySigner(certificate, key)


@pytest.mark.skipif(
    not CWT.is_dir() and os.environ.get("CI") != "true", reason=f"cwt is not in {CWT}: `make test` installs it"
)
def test_another_makers_reader_takes_our_code_and_refuses_a_changed_one() -> None:
    made = signed(PAYLOAD, signer=signers.signer(), issued_at=NOW, expires_at=IN_A_YEAR)
    taken = _by_cwt(made.text)
    assert taken.returncode == 0, taken.stderr
    assert json.loads(taken.stdout) == PAYLOAD
    changed = _by_cwt(made.text[:400] + ("A" if made.text[400] != "A" else "B") + made.text[401:])
    assert changed.returncode != 0


def _by_cwt(text: str) -> subprocess.CompletedProcess[str]:
    certificate = signers.signer().certificate.public_bytes(Encoding.PEM).decode()
    return subprocess.run(
        [sys.executable, str(read_by_cwt.__file__)],
        input=json.dumps({"certificate": certificate, "text": text}),
        env=os.environ | {"PYTHONPATH": str(CWT)},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
