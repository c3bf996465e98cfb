"""Signals for subjects above. A receiver runs in the transaction of the operation, and sends nothing itself."""

from django.dispatch import Signal

# Sent with `certificate` and `request` (both as they are stored then) and `now`; its delivery is up to delivery/.
certificate_issued = Signal()
