"""The demonstration's certificates: of the people who completed their series, issued as they are anywhere.

Their e-mails and SMS then wait in the outbox, and the worker of the local run makes the PDFs and sends them to the
local inbox.
"""

from datetime import datetime

from certificates.issuing import issuing
from certificates.keys.creation import ensure_demo_keys

# Of a day; a database with many waiting requests is not the demonstration's business.
MOST = 50


def load(*, now: datetime) -> int:
    """Have a key that signs, and issue what waits; returns how many certificates were issued."""
    ensure_demo_keys(now)
    return issuing.issue_pending(now=now, limit=MOST).issued
