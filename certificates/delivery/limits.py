"""How often a certificate is sent when somebody asks for it, so that nobody floods a telephone or a mailbox."""

from datetime import datetime, timedelta

from crs import tries

# In 24 hours: of one certificate. A carer's telephone may stand for several people.
MOST_SENDINGS = 5
MOST_TO_ONE = 15
_DAY = timedelta(days=1)
_OF_CERTIFICATE = tries.Limit("certificate-sending", MOST_SENDINGS, _DAY, ends_when_quiet=True)
_TO_ONE = tries.Limit("certificate-sending-to", MOST_TO_ONE, _DAY, ends_when_quiet=True)


def is_reached(*, certificate_id: str, email: str, phone: str, now: datetime) -> bool:
    """Count one more sending; whether it is too many. The counts stay locked until the end of the transaction."""
    counts = [tries.count(_OF_CERTIFICATE, certificate_id, now=now)]
    counts += [tries.count(_TO_ONE, one.lower(), now=now) for one in sorted({email, phone} - {""})]
    return any(count.is_over for count in counts)
