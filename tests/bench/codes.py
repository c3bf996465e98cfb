"""Codes of certificates signed and verified in one process, in turn with the bare signature under each.

The content is that of a second dose, another one for each code. What the room does around it (rows, keys out of the
database, paper) has sections of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, timedelta
from functools import partial
from typing import TYPE_CHECKING

import psutil
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256

from certificates.hcert.identifiers import new_uvci
from certificates.hcert.payload import Vaccination, payload
from certificates.hcert.signing import KeySigner, Signed, signed
from certificates.hcert.trusted import TrustedSigners
from certificates.hcert.verification import verify
from tests.bench import cpu
from tests.bench.turns import Rounds, Turn, compared, line, rounds, turn
from tests.certificates.hcert import signers

if TYPE_CHECKING:
    from tests.bench.sides import Sides

CODES = 500
# Name of our work: its yardstick.
YARDSTICKS = {"codes signed": "bare ES256 signatures", "codes verified": "bare ES256 verifications"}


def measure(sides: Sides, *, seconds: float, say: Callable[[str], None]) -> dict[str, object]:
    """What a code costs, and the speed as a part of that of the bare signature."""
    key, signer = signers.key(), signers.signer()
    facts = [_vaccination(number) for number in range(CODES)]
    texts = [_signed(one, signer).text for one in facts]
    data = [text.encode() for text in texts]
    signatures = [key.sign(one, ec.ECDSA(SHA256())) for one in data]
    public, trusted = key.public_key(), TrustedSigners([signer.certificate])
    servers = cpu.Servers(command=psutil.Process())
    turns = {
        "codes signed": partial(_turn, servers, lambda number: _signed(facts[number], signer)),
        "bare ES256 signatures": partial(_turn, servers, lambda number: key.sign(data[number], ec.ECDSA(SHA256()))),
        "codes verified": partial(_turn, servers, lambda number: verify(texts[number], trusted, signers.NOW)),
        "bare ES256 verifications": partial(
            _turn, servers, lambda number: public.verify(signatures[number], data[number], ec.ECDSA(SHA256()))
        ),
    }
    taken = Rounds()
    for number in rounds(seconds):
        taken.take(number, turns)
    figures: dict[str, object] = {}
    for name in taken.names:
        figures[name] = costs = taken.costs(name)
        say(f"{line(name, costs)}   {1000 / costs['cpu ms']:,.0f}/s of processor time")
    for name, yardstick in YARDSTICKS.items():
        # Of speeds, as the aim is: the yardstick's cost over ours.
        label, ratio = f"{name} / {yardstick}", taken.ratio(yardstick, name)
        figures[label] = ratio.figures
        say(compared(label, ratio))
    return figures


def _turn(servers: cpu.Servers, work: Callable[[int], object]) -> Turn:
    with turn(servers, count=CODES) as measured:
        for number in range(CODES):
            work(number)
    return measured


def _signed(one: Vaccination, signer: KeySigner) -> Signed:
    return signed(payload(one), signer=signer, issued_at=signers.NOW, expires_at=signers.IN_A_YEAR)


def _vaccination(number: int) -> Vaccination:
    families: Sequence[tuple[str, str]] = (("Nováková", "NOVAKOVA"), ("Dvořák", "DVORAK"), ("Nguyễn", "NGUYEN"))
    last_name, family_name_mrz = families[number % len(families)]
    return signers.vaccination(
        last_name=last_name,
        family_name_mrz=family_name_mrz,
        birth_date=date(1940, 1, 1) + timedelta(days=number),
        uvci=new_uvci("CZ"),
    )
