"""Signals for subjects above. A receiver runs in the transaction of the operation, and sends nothing itself."""

from django.dispatch import Signal

# Sent once for all that is stored together, with `issued`, pairs of a certificate and its request (both as they are
# stored then, with their persons and doses read along), and `now`; the delivery is up to delivery/.
certificates_issued = Signal()
