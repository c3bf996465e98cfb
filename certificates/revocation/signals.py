"""Signals for subjects above. A receiver runs in the transaction of the revocation, and sends nothing itself."""

from django.dispatch import Signal

# Sent with `keys`, those of the certificates that were revoked, and `why` (a `Certificate.Revocation`).
certificates_revoked = Signal()
