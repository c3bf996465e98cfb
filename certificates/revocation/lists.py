"""Whether a certificate is on a list of revoked ones, ours or another state's."""

from datetime import datetime

from certificates.hcert import revocation_hashes
from certificates.hcert.refusals import Genuine, uvci_of
from certificates.hcert.trusted import spellings_of
from certificates.models import RevokedHash


def is_revoked(genuine: Genuine, now: datetime) -> bool:
    """Whether the certificate stands on a list. Ours count from the moment they are revoked.

    A hash counts in the state of the signer and in the one that the code names, under any key: the name of the key may
    stand where anybody can change it (docs/adr/0030-revocation.md).
    """
    countries = spellings_of(genuine.country) | spellings_of(genuine.claimed_country)
    known_by = {
        pair
        for entry in genuine.entries
        for pair in revocation_hashes.hashes(
            uvci=uvci_of(entry),
            countries=countries,
            signature=genuine.signature,
            algorithm=genuine.algorithm,
        )
    }
    rows = RevokedHash.objects.in_force(now).filter(hash__in={value for _type, value in known_by})
    if countries:
        rows = rows.filter(country__in=countries)
    return any((row.hash_type, bytes(row.hash)) in known_by for row in rows)
