"""Whether a certificate is on a list of revoked ones, ours or another state's."""

import base64
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from certificates.hcert import revocation_hashes
from certificates.hcert.refusals import Genuine
from certificates.models import RevokedHash

# The gateway's word for a hash that counts under any key of its state.
UNKNOWN_KID = "UNKNOWN_KID"


@dataclass(frozen=True)
class Revoked:
    """That a certificate is revoked, as the list has it; `certificate_id` where it is ours."""

    country: str
    hash_type: str
    since: datetime
    certificate_id: UUID | None = None


def is_revoked(genuine: Genuine, now: datetime) -> Revoked | None:
    """The entry of a list under which the certificate stands, or None. Ours count from the moment they are revoked.

    A hash counts in the state that issued the certificate, under the kid of its key or under no kid at all.
    """
    known_by = {
        (hash_type, value)
        for entry in genuine.entries
        for hash_type, values in revocation_hashes.hashes(
            uvci=str(entry["ci"]),
            country=genuine.country,
            signature=genuine.signature,
            algorithm=genuine.algorithm,
        ).items()
        for value in values
    }
    rows = RevokedHash.objects.in_force(now).filter(
        hash__in={value for _type, value in known_by},
        country=genuine.country.upper(),
        kid__in=(base64.b64encode(genuine.kid).decode(), UNKNOWN_KID),
    )
    for row in rows.order_by("added_at"):
        if (row.hash_type, bytes(row.hash)) in known_by:
            return Revoked(row.country, row.hash_type, row.added_at, row.certificate_id)
    return None
