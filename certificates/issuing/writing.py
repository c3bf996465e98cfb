"""The certificate itself: its identifiers drawn, its payload signed. No rows are written here.

It may call a signer over the network, so it must run outside any transaction.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings

from certificates.hcert import evidence_number, identifiers
from certificates.hcert.payload import Vaccination, payload
from certificates.hcert.signing import Signer, signed
from certificates.issuing.facts import Facts
from certificates.models import Certificate


@dataclass(frozen=True)
class Written:
    """A signed certificate that is not stored yet."""

    facts_hash: str
    dose_number: int
    total_doses: int
    uvci: str
    ean: str
    text: str
    issued_at: datetime
    expires_at: datetime


def write(facts: Facts, *, ean: str, signer: Signer, now: datetime) -> Written:
    """Sign what the facts say; whatever the signer raises comes through."""
    uvci = identifiers.new_uvci(facts.country)
    made = signed(
        payload(Vaccination(**vars(facts), uvci=uvci)),
        signer=signer,
        issued_at=now,
        expires_at=now + timedelta(days=settings.CERTIFICATE_DAYS),
    )
    return Written(facts.hash, facts.dose_number, facts.total_doses, uvci, ean, made.text, now, made.expires_at)


def new_eans(count: int) -> list[str]:
    """Evidence numbers that no certificate has: there are so few that two of a big batch would meet now and then.

    The constraint of the table stays the guard against two batches that draw one number at once.
    """
    drawn: set[str] = set()
    while len(drawn) < count:
        more = {evidence_number.new() for _ in range(count - len(drawn))}
        drawn |= more - set(Certificate.objects.filter(ean__in=more).values_list("ean", flat=True))
    return list(drawn)
